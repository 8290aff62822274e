"""What stands for a network that learned nothing: copies of it, made or given, recorded on the same stimuli."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from conjugacy.activations import is_live, shuffled_copy, untrained_copy
from conjugacy.activations.networks.choose import is_known, network_of
from conjugacy.activations.networks.protocol import NoControlError
from conjugacy.activations.networks.torch_forms import runs_by_modules
from conjugacy.activations.untrained import UNTRAINED_COPIES, Untrained, is_torch_module
from conjugacy.data import Recording
from conjugacy.data.foreign import is_array
from conjugacy.errors import ConjugacyError
from conjugacy.verdict import CONTROLS

GIVEN = "given recordings"
NOT_GIVEN = {
    "untrained": "none was given: untrained_a= and untrained_b= take recordings, or functions that make the network",
    "shuffled": "none was given: record one with --shuffled, and give it beside the untrained ones",
}


@dataclass(frozen=True, eq=False)
class Copies:
    """Copies of one network that learned nothing.

    Attributes
    ----------
    recordings : tuple of Recording
        Their kinds stand in their provenance, under `control`.
    sources, missing : mapping of str to str
        By kind (`untrained`, `shuffled`): how they came about, and why there are none.
    """

    recordings: tuple[Recording, ...] = ()
    sources: Mapping[str, str] = field(default_factory=dict[str, str])
    missing: Mapping[str, str] = field(default_factory=dict[str, str])


def kind_of(copy: Recording) -> str:
    """Return which control a recording is; `untrained` where it does not say."""
    kind = str(copy.provenance.get("control", CONTROLS[0]))
    return kind if kind in CONTROLS else CONTROLS[0]


def as_control(copy: Recording, kind: str) -> Recording:
    """Return a recording that says which control it is."""
    return replace(copy, provenance={**copy.provenance, "control": kind})


def copies_of(
    network: Any,
    name: str,
    given: Any,
    run: Callable[[Any, str], Recording],
    read: Callable[[Any, str], Recording],
    seed: int,
) -> Copies:
    """Return the copies of one network: those that were given, and those that can be made of a live one.

    Parameters
    ----------
    network : anything that `compare` takes
    name : str
    given : recordings, live networks, a function that makes the network, or a list of these
    run : callable
        Records a live network, under a name.
    read : callable
        Makes a recording of what is none, under a name.
    seed : int
        Draws copies.
    """
    things: Sequence[Any] = list(given) if isinstance(given, (list, tuple)) else [] if given is None else [given]
    factory = next((one for one in things if _makes_networks(one)), None)
    found = [
        run(one, f"untrained {name}") if is_live(one) else read(one, f"untrained {name}")
        for one in things
        if one is not factory
    ]
    sources, missing = {kind_of(one): GIVEN for one in found}, dict[str, str]()
    for kind in CONTROLS:
        if kind in sources:
            continue
        if not is_live(network):
            missing[kind] = NOT_GIVEN[kind]
            continue
        made, said = _made(lambda i, kind=kind: copy_of_kind(network, kind, (seed, i), factory), kind, name, run)
        found += made
        (sources if made else missing)[kind] = said
    return Copies(tuple(found), sources, missing)


def _makes_networks(thing: Any) -> bool:
    return callable(thing) and not is_torch_module(thing) and not is_array(thing) and not is_known(thing)


def copy_of_kind(network: Any, kind: str, seed: tuple[int, int], factory: Callable[[], Any] | None = None) -> Untrained:
    """Return an untrained copy of a live network, or one with its weights shuffled, as the factory or its kind makes it."""
    if kind == "untrained" and (factory is not None or runs_by_modules(network)):
        return untrained_copy(network, seed, factory)
    if runs_by_modules(network):
        return shuffled_copy(network, seed)
    own = network_of(network)
    make: Callable[[int], Any] | None = own.untrained if kind == "untrained" else getattr(own, "shuffled", None)
    if make is None:
        return Untrained(None, NOT_GIVEN[kind])
    try:
        made = make(int(np.random.SeedSequence(seed).generate_state(1)[0]))
    except NoControlError as error:
        return Untrained(None, str(error))
    return Untrained(made, told=getattr(made, "drawn_by", None))


def sources_of(copies: tuple[Copies, Copies], which: str = "sources") -> dict[str, str]:
    """Say of each kind how the copies of both networks came about, or why they are missing; once where it is the same."""
    found: dict[str, str] = {}
    for kind in CONTROLS:
        said = [getattr(one, which).get(kind) for one in copies]
        if said[0] is not None and said[0] == said[1]:
            found[kind] = said[0]
        elif any(said):
            found[kind] = "; ".join(f"{who}: {one}" for who, one in zip("AB", said, strict=True) if one is not None)
    return found


def _made(
    make: Callable[[int], Untrained], kind: str, name: str, run: Callable[[Any, str], Recording]
) -> tuple[list[Recording], str]:
    """Return recordings of copies, one copy at a time, and how they were made; none, and why, where one fails."""
    found: list[Recording] = []
    said = ""
    for i in range(UNTRAINED_COPIES):
        copy = make(i)
        if copy.model is None:
            return [], copy.reason or ""
        try:
            found.append(as_control(run(copy.model, f"{kind} {name}"), kind))
        except ConjugacyError as error:  # what is wrong with the network itself is told where that is recorded
            return [], f"a copy could not be recorded: {error}"
        said = f"{UNTRAINED_COPIES} copies of each network: {copy.said}"
    return found, said
