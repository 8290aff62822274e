"""How it was done: a paragraph for a paper, settings, seed and versions, and what to cite."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from conjugacy import __version__
from conjugacy.measure import measure_names
from conjugacy.report.cite import as_bibtex, citations
from conjugacy.report.settings import flat_settings
from conjugacy.report.study.methods import methods_words
from conjugacy.report.study.section import StudySection, StudyShown


def _values(shown: StudyShown) -> Mapping[str, Any]:
    study, known = shown.study, measure_names()
    settings = {name: value for name, value in study.settings.items() if name not in ("paths", "taken", "stamps")}
    used = [name for name in study.measures if name.partition(":")[0] in known]
    return {
        "methods": methods_words(study, shown.classes),
        "settings": flat_settings(settings),
        "citations": citations(used),
        "bibtex": as_bibtex(used),
        "version": __version__,
    }


SECTION = StudySection(_values, title="How it was done", id="methods")
