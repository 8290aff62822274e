"""Which array is what: by names, by lengths, by what the file says; where it is open, the error says how to choose."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import scipy.io
from laboratory_files import StructArrayOf, write_matlab_hdf5

import conjugacy as cj
from conjugacy.activations.laboratory import ReadingOptions
from conjugacy.activations.laboratory.arrays import understood
from conjugacy.errors import InputError, UnknownNameError
from conjugacy.storage.laboratory import Held

RATES = np.random.default_rng(0).normal(size=(5, 4, 3))  # units x time points x trials
BESIDE = {"cond": np.array(["l", "r", "l"]), "t": np.arange(4) * 0.1}


def test_lengths_of_labels_say_which_axis_is_which() -> None:
    arrays, meta, told = understood(Held({"rates": RATES, **BESIDE}), ReadingOptions())
    assert np.array_equal(arrays["rates"], RATES.transpose(2, 1, 0))
    assert arrays["conditions"].tolist() == ["l", "r", "l"]
    assert float(arrays["dt"]) == pytest.approx(0.1)
    assert (meta["layers"], meta["shape"]) == (["rates"], "ktn")
    assert told[0] == "'rates' is units x time points x trials, as labels have these lengths"


@pytest.mark.parametrize(
    ("held", "options", "words"),
    [
        ({"rates": RATES}, {}, "nothing says which axis is which.*--axes rates="),
        ({"rates": RATES, "cond": BESIDE["cond"]}, {}, "more than one order of axes fits"),
        ({"rates": np.zeros((4, 4, 3)), **BESIDE}, {}, "more than one order of axes fits"),
        ({"a": RATES, "b": RATES}, {}, "2 arrays in it may be what is to be compared"),
        ({"a": np.zeros(3), "b": np.array("x")}, {}, "no array in it is a table of numbers"),
        ({"rates": RATES}, {"axes": "nt"}, "one letter for each axis"),
        ({"rates": RATES, **BESIDE, "t": np.array([0, 1, 2, 4.0])}, {}, "are not even"),
        ({"rates": RATES, **BESIDE}, {"roles": {"trials": "t"}, "axes": "ntk"}, "has 4 labels, and there are 3 rows"),
        (
            {"rates": RATES, "h": np.zeros((9, 2))},
            {"layers": ["rates", "h"], "axes": {"rates": "ntk"}},
            "layers of one kind",
        ),
    ],
)
def test_what_is_open_is_refused_with_a_way_out(held: dict[str, Any], options: dict[str, Any], words: str) -> None:
    with pytest.raises(InputError, match=words):
        understood(Held(held), ReadingOptions(**options))


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"axes": "ntx"}, "one letter for each axis"),
        ({"axes": "kt"}, "one letter for each axis"),
        ({"roles": {"colour": "t"}}, "role 'colour'"),
        ({"layers": "rates"}, "expected a list of names"),
        ({"bin": 0}, "bin: got 0"),
        ({"window": (1, 0)}, "window: got"),
        ({"missing": "intersect"}, "missing 'intersect'"),
        ({"dt": -1}, "dt: got -1"),
    ],
)
def test_choices_that_are_none(options: dict[str, Any], words: str) -> None:
    with pytest.raises(InputError, match=words):
        ReadingOptions(**options)


def test_two_axes_are_stimuli_and_units_unless_labels_say_otherwise() -> None:
    values = np.arange(12.0).reshape(4, 3)
    arrays, _, told = understood(Held({"h": values}), ReadingOptions())
    assert np.array_equal(arrays["h"], values)
    assert "where nothing says otherwise" in told[0]
    arrays, meta, _ = understood(Held({"h": values, "stimuli": np.array(["a", "b", "c"])}), ReadingOptions())
    assert np.array_equal(arrays["h"], values.T)
    assert meta["shape"] == "mn"
    arrays, meta, told = understood(Held({"h": values, "t": np.arange(4) * 0.5}), ReadingOptions())
    assert (arrays["h"].shape, meta["shape"]) == ((1, 4, 3), "ktn")
    assert any("one trial" in sentence for sentence in told)


def test_a_list_of_trials_is_told_apart_by_what_does_not_change() -> None:
    trials = tuple(np.ones((n, 6)) * n for n in (4, 7, 5))
    arrays, _, _ = understood(Held({}, lists={"R": trials}), ReadingOptions())
    assert arrays["lengths"].tolist() == [4, 7, 5]
    assert np.isnan(arrays["R"][0, 4:]).all()
    turned, _, _ = understood(Held({}, lists={"R": tuple(x.T for x in trials)}), ReadingOptions())
    assert np.array_equal(turned["R"], arrays["R"], equal_nan=True)
    with pytest.raises(InputError, match="say which axis is time"):
        understood(Held({}, lists={"R": (np.ones((4, 6)), np.ones((4, 6)))}), ReadingOptions())


def test_the_file_s_own_names_of_axes_count() -> None:
    held = Held({"r": RATES}, axes={"r": ("neuron", "time", "trial")})
    assert understood(held, ReadingOptions())[0]["r"].shape == (3, 4, 5)
    held = Held({"r": RATES}, axes={"r": ("cell", "time", "condition")})
    assert understood(held, ReadingOptions())[0]["r"].shape == (3, 4, 5)


def test_a_table_of_time_points_becomes_trials(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    rows = [(k, i * 0.1, "l" if k % 2 else "r", k + i, -i, 0.5) for k in range(4) for i in range(3 + k)]
    table = pd.DataFrame(rows, columns=["trial", "time", "condition", "u1", "u2", "hand"])
    table.sample(frac=1, random_state=0).to_parquet(tmp_path / "a.parquet")
    found = cj.convert(tmp_path / "a.parquet", roles={"outputs": "hand"})
    layer = found.recording.layer("activations")
    assert isinstance(layer, cj.Trajectories)
    assert layer.lengths == (3, 4, 5, 6)
    assert layer.values[2][:, 0].tolist() == [2, 3, 4, 5, 6]
    assert layer.conditions is not None
    assert layer.conditions.tolist() == ["r", "l", "r", "l"]
    assert layer.dt == pytest.approx(0.1)
    assert found.recording.heads == ("outputs",)


def sessions(folder: Path) -> tuple[Path, Path]:
    """Return the same 60 trials of two views of one system: one as v5, units first, one as v7.3, an array of structs."""
    rng = np.random.default_rng(1)
    hidden = np.cumsum(rng.normal(size=(60, 12, 3)), axis=1)
    a, b = (hidden @ rng.normal(size=(3, n)) for n in (7, 9))
    names = [f"trial {i}" for i in range(60)]
    scipy.io.savemat(folder / "a.mat", {"rates": a.transpose(2, 1, 0), "trial_id": names, "t": np.arange(12) * 0.02})
    order = rng.permutation(60)
    rows = StructArrayOf({"rates": b[i].T, "trialId": names[i]} for i in order)
    write_matlab_hdf5(folder / "b.mat", {"R": rows, "dt": np.array(0.02)})
    return folder / "a.mat", folder / "b.mat"


@pytest.mark.slow
def test_two_matlab_files_are_compared_as_they_are(tmp_path: Path, short_curves: None) -> None:
    pytest.importorskip("h5py")
    a, b = sessions(tmp_path)
    with pytest.raises(InputError, match=r"--axes R\.rates=tn"):
        cj.load(b)
    found = cj.convert(b, axes="nt").recording
    assert np.array_equal(cj.load(a).first.values[5].shape, (12, 7))
    result = cj.compare(cj.load(a), found)
    assert result.verdict.representation.answer == "equivalent"
    assert result.verdict.representation.rung == "affine"
    assert any(
        "units x time points x trials" in note for note in result.notes
    )  # what was understood stands with the answer


def test_load_and_convert_name_what_is_wrong(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", np.random.default_rng(0).normal(size=(9, 4)))
    assert cj.load(tmp_path / "a.npy").first.values.shape == (9, 4)
    with pytest.raises(InputError, match=r"expected \.nwb"):
        cj.convert(tmp_path / "a.npz")
    with pytest.raises(UnknownNameError, match="there is no array 'h'"):
        cj.load(tmp_path / "a.npy", layers=["h"])
    with pytest.raises(TypeError, match="did you mean 'axes'"):
        cj.convert(tmp_path / "a.npy", axis="mn")
    np.save(tmp_path / "b.npy", np.zeros((3, 4, 5)))
    with pytest.raises(InputError, match=r"b\.npy.*ktn \(trials|b\.npy.*'ktn' \(trials"):
        cj.load(tmp_path / "b.npy")


def test_nan_is_counted_and_left_out_on_request(tmp_path: Path) -> None:
    values = np.random.default_rng(0).normal(size=(9, 4))
    values[2, 1] = np.nan
    np.save(tmp_path / "a.npy", values)
    with pytest.raises(InputError, match=r"1 of 4 units has NaN \(unit 1; in 1 of 9 stimuli: 2\)"):
        cj.load(tmp_path / "a.npy")
    assert cj.load(tmp_path / "a.npy", missing="drop-units").first.values.shape == (9, 3)
    rows = cj.load(tmp_path / "a.npy", missing="drop-trials").first
    assert rows.stimuli.tolist() == [0, 1, 3, 4, 5, 6, 7, 8]  # rows keep the places that they had
