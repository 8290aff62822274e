"""Every measure of the registry keeps its promises, and what it does not promise fails on a constructed pair."""

from __future__ import annotations

import itertools
import pickle
from collections.abc import Callable
from dataclasses import FrozenInstanceError, fields, is_dataclass
from functools import cache
from typing import Any, Literal, get_args, get_origin, get_type_hints

import numpy as np
import pytest

import conjugacy as cj
from conjugacy.measure import INVARIANCES, Measure
from conjugacy.results import STATES

NAMES = tuple(n for n in cj.measure_names() if cj.get_measure(n).traits.data in ("activations", "outputs"))
# other knobs, other promises
VARIANTS = (
    "cka:debiased=false",
    "cka:kernel=rbf",
    "cka:debiased=false,kernel=rbf",
    "cca:ridge=0.1",
    "cca:folds=5",
    "shape:alpha=0.0",
    "shape:alpha=1.0",
    "linear_predictivity:both=true",
    "mutual_knn:distance_by=euclidean",
    "cycle_knn:distance_by=euclidean",
    "distance_correlation:debiased=false",
    "rsa:dissimilarity=cosine",
    "rsa:dissimilarity=euclidean,comparison=tau_a",
    "rsa:dissimilarity=squared_euclidean,comparison=pearson",
)
SLOW = ("shared",)  # half a minute for all of it
MEASURES = (*NAMES, *VARIANTS)
HOLDS = 1e-6  # a promised invariance moves the value by less than this
MOVES = 1e-4  # an invariance that is not promised moves it by more than this
M = 120

pytestmark = pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.slow) if name in SLOW else name for name in MEASURES]
)


def layer(latent: np.ndarray, n: int, seed: int) -> np.ndarray:
    """A curved, anisotropic layer: tanh units of a latent with gains from 1 down to 0.1."""
    rng = np.random.default_rng(seed)
    units = np.tanh(latent @ rng.standard_normal((latent.shape[1], n)) + 0.5 * rng.standard_normal(n))
    return (units + 0.05 * rng.standard_normal(units.shape)) * np.geomspace(1.0, 0.1, n)


@cache
def related() -> tuple[np.ndarray, np.ndarray]:
    """Two layers of different width that share two of three latents; the second knows less than the first."""
    latent = np.random.default_rng(5).standard_normal((M, 3))
    x, y = layer(latent, 8, 1), layer(latent[:, :2], 6, 2)
    for array in (x, y):
        array.setflags(write=False)
    return x, y


@cache
def close() -> tuple[np.ndarray, np.ndarray]:
    """A layer and its rotated copy with a little noise: nearly the same, so that every spoiling of it shows."""
    rng = np.random.default_rng(6)
    x = related()[0]
    return x, 2.0 * x @ _orthogonal(x.shape[1], rng) + 0.02 * rng.standard_normal(x.shape)


@cache
def scores_of_classes() -> tuple[np.ndarray, np.ndarray]:
    """Scores of the same five classes by two networks that agree on most rows."""
    x = layer(np.random.default_rng(7).standard_normal((M, 3)), 5, 1)
    x = (x - x.mean(axis=0)) / x.std(axis=0) + np.linspace(0.0, 0.5, 5)
    y = x + 0.5 * np.random.default_rng(8).standard_normal(x.shape)
    for array in (x, y):
        array.setflags(write=False)
    return x, y


PAIRS = {"related": related, "close": close}
CLASSES = {"related": scores_of_classes}


def pairs(name: str) -> dict[str, Callable[[], tuple[np.ndarray, np.ndarray]]]:
    return CLASSES if cj.get_measure(name).traits.data == "outputs" else PAIRS


def both(name: str) -> tuple[np.ndarray, np.ndarray]:
    return pairs(name)["related"]()


@cache
def prepared(name: str, side: int, pair: str = "related") -> Any:
    return cj.get_measure(name).prepare(pairs(name)[pair]()[side])


@cache
def reference(name: str, pair: str = "related") -> cj.Score:
    return cj.get_measure(name).compare(prepared(name, 0, pair), prepared(name, 1, pair))


@cache
def independent(name: str) -> cj.Score:
    rng = np.random.default_rng(9)
    x, y = (layer(rng.standard_normal((M, 3)), 8, seed) for seed in (3, 4))
    # scores of classes are sharp, as those of trained networks
    return cj.get_measure(name)(4 * x, 4 * y) if pairs(name) is CLASSES else cj.get_measure(name)(x, y[:, :6])


@cache
def identical(name: str) -> cj.Score:
    return cj.get_measure(name).compare(prepared(name, 0), prepared(name, 0))


def _orthogonal(n: int, rng: np.random.Generator) -> np.ndarray:
    return np.linalg.qr(rng.standard_normal((n, n)))[0]


CHANGES: dict[str, Callable[[np.ndarray, np.random.Generator], np.ndarray]] = {
    "permutation": lambda x, rng: x[:, rng.permutation(x.shape[1])],
    "orthogonal": lambda x, rng: x @ _orthogonal(x.shape[1], rng),
    "isotropic_scaling": lambda x, rng: 7.3 * x,
    "unit_scaling": lambda x, rng: x * rng.permutation(np.geomspace(0.1, 10.0, x.shape[1])),
    "translation": lambda x, rng: x + rng.standard_normal(x.shape[1]),
    "invertible_linear": lambda x, rng: (
        x @ (_orthogonal(x.shape[1], rng) * np.geomspace(0.2, 5.0, x.shape[1])) @ _orthogonal(x.shape[1], rng)
    ),
}


def _shifts(name: str, change: str) -> list[float]:
    """How far the value moves when the change is made to one network, for both networks of both pairs."""
    measure, rng = cj.get_measure(name), np.random.default_rng(3)
    shifts: list[float] = []
    for pair, arrays in pairs(name).items():
        x, y = (measure.prepare(CHANGES[change](array, rng)) for array in arrays())
        moved = measure.compare(x, prepared(name, 1, pair)), measure.compare(prepared(name, 0, pair), y)
        shifts += [abs(score.value - reference(name, pair).value) for score in moved]
    return shifts


def test_all_kinds_of_change_are_tested(name: str) -> None:
    assert set(CHANGES) == set(INVARIANCES)
    assert cj.get_measure(name).traits.invariances <= set(INVARIANCES)


@pytest.mark.parametrize("change", INVARIANCES)
def test_invariances(name: str, change: str) -> None:
    if name == "shared" and change not in cj.get_measure(name).traits.invariances:
        pytest.skip("seconds for what it does not promise")
    shift = max(_shifts(name, change))
    if change in cj.get_measure(name).traits.invariances:
        assert shift < HOLDS, f"{name} promises invariance to {change}, and moves by {shift:g}"
    else:
        assert shift > MOVES, f"{name} does not promise invariance to {change}, yet moves by {shift:g} only"


def test_symmetry(name: str) -> None:
    back = cj.get_measure(name).compare(prepared(name, 1), prepared(name, 0)).value
    gap = abs(back - reference(name).value)
    assert gap < 1e-9 if cj.get_measure(name).traits.symmetric else gap > 1e-6


def test_identity(name: str) -> None:
    score, expected = identical(name), cj.get_measure(name).traits.identity_value
    if expected is None:
        other = cj.get_measure(name).compare(prepared(name, 1), prepared(name, 1))
        assert abs(score.value - other.value) > 1e-4, "declares no value of identity, and has one"
        return
    assert score.value == pytest.approx(expected, abs=1e-3 if name == "ladder" else 1e-6)
    assert score.status is cj.Status.OK
    assert score.similarity() == pytest.approx(1.0, abs=1e-3)
    assert score.distance() == pytest.approx(0.0, abs=1e-3)


def test_triangle_inequality(name: str) -> None:
    measure = cj.get_measure(name)
    if not measure.traits.metric:
        pytest.skip("declares no metric")
    assert measure.traits.symmetric
    rng = np.random.default_rng(0)
    shared = rng.standard_normal((40, 6))
    widths = (6,) * 8 if measure.traits.data == "outputs" else (2, 3, 3, 5, 6, 6, 8, 9)
    points = [
        measure.prepare(shared @ rng.standard_normal((6, n)) + rng.random() * rng.standard_normal((40, n)))
        for n in widths
    ]
    # midpoints make triples that are nearly on one geodesic, where a violation would show first
    points += [measure.prepare(s * shared + (1 - s) * shared[:, ::-1]) for s in (0.0, 0.2, 0.5, 0.8, 1.0)]
    count = len(points)
    d = np.array([[measure.compare(p, q).distance() for q in points] for p in points])
    assert np.allclose(np.diag(d), 0, atol=1e-7)
    assert (d[~np.eye(count, dtype=bool)] > -1e-12).all()
    for i, j, k in itertools.permutations(range(count), 3):
        assert d[i, k] <= d[i, j] + d[j, k] + 1e-7


def test_direction_and_range(name: str) -> None:
    measure = cj.get_measure(name)
    scores = {"same": identical(name), "related": reference(name), "independent": independent(name)}
    values = [scores[k].value for k in ("same", "related", "independent")]
    similarities = [s.similarity() for s in scores.values()]
    distances = [s.distance() for s in scores.values()]
    assert values == sorted(values, reverse=measure.traits.larger_is_more_similar)
    assert abs(values[0] - values[2]) > 0.1
    assert all(0.0 <= s <= 1.0 for s in similarities)
    assert similarities == sorted(similarities, reverse=True)
    assert distances == sorted(distances)
    assert similarities[0] > similarities[2]


def test_interval_holds_the_value(name: str) -> None:
    score = reference(name)
    if score.interval is not None:
        assert score.interval[0] <= score.value <= score.interval[1]
        assert score.interval[0] < score.interval[1]


def test_answers(name: str) -> None:
    for score in (reference(name), independent(name)):
        assert ("answer" in score.details) == cj.get_measure(name).traits.answers
        if "answer" in score.details:
            assert score.details["answer"] in STATES
            assert np.clip(score.value, 0.0, 1.0) == pytest.approx(1.0 - score.similarity())


def test_determinism(name: str) -> None:
    np.random.seed(0)
    first = cj.get_measure(name)(*both(name))
    np.random.seed(1)
    again = cj.get_measure(name)(*both(name))
    assert first == again == reference(name)


@pytest.fixture(scope="module")
def from_fresh_process(fresh_process: Callable[[dict[str, Any]], dict[str, str]]) -> Callable[[str], str]:
    """Return what a name gives in a fresh process: one for all quick measures, one for each of the others."""

    @cache
    def found(names: tuple[str, ...]) -> dict[str, str]:
        return fresh_process({name: both(name) for name in names})

    quick = tuple(name for name in MEASURES if name not in SLOW)
    return lambda name: found((name,) if name in SLOW else quick)[name]


def test_a_fresh_process_gives_the_same_bits(name: str, from_fresh_process: Callable[[str], str]) -> None:
    assert from_fresh_process(name) == reference(name).value.hex()


def test_pickling(name: str) -> None:
    measure = cj.get_measure(name)
    a, b = (pickle.loads(pickle.dumps(prepared(name, side))) for side in (0, 1))
    copy = pickle.loads(pickle.dumps(measure))
    assert copy == measure
    score = copy.compare(a, b)
    assert score == reference(name)
    assert pickle.loads(pickle.dumps(score)) == score


def test_row_order_with_ids(name: str) -> None:
    measure, rng = cj.get_measure(name), np.random.default_rng(1)
    ids = np.array([f"s{i:03d}" for i in rng.permutation(M)])
    x, y = both(name)
    a, b = cj.Activations(x, stimuli=ids), cj.Activations(y, stimuli=ids)
    expected = measure(a, b).value
    one, two = rng.permutation(M), rng.permutation(M)
    assert measure(a.take(one), b).value == pytest.approx(expected, abs=1e-9)
    assert measure(a.take(one), b.take(two)).value == pytest.approx(expected, abs=1e-9)


def test_ids_that_are_numbers_match_ids_that_are_text(name: str) -> None:
    measure, (x, y) = cj.get_measure(name), both(name)
    ids, rng = np.arange(M), np.random.default_rng(2)
    expected = measure(cj.Activations(x, stimuli=ids.astype(str)), cj.Activations(y, stimuli=ids.astype(str))).value
    shuffled = cj.Activations(y, stimuli=ids.astype(str)).take(rng.permutation(M))
    assert measure(cj.Activations(x, stimuli=ids), shuffled).value == pytest.approx(expected, abs=1e-9)


def test_groups_survive_another_row_order(name: str) -> None:
    measure, (x, y), rng = cj.get_measure(name), both(name), np.random.default_rng(4)
    ids, groups = rng.permutation(M), np.repeat(np.arange(M // 4), 4)
    a, b = (cj.Activations(v, stimuli=ids, groups=groups) for v in (x, y))
    expected = measure(a, b)
    got = measure(a.take(rng.permutation(M)), b.take(rng.permutation(M)))
    assert got.value == pytest.approx(expected.value, abs=1e-9)
    if expected.interval is not None:
        assert got.interval == pytest.approx(expected.interval, abs=1e-9)


def test_rows_of_plain_arrays_permuted_together(name: str) -> None:
    pair = "related" if pairs(name) is CLASSES else "close"
    x, y = pairs(name)[pair]()
    order = np.random.default_rng(6).permutation(M)
    expected = reference(name, pair)
    # folds are drawn by position, so a cross-validated value may move within its own noise
    cross_validated = "seed" in {f.name for f in fields(cj.get_measure(name))}  # type: ignore[arg-type]
    got = cj.get_measure(name)(x[order], y[order]).value
    noise = 0.04 if name == "shared" else 0.02  # of 120 rows: which coordinates count moves with the folds, too
    assert got == pytest.approx(expected.value, abs=noise if cross_validated else 1e-9)


def test_other_stimuli_are_refused(name: str) -> None:
    measure, (x, y) = cj.get_measure(name), both(name)
    with pytest.raises(cj.ConjugacyError, match="rows"):
        measure(x, y[:-1])
    with pytest.raises(cj.ConjugacyError, match="different stimuli"):
        measure(cj.Activations(x, stimuli=np.arange(M)), cj.Activations(y, stimuli=np.arange(M) + 1))


def test_inputs_stay_as_they_are(name: str) -> None:
    x, y = (array.copy() for array in both(name))
    before = x.tobytes(), y.tobytes()
    score = cj.get_measure(name)(x, y)
    assert (x.tobytes(), y.tobytes()) == before
    assert x.flags.writeable
    assert score == reference(name)


def test_prepared_networks_stay_as_they_are(name: str) -> None:
    measure = cj.get_measure(name)
    a, b = (measure.prepare(array) for array in both(name))
    first = measure.compare(a, b)
    measure.compare(b, a)
    assert measure.compare(a, b) == first


def test_lists_and_single_precision_are_accepted(name: str) -> None:
    measure, (x, y) = cj.get_measure(name), both(name)
    half = measure(x.astype(np.float32), y.astype(np.float32)).value
    assert measure(x.astype(np.float32).tolist(), y.astype(np.float32).tolist()).value == half
    assert half == pytest.approx(reference(name).value, abs=1e-3)


def test_small_numbers_and_large_offsets(name: str) -> None:
    x, y = both(name)
    measure, base = cj.get_measure(name), reference(name).value
    if "isotropic_scaling" in measure.traits.invariances:
        assert measure(1e-8 * x, y).value == pytest.approx(base, abs=1e-6)
    if "translation" in measure.traits.invariances:
        assert measure(x + 1e6, y).value == pytest.approx(base, abs=1e-5)


def test_the_null_and_the_interval(name: str) -> None:
    measure = cj.get_measure(name)
    if name in ("ladder", "shared"):
        pytest.skip("a null or an interval of its own; twenty ladders take a minute")
    x, y = (array[:80] for array in both(name))
    related_score = measure.judge(x, y, draws=20)
    assert related_score.value == measure(x, y).value
    assert related_score.details["p"] == pytest.approx(1 / 21)
    assert related_score.details["calibrated"] > 0
    assert related_score.interval is not None
    assert related_score.interval[0] <= related_score.value <= related_score.interval[1]
    same = measure.judge(x, x, draws=20)
    assert same.details["calibrated"] == pytest.approx(1.0, abs=1e-5)


def test_knobs_and_words(name: str) -> None:
    measure = cj.get_measure(name)
    assert isinstance(measure, Measure)
    assert is_dataclass(measure)
    assert measure.id == name
    assert cj.get_measure(measure.id) == measure
    assert hash(measure) == hash(cj.get_measure(name))
    assert ">>>" in (type(measure).__doc__ or "")
    assert measure.references
    assert all(len(r) > 20 for r in measure.references)
    with pytest.raises(FrozenInstanceError):
        setattr(measure, next((f.name for f in fields(measure)), "traits"), None)
    with pytest.raises(cj.ConjugacyError, match="nonsense"):
        cj.get_measure(name, nonsense=1)


def test_every_knob_survives_the_id(name: str) -> None:
    measure = cj.get_measure(name)
    kinds = get_type_hints(type(measure))
    for f in fields(measure):  # type: ignore[arg-type]
        old = getattr(measure, f.name)
        if get_origin(kinds[f.name]) is Literal:
            values = [word for word in get_args(kinds[f.name]) if word != old]
            with pytest.raises(cj.ConjugacyError, match=f.name):
                cj.get_measure(name, **{f.name: "nonsense"})
        else:
            values = [_other(old)]
        for new in values:
            other = cj.get_measure(name, **{f.name: new})
            assert other != measure
            assert cj.get_measure(other.id) == other
            assert other(*(_as_kind(x, other) for x in both(name))).measure == other.id


def _as_kind(x: np.ndarray, measure: Measure) -> np.ndarray:
    """Outputs as the measure is told that they are."""
    kind = getattr(measure, "kind", None)
    if kind == "probabilities":
        return np.exp(x) / np.exp(x).sum(axis=1, keepdims=True)
    return x.argmax(axis=1)[:, None] if kind == "labels" else x


def _other(old: bool | int | float | None) -> bool | int | float:
    if isinstance(old, bool):
        return not old
    return 5 if old is None else old + 1 if isinstance(old, int) else old / 2 or 0.25
