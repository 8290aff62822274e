"""A comparison as the text of one HTML page that asks for nothing from outside."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from jinja2 import Environment
from markupsafe import Markup

from conjugacy import __version__
from conjugacy.report.comparison.axes import HEADINGS
from conjugacy.report.comparison.compared import compared_words, size_words
from conjugacy.report.comparison.page_order import sections
from conjugacy.report.comparison.section import END, TOP
from conjugacy.report.html import html_environment, page_script, safe_json, script_hash, template
from conjugacy.results.axis import AXES
from conjugacy.results.digits import digits

if TYPE_CHECKING:
    from conjugacy.comparison import Comparison


def render_page(comparison: Comparison) -> str:
    """Return the page; all text that comes from recordings is escaped, and its policy allows this page's own script only."""
    script = page_script("comparison", ("page.js", "layer_map.js"))
    environment = html_environment("comparison", {"together": _together, "digits": digits})
    return environment.get_template("page.html").render(
        comparison=comparison,
        axes=AXES,
        compared=compared_words(comparison),
        sizes=[size_words(comparison, side) for side in "ab"],
        headings=HEADINGS,
        parts={place: list(_parts(environment, comparison, place)) for place in (TOP, *AXES, END)},
        version=__version__,
        record=safe_json(comparison.to_dict()),
        data={key: safe_json(of(comparison)) for one in sections().values() for key, of in one.data.items()},
        style=Markup(template("comparison", "page.css")),  # noqa: S704  (our own file)
        script=Markup(script),  # noqa: S704  (our own file)
        script_hash=script_hash(script),
    )


def _parts(environment: Environment, comparison: Comparison, place: str) -> Iterator[Markup]:
    """Yield the sections that stand at one place and have something to show."""
    for name, section in sections().items():
        values = section.values(comparison, place) if place in section.places else None
        if values is not None:
            page = environment.get_template(f"sections/{name}.html")
            text = page.render(comparison=comparison, place=place, section=section, **values)
            yield Markup(text)  # noqa: S704  (the template has escaped what is not ours)


def _together(text: str) -> str:
    """Keep a number and its per cent sign, and the two ends of an arrow, on one line."""
    return text.replace(" %", "\u00a0%").replace(" -> ", "\u00a0→\u00a0").replace("A->B", "A→B").replace("B->A", "B→A")
