"""The networks of `gate` as recordings: files, folders of seeds, or code that builds a network, which is run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from conjugacy.activations import load, record
from conjugacy.activations.models import Stimuli, load_labels, load_model, load_stimuli, load_targets
from conjugacy.cli.endings import LIVE
from conjugacy.data import natural_order
from conjugacy.errors import InputError, UnknownNameError
from conjugacy.storage import read_arrays
from conjugacy.storage.formats import format_of, in_words
from conjugacy.storage.in_folder import networks_among

if TYPE_CHECKING:
    import numpy as np

    from conjugacy.cli.terminal import Progress
    from conjugacy.data import Recording

LABEL_FILES = (".npy", ".csv", ".txt")


@dataclass(frozen=True)
class NamedNetwork:
    """One network as it is named on the command line."""

    text: str
    live: bool
    weights: Path | None


@dataclass(frozen=True)
class Networks:
    """How the networks are read, or run."""

    stimuli: Path | None
    stimuli_key: str | None
    targets: str | None
    output: str | None
    output_layer: str | None
    output_kind: str | None
    reducer: str | None
    tell: Progress
    tokens: str | None = None
    axes: dict[str, str] | None = None

    @cached_property
    def shown(self) -> Stimuli:
        """What live networks are shown."""
        if self.stimuli is None:
            raise InputError(f"--stimuli: {LIVE} is run on stimuli; give the file")
        return load_stimuli(self.stimuli, self.stimuli_key, self.targets)

    def of_both(self, given: tuple[NamedNetwork, NamedNetwork]) -> tuple[list[Recording], list[Recording]]:
        """Return A and B, each one recording or those of a folder; targets belong to the rows of A, or to the stimuli."""
        a, b = (self._read(one) for one in given)
        if self.targets is None:
            return a, b
        of_a = None if given[1].live else self._own_targets() if not given[0].live else None
        ends = ((a, given[0], of_a), (b, given[1], None))
        found = [many if one.live else [replace(r, targets=own) for r in many] for many, one, own in ends]
        return found[0], found[1]

    def _own_targets(self) -> np.ndarray:
        text = self.targets or ""
        return (
            load_targets(text) if Path(text).suffix.lower() in LABEL_FILES else column(text, self.stimuli, "--targets")
        )

    def _read(self, given: NamedNetwork) -> list[Recording]:
        if given.live:
            return [self._run(given.text, given.weights)]
        path = Path(given.text)
        if not path.is_dir() or format_of(path) is not None:
            return [self._load(path)]
        named = {p.name: p for p in networks_among(path.iterdir(), path)}
        return [self._load(named[name]) for name in natural_order(named)]

    def _load(self, path: Path) -> Recording:
        found = load(path, output_layer=self.output_layer, output_kind=self.output_kind, reducer=self.reducer)
        return found if self.output is None else found.only_output(self.output)

    def _run(self, spec: str, weights: Path | None) -> Recording:
        network, shown = load_model(spec, weights, tell=self.tell), self.shown
        self.tell(f"recording {spec}")
        return record(
            network,
            shown.values,
            ids=shown.ids,
            groups=shown.groups,
            targets=shown.targets,
            name=spec if weights is None else f"{spec} {weights.name}",
            output=self.output,
            output_kind=self.output_kind,
            reducer=self.reducer,
            tokens=self.tokens,
            axes=self.axes,
        )


def one_recording(found: Sequence[Recording], text: str) -> Recording:
    """Return the only network of those that were read.

    Raises
    ------
    InputError
        Where a folder holds several.
    """
    if len(found) > 1:
        raise InputError(f"{text!r} holds {len(found)} recordings; give one network")
    return found[0]


def column(given: str, stimuli: Path | None, option: str, *, empty: bool = False) -> np.ndarray:
    """Return one label for each row, from a file or from an array of the stimuli file; an empty line of text is a row where said.

    Raises
    ------
    InputError, UnknownNameError
        Where there is no such file or array.
    """
    if Path(given).suffix.lower() in LABEL_FILES:
        return load_labels(given, empty=empty)
    if stimuli is None or format_of(stimuli) is None:
        raise InputError(
            f"{option} {given}: expected a file ({in_words(LABEL_FILES)}), or with --stimuli the name of an array in that file"
        )
    arrays = read_arrays(stimuli).arrays
    if given not in arrays:
        raise UnknownNameError.of("array", given, arrays, where=f"in {stimuli}")
    return arrays[given]
