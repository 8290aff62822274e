"""A rung: one family of transformations with everything that is said, fitted and judged of it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar

import numpy as np

from conjugacy.transformations.layer import Layer
from conjugacy.transformations.transformation import Transformation
from conjugacy.transformations.way import Way

_ARTICLES = ("a ", "an ", "the ")


class Rung(ABC):
    """A family of transformations. One file of `rungs` holds one; it is found by its file's name, which is its `name`.

    Attributes
    ----------
    name : str
        What results, files and options call it.
    place : int
        Where it stands among the rungs, the narrowest first; the last must apply between all layers.
    words : str
        What sentences call one of its maps, with an article.
    estimator : str
        How it is fitted, in words, where that needs saying.
    invariances : frozenset of str
        Which changes of a network's units leave the answer up to this rung as it is: of `conjugacy.measure.INVARIANCES`.
    contains, inside : tuple of str
        Narrower rungs that it contains, and wider ones that contain it, near or far; one of two rungs says it.
    takes : str or None
        A rung that it contains, whose map it takes where that predicts held-out rows no worse than its own.
    graded : bool
        Whether it counts in the grade of a pair and in the gain over controls. Only a rung that applies between all widths can.
    power_check : bool
        Whether it fails only clearly beyond what the kernel estimator leaves of a known function of the source.
    any_invertible : bool
        Whether it carries any two layers onto each other that determine what was shown, so that a match alone says little.
    unit_by_unit : bool
        Whether every unit goes to one unit: what layers determine together then plays no part in a match.
    side : int
        Where it stands in the picture: -1 on a branch to the left, 1 to the right, else 0.
    """

    name: ClassVar[str]
    place: ClassVar[int]
    words: ClassVar[str]
    estimator: ClassVar[str] = ""
    invariances: ClassVar[frozenset[str]]
    contains: ClassVar[tuple[str, ...]] = ()
    inside: ClassVar[tuple[str, ...]] = ()
    takes: ClassVar[str | None] = None
    graded: ClassVar[bool] = False
    power_check: ClassVar[bool] = False
    any_invertible: ClassVar[bool] = False
    unit_by_unit: ClassVar[bool] = False
    side: ClassVar[int] = 0

    @property
    def short(self) -> str:
        """Its words without the article."""
        return next(
            (self.words.removeprefix(article) for article in _ARTICLES if self.words.startswith(article)), self.words
        )

    @property
    def label(self) -> str:
        """What the picture of the ladder calls it."""
        return self.name

    def own_words(self, there: Way) -> str | None:
        """Return what can be said of the map between these two layers and not of all maps of this rung; None for nothing."""
        return None

    def advice(self, source: Layer, target: Layer) -> str | None:
        """Say why it does not apply between two layers; None where it does."""
        return None

    @abstractmethod
    def residuals(self, way: Way) -> np.ndarray:
        """Return held-out residuals in units of the target's standard deviations, (m, p), every fold left out in turn."""

    def residuals_both_ways(self, way: Way) -> tuple[np.ndarray, np.ndarray | None]:
        """Return the residuals, and those of the source from the target where they come at no more cost."""
        return self.residuals(way), None

    def least(self, way: Way, enough: float) -> float:
        """Return what it leaves unexplained at least, at less cost than its fit, looked for up to what is `enough`; else 0."""
        return 0.0

    def graded_residuals(self, way: Way) -> np.ndarray | None:
        """Return residuals of a second fit that serve the grade where they are smaller; None where there is none."""
        return None

    @abstractmethod
    def numbers_fitted(self, way: Way) -> float:
        """Return how many numbers it fits per unit of the target."""

    @abstractmethod
    def fit(self, there: Way, back: Way) -> Transformation:
        """Return the map fitted on all rows, with its inverse: exact where the family has one, else the map fitted back."""
