"""A transfer as a few lines that say what was carried, how well, what it is worth, and what to do where it is refused."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import TYPE_CHECKING

from conjugacy.report.comparison.table import listed, printable
from conjugacy.report.words import percent, percent_of
from conjugacy.results import Estimate, Evidence
from conjugacy.results.digits import digits
from conjugacy.results.transfer import AS_FAR, ONE_DIRECTION, Fidelity, LearningCurve, Steered
from conjugacy.transformations import rung_named
from conjugacy.transformations.read_through import AFFINE, SMOOTH

if TYPE_CHECKING:
    from conjugacy.comparison.transfer import Transferred

Row = tuple[str, float | None, float | None, float | None]
_ANSWER = 11
_FEW_GROUPS = 10
_NOTHING = 1e-5  # what is under it is told as such
_SCORES = {"accuracy": "accuracy", "explained": "share of the variance told"}


def transfer_text(found: Transferred, width: int = 100) -> str:
    """Return a transfer as plain text.

    Examples
    --------
    >>> from conjugacy.comparison.transfer import Transferred
    >>> left = Fidelity(Estimate(0.4, 0.35, 0.46), "affine", (0.4,))
    >>> ends = ("a", "b"), ("hidden", "hidden")
    >>> print(transfer_text(Transferred("refused", "probe", "affine", "probe", *ends, 500, 500, 0.1, 0, fidelity=left), 79))
    transfer   refused    B leaves 40 % [35, 46] of what the probe reads in A
                          untold; the limit is 10 %
    probe of A = a, layer hidden, through an affine map from B = b, layer hidden,
        500 rows
    <BLANKLINE>
      - give a layer of B that knows more of it: layers=(that of A, that of B)
      - where the layers are curved images of each other, map='smooth' may hold
      - or train a probe on B
      - nothing is returned to use
    """
    start = f"{'transfer':<{_ANSWER}}{found.answer:<{_ANSWER}}"
    lines = _wrapped(_headline(found), width, start, " " * (2 * _ANSWER))
    lines += [*_wrapped(_frame(found), width, "", "    "), ""]
    sentences = [*_scores(found), *_copies(found), *_what_to_do(found), *found.notes]
    lines += [line for sentence in sentences for line in listed(sentence, width)]
    return "\n".join(lines).rstrip()


def transfer_rows(found: Transferred) -> list[Row]:
    """Return every number of a transfer with its interval."""
    rows = list[Row]()
    if found.fidelity is not None:
        rows += _of_fidelity(found.fidelity, "untold")
    if found.steered is not None:
        rows += _of_fidelity(found.steered.read, "untold of A along the direction")
        rows += _of_fidelity(found.steered.answered, "untold of B along the carried one")
        rows.append(_row("differs from row to row", found.steered.scattered))
        moved = found.steered.moved
        if moved is not None:
            rows.append(("moves what is read, of the way in A", moved.value, moved.low, moved.high))
        if moved is not None and found.steered.random is not None:
            rows.append(("the same of random directions", moved.null, *found.steered.random))
            rows.append(("share of these at least as far", found.steered.p_random, None, None))
    for one in found.controls:
        rows.append(_row(f"untold by the {one.control} copy", one.left))
    curve = found.curve
    if curve is not None:
        named = [("A's probe", curve.on_a), ("carried", curve.carried)]
        named += [(f"trained on B, {one.labels} labels", one.score) for one in curve.retrained]
        rows += [(f"{curve.what}: {name}", score.value, score.low, score.high) for name, score in named]
        rows.append(("worth in labels", curve.worth, curve.worth_low, curve.worth_high))
    return rows


def _of_fidelity(one: Fidelity, what: str) -> Iterator[Row]:
    yield _row(what, one.unexplained)
    if one.otherwise is not None:
        yield _row("chosen otherwise", one.otherwise)
    if one.agreement is not None:
        yield ("agreement", one.agreement.value, one.agreement.low, one.agreement.high)


def _row(what: str, one: Estimate) -> Row:
    return what, one.unexplained, one.low, one.high


def _headline(found: Transferred) -> str:
    limit = f"the limit is {percent_of(found.tolerance)}"
    if found.steered is not None:
        return f"{_of_direction(found.steered)}; {limit}"
    if found.fidelity is None:
        return ""
    left = _left(found.fidelity.left)
    if found.kind == "classifier":
        return f"B chooses otherwise in {left} of the rows on which A does not choose its commonest class; {limit}"
    return f"B leaves {left} of what the probe reads in A untold; {limit}"


def _of_direction(found: Steered) -> str:
    return (
        f"B leaves {_left(found.read.left)} of A along the direction untold; A leaves {_left(found.answered.left)} of B along "
        f"the carried one, which differs from row to row in {_left(found.scattered)} of its squared length (at most half)"
    )


def _frame(found: Transferred) -> str:
    (a, b), (layer_a, layer_b) = found.networks, found.layers
    rows = f"{found.rows} rows" if found.groups == found.rows else f"{found.rows} rows in {found.groups} groups"
    what = found.probe if found.probe in found.kind else f"{found.kind} {found.probe}"
    if found.fidelity is None:
        return f"{what} of A = {a}, layer {layer_a}, to B = {b}, layer {layer_b}, {rows}"
    through = rung_named(found.fidelity.rung).words
    return f"{what} of A = {a}, layer {layer_a}, through {through} from B = {b}, layer {layer_b}, {rows}"


def _scores(found: Transferred) -> Iterator[str]:
    curve, fidelity = found.curve, found.fidelity
    if fidelity is not None and fidelity.agreement is not None:
        yield f"both choose the same class on {_share(fidelity.agreement)} of the rows"
    if fidelity is not None and len(fidelity.outputs) > 1:
        at = max(range(len(fidelity.outputs)), key=fidelity.outputs.__getitem__)
        yield f"least told of {len(fidelity.outputs)} outputs: output {at}, {percent_of(fidelity.outputs[at])} untold"
    if fidelity is not None and fidelity.unjudged:
        yield f"{fidelity.unjudged} outputs differ on too few rows to be judged, and are left out"
    if curve is not None:
        last = curve.retrained[-1]
        yield (
            f"{_SCORES[curve.what]}: A's probe on A {_share(curve.on_a)}, carried to B {_share(curve.carried)}, trained on B "
            f"with {last.labels} labels {_share(last.score)}"
        )
        yield _worth(curve)


def _worth(curve: LearningCurve) -> str:
    most = curve.retrained[-1].labels
    if curve.worth is None:
        return f"worth more than {most} labels on B: a probe trained with all of them is not as good"
    if curve.worth == curve.retrained[0].labels:
        return f"worth no more than {curve.worth} labels on B: a probe trained with so many is as good"
    low = curve.worth_low or curve.worth
    high = f"to {curve.worth_high}" if curve.worth_high is not None else f"to more than {most}"
    between = "" if low == curve.worth_high else f" ({low} {high})"
    return f"worth about {curve.worth} labels on B{between}"


def _copies(found: Transferred) -> Iterator[str]:
    fidelity = found.fidelity
    if found.steered is not None:
        yield from _steering_controls(found, found.steered)
        return
    if fidelity is not None and fidelity.rung == SMOOTH and not found.controls:
        yield (
            "no copy of B that learned nothing was given (untrained_b); a smooth map may make the reading again out of what was "
            "shown"
        )
    for one in found.controls:
        high, own = one.left.high, fidelity.left if fidelity is not None else Estimate()
        said = f"the {one.control} copy of B leaves {_left(one.left)} untold"
        if high is not None and high <= found.tolerance:
            said += "; what is read can be had from what was shown, and says little of what B learned"
        elif own.high is not None and one.left.low is not None and own.high < one.left.low:
            said += ", more than B, which learned it"
        yield said


def _steering_controls(found: Transferred, steered: Steered) -> Iterator[str]:
    moved = steered.moved
    if moved is not None:
        own = percent(Estimate(moved.value, moved.low, moved.high))
        yield f"the carried direction moves what B tells of A along it by {own} of what the direction does in A"
        yield _random(steered, moved)
    for one in found.controls:
        left = "" if one.left.unexplained is None else f", which leaves {_left(one.left)} of A along it untold"
        yield {
            "carried": f"the {one.control} copy of B carries the direction too{left}: it says nothing of what B learned",
            "refused": f"the {one.control} copy of B does not carry the direction{left}",
            "undecided": f"whether the {one.control} copy of B carries the direction is open{left}",
        }[one.answer]
    if not found.controls:
        yield "no copy of B that learned nothing was given (untrained_b): what was shown may carry the direction by itself"


def _random(steered: Steered, moved: Evidence) -> str:
    if steered.random is None or steered.p_random is None:
        return "A has one unit, and no other direction to compare with"
    low, high = (digits(100 * end) for end in steered.random)
    far = f"{percent_of(moved.null or 0.0)} [{low}, {high}]"
    as_far = f"{percent_of(steered.p_random)} of them at least as far"
    told = ": it cannot be told from a random one" if steered.p_random > AS_FAR else ""
    return f"random directions of A of its length, carried alike, move it by {far}, {as_far}{told}"


def _what_to_do(found: Transferred) -> Iterator[str]:
    own = found.fidelity.left.high if found.fidelity is not None else None
    copies = found.groups >= _FEW_GROUPS and own is not None and own <= found.tolerance
    if found.answer == "refused" and found.steered is not None and _holds(found, found.steered):
        random = (found.steered.p_random or 0.0) > AS_FAR
        yield (
            "give a direction along which A's states vary more: this one is hardly in them"
            if random
            else "the map holds, also to a copy that learned nothing: give other stimuli, or controls='none' to do without"
        )
        yield "nothing is returned to use"
        return
    if found.answer != "carried" and copies:
        yield "B itself is within the limit, and so may be a copy that learned nothing: give map='affine', or other stimuli"
        yield "nothing is returned to use"
    elif found.answer == "undecided":
        few = found.groups < _FEW_GROUPS
        yield (
            "too few groups of rows: record more stimuli"
            if few
            else "the interval straddles the limit: record more stimuli"
        )
        yield "nothing is returned to use"
    elif found.answer == "refused":
        yield "give a layer of B that knows more of it: layers=(that of A, that of B)"
        if found.map == AFFINE:
            yield "where the layers are curved images of each other, map='smooth' may hold"
        what = "look for the direction in B itself" if found.kind == "steering" else "train a probe on B"
        yield f"or {what}"
        yield "nothing is returned to use"


def _holds(found: Transferred, steered: Steered) -> bool:
    """Say whether the map itself is within its limits along a direction that was refused."""
    ends = steered.read.left.high, steered.answered.left.high
    return (
        all(high is not None and high <= found.tolerance for high in ends)
        and (steered.scattered.high or 0.0) <= ONE_DIRECTION
    )


def _left(one: Estimate) -> str:
    return f"under {percent_of(_NOTHING)}" if one.high is not None and one.high < _NOTHING else percent(one)


def _share(one: Evidence) -> str:
    return percent(Estimate(one.value, one.low, one.high))


def _wrapped(text: str, width: int, first: str, rest: str) -> list[str]:
    whole = printable(text).replace(" %", "\u00a0%")
    lines = textwrap.wrap(whole, width, initial_indent=first, subsequent_indent=rest, break_on_hyphens=False)
    return [line.replace("\u00a0", " ") for line in lines]
