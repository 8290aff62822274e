"""Of very many rows a pair is judged on a part, the same in both networks and under any order, and says so."""

import numpy as np
import pytest

import conjugacy as cj
from conjugacy.comparison import part
from conjugacy.comparison.part import drawn
from conjugacy.numerics.hashed import hashed


@pytest.fixture
def few(monkeypatch):
    monkeypatch.setattr(part, "MOST_ROWS", 300)


def pair(m=800, n=6):
    rng = np.random.default_rng(0)
    x = rng.standard_normal((m, n))
    return x, x @ np.linalg.qr(rng.standard_normal((n, n)))[0]


def test_the_part_is_said_where_the_answer_stands(few):
    found = cj.compare(*pair())
    axis = found.verdict.representation
    assert (axis.answer, axis.rung) == ("equivalent", "rotation")
    assert any(said.startswith("judged on 300 of 800 matched rows") for said in axis.warnings)
    assert found.n_samples == 800
    assert found.to_dict()["settings"]["rows_judged"] == 300


def test_all_rows_are_judged_where_they_are_not_too_many():
    found = cj.compare(*pair(300))
    assert not any("judged on" in said for said in found.verdict.representation.warnings)
    assert "rows_judged" not in found.to_dict()["settings"]


@pytest.mark.parametrize("ids", [np.arange(800) * 3 + 1, np.array([f"stimulus {i}" for i in range(800)])])
def test_the_order_of_rows_does_not_matter(few, ids):
    a, b = pair()
    order = np.random.default_rng(1).permutation(800)
    one = cj.compare(cj.Activations(a, stimuli=ids), cj.Activations(b, stimuli=ids))
    other = cj.compare(cj.Activations(a[order], stimuli=ids[order]), cj.Activations(b, stimuli=ids))
    rungs = [found.verdict.representation.rungs for found in (one, other)]
    for left, right in zip(*rungs, strict=True):
        assert left.a_to_b.unexplained == pytest.approx(right.a_to_b.unexplained, rel=1e-9, abs=1e-12)


def test_rows_outside_the_part_that_alone_differ_are_looked_at(few):
    a, _ = pair()
    b = a.copy()
    outside = np.setdiff1d(np.arange(800), drawn(hashed(np.arange(800)), np.arange(800), 300))
    b[outside[:5]] += 3.0
    axis = cj.compare(a, b).verdict.representation
    assert axis.rungs[0].a_to_b.unexplained > 0
    assert any("and 5 of the 5 in which alone the networks differ" in said for said in axis.warnings)
    same = cj.compare(a, a.copy()).verdict.representation
    assert same.rung == "identity"
    assert same.rungs[0].a_to_b.unexplained == 0


def test_drop_in_counts_all_rows(few):
    values = np.random.default_rng(0).standard_normal((800, 3))
    changed, judged = values.copy(), drawn(hashed(np.arange(800)), np.arange(800), 300)
    outside = np.setdiff1d(np.arange(800), judged)[:7]
    changed[outside] *= -1.0
    found = cj.compare({"outputs": values}, {"outputs": changed}).drop_in
    assert {one.rows for one in found.identity} == {800}
    assert found.n_changed > 0


def test_small_groups_are_drawn_whole_and_large_ones_row_by_row(monkeypatch):
    monkeypatch.setattr(part, "GROUPS", 50)
    keys, small, large = hashed(np.arange(1000)), np.arange(1000) // 4, np.arange(1000) // 100
    chosen = drawn(keys, small, 301)
    assert len(chosen) == 300
    assert set(np.bincount(small[chosen], minlength=250)) == {0, 4}
    assert len(np.unique(large[drawn(keys, large, 301)])) == 10
