"""What the script of a study's page draws: names, colours, packed numbers, tree and plane."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
import numpy as np
from matplotlib.colors import to_hex

from conjugacy.report.figures.plane import OKABE_ITO
from conjugacy.report.layer_grid import value_ends
from conjugacy.report.study.cells import Cells, cells_of, packed
from conjugacy.report.study.order import Order
from conjugacy.report.study.pairs import recorded_at
from conjugacy.report.study.words import states
from conjugacy.results import Classes
from conjugacy.results.axis import ANSWERS
from conjugacy.results.states import MIRRORED, STATES

if TYPE_CHECKING:
    from conjugacy.study import Study

LARGEST = 9_900_000
"""Bytes that a page may have: what the tables need beyond it is kept in fewer digits, or left out."""

SHAPES = ("circle", "triangle", "square", "diamond")
_MAP, _STOPS = "cividis", 64
_OURS, _NAMED = 150_000, 4  # bytes of script and words; how often a name stands in the page
_DECADES = 12  # ratio of large to small values from which colours follow the logarithm
_ENDS = (0.5, 99.5)  # per cent of the values that the colours span, where a few lie far out


@dataclass(frozen=True)
class Tables:
    """The tables of a study as they stand in the page.

    Attributes
    ----------
    cells : tuple of Cells
        All tables, also those that are not in the page.
    packed : tuple of mapping
        Those that are, the one that was sorted first.
    coarse, left_out : tuple of str
        Measures that are there in fewer digits, and that are not there because the page is full.
    """

    cells: tuple[Cells, ...]
    packed: tuple[Mapping[str, Any], ...]
    coarse: tuple[str, ...]
    left_out: tuple[str, ...]

    @property
    def answered(self) -> bool:
        """Whether the first table holds answers rather than only values."""
        return bool(self.cells) and bool(self.cells[0].counts().keys() & {*ANSWERS})


def tables_of(study: Study, classes: Classes | None, order: Order) -> Tables:
    """Pack the tables one by one until the page is full: with intervals, else in fewer digits, else not at all."""
    names = [(m, layers) for m in study.measures for layers in study.layer_pairs]
    names.sort(key=lambda name: classes is None or name != (classes.measure, classes.layer_pair))
    cells: list[Cells] = []
    found: list[dict[str, Any]] = []
    coarse: list[str] = []
    left_out: list[str] = []
    room = LARGEST - _OURS - _NAMED * sum(len(name.encode(errors="replace")) for name in study.networks[0])
    for measure, layers in names:
        whole = cells_of(study, measure, layers)
        if (whole.status == 0).all() and np.isnan(whole.values).all() and len(names) > 1:
            continue  # a pair of layers that this measure does not know
        cells.append(whole)
        shown = whole.taken(order.rows, order.columns)
        for fine in (True, False):
            texts = packed(shown, fine=fine)
            size = sum(len(text) for text in texts.values())
            if size <= room:
                room -= size
                found.append({**_about(shown), **texts, "fine": fine})
                coarse += [] if fine else [_label(shown)]
                break
        else:
            left_out.append(_label(shown))
    return Tables(tuple(cells), tuple(found), tuple(coarse), tuple(left_out))


def _label(cells: Cells) -> str:
    return f"{cells.measure} ({cells.layer_pair})"


def _about(cells: Cells) -> dict[str, Any]:
    values = cells.values.copy()
    if cells.square:
        np.fill_diagonal(values, np.nan)  # a network and itself tell nothing of the scale
    finite = values[np.isfinite(values)]
    logarithmic = _spread_over_decades(finite)
    low, high = _log_ends(finite) if logarithmic else _ends(values)
    return {
        "measure": cells.measure,
        "layers": cells.layer_pair,
        "unit": value_words(cells.measure),
        "symmetric": cells.symmetric,
        "logarithmic": logarithmic,
        "low": low,
        "high": high,
        "below": bool(finite.size and finite.min() < low),
        "above": bool(finite.size and finite.max() > high),
    }


def _spread_over_decades(finite: np.ndarray) -> bool:
    """Whether values are best told apart by their ratios: all positive, and most of them far from the largest."""
    if finite.size < 2 or finite.min() <= 0:
        return False
    low, high = np.percentile(finite, (2, 98))
    return bool(high > _DECADES * low)


def _log_ends(finite: np.ndarray) -> tuple[float, float]:
    low, high = (float(x) for x in np.percentile(finite, _ENDS))
    return float(f"{low:.2g}"), float(f"{high:.2g}")


def _ends(values: np.ndarray) -> tuple[float, float]:
    """Return the ends of the colour scale; a few values far out do not make all others look alike."""
    low, high = value_ends(values)
    finite = values[np.isfinite(values)]
    if finite.size and (low, high) != (0.0, 1.0):
        inner_low, inner_high = (float(x) for x in np.percentile(finite, _ENDS))
        spread = inner_high - inner_low
        low = inner_low if spread > 0 and inner_low - low > spread else low
        high = inner_high if spread > 0 and high - inner_high > spread else high
        low = 0.0 if 0 < low < 0.2 * high else low
    return float(f"{low:.4g}"), float(f"{high:.4g}")


def value_words(measure: str) -> str:
    """Say what the values of a measure are.

    Examples
    --------
    >>> value_words("verdict:fits=first")
    'unexplained fraction of variance, worse direction'
    """
    known = measure.partition(":")[0] == "verdict"
    return "unexplained fraction of variance, worse direction" if known else "value, no unit"


def page_data(
    study: Study, classes: Classes | None, order: Order, tables: Tables, links: Mapping[tuple[str, str], str]
) -> dict[str, Any]:
    """Return everything for the script, as what JSON can hold.

    Parameters
    ----------
    links : mapping of (str, str) to str
        Pairs of networks that have a page of their own, and its address relative to this page.
    """
    first, second = study.networks
    rows, columns = [first[i] for i in order.rows], [second[i] for i in order.columns]
    shown = {*rows, *columns}
    numbers = {} if classes is None else {group.name: k for k, group in enumerate(classes.groups)}
    of = {} if classes is None else {name: numbers[group] for name, group in classes.items()}
    return {
        "rows": rows,
        "columns": None if study.is_square else columns,
        "rowClass": [of.get(name, -1) for name in rows],
        "columnClass": None if study.is_square else [of.get(name, -1) for name in columns],
        "classes": [] if classes is None else [_class(k, g.name, len(g.members)) for k, g in enumerate(classes.groups)],
        "tables": list(tables.packed),
        "states": [asdict(state) for state in states()],
        "mirror": [STATES.index(MIRRORED.get(state, state)) for state in STATES],
        "scale": [to_hex(mpl.colormaps[_MAP](x)) for x in np.linspace(0, 1, _STOPS)],
        "tree": order.tree,
        "plane": None if classes is None else _plane(classes, rows),
        "outliers": [] if classes is None else [name for name in classes.outliers if name in shown],
        "links": [[a, b, address] for (a, b), address in links.items()],
        "paths": {name: path for name, path in recorded_at(study).items() if name in shown},
    }


def _class(k: int, name: str, size: int) -> dict[str, Any]:
    """Return one class; networks on their own are grey, or colours would run out on them."""
    colour, shape = (None, "circle") if size < 2 else look(k)
    return {"name": name, "size": size, "colour": colour, "shape": shape}


def look(k: int) -> tuple[str, str]:
    """Return the colour and the shape of the k-th class: colours change first, and after 28 classes all comes again."""
    return OKABE_ITO[k % len(OKABE_ITO)], SHAPES[k // len(OKABE_ITO) % len(SHAPES)]


def _plane(classes: Classes, rows: Sequence[str]) -> list[list[float] | None]:
    """Return the places of the networks in the order of the rows; none where they have no distances."""
    plane = np.asarray(classes.plane, dtype=np.float64).reshape(-1, 2)
    at = dict(zip(classes.networks, plane.tolist(), strict=True)) if len(plane) == len(classes.networks) else {}
    places = [at.get(name) for name in rows]
    return [[float(f"{x:.4g}") for x in p] if p is not None and np.isfinite(p).all() else None for p in places]
