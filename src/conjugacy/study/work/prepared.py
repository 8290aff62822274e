"""One network prepared for the measures of a study: read, rows brought into the common order, prepared, kept on disk."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from conjugacy import __version__
from conjugacy.activations import load
from conjugacy.data import Activations, Recording, Trajectories, deepest_or_output, require_deepest, row_labels
from conjugacy.errors import ConjugacyError, FormatError, InputError, StimuliError
from conjugacy.measure import RULES, Measure, get_measure
from conjugacy.storage.laboratory import is_laboratory_name
from conjugacy.storage.packed import NotPackable, read_packed, write_packed
from conjugacy.study.work.networks import StudyNetwork, StudyRows, content_hash, why

MADE_BY = f"{__version__}, rules {RULES}"  # part of the name of what is kept
OUTPUTS, DEEPEST = "output layer", "deepest hidden layer"
BY_ROWS = ("activations", "outputs", "recording")


@dataclass(frozen=True)
class Subject:
    """What is prepared: one layer, for measures of one preparation; `measure` is one of them.

    Attributes
    ----------
    layer : str
        Name of a layer; `OUTPUTS` is the output, `DEEPEST` every network's own deepest hidden layer.
    measure : str
        Id of the measure that prepares.
    raw : bool
        Whether the layer itself is kept, for intervals from halves of the rows.
    label : str
        What tells it from other subjects.
    """

    layer: str
    measure: str
    raw: bool
    label: str

    @classmethod
    def of(cls, layer: str, measure: Measure, *, raw: bool = False) -> Subject:
        """Return what a measure compares of a layer."""
        return cls(layer, measure.id, raw, f"{layer}|{'rows' if raw else measure.preparation}")


@dataclass(frozen=True)
class Reading:
    """How recordings are read, as in `load`."""

    output_layer: str | None = None
    output_kind: str | None = None
    shape: str | None = None
    reducer: str | None = None


@dataclass(frozen=True, eq=False)
class Workplace:
    """What a worker needs besides its task: where things are, and how to read.

    Attributes
    ----------
    store : Path
        The study's folder.
    rows : StudyRows or None
        None where nothing is matched by rows.
    reading : Reading
        How recordings are read.
    largest : float
        Bytes of the largest recording on disk.
    """

    store: Path
    rows: StudyRows | None
    reading: Reading
    largest: float = 0.0

    @property
    def folder(self) -> Path:
        """Where prepared networks are kept."""
        return self.store / "prepared"


@dataclass(frozen=True)
class Prepared:
    """What became of one network: keys by subject, or why not; who prepared it; the layers taken; how its file was read."""

    network: StudyNetwork
    keys: Mapping[str, str]
    failures: Mapping[str, str]
    nbytes: int
    version: str = __version__
    rules: int = RULES
    layers: Mapping[str, str] = field(default_factory=dict[str, str])
    read_as: tuple[str, ...] = ()

    @property
    def is_of_today(self) -> bool:
        """Whether it was prepared by this version, under its rules."""
        return self.version == __version__ and self.rules == RULES


def prepare_network(place: Workplace, network: StudyNetwork, subjects: tuple[Subject, ...]) -> Prepared:
    """Read one network and prepare it for all subjects; what goes wrong becomes a state, a reason or a failure."""
    try:
        recording = read_recording(network, place.reading)
    except ConjugacyError as error:
        return Prepared(replace(network, state="unreadable", reason=why(error), content=""), {}, {}, 0)
    keys, failures, layers = dict[str, str](), dict[str, str](), dict[str, str]()
    contents, size = list[str](), 0
    for subject in subjects:
        try:
            data = data_of(place, recording, subject)
            content = content_hash(_parts(data))
            contents.append(content)
            key = content_hash([content, subject.label, MADE_BY])
            file = place.folder / f"{key}.npz"
            size += file.stat().st_size if file.exists() else _write(file, _prepare(subject, data))
            keys[subject.label] = key
            layers |= _taken(recording, subject)
        except StimuliError as error:
            return Prepared(replace(network, state="mismatched", reason=why(error), content=""), {}, {}, 0)
        except (OSError, MemoryError):
            raise  # no fault of this network
        except Exception as error:  # a measure of another package may raise anything; the others go on
            failures[subject.label] = why(error)
    done = replace(network, content=content_hash(contents), state="", reason="")
    said: Any = recording.provenance.get("passes", ()) if is_laboratory_name(network.path) else ()
    return Prepared(done, keys, failures, size, layers=layers, read_as=tuple(map(str, said)))


def _taken(recording: Recording, subject: Subject) -> dict[str, str]:
    """Say which layer of a network stands for its deepest hidden one."""
    if subject.layer != DEEPEST:
        return {}
    moving = get_measure(subject.measure).traits.data not in BY_ROWS
    deepest = deepest_or_output(recording) if moving else require_deepest(recording)
    said = "; ".join(deepest.said("it"))
    return {DEEPEST: f"{deepest.name} ({said})" if said else deepest.name}


def read_recording(network: StudyNetwork, how: Reading) -> Recording:
    """Read one network's recording under its name in the study.

    Raises
    ------
    ConjugacyError
        As `load`; of a network that was given as arrays it names the network, and not the copy that the study keeps.
    """
    try:
        return load(
            network.path,
            name=network.name,
            output_layer=how.output_layer,
            output_kind=how.output_kind,
            shape=how.shape,
            reducer=how.reducer,
        )
    except ConjugacyError as error:
        said = str(error)
        if not network.is_copy or repr(network.path) not in said:
            raise
        raise type(error)(said.replace(repr(network.path), f"network {network.name!r}")) from None


def data_of(place: Workplace, recording: Recording, subject: Subject) -> Any:
    """Return what a measure is to prepare: a layer with its rows in the common order, trajectories, or outputs.

    Raises
    ------
    InputError, UnknownNameError
        Where the network has no such layer, or one of another kind.
    StimuliError, ShapeError
        Where its rows are not those of the others.
    """
    wanted = get_measure(subject.measure).traits.data
    layer = recording.layer(layer_name(recording, subject.layer, moving=wanted not in BY_ROWS))
    if wanted not in BY_ROWS:
        if not isinstance(layer, Trajectories):
            raise InputError(f"measure {subject.measure!r} compares trajectories, and these are activations")
        return layer
    if place.rows is None:
        raise InputError("the rows of the networks are not matched")
    place.rows.require_step(layer.dt if isinstance(layer, Trajectories) else None)
    flat = _labelled(layer, recording.first)
    rows = place.rows.bring(flat)
    order = place.rows.order(flat)
    targets = recording.targets
    targets = None if targets is None or len(targets) != flat.shape[0] else targets[order]
    if wanted != "recording":
        plain = rows.relabelled(inputs=_repeats(rows.inputs))
        reads = targets is not None and get_measure(subject.measure).reads_targets and not subject.raw
        return Recording({"layer": plain}, name=recording.name, targets=targets) if reads else plain
    every = {name: place.rows.bring(_labelled(recording.layer(name), recording.first)) for name in recording.heads}
    several = len(every) > 1
    kind = recording.output_kind if several else recording.kind_of(str(flat.layer))
    layers = every if several else {str(flat.layer): rows}
    return replace(recording, layers=layers, output_kind=kind, targets=targets, jacobians={}, covariances={})


def _repeats(inputs: np.ndarray | None) -> np.ndarray | None:
    """Return a number that equal inputs share, in their place; None where all differ, as they are large."""
    if inputs is None:
        return None
    labels = row_labels(inputs)
    return None if labels.max() + 1 == len(labels) else labels[:, None].astype(np.float64)


def _labelled(layer: Activations | Trajectories, first: Activations | Trajectories) -> Activations:
    """Return a layer as activations, with the labels of the first, which count for all."""
    if isinstance(layer, Activations) and isinstance(first, Activations):
        return layer.relabelled(stimuli=first.stimuli, groups=first.groups, inputs=first.inputs)
    return layer if isinstance(layer, Activations) else layer.flatten()


def layer_name(recording: Recording, layer: str, *, moving: bool = False) -> str:
    """Return the name that a layer has in one recording; of `moving` states the outputs are some.

    Raises
    ------
    InputError
        Where the network has no output, or no layer besides its output.
    """
    if layer == OUTPUTS:
        if recording.output_name is None:
            raise InputError("no output layer: save it as 'outputs', or name it with output_layer")
        return recording.output_name
    if layer != DEEPEST:
        return layer
    return (deepest_or_output(recording) if moving else require_deepest(recording)).name


def _parts(data: Any) -> list[Any]:
    if isinstance(data, Recording):
        return [*data.layers.values(), data.targets, data.output_kind]
    return [data]


def _prepare(subject: Subject, data: Any) -> Any:
    return data if subject.raw else get_measure(subject.measure).prepare(data)


def _write(file: Path, prepared: Any) -> int:
    """Keep what was prepared; what cannot be kept is prepared again where it is needed."""
    try:
        return write_packed(file, prepared)
    except NotPackable:
        return 0


class Shelf:
    """Prepared networks in memory, the last used ones, up to a number of bytes."""

    def __init__(self, place: Workplace, room: float) -> None:
        self.place, self.room = place, room
        self._kept: OrderedDict[tuple[str, str], tuple[Any, int]] = OrderedDict()
        self._used = 0

    def get(self, network: StudyNetwork, key: str, subject: Subject) -> Any:
        """Return one prepared network: from memory, from disk, or prepared again where the file is gone or damaged."""
        name = (network.name, key)
        if name in self._kept:
            self._kept.move_to_end(name)
            return self._kept[name][0]
        value, size = self._fetch(network, key, subject)
        self._kept[name] = (value, size)
        self._used += size
        while self._used > self.room and len(self._kept) > 1:
            self._used -= self._kept.popitem(last=False)[1][1]
        return value

    def _fetch(self, network: StudyNetwork, key: str, subject: Subject) -> tuple[Any, int]:
        file = self.place.folder / f"{key}.npz"
        packages = tuple({"conjugacy", type(get_measure(subject.measure)).__module__.partition(".")[0]})
        try:
            return read_packed(file, packages), file.stat().st_size
        except (FormatError, OSError):
            data = data_of(self.place, read_recording(network, self.place.reading), subject)
            if content_hash([content_hash(_parts(data)), subject.label, MADE_BY]) != key:
                raise InputError(
                    f"{network.path!r} has changed since this run began; run the same again to compare it again"
                ) from None
            prepared = _prepare(subject, data)
            _write(file, prepared)
            return prepared, _nbytes(data)


def _nbytes(data: Any) -> int:
    layers = data.layers.values() if isinstance(data, Recording) else [data]
    return sum(
        sum(x.nbytes for x in layer.values) if isinstance(layer, Trajectories) else layer.values.nbytes
        for layer in layers
    )
