"""Controls: the same ladder from networks that cannot have learned the task, and the gain over them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from conjugacy.results import Control, Estimate, Gain, RungResult
from conjugacy.results.axis import GAIN_THRESHOLD
from conjugacy.transformations import RUNGS, Direction, Ladder, Layer, judge_direction
from conjugacy.verdict.inputs import LINEAR

CONTROLS = ("untrained", "shuffled")
"""Untrained copies, and copies with the trained weights in random order; both are needed to tell what was learned."""

GAIN_RUNGS = (RUNGS[-1], LINEAR)
"""Where a gain is asked for, in this order, which is fixed before anything is seen: the best of all would show gains by chance.

At the widest rung all counts that copies carry of the stimuli; where they carry too much of it, the linear rung is asked.
"""
PASSED = ("shown", "unshuffled", "unreset")  # as far as there are controls
LEVEL = 0.975  # two rungs are asked

_SMALLEST = 1e-6  # unexplained fractions below it are taken as equal: a log of rounding errors is no gain


@dataclass(frozen=True, eq=False)
class JudgedControl:
    """One control, with the maps from its copies.

    Attributes
    ----------
    control : Control
    a_to_b, b_to_a : tuple of Direction
        From copies of A to B, and from copies of B to A.
    """

    control: Control
    a_to_b: tuple[Direction, ...]
    b_to_a: tuple[Direction, ...]

    @property
    def ways(self) -> tuple[tuple[Direction, ...], tuple[Direction, ...]]:
        """Both directions, in the order of a ladder's."""
        return self.a_to_b, self.b_to_a

    def state(self, ladder: Ladder, rung: str) -> str:
        """Return whether this control fails the tolerance at a rung: every copy, in both directions; or all hold, or open."""
        found = [ladder.standard.estimate(copy, rung) for way in self.ways for copy in way]
        if found and all(e.low is not None and e.low > ladder.tolerance for e in found):
            return "fails"
        return (
            "holds" if found and all(e.high is not None and e.high < ladder.tolerance for e in found) else "undecided"
        )


def judge_control(
    name: str, ladder: Ladder, copies_a: Sequence[np.ndarray], copies_b: Sequence[np.ndarray], source: str
) -> JudgedControl | None:
    """Judge the maps from copies of A to B, and from copies of B to A; None without copies.

    Parameters
    ----------
    name : str
        Of `CONTROLS`.
    ladder : Ladder
        The pair itself; rows, clusters, seed and tolerance are taken from it.
    copies_a, copies_b : sequence of array, (m, n)
        Activations of copies of each network, rows matched; either may be empty.
    source : str
        How the copies came about.
    """
    if not copies_a and not copies_b:
        return None
    ways = tuple(
        tuple(
            judge_direction(Layer(x, ladder.seed), target, ladder.clusters, seed=ladder.seed, with_nulls=False)
            for x in copies
        )
        for copies, target in ((copies_a, ladder.b), (copies_b, ladder.a))
    )
    forward, backward = (_mean_errors(way) for way in ways)
    rungs = tuple(
        RungResult(
            rung,
            _status(forward.get(rung), backward.get(rung), ladder.tolerance),
            forward.get(rung, Estimate()),
            backward.get(rung, Estimate()),
            n_train=ladder.results[0].n_train,
            n_test=ladder.results[0].n_test,
        )
        for rung in RUNGS
    )
    return JudgedControl(Control(name, source, max(len(copies_a), len(copies_b)), rungs), ways[0], ways[1])


def gain_over(
    controls: Sequence[JudgedControl],
    ladder: Ladder,
    missing: Mapping[str, str] | None = None,
    *,
    one_network: bool = False,
) -> Gain:
    """Return the gain of a pair over its controls, and whether something was learned in common.

    That is said where the pair holds at the smooth rung, copies of both kinds of both networks fail the tolerance there, and the
    lower ends of the gain pass its threshold both ways; else where all this is so at the affine rung.

    Parameters
    ----------
    controls : sequence of JudgedControl
    ladder : Ladder
        The pair.
    missing : mapping, optional
        Why a control is missing, by its name.
    one_network : bool
        Whether both have the same weights; the same numbers are taken for one network too: nothing was learned in common with
        itself.
    """
    if one_network or ladder.same is not None:
        return Gain(rung=GAIN_RUNGS[0], state="itself")
    if not controls:
        return Gain(rung=GAIN_RUNGS[0], reason=_first(missing, CONTROLS))
    names = {judged.control.name for judged in controls}
    absent = [name for name in CONTROLS if name not in names]
    first = _gain_at(GAIN_RUNGS[0], controls, ladder, absent)
    others = (_gain_at(rung, controls, ladder, absent) for rung in GAIN_RUNGS[1:] if first.state not in PASSED)
    found = next((gain for gain in others if gain.state in PASSED), first)
    return replace(found, reason=_first(missing, (*absent, *CONTROLS)))


def _gain_at(rung: str, controls: Sequence[JudgedControl], ladder: Ladder, absent: Sequence[str]) -> Gain:
    ways = [[judged.ways[i] for judged in controls] for i in (0, 1)]
    there, back = (
        _smallest([_over(copies, pair, ladder, rung) for copies in way])
        for way, pair in zip(ways, ladder.directions, strict=True)
    )
    return Gain(
        a_to_b=there.unexplained,
        b_to_a=back.unexplained,
        threshold=GAIN_THRESHOLD,
        rung=rung,
        low_a_to_b=there.low,
        high_a_to_b=there.high,
        low_b_to_a=back.low,
        high_b_to_a=back.high,
        state=_state(rung, controls, ladder, (there, back), absent),
    )


def _state(
    rung: str,
    controls: Sequence[JudgedControl],
    ladder: Ladder,
    gains: tuple[Estimate, Estimate],
    absent: Sequence[str],
) -> str:
    pair = [ladder.state(direction, rung) for direction in ladder.directions]
    if pair != ["holds", "holds"]:
        return "no_pair"
    if _is_nearly_linear(controls, ladder):
        return "nearly_linear"
    if any(not way for judged in controls for way in judged.ways):
        return "one_network"
    if any(judged.state(ladder, rung) != "fails" for judged in controls):
        return "controls_hold"
    if any(gain.low is None or gain.low <= GAIN_THRESHOLD for gain in gains):
        return "small"
    return {"shuffled": "unshuffled", "untrained": "unreset"}[absent[0]] if absent else "shown"


def _is_nearly_linear(controls: Sequence[JudgedControl], ladder: Ladder) -> bool:
    """Tell whether the pair and networks with its weights in any order all match by affine maps."""
    pair = [ladder.standard.state(direction, LINEAR) for direction in ladder.directions]
    shuffled = [judged for judged in controls if judged.control.name == "shuffled" and all(judged.ways)]
    return pair == ["holds", "holds"] and any(judged.state(ladder, LINEAR) == "holds" for judged in shuffled)


def _over(copies: tuple[Direction, ...], pair: Direction, ladder: Ladder, rung: str) -> Estimate:
    """Return log10 of what copies leave unexplained over what the pair does; of several copies the smallest."""
    found: list[Estimate] = []
    for copy in copies:
        least = _SMALLEST * pair.totals
        # of the pair over the copies: what no row has shown yet of the pair's errors lies at the gain's lower end
        ratio = ladder.standard.ratio(pair.errors[rung].rows + least, copy.errors[rung].rows + least, LEVEL)
        found.append(
            Estimate(*(None if x is None else -float(np.log10(x)) for x in (ratio.unexplained, ratio.high, ratio.low)))
        )
    return _smallest(found)


def _smallest(gains: Sequence[Estimate]) -> Estimate:
    known = [gain for gain in gains if gain.unexplained is not None]
    if not known:
        return Estimate()
    lows, highs = (
        [e for e in ends if e is not None and e == e] for ends in ([g.low for g in known], [g.high for g in known])
    )
    return Estimate(
        min(gain.unexplained for gain in known if gain.unexplained is not None),
        min(lows, default=None),
        min(highs, default=None),
    )


def _first(missing: Mapping[str, str] | None, names: Sequence[str]) -> str | None:
    return next((missing[name] for name in names if missing and name in missing), None)


def _mean_errors(copies: Sequence[Direction]) -> dict[str, Estimate]:
    """Return the mean over copies of the unexplained fraction per rung; low and high are the copies' range."""
    per_rung: dict[str, list[float]] = {}
    for direction in copies:
        for rung in direction.errors:
            per_rung.setdefault(rung, []).append(direction.unexplained(rung))
    return {rung: Estimate(float(np.mean(u)), min(u), max(u)) for rung, u in per_rung.items()}


def _status(forward: Estimate | None, backward: Estimate | None, tolerance: float) -> str:
    highs = [e.high for e in (forward, backward) if e is not None and e.high is not None]
    lows = [e.low for e in (forward, backward) if e is not None and e.low is not None]
    if not highs or any(low > tolerance for low in lows):
        return "fails"
    return "holds" if all(high < tolerance for high in highs) else "undecided"
