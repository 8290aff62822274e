"""Files of one array, tables and netCDF hold what the library itself wrote, and lie in vain."""

from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from conjugacy.errors import FormatError, InputError
from conjugacy.storage.laboratory import Held, opened
from conjugacy.storage.limits import at_most


def read(path: Path) -> Held:
    with opened(path) as found:
        assert isinstance(found, Held)
        return found


def test_npy(tmp_path: Path) -> None:
    values = np.asfortranarray(np.arange(12.0).reshape(3, 4))
    np.save(tmp_path / "a.npy", values)
    assert np.array_equal(read(tmp_path / "a.npy").arrays["activations"], values)
    whole = (tmp_path / "a.npy").read_bytes()
    (tmp_path / "short.npy").write_bytes(whole[:-8])
    np.save(tmp_path / "objects.npy", np.array([{}, 1], dtype=object), allow_pickle=True)
    (tmp_path / "pickle.npy").write_bytes(pickle.dumps(values))
    for name, words in (("short", "declares 96 bytes"), ("objects", "could run code"), ("pickle", "could run code")):
        with pytest.raises(FormatError, match=words):
            read(tmp_path / f"{name}.npy")
    with at_most(50), pytest.raises(FormatError, match="memory"):
        read(tmp_path / "a.npy")
    with pytest.raises(InputError, match=r"did you mean 'a\.npy'"):
        read(tmp_path / "b.npy")


def test_parquet(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    table = pd.DataFrame(
        {
            "trial": [0, 0, 1],
            "side": pd.Categorical(["l", "l", "r"]),
            "u1": [0.5, np.nan, 2.0],
            "u2": np.array([1, 2, 3], np.int16),
            "when": pd.to_datetime(["2020-01-01"] * 3),
        }
    )
    table.to_parquet(tmp_path / "a.parquet")
    found = read(tmp_path / "a.parquet")
    assert found.arrays["side"].tolist() == ["l", "l", "r"]
    assert np.array_equal(found.arrays["u1"], table["u1"].to_numpy(), equal_nan=True)
    assert found.arrays["u2"].tolist() == [1, 2, 3]
    assert "timestamp" in found.left_out["when"]
    pd.DataFrame({"x": np.zeros(30_000_000, np.int8)}).to_parquet(tmp_path / "bomb.parquet")
    with pytest.raises(FormatError, match="100 to 1"):
        read(tmp_path / "bomb.parquet")


@pytest.mark.parametrize("engine", ["scipy", pytest.param("h5netcdf", marks=pytest.mark.slow)])
def test_netcdf(engine: str, tmp_path: Path) -> None:
    pytest.importorskip(engine)
    rates = np.arange(60.0).reshape(5, 4, 3)
    dataset = xr.Dataset(
        {"rates": (("neuron", "time", "trial"), rates)},
        coords={"time": np.arange(4) * 0.1, "side": ("trial", ["l", "r", "l"])},
    )
    dataset.to_netcdf(tmp_path / "a.nc", engine=engine)
    found = read(tmp_path / "a.nc")
    assert np.array_equal(found.arrays["rates"], xr.open_dataset(tmp_path / "a.nc", engine=engine)["rates"].to_numpy())
    assert found.axes["rates"] == ("neuron", "time", "trial")
    assert found.arrays["side"].tolist() == ["l", "r", "l"]


def test_netcdf_that_leads_elsewhere_or_is_none(tmp_path: Path) -> None:
    pytest.importorskip("h5netcdf")
    h5py = pytest.importorskip("h5py")
    with h5py.File(tmp_path / "a.nc", "w") as file:
        file["x"] = h5py.ExternalLink("other.h5", "/x")
    (tmp_path / "b.nc").write_bytes(b"no netCDF at all")
    with pytest.raises(FormatError, match="link to somewhere else"):
        read(tmp_path / "a.nc")
    with pytest.raises(FormatError, match="does not begin"):
        read(tmp_path / "b.nc")
