"""Files to which something has happened: read, or refused by an error of ours, soon, in bounded memory; all else untouched."""

from __future__ import annotations

import random
import resource
import shutil
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parent))
from mutations import changed, changed_json, changed_within
from subjects import SUBJECTS, Subject

import conjugacy as cj
from conjugacy.activations import load
from conjugacy.errors import ConjugacyError

SECONDS, MEGABYTES = 10.0, 256
LIBRARIES = ("matlab 7.3", "netcdf", "parquet")  # which take seconds; in the slow suite alone


def files_of(whole: Path) -> dict[str, bytes]:
    """Return the bytes of a file, or of the files of a folder, by place in it."""
    found = [whole] if whole.is_file() else sorted(path for path in whole.rglob("*") if path.is_file())
    return {path.relative_to(whole).as_posix() if path != whole else "": path.read_bytes() for path in found}


def written(place: Path, files: dict[str, bytes], before: dict[str, bytes] | None) -> None:
    """Write the files of one case; of those of the case before, what is the same stays."""
    for name, raw in files.items():
        if before is None or before.get(name) != raw:
            path = place / name if name else place
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(raw)


def one_case(
    subject: Subject, whole: dict[str, bytes], rng: random.Random, places: Sequence[tuple[int, int]] | None = None
) -> dict[str, bytes]:
    name = rng.choice(list(whole))
    if subject.change is not None:
        return {**whole, name: subject.change(whole[name], rng)}
    if places is not None:
        return {**whole, name: changed_within(whole[name], places, rng)}
    as_json = name.endswith((".json", ".zarray", ".zattrs", ".zgroup")) and rng.random() < 0.7
    return {**whole, name: (changed_json if as_json else changed)(whole[name], rng)}


def fuzz(subject: Subject, folder: Path, cases: int, seed: int) -> int:
    """Read so many mutated files; return how many were read all the same."""
    if "weights" in subject.make.__name__:
        pytest.importorskip("torch")
    if subject.name.endswith(".h5") or subject.places is not None:
        pytest.importorskip("h5py")
    if subject.name.endswith(".parquet"):
        pytest.importorskip("pyarrow")
    subject.make(folder / subject.name)
    whole = files_of(folder / subject.name)
    places = None if subject.places is None else subject.places(folder / subject.name)
    shutil.rmtree(folder / subject.name) if "" not in whole else (folder / subject.name).unlink()
    place = folder / "case" / subject.name
    place.parent.mkdir()
    (folder / "beside").write_text("untouched")
    rng, before, read = random.Random(seed), None, 0
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for number in range(cases):
        files = one_case(subject, whole, rng, places)
        written(place, files, before)
        start = time.process_time()
        try:
            subject.read(place)
            read += 1
        except ConjugacyError:
            pass
        except BaseException as error:
            raise AssertionError(f"case {number} of seed {seed}: {type(error).__name__}: {error}") from error
        assert time.process_time() - start < SECONDS, f"case {number} of seed {seed}"
        assert files_of(place) == files, f"case {number} of seed {seed}: a reader changed the file"
        before = files
    assert sorted(path.name for path in folder.iterdir()) == ["beside", "case"]
    assert [path.name for path in place.parent.iterdir()] == [subject.name]
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - peak) / 1024
    assert grown < MEGABYTES
    return read


@pytest.mark.parametrize("name", [name for name in SUBJECTS if name not in LIBRARIES])
@pytest.mark.filterwarnings("ignore")  # of libraries, about what they read
def test_a_few_of_each(name: str, tmp_path: Path) -> None:
    fuzz(SUBJECTS[name], tmp_path, 80, seed=0)


@pytest.mark.slow
@pytest.mark.parametrize("name", SUBJECTS)
@pytest.mark.filterwarnings("ignore")
def test_many_of_each(name: str, tmp_path: Path) -> None:
    read = fuzz(SUBJECTS[name], tmp_path, 2000, seed=1)
    assert read < 2000  # some are refused, or nothing was changed


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
FIELDS = ("format", "name", "layers", "output_layer", "output_kind", "shape", "units", "provenance")


@settings(
    max_examples=60, deadline=None, derandomize=True, phases=[Phase.generate], suppress_health_check=list(HealthCheck)
)
@given(
    st.dictionaries(
        st.sampled_from(FIELDS), JSON | st.dictionaries(st.sampled_from(["h", "outputs"]), JSON), max_size=3
    )
)
def test_meta_that_says_anything(tmp_path_factory: pytest.TempPathFactory, meta: dict[str, object]) -> None:
    import json

    import numpy as np

    path = tmp_path_factory.getbasetemp() / "meta.npz"
    values = np.arange(12.0).reshape(6, 2)
    np.savez(path, h=values, outputs=values + 1, meta=json.dumps(meta))
    with suppress(ConjugacyError):
        assert isinstance(load(path), cj.Recording)
