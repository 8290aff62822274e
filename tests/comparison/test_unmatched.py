"""Dynamics without matched trials: systems whose sameness is known by construction, seen through other instruments."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import conjugacy as cj
from conjugacy.comparison.unmatched import unmatched_verdict
from conjugacy.dynamics.unmatched import Halves, compare_unmatched, prepared
from conjugacy.verdict.decide_unmatched import decide_unmatched

DT = 0.15


def hopf(x, speed=1.0):
    r2 = (x**2).sum(axis=-1, keepdims=True)
    return x * (1 - r2) + speed * np.stack([-x[..., 1], x[..., 0]], axis=-1)


def focus(x, rate=-0.15):
    return rate * x + np.stack([-x[..., 1], x[..., 0]], axis=-1)


def van_der_pol(x):
    return np.stack([x[..., 1], (1 - x[..., 0] ** 2) * x[..., 1] - x[..., 0]], axis=-1)


def run(field, rng, trials=24, points=120, dt=DT, noise=0.05, width=2.0, start=None):
    """Heun's steps of a tenth of dt, with private noise."""
    x, h, out = rng.uniform(-width, width, (trials, 2)) if start is None else start, dt / 10, []
    for i in range(10 * points):
        if i % 10 == 0:
            out.append(x)
        ahead = x + h * field(x)
        x = x + h * (field(x) + field(ahead)) / 2 + noise * np.sqrt(h) * rng.standard_normal(x.shape)
    return np.stack(out, axis=1)


def rotated(rng, x, noise=0.02):
    turned = x @ np.linalg.qr(rng.standard_normal((12, 12)))[0][: x.shape[-1]]
    return turned + noise * rng.standard_normal(turned.shape)


def saturated(rng, x, noise=0.01):
    z = x / x.std()
    mixed = np.tanh(0.8 * z @ rng.standard_normal((x.shape[-1], 15)) + 0.4 * rng.standard_normal(15))
    return mixed + noise * rng.standard_normal(mixed.shape)


MANY, FEW = {}, {"trials": 8, "points": 60}  # as `run` has it; enough for an answer


def both(rng, one, other, length=MANY, **options):
    return (
        cj.Trajectories(rotated(rng, run(one, rng, **length)), dt=DT),
        cj.Trajectories(saturated(rng, run(other, rng, **length, **options)), dt=options.get("dt", DT)),
    )


def test_one_system_through_two_instruments_is_equal_up_to_a_time_scale(rng):
    found = unmatched_verdict(*both(rng, hopf, hopf, FEW))
    assert found.answer == "equivalent", found.reasons
    assert "time scale within a factor 1.3" in found.reasons[0]
    pace = {"uneven_pace", "p_pace"}
    assert {"unmatched_distance", "p_different", "p_same", "time_stretch"} | pace == {e.name for e in found.evidence}


@pytest.mark.slow
def test_cycles_of_one_period_and_other_waveforms_are_never_equal():
    period = 6.663  # of van der Pol
    found = list[str]()
    for seed in range(2):
        rng = np.random.default_rng(seed)
        runs = (run(field, rng, 12, 80) for field in (van_der_pol, lambda x: hopf(x, 2 * np.pi / period)))
        ends = [cj.Trajectories(rotated(rng, x), dt=DT) for x in runs]
        numbers = compare_unmatched(*(Halves.of(prepared(x), halvings=1, seed=seed) for x in ends), 1.3)
        assert numbers.pace > np.log(1.3)
        alike = replace(numbers, p_same=0.01, p_different=1.0)  # as if they came back alike
        found.append(str(decide_unmatched(alike)[1][0]))
    assert all("move less evenly" in said for said in found)


@pytest.mark.slow
def test_unequal_steps_and_lengths_do_not_matter(rng):
    options = {"dt": 0.1, "points": 150, "trials": 30}
    assert unmatched_verdict(*both(rng, hopf, hopf, **options)).answer != "different"
    assert unmatched_verdict(*both(rng, hopf, focus, **options)).answer != "equivalent"


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(lambda x: hopf(x, 1.5), id="another speed"),
        pytest.param(focus, id="a focus", marks=pytest.mark.slow),
    ],
)
def test_other_systems_are_different(rng, other):
    found = unmatched_verdict(*both(rng, hopf, other, FEW))
    assert found.answer == "different", found.reasons


@pytest.mark.slow
def test_time_reversed_is_never_the_same(rng):
    runs = [
        run(lambda x: focus(x, -0.25), rng, noise=0.0, points=60) for _ in range(2)
    ]  # ends before instruments' noise rules
    a, b = cj.Trajectories(rotated(rng, runs[0], 0.003), dt=0.1), saturated(rng, runs[1], 0.003)
    assert unmatched_verdict(a, cj.Trajectories(b, dt=0.1)).answer != "different"
    assert unmatched_verdict(a, cj.Trajectories(b[:, ::-1], dt=0.1)).answer != "equivalent"


@pytest.mark.slow
def test_other_starts_are_warned_of(rng):
    a, b = both(rng, focus, focus, width=0.2, noise=0.01)
    found = unmatched_verdict(a, b)
    assert found.answer != "different" or "where they start" in found.warnings[0]


def driven(rng, rate, trials=20, points=120):
    """Two conditions whose means are given, and deviations of their own that decay at a rate."""
    t = DT * np.arange(points)
    mean = np.stack([np.stack([np.cos(t), np.sin(2 * t)], axis=1), np.stack([-np.sin(t), t / t[-1]], axis=1)])
    x, noise = np.zeros((trials, points, 2)), 0.02 * rng.standard_normal((trials, points, 2))
    for i in range(1, points):
        x[:, i] = (1 - rate * DT) * x[:, i - 1] + noise[:, i]
    conditions = np.repeat([0, 1], trials // 2)
    return mean[conditions] + x, conditions


def test_trials_that_repeat_their_condition_ask_for_conditions(rng):
    pair = [driven(rng, rate, **FEW) for rate in (0.2, 4.0)]
    found = unmatched_verdict(*(cj.Trajectories(x, dt=DT) for x, _ in pair))
    assert found.answer == "undecided"
    assert "give conditions" in found.reasons[0]
    found = unmatched_verdict(*(cj.Trajectories(x, dt=DT, conditions=c) for x, c in pair))
    assert found.answer == "different", found.reasons


def test_deviations_need_two_trials_of_a_condition(rng):
    x, _ = driven(rng, 1.0)
    lone = cj.Trajectories(x, dt=DT, conditions=np.arange(len(x)))
    found = unmatched_verdict(lone, lone)
    assert found.answer == "undecided"
    assert "two trials" in found.reasons[0]
    with pytest.raises(cj.ConjugacyError, match="need conditions"):
        cj.get_measure("dynamics:deviations=yes").prepare(x)


def test_conditions_of_one_network_alone_are_not_compared_with_states(rng):
    x, conditions = driven(rng, 1.0, **FEW)
    with pytest.raises(cj.ConjugacyError, match="give both conditions"):
        cj.get_measure("dynamics")(cj.Trajectories(x, dt=DT, conditions=conditions), cj.Trajectories(x, dt=DT))


def test_trials_that_share_no_times_are_told(rng):
    a, b = both(rng, hopf, hopf, FEW)
    found = unmatched_verdict(a, cj.Trajectories(b.values, dt=1000 * DT))
    assert found.answer == "undecided"
    assert "share no times" in found.reasons[0]


def test_few_trials_are_not_halved(rng):
    a, b = both(rng, hopf, focus, FEW)
    found = unmatched_verdict(a.take([0, 1, 2]), b)
    assert found.answer == "undecided"
    assert "at least 4" in found.reasons[0]


@pytest.mark.slow
def test_compare_takes_it_for_unmatched_trials(rng, tmp_path):
    a, b = both(rng, hopf, focus, trials=10)
    result = cj.compare(a, b, match="none", measures=["dynamics"])
    assert result.verdict.dynamics.answer == "different"
    assert result.measures[0].value > 0.1
    page = result.report(tmp_path / "page.html").read_text("utf-8")
    assert "on trials that do not belong together" in page
    assert "six tenths" not in page


def test_the_null_is_seeded(rng):
    a, b = (Halves.of(x, halvings=2, seed=1) for x in both(rng, hopf, focus, FEW))
    again = Halves.of(
        cj.Trajectories(both(np.random.default_rng(0), hopf, focus, FEW)[0].values, dt=DT), halvings=2, seed=1
    )
    assert compare_unmatched(a, b, 1.3) == compare_unmatched(again, b, 1.3)


def test_states_seen_in_part_are_made_up_for_by_delays(rng):
    parts = [cj.Trajectories(run(f, rng)[..., :1], dt=DT) for f in (hopf, hopf, lambda x: hopf(x, 1.5))]
    measure = cj.get_measure("dynamics:delays=8")
    a, same, other = (measure.prepare(x) for x in parts)
    assert measure.compare(a, same).value < 0.5 * measure.compare(a, other).value


def test_repeats_without_deviations_are_no_evidence(rng):
    courses = run(hopf, rng, trials=4)[np.repeat(np.arange(4), 5)]
    first, second = (
        cj.Trajectories(courses @ rng.standard_normal((2, 7)), dt=DT, conditions=np.arange(20) // 5) for _ in "ab"
    )
    found = unmatched_verdict(first, second)
    assert found.answer == "undecided"
    assert "the same up to rounding" in found.reasons[0]


def test_systems_at_rest_are_told(rng):
    a, _ = both(rng, hopf, hopf)
    still = cj.Trajectories(np.full((20, 100, 4), 2.0), dt=DT)
    found = unmatched_verdict(a, still)
    assert found.answer == "undecided"
    assert "no unit varies" in found.reasons[0]


def test_long_recordings_with_a_short_trial(rng):
    trials = list(rotated(rng, run(hopf, rng, trials=10, points=400)))
    short = cj.Trajectories([trials[0][:12], *trials[1:]], dt=DT)
    whole = cj.Trajectories(trials, dt=DT)
    assert cj.get_measure("dynamics")(short, whole).value < 0.1
    with pytest.raises(cj.ConjugacyError, match="7 and more time points"):
        cj.get_measure("dynamics")(cj.Trajectories([trials[0][:7], *trials[1:]], dt=DT), whole)


@pytest.mark.slow
def test_a_part_of_the_state_with_delays_is_the_whole_of_it(rng):
    seen = [run(van_der_pol, rng, noise=0.02, trials=16) for _ in range(2)]
    part = cj.Trajectories(seen[0][..., :1] + 0.01 * rng.standard_normal((16, 120, 1)), dt=DT)
    whole = cj.Trajectories(saturated(rng, seen[1]), dt=DT)
    distance = [compare_unmatched(*(Halves.of(prepared(x, q)) for x in (part, whole)), 1.3).distance for q in (1, 4)]
    assert distance[1] < 0.6 * distance[0]
    assert unmatched_verdict(part, whole, delays=4).answer != "different"
