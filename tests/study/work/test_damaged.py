"""A store that is damaged, older or newer: redone, refused in words, or unaffected; never another number."""

from __future__ import annotations

import json
import os
import random
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from many_networks import networks, save_all

import conjugacy as cj
from conjugacy.cli import app as cli
from conjugacy.errors import FormatError, InputError
from conjugacy.results import CODES
from conjugacy.storage.tables import STATUS, TableStore
from conjugacy.study.check import check_store
from conjugacy.study.work.ledger_file import COPY, FILE, read_one, sealed

MEASURES = ("cka", "procrustes")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    root = tmp_path_factory.mktemp("made")
    folder = save_all(root / "runs", networks(3))
    cj.pairwise(folder, measures=MEASURES, store=root / "s")
    return folder, root / "s"


@pytest.fixture
def store(made: tuple[Path, Path], tmp_path: Path) -> Path:
    return shutil.copytree(made[1], tmp_path / "s")


@pytest.fixture
def again(made: tuple[Path, Path]) -> Callable[[Path], Any]:
    return lambda store: cj.pairwise(made[0], measures=MEASURES, store=store).to_xarray()


def record_of(store: Path) -> dict[str, Any]:
    return json.loads((store / FILE).read_text())


def alone(store: Path, text: str) -> Path:
    """Have a text as the only description of a store."""
    (store / COPY).unlink(missing_ok=True)
    (store / FILE).write_text(text)
    return store


def older(record: dict[str, Any]) -> dict[str, Any]:
    """A record as the first format had it."""
    return {**{key: value for key, value in record.items() if key != "check"}, "format": 1}


def same(found: Any, expected: Any) -> bool:
    return all(
        np.array_equal(found[name].values, expected[name].values, equal_nan=name == "value")
        for name in ("value", "status")
    )


def flipped(raw: bytes, place: int, rng: random.Random) -> bytes:
    other = rng.choice([raw[place] ^ 1 << rng.randrange(8), rng.randrange(256), ord(rng.choice('0123456789"{}[],:'))])
    return raw[:place] + bytes([other]) + raw[place + 1 :]


@pytest.mark.parametrize("every", [17, pytest.param(1, marks=pytest.mark.slow)])
def test_bytes_of_the_description_changed(every: int, store: Path) -> None:
    path, rng = store / FILE, random.Random(0)
    raw, expected, refused = path.read_bytes(), read_one(path), 0
    for place in range(0, len(raw), every):
        path.write_bytes(flipped(raw, place, rng))
        try:
            assert read_one(path) == expected, place
        except FormatError:
            refused += 1
    assert refused > 0.8 * len(raw) / every  # the others were replaced by themselves, or mean the same


def test_what_is_damaged_is_taken_from_the_copy(store: Path, again: Callable[[Path], Any]) -> None:
    expected = cj.Study.open(store).to_xarray()
    raw = (store / FILE).read_bytes()
    for text in (raw[:100], raw.replace(b'"seed": 0', b'"seed": 1'), b"", None):
        (store / FILE).unlink(missing_ok=True) if text is None else (store / FILE).write_bytes(text)
        assert same(cj.Study.open(store).to_xarray(), expected)
    assert same(again(store), expected)
    assert (store / FILE).read_bytes() == (store / COPY).read_bytes() == raw


def test_a_table_that_nobody_describes_is_refused(store: Path, again: Callable[[Path], Any]) -> None:
    for name in (FILE, COPY):
        (store / name).unlink()
    for use in (cj.Study.open, again):
        with pytest.raises(InputError, match=r"which networks its numbers are of is lost"):
            use(store)


BROKEN: dict[str, Any] = {
    "rows": 5,
    "block": "x",
    "measures": [5],
    "prepared": [],
    "notes": 5,
    "seed": 1.5,
    "cols": {},
    "reading": None,
    "refusals": [["cka"]],
    "layer_pairs": [["a"]],
    "groups": {"first": 1},
    "kind": 3,
}


@pytest.mark.parametrize("field", BROKEN)
def test_fields_of_another_kind_in_an_older_store(field: str, store: Path) -> None:
    record = older(record_of(store))
    with pytest.raises(FormatError, match=r"study\.json' is damaged"):
        cj.Study.open(alone(store, json.dumps({**record, field: BROKEN[field]})))


@pytest.mark.parametrize("change", [{"keys": None}, {"keys": {"a": "../x"}}, {"network": {}}, {"nbytes": -1}])
def test_networks_of_another_kind(change: dict[str, Any], store: Path) -> None:
    record = older(record_of(store))
    name = record["rows"][0]
    record["prepared"][name] |= change
    with pytest.raises(FormatError, match=r"study\.json' is damaged"):
        cj.Study.open(alone(store, json.dumps(record)))
    del record["prepared"][name]
    with pytest.raises(FormatError, match=r"says nothing of"):
        cj.Study.open(alone(store, json.dumps(record)))


@pytest.mark.parametrize("text", ["{", "[]", "null", '{"format": true}', '{"format": 0}', "[" * 5000, "\x00"])
def test_what_is_no_description(text: str, store: Path) -> None:
    with pytest.raises(FormatError, match=r"study\.json"):
        cj.Study.open(alone(store, text))


@pytest.mark.parametrize("block", [-1, 0])
def test_a_block_of_no_networks(block: int, store: Path, again: Callable[[Path], Any]) -> None:
    alone(store, json.dumps({**older(record_of(store)), "block": block}))
    for use in (cj.Study.open, again):
        with pytest.raises(FormatError, match="whole number of at least 1"):
            use(store)


def test_an_older_store_is_opened_and_becomes_one_of_today(store: Path, again: Callable[[Path], Any]) -> None:
    expected = cj.Study.open(store).to_xarray()
    record = older(record_of(store))
    for prepared in record["prepared"].values():
        del prepared["layers"]
    alone(store, json.dumps(record))
    assert same(cj.Study.open(store).to_xarray(), expected)
    assert same(again(store), expected)
    assert record_of(store)["format"] == 2
    assert (store / COPY).exists()


@pytest.mark.parametrize(
    "change",
    [
        lambda record: sealed({**record, "format": 3}),
        lambda record: sealed({**record, "colour": "red"}),
        lambda record: {**older(record), "colour": "red", "version": "99.1"},
        lambda record: {"format": 9},
    ],
)
def test_a_newer_store_is_refused_as_newer(change: Callable[[Any], Any], store: Path) -> None:
    with pytest.raises(FormatError, match="was made by a newer conjugacy"):
        cj.Study.open(alone(store, json.dumps(change(record_of(store)))))


def descriptions(store: Path) -> list[Path]:
    return sorted((store / "results.zarr").rglob("zarr.json"))


@pytest.mark.parametrize("every", [1401, pytest.param(101, marks=pytest.mark.slow)])
def test_bytes_of_the_table_s_descriptions_changed(every: int, store: Path, tmp_path: Path) -> None:
    """What is then read is what was there, or missing."""
    record, rng, root = record_of(store), random.Random(1), store / "results.zarr"
    shape, trial = (3, 3, len(MEASURES), 1), tmp_path / "trial"
    whole = TableStore(root, shape, record["block"]).load()
    places = [(path, place) for path in descriptions(store) for place in range(path.stat().st_size)]
    for path, place in places[::every]:
        shutil.copytree(root, trial)
        (trial / path.relative_to(root)).write_bytes(flipped(path.read_bytes(), place, rng))
        for readonly in (True, False):
            try:
                found = TableStore(trial, shape, record["block"], readonly=readonly).load()
            except Exception:  # said in words by who opens a study
                assert readonly
                continue
            done = found[STATUS] != CODES["missing"]
            assert all(np.array_equal(found[name][done], whole[name][done], equal_nan=True) for name in whole)
            assert not done.any() or done.all()
        shutil.rmtree(trial)


def test_a_damaged_root_of_the_table_is_mended(store: Path, again: Callable[[Path], Any]) -> None:
    expected = cj.Study.open(store).to_xarray()
    for text in ("{", "[]", '{"zarr_format": 3, "node_type": "array"}'):
        (store / "results.zarr" / "zarr.json").write_text(text)
        assert same(again(store), expected)


def test_check_finds_and_mends(store: Path, again: Callable[[Path], Any]) -> None:
    expected = cj.Study.open(store).to_xarray()
    assert str(check_store(store)) == "the store is intact"
    (store / FILE).write_bytes((store / FILE).read_bytes()[:-9])
    (store / "results.zarr" / "low" / "zarr.json").write_text("{")
    chunk = next((store / "results.zarr" / "value" / "c").rglob("0/0/0/0"))
    chunk.write_bytes(chunk.read_bytes()[:-1])
    prepared = next((store / "prepared").iterdir())
    prepared.write_bytes(prepared.read_bytes()[:200])
    (store / f".{'0' * 16}.tmp").write_text("half")
    only_told = check_store(store, repair=False)
    assert not only_told.is_whole
    found = check_store(store)
    assert found.is_whole
    assert len(found.found) == 5
    assert str(found).count("mended: ") == 5
    assert check_store(store).found == ()
    status = cj.Study.open(store).to_xarray().status.values
    assert (status == "missing").any()  # one tile has to be done again
    assert same(again(store), expected)


def test_check_says_what_is_lost_and_what_has_changed(made: tuple[Path, Path], store: Path) -> None:
    (store / "rows.npz").write_bytes(b"no archive")
    found = check_store(store)
    assert not found.is_whole
    assert "lost: rows.npz" in str(found)
    record = record_of(store)
    record["prepared"][record["rows"][0]]["network"]["stamp"] = "1-1"
    (store / FILE).write_text(json.dumps(sealed(record)))
    assert "1 recording is gone or has changed" in str(check_store(store))


@pytest.mark.parametrize(
    ("damaged", "words", "code"), [(False, [], 0), (True, ["--dry-run"], 1), (True, [], 0), (None, [], 2)]
)
def test_the_command(damaged, words, code, store, tmp_path, monkeypatch, capsys) -> None:
    if damaged:
        (store / FILE).write_text("{")
    where = tmp_path / "nothing" if damaged is None else store
    monkeypatch.setattr("sys.argv", ["conjugacy", "check", str(where), *words])
    with pytest.raises(SystemExit) as left:
        cli.main()
    assert left.value.code == code
    said = capsys.readouterr()
    assert ("study.json" in said.out) == bool(damaged)
    assert ("holds no study" in said.err) == (damaged is None)


def test_a_damaged_copy_of_an_array_is_written_again(tmp_path: Path) -> None:
    given = networks(3)
    first = cj.pairwise(given, measures="cka", store=tmp_path / "s")
    copy = next((tmp_path / "s" / "recordings").iterdir())
    raw = bytearray(copy.read_bytes())
    raw[len(raw) // 2] ^= 255
    copy.write_bytes(raw)
    again = cj.pairwise(given, measures="cka", store=tmp_path / "s")
    assert same(again.to_xarray(), first.to_xarray())
    assert not again.unread


def test_a_recording_changed_at_equal_size_and_time_is_noticed(tmp_path: Path) -> None:
    folder = save_all(tmp_path / "runs", networks(3))
    first = cj.pairwise(folder, measures="cka", store=tmp_path / "s").table()
    path = folder / "n1.npz"
    before, held = path.stat(), dict(np.load(path))
    with path.open("wb") as stream:
        np.savez(stream, **{key: array**3 if array.dtype.kind == "f" else array for key, array in held.items()})
    raw = path.read_bytes() if path.stat().st_size == before.st_size else None
    assert raw is not None
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert path.stat().st_mtime_ns == before.st_mtime_ns
    again = cj.pairwise(folder, measures="cka", store=tmp_path / "s").table()
    assert (again[1] != first[1]).any()
    np.testing.assert_array_equal(again, cj.pairwise(folder, measures="cka").table())
