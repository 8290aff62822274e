"""The number of coordinates against manifolds whose dimension is known."""

import numpy as np
import pytest
from constructed import network

from conjugacy.embeddings import intrinsic_dimension
from conjugacy.errors import InputError
from conjugacy.numerics.neighbours.dimension import dimension_of_spectrum, distance_ratio_dimensions


@pytest.mark.parametrize("d", [1, 2, 3])
@pytest.mark.parametrize("rectify", [False, True])
def test_a_network_of_d_inputs_has_d_coordinates(rng, d, rectify):
    values = network(rng.standard_normal((800, d)), 40, rng, rectify=rectify)
    found = intrinsic_dimension(values)
    assert (found.value, found.sufficient) == (d, 2 * d + 1)
    ratio = found.estimates[0]
    assert ratio.low < ratio.value < ratio.high


def test_circle_and_sphere(rng):
    t = rng.uniform(0, 2 * np.pi, 500)
    assert intrinsic_dimension(np.column_stack([np.cos(t), np.sin(t), np.cos(2 * t), np.sin(3 * t)])).value == 1
    ball = rng.standard_normal((700, 3))
    assert intrinsic_dimension(ball / np.linalg.norm(ball, axis=1)[:, None]).value == 2


def test_scale_and_constant_units_do_not_matter(rng):
    values = network(rng.standard_normal((400, 2)), 20, rng)
    scaled = np.column_stack([1e6 * values + 5, np.full(400, 3.0)])
    assert intrinsic_dimension(scaled).value == intrinsic_dimension(values).value == 2


def test_rounding_of_a_constant_with_a_large_offset_is_no_coordinate(rng):
    values = network(rng.standard_normal((400, 2)), 20, rng)
    rounded = 1e9 / 3 + 1e-7 * rng.standard_normal((400, 3))
    assert intrinsic_dimension(np.column_stack([values, rounded])).value == 2


def test_noise_in_many_units_is_not_settled_or_large(rng):
    values = network(rng.standard_normal((400, 1)), 30, rng) + 0.3 * rng.standard_normal((400, 30))
    found = intrinsic_dimension(values)
    assert found.value is None or found.value > 5
    assert found.value is not None or "disagree" in found.reason


def test_time_points_of_a_trial_are_no_neighbours(rng):
    """Along a trajectory neighbours lie on a line; between trials they show the plane."""
    start = rng.uniform(-1, 1, (200, 2))
    path = np.linspace(0, 0.02, 10)[None, :, None] * rng.standard_normal((200, 1, 2))
    values = (start[:, None, :] + path).reshape(-1, 2)
    trials = np.repeat(np.arange(200), 10)
    assert intrinsic_dimension(values, trials).value == 2
    assert intrinsic_dimension(values).estimates[0].value < 1.6


def test_repeated_states_are_no_neighbourhood(rng):
    values = np.repeat(rng.standard_normal((4, 3)), 30, axis=0)
    assert intrinsic_dimension(values).value is None


def test_what_cannot_be_measured(rng):
    with pytest.raises(InputError, match="got 29 rows, expected at least 30"):
        intrinsic_dimension(rng.standard_normal((29, 2)))
    with pytest.raises(InputError, match="no unit varies"):
        intrinsic_dimension(np.ones((50, 2)))


def test_ratios_of_distances_in_closed_form():
    """Distances k^(1/d) are what d dimensions give on average; log ratios then are exact."""
    ks = np.arange(1, 400)
    inverse = distance_ratio_dimensions(np.tile(ks ** (1 / 3), (2, 1)), 300)
    np.testing.assert_allclose(1 / inverse, 3.0, rtol=0.03)


@pytest.mark.parametrize(
    ("spectrum", "d"), [((1, 0.5, 1e-3, 1e-6), 2), ((1, 1e-3, 1e-7, 1e-8), 1), ((1, 0.8, 0.7, 0.2, 0.15), 3)]
)
def test_where_a_spectrum_falls(spectrum, d):
    found, gap = dimension_of_spectrum(np.log(np.array(spectrum, dtype=float)), most=len(spectrum) - 1)
    assert found == d
    assert gap == pytest.approx(spectrum[d - 1] / spectrum[d])
