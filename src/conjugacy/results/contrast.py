"""Two groups of networks against each other, and one network against many."""

from __future__ import annotations

from dataclasses import dataclass

from conjugacy.results.digits import digits, interval, p_digits


@dataclass(frozen=True)
class Mean:
    """A mean distance and its 95 % interval over networks; NaN where there is none."""

    value: float
    low: float = float("nan")
    high: float = float("nan")


@dataclass(frozen=True)
class Contrast:
    """Distances between two groups of networks, and within each.

    Attributes
    ----------
    measure, layer_pair : str
        What was compared.
    first, second : tuple of str
        Networks of both groups.
    between, within_first, within_second : Mean
        Mean distances over pairs of different networks.
    difference : Mean
        Between less the mean of both within.
    p : float or None
        Share of random divisions of all these networks into groups of the same sizes whose difference is at least as large; None
        where it was not tested.
    notes : tuple of str
        How values became distances, and why something was not tested.
    """

    measure: str
    layer_pair: str
    first: tuple[str, ...]
    second: tuple[str, ...]
    between: Mean
    within_first: Mean
    within_second: Mean
    difference: Mean
    p: float | None
    notes: tuple[str, ...]

    def __str__(self) -> str:
        means = (
            ("between", self.between),
            ("within the first", self.within_first),
            ("within the second", self.within_second),
        )
        lines = [f"{name:18} {_words(mean)}" for name, mean in (*means, ("difference", self.difference))]
        said = (
            "not tested"
            if self.p is None
            else f"permutation p {p_digits(self.p)} that two lists drawn at random differ as much"
        )
        sizes = f"{len(self.first)} networks against {len(self.second)}"
        return "\n".join([f"{self.measure}: mean distance, {sizes}; {said}", *lines, *self.notes])


@dataclass(frozen=True)
class Near:
    """A network and how far it is from the one that was asked for: distance, and the measure's own value, interval and status."""

    network: str
    distance: float
    value: float
    low: float
    high: float
    status: str


def _words(mean: Mean) -> str:
    return f"{digits(mean.value)}{interval(mean.value, mean.low, mean.high)}"
