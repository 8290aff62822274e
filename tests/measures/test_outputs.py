"""Measures on outputs against scipy, scikit-learn and brute force, and through a whole comparison."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy.spatial.distance import jensenshannon
from scipy.special import softmax
from sklearn.metrics import accuracy_score

import conjugacy as cj
from conjugacy.comparison.matched_pair import Pair, make_pair
from conjugacy.comparison.output_scores import output_scores
from conjugacy.measure import measures_of
from conjugacy.measures.agreement import RelabelledAgreement
from conjugacy.measures.disagreement import Disagreement
from conjugacy.measures.jensen_shannon import JensenShannon


def logits(rng: np.random.Generator, m: int = 80, c: int = 4) -> tuple[np.ndarray, np.ndarray]:
    x = 3 * rng.standard_normal((m, c))
    return x, x + 2 * rng.standard_normal((m, c))


def test_disagreement_is_one_minus_accuracy(rng: np.random.Generator) -> None:
    x, y = logits(rng)
    value = 1 - accuracy_score(x.argmax(axis=1), y.argmax(axis=1))
    assert 0.1 < value < 0.9
    assert Disagreement()(x, y).value == pytest.approx(value)
    assert Disagreement(kind="probabilities")(softmax(x, axis=1), softmax(y, axis=1)).value == pytest.approx(value)
    labels = [v.argmax(axis=1)[:, None] for v in (x, y)]
    assert Disagreement(kind="labels")(*labels).value == pytest.approx(value)


def test_jensen_shannon_by_scipy(rng: np.random.Generator) -> None:
    x, y = logits(rng)
    p, q = softmax(x, axis=1), softmax(y, axis=1)
    roots = jensenshannon(p, q, base=2, axis=1)
    for score in (JensenShannon()(x, y), JensenShannon(kind="probabilities")(p, q)):
        assert score.value == pytest.approx((roots**2).mean(), abs=1e-12)
        assert score.distance() == pytest.approx(roots.mean(), abs=1e-9)
    # what the softmax does not see, and certainty
    assert JensenShannon()(x + rng.standard_normal((80, 1)), y).value == pytest.approx((roots**2).mean(), abs=1e-12)
    assert JensenShannon()(1e4 * np.eye(4), 1e4 * np.roll(np.eye(4), 1, axis=0)).value == pytest.approx(1.0)


def test_no_relabelling_is_better(rng: np.random.Generator) -> None:
    x, y = logits(rng)
    y = y[:, [2, 0, 3, 1]]
    a, b = x.argmax(axis=1), y.argmax(axis=1)
    best = max(float((np.array(s)[a] == b).mean()) for s in itertools.permutations(range(4)))
    assert RelabelledAgreement()(x, y).value == pytest.approx(best)
    assert best > (a == b).mean() + 0.2
    assert RelabelledAgreement()(x, x[:, [2, 0, 3, 1]]).value == 1.0


def test_other_numbers_of_classes(rng: np.random.Generator) -> None:
    labels = rng.integers(0, 6, (200, 1))
    merged = labels // 2
    score = RelabelledAgreement(kind="labels")(labels, merged)
    assert score.value == pytest.approx(sum(max(np.bincount(labels[merged == k])) for k in range(3)) / 200)
    assert Disagreement(kind="labels")(labels, merged).value == pytest.approx((labels != merged).mean())
    with pytest.raises(cj.ConjugacyError, match="agreement"):
        Disagreement()(*(rng.standard_normal((20, c)) for c in (3, 4)))


def test_networks_that_prefer_one_class_agree_by_chance() -> None:
    found = []
    for seed in range(10):
        rng = np.random.default_rng(seed)
        a, b = ((rng.random((150, 1)) < 0.1).astype(int) for _ in range(2))
        found.append(Disagreement(kind="labels").judge(a, b, draws=40, seed=seed))
    assert max(s.value for s in found) < 0.35
    assert abs(np.mean([s.details["calibrated"] for s in found])) < 0.1


def test_promises_for_labels(rng: np.random.Generator) -> None:
    a, b = rng.integers(0, 4, (2, 90, 1))
    b = np.where(rng.random((90, 1)) < 0.6, a, b)
    for measure in (Disagreement(kind="labels"), RelabelledAgreement(kind="labels")):
        value = measure(a, b).value
        moved = {"translation": a + 3, "isotropic_scaling": 2 * a, "unit_scaling": 2 * a}
        for change, to in moved.items():
            assert (measure(to, b).value == value) == (change in measure.traits.invariances)


def test_what_is_no_output_is_refused(rng: np.random.Generator) -> None:
    x = rng.standard_normal((20, 3))
    assert Disagreement()(x, np.ones((20, 3))).status is cj.Status.DEGENERATE
    assert JensenShannon()(x, np.ones((20, 3))).status is cj.Status.DEGENERATE
    assert RelabelledAgreement()(x, np.ones((20, 3))).status is cj.Status.DEGENERATE
    for call, words in [
        (lambda: Disagreement(kind="labels")(x, x), "one column"),
        (lambda: Disagreement(kind="labels")(x[:, :1], x[:, :1]), "whole"),
        (lambda: JensenShannon()(x[:, :1], x[:, :1]), "column per class"),
        (lambda: JensenShannon(kind="probabilities")(x, x), "softmax"),
        (lambda: JensenShannon(kind="labels"), "kind"),
        (lambda: JensenShannon()(x, x[:, :2]), "3 and of 2 classes"),
    ]:
        with pytest.raises(cj.ConjugacyError, match=words):
            call()


def recording(x: np.ndarray, rng: np.random.Generator, kind: str) -> cj.Recording:
    hidden = x @ rng.standard_normal((x.shape[1], 5))
    return cj.Recording({"hidden": cj.Activations(hidden), "outputs": cj.Activations(x)}, output_kind=kind)


@pytest.mark.slow
def test_a_comparison_takes_them_of_the_output_layers(rng: np.random.Generator) -> None:
    x, y = logits(rng, m=90)
    both = [recording(v, rng, "logits") for v in (x, y)]
    names = ["cka", "disagreement", "jensen_shannon"]
    found = {s.measure: s.value for s in cj.compare(*both, measures=names).measures}
    assert set(found) == set(names)
    assert found["disagreement"] == pytest.approx(Disagreement()(x, y).value)
    assert found["jensen_shannon"] == pytest.approx(JensenShannon()(x, y).value, abs=1e-12)
    mixed = [both[0], recording(softmax(y, axis=1), rng, "probabilities")]
    scores = cj.compare(*mixed, measures=["jensen_shannon"]).measures
    assert scores[0].measure == "jensen_shannon:kind=probabilities"
    assert scores[0].value == pytest.approx(found["jensen_shannon"], abs=1e-12)
    with pytest.raises(cj.ConjugacyError, match="outputs"):
        cj.compare(x, y, measures=["disagreement"])
    with pytest.raises(cj.ConjugacyError, match="compares classes"):
        cj.compare(*(recording(v, rng, "regression") for v in (x, y)), measures=["disagreement"])


def output_pair(kind: str, outputs: tuple[np.ndarray, np.ndarray], rng: np.random.Generator) -> Pair:
    a, b = (recording(v, rng, kind) for v in outputs)
    return make_pair(a, b, match="stimuli", groups=None)


def test_a_kind_of_the_users_own_stays(rng: np.random.Generator) -> None:
    x, y = logits(rng, m=90)
    given = ["disagreement:kind=labels", "jensen_shannon:kind=logits", "jensen_shannon"]
    found = output_scores(output_pair("logits", (x, y), rng), measures_of(given))
    assert [s.measure for s in found] == ["disagreement:kind=labels", "jensen_shannon", "jensen_shannon"]
    assert found[0].value == pytest.approx(Disagreement()(x, y).value)
    p, q = (softmax(v, axis=1) for v in (x, y))
    # probabilities taken for scores, because the user says so
    found = output_scores(output_pair("probabilities", (p, q), rng), measures_of(given[1:]))
    assert found[0].value == pytest.approx(JensenShannon()(p, q).value, abs=1e-12)
    assert found[1].value == pytest.approx(JensenShannon()(x, y).value, abs=1e-12)
    assert found[0].value != pytest.approx(found[1].value, abs=1e-3)


def test_labels_have_no_divergence_and_the_measure_is_named(rng: np.random.Generator) -> None:
    labels = rng.integers(0, 3, (90, 1)).astype(float)
    pair = output_pair("labels", (labels, labels), rng)
    with pytest.raises(
        cj.ConjugacyError, match=r"measure 'jensen_shannon' does not compare outputs of kind 'labels'.*leave it out"
    ):
        output_scores(pair, measures_of(["disagreement", "jensen_shannon"]))
    assert output_scores(pair, measures_of("disagreement"))[0].value == 0.0
