"""The networks in two principal coordinates of their distances."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from conjugacy.errors import InputError
from conjugacy.report.figures.layers import drawable
from conjugacy.report.figures.style import EDGE, MUTED
from conjugacy.report.layer_grid import shortened
from conjugacy.report.study.data import look

if TYPE_CHECKING:
    from conjugacy.report.study.figure_file import StudyDrawn

SIZE = (440.0, 400.0)
MOST_NAMES = 30
_MARKS = {"circle": "o", "triangle": "^", "square": "s", "diamond": "D"}


def draw(figure: Any, shown: StudyDrawn) -> None:
    """Draw a mark for every network, colour and shape by class, grey for those on their own."""
    classes = shown.classes
    plane = np.asarray(classes.plane, dtype=float)
    if not np.isfinite(plane).any():
        raise InputError("figure: there is no plane; there are no distances between the networks")
    axes = figure.add_axes((0.14, 0.14, 0.8, 0.8))
    at = {name: place for name, place in zip(classes.networks, plane, strict=True) if np.isfinite(place).all()}
    grouped: set[str] = set()
    for k, group in enumerate(g for g in classes.groups if len(g.members) > 1):
        colour, shape = look(k)
        own = np.array([at[name] for name in group.members if name in at]).reshape(-1, 2)
        axes.scatter(own[:, 0], own[:, 1], c=colour, marker=_MARKS[shape], edgecolors=EDGE, s=34, linewidths=0.6)
        grouped |= set(group.members)
    alone = np.array([place for name, place in at.items() if name not in grouped]).reshape(-1, 2)
    axes.scatter(alone[:, 0], alone[:, 1], c="#b5bac2", marker="o", edgecolors=EDGE, s=26, linewidths=0.6)
    if len(at) <= MOST_NAMES:
        for name, place in at.items():
            axes.annotate(
                drawable(shortened(name)), place, xytext=(4, 3), textcoords="offset points", fontsize=6.5, color=MUTED
            )
    axes.set_xlabel(f"first coordinate ({100 * classes.plane_share:.0f} % of squared distances in this plane)")
    axes.set_ylabel("second coordinate")
    axes.set_aspect("equal", adjustable="datalim")
