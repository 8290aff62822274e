"""Vector-field Procrustes: exact conjugates, closed forms, bounds, and pairs that no rotation brings together."""

import numpy as np
import pytest

from conjugacy.errors import NotFiniteError, ShapeError
from conjugacy.numerics.alignment import FAST, align_pairs, align_vector_fields, lower_bounds, prepare
from conjugacy.numerics.alignment import vector_fields as alignment


def blocks(n, rng, low=0.5, fastest=np.pi):
    out = np.zeros((n, n))
    for i in range(0, n - 1, 2):
        r, t = rng.uniform(low, 1.0), rng.uniform(0.0, fastest)
        out[i : i + 2, i : i + 2] = r * np.array([[np.cos(t), -np.sin(t)], [np.sin(t), np.cos(t)]])
    return out


KINDS = {
    "normal": lambda n, rng: blocks(n, rng),
    "gaussian": lambda n, rng: rng.standard_normal((n, n)),
    "strongly non-normal": lambda n, rng: np.triu(rng.standard_normal((n, n)), 1) + np.diag(rng.uniform(-0.9, 0.9, n)),
    "near one": lambda n, rng: blocks(n, rng, 0.95, 0.3) + 0.02 * np.triu(rng.standard_normal((n, n)), 1),
}


def rotation(n, rng, determinant):
    q = np.linalg.qr(rng.standard_normal((n, n)))[0]
    q[:, 0] *= determinant * np.sign(np.linalg.det(q))
    return q


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("n", [10, 20, 50])
def test_exact_conjugates_are_at_distance_zero(n, kind):
    """20 seeds, both determinants, each below 1e-8; the factor 3 must not matter."""
    a, b = [], []
    for seed in range(20):
        for determinant in (1, -1):
            rng = np.random.default_rng([seed, n])
            base = rotation(n, rng, 1)
            a.append(base @ KINDS[kind](n, rng) @ base.T)
            q = rotation(n, rng, determinant)
            b.append(3 * q @ a[-1] @ q.T)
    found = align_pairs(prepare(np.stack(a)), prepare(np.stack(b)))
    assert max(one.distance for one in found) < 1e-8
    assert {one.status for one in found} == {"converged"}
    for one, x, y in zip(found, a, b, strict=True):
        np.testing.assert_allclose(one.rotation @ one.rotation.T, np.eye(n), atol=1e-12)
        np.testing.assert_allclose(one.rotation @ y @ one.rotation.T, 3 * x, atol=1e-7 * np.linalg.norm(y))


def test_symmetric_matrices_are_compared_by_their_eigenvalues(rng):
    """For symmetric matrices the distance is that of the sorted eigenvalues (Hoffman and Wielandt)."""
    a, b = (m + m.T for m in rng.standard_normal((2, 8, 8)))
    x, y = (np.sort(np.linalg.eigvalsh(m)) / np.linalg.norm(m) for m in (a, b))
    found = align_vector_fields(a, b)
    assert found.distance == pytest.approx(np.linalg.norm(x - y), abs=1e-8)
    assert found.lower == pytest.approx(found.distance, abs=1e-8)


def test_two_by_two_closed_form():
    """C turns or mirrors a plane rotation into itself or its inverse: what is left is |a - b| of angles, the nearer way."""
    turn = lambda t: np.array([[np.cos(t), -np.sin(t)], [np.sin(t), np.cos(t)]])  # noqa: E731
    for s, t in ((0.3, 1.0), (0.3, -1.0), (2.0, -0.4)):
        expected = 2 * abs(np.sin((abs(s) - abs(t)) / 2))
        assert align_vector_fields(turn(s), turn(t)).distance == pytest.approx(expected, abs=1e-8)


def test_distance_is_attained_bounded_and_exactly_symmetric(rng):
    for n in (2, 5, 12):
        a, b = rng.standard_normal((2, n, n))
        there, back = align_vector_fields(a, b), align_vector_fields(b, a)
        assert there.distance == back.distance
        np.testing.assert_array_equal(there.rotation, back.rotation.T)
        x, y, c = a / np.linalg.norm(a), b / np.linalg.norm(b), there.rotation
        assert np.linalg.norm(x - c @ y @ c.T) == pytest.approx(there.distance, rel=1e-9)
        assert 0 < there.lower <= there.distance <= 2
        assert there.angle == pytest.approx(np.arccos(np.trace(x.T @ c @ y @ c.T)), abs=1e-7)


def test_no_random_rotation_passes_the_bound_or_beats_the_search(rng):
    for _ in range(20):
        a, b = rng.standard_normal((2, 3, 3))
        found = align_vector_fields(a, b)
        x, y = a / np.linalg.norm(a), b / np.linalg.norm(b)
        q = np.linalg.qr(rng.standard_normal((3000, 3, 3)))[0]
        tried = np.linalg.norm(x - q @ y @ q.transpose(0, 2, 1), axis=(1, 2)).min()
        assert found.lower - 1e-12 <= found.distance <= tried + 1e-12


def test_a_pair_does_not_depend_on_its_batch(rng, monkeypatch):
    a, b = rng.standard_normal((2, 7, 9, 9))
    fields = prepare(a), prepare(b)
    together = align_pairs(*fields)
    monkeypatch.setattr(alignment, "MEMORY_BYTES", 2.5e6)  # three at a time
    assert [one.distance for one in align_pairs(*fields)] == [one.distance for one in together]
    for i in (0, 4):
        alone = align_pairs(fields[0].take([i]), fields[1].take([i]))[0]
        assert alone.distance == together[i].distance
        assert alone.distance == align_vector_fields(a[i], b[i]).distance


def test_less_effort_is_never_below_the_bound(rng):
    a, b = prepare(rng.standard_normal((6, 10, 10))), prepare(rng.standard_normal((6, 10, 10)))
    full, fast = ([one.distance for one in align_pairs(a, b, effort=effort)] for effort in (None, FAST))
    assert (np.array(fast) >= lower_bounds(a, b)).all()
    assert np.mean(fast) >= np.mean(full)


def test_unequal_sizes_are_filled_up_with_states_at_rest(rng):
    a, b = rng.standard_normal((4, 4)), rng.standard_normal((6, 6))
    wide = np.zeros((6, 6))
    wide[:4, :4] = a
    assert align_vector_fields(a, b).distance == align_vector_fields(wide, b).distance


def test_inputs_stay_and_bad_ones_are_refused(rng):
    a, b = rng.standard_normal((2, 4, 4))
    before = a.tobytes(), b.tobytes()
    align_vector_fields(a, b)
    assert (a.tobytes(), b.tobytes()) == before
    with pytest.raises(ShapeError, match="square"):
        align_vector_fields(a[:3], b)
    with pytest.raises(NotFiniteError, match="NaN"):
        align_vector_fields(a, np.where(b > 0, np.nan, b))
    zero = align_vector_fields(a, np.zeros((4, 4)))
    assert np.isnan(zero.distance)
    assert zero.status == "degenerate"


def test_torch_gives_the_same(rng):
    torch = pytest.importorskip("torch")
    a, b = rng.standard_normal((2, 3, 8, 8))
    own = align_pairs(prepare(a), prepare(b))
    other = align_pairs(prepare(torch.tensor(a)), prepare(torch.tensor(b)))
    for x, y in zip(own, other, strict=True):
        assert y.distance == pytest.approx(x.distance, rel=1e-7)
        assert y.lower == pytest.approx(x.lower, rel=1e-9)
