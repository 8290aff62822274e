"""Trajectories: how one layer's state moved in every trial."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from conjugacy.asked import number
from conjugacy.data import check
from conjugacy.data.activations import Activations
from conjugacy.data.foreign import plain_array
from conjugacy.data.missing import nan_cells, nan_words
from conjugacy.data.shown import trajectories_words
from conjugacy.errors import InputError, NotFiniteError, ShapeError


@dataclass(frozen=True, eq=False)
class Trajectories:
    """The states of one layer over time: k trials of t time points by n units.

    Parameters
    ----------
    values : array, (k, t, n), or a list of k arrays (t_i, n)
        Real numbers; kept as read-only float64 copies, one per trial.
    dt : float
        Time between two points, in the user's unit.
    trials : sequence of int or str, (k,), optional
        One id per trial; trials of two networks are matched by it.
    conditions : sequence of int or str, (k,), optional
        The condition of each trial.
    drive : array, (k, t, j), or a list of (t_i, j), optional
        The input for the same trials and times: `drive[t]` acts on the step from t to t + 1. States of recurrent networks have
        already read the input of their own time; then `drive[t]` is the input at t + 1.
    name, layer : str, optional
        The network and the layer.

    Raises
    ------
    ShapeError, NotFiniteError, InputError
        If a trial is not a finite real matrix, widths differ, or labels do not fit the trials.

    Examples
    --------
    >>> import numpy as np, conjugacy as cj
    >>> cj.Trajectories([np.zeros((5, 2)), np.zeros((7, 2))], trials=["a", "b"]).lengths
    (5, 7)
    """

    values: tuple[np.ndarray, ...]
    _: KW_ONLY
    dt: float = 1.0
    trials: np.ndarray | None = None
    conditions: np.ndarray | None = None
    drive: tuple[np.ndarray, ...] | None = None
    name: str | None = None
    layer: str | None = None

    if TYPE_CHECKING:  # what may be given is wider than what is kept

        def __init__(
            self,
            values: Any,
            *,
            dt: float = 1.0,
            trials: Any = None,
            conditions: Any = None,
            drive: Any = None,
            name: str | None = None,
            layer: str | None = None,
        ) -> None: ...

    def __repr__(self) -> str:
        return trajectories_words(self)

    def __post_init__(self) -> None:
        what = check.label("trajectories", self.name, self.layer)
        check.write_out_names(self, "name", "layer")
        own = object.__setattr__
        own(
            self,
            "dt",
            number(f"dt of {what}", self.dt, "a positive number: the time between two points, not the times"),
        )
        if self.dt <= 0:
            raise InputError(f"{what}: got dt = {self.dt}, expected a positive number")
        own(self, "values", _trials(self.values, what))
        count = len(self.values)
        own(self, "trials", check.frozen_labels(self.trials, count, f"trials of {what}", unit="trials"))
        own(self, "conditions", check.frozen_labels(self.conditions, count, f"conditions of {what}", unit="trials"))
        if self.trials is not None and len(np.unique(self.trials)) != count:
            raise InputError(f"{what}: trial ids repeat; give every trial its own id")
        if self.drive is not None:
            own(self, "drive", _trials(self.drive, f"drive of {what}"))
            if tuple(len(d) for d in self.drive) != self.lengths:
                raise ShapeError(f"drive of {what}: expected the same trials and time points as the states")

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(check.frozen_again(state))

    @property
    def lengths(self) -> tuple[int, ...]:
        """Time points of every trial.

        Examples
        --------
        >>> import numpy as np, conjugacy as cj
        >>> cj.Trajectories([np.zeros((5, 2)), np.zeros((7, 2))]).lengths
        (5, 7)
        """
        return tuple(len(trial) for trial in self.values)

    @property
    def n_units(self) -> int:
        """Number of units n.

        Examples
        --------
        >>> import numpy as np, conjugacy as cj
        >>> cj.Trajectories(np.zeros((3, 4, 2))).n_units
        2
        """
        return int(self.values[0].shape[1])

    def relabelled(self, **labels: Any) -> Trajectories:
        """Return the same trials under other labels.

        Parameters
        ----------
        labels
            Parameters of `Trajectories` by name.

        Returns
        -------
        Trajectories

        Examples
        --------
        >>> import numpy as np, conjugacy as cj
        >>> cj.Trajectories(np.zeros((2, 4, 2))).relabelled(trials=["a", "b"]).trials.tolist()
        ['a', 'b']
        """
        return replace(self, **labels)

    def take(self, trials: Sequence[int] | np.ndarray) -> Trajectories:
        """Return the same layer on the chosen trials.

        Parameters
        ----------
        trials : sequence of int
            Which trials, by position and in which order.

        Returns
        -------
        Trajectories

        Examples
        --------
        >>> import numpy as np, conjugacy as cj
        >>> cj.Trajectories([np.zeros((5, 2)), np.zeros((7, 2))]).take([1]).lengths
        (7,)
        """
        pick = [int(i) for i in trials]
        chosen: dict[str, Any] = {
            key: None if getattr(self, key) is None else getattr(self, key)[pick] for key in ("trials", "conditions")
        }
        drive = None if self.drive is None else tuple(self.drive[i] for i in pick)
        return replace(self, values=tuple(self.values[i] for i in pick), drive=drive, **chosen)

    def resampled(self, dt: float) -> Trajectories:
        """Return the same trials and drive at another step, interpolated linearly between time points.

        Parameters
        ----------
        dt : float
            The new step, in the same unit.

        Returns
        -------
        Trajectories

        Examples
        --------
        >>> import conjugacy as cj
        >>> cj.Trajectories([[[0.0], [1.0], [4.0]]], dt=1.0).resampled(0.5).values[0].ravel().tolist()
        [0.0, 0.5, 1.0, 2.5, 4.0]
        """
        if dt == self.dt:
            return self
        drive = None if self.drive is None else tuple(_interpolated(u, self.dt, dt) for u in self.drive)
        return replace(self, values=tuple(_interpolated(x, self.dt, dt) for x in self.values), drive=drive, dt=dt)

    def cut(self, lengths: Sequence[int]) -> Trajectories:
        """Return the first time points of every trial.

        Parameters
        ----------
        lengths : sequence of int
            How many of each trial.

        Returns
        -------
        Trajectories

        Examples
        --------
        >>> import numpy as np, conjugacy as cj
        >>> cj.Trajectories([np.zeros((5, 2)), np.zeros((7, 2))]).cut([3, 4]).lengths
        (3, 4)
        """
        if tuple(lengths) == self.lengths:
            return self
        values, drive = (
            None if arrays is None else tuple(x[:t] for x, t in zip(arrays, lengths, strict=True))
            for arrays in (self.values, self.drive)
        )
        return replace(self, values=values, drive=drive)

    def flatten(self) -> Activations:
        """Return every time point as a row, with its trial as its group.

        Returns
        -------
        Activations

        Examples
        --------
        >>> import numpy as np, conjugacy as cj
        >>> cj.Trajectories(np.zeros((3, 4, 2))).flatten().shape
        (12, 2)
        """
        names = [str(t) for t in (self.trials if self.trials is not None else range(len(self.values)))]
        rows = [f"{name}@{i}" for name, length in zip(names, self.lengths, strict=True) for i in range(length)]
        return Activations(
            np.concatenate(self.values),
            stimuli=np.array(rows),
            groups=np.repeat(names, self.lengths),
            name=self.name,
            layer=self.layer,
        )


def _require_no_gaps(trials: Sequence[np.ndarray], what: str) -> None:
    """Refuse trials with NaN, and say in how many units and trials it stands."""
    gaps = any(trial.dtype.kind == "f" and np.isnan(trial).any() for trial in trials)
    if gaps and len({trial.shape[1] for trial in trials}) == 1:
        raise NotFiniteError(f"{what}: {nan_words(nan_cells(trials), 'trials')}")


def _interpolated(x: np.ndarray, old: float, new: float) -> np.ndarray:
    points = int(np.floor((len(x) - 1) * old / new + 1e-9)) + 1
    at = np.minimum(np.arange(points) * (new / old), len(x) - 1)
    before = np.minimum(at.astype(np.int64), max(len(x) - 2, 0))
    share = (at - before)[:, None]
    return (1.0 - share) * x[before] + share * x[np.minimum(before + 1, len(x) - 1)]


def _trials(values: Any, what: str) -> tuple[np.ndarray, ...]:
    if hasattr(values, "detach") or (hasattr(values, "__array__") and not isinstance(values, np.ndarray)):
        values = plain_array(values, what)
    if isinstance(values, np.ndarray) and values.ndim != 3 and values.dtype != object:
        check.require_ndim(values, 3, what, "trials x time x units")
    if not isinstance(values, (np.ndarray, list, tuple)) or len(values) == 0:
        raise ShapeError(f"{what}: expected an array (trials x time x units) or a non-empty list of (time x units)")
    trials: list[np.ndarray] = []
    for i, trial in enumerate(values):
        array = check.as_numeric(trial, f"{what}, trial {i}")
        check.require_ndim(array, 2, f"{what}, trial {i}", "time x units")
        if 0 in array.shape:
            raise ShapeError(f"{what}, trial {i}: got shape {array.shape}, expected at least one time point and unit")
        trials.append(array)
    _require_no_gaps(trials, what)
    trials = [check.frozen_floats(array, f"{what}, trial {i}") for i, array in enumerate(trials)]
    widths = sorted({t.shape[1] for t in trials})
    if len(widths) > 1:
        raise ShapeError(f"{what}: trials have different numbers of units ({widths}), expected one number")
    return tuple(trials)
