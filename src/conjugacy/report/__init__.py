"""What a person sees of a comparison or a study: the terminal table, the page, the notebook display and the record's schema."""

from __future__ import annotations

from conjugacy.report.comparison.notebook import notebook_html
from conjugacy.report.comparison.page import write_page
from conjugacy.report.comparison.table import verdict_table
from conjugacy.report.record import json_schema
from conjugacy.report.shown import comparison_words, study_words
from conjugacy.report.study.notebook import study_html
from conjugacy.report.study.page import write_study_page
from conjugacy.report.study.text import terminal_study

__all__ = [
    "comparison_words",
    "json_schema",
    "notebook_html",
    "study_html",
    "study_words",
    "terminal_study",
    "verdict_table",
    "write_page",
    "write_study_page",
]
