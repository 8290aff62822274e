"""A saved comparison gives back everything: record, page, figures and maps, bit for bit; what is damaged is refused."""

import json

import numpy as np
import pytest
from safetensors import safe_open

import conjugacy as cj
from conjugacy.comparison.saved import checksum
from conjugacy.errors import FormatError, InputError
from conjugacy.storage.safetensors_file import COMPARISON_KEY

RNG = np.random.default_rng(0)
X = RNG.normal(size=(150, 3))


def network(name, seed, width):
    rng = np.random.default_rng(seed)
    targets = (X[:, 0] > 0).astype(int)
    layers = {
        "h": np.tanh(X @ rng.normal(size=(3, width))),
        "outputs": np.eye(2)[targets] * 2 + rng.normal(size=(150, 2)),
    }
    return cj.Recording.from_arrays(layers, name=name, targets=targets, inputs=X, output_kind="logits")


@pytest.fixture(scope="module")
def result():
    return cj.compare(network("A", 1, 6), network("B", 2, 5), measures=["cka", "ladder"])


@pytest.fixture(scope="module")
def loaded(result, tmp_path_factory):
    return cj.Comparison.load(result.save(tmp_path_factory.mktemp("saved") / "ab.safetensors"))


def test_record_words_and_page_are_the_same(result, loaded, tmp_path):
    assert loaded.to_json() == result.to_json()
    assert str(loaded) == str(result)
    assert loaded.report(tmp_path / "b.html").read_text() == result.report(tmp_path / "a.html").read_text()
    about = [getattr(reason, "about", None) for reason in result.verdict.representation.reasons]
    assert [getattr(reason, "about", None) for reason in loaded.verdict.representation.reasons] == about


def test_figures_and_maps_are_the_same(result, loaded, tmp_path):
    for name in ("planes", "layers", "few_units"):
        ends = [one.figure(name, tmp_path / f"{i}.svg").read_bytes() for i, one in enumerate((result, loaded))]
        assert ends[0] == ends[1]
    h = np.tanh(X[:5, :1] @ np.ones((1, 6)))
    for rung, first in result.transformations["representation"].items():
        again = loaded.transformation(rung)
        np.testing.assert_array_equal(again(h), first(h))
        np.testing.assert_array_equal(again.inverse(first(h)), first.inverse(first(h)))
        assert again.held_out == first.held_out


def test_the_summary_is_a_table_of_what_is_said(result, loaded):
    table = result.summary()
    axis = result.verdict.representation
    assert table.index.tolist() == ["same task", "representation", "dynamics", "drop-in", "cka", "ladder"]
    assert table.loc["representation", "answer"] == axis.answer
    assert table.loc["cka", "value"] == result.measures[0].value
    told = axis.rung_result(axis.rung) if axis.rung else axis.rungs[-1]
    assert table.loc["representation", "b_to_a_high"] == told.b_to_a.high
    assert loaded.summary().equals(table)


def test_trajectories_too_and_the_same_bytes_every_time(tmp_path):
    both = [cj.Trajectories(np.random.default_rng(s).normal(size=(12, 20, 2)).cumsum(1)) for s in (0, 1)]
    first = cj.compare(*both)
    kept = first.save(tmp_path / "a.safetensors")
    again = cj.Comparison.load(kept)
    assert again.to_json() == first.to_json()
    assert again.save(tmp_path / "b.safetensors").read_bytes() == kept.read_bytes()


def test_places_are_refused(result, tmp_path):
    with pytest.raises(InputError, match=r"ends in \.safetensors"):
        result.save(tmp_path / "a.npz")
    with pytest.raises(InputError, match="no folder"):
        result.save(tmp_path / "none" / "a.safetensors")
    kept = result.save(tmp_path / "a.safetensors")
    with pytest.raises(InputError, match="exists"):
        result.save(kept)
    result.save(kept, overwrite=True)


def test_what_is_no_saved_comparison_is_refused(result, tmp_path):
    text = tmp_path / "a.json"
    text.write_text(result.to_json())
    with pytest.raises(FormatError, match="has no arrays"):
        cj.Comparison.load(text)
    with pytest.raises(FormatError, match="not a saved comparison"):
        cj.Comparison.load(result.transformation("smooth").save(tmp_path / "t.safetensors"))
    with pytest.raises(FormatError, match="cannot be read"):
        cj.Comparison.load(tmp_path / "missing.safetensors")


def test_damage_is_told_wherever_it_lies(result, tmp_path):
    whole = result.save(tmp_path / "a.safetensors").read_bytes()
    start = 8 + int.from_bytes(whole[:8], "little")
    for place in (start + 5, len(whole) - 3):  # in the arrays
        broken = bytearray(whole)
        broken[place] ^= 1
        (tmp_path / "b.safetensors").write_bytes(broken)
        with pytest.raises(FormatError, match="damaged"):
            cj.Comparison.load(tmp_path / "b.safetensors")
    for old, new in ((b"representation", b"representatiom"), (b"equivalent", b"equivalenT")):
        if old in whole:
            (tmp_path / "b.safetensors").write_bytes(whole.replace(old, new, 1))
            with pytest.raises(FormatError):
                cj.Comparison.load(tmp_path / "b.safetensors")
    (tmp_path / "b.safetensors").write_bytes(whole[:-10])
    with pytest.raises(FormatError, match="cannot be read"):
        cj.Comparison.load(tmp_path / "b.safetensors")


def with_body(path, body, arrays):
    """Write a saved comparison that says something else, with a checksum that fits."""
    from safetensors.numpy import save_file

    text = json.dumps(body)
    head = {"format": 1, "sum": checksum(text), "body": text}
    save_file(arrays, path, metadata={COMPARISON_KEY: json.dumps(head)})
    return path


@pytest.mark.parametrize(
    ("body", "said"),
    [({"verdict": {"$": "os.system"}}, "of no kind"), ({"verdict": {"$": "record", "kind": "Path", "fields": {}}}, "fit"),
     ({"nothing": 1}, "another version"), ({"verdict": {"$": "array", "key": "0"}}, "fit")],
)  # fmt: skip
def test_only_known_records_are_built(body, said, tmp_path):
    with pytest.raises(FormatError, match=said):
        cj.Comparison.load(with_body(tmp_path / "a.safetensors", body, {"x": np.zeros(1)}))


@pytest.fixture(scope="module")
def whole(result, tmp_path_factory):
    with safe_open(str(result.save(tmp_path_factory.mktemp("whole") / "a.safetensors")), framework="numpy") as file:
        arrays = {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118 - not a dict
        return json.loads(json.loads(file.metadata()[COMPARISON_KEY])["body"]), arrays


@pytest.mark.parametrize(
    ("field", "wrong", "said"),
    [
        ("tolerance", "x", "tolerance is 'x', expected float"),
        ("tolerance", True, "tolerance is True"),
        ("seed", 0.5, "seed is 0.5"),
        ("networks", ["a"], "networks is .*expected tuple"),
        ("networks", "ab", "networks is 'ab'"),
        ("notes", None, "notes is None"),
        ("verdict", 5, "verdict is 5, expected Verdict"),
        ("layer_map", [1], "layer_map is"),
        ("settings", [], "settings is"),
    ],
)
def test_fields_of_wrong_types_are_refused(field, wrong, said, whole, tmp_path):
    body, arrays = whole
    assert cj.Comparison.load(with_body(tmp_path / "a.safetensors", body, arrays)).tolerance == 0.05
    with pytest.raises(FormatError, match=f"is not a complete comparison: {said}"):
        cj.Comparison.load(with_body(tmp_path / "b.safetensors", {**body, field: wrong}, arrays))


def test_so_are_fields_of_the_records_inside(whole, tmp_path):
    body, arrays = json.loads(json.dumps(whole[0])), whole[1]
    body["verdict"]["fields"]["function"]["fields"]["floor"]["fields"]["value"] = "none"
    with pytest.raises(FormatError, match=r"a record Floor does not fit together .value is 'none'"):
        cj.Comparison.load(with_body(tmp_path / "a.safetensors", body, arrays))


def test_a_record_that_would_fill_the_memory_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("conjugacy.comparison.saved.MOST_RECORD", 10_000)
    with pytest.raises(FormatError, match=r"JSON that takes up to .* of memory"):
        cj.Comparison.load(with_body(tmp_path / "a.safetensors", {"notes": [[]] * 1000}, {"x": np.zeros(1)}))


def test_a_later_format_says_so(tmp_path):
    from safetensors.numpy import save_file

    head = json.dumps({"format": 2, "sum": "", "body": "{}"})
    save_file({"x": np.zeros(1)}, tmp_path / "a.safetensors", metadata={"conjugacy-comparison": head})
    with pytest.raises(FormatError, match="update conjugacy"):
        cj.Comparison.load(tmp_path / "a.safetensors")
