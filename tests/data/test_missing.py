"""What is missing is counted by hand; padding is told from silence."""

from __future__ import annotations

import numpy as np
import pytest

import conjugacy as cj
from conjugacy.activations import load
from conjugacy.data.missing import asked_of, kept, zero_tails
from conjugacy.errors import InputError, NotFiniteError, UnknownNameError
from conjugacy.storage.complete import LEFT_OUT_ROWS

CELLS = np.zeros((10, 4), dtype=bool)
CELLS[:7, 1] = True  # unit 1 misses most rows, unit 3 two
CELLS[[8, 9], 3] = True


@pytest.mark.parametrize(
    ("asked", "units", "rows"),
    [
        (("drop-units",), [0, 2], list(range(10))),
        (("drop-trials",), [0, 1, 2, 3], [7]),
        (("drop-units", "drop-trials"), [0, 2, 3], list(range(8))),
        ((), [0, 1, 2, 3], list(range(10))),
    ],
)
def test_what_is_kept(asked: tuple[str, ...], units: list[int], rows: list[int]) -> None:
    found = kept({"h": CELLS}, asked, "trials")
    assert np.flatnonzero(found.units["h"]).tolist() == units
    assert np.flatnonzero(found.rows).tolist() == rows


def test_nothing_left_is_an_error() -> None:
    with pytest.raises(InputError, match="every unit has NaN"):
        kept({"h": np.ones((3, 2), bool)}, ("drop-units",), "trials")
    with pytest.raises(InputError, match="every one of the 3 trials"):
        kept({"h": np.eye(3, dtype=bool)}, ("drop-trials",), "trials")


def test_words() -> None:
    assert asked_of(["intersect", "shorten", "intersect"]) == ("intersect", "shorten")
    with pytest.raises(UnknownNameError, match="did you mean 'drop-units'"):
        asked_of("drop_units")
    with pytest.raises(InputError, match="missing: got 3"):
        asked_of(3)


def test_padding_is_told_from_silence(rng: np.random.Generator) -> None:
    trials = [rng.normal(size=(20, 3)) for _ in range(6)]
    assert zero_tails(trials) is None
    trials[2][15:] = 0.0
    trials[4][18:] = 0.0  # two points may be chance
    assert zero_tails(trials) == [20, 20, 15, 20, 20, 20]
    counts = [rng.poisson(0.1, size=(50, 3)).astype(float) for _ in range(6)]  # few spikes: all silent in most bins
    counts[1][40:] = 0.0
    assert zero_tails(counts) is None
    assert zero_tails([np.zeros((9, 2)), np.ones((9, 2))]) is None  # a trial of nothing but zeros is no padded one


def test_trajectories_count_every_trial_s_gaps() -> None:
    values = np.ones((5, 4, 3))
    values[[1, 3], 2, 0] = np.nan
    with pytest.raises(NotFiniteError, match=r"1 of 3 units has NaN \(unit 0; in 2 of 5 trials: 1, 3\)"):
        cj.Trajectories(values)
    with pytest.raises(InputError, match="the time between two points, not the times"):
        cj.Trajectories(np.ones((5, 4, 3)), dt=np.arange(4) * 0.1)


@pytest.mark.parametrize("ending", ["npz", "safetensors"])
def test_files_without_units_and_trials_that_miss_values(ending: str, tmp_path, rng: np.random.Generator) -> None:
    path = tmp_path / f"a.{ending}"
    values = rng.normal(size=(6, 5, 4))
    targets, drive = np.arange(6.0), rng.normal(size=(6, 5, 1))
    layer = cj.Trajectories(values, trials=list("abcdef"), conditions=list("xxyyzz"), drive=drive)
    cj.Recording({"h": layer}, targets=targets).save(path)
    from conjugacy.storage import read_arrays, write_arrays

    raw = read_arrays(path)
    arrays = {name: array.copy() for name, array in raw.arrays.items()}
    arrays["h"][2, 1, 3] = np.nan
    write_arrays(path, arrays, raw.meta, overwrite=True)
    with pytest.raises(InputError, match="1 of 4 units has NaN"):
        load(path)
    units = load(path, missing="drop-units")
    assert np.allclose(units.layer("h").values[2], values[2, :, :3], atol=1e-6)
    assert any("left out for NaN" in note for note in units.provenance["passes"])
    rows = load(path, missing="drop-trials")
    found = rows.layer("h")
    assert isinstance(found, cj.Trajectories)
    assert found.trials is not None
    assert found.drive is not None
    assert found.conditions is not None
    assert rows.targets is not None
    assert found.trials.tolist() == list("abdef")
    assert found.conditions.tolist() == list("xxyzz")
    assert rows.targets.tolist() == [0, 1, 3, 4, 5]
    assert np.allclose(found.drive[2], drive[3], atol=1e-6)
    assert rows.provenance[LEFT_OUT_ROWS] == ["c"]


def test_padding_of_files_is_cut_where_that_is_asked_for(tmp_path, rng: np.random.Generator) -> None:
    values = rng.normal(size=(4, 9, 3))
    values[1, 5:] = 0.0
    np.savez(tmp_path / "a.npz", h=values)
    assert load(tmp_path / "a.npz").layer("h").lengths == (9, 9, 9, 9)
    assert load(tmp_path / "a.npz", missing="unpad").layer("h").lengths == (9, 5, 9, 9)
