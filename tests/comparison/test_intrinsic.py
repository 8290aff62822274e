"""Networks that saw the same world through different instruments: no input in common but a few."""

import json
from dataclasses import replace
from pathlib import Path

import jsonschema
import numpy as np
import pytest
from instruments import bursts, jacobians, mushroom, polar, square

import conjugacy as cj
from conjugacy.comparison.intrinsic.common_rows import common_rows
from conjugacy.errors import InputError, ShapeError, StimuliError

pytestmark = pytest.mark.usefixtures("short_curves")

N = 150


def wave(s):
    return np.column_stack([np.sin(3 * s[:, 0]) * np.cos(2 * s[:, 1]), s[:, 0] * s[:, 1]])


def other(s):
    return np.column_stack([np.cos(5 * s[:, 1]) + s[:, 0] ** 2, np.sin(4 * s[:, 0])])


def recording(rng, instrument, task, common, name, n=N, width=1.0):
    """A layer that bends what the instrument shows, and what the task wants of it; the world may be shown in part."""
    s = np.concatenate([common, square(rng, n) * [width, 1.0]])
    mix = rng.standard_normal((3 if instrument is polar else 2, 9))
    layer = lambda s: np.tanh(0.5 * instrument(s) @ mix)  # noqa: E731
    ids = [f"common {i}" for i in range(len(common))] + [f"{name} {i}" for i in range(n)]
    return cj.Recording.from_arrays(
        {"hidden": layer(s), "outputs": task(s)}, stimuli=ids, name=name, jacobians={"hidden": jacobians(layer, s)}
    )


@pytest.fixture(scope="module")
def recordings():
    rng = np.random.default_rng(3)
    common = 0.1 + 0.8 * square(rng, 6)
    return {
        "a": recording(rng, mushroom, wave, common, "a"),
        "same task": recording(rng, polar, wave, common, "b"),
        "other task": recording(rng, polar, other, common, "c"),
    }


def without_ids(r):
    return replace(r, layers={k: cj.Activations(v.values) for k, v in r.layers.items()})


def test_the_same_task_through_another_instrument(recordings):
    result = cj.compare(recordings["a"], recordings["same task"], match="intrinsic")
    assert result.verdict.function.answer == "equivalent", result.verdict.function.reasons
    assert result.verdict.function.rung == "identity"
    assert result.verdict.representation.answer == "equivalent"
    assert result.intrinsic.n_common == 6
    assert result.intrinsic.common_error < 0.03
    assert max(result.intrinsic.interpolation.values()) < 0.005
    record = json.loads(result.to_json())
    assert {key: record[key] for key in ("match", "n_common", "resolved", "symmetries")} == {
        "match": "intrinsic", "n_common": 6, "resolved": True, "symmetries": 1,
    }  # fmt: skip
    schema = json.loads((Path(cj.__file__).parent / "report" / "schema" / "comparison-1.json").read_text("utf-8"))
    jsonschema.validate(record, schema)


def test_another_task_stays_another(recordings):
    result = cj.compare(recordings["a"], recordings["other task"], match="intrinsic")
    assert result.intrinsic.resolved
    assert result.verdict.function.answer in ("unrelated", "partly_related")


def test_without_common_stimuli_every_symmetry_is_listed_and_none_chosen(recordings):
    a, b = (without_ids(recordings[k]) for k in ("a", "same task"))
    result = cj.compare(a, b, match="intrinsic")
    assert result.intrinsic.symmetries == 4  # a rectangle
    assert not result.intrinsic.resolved
    assert result.verdict.function.answer == "undecided"
    assert "none is chosen" in result.verdict.function.reasons[0]


def named(r, ids):
    return replace(r, layers={k: cj.Activations(v.values, stimuli=ids) for k, v in r.layers.items()})


def test_a_few_ids_that_happen_to_agree_and_repeats_end_in_advice(recordings):
    a, b = recordings["a"], recordings["same task"]
    rows = len(a.first.values)
    two = [named(r, [f"common {i}" if i < 2 else f"{r.name} {i}" for i in range(rows)]) for r in (a, b)]
    result = cj.compare(*two, match="intrinsic")
    assert result.verdict.function.answer == "undecided"
    assert "at least 3 are needed" in result.verdict.function.reasons[0]
    repeated = [named(r, [f"trial {i % 30}" for i in range(rows)]) for r in (a, b)]
    assert cj.compare(*repeated, match="intrinsic").intrinsic.n_common == 0


@pytest.mark.slow
def test_few_ids_from_content_that_agree_say_nothing(recordings):
    a, b = (replace(recordings[name], provenance={"ids": "content"}) for name in ("a", "same task"))
    rows = len(a.first.values)
    two = [named(r, [f"{i if i < 2 else (r.name, i)}" for i in range(rows)]) for r in (a, b)]
    assert cj.compare(*two, match="intrinsic").intrinsic.n_common == 0  # two points that both happened to see


def test_rows_are_counted_where_ids_come_from_content(recordings):
    by_content = {"provenance": {"ids": "content"}}
    a, b = (replace(recordings[name], **by_content) for name in ("a", "same task"))
    rows = len(a.first.values)
    two = [named(r, [f"{i if i < 2 else (r.name, i)}" for i in range(rows)]) for r in (a, b)]
    assert (
        cj.compare(*two, match="intrinsic").intrinsic.n_common == 0
    )  # two points that both happened to see say nothing
    hashed = [named(r, [f"{r.name} {i}" for i in range(rows)]) for r in (a, b)]
    assert common_rows(*hashed, range(6)).tolist() == [[i, i] for i in range(6)]
    assert common_rows(*hashed, [("a 1", "b 2"), ("a 0", "b 7")]).tolist() == [[1, 2], [0, 7]]
    with pytest.raises(StimuliError, match="no stimulus '3'"):
        common_rows(*(replace(r, provenance={}) for r in hashed), [3])


def test_groups_are_those_of_all_rows_of_the_first(recordings):
    a, rows = recordings["a"], len(recordings["a"].first.values)
    rng = np.random.default_rng(3)
    common = 0.1 + 0.8 * square(rng, 6)  # as in the fixture
    b = recording(rng, polar, wave, common, "b", width=0.7)
    result = cj.compare(a, b, match="intrinsic", groups=np.arange(rows) // 3)
    assert 0.6 * rows < result.n_samples < 0.9 * rows
    assert result.settings["independent_groups"] <= -(-rows // 3)
    assert result.verdict.function.answer == "equivalent"
    with pytest.raises(ShapeError, match=f"each of the {rows} rows"):
        cj.compare(a, b, match="intrinsic", groups=np.arange(5))


def test_pairs_of_ids_and_the_mirrored_world(recordings):
    a, b = without_ids(recordings["a"]), without_ids(recordings["same task"])
    pairs = np.repeat(np.arange(6)[:, None], 2, axis=1)
    assert cj.compare(a, b, match="intrinsic", common=pairs).verdict.function.answer == "equivalent"
    wrong = np.column_stack([np.arange(6), np.random.default_rng(0).permutation(N)[:6]])
    result = cj.compare(a, b, match="intrinsic", common=wrong)
    assert not result.intrinsic.resolved
    assert "not the same stimuli" in result.verdict.function.reasons[0]


def test_what_the_data_do_not_resolve_is_no_answer(recordings):
    a, b = recordings["a"], recordings["same task"]
    noise = np.random.default_rng(0).standard_normal(a.jacobians["hidden"].shape)
    result = cj.compare(replace(a, jacobians={"hidden": noise}), b, match="intrinsic")
    assert not result.intrinsic.resolved
    assert result.verdict.representation.answer == "undecided"
    assert "do not resolve" in result.verdict.representation.reasons[0]
    json.loads(result.to_json())


def burst_recording(rng, instrument, common, name, noise):
    """Bursts of size 1e-2, seen through the layer with noise relative to how far it moves."""
    s = np.concatenate([common, square(rng, 300)])
    mix = rng.standard_normal((3 if instrument is polar else 2, 9))
    layer = lambda s: np.tanh(0.5 * instrument(s) @ mix)  # noqa: E731
    seen = bursts(rng, layer, s, 100, 1e-2)
    seen = seen + noise * seen.std(axis=1, keepdims=True).mean() * rng.standard_normal(seen.shape)
    centred = seen - seen.mean(axis=1, keepdims=True)
    ids = [f"common {i}" for i in range(len(common))] + [f"{name} {i}" for i in range(300)]
    return cj.Recording.from_arrays(
        {"hidden": layer(s), "outputs": wave(s)}, stimuli=ids, name=name,
        covariances={"hidden": centred.mT @ centred / 99 / 1e-4},
    )  # fmt: skip


@pytest.mark.slow
def test_noisy_bursts_end_in_advice_and_never_in_a_difference(rng):
    common = 0.1 + 0.8 * square(rng, 6)
    answers = []
    for noise in (0.0, 0.3, 0.6, 1.0, 3.0):
        pair = [burst_recording(rng, f, common, n, noise) for f, n in ((mushroom, "a"), (polar, "b"))]
        result = cj.compare(*pair, match="intrinsic")
        answers.append(result.verdict.function.answer)
        assert result.verdict.function.answer in ("equivalent", "undecided"), (noise, result.verdict.function.reasons)
    assert answers[0] == "equivalent"
    assert answers[-1] == "undecided"
    assert "too noisy" in result.verdict.function.reasons[0]


def test_untrained_copies_come_along(recordings):
    a, b = recordings["a"], recordings["same task"]
    rng = np.random.default_rng(9)
    copies = [
        replace(r, layers={k: replace(v, values=np.tanh(v.values @ rng.standard_normal((v.shape[1],) * 2)))
                           for k, v in r.layers.items()}, jacobians={}) for r in (a, b)
    ]  # fmt: skip
    result = cj.compare(a, b, match="intrinsic", untrained_a=copies[0], untrained_b=copies[1])
    assert result.verdict.representation.controls[0].source == "given recordings"


@pytest.mark.parametrize(
    ("change", "options", "error", "words"),
    [
        (lambda r: replace(r, jacobians={}), {}, StimuliError, "neither Jacobians nor covariances"),
        (lambda r: replace(r, jacobians={"hidden": r.jacobians["hidden"][:, :, :1]}), {}, StimuliError, "moves in 2 directions"),
        (lambda r: r, {"common": ["common 0", "nothing"]}, StimuliError, "no stimulus 'nothing'"),
        (lambda r: r, {"common": ["common 0", "common 1"]}, InputError, "at least 3"),
        (lambda r: r, {"common": np.zeros((2, 3))}, InputError, "pairs of ids"),
        (lambda r: r, {"match": "stimuli", "common": ["common 0"]}, InputError, "is for match='intrinsic'"),
        (lambda r: r, {"layers": ("hidden", "outputs")}, StimuliError, "layer 'outputs' of 'b'"),
    ],
)  # fmt: skip
def test_bad_input(recordings, change, options, error, words):
    with pytest.raises(error, match=words):
        cj.compare(recordings["a"], change(recordings["same task"]), **{"match": "intrinsic", **options})


def test_different_stimuli_name_the_way_out(recordings):
    with pytest.raises(StimuliError, match="intrinsic"):
        cj.compare(recordings["a"], recordings["same task"])
