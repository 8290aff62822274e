"""Outputs in blocks say what they say whole; several outputs say what each says."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.special import log_softmax, softmax

from conjugacy.errors import InputError
from conjugacy.results import DropIn, Margins
from conjugacy.verdict.drop_in import all_heads, by_holm, from_blocks, judge_drop_in


def test_blocks_say_the_same(given, classifier, rng, monkeypatch):
    scores, wanted = classifier
    b, groups = scores + 0.3 * rng.standard_normal(scores.shape), np.arange(2000) // 8
    whole = judge_drop_in(given(scores, b, targets=wanted, clusters=groups))
    cut = ((scores[i : i + 130], b[i : i + 130], wanted[i : i + 130]) for i in range(0, 2000, 130))
    found = from_blocks(cut, groups=groups)
    for name in (
        "answer",
        "reasons",
        "churn",
        "error_change",
        "class_errors",
        "right_to_wrong",
        "n_changed",
        "warnings",
    ):
        assert getattr(found, name) == getattr(whole, name), name
    assert [e.value for e in found.evidence] == pytest.approx([e.value for e in whole.evidence])
    monkeypatch.setattr("conjugacy.verdict.drop_in.decisions.CELLS", 700)
    assert judge_drop_in(given(scores, b, targets=wanted, clusters=groups)).churn == whole.churn


@pytest.mark.parametrize("kind", ["logits", "probabilities"])
def test_divergence_and_loss_are_those_of_scipy(given, classifier, rng, kind):
    scores, wanted = classifier
    b = 1.3 * scores + 0.2 * rng.standard_normal(scores.shape)
    p, q = log_softmax(scores, axis=1), log_softmax(b, axis=1)
    outputs = (scores + 1e6, b - 1e6) if kind == "logits" else (softmax(scores, axis=1), softmax(b, axis=1))
    found = {e.name: e for e in judge_drop_in(given(*outputs, kind, wanted)).evidence}
    divergence = (np.exp(p) * (p - q)).sum(axis=1)
    assert found["kl_divergence"].value == pytest.approx(divergence.mean(), rel=1e-6)
    half = 1.96 * divergence.std() / np.sqrt(2000)
    assert found["kl_divergence"].high - found["kl_divergence"].value == pytest.approx(half, rel=0.01)
    rows = np.arange(2000)
    assert found["loss_change"].value == pytest.approx((p - q)[rows, wanted].mean(), abs=1e-7)


def test_a_row_that_rules_out_all_and_a_class_that_b_alone_rules_out(given, classifier):
    scores, _ = classifier
    a, b = scores.copy(), scores.copy()
    a[0], b[0], b[1:4, 2] = -np.inf, -np.inf, -np.inf
    found = judge_drop_in(given(a, b))
    assert found.evidence[0].value == 0
    assert any("on 3 rows B rules out" in w for w in found.warnings)


@pytest.mark.parametrize("scale", [1e4, 1e300])
def test_huge_scores_are_neither_masks_nor_shifted(given, classifier, scale):
    scores, _ = classifier
    found = judge_drop_in(given(scale * scores, 1.5 * scale * scores))
    assert found.answer == "yes"
    assert not any("shifted" in w for w in found.warnings)


def test_more_than_a_thousand_classes_with_rows_are_not_told_one_by_one():
    rng = np.random.default_rng(0)
    a = rng.standard_normal((1500, 1500)).astype(np.float32)
    found = from_blocks([(a, a + 1, np.arange(1500))])
    assert found.class_errors == ()
    assert found.error_change.value == 0
    assert any("1500 classes have rows" in w for w in found.warnings)


def test_blocks_that_do_not_fit_are_refused():
    x = np.zeros((4, 3))
    with pytest.raises(InputError, match="no rows"):
        from_blocks([])
    with pytest.raises(InputError, match="block 0"):
        from_blocks([(x, x[:3])])
    with pytest.raises(InputError, match="groups: got 3"):
        from_blocks([(x, x)], groups=np.zeros(3))
    with pytest.raises(InputError, match="kinds"):
        from_blocks([(x, x)], ("regression", "regression"))


def test_targets_that_do_not_fit_one_block_are_left_out_of_all(rng):
    x = rng.standard_normal((400, 3))
    found = from_blocks([(x, x, np.zeros(400, int)), (x, x, np.full(400, 9)), (x, x, np.zeros(400, int))])
    assert found.error_change is None
    assert sum("the targets are left out" in w for w in found.warnings) == 1


@pytest.fixture
def heads(given, classifier):
    scores, _ = classifier

    def build(*shifts):
        found = []
        for name, shift in shifts:
            b = scores.copy()
            b[:, 0] += shift
            found.append(judge_drop_in(given(scores, b, head=name)))
        return found

    return build


def test_any_head_that_is_broken_decides(heads):
    found = all_heads(heads(("boxes", 0.0), ("scores", 9.0), ("masks", 8.0)))
    assert (found.answer, found.head) == ("no", "scores")
    assert found.reasons[0].startswith("output scores: decisions change on")
    assert any("masks" in r for r in found.reasons)
    assert [h.head for h in found.heads] == ["boxes", "scores", "masks"]


def test_all_heads_inside_tell_the_one_that_is_nearest_to_its_margin(heads):
    found = all_heads(heads(("boxes", 0.0), ("scores", 0.5)))
    assert (found.answer, found.head) == ("yes", "scores")
    assert found.churn == found.heads[1].churn
    assert not found.bit_equal


def test_open_heads_and_untested_ones(heads, given, classifier):
    scores, _ = classifier
    few = judge_drop_in(given(scores[:30], scores[:30], head="aux"))
    missing = DropIn.not_tested("B has no such output")
    found = all_heads([*heads(("boxes", 0.0)), few, missing])
    assert (found.answer, found.head) == ("undecided", "aux")
    assert any("not tested" in w for w in found.warnings)
    assert all_heads([few]) is few
    assert all_heads([missing, missing]).answer == "not_tested"
    assert all_heads([]).answer == "not_tested"


def test_margins_travel_with_the_record(given, classifier):
    scores, _ = classifier
    margins = Margins(churn=0.2)
    assert judge_drop_in(given(scores, scores, margins=margins)).margins == margins


def at_the_margin(given, rng, heads):
    """Classifiers whose decisions change on 5 % of the rows, which is the margin."""
    for _ in range(heads):
        a = rng.integers(0, 4, (2000, 1))
        yield given(a, np.where(rng.random((2000, 1)) < 0.05, (a + 1) % 4, a), "labels")


@pytest.mark.slow
def test_ten_heads_at_the_margin_are_seldom_refuted(given):
    def told(seed):
        heads = dict(enumerate(at_the_margin(given, np.random.default_rng(seed), 10)))
        levels = {str(i): one.level for i, one in heads.items()}
        return all_heads(
            list(by_holm(levels, lambda i, level: judge_drop_in(replace(heads[int(i)], level=level))).values())
        )

    answers = [told(seed).answer for seed in range(120)]
    assert (
        answers.count("no") <= 7
    )  # 2.5 % and two and a half standard errors; each at the full level: about one in six
    assert answers.count("yes") == 0


def test_a_no_leaves_its_share_to_the_others():
    limits = {"a": 0.004, "b": 0.008, "c": 0.02, "d": 1.0}

    def judge(name, level):
        return DropIn("no" if limits[name] <= level else "undecided", ())

    found = by_holm(dict.fromkeys(limits, 0.025), judge)
    assert [one.answer for one in found.values()] == ["no", "no", "undecided", "undecided"]
