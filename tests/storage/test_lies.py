"""Files that unpack to more than they declare, or declare more than they hold: refused before room is taken for it.

What is unpacked here is small; it is more than was declared all the same.
"""

from __future__ import annotations

import gzip
import io
import json
import struct
import zipfile
import zlib
from pathlib import Path

import numcodecs
import numpy as np
import pytest
import zarr
from numpy.lib import format as npy

import conjugacy as cj
from conjugacy.activations import load, save
from conjugacy.errors import FormatError
from conjugacy.storage import limits, npz_file
from conjugacy.storage.hdf5_heaps import require_sound_heaps
from conjugacy.storage.json_text import json_memory, parse_json
from conjugacy.storage.unpacked import unpacked_bytes

MORE = bytes(60_000)
VALUES = np.arange(20.0).reshape(10, 2)
CODECS_3 = {
    "zstd": zarr.codecs.ZstdCodec(level=1),
    "gzip": zarr.codecs.GzipCodec(level=1),
    "blosc": zarr.codecs.BloscCodec(cname="lz4"),
}
CODECS_2 = {
    "zstd": numcodecs.Zstd(),
    "gzip": numcodecs.GZip(),
    "zlib": numcodecs.Zlib(),
    "lz4": numcodecs.LZ4(),
    "blosc": numcodecs.Blosc(),
}


def zarr_array(folder: Path, **how: object) -> Path:
    group = zarr.open_group(str(folder), mode="w", zarr_format=how.pop("zarr_format", 3))
    array = group.create_array("h", shape=VALUES.shape, dtype="float64", chunks=how.pop("chunks", (5, 2)), **how)
    array[...] = VALUES
    return folder


def frame(*blocks: tuple[int, int]) -> bytes:
    """Return a zstd frame that does not say its size, of blocks (kind, size) of zeros: 0 as they are, 1 one repeated byte."""
    found = struct.pack("<IBB", 0xFD2FB528, 0, 0x38)
    for place, (kind, size) in enumerate(blocks):
        head = (place == len(blocks) - 1) | kind << 1 | size << 3
        found += head.to_bytes(3, "little") + (b"\0" if kind else bytes(size))
    return found


@pytest.mark.parametrize("name", CODECS_3)
@pytest.mark.parametrize("more", [(), (zarr.codecs.Crc32cCodec(),)])
def test_a_zarr_chunk_that_unpacks_to_more_is_refused(name, more, tmp_path):
    folder = zarr_array(tmp_path / "a.zarr", compressors=[CODECS_3[name], *more])
    np.testing.assert_array_equal(load(folder).layers["h"].values, VALUES)
    packed = CODECS_2[name].encode(MORE)
    (folder / "h" / "c" / "0" / "0").write_bytes(packed + bytes(4 * len(more)))
    with pytest.raises(FormatError, match=r"chunk 'c/0/0' of 'h' unpacks to more than the 80 bytes"):
        load(folder)


@pytest.mark.parametrize("name", CODECS_2)
def test_so_is_one_of_format_2(name, tmp_path):
    folder = zarr_array(
        tmp_path / "a.zarr", zarr_format=2, compressors=CODECS_2[name], filters=[numcodecs.Delta(dtype="<f8")]
    )
    np.testing.assert_array_equal(load(folder).layers["h"].values, VALUES)
    (folder / "h" / "0.0").write_bytes(CODECS_2[name].encode(MORE))
    with pytest.raises(FormatError, match="unpacks to more"):
        load(folder)


def test_so_is_a_chunk_inside_a_shard(tmp_path):
    folder = zarr_array(tmp_path / "a.zarr", shards=(10, 2), compressors=[CODECS_3["zstd"]])
    np.testing.assert_array_equal(load(folder).layers["h"].values, VALUES)
    file = folder / "h" / "c" / "0" / "0"
    packed = numcodecs.Zstd().encode(MORE)
    index = np.array([[0, len(packed)], [2**64 - 1, 2**64 - 1]], "<u8").tobytes()
    file.write_bytes(packed + index + numcodecs.CRC32C(location="end").encode(index)[-4:].tobytes())
    with pytest.raises(FormatError, match="unpacks to more"):
        load(folder)
    index = np.array([[10**6, 80], [2**64 - 1, 2**64 - 1]], "<u8").tobytes()
    file.write_bytes(packed + index + bytes(4))
    with pytest.raises(FormatError, match="refers to bytes that it does not hold"):
        load(folder)


def texts(path, **how):
    group = zarr.open_group(str(path), mode="w", zarr_format=how.pop("zarr_format", 3))
    group.create_array("h", shape=(12, 2), dtype="float64")[...] = np.arange(24.0).reshape(12, 2)
    group.create_array("stimuli", shape=(12,), dtype="string", **how)[...] = np.array(IDS, dtype=object)
    return path


IDS = [f"image-{i}" for i in range(12)]
PACKED = {
    "plain": {"compressors": None, "chunks": (12,)},
    "checked": {"compressors": [CODECS_3["zstd"], zarr.codecs.Crc32cCodec()], "chunks": (12,)},
    **{name: {"compressors": [codec], "chunks": (12,)} for name, codec in CODECS_3.items()},
    "shard": {"compressors": [CODECS_3["zstd"]], "chunks": (6,), "shards": (12,)},
    **{f"{name} 2": {"compressors": codec, "chunks": (12,), "zarr_format": 2} for name, codec in CODECS_2.items()},
}


@pytest.mark.parametrize("how", PACKED)
def test_a_zarr_chunk_that_says_that_it_holds_more_texts_is_refused_before_there_is_room_for_them(how, tmp_path):
    folder = texts(tmp_path / "a.zarr", **PACKED[how])
    assert list(load(folder).layers["h"].stimuli) == IDS
    more = (13).to_bytes(4, "little") + bytes(4 * 13)  # thirteen empty texts
    codec = CODECS_2.get(how.partition(" ")[0], CODECS_2["zstd"])
    packed = more if how == "plain" else codec.encode(more)
    if how == "shard":
        index = np.array([[0, len(packed)], [2**64 - 1, 2**64 - 1]], "<u8").tobytes()
        packed += index + numcodecs.CRC32C(location="end").encode(index)[-4:].tobytes()
    where = ("0",) if how.endswith("2") else ("c", "0")
    (folder / "stimuli").joinpath(*where).write_bytes(packed + bytes(4) * (how == "checked"))
    with pytest.raises(FormatError, match=r"says that it holds 13 texts, and its array declares (12|6) for it"):
        load(folder)


def test_texts_whose_bytes_are_changed_further_or_that_fill_what_is_missing_are_refused(tmp_path):
    from numcodecs import CRC32, Delta, VLenUTF8

    other = texts(tmp_path / "a.zarr", zarr_format=2, compressors=None)
    described = json.loads((other / "stimuli" / ".zarray").read_text())
    described["filters"] = [VLenUTF8().get_config(), Delta("u1").get_config()]
    (other / "stimuli" / ".zarray").write_text(json.dumps(described))
    with pytest.raises(FormatError, match="its texts are packed with 'delta', which is not read"):
        load(other)
    filled = texts(tmp_path / "b.zarr", fill_value="x" * 100)
    with pytest.raises(FormatError, match="a text of 100 characters again and again"):
        load(filled)
    numbers = zarr_array(tmp_path / "c.zarr", zarr_format=2, compressors=None, filters=[CRC32(location="end")])
    with pytest.raises(FormatError, match="its checksums crc32 stand at the end of a chunk"):
        load(numbers)


def test_what_cannot_be_known_beforehand_is_refused(tmp_path):
    twice = zarr_array(tmp_path / "a.zarr", compressors=[CODECS_3["zstd"], CODECS_3["gzip"]])
    with pytest.raises(FormatError, match="compressed twice"):
        load(twice)
    large = zarr_array(tmp_path / "b.zarr", compressors=None)
    (large / "h" / "c" / "0" / "0").write_bytes(bytes(200_000))
    with pytest.raises(FormatError, match=r"200 kB on disk, and its array declares 80 bytes"):
        load(large)
    described = json.loads((large / "h" / "zarr.json").read_text())
    described["shape"] = [200_000, 2]
    (large / "h" / "zarr.json").write_text(json.dumps(described))
    with pytest.raises(FormatError, match="declares 40000 chunks and 2 are there"):
        load(large)


def test_a_large_chunk_of_a_small_array_counts(tmp_path):
    folder = zarr_array(tmp_path / "a.zarr", chunks=(1000, 1000), compressors=None, fill_value=0)
    with limits.at_most(1e6), pytest.raises(FormatError, match=r"needs 8 MB of memory, 1 MB may be used"):
        load(folder)


@pytest.mark.parametrize(
    "how", [{"compression": "gzip"}, {"compression": "lzf"}, {"compression": "gzip", "shuffle": True}]
)
@pytest.mark.parametrize("fletcher32", [False, True])
def test_an_hdf5_chunk_that_unpacks_to_more_is_refused(how, fletcher32, tmp_path):
    h5py = pytest.importorskip("h5py")
    path = tmp_path / "a.h5"
    with h5py.File(path, "w") as file:
        file.create_dataset("h", data=VALUES, chunks=(5, 2), fletcher32=fletcher32, **how)
    np.testing.assert_array_equal(load(path).layers["h"].values, VALUES)
    # LZF: three bytes that repeat one byte 264 times
    packed = zlib.compress(MORE) if how["compression"] == "gzip" else b"\0\0" + b"\xe0\xff\0" * 200
    with h5py.File(path, "r+") as file:
        file["h"].id.write_direct_chunk((0, 0), packed + bytes(4 * fletcher32))
    with pytest.raises(FormatError, match=r"a chunk of 'h' unpacks to more than the 80 bytes"):
        load(path)


def test_hdf5_filters_and_chunks_that_are_not_there_are_refused(tmp_path):
    h5py = pytest.importorskip("h5py")
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file.create_dataset("h", data=VALUES.astype(int), chunks=(5, 2), scaleoffset=4)
    with pytest.raises(FormatError, match=r"filters \[6\], which are not read"):
        load(tmp_path / "a.h5")
    with h5py.File(tmp_path / "b.h5", "w") as file:
        file.create_dataset("h", shape=(20_000, 1), chunks=(1, 1), dtype="f4")
    with pytest.raises(FormatError, match="declares 20000 chunks and 0 are there"):
        load(tmp_path / "b.h5")


@pytest.mark.parametrize("chunks", [None, (50,)])
def test_texts_of_an_hdf5_file_that_are_one_text_again_and_again(chunks, tmp_path, monkeypatch):
    h5py = pytest.importorskip("h5py")
    monkeypatch.setattr("conjugacy.storage.hdf5_chunks.LEEWAY", 0)
    path = tmp_path / "a.h5"
    ids = np.array([f"{i:0500d}" for i in range(100)], dtype=object)
    with h5py.File(path, "w") as file:
        file["h"] = np.zeros((100, 2))
        data = file.create_dataset("stimuli", data=ids, dtype=h5py.string_dtype(), chunks=chunks)
        places = [data.id.get_offset()] if chunks is None else [data.id.get_chunk_info(i).byte_offset for i in (0, 1)]
    assert load(path).first.stimuli.tolist() == ids.tolist()
    held = bytearray(path.read_bytes())
    for place in places:  # longer than they are: the library itself is never asked for them
        for one in range(50):
            held[place + 16 * one : place + 16 * one + 4] = (5000).to_bytes(4, "little")
    path.write_bytes(held)
    with pytest.raises(FormatError, match=r"the texts in 'stimuli' take .* together, and the file has"):
        load(path)


def test_an_attribute_that_is_an_array_of_texts_is_refused(tmp_path):
    h5py = pytest.importorskip("h5py")
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["h"] = VALUES
        file.attrs["meta"] = ["{}", "{}"]
    with pytest.raises(FormatError, match="attribute 'meta' in it is an array"):
        load(tmp_path / "a.h5")


@pytest.mark.parametrize(
    ("objects", "sound"),
    [
        ([(1, 5), (0, 4056)], True),
        ([(1, 5), (2, 0), (0, 4040)], True),
        ([(1, 4064)], True),
        ([(1, 5), (0, 4000)], False),
        ([(1, 5000)], False),
        ([(1, 2**63)], False),
    ],
)
def test_heaps_of_texts_end_where_they_should(objects, sound, tmp_path):
    """A heap alone, in a file that is none of HDF5."""
    held = b"GCOL" + bytes([1, 0, 0, 0]) + (4096).to_bytes(8, "little")
    for number, length in objects:
        held += struct.pack("<HHIQ", number, 1, 0, length)
        held += bytes(-(-length // 8) * 8) if number and length < 4096 else b""
    (tmp_path / "heap").write_bytes(b"nothing " + held.ljust(4096, b"\0"))
    if sound:
        require_sound_heaps(tmp_path / "heap")
    else:
        with pytest.raises(FormatError, match="their lengths lead nowhere"):
            require_sound_heaps(tmp_path / "heap")


def test_compressed_texts_of_an_hdf5_file_are_read_one_by_one(tmp_path):
    h5py = pytest.importorskip("h5py")
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["h"] = VALUES
        ids = np.array([f"s{i}" for i in range(10)], dtype=object)
        file.create_dataset("stimuli", data=ids, dtype=h5py.string_dtype(), chunks=(4,), compression="gzip")
    assert load(tmp_path / "a.h5").first.stimuli.tolist() == ids.tolist()


def member(path: Path, held: bytes, compression: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", compression) as archive:
        archive.writestr("h.npy", held)
    return path


def test_a_long_header_of_an_npz_member_is_refused_unread(tmp_path):
    long = npy.magic(2, 0) + (50_000).to_bytes(4, "little") + b" " * 50_000
    with pytest.raises(FormatError, match="header of 50 kB; expected 10 kB at most"):
        load(member(tmp_path / "a.npz", long))


def test_a_compression_that_numpy_never_uses_is_refused(tmp_path):
    held = io.BytesIO()
    np.save(held, VALUES)
    assert load(member(tmp_path / "a.npz", held.getvalue())).layers["h"].shape == (10, 2)
    with pytest.raises(FormatError, match="compressed as numpy never does"):
        load(member(tmp_path / "b.npz", held.getvalue(), zipfile.ZIP_BZIP2))


def test_a_long_list_of_members_is_refused(tmp_path, monkeypatch):
    np.savez(tmp_path / "a.npz", **{f"h{i}": VALUES for i in range(30)})
    assert len(load(tmp_path / "a.npz").layers) == 30
    monkeypatch.setattr(npz_file, "_MOST_DIRECTORY", 1000)
    with pytest.raises(FormatError, match="list of members takes"):
        load(tmp_path / "a.npz")


def test_many_arrays_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(limits, "MOST_ARRAYS", 10)
    recording = cj.Recording.from_arrays({f"h{i}": VALUES for i in range(11)})
    for ending in ("npz", "zarr", "h5", "safetensors"):
        with pytest.raises(FormatError, match="expected 10 at most"):
            load(save(recording, tmp_path / f"a.{ending}"))


@pytest.mark.parametrize("ending", ["npz", "safetensors", "zarr", "h5"])
def test_one_text_far_longer_than_the_others_is_refused(ending, tmp_path, monkeypatch):
    ids = np.array([f"s{i}" for i in range(39)] + ["x" * 5000])
    path = save(cj.Recording.from_arrays({"h": np.zeros((40, 2))}, stimuli=ids), tmp_path / f"a.{ending}")
    assert load(path).first.stimuli[-1] == ids[-1]
    monkeypatch.setattr(limits, "LEEWAY", 10_000)
    if ending == "npz":
        return  # numpy wrote all of them as long
    with pytest.raises(FormatError, match=r"one text in 'stimuli' has 5000 characters, and the mean of 40 is 128"):
        load(path)


def test_meta_that_would_fill_the_memory_is_refused_unread(tmp_path):
    nested = "[" * 3000
    assert json_memory(nested) > 200_000
    with pytest.raises(FormatError, match=r"'meta' is JSON that takes up to .* expected 100 kB at most"):
        parse_json(nested, "'meta'", 1e5)
    text = json.dumps({"name": "a", "units": {"h": ["a", "b"]}})
    assert json_memory(text) > len(text)
    assert parse_json(text.encode(), "'meta'") == json.loads(text)


@pytest.mark.parametrize("pieces", [1, 3])
def test_how_much_a_piece_unpacks_to(pieces):
    for codec, packed in (("gzip", gzip.compress(MORE)), ("zstd", bytes(CODECS_2["zstd"].encode(MORE)))):
        assert unpacked_bytes(codec, memoryview(packed * pieces), 200_000) in (
            60_000 * pieces,
            1040 * len(packed) * pieces,
        )
        assert unpacked_bytes(codec, memoryview(packed * pieces), 50_000) > 50_000
    assert unpacked_bytes("zlib", memoryview(zlib.compress(MORE) * pieces), 60_000) == 60_000


def test_a_zstd_frame_that_does_not_say_its_size_is_counted_by_its_blocks():
    assert unpacked_bytes("zstd", memoryview(frame((1, 5000), (0, 20), (1, 7))), 10**6) == 5027
    assert unpacked_bytes("zstd", memoryview(frame(*[(1, 100_000)] * 10)), 150_000) > 150_000
