"""What was found wrong in other packages' measures, each as a test of all of ours that it concerns."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import conjugacy as cj
from conjugacy.measures.cka import CKA

ON_ROWS = ("activations", "outputs")
NAMES = [n for n in cj.measure_names() if cj.get_measure(n).traits.data in ON_ROWS]
MORE = [
    "cka:debiased=false",
    "cka:kernel=rbf",
    "cca:ridge=0.1",
    "cca:folds=5",
    "shape:alpha=0.0",
    "rsa:dissimilarity=cosine",
    "rsa:dissimilarity=euclidean",
    "mutual_knn:distance_by=euclidean",
    "distance_correlation:debiased=false",
]
every = pytest.mark.parametrize("name", [*NAMES, *MORE])


def wide(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Independent networks of five times as many units as stimuli."""
    x, y = np.random.default_rng(seed).standard_normal((2, 40, 200))
    return x, y


def pair(name: str, m: int = 60) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(3)
    x = rng.standard_normal((m, 5))
    y = x + 0.5 * rng.standard_normal((m, 5))
    return (x, y) if cj.get_measure(name).traits.data == "outputs" else (x, np.tanh(y[:, :4]) + 0.3)


@pytest.mark.parametrize("name", ["cka", "cka:kernel=rbf", "distance_correlation", "rsa", "cca:ridge=0.1,folds=5"])
def test_independent_wide_networks_have_no_similarity(name: str) -> None:
    values = [cj.get_measure(name)(*wide(seed)).value for seed in range(20)]
    assert abs(np.mean(values)) < 4 * np.std(values) / np.sqrt(20) + 0.02
    assert max(values) < 0.3


@every
def test_a_value_inflated_by_width_is_told(name: str) -> None:
    """Where independent wide networks look alike, the status or the permutation null says it."""
    if name == "ladder" or cj.get_measure(name).traits.data == "outputs":
        pytest.skip("has a null of its own, or compares classes")
    measure, (x, y) = cj.get_measure(name), wide(0)
    score = measure(x, y)
    if score.similarity() > 0.3 and score.status.is_ok:
        judged = measure.judge(x, y, draws=20)
        assert judged.details["p"] > 1 / 21
        if measure.traits.identity_value is not None:
            assert abs(judged.details["calibrated"]) < 0.15


@every
def test_units_of_measurement_choose_no_other_measure(name: str) -> None:
    """No absolute floor: 1e-8 of the data is the data."""
    measure, (x, y) = cj.get_measure(name), pair(name)
    if "isotropic_scaling" in measure.traits.invariances:
        for scale in (1e-8, 1e8):
            assert measure(scale * x, y).value == pytest.approx(measure(x, y).value, abs=1e-6)


@pytest.mark.parametrize("kernel", ["linear", "rbf"])
def test_no_path_ignores_the_debiasing(kernel: Any) -> None:
    x, y = wide(1)
    assert abs(CKA(kernel=kernel)(x, y).value) < 0.15
    assert CKA(kernel=kernel, debiased=False)(x, y).value > 0.5
    if kernel == "linear":
        batches = [(x[i : i + 9], y[i : i + 9]) for i in range(0, 40, 9)]
        assert abs(CKA().over_batches(batches).value) < 0.15
        assert CKA(debiased=False).over_batches(batches).value > 0.5


@every
def test_callers_arrays_and_random_state_stay_and_nothing_is_printed(name: str, capsys: Any) -> None:
    measure, (x, y) = cj.get_measure(name), pair(name)
    before, state = (x.tobytes(), y.tobytes()), np.random.get_state()[1].tobytes()  # type: ignore[union-attr]
    scores = [measure.judge(x, y, draws=20, seed=4) if name == "cka" else measure(x, y) for _ in range(2)]
    assert scores[0] == scores[1]
    assert (x.tobytes(), y.tobytes()) == before
    assert np.random.get_state()[1].tobytes() == state  # type: ignore[union-attr]
    assert capsys.readouterr() == ("", "")


@every
def test_networks_of_many_widths_are_prepared_once_and_compared_in_any_combination(name: str) -> None:
    measure = cj.get_measure(name)
    if name == "ladder" or measure.traits.data == "outputs":
        pytest.skip("nine ladders take half a minute; classes are the same classes")
    rng = np.random.default_rng(0)
    z = rng.standard_normal((50, 3))
    layers = [np.tanh(z @ rng.standard_normal((3, n))) + 0.1 * rng.standard_normal((50, n)) for n in (3, 7, 60)]
    prepared = [measure.prepare(layer) for layer in layers]
    for i, a in enumerate(prepared):
        for j, b in enumerate(prepared):
            again, alone = measure.compare(a, b), measure(layers[i], layers[j])
            assert again.status is alone.status
            assert again.value == pytest.approx(alone.value, abs=1e-9, nan_ok=True)


@every
@pytest.mark.parametrize("value", [0.0, 0.1, -3e7])
def test_a_constant_network_has_no_number(name: str, value: float) -> None:
    measure, (x, _) = cj.get_measure(name), pair(name)
    for both in ((x, np.full(x.shape, value)), (np.full(x.shape, value), x), (np.full(x.shape, value),) * 2):
        if name in ("ladder", "verdict"):
            with pytest.raises(cj.ConjugacyError, match="varies"):
                measure(*both)
            continue
        score = measure(*both)
        assert np.isnan(score.value)
        assert not score.status.is_ok
        assert score.similarity() == 0.0


@every
@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_one_bad_number_is_refused_where_it_is(name: str, bad: float) -> None:
    measure, (x, y) = cj.get_measure(name), pair(name)
    x[7, 2] = bad
    for both in ((x, y), (y, x)):
        with pytest.raises(cj.ConjugacyError, match=r"\(7, 2\)"):
            measure(*both)


@every
def test_other_numbers_of_rows_are_refused(name: str) -> None:
    measure, (x, y) = cj.get_measure(name), pair(name)
    with pytest.raises(cj.ConjugacyError, match=r"60 rows.*50"):
        measure(x, y[:50])


@every
def test_a_large_offset_is_no_change_or_is_promised_to_be_one(name: str) -> None:
    measure, (x, y) = cj.get_measure(name), pair(name)
    value, per_unit = measure(x, y).value, np.arange(1, 6)
    if "translation" in measure.traits.invariances:
        moved = [abs(measure(x + offset, y).value - value) for offset in (1e6, 1e6 * per_unit)]
        assert max(moved) < 1e-6
    else:
        assert abs(measure(x + 5 * per_unit, y).value - value) > 0.01


@every
def test_a_measure_that_is_not_symmetric_says_so(name: str) -> None:
    measure, (x, y) = cj.get_measure(name), pair(name)
    there, back = measure(x, y), measure(y, x)
    if measure.traits.symmetric:
        assert there.value == pytest.approx(back.value, abs=1e-9)
        assert there.distance() == pytest.approx(back.distance(), abs=1e-9)
    else:
        assert "irectional" in (type(measure).__doc__ or "") or "ot symmetric" in (type(measure).__doc__ or "")
