"""What two layers share, in words: for the terminal, the notebook and the page."""

from __future__ import annotations

from conjugacy.results import Evidence, SharedPart, SharedTask
from conjugacy.results.digits import per_cent

CONTROL_NAMES = {"untrained": "untrained copies", "shuffled": "copies with their weights in random order"}


def shared_sentence(found: SharedPart) -> str:
    """Return one sentence for a pair whose relation is partial.

    Examples
    --------
    >>> from conjugacy.results import PrivatePart
    >>> part, own = Evidence("common_share", 0.5), PrivatePart(Evidence("private_share", 0.5), (0.3,), 1, ())
    >>> shared_sentence(SharedPart(2, (2, 3), 4, (), part, part, (own, own)))
    'they share about 2 coordinates (2 to 3) of 3 and 3'
    """
    k, (low, high) = found.dimensions, found.interval
    if not k:
        return "no common coordinate stands out" + ("" if not high else f" ({low} to {high})")
    whole = " and ".join(str(k + part.count) for part in found.private_parts)
    said = f"they share about {_coordinates(k)} ({low} to {high}) of {whole}"
    kept = [share for task in found.tasks if (share := kept_of_task(task)) is not None]
    return said + (f", which carry {per_cent(min(kept))} of what either reads of the task" if kept else "")


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
    shares = f"They tell {percent(found.share_a)} of A's variance and {percent(found.share_b)} of B's"
    count = f"{found.linear} direction{'' if found.linear == 1 else 's'}"
    straight = f"A linear map predicts {count}: curved views of one coordinate count again"
    return (first, shares, straight, *(task_sentence(task) for task in found.tasks), *_controls(found), *_rows(found))


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


def _rows(found: SharedPart) -> tuple[str, ...]:
    return tuple(
        f"The stimuli farthest out along {name}'s strongest own direction are {', '.join(part.rows)}"
        for name, part in zip("AB", found.private_parts, strict=True)
        if part.rows
    )


def percent(found: Evidence) -> str:
    """Return a share in per cent with its interval."""
    return per_cent(found.value, found.low, found.high)


def _coordinates(k: int) -> str:
    return f"{k} coordinate{'' if k == 1 else 's'}"
