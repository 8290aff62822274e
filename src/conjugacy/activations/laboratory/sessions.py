"""From an NWB session to the arrays of a recording: spikes binned and smoothed, series in their units, cut into trials."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from conjugacy.activations.laboratory.choices import ROLES, ReadingOptions
from conjugacy.activations.laboratory.steps import UNEVEN
from conjugacy.errors import FormatError, InputError, UnknownNameError
from conjugacy.numerics.spikes import REACH, spike_rates
from conjugacy.storage.laboratory.nwb_file import UNITS, NwbSeries, NwbSession
from conjugacy.storage.limits import require_memory

START, STOP = "start_time", "stop_time"
FEWEST_POINTS = 2


@dataclass(frozen=True, eq=False)
class Stretches:
    """The stretches of time that trials are: where each begins, its steps and their width, and which trial it is."""

    starts: np.ndarray
    counts: list[int]
    step: float
    rows: np.ndarray
    told: tuple[str, ...]

    def times(self, one: int) -> np.ndarray:
        """Middles of the steps of one trial."""
        return self.starts[one] + self.step * (np.arange(self.counts[one]) + 0.5)


def of_session(session: NwbSession, how: ReadingOptions) -> tuple[dict[str, np.ndarray], dict[str, Any], list[str]]:
    """Return the arrays and the `meta` of a recording, and what was understood, as sentences.

    Raises
    ------
    InputError, UnknownNameError, FormatError
        Where it is not clear what is to be compared, or a name is not in the file: the message says what to choose.
    """
    names, head = _layers(session, how)
    told = list[str]()
    step = how.bin if UNITS in names else _step(session.series[names[0]], names[0], how)
    stretches = _stretches(session, how, step)
    told += stretches.told
    layers: dict[str, list[np.ndarray]] = {}
    _require_room(session, names, stretches)
    for name in names:
        if name == UNITS:
            layers[name] = _rates(session, stretches, how, told)
        else:
            layers[name] = _values(session.series[name], name, stretches, told, at_middles=UNITS in names)
    arrays = {name: _joined(trials) for name, trials in layers.items()}
    if len(set(stretches.counts)) > 1:
        arrays["lengths"] = np.asarray(stretches.counts, dtype=np.int64)
    arrays["dt"] = np.asarray(step)
    meta: dict[str, Any] = {"layers": names, "shape": "ktn"}
    if UNITS in names:
        meta["units"] = {UNITS: list(session.unit_ids)}
    if head is not None:
        meta["output_layer"] = head
        told.append(f"{head!r} is the output")
    used = _labels(session, how, stretches, arrays, told)
    columns = [name for name in session.trials if name not in (*used, "id", START, STOP, how.align)]
    left = [*(name for name in session.series if name not in names), *session.left_out]
    left += [] if UNITS in names or not session.has_spikes else [UNITS]
    if columns:
        told.append(f"columns of the trials that were not used: {_few(columns)}")
    if left:
        told.append(f"left out: {_few(left)}")
    return arrays, meta, told


def _layers(session: NwbSession, how: ReadingOptions) -> tuple[list[str], str | None]:
    """Return which of the session is compared: what is asked for, else its spikes, else its only series; and the output."""
    known = [*([UNITS] if session.has_spikes else []), *session.series]
    given = how.roles or {}
    wrong = [role for role in given if role not in ("conditions", "trials", "outputs")]
    if wrong:
        raise InputError(f"roles: {wrong[0]!r} is not chosen in an NWB file, which says it by itself")
    head = given.get("outputs")
    asked = [str(one) for one in how.layers] if how.layers is not None else None
    for name in [*(asked or ()), *([head] if head is not None else [])]:
        if name not in known:
            raise UnknownNameError.of("series", str(name), known)
    if asked is None:
        able = [UNITS] if session.has_spikes else [name for name in known if name != head]
        if len(able) != 1:
            there = f"{len(able)} time series: {_few(able)}" if able else "neither spikes nor time series"
            hint = f"; say which: layers=[{able[0]!r}] (--layer on the command line of convert)" if able else ""
            raise InputError(f"it holds {there}{hint}")
        asked = able
    return [*asked, *([head] if head is not None and head not in asked else [])], head


def _step(series: NwbSeries, name: str, how: ReadingOptions) -> float:
    """Return the step of a series: what is asked for, else its own."""
    if how.dt is not None:
        return float(how.dt)
    steps = np.diff(series.times)
    if not len(steps) or not (steps > 0).all():
        raise FormatError(f"the times of {name!r} do not rise")
    return float(f"{float(np.median(steps)):.12g}")  # 0.01, not what rounding of the times makes of it


def _stretches(session: NwbSession, how: ReadingOptions, step: float) -> Stretches:
    """Return the stretches of all trials, or the whole session where it has none."""
    trials = session.trials
    if not trials:
        return _whole(session, how, step)
    zero = how.align or START
    for name in (zero, *((STOP,) if how.window is None else ())):
        if name not in trials or trials[name].dtype.kind not in "biuf":
            numbers = [k for k, x in trials.items() if x.dtype.kind in "biuf"]
            raise UnknownNameError.of("column of times", name, numbers, where="in the table of trials")
    at = trials[zero].astype(np.float64)
    if how.window is None:
        begin, end = trials[START].astype(np.float64), trials[STOP].astype(np.float64)
        begin = begin if how.align is None else at
        what = f"from {zero} to {STOP}"
    else:
        begin, end = at + how.window[0], at + how.window[1]
        what = f"from {how.window[0]:g} to {how.window[1]:g} s around {zero}"
    with np.errstate(invalid="ignore"):
        counts = np.floor((end - begin) / step + 1e-6)
    fine = np.isfinite(counts) & (counts >= FEWEST_POINTS)
    told = [f"{len(at)} trials, {what}, in steps of {step:g} s"]
    if not fine.all():
        short = f"their times are missing, or they are shorter than {FEWEST_POINTS} steps"
        told.append(f"{(~fine).sum()} of {len(at)} trials were left out: {short}")

    if not fine.any():
        raise InputError(
            f"no trial is {FEWEST_POINTS} steps of {step:g} s long ({what}); choose a smaller bin, or another window"
        )
    own = [int(n) for n in counts[fine]]
    if len(set(own)) > 1:
        told.append(f"trials have {min(own)} to {max(own)} time points")
    return Stretches(begin[fine], own, step, np.flatnonzero(fine), tuple(told))


def _whole(session: NwbSession, how: ReadingOptions, step: float) -> Stretches:
    if how.align is not None or how.window is not None:
        raise InputError("align and window need a table of trials, and the file has none")
    spans = [(x[0], x[-1]) for x in session.spikes if len(x)] if session.has_spikes else []
    spans += [] if spans else [(one.times[0], one.times[-1] + step) for one in session.series.values()]
    if not spans:
        raise InputError("the units have no spikes")
    begin, end = min(one[0] for one in spans), max(one[1] for one in spans)
    count = int(np.floor((end - begin) / step + 1e-6))
    if count < FEWEST_POINTS:
        raise InputError(f"the session is {end - begin:g} s long, less than {FEWEST_POINTS} steps of {step:g} s")
    told = f"the file has no table of trials: the session is one trial of {count} time points, in steps of {step:g} s"
    return Stretches(np.array([begin]), [count], step, np.zeros(1, int), (told,))


def _require_room(session: NwbSession, names: Sequence[str], stretches: Stretches) -> None:
    points = len(stretches.counts) * max(stretches.counts)
    widths = [
        len(session.unit_ids) if name == UNITS else int(np.prod(session.series[name].shape[1:])) for name in names
    ]
    require_memory("the trials", 3.0 * 8 * points * sum(widths))  # the trials, joined, and copied into the recording


def _rates(session: NwbSession, stretches: Stretches, how: ReadingOptions, told: list[str]) -> list[np.ndarray]:
    """Return the rates of all units; NaN in trials during which a unit was not looked for."""
    found = spike_rates(session.spikes, stretches.starts, stretches.counts, stretches.step, how.smoothing)
    smooth = (
        f"smoothed by a Gaussian of {how.smoothing:g} s, which sees {REACH:g} times as far beyond each trial"
        if how.smoothing
        else "not smoothed"
    )
    total = sum(map(len, session.spikes))
    told.append(
        f"spikes of {len(session.spikes)} units ({total} in all) were counted in bins of {stretches.step:g} s, {smooth}; "
        "rates are spikes per second"
    )
    silent = sum(not len(x) for x in session.spikes)
    if silent:
        told.append(f"{silent} units have no spikes at all")
    if session.observed is not None:
        unseen = _unseen(session.observed, stretches)
        for i, trial in enumerate(found):
            trial[:, unseen[i]] = np.nan
        if unseen.any():
            told.append(
                f"{unseen.any(axis=0).sum()} units were not observed (obs_intervals) in {unseen.any(axis=1).sum()} of "
                f"{len(found)} trials, where their rates are NaN"
            )
    return found


def _unseen(observed: Sequence[np.ndarray], stretches: Stretches) -> np.ndarray:
    """Return in which trials which units were not observed from beginning to end, (k, n)."""
    begin = stretches.starts[:, None]
    end = begin + stretches.step * np.asarray(stretches.counts)[:, None]
    slack = 1e-6 * stretches.step
    inside = [((one[None, :, 0] <= begin + slack) & (one[None, :, 1] >= end - slack)).any(axis=1) for one in observed]
    return ~np.stack(inside, axis=1)


def _values(
    series: NwbSeries, name: str, stretches: Stretches, told: list[str], *, at_middles: bool
) -> list[np.ndarray]:
    """Return a series during each trial, in its unit: its own points where they fit, else interpolated, as at middles of bins."""
    times = series.times
    steps = np.diff(times)
    if not len(steps) or not (steps > 0).all():
        raise FormatError(f"the times of {name!r} do not rise")
    own = float(np.median(steps))
    even = (
        not at_middles and bool(np.abs(steps - own).max() <= UNEVEN * own) and abs(own - stretches.step) <= UNEVEN * own
    )
    found, outside = list[np.ndarray](), 0
    for i in range(len(stretches.counts)):
        middle = stretches.times(i)
        at = middle if at_middles else middle - 0.5 * stretches.step  # points begin with the trial, bins have middles
        if at[0] < times[0] - own or at[-1] > times[-1] + own:
            found.append(np.full((len(at), int(np.prod(series.shape[1:]))), np.nan))
            outside += 1
            continue
        if even:
            first = int(np.clip(np.searchsorted(times, at[0] - 0.5 * own), 0, len(times) - len(at)))
            found.append(series.values(first, first + len(at)))
            continue
        low = max(0, int(np.searchsorted(times, at[0])) - 1)
        high = min(len(times), int(np.searchsorted(times, at[-1])) + 2)
        values = series.values(low, high)
        found.append(np.stack([np.interp(at, times[low:high], column) for column in values.T], axis=1))
    if outside:
        told.append(f"{name!r} does not cover {outside} of {len(found)} trials, where its values are NaN")
    factor, offset = series.scale
    scaled = "" if np.all(factor == 1.0) and offset == 0.0 else ", values times its conversion plus its offset"
    told.append(
        f"{name!r} has {found[0].shape[1]} channels{'' if even else ', interpolated between its times'}{scaled}"
    )
    return found


def _labels(
    session: NwbSession, how: ReadingOptions, stretches: Stretches, arrays: dict[str, np.ndarray], told: list[str]
) -> list[str]:
    """Put ids and conditions of the trials beside the layers; return the columns that were used."""
    if not session.trials:
        return []
    given: Mapping[str, Any] = how.roles or {}
    ids = str(given.get("trials", "id"))
    said = given.get("conditions")
    columns = [said] if isinstance(said, str) else list(said or ())
    if not columns:
        columns = [name for name in ROLES["conditions"] if name in session.trials][:1]
    for name in (ids, *columns):
        if name not in session.trials:
            raise UnknownNameError.of("column", str(name), session.trials, where="in the table of trials")
    arrays["trials"] = session.trials[ids][stretches.rows]
    told.append(f"trials are named by {ids!r}")
    if columns:
        picked = [session.trials[name][stretches.rows].tolist() for name in columns]
        joined = ["/".join(map(str, row)) for row in zip(*picked, strict=True)]
        arrays["conditions"] = np.array(joined)
        told.append(f"{len(set(joined))} conditions by {' and '.join(map(repr, columns))}")
    return [ids, *columns]


def _joined(trials: Sequence[np.ndarray]) -> np.ndarray:
    found = np.full((len(trials), max(map(len, trials)), trials[0].shape[1]), np.nan)
    for row, trial in zip(found, trials, strict=True):
        row[: len(trial)] = trial
    return found


def _few(names: Sequence[str]) -> str:
    return ", ".join(map(repr, names[:8])) + (f" and {len(names) - 8} more" if len(names) > 8 else "")
