"""Names and labels that a file holds: what is no text is refused, and what is no name of units too."""

from __future__ import annotations

import json
import os

import numpy as np
import pytest

import conjugacy as cj
from conjugacy.activations import load, save
from conjugacy.errors import FormatError, InputError

VALUES = np.random.default_rng(0).normal(size=(30, 3))


@pytest.mark.parametrize("units", [5, "abc", {"a": 1}, [["a"], "b", "c"], [None, "b", "c"]])
def test_units_that_are_no_list_of_names(units, tmp_path):
    np.savez(tmp_path / "a.npz", h=VALUES, meta=json.dumps({"units": {"h": units}}))
    with pytest.raises(FormatError, match=r"a\.npz': meta holds units of layer 'h' = .*; expected a list of names"):
        load(tmp_path / "a.npz")


def test_units_that_are_numbers_are_names(tmp_path):
    np.savez(tmp_path / "a.npz", h=VALUES, meta=json.dumps({"units": {"h": [7, 8, 9]}}))
    assert load(tmp_path / "a.npz").layers["h"].units == ("7", "8", "9")


@pytest.mark.parametrize("meta", [{"name": "\ud800"}, {"provenance": {"note": ["\udfff"]}}])
def test_half_a_character_in_meta(meta, tmp_path):
    np.savez(tmp_path / "a.npz", h=VALUES, meta=json.dumps(meta))
    with pytest.raises(FormatError, match="'meta' holds half a character"):
        load(tmp_path / "a.npz")
    np.savez(tmp_path / "b.npz", h=VALUES, meta=json.dumps({"name": "\U0001f600"}))
    assert load(tmp_path / "b.npz").name == "\U0001f600"


@pytest.mark.parametrize("code", [0xD800, 0x110000])
def test_numbers_that_are_no_characters_in_ids(code, tmp_path):
    ids = np.array([f"s{i}" for i in range(30)])
    ids.view(np.uint32)[0] = code
    np.savez(tmp_path / "a.npz", h=VALUES, stimuli=ids)
    with pytest.raises(FormatError, match="'stimuli' holds numbers that are not characters"):
        load(tmp_path / "a.npz")


def test_half_a_character_is_written_out_in_ids_and_refused_elsewhere(tmp_path):
    ids = [f"\ud800{i}" for i in range(30)]
    save(cj.Recording({"h": cj.Activations(VALUES, stimuli=ids)}), tmp_path / "a.npz")
    back = load(tmp_path / "a.npz").layers["h"].stimuli
    assert back is not None
    assert str(back[3]) == r"\ud8003"
    with pytest.raises(InputError):
        save(cj.Recording({"h": VALUES}, provenance={"note": "\ud800"}), tmp_path / "b.npz")
    assert [path.name for path in tmp_path.iterdir()] == ["a.npz"]


def test_whatever_a_recording_holds_becomes_one_sentence(tmp_path, monkeypatch):
    np.savez(tmp_path / "a.npz", h=VALUES)
    monkeypatch.setattr("conjugacy.activations.sources.decode", lambda *_, **__: [].append(1, 2))
    with pytest.raises(FormatError, match=r"a\.npz' holds what no recording holds \(TypeError"):
        load(tmp_path / "a.npz")


def test_a_file_name_that_is_no_text_does_not_end_a_study(tmp_path):
    folder = os.fsencode(tmp_path / "nets")
    os.mkdir(folder)
    for name, factor in ((b"a", 1.0), (b"b\xff", 2.0), (b"b\xfe", 3.0)):
        with open(os.path.join(folder, name + b".npz"), "wb") as stream:
            np.savez(stream, h=factor * VALUES)
    study = cj.pairwise(tmp_path / "nets", measures="cka", store=tmp_path / "store")
    assert study.networks[0] == ("a", r"b\udcfe", r"b\udcff")
    np.testing.assert_allclose(study.table(), 1)
    again = cj.Study.open(tmp_path / "store")
    assert again.networks == study.networks
    assert load(os.fsdecode(folder + b"/b\xff.npz")).name == r"b\udcff"
