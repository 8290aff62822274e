"""What the study of learning rules rests on: neighbours, progress without time, errors that go back through other weights."""

import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from scipy.spatial.distance import cdist

sys.path.insert(0, str(Path(__file__).parents[2] / "examples" / "dynamics"))
from rule_distances import Observed
from told_apart import QUESTIONS, Design, share, silhouette
from trained_by import Back, of_update

DESIGN = Design.crossed(rules=4, tasks=2, architectures=2, rates=3, copies=3)


def by(*values):
    return sum(cdist(v[:, None], v[:, None], "cityblock") * w for v, w in values)


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_distance_that_is_the_rule_is_always_right(question):
    found = share(by((DESIGN.rule, 1.0)), DESIGN, question, draws=20)
    assert (found.value, found.low, found.high) == (1.0, 1.0, 1.0)
    assert found.chance < 0.5


def test_a_distance_that_is_the_rate_is_lured_by_decoys_and_else_at_chance():
    d = by((DESIGN.rate, 1.0)) + np.random.default_rng(0).uniform(0, 1e-3, (144, 144))
    assert share(d, DESIGN, "rate, decoys", draws=20).value == 0.0
    assert share(d, DESIGN, "rate", draws=20).value == pytest.approx(0.25, abs=0.12)
    assert abs(silhouette(d, DESIGN)) < 0.2


def test_candidates_leave_out_what_they_say():
    held, lured = (DESIGN.candidates(q) for q in ("rate", "rate, decoys"))
    same_rate, same_rule = (v[:, None] == v for v in (DESIGN.rate, DESIGN.rule))
    assert not (held & same_rate).any()
    assert (lured & same_rate & ~same_rule).any()
    assert not (lured & same_rate & same_rule).any()
    assert not (held & (DESIGN.task[:, None] != DESIGN.task)).any()


def test_names_exchanged_keep_copies_together_and_shuffled_ones_do_not():
    rng = np.random.default_rng(1)
    other, apart = DESIGN.relabelled(rng), DESIGN.shuffled(rng)
    assert all(len(np.unique(other.rule[DESIGN.training == t])) == 1 for t in np.unique(DESIGN.training))
    assert any(len(np.unique(apart.rule[DESIGN.training == t])) > 1 for t in np.unique(DESIGN.training))
    assert (np.bincount(apart.rule) == np.bincount(DESIGN.rule)).all()


def test_one_path_at_two_speeds_is_one_course_by_progress():
    t = np.arange(401.0)
    rates = np.array([0.01, 0.03])[:, None]
    losses = 2.0 * np.exp(-rates * t)
    path = np.stack([losses**2, np.sqrt(losses)], axis=2)
    both = Observed(path, losses, np.zeros(2, int), np.ones((2, 2), bool))
    slow, fast = both.at_progress(path)
    assert np.abs(slow - fast).max() < 1e-3 * np.ptp(path)
    assert np.abs(path[0] - path[1]).max() > 0.3 * np.ptp(path)


def test_errors_go_back_through_the_given_weights_and_weights_learn_from_them():
    g = torch.Generator().manual_seed(0)
    x, w, b = (torch.randn(2, *s, generator=g, requires_grad=True) for s in ((5, 3), (3, 4), (3, 4)))
    error = torch.randn(2, 5, 4, generator=g)
    to_x, to_w = torch.autograd.grad((Back.apply(x, w, b) * error).sum(), (x, w))
    exact_x, exact_w = torch.autograd.grad(((x @ w) * error).sum(), (x, w))
    assert torch.allclose(to_w, exact_w)
    assert torch.allclose(to_x, error @ b.mT)
    assert not torch.allclose(to_x, exact_x)
    assert torch.allclose(torch.autograd.grad((Back.apply(x, w, w) * error).sum(), x)[0], exact_x)


def test_shapes_of_updates_in_closed_form_and_blind_to_their_length():
    w = torch.ones(1, 4, 3)
    d = torch.zeros(1, 4, 3)
    d[0, 0, 0] = 2.0
    flatness, inputs, outputs, rank, _, growth, _, _ = of_update(w + d, w, None, w)[0].tolist()
    assert (inputs, outputs, rank) == pytest.approx((1 / 4, 1 / 3, 1 / 3))
    assert (flatness, growth) == pytest.approx((12**-0.5, 12**-0.5))
    even = of_update(w + 0.1, w, None, w)[0]
    assert even[:4].tolist() == pytest.approx([1.0, 1.0, 1.0, 1 / 3], abs=1e-4)
    longer = of_update(w + 3.0 * d, w, None, w)[0].tolist()
    assert [longer[i] for i in (0, 1, 2, 3, 5)] == pytest.approx([flatness, inputs, outputs, rank, growth])
