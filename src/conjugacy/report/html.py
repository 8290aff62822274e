"""What both pages are made with: templates, JSON inside a page, and the policy that lets only our own script run."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import Any

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup


def html_environment(room: str, filters: Mapping[str, Any]) -> Environment:
    """Return an environment with the templates of one room that escapes all text and refuses names that are not given."""
    environment = Environment(
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        loader=FunctionLoader(lambda name: template(room, name)),
    )
    environment.filters.update(filters)
    return environment


def safe_json(value: Any) -> Markup:
    r"""Return JSON that can stand inside a script element: it holds no `<`, `>` or `&`, so no end tag.

    Examples
    --------
    >>> str(safe_json(["</script>"]))
    '["\\u003c/script\\u003e"]'
    """
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return Markup(text)  # noqa: S704  (what HTML would obey was replaced above)


def template(room: str, name: str) -> str:
    """Return the text of one of our own templates, style sheets or scripts."""
    return files(f"conjugacy.report.{room}").joinpath("templates", name).read_text(encoding="utf-8")


def script_hash(script: str) -> str:
    """Return the hash by which a page's policy knows its own script."""
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()


def page_script(room: str, names: Sequence[str]) -> str:
    """Return the script of a page: its own files between those that draw for files and those that save them."""
    parts = [template("comparison", name) for name in ("svg.js", "sheet.js")]
    parts += [template(room, name) for name in names]
    parts.append(template("comparison", "downloads.js"))
    return "\n".join(['"use strict";', "(() => {", *parts, "})();\n"])
