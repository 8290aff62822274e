"""What is read off one layer, told by another through the map between them, on rows that the map was not fitted on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from conjugacy.transformations.direction import held_out_predictions
from conjugacy.transformations.fits import Fits
from conjugacy.transformations.layer import Layer
from conjugacy.transformations.rungs import rung_named
from conjugacy.transformations.rungs.affine import AffineRung
from conjugacy.transformations.rungs.smooth import SmoothRung
from conjugacy.transformations.transformation import Transformation
from conjugacy.transformations.way import Way

MAPS = AFFINE, SMOOTH = AffineRung.name, SmoothRung.name


@dataclass(frozen=True, eq=False)
class ReadThrough:
    """A reading of a target layer, told by a source layer.

    Of a linear reading w the map's own part is fitted: x -> E(y | x) w, by the same regression as the whole map, with strength
    and bandwidth chosen for what is read and not for the layer's loudest directions. Any other reading is made of the predicted
    layer.

    Attributes
    ----------
    fits : Fits
        From the layer that is to tell to the one that is read.
    told : array, (m, q)
        What is read off the target.
    up_to : {"affine", "smooth"}
        The widest map that may be taken; it is taken where it predicts better.
    function : callable or None
        Reads off rows, where that is no linear function.
    """

    fits: Fits
    told: np.ndarray
    up_to: str = MAPS[0]
    function: Callable[[np.ndarray], np.ndarray] | None = None

    @cached_property
    def layer(self) -> Layer:
        """What is read, as a layer of q units."""
        return Layer(self.told, self.fits.seed)

    @cached_property
    def way(self) -> Way:
        """From the source to what is read."""
        fits = self.fits
        return Way(fits.source, self.layer, fits.clusters, fits.seed, kept=fits.kept)

    @cached_property
    def predictions(self) -> dict[str, np.ndarray]:
        """What every map tells of the reading, each row by a map fitted without its fold, (m, q)."""
        return {rung: self._predicted(rung) for rung in MAPS[: MAPS.index(self.up_to) + 1]}

    def _predicted(self, rung: str) -> np.ndarray:
        if self.function is not None:
            fits = self.fits
            return self.function(held_out_predictions(fits.source, fits.target, fits.clusters, rung, seed=fits.seed))
        found, live = np.tile(self.layer.mean, (self.layer.m, 1)), self.layer.live
        left = rung_named(rung).residuals(self.way)
        found[:, live] = self.told[:, live] - left * self.layer.std[live]
        return found

    @cached_property
    def rung(self) -> str:
        """The map whose errors are smaller; the affine one where both are as good."""
        return min(self.predictions, key=lambda rung: float((self._squares(rung) @ self._judged).sum()))

    @property
    def predicted(self) -> np.ndarray:
        """What the map that is taken tells of the reading, (m, q)."""
        return self.predictions[self.rung]

    @property
    def _judged(self) -> np.ndarray:
        return self.layer.judged.astype(np.float64)

    def _squares(self, rung: str) -> np.ndarray:
        live = self.layer.live
        return ((self.told - self.predictions[rung])[:, live] / self.layer.std[live]) ** 2

    @property
    def errors(self) -> np.ndarray:
        """Squared errors per row, every judged output in units of its standard deviation, (m,)."""
        return self._squares(self.rung) @ self._judged

    @property
    def totals(self) -> np.ndarray:
        """What these are fractions of, per row, (m,)."""
        return self.layer.z**2 @ self._judged

    @property
    def left_of_outputs(self) -> np.ndarray:
        """The unexplained fraction of every output, (q,); 1 of constant ones, of which nothing can be told."""
        left = np.ones(self.told.shape[1])
        left[self.layer.live] = self._squares(self.rung).mean(axis=0)
        return left

    @property
    def map(self) -> Transformation:
        """The map fitted on all rows: of a linear reading from source units to what is read, else from layer to layer."""
        fits = self.fits
        if self.function is None:
            back = Way(self.layer, fits.source, fits.clusters, fits.seed)
            return rung_named(self.rung).fit(self.way, back)
        there = Way(fits.source, fits.target, fits.clusters, fits.seed, kept=fits.kept)
        return rung_named(self.rung).fit(there, Way(fits.target, fits.source, fits.clusters, fits.seed))
