"""The world's own coordinates up to a rigid motion; closed worlds; worlds that are not flat; what the data do not resolve."""

import numpy as np
import pytest
from instruments import bursts, cylinder, gap, jacobians, mushroom, polar, square

import conjugacy as cj
from conjugacy.embeddings import (
    GeometricHarmonics,
    LocalLinear,
    LocalMetric,
    align_by_points,
    alignments_of_shapes,
    intrinsic_coordinates,
    isometric_coordinates,
)
from conjugacy.errors import InputError, ShapeError


def sphere(rng, n):
    v = rng.standard_normal((n, 3))
    v /= np.linalg.norm(v, axis=1)[:, None]
    t, p = np.arccos(v[:, 2]), np.arctan2(v[:, 1], v[:, 0])
    along = [np.cos(t) * np.cos(p), np.cos(t) * np.sin(p), -np.sin(t)], [-np.sin(p), np.cos(p), 0 * p]
    return v, np.stack([np.stack(a, axis=1) for a in along], axis=2)


@pytest.mark.parametrize("instrument", [mushroom, polar])
def test_a_square_is_found_again(rng, instrument):
    s = square(rng, 900)
    found = isometric_coordinates(instrument(s), LocalMetric.from_jacobians(jacobians(instrument, s)))
    assert gap(found.values, s) < 0.005  # in units of the world: nothing is rescaled
    assert found.status is cj.Status.OK
    assert not found.periods.any()


def test_bursts_of_noise_cost_little(rng):
    s = square(rng, 900)
    metric = LocalMetric.from_bursts(bursts(rng, polar, s, 100, 1e-2), 1e-2, 2)
    assert gap(isometric_coordinates(polar(s), metric).values, s) < 0.02


def test_three_coordinates(rng):
    s = rng.random((900, 3))
    bend = lambda s: np.stack(  # noqa: E731
        [s[..., 0] + 0.3 * s[..., 1] ** 2, s[..., 1] + 0.3 * s[..., 2] ** 2, s[..., 2] - 0.3 * s[..., 0] ** 2], axis=-1
    )
    assert gap(isometric_coordinates(bend(s), LocalMetric.from_jacobians(jacobians(bend, s))).values, s) < 0.02


def test_a_closed_direction_and_its_period(rng):
    s = np.stack([rng.random(1000) * 2 * np.pi, rng.random(1000) - 0.5], axis=1)
    found = isometric_coordinates(cylinder(s), LocalMetric.from_jacobians(jacobians(cylinder, s)))
    assert found.periods == pytest.approx([0.0, 2 * np.pi], rel=0.01)
    assert gap(found.embedded, np.stack([s[:, 1], np.cos(s[:, 0]), np.sin(s[:, 0])], axis=1)) < 0.01
    assert (found.values[:, 1] >= 0).all()
    assert (found.values[:, 1] < found.periods[1]).all()


@pytest.mark.parametrize("apart", [0.15, 0.02], ids=["told apart", "folded"])
def test_a_layer_that_passes_near_itself(rng, apart):
    """The layer goes round twice while the world goes round once; where it meets itself its sheets are this far apart."""

    def twice(s):
        t, r = s[..., 0], 1 + 0.5 * np.cos(s[..., 0])
        return np.stack([r * np.cos(2 * t), r * np.sin(2 * t), apart * np.sin(t), 2 * s[..., 1]], axis=-1)

    s = np.stack([rng.random(1500) * 2 * np.pi, rng.random(1500) - 0.5], axis=1)
    found = isometric_coordinates(twice(s), LocalMetric.from_jacobians(jacobians(twice, s)))
    if apart < 0.1:  # all neighbours lie as they should in a world that goes round in half the time
        assert found.status is cj.Status.FOLDED
        return
    assert found.status is not cj.Status.FOLDED
    assert found.periods == pytest.approx([0.0, 2 * np.pi], rel=0.02)
    assert gap(found.embedded, np.stack([s[:, 1], np.cos(s[:, 0]), np.sin(s[:, 0])], axis=1)) < 0.02


def test_a_circle(rng):
    t = rng.random(400) * 2 * np.pi
    x = np.stack([np.cos(t), np.sin(t), np.cos(2 * t)], axis=1)
    j = np.stack([-np.sin(t), np.cos(t), -2 * np.sin(2 * t)], axis=1)[:, :, None]
    found = isometric_coordinates(x, LocalMetric.from_jacobians(j), n_neighbors=12)
    assert found.periods == pytest.approx([2 * np.pi], rel=0.01)
    assert gap(found.embedded, x[:, :2]) < 0.01


@pytest.mark.slow
def test_a_sphere_is_not_flat_and_gets_modes(rng):
    x, j = sphere(rng, 600)
    metric = LocalMetric.from_jacobians(j)
    assert isometric_coordinates(x, metric).status is cj.Status.NOT_FLAT
    found = intrinsic_coordinates(x, metric)
    assert found.kind == "diffusion modes"
    assert found.values.shape == (600, 3)
    assert found.resolved
    np.testing.assert_allclose(found.rates[:3], 2.0, rtol=0.25)


def test_halves_tell_what_is_resolved(rng):
    s = square(rng, 500)
    good = intrinsic_coordinates(mushroom(s), LocalMetric.from_jacobians(jacobians(mushroom, s)))
    assert good.resolved
    assert good.half_gap < 0.03
    wrong = intrinsic_coordinates(mushroom(s), LocalMetric.from_jacobians(rng.standard_normal((500, 2, 2))))
    assert not wrong.resolved


def test_common_points_fix_the_rigid_map(rng):
    s = square(rng, 300)
    a, b = (
        isometric_coordinates(f(s), LocalMetric.from_jacobians(jacobians(f, s)), n_neighbors=15)
        for f in (mushroom, polar)
    )
    common = rng.choice(300, 6, replace=False)
    there = align_by_points(a.values[common], b.values[common])
    assert gap(there(a.values), b.values) < 0.02
    np.testing.assert_allclose(there.inverse(there(a.values)), a.values, atol=1e-12)
    with pytest.raises(InputError, match="at least 3"):
        align_by_points(a.values[:2], b.values[:2])
    line = np.outer(np.arange(5.0), [1.0, 2.0])
    with pytest.raises(InputError, match="reflection open"):
        align_by_points(line, line)
    with pytest.raises(ShapeError):
        align_by_points(line, line[:, :1])


@pytest.mark.parametrize(
    ("shape", "answers"), [pytest.param("square", 8, marks=pytest.mark.slow), ("rectangle", 4), ("triangle", 1)]
)
def test_every_symmetry_is_listed(rng, shape, answers):
    def cloud(n):
        s = (rng.random((3 * n, 2)) - 0.5) * ((1.0, 1.0) if shape == "square" else (1.6, 1.0))
        return s[s[:, 1] < 0.625 * s[:, 0]][:n] if shape == "triangle" else s[:n]

    turn = np.linalg.qr(rng.standard_normal((2, 2)))[0]
    n = 1500 if shape == "triangle" else 500  # a triangle is nearly its own mirror image
    a, b = cloud(n), cloud(n) @ turn + 5.0
    found = alignments_of_shapes(a, b)
    assert len(found) == answers
    assert min(np.abs(one.rotation - turn).max() for one in found) < 0.15
    assert [one.error for one in found] == sorted(one.error for one in found)


def test_extensions_are_right_to_second_order(rng):
    s, new = square(rng, 800), square(rng, 200, (1.1, 0.8)) + 0.1
    f = lambda s: np.column_stack([np.sin(2 * s[:, 0]) * s[:, 1], s[:, 0] ** 2])  # noqa: E731
    plane = LocalLinear.of(s, f(s))
    assert np.abs(plane(new) - f(new)).max() < 0.01
    assert np.abs(plane.left_out() - f(s)).mean() < 0.01
    harmonics = GeometricHarmonics.fit(s, f(s))
    assert np.abs(harmonics(new) - f(new)).max() < 1e-4
    assert harmonics.error < 1e-3
    exact = LocalLinear.of(s, s @ [[1.0, 2.0], [0.5, -1.0]] + 3.0, ridge=0.0)
    np.testing.assert_allclose(exact(new), new @ [[1.0, 2.0], [0.5, -1.0]] + 3.0, atol=1e-9)
    with pytest.raises(InputError, match="as many of both"):
        LocalLinear.of(s, f(s)[:5])
    with pytest.raises(InputError, match="ten at least"):
        GeometricHarmonics.fit(s[:5], f(s)[:5])


def test_too_little_is_refused(rng):
    s = square(rng, 30)
    metric = LocalMetric.from_jacobians(jacobians(mushroom, s))
    with pytest.raises(InputError, match="too few to find coordinates"):
        intrinsic_coordinates(mushroom(s), metric)
    with pytest.raises(ShapeError, match="rows and units"):
        isometric_coordinates(mushroom(s)[:5], metric)
    flat = LocalMetric(np.ones((9, 1, 1)), np.zeros((9, 1)), np.ones(1), "by hand")
    with pytest.raises(InputError, match="holds 1 of 9"):
        isometric_coordinates(np.arange(9.0)[:, None], flat)


def test_shapes_of_many_coordinates_ask_for_common_points(rng):
    with pytest.raises(InputError, match="6 or more common points"):
        alignments_of_shapes(rng.standard_normal((50, 5)), rng.standard_normal((50, 5)))
