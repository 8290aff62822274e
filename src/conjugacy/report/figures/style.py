"""What every figure shares: colours that follow the page's light or dark theme, and SVG fit to stand in a page."""

from __future__ import annotations

import io
import re
import threading
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import matplotlib as mpl
import numpy as np
from matplotlib.colors import to_hex, to_rgb
from matplotlib.figure import Figure, FigureBase

# drawn with these, and replaced by the page's variables: one figure serves both themes
INK, MUTED, GRID, PAPER = "#010101", "#020202", "#030303", "#040404"
A_TO_B, B_TO_A, HOLDS, FAILS, OPEN, BAND = "#050505", "#060606", "#070707", "#080808", "#090909", "#0a0a0a"
EDGE = "#0b0b0b"
_VARIABLES = {
    INK: "var(--ink)",
    MUTED: "var(--muted)",
    GRID: "var(--grid)",
    PAPER: "var(--paper)",
    A_TO_B: "var(--a-to-b)",
    B_TO_A: "var(--b-to-a)",
    HOLDS: "var(--holds)",
    FAILS: "var(--fails)",
    OPEN: "var(--open)",
    BAND: "var(--band)",
    EDGE: "var(--edge)",
}
# the page's light theme, for figures that leave the page
_LIGHT = {
    INK: "#16181d",
    MUTED: "#565d68",
    GRID: "#dde1e7",
    PAPER: "#ffffff",
    A_TO_B: "#0072b2",
    B_TO_A: "#c14d00",
    HOLDS: "#00694c",
    FAILS: "#a83c00",
    OPEN: "#6b4c9a",
    BAND: "#eef3fa",
    EDGE: "#4d4d4d",
}
LIGHT_STYLE = f"background:{_LIGHT[PAPER]};color:{_LIGHT[INK]};" + "".join(
    f"{_VARIABLES[colour][4:-1]}:{plain};" for colour, plain in _LIGHT.items()
)
"""What stands around a themed figure where there is no style sheet: the light theme's colours, on its paper."""
_ONE_AT_A_TIME = threading.RLock()
"""matplotlib's settings are shared by all threads: without it one would draw with what another has given back."""
_COLOURED = ("color", "facecolor", "edgecolor", "markerfacecolor", "markeredgecolor")
_SETTINGS: dict[Any, Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "conjugacy",
    "font.family": ["DejaVu Sans"],
    "font.size": 8.5,
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.edgecolor": MUTED,
    "axes.facecolor": "none",  # the page shows through in both themes
    "xtick.color": INK,
    "ytick.color": INK,
    "axes.linewidth": 0.7,
    "text.parse_math": False,
}


@contextmanager
def page_style() -> Generator[None]:
    """Draw under the page's settings, one thread at a time, as long as it is open."""
    with _ONE_AT_A_TIME, mpl.rc_context(_SETTINGS):
        yield


@contextmanager
def new_figure(width: float, height: float) -> Generator[Figure]:
    """Give a transparent figure of `width` x `height` points in the page's style; no global figure is touched."""
    with page_style():
        figure = Figure(figsize=(width / 72, height / 72))
        figure.patch.set_alpha(0.0)
        yield figure


def to_svg(
    figure: Figure,
    prefix: str,
    label: str,
    tips: Mapping[str, str] | None = None,
    rows: Mapping[str, Sequence[int]] | None = None,
) -> str:
    """Return the figure as an SVG element for HTML: ids made unique, colours themed, described, numbered.

    Parameters
    ----------
    figure : Figure
        Drawn inside `new_figure`.
    prefix : str
        Stands before every id, so that several figures can share a page.
    label : str
        What a screen reader says.
    tips : mapping
        Artist gid -> text shown where the pointer rests.
    rows : mapping
        Artist gid of points -> row number of each, in drawing order; becomes `data-row`.
    """
    text = io.StringIO()
    figure.savefig(text, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
    root = ElementTree.fromstring(text.getvalue())  # noqa: S314  (written two lines above)
    for parent in list(root.iter()):
        for child in list(parent):
            if child.tag.endswith("}metadata"):
                parent.remove(child)
    for element in root.iter():
        _number(element, rows or {})
    for element in root.iter():
        _tip(element, tips or {})
        _clean(element, prefix)
    root.attrib = {"viewBox": root.attrib["viewBox"], "role": "img", "aria-label": label, "class": "figure"}
    return ElementTree.tostring(root, encoding="unicode")


def to_file(figure: Figure, path: Path, ending: str) -> None:
    """Write the figure in the light theme as .svg, .pdf or .png; the same figure gives the same bytes."""
    into_light(figure)
    figure.patch.set_facecolor(_LIGHT[PAPER])
    figure.patch.set_alpha(1.0)
    none: dict[str, Any] = {".svg": {"Date": None}, ".pdf": {"CreationDate": None}, ".png": {}}[ending]
    with mpl.rc_context({"svg.fonttype": "path"}):  # whoever opens it may lack the font
        figure.savefig(path, dpi=200, metadata=none, format=ending[1:])


def into_light(figure: FigureBase) -> None:
    """Give everything in a figure the colours of the light theme."""
    for artist in figure.findobj():
        for name in _COLOURED:
            get = getattr(artist, f"get_{name}", None)
            if get is not None:
                getattr(artist, f"set_{name}")(_in_light(get()))


def _in_light(colour: Any) -> Any:
    """Return a colour with the themed ones replaced, in the form that it came in."""
    if isinstance(colour, str):
        return _LIGHT.get(colour, colour)
    if isinstance(colour, np.ndarray) and colour.ndim == 2:
        return [_in_light(tuple(c)) for c in colour]
    if isinstance(colour, tuple) and len(colour) in (3, 4):
        plain = _LIGHT.get(to_hex(colour))
        return colour if plain is None else (*to_rgb(plain), *colour[3:])
    return colour


def _number(element: ElementTree.Element, rows: Mapping[str, Sequence[int]]) -> None:
    numbers = rows.get(element.get("id", ""))
    if numbers is None:
        return
    # simple markers are drawn as paths, others as uses of one path
    uses = [e for e in element.iter() if e.tag.endswith("}use")]
    points = uses or [e for e in element.iter() if e.tag.endswith("}path")]
    if len(points) != len(numbers):
        raise RuntimeError(f"{len(points)} points were drawn for {len(numbers)} rows")
    for point, number in zip(points, numbers, strict=True):
        point.set("data-row", str(number))


def _tip(element: ElementTree.Element, tips: Mapping[str, str]) -> None:
    tip = tips.get(element.get("id", ""))
    if tip is not None:
        title = ElementTree.Element("title")
        title.text = tip
        element.insert(0, title)
        element.set("class", "tip")


def _clean(element: ElementTree.Element, prefix: str) -> None:
    element.tag = element.tag.rpartition("}")[2]
    for key, value in list(element.attrib.items()):
        del element.attrib[key]
        name = key.rpartition("}")[2]
        if name == "id":
            value = prefix + value
        elif name == "href":
            value = re.sub("^#", f"#{prefix}", value)  # pictures hold their own data
        elif name == "style":
            value = re.sub(r"#[0-9a-f]{6}", lambda match: _VARIABLES.get(match[0], match[0]), value)
            # the page chooses the family, so that it can name a fallback
            value = re.sub(r"font:\s*(?:\w+ )*?([\d.]+px)[^;]*", r"font-size: \1", value)
        element.set(name, value.replace("url(#", f"url(#{prefix}"))  # what clips, and hatches
