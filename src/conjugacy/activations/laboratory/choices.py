"""How a laboratory's file is read: one set of choices for `convert`, whatever the kind of file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from conjugacy.asked import mapping, number, one_of, text
from conjugacy.data.missing import DROPS, UNPAD, asked_of
from conjugacy.errors import InputError

ROLES: Mapping[str, tuple[str, ...]] = {
    "trials": ("trials", "trial", "trial_ids", "trial_id", "trial_number", "trial_num"),
    "conditions": ("conditions", "condition", "conds", "cond", "condition_ids", "condition_id"),
    "stimuli": ("stimuli", "stimulus", "stimulus_ids", "stimulus_id", "stim", "stim_id", "image_id"),
    "groups": ("groups", "group"),
    "time": ("time", "times", "t", "timestamps"),
    "units": tuple(
        f"{word}{end}" for word in ("unit", "neuron", "cell", "channel") for end in ("s", "", "_ids", "_id")
    ),
    "lengths": ("lengths",),
    "dt": ("dt",),
    "drive": ("drive",),
    "targets": ("targets",),
    "outputs": ("outputs", "out", "logits", "output"),
}
"""What an array beside the layers may be, and by which names it is known."""

LETTERS = {"m": "stimuli", "k": "trials", "t": "time points", "n": "units"}


@dataclass(frozen=True, eq=False)
class ReadingOptions:
    """How to read a laboratory's file; None means: find out, or refuse where there are several ways.

    Parameters
    ----------
    layers : sequence of str, optional
        The arrays that are layers. In an NWB file `units` is the spikes; all else is time series by name.
    axes : str or mapping of array to str, optional
        A letter for each axis: m stimuli, k trials, t time points, n units. `ntk` is units x time x trials.
    roles : mapping of role to name, optional
        What other arrays or columns are: `trials`, `conditions`, `stimuli`, `groups`, `time`, `units`, `outputs` and so on.
        Several columns of conditions are combined.
    dt : float, optional
        Time between two points, if the file does not say it.
    bin, smoothing : float
        For spikes: width of the bins in which they are counted, and standard deviation of the Gaussian that smooths the counts.
    align : str, optional
        The column of the trials table that is time zero. Default: `start_time`.
    window : (float, float), optional
        The stretch of each trial around time zero. Default: from the start to the stop of the trial.
    missing : str or sequence of str, optional
        `drop-units`, `drop-trials`: what to leave out because of NaN. `unpad`: cut zeros at the end of trials.
    """

    layers: Sequence[str] | None = None
    axes: str | Mapping[str, str] | None = None
    roles: Mapping[str, Any] | None = None
    dt: float | None = None
    bin: float = 0.02
    smoothing: float = 0.04
    align: str | None = None
    window: tuple[float, float] | None = None
    missing: str | Sequence[str] = ()

    def __post_init__(self) -> None:
        if isinstance(self.layers, str):
            raise InputError(f"layers = {self.layers!r} is a text; expected a list of names, as [{self.layers!r}]")
        for role in mapping("roles", self.roles or {}, "roles to names"):
            one_of("role", role, ROLES)
        said: Mapping[str, Any] = {"": self.axes} if isinstance(self.axes, str) else (self.axes or {})
        for name, letters in mapping("axes", said, "arrays to letters").items():
            _require_letters(str(name), letters)
        if self.dt is not None and number("dt", self.dt, "a positive number") <= 0:
            raise InputError(f"dt: got {self.dt}, expected a positive number")
        if number("bin", self.bin, "a positive number of seconds") <= 0:
            raise InputError(f"bin: got {self.bin}, expected a positive number of seconds")
        if number("smoothing", self.smoothing, "seconds") < 0:
            raise InputError(f"smoothing: got {self.smoothing}, expected seconds, or 0 for none")
        text("align", self.align)
        if self.window is not None:
            _require_window(self.window)
        asked_of(self.missing, (*DROPS, UNPAD))

    def letters(self, array: str) -> str | None:
        """Return what is said of an array's axes."""
        return self.axes if self.axes is None or isinstance(self.axes, str) else self.axes.get(array)


def _require_letters(name: str, letters: Any) -> None:
    known = isinstance(letters, str) and len(set(letters)) == len(letters) and set(letters) <= set(LETTERS)
    if not known or "n" not in letters or ("m" in letters and set(letters) - {"m", "n"}):
        where = f" of {name!r}" if name else ""
        raise InputError(
            f"axes{where}: got {letters!r}; expected one letter for each axis: k trials, t time points, n units (as ktn or ntk), "
            "or m stimuli, n units (as mn or nm)"
        )


def _require_window(window: Any) -> None:
    ends = tuple(window) if isinstance(window, (tuple, list)) else ()
    if len(ends) != 2 or number("window", ends[0]) >= number("window", ends[1]):
        raise InputError(f"window: got {window!r}, expected two numbers of seconds, as (-0.2, 0.6)")
