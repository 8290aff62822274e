"""How well what is read off one layer is told by the other, judged on held-out rows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from conjugacy.errors import InputError
from conjugacy.results import Estimate, Evidence
from conjugacy.results.transfer import Fidelity, TransferAnswer
from conjugacy.transformations import Standard
from conjugacy.transformations.folds import MIN_CLUSTERS
from conjugacy.transformations.read_through import ReadThrough
from conjugacy.verdict.decisions.shares import Groups

HALF = 0.5  # of probabilities; scores say yes over 0


@dataclass(frozen=True)
class Chooser:
    """From what is read to a class: the largest of several numbers, or whether one is over a threshold."""

    threshold: float

    @classmethod
    def of(cls, told: np.ndarray) -> Chooser:
        """Return that of what is read: over a half where all are between 0 and 1, else over 0.

        Examples
        --------
        >>> Chooser.of(np.array([[0.2], [0.9]])).threshold, Chooser.of(np.array([[-2.0], [0.9]])).threshold
        (0.5, 0.0)
        """
        return cls(HALF if told.min() >= 0.0 and told.max() <= 1.0 else 0.0)

    def __call__(self, told: np.ndarray) -> np.ndarray:
        """Return classes (m,)."""
        return (told[:, 0] > self.threshold).astype(np.int64) if told.shape[1] == 1 else told.argmax(axis=1)


def fidelity(through: ReadThrough, standard: Standard, *, chooses: bool) -> Fidelity:
    """Return what the other layer leaves of a reading; of classes where the reading chooses.

    Raises
    ------
    InputError
        Where one class is chosen on all rows.
    """
    left = standard.ratio(through.errors, through.totals)
    otherwise, agreement = _of_classes(through, standard) if chooses else (None, None)
    outputs = tuple(float(v) for v in through.left_of_outputs)
    return Fidelity(left, through.rung, outputs, otherwise, agreement, int((~through.layer.judged).sum()))


def _of_classes(through: ReadThrough, standard: Standard) -> tuple[Estimate, Evidence]:
    choose = Chooser.of(through.told)
    own, other = choose(through.told), choose(through.predicted)
    commonest = np.bincount(own).argmax()
    wrong, open_ = (own != other).astype(np.float64), (own != commonest).astype(np.float64)
    if not open_.any():
        raise InputError("the classifier chooses one class on all rows: give stimuli of several classes")
    left = standard.ratio(wrong, open_)
    share = Groups(standard.drawn(wrong, open_)).share(wrong > 0)
    # rows that disagree and have not been seen are allowed for by the exact bound of a share
    high = max(left.high or 0.0, (share.high or 1.0) / float(open_.mean()))
    agrees = Evidence(
        "agreement", 1.0 - (share.unexplained or 0.0), 1.0 - (share.high or 1.0), 1.0 - (share.low or 0.0)
    )
    return Estimate(left.unexplained, left.low, high), agrees


def state(left: Estimate, limit: float, standard: Standard) -> TransferAnswer:
    """Return whether what is left is shown to be within a limit, shown to be beyond it, or neither."""
    if standard.n_clusters < MIN_CLUSTERS or left.low is None or left.high is None or np.isnan(left.high):
        return "undecided"
    if left.high <= limit:
        return "carried"
    return "refused" if left.low > limit else "undecided"


def worst(states: list[TransferAnswer]) -> TransferAnswer:
    """Return refused where any is, else undecided where any is."""
    return "refused" if "refused" in states else "undecided" if "undecided" in states else "carried"
