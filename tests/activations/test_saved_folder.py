"""Folders that save_pretrained wrote: the class that the config names, all weights from the folder, nothing of its code."""

from __future__ import annotations

import json

import numpy as np
import pytest

from conjugacy.activations.models import load_model
from conjugacy.errors import FormatError, InputError

torch = pytest.importorskip("torch")


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """Return a tiny classifier and the folder that holds it."""
    transformers = pytest.importorskip("transformers")
    torch.manual_seed(0)
    config = transformers.BertConfig(
        hidden_size=8,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=8,
        vocab_size=20,
        max_position_embeddings=8,
        num_labels=3,
    )
    model = transformers.BertForSequenceClassification(config).eval()
    folder = tmp_path_factory.mktemp("saved")
    bars = transformers.utils.logging.is_progress_bar_enabled()
    transformers.utils.logging.disable_progress_bar()
    model.save_pretrained(folder)
    if bars:
        transformers.utils.logging.enable_progress_bar()
    return model, folder


@pytest.fixture
def folder(kept, tmp_path):
    for file in kept[1].iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    return tmp_path


def changed(folder, **entries):
    config = json.loads((folder / "config.json").read_text())
    config |= entries
    (folder / "config.json").write_text(json.dumps({k: v for k, v in config.items() if v is not None}))


def reweighted(folder, change):
    from safetensors.torch import load_file, save_file

    weights = load_file(folder / "model.safetensors")
    change(weights)
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})


def test_it_comes_back_with_its_head_and_says_nothing(kept, folder, capfd):
    said = []
    found = load_model(str(folder), tell=said.append)
    assert type(found) is type(kept[0])
    assert not found.training
    ids = torch.arange(12).reshape(3, 4)
    with torch.no_grad():
        np.testing.assert_array_equal(found(ids).logits, kept[0](ids).logits)
    assert said == []
    assert capfd.readouterr() == ("", "")


def test_code_of_its_own_is_never_run(folder):
    said = []
    (folder / "mine.py").write_text("raise SystemExit('ran')")
    changed(folder, auto_map={"AutoModel": "mine.Mine"})
    assert type(load_model(str(folder), tell=said.append)).__name__ == "BertForSequenceClassification"
    assert "code of its own (mine.Mine), which is not run" in said[0]
    changed(folder, model_type="mine", architectures=["Mine"])
    with pytest.raises(InputError, match=r"never run.*FILE\.py:CALLABLE"):
        load_model(str(folder))


@pytest.mark.parametrize("name", ["Mine", "logging", "BertConfig", "__name__", "a.b", 3])
def test_architectures_that_are_none(folder, name):
    changed(folder, architectures=[name])
    with pytest.raises(InputError, match=r"names the architecture.*FILE\.py:CALLABLE"):
        load_model(str(folder))


def test_without_an_architecture_it_has_no_head(folder):
    said = []
    changed(folder, architectures=None)
    assert type(load_model(str(folder), tell=said.append)).__name__ == "BertModel"
    assert any("names no architecture" in sentence for sentence in said)
    assert any("classifier.weight" in sentence for sentence in said)


def test_weights_that_would_be_random_are_refused(folder):
    changed(folder, architectures=["BertForTokenClassification"], num_labels=5)
    with pytest.raises(InputError, match=r"would be random: classifier\.(bias|weight)"):
        load_model(str(folder))
    changed(folder, architectures=["BertForMaskedLM"])
    with pytest.raises(InputError, match=r"would be random: cls\."):
        load_model(str(folder))


def test_a_weight_that_is_missing_is_refused(folder):
    reweighted(folder, lambda weights: weights.pop("classifier.weight"))
    with pytest.raises(InputError, match=r"would be random: classifier\.weight"):
        load_model(str(folder))


@pytest.mark.parametrize("damage", ["config", "list", "weights", "none"])
def test_damaged_folders(folder, damage):
    if damage == "config":
        (folder / "config.json").write_bytes(b"{")
    elif damage == "list":
        (folder / "config.json").write_bytes(b"[]")
    elif damage == "weights":
        whole = (folder / "model.safetensors").read_bytes()
        (folder / "model.safetensors").write_bytes(whole[: len(whole) // 2])
    else:
        (folder / "model.safetensors").unlink()
    with pytest.raises(FormatError, match=str(folder)):
        load_model(str(folder))


@pytest.mark.parametrize(
    ("file", "words"),
    [("adapter_config.json", "adapter"), ("saved_model.pb", "TensorFlow SavedModel"), ("other", r"no config\.json")],
)
def test_other_folders_name_a_way_out(tmp_path, file, words):
    (tmp_path / file).write_text("{}")
    with pytest.raises(InputError, match=rf"{words}.*FILE\.py:CALLABLE"):
        load_model(str(tmp_path))


def test_weights_may_be_given_beside_it(kept, folder, tmp_path):
    state = {key: torch.zeros_like(value) for key, value in kept[0].state_dict().items()}
    torch.save({"model": state}, tmp_path / "w.pt")
    said = []
    found = load_model(str(folder), tmp_path / "w.pt", tell=said.append)
    assert not any(value.any() for value in found.parameters())
    assert said[0].endswith("taken ['model']")
