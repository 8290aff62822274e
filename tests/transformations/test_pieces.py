"""Maps in pieces: they find a mixture of maps where a smooth one looks settled, and nothing where a part is private."""

import numpy as np
import pytest
from constructed import network

from conjugacy.transformations import Layer, judge
from conjugacy.transformations.fits import Fits
from conjugacy.transformations.pieces import left_in_pieces


def mixture(rng: np.random.Generator, m: int = 300, d: int = 3, experts: int = 3, width: int = 30):
    """Return two layers, each of which answers with one of several affine maps of the same latents, chosen by its own gate."""
    x = rng.standard_normal((m, d))

    def layer():
        taken = np.argmax(x @ rng.standard_normal((d, experts)), axis=1)
        maps, offsets = rng.standard_normal((experts, d, width)), rng.standard_normal((experts, width))
        return np.einsum("md,mdn->mn", x, maps[taken]) + offsets[taken]

    return layer(), layer()


def fits(a: np.ndarray, b: np.ndarray, clusters: np.ndarray | None = None) -> Fits:
    return Fits(Layer(a), Layer(b), np.arange(len(a)) if clusters is None else clusters, 0, True)


def test_a_mixture_of_maps_is_told_by_pieces_and_not_denied(rng):
    settled, said = 0, []
    for seed in range(4):
        a, b = mixture(np.random.default_rng(seed))
        ladder = judge(Layer(a), Layer(b), np.arange(300), tolerance=0.05)
        for direction in ladder.directions:
            assert ladder.determines(direction) != "fails"
            assert direction.in_pieces < 0.9
            settled += direction.more_rows.settled
        said += [r.advice for r in ladder.results if r.rung == "smooth" and r.advice]
    assert settled >= 3  # which would all have been denied
    assert any("a few linear maps, each for a part of the rows, leave" in one for one in said)


def test_a_private_part_stays_refuted(rng):
    x, y = rng.standard_normal((2, 400, 4))
    a, b = network(x, 40, rng), network(np.hstack([x[:, :3], y[:, :1]]), 40, rng)
    ladder = judge(Layer(a), Layer(b), np.arange(400), tolerance=0.05)
    assert [ladder.determines(direction) for direction in ladder.directions] == ["fails", "fails"]
    assert [direction.in_pieces for direction in ladder.directions] == [None, None]


def test_jumps_beside_a_private_part_leave_no_less_than_that_part(rng):
    """What pieces leave is an upper bound: never less than the truth, up to chance."""
    a, b = mixture(rng, 1000)
    noise = rng.standard_normal(b.shape) * b.std(axis=0) * np.sqrt(0.3 / 0.7)
    way = fits(a, b + noise)
    first = way.errors("smooth").rows
    share = left_in_pieces(way, first, way.totals)
    left = 1.0 if share is None else share
    assert left * first.sum() / way.totals.sum() > 0.28


@pytest.mark.parametrize("case", ["one unit", "few rows", "few groups", "repeats", "one state", "wide"])
def test_odd_layers_are_looked_at_without_a_warning(rng, case, recwarn):
    a, b = mixture(rng, 60 if case == "few rows" else 200, width=600 if case == "wide" else 20)
    clusters = np.arange(len(a))
    if case == "one unit":
        a, b = a[:, :1], b[:, :1]
    elif case == "few rows":
        a, b, clusters = a[:20], b[:20], clusters[:20]
    elif case == "few groups":
        clusters = clusters % 3
    elif case == "repeats":
        a, b, clusters = a[clusters % 30], b[clusters % 30], clusters % 30
    elif case == "one state":
        a = np.where(np.arange(len(a))[:, None] < 100, 0.0, 1.0) + np.zeros_like(a)
    way, before = fits(a, b, clusters), (a.copy(), b.copy())
    assert way.in_pieces is None or 0.0 <= way.in_pieces < 0.9
    assert way.in_pieces == fits(a, b, clusters).in_pieces
    np.testing.assert_array_equal(a, before[0])
    np.testing.assert_array_equal(b, before[1])
    assert not recwarn.list
