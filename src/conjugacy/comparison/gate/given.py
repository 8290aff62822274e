"""The networks of a gate, as recordings, and what is asked of them, checked before anything is run."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, cast

import numpy as np

from conjugacy.activations import RecordOptions, as_recording, is_live, record
from conjugacy.activations.shown import as_shown
from conjugacy.comparison.gate.conditions import Condition, read_condition
from conjugacy.data import Layers, Recording, layer_pairs
from conjugacy.errors import InputError
from conjugacy.results import Margins
from conjugacy.verdict.dependence import checked_rows

DEFAULT, ON_LAYERS = "drop-in=yes", "representation=equivalent"


@dataclass(frozen=True, eq=False)
class Wanted:
    """What a gate is to hold a pair against; attributes as the parameters of `gate`."""

    conditions: tuple[Condition, ...]
    layers: tuple[tuple[str, str], ...] | None
    by: Any
    groups: np.ndarray | None
    margins: Margins
    tolerance: float
    seed: int
    rows: str | None = None


def wanted_of(
    require: str | Sequence[str], fail_on: str | Sequence[str], layers: Layers, margins: Any, **given: Any
) -> Wanted:
    """Check what is asked for.

    Raises
    ------
    InputError, UnknownNameError
        Naming what cannot be used, and what was expected.
    """
    tolerance, seed, groups = float(given["tolerance"]), int(given["seed"]), given["groups"]
    if not 0 < tolerance < 1:
        raise InputError(f"tolerance: got {tolerance}, expected a fraction of variance between 0 and 1")
    if seed < 0:
        raise InputError(f"seed: got {seed}, expected a whole number of at least 0")
    pairs = layer_pairs(layers)
    conditions = read_conditions(require, fail_on)
    if not conditions:
        texts = (DEFAULT,) if pairs is None else (DEFAULT, ON_LAYERS)
        conditions = tuple(read_condition(text, "require") for text in texts)
    if pairs is not None and not any(one.of_layers for one in conditions):
        raise InputError(
            f"layers: {len(pairs)} named, and no condition is about layers; require {ON_LAYERS}, or a measure, as cka>0.98"
        )
    held = Margins.of(margins, tolerance)
    by_group = None if groups is None else np.asarray(groups)
    return Wanted(conditions, pairs, given["by"], by_group, held, tolerance, seed, checked_rows(given.get("rows")))


def read_conditions(require: str | Sequence[str], fail_on: str | Sequence[str]) -> tuple[Condition, ...]:
    """Read what is wanted and what must not be, each a text or several."""
    texts = [[one] if isinstance(one, str) else list(one) for one in (require, fail_on)]
    return (
        *(read_condition(text, "require") for text in texts[0]),
        *(read_condition(text, "fail-on") for text in texts[1]),
    )


def require_rows(conditions: Sequence[Condition], match: str) -> None:
    """Refuse conditions that could not be told where rows are matched in a way, or not at all.

    Raises
    ------
    InputError
        Naming the first of them, and what may be asked for instead.
    """
    for one in conditions:
        option = f"--{one.way} {one.text}"
        if match == "none" and one.needs_rows:
            raise InputError(
                f"{option}: needs rows that belong together, and with match 'none' there are none; ask for dynamics=equivalent "
                "or a measure of trajectories, as dsa<0.1, or match the trials by their ids"
            )
        if match == "intrinsic" and one.subject == "measure" and one.needs_rows:
            raise InputError(
                f"{option}: a measure is compared with a threshold on rows that both networks saw, and with match 'intrinsic' "
                "they saw others; ask for an answer or a rung"
            )


@dataclass(frozen=True, eq=False)
class ShownTo:
    """What live networks are shown, what the networks were to answer, and which output counts.

    Attributes
    ----------
    stimuli : array or None
    targets : array or None
        A row for each stimulus where a network lives, else for each row of A.
    output : str, int or None
        The only output.
    of_recorded : array or None
        What takes the place of the targets that a recording holds, where `targets` are given.
    how : RecordOptions
    """

    stimuli: Any = None
    targets: Any = None
    output: str | int | None = None
    of_recorded: Any = None
    how: RecordOptions = field(default_factory=RecordOptions)


def shown_to(b: Any, stimuli: Any, targets: Any, output: Any, how: RecordOptions) -> tuple[ShownTo, ShownTo]:
    """Return what A and B are shown; targets belong to the rows of A, or to the stimuli where B lives."""
    some = b[0] if isinstance(b, (list, tuple)) and b else b
    outputs = output if isinstance(output, tuple) else (output, output)
    of_a = None if is_live(some) else targets
    seen = None if stimuli is None else as_shown(stimuli)  # what comes in batches is used up once
    return ShownTo(seen, targets, outputs[0], of_a, how), ShownTo(seen, targets, outputs[1], None, how)


def recordings_of(networks: Any, name: str, shown: ShownTo, tell: Callable[[str], None]) -> list[Recording]:
    """Return one network, or each of a list, as recordings; live ones are recorded now.

    Raises
    ------
    InputError
        Where a list is empty, or a live network is given without stimuli.
    """
    if not isinstance(networks, (list, tuple)):
        return [_recorded(networks, name, shown, tell)]
    many = cast("Sequence[Any]", networks)
    if not many:
        raise InputError(f"{name}: got an empty list, expected a network or several")
    if all(isinstance(one, (int, float, list, tuple)) for one in many):
        return [_recorded(np.asarray(many), name, shown, tell)]  # rows of numbers are one network
    return [_recorded(one, f"{name}{i + 1}", shown, tell) for i, one in enumerate(many)]


def _recorded(network: Any, name: str, shown: ShownTo, tell: Callable[[str], None]) -> Recording:
    if not is_live(network):
        found = as_recording(network, name=name)
        found = found if shown.output is None else found.only_output(shown.output)
        return found if shown.targets is None else replace(found, layers=dict(found.layers), targets=shown.of_recorded)
    if shown.stimuli is None:
        raise InputError("live networks need stimuli: gate(model_a, model_b, stimuli=x)")
    tell(f"recording {name}")
    return record(network, shown.stimuli, targets=shown.targets, name=name, output=shown.output, **shown.how.by_name)
