"""A recording written batch by batch is the one made in memory; broken off, there is nothing of it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time

import numpy as np
import pytest

import conjugacy as cj
from conjugacy.activations import load, save
from conjugacy.errors import InputError, NotFiniteError, ShapeError
from conjugacy.storage import growing
from conjugacy.storage.streamed import streamed_layers

META = {"name": "net", "output_kind": "logits", "provenance": {"seed": 3}}


def written(path, layers, sizes, meta=META, **beside):
    with streamed_layers(path) as sink:
        start = 0
        for size in sizes:
            for name, values in layers.items():
                sink.append(name, values[start : start + size])
            start += size
        return sink.finish(meta, beside)


@pytest.mark.parametrize("chunk_bytes", [1, 100, 2**21])
@pytest.mark.parametrize("sizes", [[12], [5, 5, 2], [1] * 12, [2, 0, 9, 1]])
def test_it_is_the_recording_made_in_memory(tmp_path, rng, monkeypatch, chunk_bytes, sizes):
    monkeypatch.setattr(growing, "CHUNK_BYTES", chunk_bytes)
    layers = {
        "encoder.2": rng.normal(size=(12, 7)).astype(np.float32),
        "a/b": rng.normal(size=(12, 3)).astype(np.float16),
        "a": rng.normal(size=(12, 2)),
        "größe <b>": rng.integers(0, 9, size=(12, 2)),
        "outputs": np.where(rng.random((12, 4)) < 0.2, -np.inf, 1.0).astype(np.float32),
    }
    labels = {"stimuli": [f"bild-{i}ü" for i in range(12)], "groups": np.arange(12) // 2, "targets": np.arange(12) % 4}
    made = cj.Recording.from_arrays(layers, **labels, inputs=rng.normal(size=(12, 2)), **META)
    found = load(written(tmp_path / "r.zarr", layers, sizes, **labels, inputs=made.first.inputs, lengths=None))
    through_file = load(save(made, tmp_path / "whole.zarr"))
    for other in (made, through_file):
        assert list(found.layers) == list(other.layers)
        assert (found.name, found.output_name, found.output_kind) == (other.name, other.output_name, other.output_kind)
        assert dict(found.provenance) == dict(other.provenance)
        np.testing.assert_array_equal(found.targets, other.targets)
        for name, layer in found.layers.items():
            np.testing.assert_array_equal(layer.values, other.layers[name].values)
            for key in ("stimuli", "groups", "inputs"):
                np.testing.assert_array_equal(getattr(layer, key), getattr(other.layers[name], key))
    assert [found.layers[name].stored.dtype for name in layers] == [made.layers[name].stored.dtype for name in layers]


def test_bfloat16_batches_are_kept_exactly_and_told(tmp_path, rng):
    torch = pytest.importorskip("torch")
    values = torch.randn(9000, 64, generator=torch.Generator().manual_seed(0)).bfloat16()
    path = written(tmp_path / "r.zarr", {"h": values}, [4000, 4000, 1000], meta={})
    found = load(path)
    assert found.layers["h"].stored.dtype == np.float32
    np.testing.assert_array_equal(found.layers["h"].values, values.double().numpy())
    assert found.provenance["widened"] == {"h": "bfloat16 as float32"}
    on_disk = sum(file.stat().st_size for file in (path / "h").rglob("*") if file.is_file())
    assert on_disk < 2.2 * values.numel()


def test_trajectories_of_growing_length(tmp_path, rng, monkeypatch):
    monkeypatch.setattr(growing, "CHUNK_BYTES", 3 * 5 * 2 * 4)
    trials = [rng.normal(size=(t, 2)).astype(np.float32) for t in (5, 3, 4, 7, 7, 2, 9)]

    def batch(some):
        out = np.full((len(some), max(map(len, some)), 2), np.nan, np.float32)
        for row, trial in zip(out, some, strict=True):
            row[: len(trial)] = trial
        return out

    with streamed_layers(tmp_path / "r.zarr") as sink:
        for some in (trials[:2], trials[2:3], trials[3:5], trials[5:6], trials[6:]):
            sink.append("h", batch(some))
        path = sink.finish({}, {"lengths": [len(t) for t in trials], "trials": list("abcdefg")})
    found = load(path).layers["h"]
    assert isinstance(found, cj.Trajectories)
    assert list(found.trials) == list("abcdefg")
    for one, trial in zip(found.values, trials, strict=True):
        np.testing.assert_array_equal(one, trial)


@pytest.mark.parametrize(
    ("rows", "error", "words"),
    [
        ({"h": [np.ones((2, 3)), np.ones((2, 4))]}, ShapeError, r"\(4,\) after \(3,\)"),
        ({"h": [np.ones((2, 3), np.float32), np.ones((2, 3))]}, InputError, "float64 after float32"),
        ({"h": [np.ones((2, 3)), np.array([[1, np.nan, 1]])]}, NotFiniteError, "row 2"),
        ({"h": [np.full((2, 3), -np.inf)]}, NotFiniteError, "row 0"),
        ({"h": [np.ones((2, 3)) * 1j]}, InputError, "real and imaginary"),
        ({"h": [np.float32(3)]}, ShapeError, r"shape \(\)"),
        ({"h": [np.ones((2, 3))], "g": [np.ones((1, 3))]}, ShapeError, "'h' has 2 rows, layer 'g' has 1"),
        ({"stimuli": [np.ones((2, 3))]}, InputError, "keeps for itself"),
        ({"a\nb": [np.ones((2, 3))]}, InputError, "control characters"),
        ({}, InputError, "no layer"),
    ],
)
def test_what_does_not_fit_is_refused_and_leaves_nothing(tmp_path, rows, error, words):
    def write():
        with streamed_layers(tmp_path / "r.zarr") as sink:
            for name, batches in rows.items():
                for batch in batches:
                    sink.append(name, batch)
            sink.finish({}, {})

    with pytest.raises(error, match=words):
        write()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("meta", "beside", "words"),
    [
        ({"x": object()}, {}, "not JSON"),
        ({}, {"stimuli": [1, 2, 3]}, "each of the 2 rows"),
        ({}, {"other": [1, 2]}, "append it as a layer"),
    ],
)
def test_what_stands_beside_must_fit(tmp_path, meta, beside, words):
    with pytest.raises(InputError, match=words):
        written(tmp_path / "r.zarr", {"h": np.ones((2, 3))}, [2], meta=meta, **beside)
    assert list(tmp_path.iterdir()) == []


def test_the_name_appears_at_the_end_and_old_recordings_stay_until_then(tmp_path):
    path = written(tmp_path / "r.zarr", {"h": np.zeros((2, 3))}, [2])
    with pytest.raises(InputError, match="exists"), streamed_layers(path):
        pass
    with pytest.raises(InputError, match="imaginary"), streamed_layers(path, overwrite=True) as sink:
        sink.append("h", np.ones((2, 3)) * 1j)
    with pytest.raises(InputError, match="not finished"), streamed_layers(path, overwrite=True) as sink:
        sink.append("h", np.ones((2, 3)))
    assert load(path).layers["h"].values.sum() == 0
    with streamed_layers(path, overwrite=True) as sink:
        sink.append("h", np.ones((2, 3)))
        assert load(path).layers["h"].values.sum() == 0
        sink.finish({}, {})
        with pytest.raises(InputError, match="finished already"):
            sink.finish({}, {})
    assert load(path).layers["h"].values.sum() == 6
    assert [file.name for file in tmp_path.iterdir()] == ["r.zarr"]


def test_a_full_disk_is_one_sentence(tmp_path, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(growing.GrowingArray, "_write", full)
    with pytest.raises(InputError, match="No space left on device; nothing was left behind"):
        written(tmp_path / "r.zarr", {"h": np.ones((2, 3))}, [2])
    assert list(tmp_path.iterdir()) == []


def test_a_layer_can_be_taken_back(tmp_path, rng):
    values = rng.normal(size=(20, 3))
    with streamed_layers(tmp_path / "r.zarr") as sink:
        for start in range(0, 20, 5):
            for name in ("h", "again", "outputs"):
                if name != "again" or start < 10:
                    sink.append(name, values[start : start + 5])
        sink.drop("again")
        sink.drop("never there")
        path = sink.finish({}, {})
    assert list(load(path).layers) == ["h", "outputs"]
    assert sorted(file.name for file in path.iterdir()) == ["h", "outputs", "zarr.json"]


def test_batches_may_be_overwritten_once_they_are_given(tmp_path):
    buffer = np.zeros((4, 3), np.float32)
    with streamed_layers(tmp_path / "r.zarr") as sink:
        for i in range(20):
            buffer[:] = i
            sink.append("h", buffer)
        path = sink.finish({}, {})
    np.testing.assert_array_equal(load(path).layers["h"].values[:, 0], np.repeat(np.arange(20), 4))


def test_little_waits_for_a_slow_disk(tmp_path, monkeypatch):
    from conjugacy.storage import behind

    monkeypatch.setattr(behind, "MOST_WAITING", 100)
    held, most = [0], [0]
    with behind.Behind() as writer:
        for _ in range(30):
            held[0] += 40

            def work():
                time.sleep(0.001)
                held[0] -= 40

            writer.add(work, 40)
            most[0] = max(most[0], held[0])
        writer.wait()
    assert held[0] == 0
    assert most[0] <= 100 + 40


def test_only_zarr_is_streamed(tmp_path):
    with pytest.raises(InputError, match=r"\.zarr folder"), streamed_layers(tmp_path / "r.npz"):
        pass


def test_a_killed_run_leaves_no_recording(tmp_path):
    code = f"""
        import numpy as np
        from conjugacy.storage.streamed import streamed_layers
        with streamed_layers({str(tmp_path / "r.zarr")!r}) as sink:
            while True:
                sink.append("h", np.ones((64, 4096)))
                print("written", flush=True)
    """
    run = subprocess.Popen([sys.executable, "-c", textwrap.dedent(code)], stdout=subprocess.PIPE, text=True)
    for _ in range(4):
        assert run.stdout.readline() == "written\n"
    os.kill(run.pid, signal.SIGKILL)
    run.wait()
    run.stdout.close()
    time.sleep(0.05)
    left = [file.name for file in tmp_path.iterdir()]
    assert all(name.startswith(".") and name.endswith(".tmp") for name in left)
    with pytest.raises(InputError, match="no file"):
        load(tmp_path / "r.zarr")
