"""The dynamics axis: pairs of systems whose relation is known, what data cannot tell, live steps, and what is too little."""

from __future__ import annotations

import importlib
import json
from pathlib import Path

import jsonschema
import numpy as np
import pytest

import conjugacy as cj
from conjugacy.comparison.matched_dynamics import matched_verdict
from conjugacy.dynamics.drive import Known, linear_read_out
from conjugacy.dynamics.sweep import sweep
from conjugacy.transformations.speed import speed_factor

FOLDER = Path(__file__).parents[2] / "benchmarks" / "dynamics"
TRIALS, POINTS = 24, 100


@pytest.fixture
def systems(monkeypatch):
    monkeypatch.syspath_prepend(str(FOLDER))
    return importlib.import_module("systems")


def trajectories(case):
    """Both sides, the first hundred points of every trial."""
    drive = None if case.drive is None else case.drive[:, :POINTS]
    return tuple(cj.Trajectories(x[:, :POINTS], drive=drive) for x in (case.a, case.b))


def judged(case, **options):
    return matched_verdict(*trajectories(case), **options)


@pytest.mark.parametrize(
    "name",
    [
        "van der Pol, orth",
        pytest.param("ring and its doubled", marks=pytest.mark.slow),
        pytest.param("stable and unstable", marks=pytest.mark.slow),
        pytest.param("ring and four points", marks=pytest.mark.slow),
        pytest.param("Hopf, speed", marks=pytest.mark.slow),
        pytest.param("van der Pol and Hopf", marks=pytest.mark.slow),
    ],
)
def test_known_pairs(systems, name):
    case = next(c for c in systems.matched_cases(3, TRIALS) if c.name.startswith(name))
    found = judged(case)
    assert found.answer in case.right, found.reasons
    assert found.margin == 0.10
    values = {e.name: e for e in found.evidence}
    assert {"next_point_a_to_b", "left_to_tell_b_to_a", "own_step_a", "drive_alone_b", "state_a"} <= set(values)
    for e in values.values():
        if e.low is not None:
            assert e.low <= e.value <= e.high


@pytest.mark.slow
def test_the_direction_turns_with_the_pair(systems):
    case = next(c for c in systems.matched_cases(3, TRIALS) if c.name.startswith("ring and its doubled"))
    a, b = trajectories(case)
    assert matched_verdict(b, a).answer == "b_determines_a"


@pytest.mark.slow
def test_data_alone_never_call_these_equivalent(systems):
    said = {}
    for case in systems.not_decidable_cases(2, TRIALS):
        found = judged(case)
        assert found.answer in case.right, (case.name, found.reasons)
        said[case.name] = found.reasons[0]
    assert "both follow the shared drive" in said["echo-state networks, radius 0.8, drive given"]
    assert "what moves both is not in the data" in said["echo-state networks, radius 0.8, drive not given"]
    assert "distinct courses" in said["bistable, and a point attractor made to follow it"]


def test_other_inputs_are_told(systems):
    case = next(c for c in systems.matched_cases(3, TRIALS) if c.name.startswith("ring, gain"))
    a, b = cj.Trajectories(case.a, drive=case.drive), cj.Trajectories(case.b, drive=2 * case.drive)
    found = matched_verdict(a, b)
    assert found.answer == "undecided"
    assert "different inputs" in found.reasons[0]


@pytest.mark.slow
def test_shuffled_partners_are_flagged(systems):
    case = next(c for c in systems.matched_cases(3, TRIALS) if c.name.startswith("van der Pol, orth"))
    order = np.random.default_rng(0).permutation(TRIALS)
    a, b = trajectories(case)
    found = matched_verdict(a, b.take(order))
    assert found.answer != "different"
    assert "matched trials cannot tell" in found.reasons[0]
    assert "wrongly matched" in found.warnings[0]


def network(seed, radius, n=12):
    """A recurrent network with its own step."""
    rng = np.random.default_rng(seed)
    w = rng.standard_normal((n, n))
    w *= radius / np.abs(np.linalg.eigvals(w)).max()
    fed = 0.5 * rng.standard_normal((1, n))
    return lambda x, u: np.tanh(x @ w.T + (0.0 if u is None else u @ fed) + 0.1)


def run(step, drive):
    h, out = np.zeros((len(drive), 12)), []
    for t in range(drive.shape[1]):
        out.append(h)
        h = step(h, drive[:, t])
    return np.stack(out, axis=1)


@pytest.mark.slow
def test_live_steps_decide_what_the_drive_leaves_open(rng):
    """A network and itself in rotated coordinates, both led by the same input."""
    drive = rng.standard_normal((TRIALS, 80, 1))
    f = network(1, 0.8)
    q = np.linalg.qr(rng.standard_normal((12, 12)))[0]
    x = run(f, drive)
    a, same = cj.Trajectories(x, drive=drive), cj.Trajectories(x @ q, drive=drive)
    assert matched_verdict(a, same).answer == "undecided"
    found = matched_verdict(a, same, steps=(f, lambda y, u: f(y @ q.T, u) @ q))
    assert found.answer == "equivalent", found.reasons


@pytest.mark.slow
def test_live_steps_tell_identical_courses_of_other_dynamics_apart(rng):
    """A bistable system, and a point attractor that an input of its own leads along the same courses."""
    bistable = lambda x, _: x + 0.05 * np.column_stack([2 * x[:, 0] - x[:, 0] ** 3, -x[:, 1]])  # noqa: E731
    x, out = rng.uniform(-1.5, 1.5, (TRIALS, 2)), []
    for _ in range(60):
        out.append(x)
        x = bistable(x, None)
    a = cj.Trajectories(np.stack(out, axis=1))
    point = lambda x, _: x + 0.05 * -x  # noqa: E731
    assert matched_verdict(a, a, steps=(bistable, bistable)).answer == "equivalent"
    found = matched_verdict(a, a, steps=(bistable, point))
    assert found.answer == "different"
    tangent = next(e for e in found.evidence if e.name == "live_tangent_a_to_b")
    assert tangent.low > 0.1  # and the response to a push tells it whatever input is added


@pytest.mark.slow
def test_compare_tests_trajectories_and_writes_it_down(systems, tmp_path, short_curves):
    case = next(c for c in systems.matched_cases(3, 14) if c.name.startswith("van der Pol, orth"))
    a, b = (cj.Trajectories(x[:, :40], trials=np.arange(14)) for x in (case.a, case.b))
    result = cj.compare(a, b, measures=["dsa:rank=6,delays=4", "dsa_wasserstein"])
    axis = result.verdict.dynamics
    assert axis.answer in ("equivalent", "undecided")
    record = json.loads(result.to_json())
    assert record["dynamics"]["margin"] == 0.10
    assert {e["name"] for e in record["dynamics"]["evidence"]} >= {"dsa", "dsa_lower_bound", "next_point_a_to_b"}
    assert [s.measure for s in result.measures] == ["dsa:delays=4,rank=6", "dsa_wasserstein"]
    schema = json.loads((Path(cj.__file__).parent / "report" / "schema" / "comparison-1.json").read_text("utf-8"))
    jsonschema.validate(record, schema)
    assert result.sweeps[1].chosen == sweep(b, delays=(1, 2, 5, 10)).chosen
    assert record["sweeps"]["b"]["chosen"] == list(result.sweeps[1].chosen)
    assert result.figure("sweeps", tmp_path / "sweeps.png").stat().st_size > 1000
    path = result.report(tmp_path / "ab.html")
    page = Path(path).read_text("utf-8")
    assert "smallest within 10 % of the best" in page
    assert "next point, A to B" in page
    assert "conjugate" not in page


@pytest.mark.slow
def test_untrained_copies_are_matched_by_trial_and_stand_beside(systems, rng):
    case = next(c for c in systems.matched_cases(3, 24) if c.name.startswith("van der Pol, orth"))
    ids = np.array([f"t{i:02d}" for i in range(24)])
    a, b = (cj.Trajectories(x[:, :40], trials=ids) for x in (case.a, case.b))
    order = rng.permutation(24)
    copy = cj.Trajectories(case.a[order][:, :40], trials=ids[order])  # as good as trained, in another order of trials
    axis = cj.compare(a, b, untrained_a=copy).verdict.dynamics
    found = {e.name: e for e in axis.evidence}
    assert found["untrained_a_to_other"].value == pytest.approx(found["next_point_a_to_b"].value, rel=0.3)
    if axis.answer == "equivalent":
        assert any("untrained copies map" in w for w in axis.warnings)
    with pytest.raises(cj.ConjugacyError, match="other trials"):
        cj.compare(a, b, untrained_a=cj.Trajectories(case.a[:20, :40]))


@pytest.mark.slow
def test_different_steps_are_brought_to_one(systems):
    case = next(c for c in systems.matched_cases(3, 14) if "steps" in c.name)
    a, b = (cj.Trajectories(x, dt=dt) for x, dt in zip((case.a[:, :40], case.b[:, :80]), case.step, strict=True))
    result = cj.compare(a, b)
    assert any("one step of 0.1" in note for note in result.notes)
    assert result.verdict.dynamics.answer in ("equivalent", "undecided")


def test_unmatched_random_walks_are_left_open(rng):
    a, b = (cj.Trajectories(np.cumsum(rng.standard_normal((k, 30, 3)), axis=1)) for k in (8, 9))
    axis = cj.compare(a, b).verdict.dynamics
    assert axis.answer == "undecided"
    assert "more or longer trials may tell" in axis.reasons[0]
    assert {"unmatched_distance", "dsa"} <= {e.name for e in axis.evidence}


@pytest.mark.parametrize(("trials", "points", "said"), [(4, 30, "too few"), (10, 8, "shortest trial")])
def test_too_little_is_said(rng, trials, points, said):
    x = np.cumsum(rng.standard_normal((trials, points, 3)), axis=1)
    axis = cj.compare(cj.Trajectories(x), cj.Trajectories(x[..., ::-1])).verdict.dynamics
    assert axis.answer == "undecided"
    assert said in axis.reasons[0]


def test_measures_on_trajectories_refuse_activations(rng):
    with pytest.raises(cj.ConjugacyError, match="compares trajectories"):
        cj.compare(rng.standard_normal((60, 3)), rng.standard_normal((60, 3)), measures=["dsa"])


def test_a_network_that_latches_pulses_follows_its_input(rng):
    """Two latches that hold the last pulse, each through units of its own: the input's history tells both."""
    drive = np.where(rng.random((TRIALS, 80, 2)) < 0.08, rng.choice([-1.0, 1.0], (TRIALS, 80, 2)), 0.0)
    held, bits = np.zeros((TRIALS, 2)), []
    for t in range(80):
        bits.append(held)
        held = np.where(drive[:, t] != 0, drive[:, t], held)
    bits = np.stack(bits, axis=1)
    a, b = (cj.Trajectories(np.tanh(bits @ rng.standard_normal((2, 8))), drive=drive) for _ in range(2))
    found = matched_verdict(a, b)
    assert found.answer == "undecided"
    assert "follow the shared drive" in found.reasons[0]


def test_steps_that_run_away_leave_it_undecided_and_no_nan(rng):
    drive = rng.standard_normal((TRIALS, 80, 1))
    f = network(1, 0.8)
    a = cj.Trajectories(run(f, drive), drive=drive)
    wild = lambda x, _: x * np.exp(50.0 * (x**2).sum(axis=1, keepdims=True))  # noqa: E731
    found = matched_verdict(a, a, steps=(f, wild))
    assert found.answer in ("different", "undecided")
    assert all(
        np.isfinite(e.value) and np.isfinite(e.floor or 0.0) for e in found.evidence if e.name.startswith("live")
    )


def test_equal_recordings_are_told_first(rng):
    drive = rng.standard_normal((8, 30, 2))
    x = rng.standard_normal((8, 30, 5))
    a = cj.Trajectories(x, drive=drive)
    found = matched_verdict(a, cj.Trajectories(x.astype(np.float32).astype(float), drive=drive))
    assert found.answer == "equivalent"
    assert found.reasons[0].startswith("identical on what was recorded")
    assert "states not visited are not covered" in found.reasons[0]
    other = matched_verdict(a, cj.Trajectories(x, drive=drive + 1.0))
    assert other.answer == "undecided"


def test_a_system_against_itself_needs_its_drive_where_one_moves_it(rng):
    """A network in noise that is not recorded, and one that goes by itself."""
    drive = rng.standard_normal((TRIALS, 40, 1))
    led = cj.Trajectories(run(network(1, 0.8), drive))
    assert matched_verdict(led, led).answer == "undecided"
    steps = network(2, 1.6)
    x, out = rng.standard_normal((TRIALS, 12)), []
    for _ in range(40):
        out.append(x)
        x = 0.7 * x + 0.3 * steps(x, None)
    own = cj.Trajectories(np.stack(out, axis=1))
    assert matched_verdict(own, own).answer == "equivalent"


def test_wide_inputs_give_the_figures_of_the_plain_way(rng, monkeypatch):
    """Rows of fewer numbers than columns are turned into coordinates of their own: the same read-out, at a tenth of the cost."""
    drive = [rng.standard_normal((12, 20)) for _ in range(8)]
    states = [np.cumsum(u[:, :3], axis=0) for u in drive]
    told = []
    for most in (10_000, 0):
        monkeypatch.setattr("conjugacy.dynamics.drive.MOST_TURNED", most)
        known = Known.of(drive, [12] * 8).of_trials(range(8))
        weights, offset = linear_read_out(known[:6], states[:6], 0)
        told.append(np.concatenate([x @ weights + offset for x in known[6:]]))
    assert known[0].shape[1] > 8 * 12  # the plain way
    np.testing.assert_allclose(told[0], told[1], rtol=1e-5, atol=1e-7)


def test_delays_are_asked_for_by_number_or_chosen(rng):
    x = np.cumsum(rng.standard_normal((10, 20, 2)), axis=1)
    a = cj.Trajectories(x)
    for delays, points in ((3, 3.0), (None, 1.0)):
        found = {e.name: e.value for e in matched_verdict(a, cj.Trajectories(x[..., :1]), delays=delays).evidence}
        assert found["state_a"] == points
    for wrong in (0, 2.5, "many", True):
        with pytest.raises(cj.ConjugacyError, match="delays"):
            cj.compare(a, a, delays=wrong)


def test_the_speed_factor_is_found_by_stretching(systems, rng):
    start = rng.uniform(-2, 2, (24, 2))
    a = systems.course(systems.van_der_pol, start, 0.1, 60)
    b = systems.course(lambda x: 1.2 * systems.van_der_pol(x), start, 0.1, 60)
    a, b = (systems.seen(x, "tanh", rng) for x in (a, b))
    factor, left, plain = speed_factor(tuple(a), tuple(b), np.arange(24), 0, 0)
    assert factor == pytest.approx(1.2, rel=0.02)
    assert left < 0.02 < 0.1 < plain


@pytest.mark.parametrize("delays", [17, 18, 19, 20, 25])
def test_windows_as_long_as_trials_are_refused_with_what_to_give(rng, delays):
    a, b = rng.normal(size=(2, 12, 20, 3))
    found = matched_verdict(cj.Trajectories(a), cj.Trajectories(b), 0, delays=delays)
    assert found.answer == "undecided"
    assert ("give fewer delays" in found.deciding) == (delays > 17)


def test_short_trials_are_counted_and_a_drive_of_one_alone_is_named(rng):
    x, u = rng.normal(size=(12, 14, 3)), rng.normal(size=(12, 14, 2))
    short = [trial[:k] for trial, k in zip(x, [1, 5, *[14] * 10], strict=True)]
    found = matched_verdict(cj.Trajectories(short), cj.Trajectories([2 * trial for trial in short]))
    assert "the shortest trial has 1 time point; " in found.deciding
    assert "or leave out the 2 that are shorter" in found.deciding
    alone = matched_verdict(cj.Trajectories(x, drive=u), cj.Trajectories(x @ np.diag([1.0, 2.0, 3.0])))
    assert any("the drive is known of A alone" in warning for warning in alone.warnings)
