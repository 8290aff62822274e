"""Linear systems with inputs: known systems found, conjugate ones at distance zero, others apart."""

import numpy as np
import pytest

import conjugacy as cj
from conjugacy.dynamics.control import DMDc, InputDynamics, SubspaceID


def system(rng, n=4, j=2, radius=0.9):
    a = rng.standard_normal((n, n))
    return radius * a / np.abs(np.linalg.eigvals(a)).max(), rng.standard_normal((n, j))


def run(a, b, drive):
    x, out = np.zeros((len(drive), len(a))), np.empty((*drive.shape[:2], len(a)))
    for t in range(drive.shape[1]):
        out[:, t] = x
        x = x @ a.T + drive[:, t] @ b.T
    return out


@pytest.fixture
def drive(rng):
    return rng.standard_normal((10, 120, 2))


def test_dmdc_finds_the_spectrum_under_any_view(rng, drive):
    a, b = system(rng)
    x = run(a, b, drive)
    for view in (np.eye(4), rng.standard_normal((4, 7))):
        found = DMDc(rank=4).fit(cj.Trajectories(x @ view + 3.0, drive=drive))
        np.testing.assert_allclose(
            np.sort_complex(np.linalg.eigvals(found.matrix)), np.sort_complex(np.linalg.eigvals(a)), atol=1e-6
        )
        assert found.status is cj.Status.OK


def test_subspace_identification_sees_hidden_states(rng, drive):
    """Two of four states are seen: DMD with control cannot know the spectrum, past and future tell it."""
    a, b = system(rng)
    seen = cj.Trajectories(run(a, b, drive)[..., :2], drive=drive)
    found = SubspaceID(block=6, rank=4).fit(seen)
    np.testing.assert_allclose(
        np.sort_complex(np.linalg.eigvals(found.matrix)), np.sort_complex(np.linalg.eigvals(a)), atol=1e-4
    )
    assert (
        abs(np.linalg.eigvals(DMDc(rank=2).fit(seen).matrix)[:, None] - np.linalg.eigvals(a)).min(axis=1).max() > 1e-2
    )


@pytest.mark.parametrize("seed", range(20))
def test_exactly_conjugate_systems_are_at_zero(seed):
    """Joint, state and control, of rotated matrices; the reference package's joint distance is wrong here."""
    rng = np.random.default_rng(seed)
    a, b = system(rng, 6, 2)
    q = np.linalg.qr(rng.standard_normal((6, 6)))[0]
    score = cj.get_measure("input_dsa").compare(InputDynamics(a, b), InputDynamics(q @ a @ q.T, q @ b))
    assert score.value < 1e-10
    assert score.details["state"] < 1e-8
    assert score.details["control"] < 1e-10
    one_input = cj.get_measure("input_dsa").compare(
        InputDynamics(a, b[:, :1]), InputDynamics(q @ a @ q.T, q @ b[:, :1])
    )
    assert one_input.value < 1e-10
    assert np.isnan(one_input.details["control"])  # any direction can be turned onto any other
    fast = cj.get_measure("input_dsa", effort="fast")
    pair = InputDynamics(a, b), InputDynamics(q @ a @ q.T, q @ b)
    assert max(s.value for s in fast.compare_all([pair[0]] * 2, list(pair))) < 1e-10


@pytest.mark.parametrize(("method", "delays"), [("dmdc", 1), ("subspace", 5)])
def test_networks_in_other_coordinates_are_at_zero_and_others_apart(rng, drive, method, delays):
    measure = cj.get_measure("input_dsa", method=method, delays=delays, rank=4)
    a, b = system(rng)
    same = run(a, b, drive) @ rng.standard_normal((4, 6))
    own, other = cj.Trajectories(run(a, b, drive), drive=drive), cj.Trajectories(same, drive=drive)
    score = measure(own, other)
    assert max(score.value, score.details["state"], score.details["control"]) < 1e-4
    assert measure(other, own).value == pytest.approx(score.value, abs=1e-9)
    other_state = cj.Trajectories(run(*(system(rng)[0], b), drive), drive=drive)
    other_input = cj.Trajectories(run(a, rng.standard_normal((4, 2)), drive), drive=drive)
    assert measure(own, other_state).details["state"] > 0.05
    moved = measure(own, other_input)
    assert moved.details["control"] > 0.05
    assert moved.details["state"] < 0.3


def test_what_cannot_be_fitted_is_said(rng, drive):
    a, b = system(rng)
    x = run(a, b, drive)
    for fit in (DMDc(rank=4), SubspaceID(rank=4)):
        with pytest.raises(cj.ConjugacyError, match="no drive"):
            fit.fit(cj.Trajectories(x))
        with pytest.raises(cj.ConjugacyError, match="does not vary"):
            fit.fit(cj.Trajectories(x, drive=np.ones_like(drive)))
        with pytest.raises(cj.ConjugacyError, match="time points"):
            fit.fit(cj.Trajectories(x[:, :1], drive=drive[:, :1]))
    measure = cj.get_measure("input_dsa", rank=4)
    with pytest.raises(cj.ConjugacyError, match="2 and 1 inputs"):
        measure.compare(InputDynamics(a, b), InputDynamics(a, b[:, :1]))
    with pytest.raises(cj.ConjugacyError, match="method"):
        cj.get_measure("input_dsa", method="ols")
    still = measure.compare(InputDynamics(a, 0 * b), InputDynamics(a, b))
    assert still.status is cj.Status.DEGENERATE
    assert np.isnan(still.value)


def test_of_unequal_ranks_the_smaller_is_filled_up_with_states_at_rest(rng):
    a, b = system(rng)
    small = InputDynamics(a[:3, :3], b[:3])
    filled = InputDynamics(np.pad(small.matrix, ((0, 1), (0, 1))), np.pad(small.inputs, ((0, 1), (0, 0))))
    measure = cj.get_measure("input_dsa")
    score, by_hand = measure.compare_all([InputDynamics(a, b), InputDynamics(a, b)], [small, filled])
    for key in ("state", "control"):
        assert score.details[key] == pytest.approx(by_hand.details[key], abs=1e-9)
    assert score.value == pytest.approx(by_hand.value, abs=1e-12)
    assert score.value > 0.05
    assert score.status is cj.Status.UNEQUAL_RANKS
    assert measure.compare(filled, small).value < 1e-12
