"""Rules of single formats at their edges: directories of large archives, data sets without values, tiles of a table."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from conjugacy.activations import load
from conjugacy.errors import FormatError, InputError, ShapeError
from conjugacy.storage.contents import Entry, as_plain
from conjugacy.storage.formats import format_of
from conjugacy.storage.limits import RATIO_FROM, require_honest
from conjugacy.storage.meta import form_of
from conjugacy.storage.packed import read_packed, write_packed
from conjugacy.storage.tables import STATUS, TableStore, Tile
from conjugacy.storage.texts import as_text

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


def test_what_a_file_declares_is_held_against_what_it_takes() -> None:
    require_honest(RATIO_FROM, 1)  # harmless at any ratio
    require_honest(RATIO_FROM + 1, RATIO_FROM // 100 + 1)
    for on_disk in (0, 1, RATIO_FROM // 101):
        with pytest.raises(FormatError, match="decompression bomb"):
            require_honest(RATIO_FROM + 1, on_disk)


def test_what_reading_takes_counts_the_copy_into_wider_numbers() -> None:
    def cost(nbytes: int, **how: object) -> int:
        return Entry("h", (10, 2), nbytes, lambda: None, **how).cost

    assert cost(80, is_float=True) == 80  # float32 stays what it is
    assert cost(80) == 80 + 160  # whole numbers of four bytes are copied
    assert cost(160) == 160  # of eight bytes they become what they are read into
    assert cost(40, is_float=True, widened="bfloat16 as float32") == 40 + 80
    assert cost(80, is_float=True, beside=1000) == 1080


ODD_LAYERS = [
    (1, r"has 1 dimension; expected 2, 3 or 4; reshape it to \(rows, 1\)"),
    (0, "has 0 dimensions; .*stimuli x units"),
    (5, "has 5 dimensions; .*stimuli x units"),
]


@pytest.mark.parametrize(("dims", "said"), ODD_LAYERS)
def test_layers_of_other_dimensions_are_told_what_to_do(dims: int, said: str) -> None:
    with pytest.raises(InputError, match=said):
        form_of("h", dims, None)


def test_a_file_that_is_not_there_is_named_with_what_is_near(tmp_path: Path) -> None:
    np.savez(tmp_path / "network-a.npz", h=X)
    with pytest.raises(InputError, match=r"there is no file .*did you mean 'network-a.npz'"):
        load(tmp_path / "network_a.npz")
    with pytest.raises(InputError, match="check the path"):
        load(tmp_path / "nowhere" / "a.npz")
    (tmp_path / "link.npz").symlink_to(tmp_path / "gone.npz")
    with pytest.raises(InputError, match="a link that leads nowhere"):
        load(tmp_path / "link.npz")


@pytest.mark.parametrize("dt", [np.array([0.1, 0.2]), np.array("a"), np.array(True), np.zeros(0)])
def test_a_step_is_one_number(dt: np.ndarray, tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", h=np.zeros((3, 4, 2)) + X[:3, None, :], dt=dt)
    with pytest.raises(FormatError, match="expected one number"):
        load(tmp_path / "a.npz")


def test_what_was_read_is_read_only(tmp_path: Path) -> None:
    assert not as_plain("h", np.zeros(3)).flags.writeable


def test_checksums_inside_and_outside_of_what_is_compressed(tmp_path: Path) -> None:
    import numcodecs
    import zarr

    more = bytes(10**6)
    zstd, inside = numcodecs.Zstd(), numcodecs.CRC32()
    ways = [([zstd, inside], None), ([inside], zstd), ([zstd, numcodecs.Fletcher32()], None)]
    for number, (filters, compressor) in enumerate(ways):
        group = zarr.open_group(str(tmp_path / f"{number}.zarr"), mode="w", zarr_format=2)
        made = group.create_array(
            "h", shape=(6, 2), dtype="float64", chunks=(6, 2), filters=filters, compressors=compressor
        )
        made[...] = X
        np.testing.assert_array_equal(load(tmp_path / f"{number}.zarr").layers["h"].values, X)
        packed = more
        for codec in [*filters, *([compressor] if compressor else [])]:
            packed = bytes(codec.encode(packed))
        (tmp_path / f"{number}.zarr" / "h" / "0.0").write_bytes(packed)
        with pytest.raises(FormatError, match="unpacks to more"):
            load(tmp_path / f"{number}.zarr")


def test_what_was_packed_comes_back_read_only(tmp_path: Path) -> None:
    write_packed(tmp_path / "a.npz", {"x": np.arange(3)})
    assert not read_packed(tmp_path / "a.npz", ())["x"].flags.writeable


def test_empty_texts_take_one_character() -> None:
    assert as_text("ids", np.array(["", ""], dtype=object)).dtype == np.dtype("<U1")


def test_arrays_of_zarr_format_2_need_no_attributes(tmp_path: Path) -> None:
    import zarr

    group = zarr.open_group(str(tmp_path / "a.zarr"), mode="w", zarr_format=2)
    group.create_array("h", shape=X.shape, dtype="float64")[...] = X
    for file in (tmp_path / "a.zarr").rglob(".zattrs"):
        file.unlink()
    np.testing.assert_array_equal(load(tmp_path / "a.zarr").layers["h"].values, X)


def test_tensors_take_the_bytes_of_their_type(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    from safetensors.torch import save_file

    kinds = {"double": torch.float64, "single": torch.float32, "brain": torch.bfloat16}
    save_file({name: torch.zeros(6, 2, dtype=kind) for name, kind in kinds.items()}, tmp_path / "a.safetensors")
    with format_of(tmp_path / "a.safetensors").entries(tmp_path / "a.safetensors") as entries:
        assert {e.key: e.nbytes for e in entries if e.key in kinds} == {"double": 96, "single": 48, "brain": 24}
