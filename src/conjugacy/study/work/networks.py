"""The networks of a study: where each comes from, what is wrong with it, and which rows all of them share."""

from __future__ import annotations

import hashlib
import os
import re
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from textwrap import shorten
from typing import Any, cast

import numpy as np

from conjugacy.activations import as_recording, load, save
from conjugacy.asked import name_of
from conjugacy.asked import place as path_given
from conjugacy.data import Activations, Trajectories, match_rows
from conjugacy.data.depth import GUESSED
from conjugacy.data.foreign import is_array
from conjugacy.errors import ConjugacyError, InputError, StimuliError
from conjugacy.storage import read_arrays
from conjugacy.storage.formats import is_recording_name
from conjugacy.storage.laboratory import is_laboratory_name
from conjugacy.study.work.in_folders import name_in, recordings_in

LABELS = ("stimuli", "trials")
_COPY = re.compile(r"[0-9a-f]{32}\.npz")


@dataclass(frozen=True)
class StudyNetwork:
    """One network of a study.

    Attributes
    ----------
    name : str
        Unique in the study.
    path : str
        Its recording.
    stamp : str
        Size and time of change of the file: another stamp, and it is read again.
    content : str
        Hash of what was compared, the row labels included; empty before it has been read.
    state : str
        "" where it can be compared, else "unreadable" or "mismatched".
    reason : str
        Why it cannot.
    """

    name: str
    path: str
    stamp: str = ""
    content: str = ""
    state: str = ""
    reason: str = ""

    @property
    def is_copy(self) -> bool:
        """Whether the recording is a copy of arrays, which a study names by their content."""
        return _COPY.fullmatch(Path(self.path).name) is not None


def find_networks(given: Any, copies: Path) -> list[StudyNetwork]:
    """Return the networks that were given: a folder, paths, recordings, arrays, or a mapping from names to any of these.

    What is no file is saved to the folder `copies`, so that any worker can read it.

    Raises
    ------
    InputError
        Where there is no recording, or something given is none.
    """
    if isinstance(given, (str, os.PathLike)):
        place = path_given("recordings", given)
        if place.is_dir() and not is_recording_name(place, folder=True):
            return _unique([(name_in(path, place), path) for path in recordings_in(place)[0]], copies)
        if not place.exists():
            raise InputError(f"there is no folder or recording {str(place)!r}; check the path")
        return _unique([(place.stem, place)], copies)
    if isinstance(given, Mapping):
        return _unique([(str(k), v) for k, v in cast("Mapping[Any, Any]", given).items()], copies)
    if not isinstance(given, Iterable) or is_array(given):
        raise InputError(
            f"recordings: got {type(given).__name__}, expected a folder, a list of recordings, arrays or paths, or a mapping "
            "from names to them"
        )
    listed = list(cast("Iterable[Any]", given))
    return _unique([(_name_of(one, i), one) for i, one in enumerate(listed)], copies)


def passed_over(given: Any) -> str | None:
    """Say which arrays of a folder are no networks because recordings are among them; None where there are none."""
    if not isinstance(given, (str, os.PathLike)) or not (place := path_given("recordings", given)).is_dir():
        return None
    others = [] if is_recording_name(place, folder=True) else recordings_in(place)[1]
    if not others:
        return None
    named = f"{name_in(others[0], place)}{others[0].suffix}"
    what = f"{named} was" if len(others) == 1 else f"{len(others)} other files of arrays, {named} for one, were"
    return (
        f"{what} not read, as where recordings are such files often hold labels: name them in a list or a mapping, or put them "
        "into a folder of their own"
    )


def _name_of(one: Any, number: int) -> str:
    if isinstance(one, (str, os.PathLike)):
        return Path(cast("str | os.PathLike[str]", one)).stem
    return getattr(one, "name", None) or f"network {number + 1}"


def _unique(pairs: Sequence[tuple[str, Any]], copies: Path) -> list[StudyNetwork]:
    if not pairs:
        raise InputError("recordings: got none, expected at least one network")
    pairs = [(name_of(name), one) for name, one in pairs]
    counts = Counter(name for name, _ in pairs)
    repeated = [name for name, count in counts.items() if count > 1]
    if repeated:
        raise InputError(
            f"recordings: {counts[repeated[0]]} networks are called {repeated[0]!r}; give a mapping from names to recordings, "
            "or rename the files"
        )
    return [_network(name, one, copies) for name, one in pairs]


def _network(name: str, one: Any, copies: Path) -> StudyNetwork:
    if isinstance(one, (str, os.PathLike)):
        path = path_given("recordings", one)
        return StudyNetwork(name, str(path.absolute()), stamp_of(path))
    recording = replace(as_recording(one, name=name), layers=dict(as_recording(one, name=name).layers), name=name)
    copies.mkdir(parents=True, exist_ok=True)
    named = [part for pair in recording.layers.items() for part in pair]
    moved = [
        part for tensors in (recording.jacobians, recording.covariances) for pair in tensors.items() for part in pair
    ]
    said = [recording.output_name, recording.output_kind, recording.provenance.get(GUESSED)]
    digest = content_hash([*named, recording.targets, *said, *moved])
    path = copies / f"{digest}.npz"
    if not _is_whole(path):
        save(recording, path, overwrite=True)
    return StudyNetwork(name, str(path.absolute()), stamp_of(path))


def _is_whole(path: Path) -> bool:
    """Whether a copy made earlier is there and has all its checksums right."""
    try:
        with zipfile.ZipFile(path) as archive:
            return archive.testzip() is None
    except (OSError, ValueError, zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError):
        return False


def stamp_of(path: Path) -> str:
    """Return size and times of change of a file, or of the newest file of a folder; empty where it cannot be read.

    The first time can be set by anybody who writes a file; the second, of the system's own, cannot.
    """
    try:
        files = [path] if path.is_file() else [p for p in path.rglob("*") if p.is_file()]
        found = [p.stat() for p in files]
        changed = [max((getattr(s, time) for s in found), default=0) for time in ("st_mtime_ns", "st_ctime_ns")]
        return f"{sum(s.st_size for s in found)}-{changed[0]}-{changed[1]}"
    except OSError:
        return ""


def row_ids(path: str, shape: str | None = None) -> str:
    """Return a hash of the set of ids that a recording gives its rows, or the number of rows where there are none.

    Its layers are not read, but for those of laboratories' files.

    Raises
    ------
    InputError
        Where it is no recording.
    """
    if is_laboratory_name(path):
        first = load(path, shape=shape).first
        ids = first.trials if isinstance(first, Trajectories) else first.stimuli
        return _of_ids(ids, len(first.values))
    raw = read_arrays(path, wanted=lambda key: key in LABELS)
    ids = raw.arrays.get("stimuli", raw.arrays.get("trials"))
    layers = raw.layer_names
    if not layers:
        raise InputError(f"{path!r} holds no layers")
    return _of_ids(ids, raw.shapes[layers[0]][0])


def _of_ids(ids: np.ndarray | None, count: int) -> str:
    return f"{count} rows without ids" if ids is None else content_hash([np.sort(ids.astype(str))])


def content_hash(parts: Iterable[Any]) -> str:
    """Return a hash of arrays, layers, texts and None, 32 hexadecimal digits."""
    digest = hashlib.blake2b(digest_size=16)
    for part in parts:
        for piece in _pieces(part):
            digest.update(piece)
            digest.update(b"|")
    return digest.hexdigest()


def _pieces(part: Any) -> Iterable[bytes]:
    if isinstance(part, Activations):
        for array in (part.values, part.stimuli, part.groups, part.inputs):
            yield from _pieces(array)
    elif isinstance(part, Trajectories):
        for array in (*part.values, part.trials, part.conditions, *(part.drive or ()), str(part.dt)):
            yield from _pieces(array)
    elif isinstance(part, np.ndarray):
        array = np.ascontiguousarray(part.astype(str) if part.dtype.kind in "UO" else part)
        yield f"{array.dtype.str}{array.shape}".encode()
        yield array.tobytes()
    else:
        yield str(part).encode("utf-8", "backslashreplace")


@dataclass(frozen=True, eq=False)
class StudyRows:
    """The rows that all networks of a study share, in the order of the first one's recording, in which all are brought.

    Attributes
    ----------
    rows : Activations
        Labels of the first network's rows; the values are zeros.
    clusters : int array, (m,)
        Rows of that network with one number depend on each other; every network brings its own.
    dt : float or None
        The step of trajectories; None of activations.
    """

    rows: Activations
    clusters: np.ndarray
    dt: float | None = None

    @classmethod
    def of(cls, first: Activations | Trajectories) -> StudyRows:
        """Take the rows of one network for all."""
        layer = first if isinstance(first, Activations) else first.flatten()
        matching = match_rows(layer, layer)
        clusters = np.empty_like(matching.clusters)
        clusters[matching.rows_a] = matching.clusters
        keep = None if layer.stimuli is not None else layer.inputs  # only what rows are matched by
        empty = np.zeros((len(clusters), 1))
        rows = replace(layer, values=empty, units=None, inputs=keep, name="the first network")
        return cls(rows, clusters, None if isinstance(first, Activations) else first.dt)

    def require_step(self, dt: float | None) -> None:
        """Refuse time points at other times than those of the others, and activations beside trajectories.

        Raises
        ------
        StimuliError
            Where rows of equal number would not belong together.
        """
        if (dt is None) != (self.dt is None):
            kinds = ("activations", "trajectories") if dt is None else ("trajectories", "activations")
            raise StimuliError(f"it holds {kinds[0]} and the others {kinds[1]}; compare like with like")
        if dt != self.dt:
            raise StimuliError(
                f"its trajectories have steps of {dt:g}, those of the others of {self.dt:g}: bring all to one step "
                "(Trajectories.resampled), or compare two by two, which does so"
            )

    def order(self, layer: Activations) -> np.ndarray:
        """Return which rows of a layer belong to the common rows, in their order.

        Raises
        ------
        StimuliError, ShapeError
            Where the layer holds other rows.
        """
        if (layer.stimuli is None) != (self.rows.stimuli is None):
            raise StimuliError("some networks have stimulus ids and others have none; give ids to all or to none")
        matching = match_rows(self.rows, layer)
        order = np.empty_like(matching.rows_b)
        order[matching.rows_a] = matching.rows_b
        return order

    def bring(self, layer: Activations) -> Activations:
        """Return a layer with its rows in the common order, under the ids of all.

        Raises
        ------
        StimuliError, ShapeError
            As `order` does.
        """
        return replace(layer.take(self.order(layer)), stimuli=self.rows.stimuli)


def why(error: Exception) -> str:
    """Return what went wrong as one short line; `missing` is an option of `compare`, which a study does not have."""
    text = re.sub(r"missing='[a-z-]+'", r"compare() with \g<0>", " ".join(str(error).split())) or type(error).__name__
    kind = "" if isinstance(error, ConjugacyError) else f"{type(error).__name__}: "
    return shorten(kind + text, 300, placeholder=" ...")
