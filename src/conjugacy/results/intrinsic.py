"""How two recordings of different stimuli were brought together: through coordinates of the world behind both."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class IntrinsicSide:
    """One network's layer in coordinates of the world.

    Attributes
    ----------
    layer : str
    source : str
        Where the metric comes from, in words.
    d : int
        Number of coordinates of the world.
    gap : float or None
        By what factor gains fall after these; None where no more directions were seen.
    kind : str
        Isometric coordinates or diffusion modes.
    periods : tuple of float
        Lengths of closed directions, 0 of open ones.
    stress : float
        Of the isometric layout.
    half_gap : float or None
        Gap between what two halves of the rows give; None where a half falls apart.
    resolved : bool
    status : str
    """

    layer: str
    source: str
    d: int
    gap: float | None
    kind: str
    periods: tuple[float, ...]
    stress: float
    half_gap: float | None
    resolved: bool
    status: str


@dataclass(frozen=True, eq=False)
class IntrinsicMatch:
    """Rows of two networks that saw different stimuli, matched through the world's coordinates.

    Attributes
    ----------
    a, b : IntrinsicSide
    n_common : int
        Stimuli that both saw and that fixed the alignment.
    common_error : float or None
        Root-mean-square distance of common stimuli after the alignment, over the size of B's coordinates.
    symmetries : int
        Ways to lay one over the other: 1 with common stimuli, else as many as the shapes allow.
    resolved : bool
        Whether both networks resolve their coordinates and one alignment is left.
    n_rows : int
        Rows of A that lie where B has rows.
    place_error : float
        Standard deviation of the slips of A's rows in B's coordinates, along each.
    interpolation : mapping of layer to float
        What B's layers leave unexplained of themselves between their rows: the floor of everything that is said.
    misplacement : mapping of layer to float
        How much of their variance B's layers change over such slips.
    points_a, points_b : array
        A's rows in B's coordinates, and B's rows; empty where they were not aligned.
    """

    a: IntrinsicSide
    b: IntrinsicSide
    n_common: int
    common_error: float | None
    symmetries: int
    resolved: bool
    n_rows: int
    place_error: float
    interpolation: dict[str, float]
    misplacement: dict[str, float]
    points_a: np.ndarray
    points_b: np.ndarray
