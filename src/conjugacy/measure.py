"""The Measure interface, its declared traits, and the registry of measures by file name and entry point."""

from __future__ import annotations

import importlib
import pkgutil
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from types import NoneType, UnionType
from typing import Any, ClassVar, Literal, cast, get_args, get_origin, get_type_hints

import numpy as np

from conjugacy.data import Activations, match_rows
from conjugacy.errors import InputError, UnknownNameError
from conjugacy.numerics.resample import half_sample_interval, half_samples, shuffle_clusters
from conjugacy.results import Score

FEWEST_CLUSTERS = 8  # independent rows below which half of them say nothing of the spread

INVARIANCES = (
    "permutation",
    "orthogonal",
    "isotropic_scaling",
    "unit_scaling",
    "translation",
    "invertible_linear",
)
"""Changes of one network's units under which a measure may promise not to move."""


@dataclass(frozen=True)
class Traits:
    """What a measure promises; the contract test proves each promise, and that what is not promised fails.

    Attributes
    ----------
    symmetric : bool
        compare(a, b) equals compare(b, a).
    metric : bool
        `distance()` satisfies the triangle inequality.
    larger_is_more_similar : bool
        The direction of `value`.
    identity_value : float or None
        `value` of a network and itself; None where it depends on the network.
    invariances : frozenset of str
        Which of `INVARIANCES` leave `value` as it is, applied to either network.
    data : str
        What it compares: activations, outputs (activations whose units are classes), a recording's outputs with their kind and
        targets (`recording`), trajectories, matched trajectories, trajectories of the same units, or driven trajectories.
    """

    symmetric: bool
    metric: bool
    larger_is_more_similar: bool
    identity_value: float | None
    invariances: frozenset[str]
    data: str = "activations"


class Measure(ABC):
    """A way to compare two networks: prepared once per network, compared once per pair.

    A measure is a frozen dataclass whose fields are its knobs; one file holds one measure. `traits` are those of the measure
    as configured.
    """

    traits: ClassVar[Traits]
    references: ClassVar[tuple[str, ...]] = ()

    @abstractmethod
    def prepare(self, data: Any) -> Any:
        """Do all the work that needs one network only; `data` is (m, n), Activations or an array."""

    @abstractmethod
    def compare(self, a: Any, b: Any) -> Score:
        """Compare two prepared networks."""

    def compare_all(self, a: Sequence[Any], b: Sequence[Any]) -> list[Score]:
        """Compare many pairs of prepared networks, a[i] with b[i]; a pair's score does not depend on the others.

        Measures whose pairs are small products do them together.
        """
        return [self.compare(x, y) for x, y in zip(a, b, strict=True)]

    @property
    def preparation(self) -> str:
        """What `prepare` makes: measures of equal `preparation` take the same prepared network; the id, unless it is shared."""
        return self.id

    def for_halves(self) -> Measure:
        """Return what `judge` computes on halves of the rows: the measure, unless its knobs count rows."""
        return self

    def __call__(self, x: Any, y: Any) -> Score:
        """Prepare and compare two networks in one go."""
        return self.compare(self.prepare(x), self.prepare(y))

    def judge(self, x: Any, y: Any, *, draws: int = 200, seed: int = 0) -> Score:
        """Compare two networks beside what chance gives: a permutation null, the value calibrated by it, and an interval.

        Rows of `y` are shuffled against those of `x`, dependent rows as blocks, and everything is computed again. The details
        hold the null's mean and 95 % quantile in the direction of more alike (`null_mean`, `null_limit`), the share of draws
        at least as alike (`p`), and `calibrated` = (value - null mean) / (identity - null mean): 0 for unrelated, 1 for equal
        networks (identity is `ceiling` where the details hold one), whatever the width and the number of rows. The interval
        comes from random halves of the rows, drawn without replacement: a row drawn twice, as a bootstrap does, is its own
        nearest neighbour and alike to itself. Halves of the rows spread around their own mean as all rows do around the truth
        (Politis and Romano 1994). There is none where most halves have one value, and all rows another: halves then do not
        show how the value varies.

        Parameters
        ----------
        x, y : Activations or array, (m, n)
        draws : int
            Shuffles, and halves; each costs two preparations at most and a comparison.
        seed : int
            Seeds both.

        Raises
        ------
        InputError
            Where the measure compares trajectories, or `draws` is below 20.

        Examples
        --------
        >>> x = np.random.default_rng(0).normal(size=(40, 50))
        >>> score = get_measure("cka:debiased=false").judge(x, np.random.default_rng(1).normal(size=(40, 50)))
        >>> score.value > 0.5, abs(score.details["calibrated"]) < 0.1, score.details["p"] > 0.05
        (True, True, True)
        """
        if self.traits.data not in ("activations", "outputs"):
            raise InputError(f"measure {self.id!r} compares trajectories; its null needs rows that belong together")
        if draws < 20:
            raise InputError(f"draws: got {draws}, expected at least 20")
        a, b = as_activations(x), as_activations(y)
        matching = match_rows(a, b)
        a, b, clusters = a.take(matching.rows_a), b.take(matching.rows_b), matching.clusters
        first = self.prepare(a)
        score = self.compare(first, self.prepare(b))
        if not np.isfinite(score.value) or matching.n_clusters < FEWEST_CLUSTERS:
            return score
        rng = np.random.default_rng(seed)
        shuffles = (shuffle_clusters(clusters, rng) for _ in range(draws))
        null = np.array([self.compare(first, self.prepare(replace(b, values=b.values[s]))).value for s in shuffles])
        same = score.details.get("ceiling", self.traits.identity_value)
        same = self.compare(first, first).value if same is None else same
        interval = score.interval  # some measures have one of their own
        if interval is None:
            halves = half_samples(clusters, draws, seed + 1)
            on_halves = self.for_halves()
            values = np.array([on_halves(a.take(rows), b.take(rows)).value for rows in halves])
            interval = None if _stuck(score.value, values, null) else half_sample_interval(score.value, values)
        more = _against_null(score.value, null, same, self.traits.larger_is_more_similar)
        return replace(score, interval=interval, details={**score.details, **more})

    @property
    def id(self) -> str:
        """Name with the knobs that are not at their default, as ``cka:debiased=false``."""
        knobs = [
            f"{f.name}={str(getattr(self, f.name)).lower()}"
            for f in fields(cast(Any, self))
            if getattr(self, f.name) != f.default
        ]
        name = type(self).__module__.rpartition(".")[2]
        return name + (":" + ",".join(knobs) if knobs else "")


def _stuck(value: float, halves: np.ndarray, null: np.ndarray) -> bool:
    """Say whether most halves have one value that all rows have not, while shuffled rows vary."""
    finite, shuffled = halves[np.isfinite(halves)], null[np.isfinite(null)]
    if not (finite.size and shuffled.size):
        return False
    middle = float(np.median(finite))
    alike = float((np.abs(finite - middle) < 1e-12).mean())
    return alike > 0.5 and abs(value - middle) > 1e-9 and float(np.ptp(shuffled)) > 1e-9


def _against_null(value: float, null: np.ndarray, same: float, larger: bool) -> dict[str, float | None]:
    """Return where the value lies against shuffled rows."""
    null = null[np.isfinite(null)]
    if not null.size:
        return {"null_mean": None, "null_limit": None, "p": None, "calibrated": None}
    sign = 1.0 if larger else -1.0
    mean, limit = float(null.mean()), float(sign * np.quantile(sign * null, 0.95))
    # values that differ by rounding only are equal
    alike = int((sign * null >= sign * value - 1e-12).sum())
    calibrated = (value - mean) / (same - mean) if abs(same - mean) > 1e-12 else None
    return {"null_mean": mean, "null_limit": limit, "p": (1 + alike) / (1 + null.size), "calibrated": calibrated}


def check_choices(measure: Measure) -> None:
    """Refuse a knob that is none of the words its type lists.

    Raises
    ------
    InputError
        Naming the knob, what was given and the words that are known.
    """
    for key, kind in get_type_hints(type(measure)).items():
        if get_origin(kind) is Literal and getattr(measure, key) not in get_args(kind):
            known = " or ".join(repr(word) for word in get_args(kind))
            raise InputError(f"{key}: got {getattr(measure, key)!r}, expected {known}")


def as_activations(data: Any) -> Activations:
    """Return `data` as Activations; plain arrays are checked on the way in."""
    return (
        data
        if isinstance(data, Activations)
        else Activations(np.asarray(data) if not hasattr(data, "detach") else data)
    )


def measure_names() -> tuple[str, ...]:
    """Return the ids of all measures: the files of `conjugacy.measures` and installed entry points, sorted.

    Examples
    --------
    >>> import conjugacy as cj
    >>> "cka" in cj.measure_names()
    True
    """
    return tuple(sorted({*_own_names(), *(e.name for e in entry_points(group="conjugacy.measures"))}))


def get_measure(name: str, **knobs: Any) -> Measure:
    """Return a configured measure by id; options may stand in the id, as `cka:debiased=false`.

    Raises
    ------
    UnknownNameError
        Where no measure or knob has that name.
    InputError
        Where a knob's value cannot be read.

    Examples
    --------
    >>> import numpy as np, conjugacy as cj
    >>> x = np.random.default_rng(0).normal(size=(50, 3))
    >>> round(cj.get_measure("cka")(x, 2 * x).value, 6)
    1.0
    """
    stem, _, options = name.partition(":")
    kind = _measure_class(stem)
    known = {f.name for f in fields(cast(Any, kind))}
    given = {**_parse_options(kind, options), **knobs}
    for knob in given:
        if knob not in known:
            raise UnknownNameError.of(f"knob of measure {stem!r}", knob, sorted(known))
    return kind(**given)


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
        raise InputError(f"measure {entry.name!r} of the package {package!r}: {entry.value} is no conjugacy.Measure")
    file = found.__module__.rpartition(".")[2]
    if file != entry.name:  # the file's name is the id that scores carry
        raise InputError(
            f"measure {entry.name!r} of the package {package!r} stands in the file {file!r}: "
            f"a measure's file must be called {entry.name!r}, as its entry point is"
        )
    return found


def _parse_options(kind: type[Measure], options: str) -> dict[str, Any]:
    hints = get_type_hints(kind)
    parsed: dict[str, Any] = {}
    for part in filter(None, options.split(",")):
        key, equals, text = part.partition("=")
        key = key.strip()
        if not equals:
            raise InputError(f"option {part!r}: expected key=value, as in cka:debiased=false")
        if key not in hints:
            raise UnknownNameError.of("knob", key, [f.name for f in fields(cast(Any, kind))])
        parsed[key] = _parse_value(key, text.strip(), hints[key])
    return parsed


def _parse_value(key: str, text: str, kind: Any) -> Any:
    if kind is bool:
        if text.lower() not in ("true", "false"):
            raise InputError(f"option {key}={text}: expected true or false")
        return text.lower() == "true"
    if get_origin(kind) is Literal:
        return text  # the measure itself checks its words
    if get_origin(kind) is UnionType:
        if text.lower() == "none" and NoneType in get_args(kind):
            return None
        kinds = [k for k in get_args(kind) if k is not NoneType]
    else:
        kinds = [kind]
    for one in kinds:
        try:
            return one(text) if one in (int, float, str) else text
        except ValueError:
            continue
    raise InputError(f"option {key}={text}: expected {' or '.join(one.__name__ for one in kinds)}")
