"""MATLAB files of both kinds hold the same, read as MATLAB shows it, and what lies in them is refused."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
import scipy.io
from laboratory_files import StructArrayOf, write_matlab_hdf5

from conjugacy.errors import FormatError
from conjugacy.storage.laboratory import Held, opened
from conjugacy.storage.limits import at_most

RATES = np.arange(60.0).reshape(5, 4, 3)
TRIALS = [np.arange(8.0).reshape(4, 2), np.arange(6.0).reshape(3, 2)]


def read(path: Path) -> Held:
    with opened(path) as found:
        assert isinstance(found, Held)
        return found


def write_old(path: Path, *, compress: bool = False) -> None:
    cell = np.empty((1, 2), dtype=object)
    cell[0, :] = TRIALS
    trials = np.array([(TRIALS[0], "left"), (TRIALS[1], "right")], dtype=[("x", object), ("side", object)])
    variables = {
        "rates": RATES,
        "ids": np.array(["cat 10", "horse", "a"]),  # which savemat pads with blanks
        "names": np.array(["cat", "horse"], dtype=object),
        "cells": cell,
        "R": trials,
        "s": {"dt": 0.1, "inner": {"z": np.eye(2)}},
        "none": np.zeros((0, 3)),
        "good": np.array([True, False, True]),
    }
    scipy.io.savemat(path, variables, do_compression=compress)


def write_new(path: Path, **how: object) -> None:
    variables = {
        "rates": RATES,
        "ids": ("cat 10", "horse", "a"),
        "names": ["cat", "horse"],
        "cells": list(TRIALS),
        "R": StructArrayOf([{"x": TRIALS[0], "side": "left"}, {"x": TRIALS[1], "side": "right"}]),
        "s": {"dt": np.array(0.1), "inner": {"z": np.eye(2)}},
        "none": np.zeros((0, 3)),
        "good": np.array([True, False, True]),
    }
    write_matlab_hdf5(path, variables, **how)


@pytest.mark.parametrize("kind", ["old", "old, compressed", "new", "new, in chunks"])
def test_both_kinds_hold_the_same(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "a.mat"
    if kind.startswith("old"):
        write_old(path, compress="compressed" in kind)
        assert np.array_equal(scipy.io.loadmat(path)["rates"], RATES)
        assert scipy.io.loadmat(path)["ids"][2] == "a     "  # the padding that is taken off
    else:
        pytest.importorskip("h5py")
        write_new(path, **({"chunks": True, "compression": "gzip"} if "chunks" in kind else {}))
    found = read(path)
    assert np.array_equal(found.arrays["rates"], RATES)  # axes as MATLAB has them, not turned
    assert found.arrays["ids"].tolist() == ["cat 10", "horse", "a"]
    assert found.arrays["names"].tolist() == ["cat", "horse"]
    assert found.arrays["R.side"].tolist() == ["left", "right"]
    assert found.arrays["s.dt"].reshape(-1).tolist() == [0.1]
    assert np.array_equal(found.arrays["s.inner.z"], np.eye(2))
    assert found.arrays["good"].reshape(-1).tolist() == [1, 0, 1]
    for name in ("cells", "R.x"):
        assert all(np.array_equal(one, own) for one, own in zip(found.lists[name], TRIALS, strict=True)), name
    assert "empty (0 x 3)" in found.left_out["none"]
    assert "none" not in found.arrays  # in version 7.3 an empty array is stored as its own shape


def test_strings_tables_and_sparse_matrices_are_named_with_a_way_out(tmp_path: Path) -> None:
    h5py = pytest.importorskip("h5py")
    scipy.io.savemat(
        tmp_path / "old.mat", {"x": np.eye(3), "s": scipy.sparse.csc_matrix(np.eye(3)), "z": np.eye(2) * 1j}
    )
    found = read(tmp_path / "old.mat")
    assert set(found.arrays) == {"x"}
    assert "full(...)" in found.left_out["s"]
    assert "real(...)" in found.left_out["z"]
    write_matlab_hdf5(tmp_path / "new.mat", {"x": np.eye(3)})
    with h5py.File(tmp_path / "new.mat", "a") as file:
        text = file.create_dataset("t", data=np.zeros((1, 6), np.uint32))
        text.attrs["MATLAB_class"] = np.bytes_("string")
        text.attrs["MATLAB_object_decode"] = np.int32(3)
        file.create_group("sp").attrs["MATLAB_sparse"] = np.uint64(3)
    left = read(tmp_path / "new.mat").left_out
    assert "cellstr(...)" in left["t"]
    assert "full(...)" in left["sp"]


def test_a_variable_that_unpacks_to_far_more_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "bomb.mat"
    scipy.io.savemat(path, {"x": np.zeros((60_000, 1000), np.uint8)}, do_compression=True)
    assert path.stat().st_size < 1e6
    with at_most(5e7), pytest.raises(FormatError, match="memory"):
        read(path)
    header = b"MATLAB 5.0 MAT-file".ljust(124) + b"\x00\x01IM"
    packed = zlib.compress(struct.pack("<II", 14, 2**31) + bytes(64))
    path.write_bytes(header + struct.pack("<II", 15, len(packed)) + packed)
    with pytest.raises(FormatError, match=r"declares 2\.1 GB and unpacks to 64 bytes"):
        read(path)
    path.write_bytes(header + struct.pack("<II", 14, 2**31) + bytes(64))
    with pytest.raises(FormatError, match="ends before"):
        read(path)


def test_what_leads_elsewhere_or_round_in_a_circle_is_refused(tmp_path: Path) -> None:
    h5py = pytest.importorskip("h5py")
    path = tmp_path / "a.mat"
    write_matlab_hdf5(path, {"x": np.eye(3)})
    with h5py.File(path, "a") as file:
        file["away"] = h5py.ExternalLink("other.h5", "/x")
    with pytest.raises(FormatError, match="link to somewhere else"):
        read(path)
    write_matlab_hdf5(path, {"x": np.eye(3)})
    with h5py.File(path, "a") as file:
        circle = file.create_dataset("c", shape=(2, 1), dtype=h5py.ref_dtype)
        circle.attrs["MATLAB_class"] = np.bytes_("cell")
        circle[...] = circle.ref
    found = read(path)
    assert "several kinds" in found.left_out["c"]
    assert np.array_equal(found.arrays["x"], np.eye(3))


def test_references_that_multiply_are_refused(tmp_path: Path) -> None:
    h5py = pytest.importorskip("h5py")
    path = tmp_path / "a.mat"
    write_matlab_hdf5(path, {})
    with h5py.File(path, "a") as file:
        inner = file["#refs#"].create_dataset("0", data=np.eye(2))
        for level in range(8):  # each holds the one before under twenty names
            outer = file["#refs#"].create_group(str(level + 1))
            outer.attrs["MATLAB_class"] = np.bytes_("struct")
            for field in "abcdefghijklmnopqrst":
                outer[field] = inner
            inner = outer
        file["v"] = inner
    with pytest.raises(FormatError, match="100000"):
        read(path)


def test_version_4_and_the_other_order_of_bytes(tmp_path: Path) -> None:
    scipy.io.savemat(tmp_path / "a.mat", {"x": RATES[:, :, 0], "ids": "abc"}, format="4")
    found = read(tmp_path / "a.mat")
    assert np.array_equal(found.arrays["x"], RATES[:, :, 0])
    assert found.arrays["ids"].tolist() == ["abc"]
    numbers = struct.pack(">II2d", 9, 16, 1.5, -2.0)
    parts = struct.pack(">IIII", 6, 8, 6, 0) + struct.pack(">IIii", 5, 8, 1, 2) + struct.pack(">HHcxxx", 1, 1, b"x")
    body = parts + numbers
    header = b"MATLAB 5.0 MAT-file".ljust(124) + b"\x01\x00MI"
    (tmp_path / "b.mat").write_bytes(header + struct.pack(">II", 14, len(body)) + body)
    assert read(tmp_path / "b.mat").arrays["x"].tolist() == [[1.5, -2.0]]


@pytest.mark.parametrize(
    ("place", "value", "words"),
    [
        (136 + 8, 99, "unknown class"),  # which array this is
        (136 + 16 + 8, 7, "elements by its shape"),  # one more row than there are numbers
        (136 + 16 + 16 + 8, 25, "do not belong there"),  # numbers of a type that there is not
    ],
)
def test_what_scipy_would_follow_beyond_its_buffers_is_refused(
    place: int, value: int, words: str, tmp_path: Path
) -> None:
    scipy.io.savemat(tmp_path / "a.mat", {"x": np.ones((2, 3))})
    whole = bytearray((tmp_path / "a.mat").read_bytes())
    whole[place] = value
    (tmp_path / "b.mat").write_bytes(whole)
    with pytest.raises(FormatError, match=words):
        read(tmp_path / "b.mat")
