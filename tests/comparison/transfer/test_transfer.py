"""Probes, heads, features and directions carried between layers whose relation is known."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import conjugacy as cj
from conjugacy.comparison.transfer.labels import counts
from conjugacy.errors import ConjugacyError, InputError, NotFiniteError, ShapeError

ROWS = 300
WEIGHTS = np.array([1.0, -1.0, 0.5, 2.0])


def latents(seed=0, rows=ROWS, d=4):
    return np.random.default_rng(seed).normal(size=(rows, d))


def mixing(seed, d=4, n=4):
    return np.linalg.qr(np.random.default_rng(seed).normal(size=(n, d)))[0].T * np.linspace(0.5, 2.0, n)


A, B = latents() @ mixing(1), latents() @ mixing(2)


def test_weights_between_linear_layers_are_the_closed_form():
    found = cj.transfer(WEIGHTS, A, B)
    carried = found.carried.jacobian(B[0])[0]
    assert found.answer == "carried"
    assert found.fidelity.rung == "affine"
    np.testing.assert_allclose(carried, np.linalg.solve(mixing(2), mixing(1) @ WEIGHTS), rtol=1e-3, atol=1e-3)


def test_a_rotated_copy_is_exact_with_its_bias():
    turn = np.linalg.qr(np.random.default_rng(5).normal(size=(4, 4)))[0]
    found = cj.transfer((WEIGHTS[None], np.array([3.0])), A, A @ turn)
    np.testing.assert_allclose(found.carried(A @ turn)[:, 0], A @ WEIGHTS + 3.0, atol=1e-3)
    assert found.fidelity.unexplained.high < 1e-4


def test_unrelated_layers_refuse_and_give_nothing(tmp_path):
    found = cj.transfer(WEIGHTS, A, np.random.default_rng(9).normal(size=A.shape))
    assert (found.answer, found.carried, found.exit_code) == ("refused", None, 1)
    assert found.fidelity.left.low > 0.8
    assert "nothing is returned to use" in str(found)
    with pytest.raises(InputError, match="nothing was carried"):
        found.save(tmp_path / "a.safetensors")


def test_what_only_a_has_is_refused_though_all_else_is_shared():
    z = latents(3)
    a, b = z, z[:, :3] @ mixing(4, 3, 6)
    shared, private = np.eye(4)[0], np.eye(4)[3]
    assert cj.transfer(shared, a, b).answer == "carried"
    assert cj.transfer(private, a, b).answer == "refused"


def test_a_curved_layer_needs_a_smooth_map():
    """B is most of a circle, and A where on it."""
    z = np.random.default_rng(0).uniform(-1.4, 1.4, (ROWS, 1))
    b = np.column_stack([np.cos(2 * z), np.sin(2 * z)])
    assert cj.transfer([1.0], z, b).answer == "refused"
    found = cj.transfer([1.0], z, b, map="smooth")
    assert (found.answer, found.fidelity.rung) == ("carried", "smooth")
    np.testing.assert_allclose(found.carried(b), z, atol=0.15)


def test_few_groups_of_rows_are_undecided():
    found = cj.transfer(WEIGHTS, A, B, groups=np.arange(ROWS) % 5)
    assert (found.answer, found.carried, found.exit_code) == ("undecided", None, 3)
    assert "too few groups" in str(found)


def test_a_feature_with_its_rectifier_and_a_torch_head():
    def feature(rows):
        return np.maximum(rows @ WEIGHTS - 0.5, 0.0)

    found = cj.transfer(feature, A, B)
    assert found.answer == "carried"
    np.testing.assert_allclose(found.carried(B)[:, 0], feature(A), atol=0.05)
    with pytest.raises(InputError, match="a function cannot be written"):
        found.save("a.safetensors")
    torch.manual_seed(0)
    head = torch.nn.Sequential(torch.nn.Linear(4, 8), torch.nn.Tanh(), torch.nn.Linear(8, 2))
    assert cj.transfer(head, A, B).fidelity.outputs == pytest.approx((0.0, 0.0), abs=0.01)


def test_a_linear_module_and_a_file_are_the_same_probe(tmp_path):
    torch.manual_seed(0)
    module = torch.nn.Linear(4, 3)
    np.savez(tmp_path / "head.npz", weight=module.weight.detach(), bias=module.bias.detach())
    one, other = (cj.transfer(given, A, B) for given in (module, tmp_path / "head.npz"))
    np.testing.assert_array_equal(one.carried(B), other.carried(B))
    kept = cj.Transformation.load(one.save(tmp_path / "carried.safetensors"))
    np.testing.assert_array_equal(kept(B), one.carried(B))
    assert kept.to_torch()(torch.as_tensor(B)).shape == (ROWS, 3)


def test_a_classifier_is_held_against_its_choices():
    head = np.random.default_rng(3).normal(size=(4, 3))
    found = cj.transfer(head, A, B, kind="classifier", targets=(A @ head).argmax(axis=1))
    assert found.answer == "carried"
    assert found.fidelity.agreement.value == 1.0
    assert found.fidelity.left.high > 0.0  # no disagreement seen is not none
    assert found.curve.on_a.value == 1.0
    noise = np.random.default_rng(9).normal(size=A.shape)
    assert cj.transfer(head, A, noise, kind="classifier").answer == "refused"


def test_a_class_that_is_nearly_always_chosen_is_no_agreement():
    """Always to answer the commonest class agrees on 95 % of the rows, and tells nothing."""
    probe = (WEIGHTS[None], -np.quantile(A @ WEIGHTS, 0.95))
    found = cj.transfer(probe, A, np.random.default_rng(9).normal(size=A.shape), kind="classifier")
    assert found.fidelity.agreement.value > 0.9
    assert found.answer == "refused"


def test_the_learning_curve_rises_and_says_what_the_probe_is_worth():
    rng = np.random.default_rng(0)
    z = rng.normal(size=(500, 30))
    a, b = z @ rng.normal(size=(30, 30)), z @ rng.normal(size=(30, 40))
    wanted = (z[:, 0] + 0.3 * rng.normal(size=500) > 0).astype(int)
    weights = np.linalg.lstsq(a, z[:, 0], rcond=None)[0]
    curve = cj.transfer(weights, a, b, targets=wanted).curve
    scores = [one.score.value for one in curve.retrained]
    assert [one.labels for one in curve.retrained] == [10, 20, 50, 100, 200, 450]
    assert scores[-1] > scores[2] > scores[0] > 0.5
    assert abs(curve.carried.value - curve.on_a.value) < 0.02
    assert curve.worth is None or curve.worth >= 100
    assert curve.worth_low <= (curve.worth or 450)


def test_values_are_scored_by_the_variance_told():
    curve = cj.transfer(WEIGHTS, A, B, targets=A @ WEIGHTS).curve
    assert curve.what == "explained"
    assert curve.on_a.value == 1.0
    assert curve.retrained[-1].score.value > 0.99


def test_targets_that_do_not_belong_to_the_probe_are_left_out_and_said():
    found = cj.transfer(WEIGHTS, A, B, targets=np.arange(ROWS) % 7 - 3)
    assert found.curve is not None  # values of one column
    found = cj.transfer(np.eye(4)[:, :2], A, B, targets=np.arange(ROWS) % 7)
    assert found.curve is None
    assert "targets are not used" in str(found)


@pytest.mark.parametrize("most", [9, 10, 11, 1000, 2500])
def test_numbers_of_labels_end_with_all(most):
    found = list(counts(most))
    assert found == sorted(set(found))
    assert found[-1] == most


def test_a_direction_through_a_linear_map_is_the_jacobian_times_it(tmp_path):
    direction = np.array([1.0, 2.0, 0.0, -1.0])
    found = cj.transfer(direction, A, B, kind="steering")
    np.testing.assert_allclose(found.carried, direction @ np.linalg.solve(mixing(1), mixing(2)), rtol=1e-3, atol=1e-3)
    assert found.steered.scattered.unexplained == 0.0
    with np.load(found.save(tmp_path / "direction.npz")) as kept:
        np.testing.assert_array_equal(kept["direction"], found.carried)


def test_a_direction_that_b_does_not_have_is_refused():
    z = latents(3)
    found = cj.transfer(np.eye(4)[3], z, z[:, :3] @ mixing(4, 3, 6), kind="steering")
    assert (found.answer, found.carried) == ("refused", None)


def test_a_direction_that_turns_from_row_to_row_is_refused():
    """B goes twice around while A goes once: what a step of A is in B points everywhere."""
    angle = np.random.default_rng(0).uniform(0, 2 * np.pi, 400)
    radius = 1 + 0.2 * np.random.default_rng(1).normal(size=400)
    a = np.column_stack([angle - np.pi, radius])
    b = radius[:, None] * np.column_stack([np.cos(angle), np.sin(angle)])
    found = cj.transfer(np.array([1.0, 0.0]), a, b, kind="steering", map="smooth")
    assert found.answer == "refused"
    assert found.steered.scattered.low > 0.9


def test_the_part_of_a_direction_where_nothing_varies_is_told():
    a = np.column_stack([A, np.zeros(ROWS)])
    found = cj.transfer(np.array([1.0, 0.0, 0.0, 0.0, 1.0]), a, B, kind="steering")
    assert "50 % of the direction's squared length" in str(found)


def test_a_copy_that_learned_nothing_is_told_beside():
    found = cj.transfer(WEIGHTS, A, B, untrained_b=np.random.default_rng(9).normal(size=B.shape))
    (control,) = found.controls
    assert control.control == "untrained"
    assert control.left.low > 0.8
    assert "more than B, which learned it" in str(found)


def test_a_smooth_map_that_makes_the_reading_anew_is_refused():
    """B kept its inputs and nothing more: a smooth map learns any function of them, and does so from an untrained copy too."""
    z = latents(0, 600, 2)
    a = np.tanh(2 * z @ mixing(1, 2, 2))
    b, copy = (np.tanh(z @ np.random.default_rng(seed).normal(size=(2, 30)) / 2) for seed in (4, 5))
    probe = np.array([1.0, 1.0])
    alone = cj.transfer(probe, a, b, map="smooth")
    assert (alone.answer, alone.fidelity.rung) == ("carried", "smooth")
    assert "may make the reading again" in str(alone)
    beside = cj.transfer(probe, a, b, map="smooth", untrained_b=copy)
    assert (beside.answer, beside.carried) == ("refused", None)
    assert "B itself is within the limit" in str(beside)


def test_live_networks_are_recorded_and_have_copies():
    torch.manual_seed(0)
    first, second = (
        torch.nn.Sequential(torch.nn.Linear(4, 6), torch.nn.Tanh(), torch.nn.Linear(6, 2)) for _ in range(2)
    )
    x = latents().astype(np.float32)
    found = cj.transfer(np.ones(6), first, second, stimuli=x, layers="1")
    assert found.layers == ("1", "1")
    assert {one.control for one in found.controls} == {"untrained", "shuffled"}
    with pytest.raises(InputError, match="live networks need stimuli: transfer"):
        cj.transfer(np.ones(6), first, second)


def test_the_record_the_table_and_the_short_form():
    found = cj.transfer(WEIGHTS, A, B, targets=(A @ WEIGHTS > 0).astype(int))
    record = found.to_dict()
    assert (record["transfer"], record["exit_code"], record["schema"]) == ("carried", 0, 1)
    assert "carried" not in record
    assert found.summary().loc["untold", "value"] == found.fidelity.unexplained.unexplained
    assert repr(found).startswith("<probe carried: a to b")
    again = cj.transfer(WEIGHTS, A, B, targets=(A @ WEIGHTS > 0).astype(int)).to_dict()
    assert {**record, "seconds": 0} == {**again, "seconds": 0}


@pytest.mark.parametrize(
    ("probe", "error", "said"),
    [
        (np.ones(5), ShapeError, "weights of 5 units, and layer 'activations' of A has 4"),
        (np.ones((2, 4)), ShapeError, "transpose of a torch weight"),
        (np.array([1.0, np.nan, 0.0, 0.0]), NotFiniteError, "NaN"),
        (np.array(list("abcd")), InputError, "expected numbers"),
        (3, InputError, "expected weights"),
        ((np.ones((1, 4)), np.ones(3)), ShapeError, "bias of shape"),
        ((1, 2, 3), InputError, "expected .weight, bias"),
        ({"w": np.ones(4)}, InputError, "expected `weight`"),
        (np.zeros(4), InputError, "says the same for all stimuli"),
        (lambda rows: rows[:3], ShapeError, "expected numbers, .300"),
        (lambda rows: rows[:, 0] / 0.0 * np.inf, NotFiniteError, "NaN"),
        (np.ones((2, 2, 2)), ShapeError, "expected .n,. or"),
    ],
)
@pytest.mark.filterwarnings("ignore:divide by zero", "ignore:invalid value")
def test_what_is_no_probe_is_refused_in_words(probe, error, said):
    with pytest.raises(error, match=said):
        cj.transfer(probe, A, B)


def test_files_are_not_trusted(tmp_path):
    import pickle

    (tmp_path / "probe.npz").write_bytes(pickle.dumps(WEIGHTS))
    np.savez(tmp_path / "objects.npz", weight=np.array([{}], dtype=object))
    for name in ("probe.npz", "objects.npz", "missing.npz"):
        with pytest.raises(ConjugacyError, match=name):
            cj.transfer(tmp_path / name, A, B)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"kind": "head"}, "kind"),
        ({"map": "any"}, "map"),
        ({"tolerance": 1.5}, "tolerance"),
        ({"controls": "no"}, "controls"),
        ({"rows": "some"}, "rows"),
        ({"kind": "steering"}, "expected one direction"),
    ],
)
def test_wrong_settings_are_refused_in_words(wrong, said):
    with pytest.raises(InputError, match=said):
        cj.transfer(np.eye(4)[:, :2], A, B, **wrong)


def test_a_direction_of_many_like_units_is_no_better_than_a_random_one():
    """Each latent is in ten units of A: one unit alone is hardly what A's states do, and all else moves B as far."""
    rng = np.random.default_rng(2)
    z = latents(7)
    a = np.repeat(z, 10, axis=1) + 0.01 * rng.normal(size=(ROWS, 40))
    b = z @ mixing(2)
    one = cj.transfer(np.eye(40)[0], a, b, kind="steering")
    assert (one.answer, one.carried) == ("refused", None)
    assert one.steered.read.left.high < 0.01  # the maps hold
    assert one.steered.moved.value == pytest.approx(0.1, abs=0.02)  # closed form: one of ten like units
    assert one.steered.p_random > 0.05
    assert "cannot be told from a random one" in str(one)
    assert "hardly in them" in str(one)
    whole = cj.transfer(np.repeat(np.eye(4)[0], 10), a, b, kind="steering")
    assert whole.answer == "carried"
    assert whole.steered.moved.value == pytest.approx(1.0, abs=0.02)
    assert whole.steered.moved.null == pytest.approx(0.674 / np.sqrt(40), rel=0.3)  # |cosine| with a random direction
    assert whole.steered.p_random == 1 / 200


def test_a_direction_that_a_copy_carries_too_is_refused():
    direction = np.array([1.0, 2.0, 0.0, -1.0])
    noise, like = np.random.default_rng(9).normal(size=B.shape), latents() @ mixing(6)
    apart = cj.transfer(direction, A, B, kind="steering", untrained_b=noise)
    assert (apart.answer, apart.controls[0].answer) == ("carried", "refused")
    assert "untrained copy of B does not carry the direction" in str(apart)
    alike = cj.transfer(direction, A, B, kind="steering", untrained_b=like)
    assert (alike.answer, alike.carried, alike.controls[0].answer) == ("refused", None, "carried")
    assert "says nothing of what B learned" in str(alike)
    assert cj.transfer(direction, A, B, kind="steering", untrained_b=like, controls="none").answer == "carried"


def test_numbers_of_a_direction_and_of_its_controls_are_in_table_and_record():
    found = cj.transfer(np.array([1.0, 2.0, 0.0, -1.0]), A, B, kind="steering")
    table = found.summary()
    assert table.loc["moves what is read, of the way in A", "value"] == pytest.approx(1.0, abs=0.01)
    assert table.loc["the same of random directions", "high"] < 1.0
    record = found.to_dict()["steered"]
    assert record["p_random"] == 1 / 200
    assert record["moved"]["value"] == pytest.approx(1.0, abs=0.01)
    assert "no copy of B that learned nothing" in str(found)
    only = cj.transfer([1.0], A[:, :1], A[:, :2], kind="steering")
    assert only.steered.random is None
    assert "one unit" in str(only)
