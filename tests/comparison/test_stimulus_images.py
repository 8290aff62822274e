"""Which inputs are drawn as pictures, and how."""

import numpy as np
import pytest

import conjugacy as cj
from conjugacy.comparison.stimulus_images import StimulusImages, image_shape_of
from conjugacy.errors import InputError, ShapeError
from conjugacy.report.stimulus_pictures import address_of


@pytest.mark.parametrize(
    ("inputs", "said", "drawn"),
    [
        ((4, 8, 9), None, (8, 9, 1)),
        ((4, 8, 9, 1), None, (8, 9, 1)),
        ((4, 8, 9, 3), None, (8, 9, 3)),
        ((4, 8, 9, 4), None, (8, 9, 4)),
        ((4, 1, 8, 9), None, (8, 9, 1)),
        ((4, 3, 8, 9), None, (8, 9, 3)),
        ((4, 64), (8, 8), (8, 8, 1)),
        ((4, 192), (3, 8, 8), (8, 8, 3)),
        ((4, 192), (8, 8, 3), (8, 8, 3)),
        ((4, 2, 8, 9), None, None),  # two channels are no colours
        ((4, 100, 3), None, None),  # a list of places
        ((4, 64), None, None),
        ((4, 3, 9, 3), None, None),
        ((4, 9, 9, 9, 3), None, None),
    ],
)
def test_which_inputs_are_images(inputs, said, drawn):
    found = StimulusImages.of(np.random.default_rng(0).random(inputs), said)
    assert (None if found.images is None else found.images.shape[1:]) == drawn


def test_channels_are_where_they_were():
    first = np.random.default_rng(0).random((2, 3, 6, 7))
    found = StimulusImages.of(first, None).images
    assert np.array_equal(found[1, 4, 5], first[1, :, 4, 5])
    flat = StimulusImages.of(first.reshape(2, -1), (3, 6, 7)).images
    assert np.array_equal(flat, found)


def test_nothing_is_guessed_silently():
    assert "image_shape=(8, 8)" in StimulusImages.of(np.zeros((2, 64)), None).how
    assert "channels first or last" in StimulusImages.of(np.zeros((2, 3, 9, 3)), None).how
    assert "8 x 9 numbers are drawn" in StimulusImages.of(np.zeros((2, 8, 9)), None).how
    assert StimulusImages.of(np.zeros((2, 60)), None).how is None


def test_pictures_share_one_scale_and_large_ones_are_made_small():
    images = np.zeros((3, 200, 100))
    images[1, :100] = 1.0
    images[2] = np.nan
    drawn = StimulusImages.of(images, None).pictures(np.array([1, 0, 2]))
    assert drawn.shape == (3, 67, 34, 1)
    assert drawn.dtype == np.uint8
    assert (drawn[0, 0].min(), drawn[0, -1].max(), drawn[2].max()) == (255, 0, 0)
    assert drawn[0, 33, 0, 0] == 85  # rows 99 to 101, one of three is white: means, not picks
    assert StimulusImages.of(np.full((2, 8, 8), 3.0), None).pictures(np.array([0])).max() == 0


def test_an_address_is_the_picture():
    import base64
    import io

    from matplotlib.image import imread

    picture = np.random.default_rng(0).integers(0, 256, (6, 7, 3)).astype(np.uint8)
    for given in (picture, picture[:, :, :1]):
        kept = imread(io.BytesIO(base64.b64decode(address_of(given).partition(",")[2])))
        assert np.array_equal(np.round(255 * kept[:, :, :3]), np.broadcast_to(given, picture.shape))


@pytest.mark.parametrize("given", [8, "8x8", (8,), (8, 8, 2), (0, 8), (8.5, 8)])
def test_what_is_no_shape_of_an_image_is_refused(given):
    with pytest.raises(InputError, match="image_shape"):
        image_shape_of(given)


def test_a_shape_that_does_not_fit_is_refused_before_the_work():
    x = cj.Activations(np.eye(9), inputs=np.zeros((9, 60)))
    with pytest.raises(ShapeError, match="64 numbers; the inputs"):
        cj.compare(x, x, image_shape=(8, 8))
