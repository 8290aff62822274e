"""Rules of single formats at their edges: directories of large archives, data sets without values, tiles of a table."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from conjugacy.activations import load
from conjugacy.errors import FormatError, ShapeError
from conjugacy.storage.tables import STATUS, TableStore, Tile

X = np.random.default_rng(0).normal(size=(6, 2))


def large_archive(path: Path, directory: int) -> Path:
    """An archive that says at its end, as those beyond 4 GB do, that its list of members takes so many bytes."""
    end64 = b"PK\x06\x06" + (44).to_bytes(8, "little") + bytes(28) + directory.to_bytes(8, "little") + bytes(8)
    locator = b"PK\x06\x07" + bytes(16)
    end = b"PK\x05\x06" + bytes(8) + b"\xff" * 8 + bytes(2)
    path.write_bytes(b"PK\x03\x04" + bytes(100) + end64 + locator + end)
    return path


def test_the_list_of_members_of_a_large_archive_is_bounded(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match=r"its list of members takes 1 TB"):
        load(large_archive(tmp_path / "a.npz", 10**12))
    with pytest.raises(FormatError) as other:  # zipfile says what is wrong with it
        load(large_archive(tmp_path / "b.npz", 1000))
    assert "list of members" not in str(other.value)


def test_an_empty_npz_layer_is_refused_and_a_damaged_one_named(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", h=X, x=np.zeros((6, 0)))
    with pytest.raises(ShapeError, match="at least one stimulus"):
        load(tmp_path / "a.npz")
    np.savez(tmp_path / "b.npz", h=X)
    raw = bytearray((tmp_path / "b.npz").read_bytes())
    raw[raw.index(b"NUMPY") + 130] ^= 1
    (tmp_path / "b.npz").write_bytes(raw)
    with pytest.raises(FormatError, match="CRC"):
        load(tmp_path / "b.npz")


def test_text_of_one_length_and_data_sets_without_values_in_hdf5(tmp_path: Path) -> None:
    h5py = pytest.importorskip("h5py")
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["h"] = X
        file["stimuli"] = np.array([b"a", b"b", b"c", b"d", b"e", b"f\xc3\xa9"])
        file["meta"] = np.bytes_(b'{"name": "net"}')
    found = load(tmp_path / "a.h5")
    assert found.name == "net"
    assert found.layers["h"].stimuli.tolist() == ["a", "b", "c", "d", "e", "f\u00e9"]
    with h5py.File(tmp_path / "b.h5", "w") as file:
        file["h"] = X
        file["nothing"] = h5py.Empty("f8")
    with pytest.raises(FormatError, match="'nothing' in it is a data set without values"):
        load(tmp_path / "b.h5")


def tile(rows: slice, value: float) -> tuple[Tile, dict[str, np.ndarray]]:
    one = Tile(rows, slice(0, 2), 0, 0)
    values = {name: np.full(one.shape, value) for name in ("value", "low", "high", "p")}
    return one, {**values, STATUS: np.full(one.shape, 3, np.uint8)}


def test_tiles_are_read_as_they_were_written_and_a_damaged_one_is_taken_out(tmp_path: Path) -> None:
    table = TableStore(tmp_path, (5, 2, 1, 1), 2)
    for rows, value in ((slice(0, 2), 0.5), (slice(2, 4), 0.25), (slice(4, 5), 0.125)):
        table.write(*tile(rows, value))
    last, values = tile(slice(4, 5), 0.125)
    assert last.shape == (1, 2)
    again = TableStore(tmp_path, (5, 2, 1, 1), 2)
    np.testing.assert_array_equal(again.read(last)["value"], values["value"])
    chunk = tmp_path / "low" / "c" / "2" / "0" / "0" / "0"
    chunk.write_bytes(chunk.read_bytes()[:-1] + b"\0\0")
    assert again.is_damaged(last)
    looking = TableStore(tmp_path, (5, 2, 1, 1), 2, readonly=True)
    assert not looking.read(last)[STATUS].any()
    assert chunk.exists()  # who only reads takes nothing out
    assert not again.read(last)[STATUS].any()
    assert not chunk.exists()
    assert not again.is_damaged(last)  # it is missing now
    assert np.isnan(again.load()["value"][4]).all()
    assert (again.load()["value"][:4, 0, 0, 0] == [0.5, 0.5, 0.25, 0.25]).all()


def test_labels_are_written_anew_where_they_say_something_else(tmp_path: Path) -> None:
    import zarr

    table = TableStore(tmp_path, (2, 2, 1, 1), 2)
    table.label({"network_a": ("network_a", ["x", "y"])})
    told = tmp_path / "network_a" / "c" / "0"
    before = told.stat().st_mtime_ns
    table.label({"network_a": ("network_a", ["x", "y"])})
    assert told.stat().st_mtime_ns == before
    table.label({"network_a": ("network_a", ["x", "z"])})
    assert zarr.open_group(str(tmp_path), mode="r")["network_a"][...].tolist() == ["x", "z"]


def test_an_array_that_is_described_otherwise_is_refused_by_readers_and_described_anew_by_writers(
    tmp_path: Path,
) -> None:
    TableStore(tmp_path, (2, 2, 1, 1), 2).write(*tile(slice(0, 2), 0.5))
    description = tmp_path / "value" / "zarr.json"
    whole = description.read_text()
    description.write_text(whole.replace('"NaN"', "0.0"))
    with pytest.raises(FormatError, match="the description of 'value' in it is damaged"):
        TableStore(tmp_path, (2, 2, 1, 1), 2, readonly=True)
    again = TableStore(tmp_path, (2, 2, 1, 1), 2)
    assert '"NaN"' in description.read_text()
    assert (again.load()["value"] == 0.5).all()
