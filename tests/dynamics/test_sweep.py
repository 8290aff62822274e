"""The choice of delays and rank: known systems, refitting as the oracle, one trial, bad requests."""

import numpy as np
import pytest

import conjugacy as cj
from conjugacy.dynamics.sweep import chosen_dmd, sweep


def waves(rng, trials=9, points=150, noise=0.0, units=1):
    """Two frequencies seen through few units: with one unit four delays are needed."""
    t = np.arange(points)
    phases = rng.uniform(0, 2 * np.pi, (trials, 2, 1))
    x = np.cos(np.array([[0.3], [0.9]]) * t + phases)
    seen = np.einsum("kft,fn->ktn", x, rng.uniform(0.5, 1, (2, units)))
    return cj.Trajectories(seen + noise * rng.standard_normal(seen.shape))


def test_hidden_oscillators_need_as_many_delays_as_coordinates(rng):
    found = sweep(waves(rng), delays=(1, 2, 4, 8), ranks=(1, 2, 4, 8))
    assert found.chosen == (4, 4)
    assert found.errors[2, 2] < 1e-6
    assert found.errors[1, 1] > 0.01
    assert np.isnan(found.errors[0, 2])  # one unit and one delay hold no four coordinates
    assert chosen_dmd(waves(rng), delays=(1, 4), ranks=(1, 2, 4)).rank == 4


def test_errors_are_those_of_a_model_refitted_by_hand(rng):
    data = waves(rng, noise=0.3, units=3)
    found = sweep(data, delays=(1, 3), ranks=(2, 5), seed=4)
    order = np.random.default_rng(4).permutation(9)
    mean = np.concatenate(data.values).mean(axis=0)
    train, test = ([data.values[i] - mean for i in part] for part in (order[3:], order[:3]))

    def rows(trials, q, first):
        h = [np.concatenate([x[t - i] for i in range(q)]) for x in trials for t in range(first, len(x) - 1)]
        return np.array(h), np.array([x[t + 1] for x in trials for t in range(first, len(x) - 1)])

    for i, q in enumerate((1, 3)):
        h, y = rows(train, q, q - 1)
        whole = np.concatenate(
            [[np.concatenate([x[t - i] for i in range(q)]) for t in range(q - 1, len(x))] for x in train]
        )
        _, s, vt = np.linalg.svd(whole - whole.mean(axis=0), full_matrices=False)
        held, wanted = rows(test, q, 2)
        for j, rank in enumerate((2, 5)):
            if rank > 3 * q:
                assert np.isnan(found.errors[i, j])
                continue
            w = vt[:rank].T / s[:rank]
            v = (h - h.mean(axis=0)) @ w
            weights = np.linalg.solve(v.T @ v + 1e-8 * np.eye(rank), v.T @ (y - y.mean(axis=0)))
            missed = wanted - y.mean(axis=0) - (held - h.mean(axis=0)) @ w @ weights
            expected = (missed**2).sum() / ((wanted - wanted.mean(axis=0)) ** 2).sum()
            assert found.errors[i, j] == pytest.approx(expected, rel=1e-6)


def test_one_trial_is_judged_on_its_last_third(rng):
    assert sweep(waves(rng, trials=1), delays=(1, 4), ranks=(1, 4)).chosen == (4, 4)


def test_bad_requests_are_refused(rng):
    data = waves(rng)
    with pytest.raises(cj.ConjugacyError, match="whole numbers"):
        sweep(data, delays=())
    with pytest.raises(cj.ConjugacyError, match="time points"):
        sweep(data, delays=(500,))
    with pytest.raises(cj.ConjugacyError, match="fewer coordinates"):
        sweep(data, delays=(1,), ranks=(5,))


@pytest.mark.parametrize("rest", [0.0, 1.0, 1e6])
def test_what_stands_still_in_the_part_kept_aside_cannot_be_judged(rng, rest):
    moving = waves(rng, trials=1, units=2).values[0][:90]
    still = np.full((60, 2), rest)
    with pytest.raises(cj.ConjugacyError, match="nothing moves"):
        sweep(cj.Trajectories([np.concatenate([moving, still])]), delays=(1, 2), ranks=(1, 2))
