"""What two layers share, in words: for the terminal, the notebook and the page."""

from __future__ import annotations

from collections.abc import Sequence

from conjugacy.results import Evidence, PrivatePart, SharedAttribute, SharedPart, SharedTask
from conjugacy.results.digits import p_cell, per_cent
from conjugacy.results.shared_attribute import LEVEL, WORTH

HALF = 0.5
PARTS = {"common": "what both share", "a": "A's own part", "b": "B's own part"}
CONTROL_NAMES = {"untrained": "untrained copies", "shuffled": "copies with their weights in random order"}


def shared_sentence(found: SharedPart) -> str:
    """Return one sentence for a pair whose relation is partial.

    Examples
    --------
    >>> from conjugacy.results import PrivatePart
    >>> part, own = Evidence("common_share", 0.5), PrivatePart(Evidence("private_share", 0.5), (0.3,), 1, ())
    >>> shared_sentence(SharedPart(2, (2, 3), 4, (), part, part, (own, own)))
    'they share about 2 directions (2 to 3) of 3 and 3'
    """
    k, (low, high) = found.dimensions, found.interval
    if not k:
        return "no common direction stands out" + ("" if not high else f" ({low} to {high})")
    whole = " and ".join(str(k + part.count) for part in found.private_parts)
    said = f"they share about {k} direction{'' if k == 1 else 's'} ({low} to {high}) of {whole}"
    kept = [share for task in found.tasks if (share := kept_of_task(task)) is not None]
    carry = "carries" if k == 1 else "carry"
    return said + (f", which {carry} {per_cent(min(kept))} of what either needs for the task" if kept else "")


def kept_of_task(task: SharedTask) -> float | None:
    """Return what the common part reads of the task over what the whole layer does, beyond chance; None where that is nothing."""
    common, whole = task.common.value, task.whole.value
    if common is None or whole is None or whole - task.chance < 0.05:
        return None
    return max(0.0, min(1.0, (common - task.chance) / (whole - task.chance)))


def shared_sentences(found: SharedPart) -> tuple[str, ...]:
    """Return what the page says of the common part, a few short sentences."""
    k, (low, high) = found.dimensions, found.interval
    if not k:
        may = "" if not high else f"; up to {high} may be there"
        return (f"No coordinate that both layers carry stands out on held-out rows{may}", *_controls(found))
    first = f"A and B share {_coordinates(k)} ({low} to {high}): given these, neither tells anything substantial of the other"
    shares = [f"They tell {percent(found.share_a)} of A's variance and {percent(found.share_b)} of B's"]
    if found.told_a is not None and found.told_b is not None:
        crosswise = f"{percent(found.told_a)} of A's variance from B, {percent(found.told_b)} of B's from A"
        less = _apart(found.told_a, found.share_a) or _apart(found.told_b, found.share_b)
        why = ": less, as each knows them with noise of its own, or one holds only a part" if less else ""
        shares.append(f"Read from the other network, they tell {crosswise}{why}")
    count = f"{found.linear} direction{'' if found.linear == 1 else 's'}"
    straight = f"A linear map predicts {count}: curved views of one coordinate count again"
    return (first, *shares, straight, *(task_sentence(task) for task in found.tasks), *_controls(found))


def _apart(less: Evidence, more: Evidence) -> bool:
    """Say whether one share lies below another one by more than their intervals."""
    return less.high is not None and more.low is not None and less.high < more.low


def task_sentence(task: SharedTask) -> str:
    """Return how well a network's parts do the task."""
    does = "puts rows into their class" if task.what == "accuracy" else "tells the targets"
    parts = f"{percent(task.common)} from what is shared, {percent(task.private)} from what is its own"
    whole = f"{percent(task.whole)} from the whole layer; chance {per_cent(task.chance)}"
    return f"{task.network.upper()} {does}: {parts}, {whole}"


def _controls(found: SharedPart) -> tuple[str, ...]:
    return tuple(
        f"The {CONTROL_NAMES.get(one.control, one.control)} share {_coordinates(one.dimensions)} ({one.interval[0]} to "
        f"{one.interval[1]}), {per_cent(one.share_a)} and {per_cent(one.share_b)} of their variance"
        for one in found.controls
    )


def ends_sentence(name: str, part: PrivatePart) -> str:
    """Return which stimuli stand at the two ends of a network's strongest private direction."""
    ends = "; at the other ".join(", ".join(end) for end in (part.high, part.low) if end)
    return f"At one end of {name}'s strongest own direction stand {ends}"


def told_sentence(name: str, part: PrivatePart) -> str:
    """Return how much of a network's strongest private direction the other layer tells nevertheless."""
    told = part.told_by_other
    if told is None or told.value is None:
        return ""
    other = "B" if name == "A" else "A"
    beside = ": it is common too, but too small a part to count" if told.value >= HALF else ""
    return f"{other}'s layer tells {percent(told)} of it on held-out rows{beside}"


def attribute_sentences(found: SharedPart) -> tuple[str, ...]:
    """Return for each attribute which part carries it, then what that means and what was left out."""
    if not found.attributes:
        return found.notes
    names = dict.fromkeys(one.attribute for one in found.attributes)
    told = [_attribute(name, [one for one in found.attributes if one.attribute == name]) for name in names]
    count = len(found.attributes)
    means = (
        f"Carried means: held-out rows tell {per_cent(WORTH)} or more of the way from chance to certainty, and p is at "
        f"most {p_cell(LEVEL)} after Holm's steps over {'the one test' if count == 1 else f'all {count} tests'}"
    )
    return (*told, means, *found.notes)


def _attribute(name: str, tests: Sequence[SharedAttribute]) -> str:
    carried = [one for one in tests if one.carried]
    best = {part: max((one for one in carried if one.part == part), key=_value, default=None) for part in PARTS}
    said = [f"{PARTS[part]} ({attribute_told(one)})" for part, one in best.items() if one is not None]
    if not said:
        return f"{name!r} is carried by no direction that was tested"
    return f"{name!r} is carried by {' and by '.join(said)}"


def _value(one: SharedAttribute) -> float:
    return one.told.value or 0.0


def attribute_told(one: SharedAttribute) -> str:
    """Return how well an attribute is told."""
    if one.kind == "classes":
        return f"balanced accuracy {percent(one.told)}, chance {per_cent(one.chance)}"
    return f"{percent(one.told)} of its variance"


def direction_name(part: str, direction: int | None) -> str:
    """Return what a direction is called beside the figure.

    Examples
    --------
    >>> direction_name("common", 2), direction_name("a", None)
    ('common 2', "A's own, together")
    """
    named = "common" if part == "common" else f"{part.upper()}'s own"
    return f"{named}, together" if direction is None else f"{named} {direction}"


def percent(found: Evidence) -> str:
    """Return a share in per cent with its interval."""
    return per_cent(found.value, found.low, found.high)


def _coordinates(k: int) -> str:
    return f"{k} coordinate{'' if k == 1 else 's'}"
