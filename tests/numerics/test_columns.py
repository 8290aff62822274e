"""Which columns vary: each is compared with itself."""

import numpy as np
import pytest

from conjugacy.numerics.columns import centred_live, spacing, spreads, varies


def bfloat16(x):
    """Return the values that bfloat16 would keep, by cutting off bits."""
    return (x.astype(np.float32).view(np.uint32) & 0xFFFF0000).view(np.float32).astype(np.float64)


@pytest.mark.parametrize(
    ("store", "expected"),
    [
        (lambda x: x, 2.0**-52),
        (lambda x: x.astype(np.float32), 2.0**-23),
        (lambda x: x.astype(np.float16), 2.0**-10),
        (bfloat16, 2.0**-7),
        (np.rint, 0.0),
    ],
)
def test_numbers_tell_how_they_were_stored(rng, store, expected):
    assert spacing(np.asarray(store(3 * rng.standard_normal((50, 4))), dtype=np.float64)) == expected


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("loud", [1e6, 1e12])
def test_a_loud_column_silences_no_other(rng, loud, dtype):
    x = rng.standard_normal((60, 5)).astype(dtype)
    x[:, 2] *= loud
    assert varies(x.astype(np.float64), x.std(axis=0)).all()
    assert centred_live(x.astype(np.float64)).shape == (60, 5)


@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.float16])
def test_rounding_of_a_constant_is_no_variation(rng, dtype):
    x = rng.standard_normal((200, 4))
    x[:, 1] = 7.3
    x[:, 3] = 0.37
    x = x.astype(dtype)
    x[::2, 1] = np.nextafter(x[::2, 1], dtype(np.inf))
    wide = x.astype(np.float64)
    assert varies(wide, wide.std(axis=0)).tolist() == [True, False, True, False]


def test_what_a_sum_in_single_precision_leaves_is_no_variation(rng):
    x = rng.standard_normal((200, 6)).astype(np.float32)
    x[:, 5] = (np.float32(1) + x[:, 0]) - np.float32(1) - x[:, 0]  # nothing but rounding, around zero
    wide = x.astype(np.float64)
    assert wide[:, 5].std() > 0
    assert varies(wide, wide.std(axis=0)).tolist() == [True] * 5 + [False]
    doubles = rng.standard_normal((200, 2)) * [1.0, 1e-9]  # amperes beside volts
    assert varies(doubles, doubles.std(axis=0)).all()


def test_counts_that_hardly_vary_are_not_rounding(rng):
    x = np.full((300, 2), 255.0)
    x[rng.permutation(300)[:40], 0] = 254.0
    assert varies(x, x.std(axis=0)).tolist() == [True, False]


@pytest.mark.parametrize("kind", [np.float16, np.float32, np.float64])
def test_spreads_of_many_rows_of_coarse_numbers(rng, kind):
    """Squares are added in double precision: half precision would lose them after some thousand rows."""
    x = (3.0 * rng.standard_normal((20_000, 2))).astype(kind)
    np.testing.assert_allclose(spreads(x), np.sqrt((x.astype(np.float64) ** 2).mean(axis=0)), rtol=1e-12)
