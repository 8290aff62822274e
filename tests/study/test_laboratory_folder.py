"""A folder of laboratories' files is a study: each is read as `convert` reads it, said in the notes, and recordings go first."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import scipy.io

import conjugacy as cj

RNG = np.random.default_rng(0)
LATENT = RNG.normal(size=(60, 3))
ARRAYS = {name: np.tanh(LATENT @ RNG.normal(size=(3, 7))) for name in ("a", "b", "c")}


def saved(folder: Path) -> Path:
    np.save(folder / "a.npy", ARRAYS["a"])
    np.save(folder / "b.npy", ARRAYS["b"])
    scipy.io.savemat(folder / "c.mat", {"activations": ARRAYS["c"]})
    return folder


def test_the_same_numbers_as_from_arrays(tmp_path: Path) -> None:
    found = cj.pairwise(saved(tmp_path), measures="cka", store=tmp_path / "store")
    expected = cj.pairwise(ARRAYS, measures="cka")
    np.testing.assert_array_equal(found.to_xarray().value.values, expected.to_xarray().value.values)
    read = next(note for note in found.notes if note.startswith("read: "))
    assert "stimuli x units" in read
    assert "3 networks" in read
    again = cj.pairwise(tmp_path, measures="cka", store=tmp_path / "store")  # what was read is kept
    assert again.notes == found.notes


def test_recordings_go_first(tmp_path: Path) -> None:
    for name, array in ARRAYS.items():
        np.savez(tmp_path / f"{name}.npz", h=array)
    np.save(tmp_path / "targets.npy", np.arange(60))
    assert cj.pairwise(tmp_path, measures="cka", store=tmp_path / "store").networks[0] == ("a", "b", "c")


def test_a_damaged_one_is_named_and_the_others_are_compared(tmp_path: Path) -> None:
    (saved(tmp_path) / "b.npy").write_bytes((tmp_path / "b.npy").read_bytes()[:-9])
    found = cj.pairwise(tmp_path, measures="cka", store=tmp_path / "store")
    assert "b.npy" in found.unread["b"]
    assert np.isfinite(found.to_xarray().value.sel(network_a="a", network_b="c").item())


def test_the_shape_said_is_the_axes_of_the_file(tmp_path: Path) -> None:
    cube = RNG.normal(size=(60, 6, 5))
    np.save(tmp_path / "cube.npy", cube)
    by_shape = cj.load(tmp_path / "cube.npy", shape="ktn").first
    assert isinstance(by_shape, cj.Trajectories)
    np.testing.assert_array_equal(by_shape.values, cube)
    np.save(tmp_path / "other.npy", cube @ RNG.normal(size=(5, 5)))
    study = cj.pairwise(tmp_path, measures="cka", shape="ktn", store=tmp_path / "store")  # rows matched, too
    assert np.isfinite(study.to_xarray().value.sel(network_a="cube", network_b="other").item())


def test_what_a_system_leaves_is_no_network(tmp_path: Path) -> None:
    (saved(tmp_path) / "._a.npy").write_bytes(b"left by a system")
    assert cj.pairwise(tmp_path, measures="cka", store=tmp_path / "store").networks[0] == ("a", "b", "c")
