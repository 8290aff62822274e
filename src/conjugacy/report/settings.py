"""Settings as rows of a table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from conjugacy.results import plain


def flat_settings(settings: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return nested settings as name, value rows.

    Examples
    --------
    >>> flat_settings({"seed": 0, "versions": {"numpy": "2"}})
    [('seed', '0'), ('versions: numpy', '2')]
    """
    return _flat("", plain(settings))


def _flat(prefix: str, settings: Mapping[str, Any]) -> list[tuple[str, str]]:
    rows: list[tuple[str, str]] = []
    for key, value in settings.items():
        name = f"{prefix}{key.replace('_', ' ')}"
        if isinstance(value, Mapping):
            rows += _flat(f"{name}: ", value)
        else:
            rows.append((name, _text(value)))
    return rows


def _text(value: Any) -> str:
    if value is None:
        return "not given"
    if isinstance(value, list):
        return ", ".join(str(v) for v in value) or "none"
    return str(value)
