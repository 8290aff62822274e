"""Which step a drive acts on: recordings whose inputs stand a time point late are moved, and it is said."""

import numpy as np
import pytest

import conjugacy as cj
from conjugacy.dynamics.drive_time import on_time, one_late

WEIGHTS = np.linalg.qr(np.random.default_rng(3).standard_normal((4, 4)))[0]


def driven(rng, trials=24, time=20, smooth=0.0):
    """States that have read the input of their own time, and the inputs."""
    u, x = rng.standard_normal((trials, time, 2)), np.zeros((trials, time, 4))
    for t in range(1, time):
        u[:, t] = smooth * u[:, t - 1] + np.sqrt(1 - smooth**2) * u[:, t]
    into = np.array([[1.0, 0.5, 0, 0.3], [0, 1, -0.7, 0]])
    for t in range(time):
        before = x[:, t - 1] if t else 0.3 * rng.standard_normal((trials, 4))
        x[:, t] = np.tanh(0.8 * before @ WEIGHTS + u[:, t] @ into)
    return x, u


@pytest.mark.parametrize("smooth", [0.0, 0.5])
def test_late_drives_are_found_and_others_left_alone(smooth, rng):
    x, u = driven(rng, smooth=smooth)
    left = one_late(list(x), list(u))
    assert left is not None
    assert left[1] < 0.5 * left[0]
    assert one_late(list(x), on_time(list(u))) is None
    assert one_late(list(x), list(rng.standard_normal(u.shape))) is None  # that drives nothing
    np.testing.assert_array_equal(on_time(list(u))[0][:-1], u[0, 1:])


def test_few_rows_and_states_at_rest_tell_nothing(rng):
    x, u = driven(rng, trials=1, time=5)
    assert one_late(list(x), list(u)) is None
    assert one_late([np.ones((40, 4))], [rng.standard_normal((40, 2))]) is None


@pytest.mark.slow
def test_it_is_said_where_the_answer_stands(rng):
    x, u = driven(rng)
    view = np.linalg.qr(rng.standard_normal((4, 4)))[0]
    late = [cj.Trajectories(y, drive=u, trials=np.arange(24)) for y in (x, x @ view)]
    on = [cj.Trajectories(y, drive=np.stack(on_time(list(u))), trials=np.arange(24)) for y in (x, x @ view)]
    found, same = (cj.compare(*pair).verdict.dynamics for pair in (late, on))
    assert any("stands a time point late, and was moved" in one for one in found.warnings)
    assert not any("stands a time point late" in one for one in same.warnings)
    assert found.answer == same.answer
    assert found.evidence == same.evidence


@pytest.mark.slow
def test_untrained_copies_are_held_against_drives_that_were_moved_alike(rng):
    (x, u), (y, _) = driven(rng), driven(rng)
    view = np.linalg.qr(rng.standard_normal((4, 4)))[0]

    def compared(drive):
        ends = [cj.Trajectories(z, drive=drive, trials=np.arange(24)) for z in (x, x @ view)]
        copy = cj.Trajectories(y, drive=drive, trials=np.arange(24))
        return cj.compare(*ends, untrained_a=cj.Recording({"activations": copy})).verdict.dynamics

    late, on = compared(u), compared(np.stack(on_time(list(u))))
    found = [[one for one in axis.evidence if "untrained" in one.name] for axis in (late, on)]
    assert len(found[0]) == 2
    assert found[0] == found[1]
