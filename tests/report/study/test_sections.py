"""A section of a study's page is one file, one template and one line."""

from __future__ import annotations

import pkgutil
import re
import sys
from importlib.resources import files
from pathlib import Path
from types import ModuleType

from study_factory import rectangular, sorted_study

import conjugacy.report.html as html
from conjugacy.report.study import page_order
from conjugacy.report.study import sections as room
from conjugacy.report.study.page import render_study
from conjugacy.report.study.section import StudySection

TEMPLATE = '{% from "macros.html" import folded %}<h2>{{ section.title }}</h2><p>{{ folded(words) }}</p>'


def test_a_new_section_stands_where_its_line_does(monkeypatch):
    module = ModuleType(f"{room.__name__}.made_up")
    module.SECTION = StudySection(
        lambda shown: None if shown.classes is None else {"words": [f"{len(shown.classes.groups)} <&>"]}, "Made up"
    )
    made, classes = sorted_study(3, 2)
    before, without = render_study(made, classes), render_study(rectangular(), None)
    ours = html.template
    monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.setattr(page_order, "ORDER", ("made_up", *page_order.ORDER))
    monkeypatch.setattr(html, "template", lambda at, name: TEMPLATE if "made_up" in name else ours(at, name))
    text = render_study(made, classes)
    found = re.search(r"<h2>Made up</h2><p>\s*2 &lt;&amp;&gt;\s*</p>", text)
    assert found is not None
    assert found.start() < text.index('class="cards"')
    assert " ".join(text.replace(found[0], "").split()) == " ".join(before.split())
    assert render_study(rectangular(), None) == without


def test_every_section_is_listed_and_has_its_template():
    templates = files("conjugacy.report.study").joinpath("templates", "sections")
    named = sorted(Path(found.name).stem for found in templates.iterdir())
    assert named == sorted(page_order.ORDER)
    assert sorted(module.name for module in pkgutil.iter_modules(room.__path__)) == named
    assert [*page_order.study_sections()] == [*page_order.ORDER]
