"""Rows that depend on each other, and no groups= are given: what a comparison, a gate and the measure make of them."""

import numpy as np
import pytest

import conjugacy as cj
from conjugacy.errors import InputError

pytestmark = pytest.mark.usefixtures("short_curves")
M = 160


def series(rho, rng, m=M, d=4):
    x = rng.standard_normal((m, d))
    for i in range(1, m):
        x[i] += rho * x[i - 1]
    return x


def codes(rng, order):
    return rng.standard_normal((20, 8))[order] + 0.02 * rng.standard_normal((len(order), 8))


def answer(a, b, **options):
    return cj.get_measure("verdict", **options)(a, b).details["answer"]


@pytest.mark.parametrize("rho", [0.5, 0.9, 1.0])
def test_unrelated_series_are_not_related(rho, rng):
    assert answer(series(rho, rng), series(rho, rng)) in ("unrelated", "not_equivalent", "undecided")


def test_too_few_blocks_leave_it_open_and_say_what_to_give(rng):
    a, b = series(1.0, rng), series(1.0, rng)
    found = cj.compare(a, b).verdict.representation
    assert found.answer == "undecided"
    assert found.reasons[0].about == "rows"
    assert "rows would do" in found.reasons[0]
    assert "groups=" in found.reasons[0]
    assert answer(a, b) == "undecided"


def test_a_series_against_itself_is_the_same(rng):
    x = series(1.0, rng)
    assert cj.get_measure("verdict")(x, x).details["rung"] == "identity"


def test_codes_that_repeat_say_nothing_of_unseen_ones(rng):
    order = rng.permutation(np.arange(M) % 20)
    a, b = codes(rng, order), codes(rng, order)
    found = cj.compare(a, b).verdict.representation
    assert found.answer == answer(a, b) == "undecided"
    assert (
        "the 20 states that repeat correspond one to one, and nothing carries over to unseen ones" in found.reasons[0]
    )
    assert "near repeats" in found.warnings[0]
    assert answer(a, b, rows="independent") == "equivalent"
    told = [cj.Activations(x, groups=order) for x in (a, b)]
    assert answer(*told) == "not_equivalent"  # twenty groups refute a map, and could not show a small relation


def test_a_relation_is_seen_through_blocks(rng):
    a = series(0.5, rng, 300)
    b = a @ np.linalg.qr(rng.standard_normal((4, 4)))[0]
    found = cj.compare(a, b).verdict.representation
    assert (found.answer, found.rung) == ("equivalent", "rotation")
    assert "neighbouring rows depend on each other over about" in found.warnings[0]


def drifting(rng, share=0.5, m=300, d=3):
    slow = np.cumsum(rng.standard_normal((m, d)), axis=0)
    slow = (slow - slow.mean(axis=0)) / slow.std(axis=0)
    return np.sqrt(1 - share) * rng.standard_normal((m, d)) + np.sqrt(share) * slow


def seen(x, rng):
    return np.tanh(x @ rng.standard_normal((x.shape[1], 24)))


def test_errors_that_forget_faster_than_states_carry_an_interval(rng):
    x = drifting(rng)
    found = cj.compare(seen(x, rng), seen(x, rng)).verdict.representation
    assert found.answer == "equivalent"
    assert "depend on each other over about" in found.warnings[0]
    assert any("intervals rest on" in said for said in found.warnings)
    private = seen(
        np.hstack([x, series(1.0, rng, 300, 1) / 8]), rng
    )  # what is left depends on each other as the states do
    assert answer(seen(x, rng), private) in ("undecided", "not_equivalent", "b_determines_a")


def test_what_neighbours_do_not_tell_refutes_a_map(rng):
    x, y = drifting(rng, 0.3), drifting(rng, 0.3)
    a, b = (seen(np.hstack([x[:, :2], own]), rng) for own in (x[:, 2:], y[:, 2:]))
    found = cj.compare(a, b).verdict.representation
    assert found.answer in ("not_equivalent", "partly_related")
    smooth = next(one for one in found.rungs if one.rung == "smooth")
    assert smooth.status == "fails"
    assert min(smooth.a_to_b.low, smooth.b_to_a.low) > 0.05


def test_outputs_are_looked_at_too(rng):
    a, b = (cj.Recording.from_arrays({"outputs": series(1.0, rng, d=3)}) for _ in range(2))
    found = cj.compare(a, b).verdict.function
    assert found.answer == answer(a, b, axis="function") != "equivalent"
    assert "neighbouring rows depend on each other" in " ".join((*found.reasons, *found.warnings))


def test_what_replaces_a_network_is_counted_in_blocks(rng):
    logits = 3.0 * series(0.8, rng, 400, 3)
    both = logits, logits + 0.1 * rng.standard_normal(logits.shape)
    a, b = (cj.Recording.from_arrays({"outputs": x}, output_kind="logits") for x in both)
    by_rows, found = (cj.gate(a, b, rows=rows) for rows in ("independent", None))
    churn = [one.drop_in.churn for one in (by_rows, found)]
    assert churn[0].value == churn[1].value
    assert churn[0].high < churn[1].high
    assert any("neighbouring rows" in note for note in found.notes)
    assert not any("neighbouring rows" in note for note in by_rows.notes)


def test_rows_sorted_by_class_are_no_series_where_classes_are_given(rng):
    labels = np.repeat(np.arange(4), M // 4)
    h = 2.0 * rng.standard_normal((4, 4))[labels] + rng.standard_normal((M, 4))
    turn = np.linalg.qr(rng.standard_normal((4, 4)))[0]
    layers = {"a": {"h": h}, "b": {"h": h @ turn + 0.02 * rng.standard_normal(h.shape)}}
    told, untold = (
        {name: cj.Recording.from_arrays(x, targets=labels if given else None) for name, x in layers.items()}
        for given in (True, False)
    )
    assert answer(*told.values()) == answer(*untold.values()) == "equivalent"
    assert "depend on each other over" not in str(cj.compare(*told.values()).verdict.representation.warnings)
    assert "depend on each other over" in str(cj.compare(*untold.values()).verdict.representation.warnings)
    assert len(set(cj.pairwise(told).classes().values())) == 1  # a study prepares by itself, and hands the classes on


def test_a_first_state_that_all_trials_share_leaves_them_apart(rng):
    w = 1.2 * rng.standard_normal((6, 6)) / np.sqrt(6)
    x = np.zeros((40, 6, 6))
    for t in range(1, 6):
        x[:, t] = np.tanh(x[:, t - 1] @ w + rng.standard_normal((40, 6)))
    trials = cj.Trajectories(x)
    found = cj.get_measure("verdict")(trials, cj.Trajectories(x @ np.linalg.qr(rng.standard_normal((6, 6)))[0]))
    assert found.details["answer"] == "equivalent"


def test_what_is_said_by_hand_is_checked(rng):
    x = rng.standard_normal((40, 3))
    with pytest.raises(InputError, match="rows: got 'ordered'"):
        cj.compare(x, x, rows="ordered")
    with pytest.raises(InputError, match="rows: got 'ordered'"):
        cj.gate({"outputs": x}, {"outputs": x}, rows="ordered")
    with pytest.raises(InputError, match="trials are their groups"):
        cj.compare(cj.Trajectories(x[None]), cj.Trajectories(x[None]), rows="series")
