"""What few units of one network tell: how many coordinates its states have, and what can be reconstructed from how many units."""

from __future__ import annotations

from dataclasses import dataclass

from conjugacy.results.axis import Estimate

NOT_ASKED = Estimate()


@dataclass(frozen=True)
class DimensionEstimate:
    """One estimator's number of coordinates with its 95 % interval over independent rows."""

    name: str
    value: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Dimension:
    """Number of coordinates that a layer's states need locally, d.

    Attributes
    ----------
    value : int or None
        d, where both estimators agree.
    estimates : tuple of DimensionEstimate
        From ratios of distances, and from local principal components.
    gap : float
        By what factor the mean local spectrum falls behind the last tangent direction; near 1, d is not marked by the data.
    spectrum : tuple of float
        The mean local spectrum, the largest eigenvalue 1.
    reason : str
        Why the value may be trusted, or why there is none.
    """

    value: int | None
    estimates: tuple[DimensionEstimate, ...]
    gap: float
    spectrum: tuple[float, ...]
    reason: str

    @property
    def sufficient(self) -> int | None:
        """Whitney's number of generic units that suffice to reconstruct everything, 2d + 1."""
        return None if self.value is None else 2 * self.value + 1


@dataclass(frozen=True)
class FewUnits:
    """What is left unexplained when everything is reconstructed from m units.

    Attributes
    ----------
    m : int
    units : tuple of str
        Chosen for conditioning, one after the other.
    conditioning : float or None
        How unevenly these units show the distances between states: the 98 % over the 2 % quantile of shown over true distance;
        1 where all distances are shown alike. None where some states cannot be told apart.
    other, own, inputs, outputs : Estimate
        Unexplained fraction of the other network's layer, of the own layer, and of the own network's inputs and outputs.
    random : tuple of Estimate
        `other` from m units drawn at random, once per draw.
    """

    m: int
    units: tuple[str, ...]
    conditioning: float | None
    other: Estimate
    own: Estimate = NOT_ASKED
    inputs: Estimate = NOT_ASKED
    outputs: Estimate = NOT_ASKED
    random: tuple[Estimate, ...] = ()


@dataclass(frozen=True)
class Reconstruction:
    """One network's layer as the source: its dimension, the curve over the number of units, and the fewest that suffice.

    Attributes
    ----------
    fewest : mapping of str to int or None
        The smallest m from which `other`, `own`, `inputs`, `outputs` are reconstructed within tolerance (upper end of
        the interval).
    """

    dimension: Dimension
    curve: tuple[FewUnits, ...]
    fewest: dict[str, int | None]
    n_train: int
    n_test: int
