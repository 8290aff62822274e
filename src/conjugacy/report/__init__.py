"""What a person sees of a comparison: the terminal table, the page, the notebook display and the record's schema."""

from __future__ import annotations

from conjugacy.report.notebook import notebook_html
from conjugacy.report.page import write_page
from conjugacy.report.record import json_schema
from conjugacy.report.table import verdict_table

__all__ = ["json_schema", "notebook_html", "verdict_table", "write_page"]
