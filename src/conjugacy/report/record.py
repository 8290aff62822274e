"""The JSON Schema of the record that `Comparison.to_dict` returns."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

from conjugacy.results import SCHEMA
from conjugacy.transformations import RUNGS


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of the JSON record.

    Examples
    --------
    >>> json_schema()["properties"]["schema"]
    {'const': 1}
    """
    text = files("conjugacy.report").joinpath("schema", f"comparison-{SCHEMA}.json").read_text(encoding="utf-8")
    schema: dict[str, Any] = json.loads(text)
    schema["$defs"]["rung"] = {"enum": list(RUNGS)}
    return schema
