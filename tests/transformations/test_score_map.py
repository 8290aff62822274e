"""Units as normal scores: what saturates is made straight, and the map is one that can be kept, differentiated and trained on."""

import numpy as np
import pytest

from conjugacy.transformations.score_map import KNOTS, ScoreMap
from conjugacy.transformations.sum_map import SumMap


@pytest.fixture
def units(rng):
    x = rng.standard_normal((400, 4))
    return np.column_stack([np.tanh(2 * x[:, 0]), x[:, 1] ** 3, np.maximum(x[:, 2], 0), x[:, 3] > 0])


def test_monotone_functions_of_one_number_have_one_score(rng):
    x = rng.standard_normal((401, 1))
    kinds = [ScoreMap.of(f(x)).scores for f in (np.tanh, np.exp, lambda v: v**3)]
    np.testing.assert_allclose(kinds[1], kinds[0])
    np.testing.assert_allclose(kinds[2], kinds[0])
    assert 20 < len(kinds[0]) <= KNOTS
    squeezed = np.tanh(3 * x)
    found = ScoreMap.of(squeezed).apply(squeezed)
    assert np.corrcoef(found.T, x.T)[0, 1] > 0.99 > np.corrcoef(squeezed.T, x.T)[0, 1]


def test_equal_values_share_a_score_and_nothing_lies_beyond_the_ends(units):
    found = ScoreMap.of(units)
    silent = found.apply(units)[units[:, 2] == 0, 2]
    assert np.ptp(silent) == 0
    assert silent[0] == pytest.approx(-0.67, abs=0.15)  # half of a normal number, which is its own mean rank
    far = found.apply(np.array([[-9.0] * 4, [9.0] * 4]))
    np.testing.assert_array_equal(far[:, [0, 2, 3]], found.scores[[0, -1]][:, [0, 2, 3]])
    assert not found.jacobian(np.full((1, 4), 99.0)).any()
    assert (np.diff(found.apply(np.sort(units, axis=0)), axis=0) >= 0).all()


def test_derivatives_are_those_of_the_map(units):
    found, x, step = ScoreMap.of(units), units[:50] + 1e-3, 1e-7
    moved = (found.apply(x + step) - found.apply(x - step)) / (2 * step)
    told = np.einsum("mii->mi", found.jacobian(x))
    inside = np.abs(moved - told) < 1e-4 * (1 + np.abs(told))  # but where a knot lies between
    assert inside.mean() > 0.98
    np.testing.assert_allclose(found.push(x, np.ones((50, 4, 1)))[:, :, 0], told)


def test_it_comes_back_from_its_arrays_and_is_the_same_in_torch(units):
    torch = pytest.importorskip("torch")
    from conjugacy.transformations.torch_module import TorchTransformation

    whole = SumMap(((ScoreMap.of(units),),))
    x = np.vstack([units, 3 * units])
    np.testing.assert_array_equal(SumMap.from_arrays(whole.arrays()).apply(x), whole.apply(x))
    module = TorchTransformation([whole], trainable=True)
    np.testing.assert_allclose(module(torch.as_tensor(x)).numpy(), whole.apply(x), atol=1e-12)
    assert not list(module.parameters())
