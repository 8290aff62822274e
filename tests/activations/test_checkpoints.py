"""Checkpoints as training loops write them: unwrapped where the whole then fits, and said; else nothing is loaded."""

from __future__ import annotations

import pytest

from conjugacy.activations.checkpoints import load_weights
from conjugacy.errors import FormatError, InputError

torch = pytest.importorskip("torch")


def net(tied=False):
    torch.manual_seed(0)
    found = torch.nn.Sequential(torch.nn.Linear(3, 3), torch.nn.BatchNorm1d(3), torch.nn.Linear(3, 3))
    if tied:
        found[2].weight = found[0].weight
    return found


@pytest.fixture
def trained():
    model = net()
    with torch.no_grad():
        for number, value in enumerate(model.parameters()):
            value.fill_(number + 1.0)
    return model.state_dict()


def prefixed(state, prefix):
    return {f"{prefix}{key}": value for key, value in state.items()}


WRAPPED = {
    "state_dict": (lambda s: {"state_dict": s, "epoch": 3}, "['state_dict']; left alone: epoch"),
    "model_state_dict": (lambda s: {"model_state_dict": s}, "['model_state_dict']"),
    "model": (lambda s: {"model": s, "optimizer": {}, "ema": s}, "['model']; left alone: optimizer, ema"),
    "DataParallel": (lambda s: prefixed(s, "module."), "without 'module.'"),
    "compiled": (lambda s: prefixed(s, "_orig_mod."), "without '_orig_mod.'"),
    "Lightning": (
        lambda s: {"state_dict": prefixed(s, "model."), "epoch": 1},
        "['state_dict'] without 'model.'; left alone: epoch",
    ),
    "all of them": (
        lambda s: {"model": {"state_dict": prefixed(s, "module._orig_mod.model.")}},
        "['model']['state_dict'] without 'module.', '_orig_mod.', 'model.'",
    ),
    "parts compiled": (
        lambda s: {("0._orig_mod." + k[2:] if k[0] == "0" else k): v for k, v in s.items()},
        "without '_orig_mod.'",
    ),
}


@pytest.mark.parametrize("how", WRAPPED)
def test_wrapped_checkpoints_load_and_it_is_said(trained, how, tmp_path):
    wrap, words = WRAPPED[how]
    torch.save(wrap(trained), tmp_path / "w.pt")
    model, said = net(), []
    load_weights(model, tmp_path / "w.pt", said.append)
    for key, value in model.state_dict().items():
        assert torch.equal(value, trained[key]), key
    assert len(said) == 1
    assert said[0].endswith(f"taken {words}")


def test_what_fits_as_it_is_is_not_unwrapped(trained, tmp_path):
    from safetensors.torch import save_file

    said = []
    torch.save(trained, tmp_path / "w.pt")
    save_file(prefixed(trained, "module."), tmp_path / "w.safetensors")
    load_weights(net(), tmp_path / "w.pt", said.append)
    assert said == []
    load_weights(torch.nn.ModuleDict({"module": net()}), tmp_path / "w.safetensors", said.append)
    assert said == []


def test_a_compiled_model_takes_weights_of_either_kind(trained, tmp_path):
    torch.save(trained, tmp_path / "w.pt")
    torch.save(prefixed(trained, "_orig_mod."), tmp_path / "c.pt")
    for name in ("w.pt", "c.pt"):
        model = torch.compile(net(), backend="eager")
        load_weights(model, tmp_path / name)
        assert torch.equal(model.state_dict()["_orig_mod.0.weight"], trained["0.weight"])


def test_tied_weights_are_stored_once(tmp_path):
    from safetensors.torch import save_model

    kept = net(tied=True)
    with torch.no_grad():
        kept[0].weight.fill_(7.0)
    save_model(kept, str(tmp_path / "w.safetensors"))
    model = net(tied=True)
    load_weights(model, tmp_path / "w.safetensors")
    assert torch.equal(model[2].weight, kept[0].weight)
    with pytest.raises(InputError, match=r"Missing: [02]\.weight"):  # of two matrices one would stay as it was
        load_weights(net(), tmp_path / "w.safetensors")


def test_what_fits_nowhere_names_what_was_tried(trained, tmp_path):
    trained.pop("2.bias")
    torch.save({"model": prefixed(trained | {"head.weight": torch.ones(2)}, "module."), "epoch": 3}, tmp_path / "w.pt")
    with pytest.raises(InputError) as error:
        load_weights(net(), tmp_path / "w.pt")
    words = str(error.value)
    assert "tried as it is; ['model']; ['model'] without 'module.'; nearest is ['model'] without 'module.'" in words
    assert "Missing: 2.bias" in words
    assert "Unexpected: head.weight" in words


def test_many_names_are_shortened_and_sizes_told(trained, tmp_path):
    torch.save({f"other.{i}": torch.ones(1) for i in range(20)}, tmp_path / "w.pt")
    with pytest.raises(InputError, match=r"other\.4 and 15 more"):
        load_weights(net(), tmp_path / "w.pt")
    torch.save(trained | {"0.weight": torch.ones(3, 4)}, tmp_path / "w.pt")
    with pytest.raises(InputError, match=r"size mismatch: 0\.weight \(3, 4\), in the model \(3, 3\)"):
        load_weights(net(), tmp_path / "w.pt")


@pytest.mark.parametrize("content", [{"model": {"model": {}}}, {"state_dict": {1: 2}}, {"model": None}, {}])
def test_hostile_or_empty_containers(content, tmp_path):
    torch.save(content, tmp_path / "w.pt")
    with pytest.raises((InputError, FormatError), match="weights"):
        load_weights(net(), tmp_path / "w.pt")


def test_torch_files_are_never_compressed(tmp_path):
    import zipfile

    model = torch.nn.Linear(3, 2)
    torch.save(model.state_dict(), tmp_path / "w.pt")
    load_weights(torch.nn.Linear(3, 2), tmp_path / "w.pt")
    with (
        zipfile.ZipFile(tmp_path / "w.pt") as whole,
        zipfile.ZipFile(tmp_path / "z.pt", "w", zipfile.ZIP_DEFLATED) as small,
    ):
        for name in whole.namelist():
            small.writestr(name, whole.read(name))
    with pytest.raises(FormatError, match=r"compressed, which torch\.save never does"):
        load_weights(torch.nn.Linear(3, 2), tmp_path / "z.pt")
