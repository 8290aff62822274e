"""Recordings in four file types: what goes in comes out, whoever wrote it, and what is hostile stays out."""

from __future__ import annotations

import io
import json
import re
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import conjugacy as cj
from conjugacy.activations import as_recording, load, save
from conjugacy.errors import FormatError, InputError, NotFiniteError, ShapeError, UnknownNameError
from conjugacy.storage.formats import endings

TYPES = endings()
DOCS = Path(__file__).parents[2] / "docs" / "format.md"


@pytest.fixture
def recording(rng):
    layers = {name: rng.standard_normal((12, 3)) for name in ("encoder.2", "a/b", "größe <b>", "outputs")}
    return cj.Recording.from_arrays(
        layers,
        stimuli=[f"bild-{i}ü" for i in range(12)],
        groups=np.arange(12) // 2,
        inputs=rng.standard_normal((12, 2, 2)),
        targets=np.arange(12) % 3,
        name="net",
        output_kind="logits",
        provenance={"seed": 3},
        covariances={"a/b": np.zeros((12, 3, 3))},
        jacobians={"a/b": np.ones((12, 3, 2))},
    )


def assert_same(x: cj.Recording, y: cj.Recording) -> None:
    assert list(x.layers) == list(y.layers)
    for name in x.layers:
        a, b = x.layers[name], y.layers[name]
        for one, two in zip(a.values, b.values, strict=True):
            np.testing.assert_array_equal(one, two)
        for key in ("stimuli", "groups", "inputs", "trials", "conditions", "dt"):
            np.testing.assert_array_equal(getattr(a, key, None), getattr(b, key, None))
    assert (x.name, x.output_name, x.output_kind, dict(x.provenance)) == (
        y.name,
        y.output_name,
        y.output_kind,
        dict(y.provenance),
    )
    np.testing.assert_array_equal(x.targets, y.targets)
    for kind in ("covariances", "jacobians"):
        assert set(getattr(x, kind)) == set(getattr(y, kind))


@pytest.mark.parametrize("kind", TYPES)
def test_activations_come_back(recording, kind, tmp_path):
    loaded = load(save(recording, tmp_path / f"r{kind}"))
    assert_same(recording, loaded)
    assert [p.name for p in tmp_path.iterdir()] == [f"r{kind}"]


@pytest.mark.parametrize("kind", TYPES)
def test_trajectories_of_unequal_length_come_back(kind, tmp_path, rng):
    trials = [rng.standard_normal((t, 4)) for t in (5, 9, 2)]
    drive = [rng.standard_normal((t, 1)) for t in (5, 9, 2)]
    states = cj.Trajectories(trials, dt=0.01, trials=["x", "y", "z"], conditions=[1, 2, 1], drive=drive)
    original = cj.Recording({"states": states}, name="rnn")
    loaded = load(save(original, tmp_path / f"t{kind}"))
    assert_same(original, loaded)
    np.testing.assert_array_equal(loaded.first.drive[1], drive[1])


@pytest.mark.slow
@settings(max_examples=25, derandomize=True, deadline=None)
@given(
    values=hnp.arrays(
        np.float32, st.tuples(st.integers(1, 6), st.integers(1, 4)), elements=st.floats(-1e6, 1e6, width=32)
    ),
    name=st.text(min_size=1, max_size=8).filter(lambda s: s.isprintable() and s.strip() == s),
    kind=st.sampled_from(TYPES),
)
def test_any_layer_comes_back(values, name, kind, tmp_path_factory):
    path = tmp_path_factory.mktemp("r") / f"r{kind}"
    try:
        save(cj.Recording.from_arrays({name: values}), path)
    except InputError as error:
        assert "layer" in str(error)  # noqa: PT017 - a reserved or impossible name
        return
    np.testing.assert_array_equal(load(path).layers[name].values, values.astype(float))


def test_files_that_others_write(tmp_path, rng):
    x = rng.standard_normal((6, 2))
    meta = json.dumps({"name": "theirs", "output_layer": "head", "output_kind": "regression"})
    for i, value in enumerate((meta, np.array(meta), np.frombuffer(meta.encode(), np.uint8), meta.encode())):
        np.savez(
            tmp_path / f"{i}.npz",
            head=x.astype(np.float16),
            body=x > 0,
            meta=value,
            stimuli=np.arange(6, dtype=np.uint8),
        )
        r = load(tmp_path / f"{i}.npz")
        assert (r.name, r.output_name, r.output_kind) == ("theirs", "head", "regression")
        assert r.first.stimuli.tolist() == list(range(6))
    np.savez(tmp_path / "one.npz", activity=x)
    one = load(tmp_path / "one.npz")
    assert (one.name, one.output_name, one.hidden_layers) == ("one", None, ("activity",))
    np.savez(tmp_path / "labels.npz", hidden=x, outputs=np.arange(6) % 2)
    assert load(tmp_path / "labels.npz").outputs.shape == (6, 1)
    assert load(tmp_path / "labels.npz", layers=["hidden"]).outputs is None


def test_tokens_and_places_need_a_reducer(tmp_path, rng):
    np.savez(tmp_path / "n.npz", conv=rng.standard_normal((5, 2, 3, 3)))
    with pytest.raises(InputError, match="reducer"):
        load(tmp_path / "n.npz")
    assert load(tmp_path / "n.npz", reducer="mean").first.shape == (5, 2)
    assert load(tmp_path / "n.npz", reducer="flatten").first.shape == (5, 18)
    tokens = rng.standard_normal((5, 4, 3))
    np.savez(tmp_path / "t.npz", block=tokens, meta=json.dumps({"shape": "ntd"}))
    np.testing.assert_allclose(load(tmp_path / "t.npz", reducer="mean").first.values, tokens.mean(axis=1))
    np.savez(tmp_path / "k.npz", states=tokens)
    assert isinstance(load(tmp_path / "k.npz").first, cj.Trajectories)


def test_masks_say_which_tokens_and_places_count(tmp_path, rng):
    tokens, places = rng.standard_normal((5, 4, 3)), rng.standard_normal((5, 2, 3, 3))
    counted, seen = rng.random((5, 4)) < 0.5, rng.random((5, 3, 3)) < 0.5
    counted[:, 1] = seen[:, 0, 0] = True
    tokens[~counted] = np.nan  # what does not count may be anything
    meta = json.dumps({"shape": {"block": "ntd", "conv": "nchw"}})
    np.savez(tmp_path / "m.npz", block=tokens, conv=places, mask=counted, **{"mask/conv": seen.astype(int)}, meta=meta)
    found = load(tmp_path / "m.npz", reducer="mean")
    by_hand = [row[kept].mean(axis=0) for row, kept in zip(tokens, counted, strict=True)]
    np.testing.assert_allclose(found.layer("block").values, by_hand)
    by_hand = [row[:, kept].mean(axis=1) for row, kept in zip(places, seen, strict=True)]
    np.testing.assert_allclose(found.layer("conv").values, by_hand)
    assert found.hidden_layers == ("block", "conv")
    with pytest.raises(InputError, match="reducer='mean'"):
        load(tmp_path / "m.npz", reducer="flatten")
    for wrong, words in (
        ({"mask": counted[:, :3]}, "expected \\(5, 4\\)"),
        ({"mask": counted * 2}, "1 where it counts"),
        ({"mask": counted & False}, "leaves nothing of row 0"),
        ({"mask": counted, "lengths": np.full(5, 4)}, "keep one of them"),
        ({"mask/conv": seen[0]}, "expected \\(5, 3, 3\\)"),
    ):
        np.savez(tmp_path / "w.npz", block=np.nan_to_num(tokens), conv=places, **wrong, meta=meta)
        with pytest.raises(InputError, match=words):
            load(tmp_path / "w.npz", reducer="mean")
    np.savez(tmp_path / "flat.npz", hidden=tokens[:, 1], mask=counted)
    with pytest.raises(FormatError, match="there is none"):
        load(tmp_path / "flat.npz")


def test_what_is_no_recording_says_why(tmp_path, rng):
    x = rng.standard_normal((6, 2))

    def refused(error, *words, **arrays):
        np.savez(tmp_path / "bad.npz", **arrays)
        with pytest.raises(error) as caught:
            load(tmp_path / "bad.npz")
        for word in (*words, "bad.npz"):
            assert word in str(caught.value)

    refused(FormatError, "no layer", stimuli=np.arange(6))
    refused(InputError, "object", a=np.array([{"x": 1}] * 6, dtype=object))
    refused(InputError, "meta", a=x, meta="[1, 2]")
    refused(ShapeError, "5", a=x, stimuli=np.arange(5))
    refused(ShapeError, "8 rows", a=x, b=rng.standard_normal((8, 2)))
    refused(NotFiniteError, "(2, 1)", a=np.where(np.arange(12).reshape(6, 2) == 5, np.nan, x))
    refused(InputError, "lengths", a=rng.standard_normal((3, 4, 2)), lengths=np.array([4, 9, 1]))
    refused(InputError, "reshape", a=np.arange(6.0), b=x)
    np.savez(tmp_path / "h.npz", hidden=x)
    with pytest.raises(UnknownNameError, match="did you mean 'hidden'"):
        load(tmp_path / "h.npz", layers=["hiden"])


@pytest.mark.parametrize("kind", TYPES)
def test_damaged_files(recording, kind, tmp_path):
    path = save(recording, tmp_path / f"r{kind}")
    with pytest.raises(InputError, match="no file"):
        load(tmp_path / f"none{kind}")
    if kind == ".zarr":
        for file in path.rglob("zarr.json"):
            file.write_text("{")
        with pytest.raises(FormatError, match=re.escape("r.zarr")):
            load(path)
        return
    data = path.read_bytes()
    for cut in (0, 1, len(data) // 3, len(data) - 10):
        path.write_bytes(data[:cut])
        with pytest.raises(FormatError, match=re.escape(f"r{kind}")):
            load(path)
    path.write_bytes(b"not this at all" * 100)
    with pytest.raises(FormatError, match=re.escape(f"r{kind}")):
        load(path)


def test_hostile_npz(tmp_path):
    import pickle

    class Evil:
        def __reduce__(self):
            return (Path(tmp_path / "owned").touch, ())

    np.savez(tmp_path / "pickle.npz", a=np.array([Evil()], dtype=object))
    (tmp_path / "plain.npz").write_bytes(pickle.dumps(Evil()))
    with zipfile.ZipFile(tmp_path / "huge.npz", "w") as archive:
        head = io.BytesIO()
        np.lib.format.write_array_header_1_0(head, {"descr": "<f8", "fortran_order": False, "shape": (10**14, 10)})
        archive.writestr("a.npy", head.getvalue() + b"0" * 64)
    with zipfile.ZipFile(tmp_path / "bomb.npz", "w", zipfile.ZIP_DEFLATED) as archive:
        head = io.BytesIO()
        np.lib.format.write_array_header_1_0(head, {"descr": "|u1", "fortran_order": False, "shape": (300_000_000, 1)})
        archive.writestr("a.npy", head.getvalue() + bytes(300_000_000), compresslevel=1)
    for name in ("pickle", "plain", "huge", "bomb"):
        with pytest.raises(FormatError, match=f"{name}.npz"):
            load(tmp_path / f"{name}.npz")
    assert not (tmp_path / "owned").exists()


def test_hdf5_that_points_elsewhere_is_refused(tmp_path, rng):
    h5py = pytest.importorskip("h5py")
    with h5py.File(tmp_path / "secret.h5", "w") as file:
        file["a"] = rng.standard_normal((5, 2))
    with h5py.File(tmp_path / "link.h5", "w") as file:
        file["a"] = h5py.ExternalLink("secret.h5", "/a")
    with h5py.File(tmp_path / "virtual.h5", "w") as file:
        layout = h5py.VirtualLayout(shape=(5, 2), dtype="f8")
        layout[:] = h5py.VirtualSource(str(tmp_path / "secret.h5"), "a", shape=(5, 2))
        file.create_virtual_dataset("a", layout)
    for name in ("link", "virtual"):
        with pytest.raises(FormatError, match=f"{name}.h5"):
            load(tmp_path / f"{name}.h5")


@pytest.mark.parametrize("kind", TYPES)
def test_writing_is_all_or_nothing(recording, kind, tmp_path, monkeypatch):
    path = save(recording, tmp_path / f"r{kind}")
    with pytest.raises(InputError, match="exists"):
        save(recording, path)
    from conjugacy.storage import atomic

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(atomic, "_move", full)
    with pytest.raises(InputError, match="No space left"):
        save(recording, path, overwrite=True)
    monkeypatch.undo()
    assert_same(recording, load(path))
    assert [p.name for p in tmp_path.iterdir()] == [f"r{kind}"]


def test_names_that_cannot_be_kept(tmp_path, rng):
    x = rng.standard_normal((4, 2))
    for name in ("stimuli", "meta", "covariance/x"):
        with pytest.raises(InputError, match="layer"):
            save(cj.Recording.from_arrays({name: x}), tmp_path / "r.npz")
    with pytest.raises(InputError, match="extension"):
        save(cj.Recording.from_arrays({"a": x}), tmp_path / "r.mat")
    assert list(tmp_path.iterdir()) == []


def test_anything_that_stands_for_a_network(tmp_path, rng):
    x = rng.standard_normal((5, 2))
    assert as_recording(x, name="a").name == "a"
    assert as_recording(cj.Activations(x, name="own", layer="h"), name="a").name == "own"
    assert list(as_recording({"h": x, "outputs": x}, name="a").layers) == ["h", "outputs"]
    path = save(cj.Recording.from_arrays({"h": x}, name="disk"), tmp_path / "r.npz")
    assert as_recording(path, name="a").name == "disk"
    with pytest.raises(InputError, match="expected a Recording"):
        as_recording(3.0, name="a")


def test_the_examples_in_the_documentation_run(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(r"```python\n(.*?)```", DOCS.read_text(encoding="utf-8"), flags=re.DOTALL)
    assert len(blocks) == 5
    for block in blocks:
        exec(block, {})
    assert capsys.readouterr().out.splitlines() == [
        "a ['stem', 'encoder.2', 'outputs']",
        "b ['encoder.2']",
        "c ['encoder.2']",
        "d ['states']",
    ]


@pytest.mark.parametrize("ending", [".npz", ".safetensors", ".zarr", ".h5"])
def test_turned_arrays_come_back_as_they_were(ending, tmp_path):
    # safetensors 0.8.0 itself writes them as their memory lies: findings/safetensors_numpy_transposed.sh
    turned = np.arange(12.0).reshape(3, 4).T
    jacobians = np.arange(24.0).reshape(2, 3, 4).T
    recording = cj.Recording.from_arrays({"h": turned, "k": np.asfortranarray(turned)}, jacobians={"h": jacobians})
    found = load(save(recording, tmp_path / f"turned{ending}"))
    for name in ("h", "k"):
        np.testing.assert_array_equal(found.layer(name).values, turned)
    np.testing.assert_array_equal(found.jacobians["h"], jacobians)


@pytest.mark.parametrize("kind", TYPES)
def test_several_outputs_their_kinds_and_masks_come_back(kind, tmp_path, rng):
    masked = np.where(rng.random((12, 3)) < 0.5, -np.inf, rng.standard_normal((12, 3)))
    layers = {"h": np.eye(12, 3), "outputs.logits": masked, "outputs.boxes[0]": rng.standard_normal((12, 4))}
    kinds = {"outputs.logits": "logits", "outputs.boxes[0]": "regression"}
    original = cj.Recording.from_arrays(layers, output_kind=kinds, targets=np.arange(12) % 3)
    path = save(original, tmp_path / f"r{kind}")
    loaded = load(path, name=None)
    assert (loaded.heads, loaded.output_layer, loaded.hidden_layers) == (original.heads, None, ("h",))
    assert dict(loaded.output_kind) == kinds
    np.testing.assert_array_equal(loaded.layer("outputs.logits").values, masked)
    assert "layer_order" not in loaded.provenance
    some = load(path, layers=["h", "outputs.logits"])
    assert (some.heads, dict(some.output_kind)) == (("outputs.logits",), {"outputs.logits": "logits"})
    assert load(path, output_kind={"logits": "regression"}).kind_of("outputs.logits") == "regression"


@pytest.mark.parametrize(
    ("arrays", "meta", "error"),
    [
        ({"h": np.full((3, 2), -np.inf), "outputs": np.ones((3, 2))}, {}, NotFiniteError),
        ({"outputs": np.full((3, 2), np.inf)}, {}, NotFiniteError),
        ({"outputs": np.ones((3, 2))}, {"output_kind": {"outputs": "logit"}}, FormatError),
        ({"outputs": np.ones((3, 2))}, {"output_kind": ["logits"]}, FormatError),
        ({"outputs": np.ones((3, 2))}, {"output_kind": {"outputs": ["logits"]}}, FormatError),
    ],
)
def test_infinities_and_kinds_that_are_refused(arrays, meta, error, tmp_path):
    np.savez(tmp_path / "a.npz", **arrays, meta=json.dumps(meta))
    with pytest.raises(error):
        load(tmp_path / "a.npz")
