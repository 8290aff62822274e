"""The layer x layer map as rows of coloured cells for the page."""

from __future__ import annotations

from dataclasses import dataclass

import matplotlib as mpl
import numpy as np
from matplotlib.colors import to_hex

from conjugacy.results import LayerMap

MOST_LAYERS = 60
MOST_SIGNS = 18
_MAP, _STOPS = "cividis", 16
_LUMINANCE = np.array([0.2126, 0.7152, 0.0722])


@dataclass(frozen=True)
class Cell:
    """One pair of layers."""

    row: int
    column: int
    text: str
    value: str
    fill: str | None
    ink: str | None
    compared: bool
    on_path: bool


@dataclass(frozen=True)
class LayerGrid:
    """A layer map ready to be drawn.

    Attributes
    ----------
    rows : tuple of (name, shortened name, cells)
        Layers of A.
    columns : tuple of (name, shortened name)
        Layers of B.
    scale : tuple of str
        Colours from `low` to `high`.
    measure : str
        What the values are.
    left_out : (int, int)
        Layers of A and B that did not fit.
    """

    rows: tuple[tuple[str, str, tuple[Cell, ...]], ...]
    columns: tuple[tuple[str, str], ...]
    scale: tuple[str, ...]
    low: str
    high: str
    measure: str
    left_out: tuple[int, int]


def layer_grid(layer_map: LayerMap, compared: tuple[str, str] | None) -> LayerGrid | None:
    """Colour the cells and mark the compared pair; None where there is no cell.

    At most 60 layers a side are shown, evenly taken and always with the compared one.
    """
    if not layer_map.layers_a or not layer_map.layers_b:
        return None
    keep_a = _keep(layer_map.layers_a, None if compared is None else compared[0])
    keep_b = _keep(layer_map.layers_b, None if compared is None else compared[1])
    values = np.array([[np.nan if v is None else v for v in row] for row in layer_map.values], dtype=np.float64)
    values = values.reshape(len(layer_map.layers_a), len(layer_map.layers_b))
    low, high = value_ends(values)
    rows: list[tuple[str, str, tuple[Cell, ...]]] = []
    path = set(layer_map.path)
    for i in keep_a:
        name = layer_map.layers_a[i]
        pairs = [(j, (name, layer_map.layers_b[j]) == compared, (i, j) in path) for j in keep_b]
        cells = tuple(Cell(i, j, *_face(values[i, j], low, high), hit, along) for j, hit, along in pairs)
        rows.append((name, shortened(name), cells))
    return LayerGrid(
        rows=tuple(rows),
        columns=tuple((layer_map.layers_b[j], shortened(layer_map.layers_b[j])) for j in keep_b),
        scale=tuple(_colour(x) for x in np.linspace(0, 1, _STOPS)),
        low=f"{low:.2g}",
        high=f"{high:.2g}",
        measure=layer_map.measure,
        left_out=(len(layer_map.layers_a) - len(keep_a), len(layer_map.layers_b) - len(keep_b)),
    )


def shortened(name: str) -> str:
    """Return a name of at most 18 signs; layers tend to differ at the end, so the middle goes.

    Examples
    --------
    >>> shortened("transformer.encoder.layers.12.mlp")
    'transf…yers.12.mlp'
    """
    return name if len(name) <= MOST_SIGNS else f"{name[:6]}…{name[6 - MOST_SIGNS + 1 :]}"


def _keep(names: tuple[str, ...], compared: str | None) -> list[int]:
    if len(names) <= MOST_LAYERS:
        return list(range(len(names)))
    chosen = set(np.linspace(0, len(names) - 1, MOST_LAYERS).astype(int).tolist())
    return sorted(chosen | ({names.index(compared)} if compared in names else set()))


def value_ends(values: np.ndarray) -> tuple[float, float]:
    """Return the ends of the colour scale: 0 and 1, or the data's own where they leave that range."""
    finite = values[np.isfinite(values)]
    if finite.size == 0 or (finite.min() >= 0 and finite.max() <= 1):
        return 0.0, 1.0
    low, high = float(finite.min()), float(finite.max())
    return (low, high) if high > low else (low - 0.5, high + 0.5)


def _face(value: float, low: float, high: float) -> tuple[str, str, str | None, str | None]:
    """Return what stands in a cell: short text, value, fill and ink."""
    if not np.isfinite(value):
        return "–", "not computed", None, None  # noqa: RUF001
    fill = _colour(float(np.clip((value - low) / (high - low), 0, 1)))
    return _short(value), f"{value:.3f}", fill, _ink(fill)


def _short(value: float) -> str:
    """Return two digits, without the zero that would not fit into thirty columns."""
    text = f"{value:.2f}" if abs(value) < 9.995 else f"{value:.0f}"
    return text.replace("0.", ".", 1) if text.startswith(("0.", "-0.")) else text


def _colour(position: float) -> str:
    return to_hex(mpl.colormaps[_MAP](position))


def _ink(fill: str) -> str:
    """Return black or white, whichever contrasts more with a fill (WCAG relative luminance)."""
    channels = np.array([int(fill[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    luminance = float(_LUMINANCE @ linear)
    return "#000000" if (luminance + 0.05) / 0.05 > 1.05 / (luminance + 0.05) else "#ffffff"
