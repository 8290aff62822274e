"""What an answer rests on: decisions of classes, noise between repeats."""

import numpy as np
import pytest
from constructed import pair

import conjugacy as cj
from conjugacy.verdict.decisions.agreement import agreement

pytestmark = pytest.mark.usefixtures("short_curves")


def outputs(name, values, targets):
    layer = cj.Activations(values, stimuli=np.arange(len(values)))
    return cj.Recording(layers={"outputs": layer}, name=name, output_kind="logits", targets=targets)


def answer(a, b):
    """The answer alone, by the measure that answers as a comparison does."""
    return cj.get_measure("verdict:axis=function")(a, b).details["answer"]


def test_error_consistency_is_one_for_shared_and_zero_for_independent_mistakes(rng):
    truth = rng.integers(0, 4, 4000)
    a, b = (np.where(rng.random(4000) < 0.2, (truth + 1) % 4, truth) for _ in range(2))
    alone = agreement(a, b, (truth, truth), np.arange(4000), 0).follows[0].consistency
    assert alone.low < 0.0 < alone.high
    shared = agreement(a, a, (truth, truth), np.arange(4000), 0).follows[0].consistency
    assert (shared.unexplained, shared.low, shared.high) == pytest.approx((1.0, 1.0, 1.0))
    # two that are always right have no mistakes to share
    assert agreement(truth, truth, (truth, truth), np.arange(4000), 0).follows[0].consistency is None


def test_error_consistency_against_its_formula(rng):
    truth = rng.integers(0, 3, 500)
    a = np.where(rng.random(500) < 0.3, 5, truth)
    b = np.where((a == 5) & (rng.random(500) < 0.7), 6, truth)
    right = np.array([a == truth, b == truth]).astype(float)
    p, q = right.mean(axis=1)
    expected = p * q + (1 - p) * (1 - q)
    want = ((right[0] == right[1]).mean() - expected) / (1 - expected)
    assert agreement(a, b, (truth, truth), np.arange(500), 0).follows[0].consistency.unexplained == pytest.approx(want)


def test_logits_that_differ_while_decisions_agree_are_one_task(rng):
    truth = rng.integers(0, 5, 500)
    a, b = (8 * np.eye(5)[truth] + 2 * rng.standard_normal((500, 5)) for _ in range(2))
    result = cj.compare(outputs("a", a, truth), outputs("b", b, truth)).verdict.function
    assert result.answer == "equivalent"
    assert result.deciding.about == "decisions"
    assert any(reason.startswith("the maps alone") for reason in result.reasons)


def test_scores_that_match_while_decisions_do_not_are_worded_so(rng):
    scores = rng.standard_normal((1000, 10)) + 6 * np.eye(10)[truth := rng.integers(0, 10, 1000)]
    broken = scores.copy()
    broken[:, 7] -= 3 * scores[:, 7].std()
    result = cj.compare(outputs("a", scores, truth), outputs("b", broken, truth)).verdict.function
    assert (result.answer, result.rung) == ("undecided", "permutation")
    assert "class 7" in result.deciding
    assert "the scores match by a map all the same" in result.deciding


def test_a_coarser_task_learned_imperfectly_is_one_way(rng):
    m = 500
    truth = rng.integers(0, 6, m)
    nets = []
    for wanted, classes in ((truth, 6), (truth // 2, 3)):
        seen = np.where(rng.random(m) < 0.04, rng.integers(0, classes, m), wanted)
        nets.append(
            outputs(f"{classes} classes", 6 * np.eye(classes)[seen] + rng.standard_normal((m, classes)), wanted)
        )
    assert answer(*nets) == "a_determines_b"


def test_a_frequent_class_bears_nothing_out(rng):
    rare = [rng.random(800) < 0.03 for _ in range(2)]
    a, b = (
        np.column_stack([np.where(r, -4, 4), np.where(r, 4, -4)]) + 0.3 * rng.standard_normal((800, 2)) for r in rare
    )
    assert answer(outputs("a", a, None), outputs("b", b, None)) == "undecided"


def test_independent_errors_are_no_other_task(rng):
    truth = rng.integers(0, 4, 800)
    seen = [np.where(rng.random(800) < 0.1, rng.integers(0, 4, 800), truth) for _ in range(2)]
    a, b = (4 * np.eye(4)[s] + 0.3 * rng.standard_normal((800, 4)) for s in seen)
    assert answer(outputs("a", a, truth), outputs("b", b, truth)) == "equivalent"


@pytest.mark.slow
@pytest.mark.parametrize(("repeats", "answer"), [(True, "undecided"), (False, "partly_related")])
def test_noise_between_repeats_is_no_difference(rng, repeats, answer):
    signal = rng.standard_normal((100, 5))
    stimuli = np.repeat(np.arange(100), 4)
    a, b = (signal[stimuli] + 0.35 * rng.standard_normal((400, 5)) for _ in range(2))
    ids = stimuli if repeats else np.arange(400)
    result = cj.compare(cj.Activations(a, stimuli=ids), cj.Activations(b, stimuli=ids)).verdict.representation
    assert result.answer == answer
    assert any("it may all be noise" in reason for reason in result.reasons) == repeats


@pytest.mark.slow
def test_a_difference_beyond_the_noise_stays_a_no(rng):
    a, b = pair("half_shared", 3, m=150)
    ids = np.repeat(np.arange(150), 3)
    noisy = [np.repeat(x, 3, axis=0) + 0.1 * x.std() * rng.standard_normal((450, x.shape[1])) for x in (a, b)]
    result = cj.compare(*(cj.Activations(x, stimuli=ids) for x in noisy)).verdict.representation
    assert result.floor.value > 0
    assert result.answer == "partly_related"


def test_units_that_keep_their_places_are_not_called_permuted(rng):
    x = rng.standard_normal((60, 3))
    numbers = cj.Recording({"outputs": cj.Activations(x)}, name="a", output_kind="regression")
    scaled = cj.Recording({"outputs": cj.Activations(2 * x + 1)}, name="b", output_kind="regression")
    found = cj.compare(numbers, scaled).verdict.function
    assert (found.rung, found.rung_words) == ("permutation", "the same units, rescaled")
    assert found.deciding.startswith("the same units, rescaled, match both ways: ")
    swapped = cj.Recording({"outputs": cj.Activations(2 * x[:, ::-1] + 1)}, name="c", output_kind="regression")
    found = cj.compare(numbers, swapped).verdict.function
    assert (found.rung, found.rung_words) == ("permutation", None)
    assert found.deciding.startswith("a permutation of units carries one onto the other, both ways: ")
    assert found.doubted("it may be otherwise", "rows").rung_words is None
