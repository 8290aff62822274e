"""Nothing lost: executors agree to the bit; killed, out of room, damaged, two at once: the table is that of a quiet run."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from many_networks import networks, same, save_all

import conjugacy as cj
from conjugacy.errors import InputError
from conjugacy.results import CODES
from conjugacy.storage.tables import TableStore
from conjugacy.study.work.ledger_file import sealed

MEASURES = ["cka", "procrustes", "pwcca"]
RUN = """
import sys, conjugacy as cj
cj.pairwise(sys.argv[1], measures=sys.argv[3:], store=sys.argv[2], progress=lambda s: print(s, flush=True))
"""


def start(folder, store, *measures, **more):
    command = [sys.executable, "-c", RUN, str(folder), str(store), *(measures or MEASURES)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **more)


def chunks(store):
    return sorted(p for p in (store / "results.zarr").rglob("c/*/*/*/*") if p.is_file())


@pytest.fixture(scope="module")
def quiet(tmp_path_factory):
    folder = save_all(tmp_path_factory.mktemp("quiet") / "runs", networks(20, rows=80))
    return folder, cj.pairwise(folder, measures=MEASURES)


@pytest.mark.slow
@pytest.mark.parametrize("how", ["joblib", "dask"])
def test_executors_agree_to_the_bit(quiet, how, tmp_path):
    folder, study = quiet
    found = cj.pairwise(folder, measures=MEASURES, executor=how, workers=2, store=tmp_path / "s")
    assert same(found, study)


def test_a_damaged_chunk_is_done_again_and_nothing_else(quiet, tmp_path):
    folder, study = quiet
    cj.pairwise(folder, measures=MEASURES, store=tmp_path / "s")
    victims = [p for p in chunks(tmp_path / "s") if p.parts[-6] in ("value", "status", "low")][::9]
    assert len(victims) > 3
    for i, path in enumerate(victims):
        whole = path.read_bytes()
        path.write_bytes(whole[:-3] if i % 2 else bytes([whole[0] ^ 1]) + whole[1:])
    before = {p: p.stat().st_mtime_ns for p in chunks(tmp_path / "s")}
    seen = cj.Study.open(tmp_path / "s")
    assert (seen.dataset.status.values == CODES["missing"]).any()
    known = seen.dataset.status.values != CODES["missing"]
    np.testing.assert_array_equal(seen.dataset.value.values[known], study.dataset.value.values[known])
    assert same(cj.pairwise(folder, measures=MEASURES, store=tmp_path / "s"), study)
    hurt = {(i, j, k) for *_, i, j, k, _ in (p.parts for p in victims)}
    hurt |= {(j, i, k) for i, j, k in hurt}  # the other side of the diagonal is written with it
    spared = [p for p in before if p.parts[-4:-1] not in hurt]
    assert spared
    assert all(p.stat().st_mtime_ns == before[p] for p in spared)


def test_a_lost_value_or_description_or_name_is_mended(quiet, tmp_path):
    folder, study = quiet
    cj.pairwise(folder, measures=MEASURES, store=tmp_path / "s")
    table = tmp_path / "s" / "results.zarr"
    lost = next(p for p in chunks(tmp_path / "s") if p.parts[-6] == "value")
    lost.unlink()
    assert (cj.Study.open(tmp_path / "s").dataset.status.values == CODES["missing"]).any()
    text = table / "network_a" / "c" / "0"
    text.write_bytes(text.read_bytes()[:-3])
    (table / "low" / "zarr.json").write_text("{")
    with pytest.raises(InputError, match="run pairwise again"):
        cj.Study.open(tmp_path / "s")
    assert same(cj.pairwise(folder, measures=MEASURES, store=tmp_path / "s"), study)
    assert same(cj.Study.open(tmp_path / "s"), study)


def test_a_disk_that_cannot_be_read_for_a_moment_is_no_damage(quiet, tmp_path, monkeypatch):
    import zarr

    folder, study = quiet
    cj.pairwise(folder, measures=["cka"], store=tmp_path / "s")
    before = chunks(tmp_path / "s")

    def refuse(self, place):
        raise OSError(24, "too many open files")

    monkeypatch.setattr(zarr.Array, "__getitem__", refuse)
    with pytest.raises(OSError, match="too many open files"):
        cj.Study.open(tmp_path / "s")
    monkeypatch.undo()
    assert chunks(tmp_path / "s") == before
    np.testing.assert_array_equal(cj.Study.open(tmp_path / "s").table(), study.table("value", "cka"))


def test_another_version_compares_anew_and_a_lost_recording_stops_nothing(quiet, tmp_path, monkeypatch):
    folder = save_all(tmp_path / "runs", networks(4))
    first = cj.pairwise(folder, measures=["cka"], store=tmp_path / "s")
    monkeypatch.setattr("conjugacy.study.work.prepared.__version__", "9.9")
    monkeypatch.setattr("conjugacy.study.work.prepared.Prepared.version", "9.9")
    for path in (tmp_path / "s" / "prepared").iterdir():
        path.unlink()
    again = cj.pairwise(folder, measures=["cka"], store=tmp_path / "s")
    assert same(again, first)
    for path in (tmp_path / "s" / "prepared").iterdir():
        path.unlink()
    (folder / "n2.npz").write_bytes(b"gone")
    save_all(folder, {"n4": networks(5)["n4"]})
    grown = cj.pairwise(folder, measures=["cka"], store=tmp_path / "s")
    np.testing.assert_array_equal(grown.table()[:4, :4], first.table())
    failed = grown.table("status")[4] == CODES["failed"]
    assert failed.tolist() == [False, False, True, False, False]


def test_what_was_prepared_may_be_damaged_or_gone(quiet, tmp_path):
    folder, study = quiet
    cj.pairwise(folder, measures=["cka"], store=tmp_path / "s")
    files = sorted((tmp_path / "s" / "prepared").glob("*.npz"))
    files[0].unlink()
    files[1].write_bytes(files[1].read_bytes()[:200])
    whole = bytearray(files[2].read_bytes())
    whole[len(whole) // 2] ^= 255
    files[2].write_bytes(bytes(whole))
    for path in chunks(tmp_path / "s"):
        path.unlink()
    again = cj.pairwise(folder, measures=["cka"], store=tmp_path / "s")
    np.testing.assert_array_equal(again.table(), study.table("value", "cka"))


@pytest.mark.slow
def test_a_full_disk_is_told_and_what_was_done_is_kept(quiet, tmp_path):
    folder, _ = quiet
    limit = "import resource, signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN); "
    limit += "resource.setrlimit(resource.RLIMIT_FSIZE, (4000, 4000))\n"
    for body, words in ((limit + RUN, "cannot be written"), (RUN, "")):
        run = subprocess.run(
            [sys.executable, "-c", body, str(folder), str(tmp_path / "s"), "cka"],
            capture_output=True,
            text=True,
            check=False,
        )
        assert words in run.stderr
    assert same(cj.pairwise(folder, measures=["cka"], store=tmp_path / "s"), cj.pairwise(folder, measures=["cka"]))


def test_a_disk_that_fills_while_tiles_are_written(quiet, tmp_path, monkeypatch):
    from conjugacy.storage import tables

    folder, study = quiet
    write, calls = tables.TableStore.write, []

    def failing(self, tile, values):
        calls.append(tile)
        if len(calls) == 4:
            raise InputError("no room")
        return write(self, tile, values)

    monkeypatch.setattr(tables.TableStore, "write", failing)
    with pytest.raises(InputError, match="no room"):
        cj.pairwise(folder, measures=MEASURES, store=tmp_path / "s")
    monkeypatch.undo()
    assert same(cj.pairwise(folder, measures=MEASURES, store=tmp_path / "s"), study)


def test_a_second_process_is_refused_and_the_lock_dies_with_its_holder(quiet, tmp_path):
    folder, _ = quiet
    holder = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import sys, time; from pathlib import Path; from conjugacy.study.work.ledger import locked\n"
            "with locked(Path(sys.argv[1])): print('held', flush=True); time.sleep(100)",
            str(tmp_path / "s"),
        ],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert holder.stdout.readline() == "held\n"
    with pytest.raises(InputError, match=f"process {holder.pid} on .* is using this store"):
        cj.pairwise(folder, measures=["cka"], store=tmp_path / "s")
    holder.kill()
    holder.wait()
    holder.stdout.close()
    assert cj.pairwise(folder, measures=["cka"], store=tmp_path / "s").measures == ("cka",)


def test_a_hostile_store_is_refused(tmp_path):
    (tmp_path / "study.json").write_text("{")
    with pytest.raises(InputError, match="damaged"):
        cj.Study.open(tmp_path)
    (tmp_path / "study.json").write_text('{"format": 9}')
    with pytest.raises(InputError, match="newer"):
        cj.Study.open(tmp_path)
    (tmp_path / "study.json").write_text('{"format": 1, "rows": 3}')
    with pytest.raises(InputError, match="damaged"):
        cj.Study.open(tmp_path)
    with pytest.raises(InputError, match="holds no study"):
        cj.Study.open(tmp_path / "nothing")


def test_prepared_files_build_no_class_of_another_package(tmp_path):
    import json

    from conjugacy.errors import FormatError
    from conjugacy.storage.packed import read_packed

    tree = np.frombuffer(json.dumps({"c": "subprocess:Popen", "s": {}}).encode(), np.uint8)
    np.savez(tmp_path / "a.npz", tree=tree)
    with pytest.raises(FormatError):
        read_packed(tmp_path / "a.npz", ("conjugacy",))


@pytest.mark.slow
def test_killed_twenty_times_at_random(quiet, tmp_path):
    folder, study = quiet
    rng = random.Random(0)
    killed = 0
    for _ in range(200):
        run = start(folder, tmp_path / "s")
        try:
            run.wait(timeout=0.7 + 2.3 * rng.random())
        except subprocess.TimeoutExpired:
            run.send_signal(signal.SIGKILL)
            run.wait()
            killed += 1
        finally:
            run.stdout.close()
            run.stderr.close()
        if run.returncode == 0:  # done: lose some chunks, as if it had never got there
            there = chunks(tmp_path / "s")
            for path in rng.sample(there, min(20, len(there))):
                path.unlink()
        if killed >= 20:
            break
    assert killed == 20
    assert same(cj.pairwise(folder, measures=MEASURES, store=tmp_path / "s"), study)


@pytest.mark.slow
@pytest.mark.parametrize("how", ["joblib", "dask"])
def test_a_worker_is_killed_in_the_middle(quiet, how, tmp_path):
    folder, study = quiet
    said, dead = [], []

    def tell(sentence):
        said.append(sentence)

    import threading

    def reaper():
        deadline = time.monotonic() + 60
        while not dead and time.monotonic() < deadline:
            if chunks(tmp_path / "s"):
                children = _children(os.getpid())
                if children:
                    os.kill(children[-1], signal.SIGKILL)
                    dead.append(children[-1])
            time.sleep(0.02)

    thread = threading.Thread(target=reaper)
    thread.start()
    found = cj.pairwise(folder, measures=MEASURES, executor=how, workers=3, store=tmp_path / "s", progress=tell)
    thread.join()
    assert dead
    assert same(found, study)


def _children(pid):
    """Return the processes below this one that run workers."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            text = path.read_text()
            command = path.with_name("cmdline").read_bytes()
        except OSError:
            continue
        if int(text.rpartition(")")[2].split()[1]) == pid and (b"loky" in command or b"spawn_main" in command):
            found.append(int(path.parent.name))
    return sorted(found)


@pytest.mark.slow
def test_memory_stays_below_what_was_given(tmp_path):
    folder = save_all(
        tmp_path / "runs", {f"n{i}": np.random.default_rng(i).normal(size=(1000, 200)) for i in range(120)}
    )
    body = RUN.replace("progress=", "memory='450 MB', progress=") + (
        # of this program alone: what getrusage tells counts the process that it was forked from
        "print(next(line for line in open('/proc/self/status') if line.startswith('VmHWM')))"
    )
    run = subprocess.run(
        [sys.executable, "-c", body, str(folder), str(tmp_path / "s"), "cka"],
        capture_output=True,
        text=True,
        check=False,
    )
    peak = 1024.0 * float(run.stdout.split("VmHWM:")[1].split()[0])
    assert sum(p.stat().st_size for p in folder.iterdir()) > 190e6
    assert peak < 450e6


def under_rules(store, number, names=()):
    """Make a store look as if it had been made under other rules, by some networks or all."""
    path = store / "study.json"
    record = json.loads(path.read_text("utf-8"))
    for name, prepared in record["prepared"].items():
        if not names or name in names:
            prepared["rules"] = number
    path.write_text(json.dumps(sealed(record)), "utf-8")
    table = TableStore(store / "results.zarr", (len(record["rows"]),) * 2 + (1, 1), record["block"])
    for tile in table.tiles():
        table.write(tile, {**table.read(tile), "value": np.full(tile.shape, 0.123)})  # what those rules said


def test_no_table_mixes_two_rules(quiet, tmp_path):
    folder, _ = quiet
    store = tmp_path / "s"
    first = cj.pairwise(folder, measures=["cka"], store=store)
    under_rules(store, 1)
    old = cj.Study.open(store)
    assert old.table()[0, 1] == pytest.approx(0.123)
    assert any("compared under earlier rules: run pairwise" in note for note in old.notes)
    names = list(first.networks[0])
    few = [str(folder / f"{name}.npz") for name in names[:2]]
    again = cj.pairwise(few, measures=["cka"], store=store)  # the others are not given, and done again all the same
    np.testing.assert_array_equal(again.table(), first.table())
    assert any("under other rules" in note for note in again.notes)
    assert not any("earlier rules" in note for note in cj.Study.open(store).notes)


def test_what_earlier_rules_found_of_a_lost_recording_is_dropped(tmp_path):
    folder, store = save_all(tmp_path / "runs", networks(4)), tmp_path / "s"
    first = cj.pairwise(folder, measures=["cka"], store=store)
    under_rules(store, 1)
    (folder / "n2.npz").write_bytes(b"gone")
    found = cj.pairwise(folder, measures=["cka"], store=store)
    kept = [0, 1, 3]
    np.testing.assert_array_equal(found.table()[np.ix_(kept, kept)], first.table()[np.ix_(kept, kept)])
    assert np.isnan(found.table()[2]).all()
    assert any("n2" in note and "earlier rules and are dropped" in note for note in found.notes)
