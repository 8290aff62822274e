"""A section of the page is one file, one template and one line: the page, its data and its figure follow."""

from __future__ import annotations

import json
import pkgutil
import re
import sys
from importlib.resources import files
from pathlib import Path
from types import ModuleType

import pytest
from factory import comparison, same_task
from jinja2 import UndefinedError

import conjugacy.report.html as html
from conjugacy.comparison import Comparison
from conjugacy.errors import InputError
from conjugacy.report.comparison import page_order
from conjugacy.report.comparison import sections as room
from conjugacy.report.comparison.render import render_page
from conjugacy.report.comparison.section import END, TOP, FileFigure, Section
from conjugacy.results.axis import AXES

TEMPLATE = """{% from "macros.html" import heading, listed %}
{{ heading(section) }}
<p class="made-up">{{ place }}: {{ words }}</p>
{{ listed([words]) }}
"""


@pytest.fixture
def add(monkeypatch):
    """Add a section as a file, a template and a line would."""

    def add_section(section: Section, template: str = TEMPLATE, before: str = "few_units") -> None:
        module = ModuleType(f"{room.__name__}.made_up")
        module.SECTION = section
        monkeypatch.setitem(sys.modules, module.__name__, module)
        place = page_order.ORDER.index(before)
        monkeypatch.setattr(page_order, "ORDER", (*page_order.ORDER[:place], "made_up", *page_order.ORDER[place:]))
        ours = html.template
        texts = {"sections/made_up.html": template}
        monkeypatch.setattr(html, "template", lambda room, name: texts.get(name) or ours(room, name))

    return add_section


def values(made, place):
    return {"words": f"{made.networks[0]} <&> 5 % A->B"} if made.verdict.function.rungs else None


@pytest.mark.parametrize("places", [(TOP,), ("function",), ("representation", "dynamics"), (TOP, END)])
def test_a_new_section_stands_where_it_says(add, places):
    before = render_page(same_task())
    add(Section(places, values, title="Made up <here>", id=None))
    text = render_page(same_task())
    found = re.findall(r'<h3>Made up &lt;here&gt;</h3>\s*<p class="made-up">(\w+): ([^<]*)</p>', text)
    assert [place for place, _ in found] == list(places)
    assert {words for _, words in found} == {"digits-64 &lt;&amp;&gt; 5 % A-&gt;B"}
    assert "<li>digits-64 &lt;&amp;&gt; 5\u00a0% A→B</li>" in text
    # nothing else changes, but that an axis with nothing else gets a section
    part = re.compile(r'<h3>Made up &lt;here&gt;</h3>\s*<p class="made-up">.*?</ul>', re.DOTALL)
    rest = re.sub(r'<section id="axis-\w+">\s*<h2>[^<]*</h2>\s*</section>', "", part.sub("", text))
    assert " ".join(rest.split()) == " ".join(before.split())


def test_it_stands_in_the_order_of_all_sections(add):
    add(Section(AXES, values, title="Made up"), before="evidence")
    text = render_page(same_task())
    function = text[text.index('id="axis-function"') : text.index('id="axis-representation"')]
    order = [function.index(words) for words in ("The ladder.", "Where the map errs", "Made up", "<h3>Evidence")]
    assert order == sorted(order)


def test_nothing_to_show_leaves_nothing(add):
    before = render_page(comparison())
    add(Section((TOP, *AXES, END), values, title="Made up"))
    assert render_page(comparison()) == before


def test_a_name_that_was_not_given_is_refused(add):
    add(Section((TOP,), values), "{{ forgotten }}")
    with pytest.raises(UndefinedError, match="forgotten"):
        render_page(same_task())


def test_its_data_and_its_figure_are_found(add, tmp_path):
    def draw(figure, made, axis):
        if not made.verdict.function.rungs:
            raise InputError("figure: there is nothing made up")
        figure.text(0.1, 0.1, axis)

    data = {"made-up-data": lambda made: {"names": ["</script>", *made.networks]}}
    add(Section((END,), values, figure=FileFigure("made_up", (100, 50), draw), data=data))
    text = render_page(same_task())
    (found,) = re.findall(r'<script type="application/json" id="made-up-data">(.*?)</script>', text)
    assert json.loads(found) == {"names": ["</script>", "digits-64", "digits-96"]}
    assert same_task().figure("made_up", tmp_path / "a.svg").stat().st_size > 100
    with pytest.raises(InputError, match="nothing made up"):
        comparison().figure("made_up", tmp_path / "b.svg")
    with pytest.raises(InputError, match="'made_up'"):
        same_task().figure("made", tmp_path / "b.svg")


def test_every_section_is_listed_and_has_its_template():
    templates = files("conjugacy.report.comparison").joinpath("templates", "sections")
    named = sorted(Path(found.name).stem for found in templates.iterdir())
    assert named == sorted(page_order.ORDER)
    assert sorted(module.name for module in pkgutil.iter_modules(room.__path__)) == named
    for section in page_order.sections().values():
        assert set(section.places) <= {TOP, *AXES, END}


def test_every_figure_is_named_where_it_is_asked_for():
    said = Comparison.figure.__doc__ or ""
    assert all(f'"{name}"' in said for name in page_order.file_figures())
