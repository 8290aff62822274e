"""Stimuli at both ends of a direction, as small pictures that lie in the page."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from conjugacy.report.shared_words import ends_sentence, told_sentence
from conjugacy.results import PrivatePart, SharedPart
from conjugacy.results.digits import per_cent


@dataclass(frozen=True)
class PicturedEnds:
    """What stands at the two ends of a network's strongest private direction.

    Attributes
    ----------
    title : str
    ends : two tuples of (str, str)
        Of every stimulus its id and its picture as an address; none where inputs are no images.
    sentence : str
        The same in words.
    told : str
        How much of it the other layer tells; empty where that is not known.
    note : str or None
        What was drawn, or why nothing was.
    """

    title: str
    ends: tuple[tuple[tuple[str, str], ...], ...]
    sentence: str
    told: str
    note: str | None


def pictured_ends(found: SharedPart) -> tuple[PicturedEnds, ...]:
    """Return those of both networks, where there are any."""
    return tuple(_of(name, part) for name, part in zip("AB", found.private_parts, strict=True) if part.high or part.low)


def _of(name: str, part: PrivatePart) -> PicturedEnds:
    ends = () if part.pictures is None else _addresses(part.high, part.low, part.pictures)
    return PicturedEnds(_title(name, part), ends, ends_sentence(name, part), told_sentence(name, part), part.pictured)


def _title(name: str, part: PrivatePart) -> str:
    share = f" ({per_cent(part.directions[0])} of {name}'s variance)" if part.directions else ""
    return f"The two ends of {name}'s strongest own direction{share}"


def _addresses(
    high: Sequence[str], low: Sequence[str], pictures: np.ndarray
) -> tuple[tuple[tuple[str, str], ...], tuple[tuple[str, str], ...]]:
    drawn = [address_of(picture) for picture in pictures]
    return tuple(zip(high, drawn[: len(high)], strict=True)), tuple(zip(low, drawn[len(high) :], strict=True))


def address_of(picture: np.ndarray) -> str:
    """Return a picture (h, w, 1, 3 or 4) of bytes as a PNG that is its own address.

    Examples
    --------
    >>> address_of(np.zeros((8, 8, 1), dtype=np.uint8))[:30]
    'data:image/png;base64,iVBORw0K'
    """
    from matplotlib.image import imsave

    stream = io.BytesIO()
    colours = np.repeat(picture, 3, axis=2) if picture.shape[2] == 1 else picture
    imsave(stream, np.ascontiguousarray(colours), format="png", metadata={"Software": "conjugacy"})
    return f"data:image/png;base64,{base64.b64encode(stream.getvalue()).decode()}"
