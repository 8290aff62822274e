"""Which measures there are: by file name, and by the entry points of other packages."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterable
from dataclasses import fields
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import Any, cast

from conjugacy.errors import InputError, UnknownNameError
from conjugacy.measure.interface import Measure
from conjugacy.measure.options import parse_options
from conjugacy.measure.own_function import OwnFunction

FAR = 4.0  # times the tolerance


def measure_names() -> tuple[str, ...]:
    """Return the ids of all measures: the files of `conjugacy.measures` and installed entry points, sorted.

    Returns
    -------
    tuple of str

    Examples
    --------
    >>> import conjugacy as cj
    >>> "cka" in cj.measure_names()
    True
    """
    return tuple(sorted({*_own_names(), *(e.name for e in entry_points(group="conjugacy.measures"))}))


def get_measure(name: str, **knobs: Any) -> Measure:
    """Return a configured measure by id.

    Parameters
    ----------
    name : str
        The id, if you like with options: `cka:debiased=false`.
    knobs
        Options by name.

    Returns
    -------
    Measure
        Call it on two layers, or use `prepare` and `compare`.

    Raises
    ------
    UnknownNameError
        If no measure or option has that name.
    InputError
        If the value of an option cannot be read.

    Examples
    --------
    >>> import numpy as np, conjugacy as cj
    >>> x = np.random.default_rng(0).normal(size=(50, 3))
    >>> round(cj.get_measure("cka")(x, 2 * x).value, 6)
    1.0
    """
    if not isinstance(name, str):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise InputError(f"measure: got {type(name).__name__}, expected an id such as 'cka'")
    if name in _lent and not knobs:
        return _lent[name]
    stem, _, options = name.partition(":")
    kind = _measure_class(stem)
    known = {f.name for f in fields(cast(Any, kind))}
    given = {**parse_options(kind, options), **knobs}
    for knob in given:
        if knob not in known:
            raise UnknownNameError.of("knob", knob, sorted(known), where=f"of measure {stem!r}")
    return kind(**given)


def measure_or_none(name: str) -> Measure | None:
    """Return the measure of an id; None where this installation does not know it, as one in a store that came from elsewhere.

    Examples
    --------
    >>> measure_or_none("nobody-knows-it") is None
    True
    """
    try:
        return get_measure(name)
    except InputError:
        return None


def denies(name: str) -> bool:
    """Whether answers of the measure of an id may deny; so it is taken where this installation does not know it.

    Examples
    --------
    >>> denies("verdict"), denies("verdict:fits=first")
    (True, False)
    """
    known = measure_or_none(name)
    return known is None or known.traits.denies


def apart_beyond(name: str) -> float:
    """Return where an interval begins that keeps two networks out of one class, though the measure denies nothing.

    It is `FAR` times the tolerance: first fits leave no more of any two networks that the whole verdict calls equivalent
    (`benchmarks/study/first_fits.txt`). A measure that denies says itself what is not the same.

    Examples
    --------
    >>> apart_beyond("verdict"), round(apart_beyond("verdict:fits=first"), 3)
    (inf, 0.2)
    """
    return float("inf") if denies(name) else FAR * float(getattr(get_measure(name), "tolerance", 1.0))


def measures_of(given: Any) -> list[tuple[str, Measure]]:
    """Return measures with their ids, as given, from what stands for some: an id, a measure, a function, or a list of these.

    Raises
    ------
    InputError, UnknownNameError
        Where something else is given, or an id is not known.

    Examples
    --------
    >>> [name for name, _ in measures_of(["cka", get_measure("procrustes")])]
    ['cka', 'procrustes']
    """
    if isinstance(given, (str, Measure)) or callable(given):
        given = [given]
    if not isinstance(given, Iterable):
        raise InputError(
            f"measures: got {given!r}, expected a list of ids or measures, such as ['cka', get_measure('procrustes')]"
        )
    found: list[tuple[str, Measure]] = []
    for one in cast("Iterable[Any]", given):
        found.append(_named(one))
    return found


def _named(one: Any) -> tuple[str, Measure]:
    if isinstance(one, str):
        return one, get_measure(one)
    if isinstance(one, type) and issubclass(one, Measure):
        raise InputError(f"measures: got the class {one.__name__}, expected a configured measure: {one.__name__}()")
    if isinstance(one, type) or not (isinstance(one, Measure) or callable(one)):
        raise InputError(
            f"measures: got {one!r}, expected an id such as 'cka', a measure such as get_measure('cka'), "
            "or a function of two arrays"
        )
    measure = one if isinstance(one, Measure) else OwnFunction(one)
    return measure.id, measure


_lent: dict[str, Measure] = {}


def lend(measure: Measure) -> None:
    """Make a measure that no file or package names known by its id in this process, until another takes its place.

    Raises
    ------
    InputError
        Where a measure of ours or of a package has that id.
    """
    if measure.id.partition(":")[0] in measure_names():
        raise InputError(
            f"measures: {measure.id!r} is the id of another measure; give the function or class another name"
        )
    _lent[measure.id] = measure


def known_by_id(measure: Measure) -> bool:
    """Whether another process could make this measure from its id.

    Examples
    --------
    >>> known_by_id(get_measure("cka:debiased=false"))
    True
    """
    return measure.id not in _lent and type(measure_or_none(measure.id)) is type(measure)


@cache
def _own_names() -> list[str]:
    package = importlib.import_module("conjugacy.measures")
    return [m.name for m in pkgutil.iter_modules(package.__path__) if not m.name.startswith("_")]


def _measure_class(name: str) -> type[Measure]:
    if name in _own_names():
        module = importlib.import_module(f"conjugacy.measures.{name}")
        own = [
            v
            for v in vars(module).values()
            if isinstance(v, type) and issubclass(v, Measure) and v.__module__ == module.__name__
        ]
        return own[0]
    for entry in entry_points(group="conjugacy.measures"):
        if entry.name == name:
            return _outside(entry)
    raise UnknownNameError.of("measure", name, measure_names())


def _outside(entry: EntryPoint) -> type[Measure]:
    """Return the class that another package names; what goes wrong there is that package's, and said so."""
    package = entry.dist.name if entry.dist is not None else entry.value
    try:
        found = entry.load()
    except Exception as error:
        reason = f"{type(error).__name__}: {error}"
        raise InputError(f"measure {entry.name!r} of the package {package!r} cannot be imported ({reason})") from error
    if not (isinstance(found, type) and issubclass(found, Measure)):
        raise InputError(f"measure {entry.name!r} of the package {package!r}: {entry.value} is not a conjugacy.Measure")
    file = found.__module__.rpartition(".")[2]
    if file != entry.name:  # the file's name is the id that scores carry
        raise InputError(
            f"measure {entry.name!r} of the package {package!r} stands in the file {file!r}: "
            f"a measure's file must be called {entry.name!r}, as its entry point is"
        )
    return found
