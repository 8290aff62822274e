"""What people bring, through the public door: each pair once answered wrongly, or not at all."""

import numpy as np
import pytest

import conjugacy as cj

M, FEW = 1000, 400  # few where maps are fitted: enough for the margins
NO = dict.fromkeys(("partly", "unrelated", "not equivalent", "partly related"), "no")


def outputs(values, name="net", **settings):
    arrays = values if isinstance(values, dict) else {"outputs": values}
    return cj.Recording.from_arrays(arrays, name=name, stimuli=np.arange(len(next(iter(arrays.values())))), **settings)


def said(a, b, **settings):
    """Both answers in a word each, with the sentences."""
    found = cj.gate(a, b, require=["drop-in=yes", "same-task=yes"], **settings)
    why = found.conditions[1].why
    word = why.partition(":")[0].partition(",")[0]
    return found.drop_in.answer, NO.get(word, word), f"{found.conditions[0].why} {why}"


def scores(rng, classes=10, error=0.01, m=M, sharp=8.0):
    """Targets, and logits that are wrong on a share of the rows."""
    truth = rng.integers(0, classes, m)
    chosen = np.where(rng.random(m) < error, (truth + rng.integers(1, classes, m)) % classes, truth)
    return truth, sharp * np.eye(classes)[chosen] + rng.standard_normal((m, classes))


def erring(rng, truth, classes, error):
    chosen = np.where(rng.random(len(truth)) < error, (truth + rng.integers(1, classes, len(truth))) % classes, truth)
    return 8.0 * np.eye(classes)[chosen] + rng.standard_normal((len(truth), classes))


def test_one_class_shifted(rng):
    truth, a = scores(rng)
    b = a.copy()
    b[:, 7] -= 3 * a[:, 7].std()
    drop_in, same, why = said(*(outputs(x, output_kind="logits", targets=truth) for x in (a, b)))
    assert (drop_in, same) == ("no", "undecided")
    assert "class 7" in why


def test_a_copy_that_changed_its_choice_on_many_rows(rng):
    truth, a = scores(rng)
    b = np.where(rng.random((M, 1)) < 0.42, a[rng.permutation(M)], a) + 3 * rng.standard_normal((M, 10))
    drop_in, _, why = said(*(outputs(x, output_kind="logits", targets=truth) for x in (a, b)))
    assert drop_in == "no"
    assert "record more stimuli" not in why


@pytest.mark.parametrize("error", [0.05, 0.14, 0.24])
def test_two_that_err_independently(rng, error):
    truth, a = scores(rng, error=error)
    b = erring(rng, truth, 10, error)
    drop_in, same, _ = said(*(outputs(x, output_kind="logits", targets=truth) for x in (a, b)))
    assert (drop_in, same) == ("no", "yes")


@pytest.mark.parametrize("redrawn", ["outputs.boxes", "outputs[1]"])
def test_one_of_several_outputs_redrawn(rng, redrawn):
    truth, logits = scores(rng, m=FEW)
    heads = {
        "outputs.scores": logits,
        "outputs.boxes": rng.standard_normal((FEW, 4)),
        "outputs[1]": rng.standard_normal((FEW, 3)),
    }
    other = heads | {redrawn: rng.standard_normal(heads[redrawn].shape)}
    kinds = {"outputs.scores": "logits", "outputs.boxes": "regression", "outputs[1]": "regression"}
    a, b = (outputs(x, output_kind=kinds, targets=truth) for x in (heads, other))
    drop_in, same, why = said(a, b)
    assert (drop_in, same) == ("no", "no")
    assert redrawn in why
    assert said(a, b, output="scores")[:2] == ("yes", "yes")


@pytest.mark.parametrize("value", [-1e4, -65504.0, -1e9, -np.inf])
def test_a_class_masked_in_both_and_all_else_scrambled(rng, value):
    truth, a = scores(rng)
    b = a[rng.permutation(M)]
    for x in (a, b):
        x[::2, 3] = value
    assert said(*(outputs(x, output_kind="logits", targets=truth) for x in (a, b)))[:2] == ("no", "no")
    assert said(*(outputs(x, output_kind="logits", targets=truth) for x in (a, a.copy())))[:2] == ("yes", "yes")


def test_a_column_of_minus_infinity(rng):
    truth, a = scores(rng)
    a[:, 4] = -np.inf
    assert said(*(outputs(x, output_kind="logits", targets=truth) for x in (a, a - 1)))[:2] == ("yes", "yes")


def test_a_shift_of_rows_and_a_temperature(rng):
    truth, a = scores(rng)
    shifted = a + rng.standard_normal((M, 1))
    for b in (shifted, a / 3):
        assert said(*(outputs(x, output_kind="logits", targets=truth) for x in (a, b)))[:2] == ("yes", "yes")
    undeclared = cj.gate(outputs(a[:300]), outputs(shifted[:300]), require=["same-task=yes"])
    assert undeclared.outcome != "passed"
    warnings = cj.compare(outputs(a[:300]), outputs(shifted[:300])).verdict.function.warnings
    assert any("output_kind 'logits'" in warning for warning in warnings)


def test_sigmoids_of_many_bins_and_of_one(rng):
    truth = rng.integers(0, 360, FEW)
    bins = np.exp(-0.5 * ((np.arange(360) - truth[:, None]) / 3) ** 2)
    near = np.clip(bins + 1e-4 * rng.standard_normal(bins.shape), 0, 1)
    assert said(outputs(bins), outputs(near))[:2] == ("yes", "yes")
    assert cj.gate(outputs(bins), outputs(bins[rng.permutation(FEW)])).drop_in.answer == "no"
    speech = 1 / (1 + np.exp(-6 * rng.standard_normal((FEW, 1))))
    assert said(outputs(speech), outputs(np.clip(speech + 1e-4, 0, 1)))[:2] == ("yes", "yes")
    assert said(outputs(speech), outputs(1 - speech))[:2] == ("no", "undecided")


def test_both_lines_decide_sigmoids_at_one_threshold(rng):
    yes = rng.random((400, 3)) < 0.1
    a = np.where(yes, 0.95, 0.05) + 0.02 * rng.random((400, 3))
    b = a.copy()
    between = rng.permutation(400)[:60]  # side by side they would be a series
    a[between, 1], b[between, 1] = 0.65, 0.75
    two = [outputs(x, output_kind="sigmoids") for x in (a, b)]
    assert said(*two)[:2] == ("yes", "yes")
    drop_in, same, why = said(*two, margins={"threshold": 0.7})
    assert (drop_in, same) == ("no", "undecided")
    assert "column 1" in why
    found = cj.compare(*two, margins={"threshold": 0.7}).verdict.function
    assert found.answer == "undecided"
    assert "a sigmoid says yes from 0.7 on, as asked" in found.warnings
    # one sigmoid beside labels
    chosen = rng.integers(0, 2, 400)
    one = np.where(chosen == 1, 0.8, np.where(rng.random(400) < 0.5, 0.6, 0.1))[:, None]
    two = outputs(chosen[:, None], output_kind="labels"), outputs(one, output_kind="sigmoids")
    assert said(*two, margins={"threshold": 0.7})[:2] == ("yes", "yes")
    assert "yes" not in said(*two)[:2]


def test_classes_that_are_never_used_are_not_what_two_networks_share(rng):
    # two tasks over other halves of 50 classes; the rest is never used by either
    p = []
    for _ in range(2):
        logits = np.full((M, 50), -30.0) + 1e-3 * rng.standard_normal((M, 50))
        logits[:, :8] = 6 * np.eye(8)[rng.integers(0, 8, M)] + rng.standard_normal((M, 8))
        p.append(np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True))
    axis = cj.compare(outputs(p[0][:400]), outputs(p[1][:400])).verdict.function
    assert axis.answer == "unrelated"
    assert all(r.a_to_b.unexplained is None or r.a_to_b.unexplained > 0.9 for r in axis.rungs)


def test_renamed_classes_and_two_merged(rng):
    truth, a = scores(rng)
    order = np.roll(np.arange(10), 1)
    renamed = outputs(a[:, order], output_kind="logits", targets=np.argsort(order)[truth])
    own = outputs(a, output_kind="logits", targets=truth)
    drop_in, same, why = said(own, renamed)
    assert (drop_in, same) == ("no", "yes")
    assert "after one renaming" in why
    b = a.copy()
    b[:, 0], b[:, 1] = np.maximum(a[:, 0], a[:, 1]), -20.0
    assert said(own, outputs(b, output_kind="logits", targets=np.where(truth == 1, 0, truth)))[:2] == ("no", "one way")


def test_few_bad_rows_are_named_not_averaged_away(rng):
    a = rng.standard_normal((400, 3))
    b = a + 1e-3 * rng.standard_normal((400, 3))
    b[[3, 77, 200, 399]] += 3.0
    found = cj.gate(outputs(a), outputs(b)).drop_in
    assert {row.position for row in found.rows} >= {3, 77, 200, 399}
    assert found.n_changed == 4


def test_weights_and_outputs_that_are_equal_are_said(rng):
    a = rng.standard_normal((200, 3))
    same = cj.gate(*(outputs(a, provenance={"weights_sha256": "f00"}) for _ in range(2)))
    assert (same.drop_in.bit_equal, same.drop_in.equal_weights) == (True, True)
    assert "equal to the last bit" in str(same)


def test_answers_mirror_where_the_networks_change_places(rng):
    truth, a = scores(rng, error=0.05)
    mirror = {"no": "no", "yes": "yes", "one way": "one way", "undecided": "undecided"}
    for b in (erring(rng, truth, 10, 0.05), a[:, np.roll(np.arange(10), 2)], np.where(np.arange(10) == 7, a - 9, a)):
        nets = [outputs(x, output_kind="logits", targets=truth) for x in (a, b)]
        assert said(*nets[::-1])[1] == mirror[said(*nets)[1]]
        rows = rng.permutation(M)
        mixed = [
            cj.Recording.from_arrays({"outputs": x[rows]}, stimuli=rows, output_kind="logits", targets=truth[rows])
            for x in (a, b)
        ]
        assert said(*mixed)[:2] == said(*nets)[:2]
