"""What a comparison says: frozen records of numbers and words; nothing is computed here."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from conjugacy.errors import InputError, UnknownNameError

if TYPE_CHECKING:
    from conjugacy.transformations import Transformation

SCHEMA = 1
ANSWERS = (
    "equivalent",
    "a_determines_b",
    "b_determines_a",
    "partly_related",
    "unrelated",
    "undecided",
    "not_tested",
)
RUNGS = ("identity", "permutation", "rotation", "affine", "smooth")
"""The families of transformations, in the order in which `rung` names the first that holds."""


class Status(Enum):
    """How a number came about; the value is a sentence of advice.

    Examples
    --------
    >>> import conjugacy as cj
    >>> cj.Status.OK.is_ok, cj.Status.TOO_FEW_ROWS.is_ok
    (True, False)
    """

    OK = "computed as asked"
    TOO_FEW_ROWS = "too few stimuli for this many units: record more stimuli, or fewer units"
    DEGENERATE = "one network does not vary over these stimuli: choose another layer or other stimuli"
    UNDECIDED = "the interval straddles the tolerance: record more stimuli"

    @property
    def is_ok(self) -> bool:
        """Whether the number can be used without reading the advice."""
        return self is Status.OK


@dataclass(frozen=True)
class Score:
    """What a measure says of a pair.

    Attributes
    ----------
    measure : str
        Id with its options.
    value : float
        The measure's own number, in its own direction.
    interval : (float, float) or None
        95 % bootstrap interval of `value` over independent rows.
    status : Status
        How it came about.
    details : mapping
        What else the measure wants to say.
    """

    measure: str
    value: float
    distance_value: float
    similarity_value: float
    status: Status = Status.OK
    interval: tuple[float, float] | None = None
    details: Mapping[str, Any] = field(default_factory=dict[str, Any])

    def distance(self) -> float:
        """Return how far apart the two are; 0 for a network and itself, larger is farther."""
        return self.distance_value

    def similarity(self) -> float:
        """Return how alike the two are, in [0, 1]; larger is more alike."""
        return self.similarity_value


@dataclass(frozen=True)
class Estimate:
    """Unexplained fraction of variance on held-out rows with its 95 % interval; None where there is none."""

    unexplained: float | None = None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class RungResult:
    """One family of transformations, judged in both directions on held-out rows."""

    rung: str
    status: str
    a_to_b: Estimate
    b_to_a: Estimate
    n_train: int
    n_test: int
    advice: str | None = None


@dataclass(frozen=True)
class Evidence:
    """One number beside the ladder, with its interval, floor and null where it has them."""

    name: str
    value: float | None
    low: float | None = None
    high: float | None = None
    floor: float | None = None
    null: float | None = None
    unit: str | None = None


@dataclass(frozen=True)
class Floor:
    """The unexplained fraction that two replicas of one network would show, and where it comes from."""

    value: float | None = None
    low: float | None = None
    high: float | None = None
    source: str = "none: no replicas, repeats or targets were given"


@dataclass(frozen=True)
class Gain:
    """log10 of the control's unexplained fraction over the pair's, per direction, at one rung."""

    a_to_b: float | None = None
    b_to_a: float | None = None
    threshold: float = 0.3
    rung: str | None = None

    @property
    def shown(self) -> bool:
        """Whether the pair beats its untrained controls in both directions."""
        return all(g is not None and g > self.threshold for g in (self.a_to_b, self.b_to_a))


@dataclass(frozen=True)
class Control:
    """The same ladder with one network replaced by something that cannot have learned the task."""

    name: str
    source: str
    copies: int
    rungs: tuple[RungResult, ...]


@dataclass(frozen=True)
class SkippedUnit:
    """A unit that was not judged as a target, and why."""

    network: str
    layer: str
    unit: str
    reason: str
    effective_rows: float | None = None


@dataclass(frozen=True)
class WorstStimulus:
    """A stimulus that the map misses: its squared error per direction, 1 being what an average row varies."""

    stimulus: str
    a_to_b: float
    b_to_a: float


@dataclass(frozen=True)
class ClassErrors:
    """The rows of one class: how many, and their squared error per direction, 1 being what an average row varies."""

    label: str
    rows: int
    a_to_b: Estimate
    b_to_a: Estimate


@dataclass(frozen=True)
class WorstUnit:
    """A unit that is predicted badly from the other network: its own unexplained fraction."""

    unit: str
    unexplained: float


@dataclass(frozen=True)
class WhereErrors:
    """Where the held-out errors of one rung lie, the worst first; classes in the order of their names."""

    rung: str
    stimuli: tuple[WorstStimulus, ...] = ()
    classes: tuple[ClassErrors, ...] = ()
    units_a: tuple[WorstUnit, ...] = ()
    units_b: tuple[WorstUnit, ...] = ()


@dataclass(frozen=True)
class AxisVerdict:
    """The answer on one axis with all that carries it."""

    answer: str
    reasons: tuple[str, ...]
    rung: str | None = None
    exact_rung: str | None = None
    layers: tuple[str, str] | None = None
    layer_choice: str | None = None
    rungs: tuple[RungResult, ...] = ()
    floor: Floor = Floor()
    gain: Gain = Gain()
    controls: tuple[Control, ...] = ()
    p_independent: float | None = None
    margin: float | None = None
    evidence: tuple[Evidence, ...] = ()
    units_not_judged: tuple[SkippedUnit, ...] = ()
    decisive_rows: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    output_kinds: tuple[str, str] | None = None
    where: WhereErrors | None = None

    @classmethod
    def not_tested(cls, reason: str) -> AxisVerdict:
        """Build the verdict of an axis for which there is nothing to test."""
        return cls(answer="not_tested", reasons=(reason,))

    def rung_result(self, rung: str) -> RungResult:
        """Return one rung's result by name."""
        for result in self.rungs:
            if result.rung == rung:
                return result
        raise UnknownNameError.of("rung on this axis", rung, [r.rung for r in self.rungs])


@dataclass(frozen=True)
class Verdict:
    """The three axes, never mixed."""

    function: AxisVerdict
    representation: AxisVerdict
    dynamics: AxisVerdict


@dataclass(frozen=True)
class LayerMap:
    """A cheap measure for every pair of layers; descriptive, it decides nothing.

    `path` runs from the first pair to the last through the most alike layers, both in their order.
    """

    layers_a: tuple[str, ...]
    layers_b: tuple[str, ...]
    values: tuple[tuple[float | None, ...], ...]
    measure: str
    path: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, eq=False)
class LayerPlanes:
    """Every layer of both networks in its first two principal coordinates, on the same rows; what the page lets choose from.

    Attributes
    ----------
    a, b : tuple of array, (k, 2)
        One per layer of the layer map.
    rows : int array, (k,)
        Rows of the `Plane` beside it, whose colours and names they share.
    """

    a: tuple[np.ndarray, ...]
    b: tuple[np.ndarray, ...]
    rows: np.ndarray


@dataclass(frozen=True, eq=False)
class Plane:
    """Both networks in their first two principal coordinates, the rows matched; what the page draws."""

    a: np.ndarray
    b: np.ndarray
    colours: np.ndarray
    colour_source: str
    rows: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Comparison:
    """Two networks compared: verdict, evidence, transformations; prints as a table and shows itself in a notebook."""

    verdict: Verdict
    tolerance: float
    seed: int
    networks: tuple[str, str]
    n_samples: int
    settings: Mapping[str, Any]
    notes: tuple[str, ...] = ()
    measures: tuple[Score, ...] = ()
    layer_map: LayerMap | None = None
    plane: Plane | None = None
    layer_planes: LayerPlanes | None = None
    transformations: Mapping[str, Mapping[str, Transformation]] = field(default_factory=dict[str, Any])

    def transformation(self, rung: str, *, axis: str | None = None) -> Transformation:
        """Return the fitted map of one rung from the first network to the second.

        `axis` is `representation` where that was tested, else `function`.

        Raises
        ------
        UnknownNameError
            Where the axis or rung has no fitted map (a permutation between different widths, say).
        """
        if axis is None:
            axis = "representation" if self.transformations.get("representation") else "function"
        if axis not in self.transformations:
            raise UnknownNameError.of("axis with fitted transformations", axis, self.transformations)
        maps = self.transformations[axis]
        if rung in RUNGS and rung not in maps:
            raise InputError(f"the rung {rung!r} does not apply on the {axis} axis: {self._advice(axis, rung)}")
        if rung not in maps:
            raise UnknownNameError.of(f"rung on the {axis} axis", rung, maps)
        return maps[rung]

    def _advice(self, axis: str, rung: str) -> str:
        return getattr(self.verdict, axis).rung_result(rung).advice or "no map was fitted"

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON record (`schema: 1`) as plain Python objects; missing numbers are None."""
        record: dict[str, Any] = {
            "schema": SCHEMA,
            "tolerance": self.tolerance,
            "seed": self.seed,
            "networks": list(self.networks),
            "n_samples": self.n_samples,
            "function": plain(self.verdict.function),
            "representation": plain(self.verdict.representation),
            "dynamics": plain(self.verdict.dynamics),
            "measures": [_score_record(score) for score in self.measures],
            "layer_map": plain(self.layer_map),
            "notes": list(self.notes),
            "settings": plain(self.settings),
        }
        return record

    def to_json(self) -> str:
        """Return the JSON record as text."""
        return json.dumps(self.to_dict(), indent=2, ensure_ascii=False, allow_nan=False)

    def report(self, path: str | Path) -> Path:
        """Write one self-contained page that shows the verdict and why; returns its path."""
        from conjugacy.report import write_page  # upwards on purpose: the contract's stated exception

        return write_page(self, path)

    def figure(self, name: str, path: str | Path, *, axis: str = "representation") -> Path:
        """Write one figure of the page as a file; returns its path.

        Parameters
        ----------
        name : {"ladder", "planes", "layers", "errors"}
            The rungs against unexplained variance, both layers side by side, the layer x layer map, where the map errs.
        path : path
            Ends in .svg, .pdf or .png; one of that name is replaced.
        axis : {"representation", "function"}
            Whose ladder or errors to draw.

        Raises
        ------
        InputError
            Where the name, the axis or the ending is not known, or the comparison does not hold what the figure shows.
        """
        from conjugacy.report.figure_file import write_figure  # upwards on purpose

        return write_figure(self, name, path, axis=axis)

    def __str__(self) -> str:
        from conjugacy.report import verdict_table  # upwards on purpose

        return verdict_table(self)

    def _repr_html_(self) -> str:
        from conjugacy.report import notebook_html  # upwards on purpose

        return notebook_html(self)


def _score_record(score: Score) -> dict[str, Any]:
    return {
        "measure": score.measure,
        "value": plain(score.value),
        "distance": plain(score.distance()),
        "similarity": plain(score.similarity()),
        "status": score.status.name.lower(),
        "interval": plain(score.interval),
    }


def plain(value: Any) -> Any:
    """Turn a record into what JSON can hold; NaN and infinity become None."""
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: plain(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, Mapping):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, np.ndarray):
        return plain(value.tolist())
    if isinstance(value, (list, tuple)):
        return [plain(v) for v in value]
    if isinstance(value, Enum):
        return value.name.lower()
    if isinstance(value, (np.integer, np.bool_)):
        return value.item()
    if isinstance(value, (float, np.floating)):
        return float(value) if np.isfinite(value) else None
    if value is None or isinstance(value, (str, int, bool)):
        return value
    return str(value)
