"""What a person sees of a comparison or a study: the terminal table, the page, the notebook display and the record's schema."""

from __future__ import annotations

from conjugacy.report.notebook import notebook_html
from conjugacy.report.page import write_page
from conjugacy.report.record import json_schema
from conjugacy.report.study_notebook import study_html
from conjugacy.report.study_page import write_study_page
from conjugacy.report.study_text import terminal_study
from conjugacy.report.table import verdict_table

__all__ = [
    "json_schema",
    "notebook_html",
    "study_html",
    "terminal_study",
    "verdict_table",
    "write_page",
    "write_study_page",
]
