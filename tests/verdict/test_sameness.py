"""The same numbers are told first, in these words, on however few rows, and on every axis."""

import numpy as np
import pytest
from constructed import network

import conjugacy as cj

pytestmark = pytest.mark.usefixtures("short_curves")


def recorded(x, name, dtype=np.float64, **more):
    layers = {"hidden": cj.Activations(x.astype(dtype)), "outputs": cj.Activations(x[:, :2].astype(dtype))}
    return cj.Recording(layers=layers, name=name, output_kind="regression", **more)


@pytest.mark.parametrize(("m", "n"), [(4, 3), (15, 5), (60, 5)])
def test_on_however_few_rows(rng, m, n):
    x = rng.standard_normal((m, n))
    x[:, 2] = 7.0  # a unit that never varies is the same too
    result = cj.compare(recorded(x, "a"), recorded(x.copy(), "b"))
    function, units = result.verdict.function, result.verdict.representation
    assert (function.answer, units.answer, units.rung, units.exact_rung) == (
        "equivalent",
        "equivalent",
        *["identity"] * 2,
    )
    assert units.deciding == f"the same numbers in all {m} rows and {n} units"
    assert function.deciding == f"the same numbers in all {m} rows and 2 outputs"
    assert units.p_independent is None
    assert units.gain.state == "itself"
    assert not any("untrained" in reason for reason in units.reasons)
    assert units.rung_result("identity").a_to_b == cj.results.Estimate(0.0, 0.0, 0.0)


def test_up_to_rounding_of_what_is_stored(rng):
    x = rng.standard_normal((40, 5))
    result = cj.compare(recorded(x, "a"), recorded(x, "b", np.float32))
    said = "the same numbers up to rounding of single precision in all 40 rows and"
    assert result.verdict.representation.deciding == f"{said} 5 units"
    assert result.verdict.function.deciding == f"{said} 2 outputs"
    score = cj.get_measure("verdict")(x, x.astype(np.float32))
    assert (score.details["answer"], score.details["valued"], score.details["p"]) == ("equivalent", "identity", 0.0)
    assert score.value < 1e-12


def test_what_is_only_near_is_no_longer_the_same(rng):
    x = rng.standard_normal((60, 5))
    axis = cj.compare(recorded(x, "a"), recorded(x + 1e-3 * rng.standard_normal(x.shape), "b")).verdict.representation
    assert (axis.answer, axis.rung) == ("equivalent", "identity")
    assert axis.deciding.about == "maps"


def test_two_recordings_of_the_same_weights_are_one_network(rng):
    world = rng.standard_normal((200, 2))
    ends = [recorded(network(world, 8, rng), name, provenance={"weights_sha256": "x"}) for name in "ab"]
    controls = [recorded(rng.standard_normal((200, 8)), "copy")]
    axis = cj.compare(*ends, untrained_a=controls, untrained_b=controls).verdict.representation
    assert (axis.answer, axis.gain.state, axis.controls) == ("equivalent", "itself", ())
    assert any("they are one network" in reason for reason in axis.reasons)


def test_outputs_that_were_to_answer_two_questions_are_not_told_first(rng):
    x = rng.standard_normal((40, 3))
    ends = [
        recorded(x, name, targets=x[:, :2] + shift * rng.standard_normal((40, 2)))
        for name, shift in (("a", 0), ("b", 2))
    ]
    assert cj.compare(*ends).verdict.function.deciding.about != "identity"


def test_trials_that_hold_the_same_numbers(rng):
    drive = rng.standard_normal((5, 13, 3))
    steps = np.cumsum(drive, axis=1)
    one, two, twice = (cj.Trajectories(x, drive=drive) for x in (steps, steps.copy(), 2 * steps))
    result = cj.compare(one, two).verdict.dynamics
    assert result.answer == "equivalent"  # on fewer trials than the direct test needs
    assert result.deciding.startswith("identical on what was recorded")
    other = cj.compare(one, twice).verdict.dynamics
    assert "5 trials are too few" in other.deciding


def test_the_gate_says_so_and_fits_nothing(rng, monkeypatch):
    monkeypatch.setattr(
        "conjugacy.transformations.fits.Fits.folds", property(lambda _: pytest.fail("rows were divided"))
    )
    x = rng.standard_normal((12, 3))
    result = cj.gate(recorded(x, "a"), recorded(x.copy(), "b"), require=["same-task=yes", "representation=identity"])
    assert [condition.outcome for condition in result.conditions] == ["passed", "passed"]
    assert "the same numbers in all 12 rows" in str(result)
