"""Networks, weights, stimuli and labels from files that may be wrong or hostile."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

from conjugacy.activations.models import load_labels, load_model, load_stimuli
from conjugacy.errors import FormatError, InputError, ModelError, ShapeError, UnknownNameError

torch = pytest.importorskip("torch")
NET = "import torch\nfrom beside import WIDTH\ndef net():\n    return torch.nn.Linear(WIDTH, 2)\n"


@pytest.fixture
def spec(tmp_path):
    (tmp_path / "beside.py").write_text("WIDTH = 3\n")
    (tmp_path / "nets.py").write_text(NET)
    return f"{tmp_path / 'nets.py'}:net"


@pytest.fixture
def state():
    return {"weight": torch.arange(6.0).reshape(2, 3), "bias": torch.ones(2)}


def test_the_file_may_import_its_neighbours_and_leaves_the_path_alone(spec):
    import sys

    before = list(sys.path)
    assert load_model(spec).weight.shape == (2, 3)
    assert sys.path == before


def test_weights_of_each_kind(spec, state, tmp_path):
    from safetensors.torch import save_file

    save_file(state, tmp_path / "w.safetensors")
    torch.save(state, tmp_path / "w.pt")
    torch.save({"state_dict": state, "epoch": 3}, tmp_path / "w.pth")
    for name in ("w.safetensors", "w.pt", "w.pth"):
        found = load_model(spec, tmp_path / name)
        assert torch.equal(found.weight, state["weight"]), name


class Hostile:
    def __init__(self, mark):
        self.mark = mark

    def __reduce__(self):
        return (open, (self.mark, "w"))


def test_hostile_weights_are_refused_and_nothing_runs(spec, tmp_path):
    mark = tmp_path / "ran"
    torch.save({"weight": Hostile(str(mark))}, tmp_path / "w.pt")
    (tmp_path / "raw.pt").write_bytes(pickle.dumps(Hostile(str(mark))))
    for name in ("w.pt", "raw.pt"):
        with pytest.raises(FormatError, match="refused"):
            load_model(spec, tmp_path / name)
    assert not mark.exists()


def test_weights_that_do_not_fit(spec, state, tmp_path):
    torch.save({"weight": state["weight"], "bais": state["bias"]}, tmp_path / "w.pt")
    with pytest.raises(InputError, match=r"(?s)Missing.*bias.*Unexpected.*bais"):
        load_model(spec, tmp_path / "w.pt")
    torch.save({"weight": torch.ones(2, 4), "bias": state["bias"]}, tmp_path / "w.pt")
    with pytest.raises(InputError, match="size mismatch"):
        load_model(spec, tmp_path / "w.pt")


@pytest.mark.parametrize("name", ["w.pt", "w.safetensors"])
def test_damaged_weights(spec, state, tmp_path, name):
    from safetensors.torch import save_file

    path = tmp_path / name
    torch.save(state, path) if name.endswith("pt") else save_file(state, path)
    whole = path.read_bytes()
    for content in (b"", whole[:40], whole[: len(whole) // 2], b"not at all"):
        path.write_bytes(content)
        with pytest.raises(FormatError, match=name):
            load_model(spec, path)


def test_a_list_is_no_state_dict(spec, tmp_path):
    torch.save([torch.ones(1)], tmp_path / "w.pt")
    with pytest.raises(FormatError, match="expected a state dict"):
        load_model(spec, tmp_path / "w.pt")
    torch.save({1: 2}, tmp_path / "w.pt")
    with pytest.raises(FormatError, match="state dict"):
        load_model(spec, tmp_path / "w.pt")


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("def net(: pass", ModelError),
        ("raise ValueError('early')", ModelError),
        ("import sys\nsys.exit(0)", ModelError),
        ("def net(width): pass", ModelError),
        ("def net(): return 3", InputError),
        ("def nett(): pass", UnknownNameError),
    ],
)
def test_model_files_that_do_not_work(tmp_path, code, error):
    (tmp_path / "nets.py").write_text(code)
    with pytest.raises(error) as raised:
        load_model(f"{tmp_path / 'nets.py'}:net")
    if error is ModelError:
        assert raised.value.__cause__ is not None


@pytest.mark.parametrize("spec", ["nets.py", ":net", "nets.py:", "nowhere.py:net"])
def test_specs_that_name_no_model(spec):
    with pytest.raises(InputError, match=r"FILE\.py:CALLABLE"):
        load_model(spec)


def test_stimuli_of_each_file_type(tmp_path, rng):
    from safetensors.numpy import save_file

    x = rng.normal(size=(5, 3))
    np.save(tmp_path / "x.npy", x)
    np.savez(tmp_path / "only.npz", whatever=x)
    np.savez(tmp_path / "x.npz", stimuli=x, other=x + 1, ids=np.array(list("abcde")), targets=np.arange(5))
    save_file({"inputs": x, "groups": np.arange(5)}, tmp_path / "x.safetensors")
    for name in ("x.npy", "only.npz", "x.npz", "x.safetensors"):
        np.testing.assert_array_equal(load_stimuli(tmp_path / name).values, x)
    found = load_stimuli(tmp_path / "x.npz")
    assert list(found.ids) == list("abcde")
    assert list(found.targets) == [0, 1, 2, 3, 4]
    assert found.groups is None
    assert list(load_stimuli(tmp_path / "x.safetensors").groups) == [0, 1, 2, 3, 4]
    np.testing.assert_array_equal(load_stimuli(tmp_path / "x.npz", "other").values, x + 1)


def test_stimuli_that_cannot_be_used(tmp_path):
    np.savez(tmp_path / "two.npz", first=np.ones(3), second=np.ones(4))
    with pytest.raises(ShapeError, match=r"first \(3,\), second \(4,\).*--stimuli-key"):
        load_stimuli(tmp_path / "two.npz")
    np.savez(tmp_path / "text.npz", first=np.ones(3), names=np.array(list("abc")))
    with pytest.raises(InputError, match=r"'names' holds <U1.*--stimuli-key"):
        load_stimuli(tmp_path / "text.npz")
    with pytest.raises(UnknownNameError, match="did you mean 'first'"):
        load_stimuli(tmp_path / "two.npz", "firts")
    with pytest.raises(InputError, match="does not exist"):
        load_stimuli(tmp_path / "none.npy")
    np.save(tmp_path / "objects.npy", np.array([{}], dtype=object), allow_pickle=True)
    (tmp_path / "empty.npy").write_bytes(b"")
    (tmp_path / "zip.npy").write_bytes((tmp_path / "two.npz").read_bytes())
    np.save(tmp_path / "whole.npy", np.ones((50, 50)))
    (tmp_path / "short.npy").write_bytes((tmp_path / "whole.npy").read_bytes()[:300])
    for name in ("objects", "empty", "zip", "short"):
        with pytest.raises(FormatError, match=name):
            load_stimuli(tmp_path / f"{name}.npy")


@pytest.mark.parametrize("name", ["x.npz", "x.safetensors"])
def test_several_named_inputs_are_a_mapping(tmp_path, name):
    from safetensors.numpy import save_file

    named = {"input_ids": np.arange(6).reshape(3, 2), "attention_mask": np.ones((3, 2), np.int8)}
    arrays = {**named, "groups": np.arange(3)}
    np.savez(tmp_path / name, **arrays) if name.endswith("npz") else save_file(arrays, tmp_path / name)
    found = load_stimuli(tmp_path / name)
    assert set(found.values) == set(named)
    for key, values in named.items():
        np.testing.assert_array_equal(found.values[key], values)
    assert list(found.groups) == [0, 1, 2]
    with pytest.raises(InputError, match="several named arrays"):
        _ = found.array
    np.testing.assert_array_equal(load_stimuli(tmp_path / name, "input_ids").array, named["input_ids"])


def test_a_recording_is_no_set_of_named_inputs(tmp_path, rng):
    import conjugacy as cj
    from conjugacy.activations import save

    save(cj.Recording.from_arrays({"h1": np.ones((3, 2)), "h2": np.ones((3, 2))}), tmp_path / "r.npz")
    with pytest.raises(InputError, match=r"is a recording without the network's inputs.*--stimuli-key"):
        load_stimuli(tmp_path / "r.npz")


def test_an_onnx_file_is_its_path(tmp_path):
    (tmp_path / "a.onnx").write_bytes(b"x")
    assert load_model(str(tmp_path / "a.onnx")) == tmp_path / "a.onnx"
    with pytest.raises(InputError, match="holds its own weights"):
        load_model(str(tmp_path / "a.onnx"), tmp_path / "w.pt")
    with pytest.raises(InputError, match="does not exist"):
        load_model(str(tmp_path / "b.onnx"))


def test_weights_alone_are_no_model(tmp_path):
    for name in ("w.pt", "w.safetensors"):
        with pytest.raises(InputError, match=r"FILE\.py:CALLABLE.*--weights"):
            load_model(str(tmp_path / name))


def test_labels(tmp_path):
    np.save(tmp_path / "g.npy", np.array([1, 1, 2]))
    (tmp_path / "g.txt").write_text("a\n b\n\na\n")
    assert list(load_labels(tmp_path / "g.npy")) == [1, 1, 2]
    assert list(load_labels(tmp_path / "g.txt")) == ["a", "b", "a"]
    (tmp_path / "bytes.csv").write_bytes(b"\xff\xfe")
    with pytest.raises(FormatError, match="text"):
        load_labels(tmp_path / "bytes.csv")
    with pytest.raises(InputError, match="does not exist"):
        load_labels(tmp_path / "none.csv")
