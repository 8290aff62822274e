"""Whole comparisons: every answer on both axes is reachable and right on constructed pairs."""

import json

import numpy as np
import pytest
from constructed import EQUIVALENT, NEITHER, ONE_WAY, network, pair

import conjugacy as cj
from conjugacy.errors import InputError, ShapeError, StimuliError, UnknownNameError

pytestmark = pytest.mark.usefixtures("short_curves")

M = 300


def recording(outputs, hidden=None, **settings):
    arrays = ({} if hidden is None else {"hidden": hidden}) | {"outputs": outputs}
    return cj.Recording.from_arrays(arrays, **settings)


def said(a, b):
    """Answer and rung of the function axis alone, by the measure that answers as a comparison does."""
    details = cj.get_measure("verdict:axis=function")(a, b).details
    return details["answer"], details["rung"]


@pytest.mark.parametrize(
    ("kind", "answer"), [(k, "equivalent") for k in EQUIVALENT] + [*ONE_WAY.items(), *NEITHER.items()]
)
def test_answers_on_the_representation_axis(kind, answer):
    result = cj.compare(*pair(kind, 5, m=200))
    if kind == "rectifiers":  # three of the 200 rows carry the error, and are named
        assert any("carry the variance of the error" in said for said in result.verdict.representation.warnings)
        answer = "undecided"
    assert result.verdict.representation.answer == answer
    assert result.verdict.function.answer == "not_tested"
    assert result.verdict.dynamics.answer == "not_tested"


@pytest.fixture
def world(rng):
    return rng.uniform(-1, 1, (M, 2))


def test_same_regression_task_with_floor(world, rng):
    target = np.column_stack([world[:, 0] ** 2, world.sum(axis=1)])
    outputs = [target + 0.03 * rng.standard_normal(target.shape) for _ in range(2)]
    axis = cj.compare(*(recording(o, inputs=world, targets=target) for o in outputs)).verdict.function
    assert (axis.answer, axis.rung) == ("equivalent", "identity")
    assert axis.floor.value == pytest.approx(2 * 0.03**2 * np.mean(1 / target.var(axis=0)), rel=0.3)


def test_relabelled_classes_are_the_same_task(rng):
    logits = 3 * rng.standard_normal((M, 4))
    axis = cj.compare(
        recording(logits, output_kind="logits"), recording(logits[:, [2, 0, 3, 1]], output_kind="logits")
    ).verdict.function
    assert (axis.answer, axis.rung) == ("equivalent", "permutation")
    assert "after one renaming of the classes" in axis.deciding


def test_labels_same_relabelled_coarser_other(rng):
    labels = rng.integers(0, 6, M)
    answers = {
        name: said(recording(labels[:, None], output_kind="labels"), recording(other[:, None], output_kind="labels"))[0]
        for name, other in {
            "same": labels,
            "relabelled": (labels + 2) % 6,
            "coarser": labels // 2,
            "other": rng.integers(0, 6, M),
        }.items()
    }
    assert answers == {
        "same": "equivalent",
        "relabelled": "equivalent",
        "coarser": "a_determines_b",
        "other": "unrelated",
    }


def test_two_injective_networks_of_different_tasks_are_not_the_same_task(world):
    v, w = world.T
    fitzhugh = np.column_stack([v - v**3 / 3 - w + 0.5, 0.08 * (v + 0.7 - 0.8 * w)])
    spiral = np.column_stack([-0.1 * v - w + 0.3 * v**2, v - 0.1 * w + 0.3 * w**2])
    axis = cj.compare(recording(fitzhugh, inputs=world), recording(spiral, inputs=world)).verdict.function
    assert axis.answer == "undecided"
    assert axis.rung in ("smooth", None)
    assert said(recording(fitzhugh), recording(np.tanh(3 * spiral)))[0] == "undecided"


def test_smooth_outputs_that_do_not_give_the_inputs_away_are_the_same_task(rng):
    world = rng.uniform(-1, 1, (2 * M, 4))
    task = np.column_stack([world[:, 0] + world[:, 1], world[:, 0] * world[:, 2]])
    bent = np.column_stack([np.exp(task[:, 0]), task[:, 1] + task[:, 0] ** 2])
    axis = cj.compare(recording(task, inputs=world), recording(bent, inputs=world)).verdict.function
    assert (axis.answer, axis.rung) == ("equivalent", "smooth")
    names = {e.name: e.low for e in axis.evidence}
    assert names["inputs_from_outputs_a"] > 0.05
    assert said(recording(task), recording(bent)) == ("undecided", "smooth")


def test_one_way_functions_are_not_the_same_task(world):
    fine = np.column_stack([world[:, 0], world[:, 1]])
    axis = cj.compare(recording(fine, inputs=world), recording(world[:, :1] ** 2, inputs=world)).verdict.function
    assert axis.answer == "a_determines_b"
    assert "not the same task" in " ".join(axis.reasons)


def test_unrelated_and_partly_related_functions(rng):
    a, b, c = (rng.standard_normal((M, 2)) for _ in range(3))
    assert said(recording(a), recording(b))[0] == "unrelated"
    half = np.column_stack([a[:, 0], c[:, 0]])
    assert said(recording(a), recording(half))[0] == "partly_related"


def test_one_decision_with_unlike_confidence_is_one_task(rng):
    # decisions agree, since both follow one large logit; the rest of the logits is private
    large = 20.0 * np.eye(3)[rng.integers(0, 3, M)]
    a, b = (large * rng.uniform(0.2, 1.0, (M, 1)) + rng.standard_normal((M, 3)) for _ in range(2))
    axis = cj.compare(recording(a, output_kind="logits"), recording(b, output_kind="logits")).verdict.function
    assert (axis.answer, axis.rung) == ("equivalent", None)
    assert "decide alike" in axis.deciding


def test_linear_outputs_that_give_the_inputs_away_match_whatever_was_learned(rng):
    # two untrained networks, nearly linear: 4 inputs, 10 outputs
    world = rng.standard_normal((M, 4))
    a, b = (np.tanh(0.1 * world @ rng.standard_normal((4, 32))) @ rng.standard_normal((32, 10)) for _ in range(2))
    axis = cj.compare(recording(a, inputs=world), recording(b, inputs=world)).verdict.function
    assert (axis.answer, axis.rung) == ("undecided", "affine")
    assert "the outputs determine the input by an affine map" in axis.deciding
    # where that cannot be tested it is said
    unknown = cj.compare(recording(a), recording(b)).verdict.function
    assert unknown.answer == "equivalent"
    assert any("without the inputs it cannot be tested" in warning for warning in unknown.warnings)
    # the same numbers, and the same in other units, are the same whatever they give away
    for same in (a, a * rng.uniform(0.5, 2, 10) + 1):
        assert said(recording(a, inputs=world), recording(same, inputs=world))[0] == "equivalent"


def test_every_map_refuted_is_no_open_question(rng):
    # B's values rest on many more things than A's, and on A's only in part
    world = rng.standard_normal((2 * M, 3))
    noise = rng.standard_normal((2 * M, 30))
    a, b = world, np.column_stack([0.25 * world + noise[:, :3], noise[:, 3:]])
    assert said(recording(a), recording(b))[0] in ("not_equivalent", "partly_related", "unrelated")


def test_gain_over_untrained_networks(rng):
    world = rng.standard_normal((M, 12))
    task = np.tanh(world[:, :2] @ rng.standard_normal((2, 3)))
    trained = [np.tanh(task @ rng.standard_normal((3, 20))) for _ in range(2)]
    controls = [
        [cj.Recording.from_arrays({"h": network(world, 20, rng)}, provenance={"control": kind}) for kind in kinds]
        for kinds in (("untrained", "shuffled"), ("shuffled", "untrained"))
    ]
    trained = [cj.Recording.from_arrays({"h": x}) for x in trained]
    learned = cj.compare(*trained, untrained_a=controls[0], untrained_b=controls[1]).verdict.representation
    assert learned.answer == "equivalent"
    assert learned.gain.shown
    assert [control.copies for control in learned.controls] == [1, 1]
    assert learned.gain.threshold < learned.gain.low_a_to_b < learned.gain.a_to_b < learned.gain.high_a_to_b
    # one kind alone does not show it, nor do controls of one network, nor some that carry it
    alone = [[one for one in side if one.provenance["control"] == "untrained"] for side in controls]
    few = cj.compare(*trained, untrained_a=alone[0], untrained_b=alone[1]).verdict.representation
    assert (few.gain.state, few.gain.shown) == ("unshuffled", False)
    assert cj.compare(*trained, untrained_a=controls[0]).verdict.representation.gain.state == "one_network"
    carrying = [[*side, trained[i]] for i, side in enumerate(controls)]
    carried = cj.compare(*trained, untrained_a=carrying[0], untrained_b=carrying[1]).verdict.representation
    assert carried.gain.state == "controls_hold"
    # two networks that learned nothing match as well as their untrained copies do
    low = rng.standard_normal((M, 2))
    nets = [network(low, 20, rng) for _ in range(4)]
    carried = cj.compare(nets[0], nets[1], untrained_a=nets[2], untrained_b=nets[3]).verdict.representation
    assert carried.answer == "equivalent"
    assert not carried.gain.shown
    assert "whether anything was learned in common is not shown" in " ".join(carried.reasons)
    alone = cj.compare(nets[0], nets[1]).verdict.representation
    assert "no untrained control" in " ".join(alone.reasons)


def test_rows_in_another_order_are_aligned_and_said(rng):
    a, b = pair("same_latent", 0, m=150)
    ids, order = np.arange(150) + 1000, rng.permutation(150)
    straight = cj.compare(cj.Activations(a, stimuli=ids), cj.Activations(b, stimuli=ids))
    shuffled = cj.compare(cj.Activations(a, stimuli=ids), cj.Activations(b[order], stimuli=ids[order]))
    assert shuffled.verdict.representation.rungs == straight.verdict.representation.rungs
    assert "aligned by id" in " ".join(shuffled.notes)


def test_repeats_count_as_one_and_give_the_floor(rng):
    a, b = pair("same_latent", 0, m=100)
    ids = np.repeat(np.arange(100), 3)
    noisy = [x[ids] + 0.05 * x.std(axis=0) * rng.standard_normal((300, x.shape[1])) for x in (a, b)]
    result = cj.compare(*(cj.Activations(x, stimuli=ids) for x in noisy))
    assert result.settings["independent_groups"] == 100
    assert result.verdict.representation.floor.value == pytest.approx(0.05**2, rel=0.2)
    with pytest.raises(StimuliError, match="occurs 3 times"):
        cj.compare(cj.Activations(noisy[0], stimuli=ids), cj.Activations(noisy[1][:-1], stimuli=ids[:-1]))


def test_inputs_that_are_equal_belong_together(rng):
    a, b = pair("same_latent", 0, m=100)
    inputs = rng.standard_normal((100, 2))
    twice = [cj.Activations(np.vstack([x, x]), inputs=np.vstack([inputs, inputs])) for x in (a, b)]
    assert cj.compare(*twice).settings["independent_groups"] == 100


def test_other_stimuli_are_an_error_that_names_some(rng):
    x = rng.standard_normal((20, 3))
    a, b = cj.Activations(x, stimuli=range(20), name="a"), cj.Activations(x, stimuli=range(5, 25), name="b")
    with pytest.raises(StimuliError, match="different stimuli: 15 shared") as caught:
        cj.compare(a, b)
    assert "20, 21" in str(caught.value)
    with pytest.raises(ShapeError, match="20 rows"):
        cj.compare(x, x[:-1])
    with pytest.raises(StimuliError, match="inputs of the two networks differ"):
        cj.compare(cj.Activations(x, inputs=x), cj.Activations(x, inputs=x[::-1]))


def test_layers_are_chosen_by_depth_whatever_their_names(rng):
    a, b = pair("same_latent", 0)
    noise = rng.standard_normal((M, 10))
    named = cj.compare({"one": noise, "two": a}, {"one": noise, "two": b, "three": noise}).verdict.representation
    assert named.layers == ("two", "three")
    chosen = cj.compare({"x": noise, "y": a}, {"u": b, "v": rng.standard_normal((M, 7))})
    axis = chosen.verdict.representation
    assert axis.layers == ("y", "v")  # not the most alike, which the map of all pairs shows
    assert axis.layer_choice == "the deepest hidden layer of each network"
    assert axis.rungs[0].n_test == M
    found = chosen.layer_map
    assert np.array(found.values).shape == (2, 2)
    assert max((v, i, j) for i, row in enumerate(found.values) for j, v in enumerate(row))[1:] == (1, 0)
    with pytest.raises(UnknownNameError, match="did you mean 'two'"):
        cj.compare({"two": a}, {"two": b}, layers="tow")


def test_trajectories_are_matched_by_trial(rng):
    latent = rng.standard_normal((20, 12, 2))
    a = np.tanh(latent @ rng.standard_normal((2, 8)))
    b = np.tanh(latent @ rng.standard_normal((2, 9)))
    names = [f"t{i}" for i in range(20)]
    order = rng.permutation(20)
    result = cj.compare(cj.Trajectories(a, trials=names), cj.Trajectories(b[order], trials=[names[i] for i in order]))
    assert result.verdict.representation.answer == "equivalent"
    assert result.settings["independent_groups"] == 20
    assert (
        result.verdict.dynamics.answer == "undecided"
    )  # states that do not tell the next ones have no dynamics to compare
    unmatched = cj.compare(cj.Trajectories(a, trials=names), cj.Trajectories(b, trials=range(20)))
    assert unmatched.verdict.representation.answer == "not_tested"
    assert "unmatched" in " ".join(unmatched.notes)
    with pytest.raises(StimuliError, match="different trials"):
        cj.compare(cj.Trajectories(a, trials=names), cj.Trajectories(b, trials=[*names[:-1], "other"]))
    with pytest.raises(InputError, match="compare like with like"):
        cj.compare(cj.Trajectories(a), rng.standard_normal((20, 3)))


def test_wrong_settings_are_refused(rng):
    x = rng.standard_normal((30, 2))
    with pytest.raises(InputError, match="tolerance"):
        cj.compare(x, x, tolerance=5)
    with pytest.raises(InputError, match="seed"):
        cj.compare(x, x, seed=-1)
    with pytest.raises(InputError, match="match"):
        cj.compare(x, x, match="intrinsic")
    with pytest.raises(InputError, match="for trajectories"):
        cj.compare(x, x, match="none")
    with pytest.raises(UnknownNameError, match="did you mean 'cka'"):
        cj.compare(x, x, measures=["ckaa"])
    with pytest.raises(InputError, match="no unit varies"):
        cj.compare(x, np.ones((30, 2)))
    with pytest.raises(InputError, match="need stimuli"):
        cj.compare(np.tanh, np.tanh)
    with pytest.raises(InputError, match="layers: got"):
        cj.compare(x, x, layers=("a", "b", "c"))


def test_the_record_is_plain_json_and_the_same_every_time(rng):
    a, b = pair("same_latent", 0, m=120)
    first, second = (cj.compare(a, b, measures=["cka"]).to_json() for _ in range(2))
    assert first == second
    record = json.loads(first)
    assert record["schema"] == 1
    assert record["measures"][0]["measure"] == "cka"
    assert record["representation"]["rungs"][0]["a_to_b"] == {"unexplained": None, "low": None, "high": None}


def test_transformations_come_with_the_comparison(rng):
    x = rng.standard_normal((100, 3))
    result = cj.compare(x, 2 * x[:, [1, 2, 0]] + 1)
    t = result.transformation("permutation")
    np.testing.assert_allclose(t(x), 2 * x[:, [1, 2, 0]] + 1, atol=1e-10)
    with pytest.raises(UnknownNameError, match="rung"):
        result.transformation("rotate")
    with pytest.raises(InputError, match="equal widths"):
        cj.compare(x, x[:, :2]).transformation("identity")


def test_a_row_that_outweighs_all_others_is_named_and_decides_nothing(rng):
    a, b = pair("same_latent", 0)
    a[5] = 1e4
    axis = cj.compare(a, b).verdict.representation
    assert axis.answer == "undecided"
    assert axis.decisive_rows == ("5",)
    assert "rests on 1 (5)" in axis.reasons[0]


def test_inputs_are_left_as_they_are(rng):
    a, b = pair("same_latent", 0, m=80)
    before = a.tobytes(), b.tobytes()
    cj.compare(a, b)
    assert (a.tobytes(), b.tobytes()) == before
