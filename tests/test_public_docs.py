"""Every public name says in one sentence what it is, what it takes, gives and raises, and shows an example that runs."""

from __future__ import annotations

import importlib
import inspect
import re
from collections.abc import Iterator
from functools import cached_property
from typing import Any

import pytest

import conjugacy as cj
from conjugacy.measure import get_measure, measure_names

DOORS = ("embeddings", "dynamics", "numerics.alignment", "comparison.gate")
OPENED = (cj.Study, cj.Comparison, cj.Recording, cj.Transformation, cj.Trajectories, cj.Activations)


def functions_of(kind: type) -> Iterator[tuple[str, Any]]:
    for name, found in inspect.getmembers_static(kind):
        plain = found.__func__ if isinstance(found, classmethod | staticmethod) else found
        if not name.startswith("_") and (inspect.isfunction(plain) or isinstance(plain, property | cached_property)):
            yield f"{kind.__name__}.{name}", plain


def public() -> dict[str, Any]:
    """Return what a user may call or read, by name: functions, classes, measures, methods and properties."""
    found = {name: getattr(cj, name) for name in cj.__all__}
    for door in DOORS:
        module = importlib.import_module(f"conjugacy.{door}")
        found |= {f"{door}.{name}": getattr(module, name) for name in module.__all__}
    found |= {f"measures.{name}": type(get_measure(name)) for name in measure_names()}
    found |= {name: one for kind in OPENED for name, one in functions_of(kind)}
    return {name: one for name, one in found.items() if callable(one) or isinstance(one, property | cached_property)}


PUBLIC = public()


def signature_of(one: Any) -> inspect.Signature | None:
    return inspect.signature(one) if inspect.isfunction(one) else None


def is_abstract(one: Any) -> bool:
    """Whether subclasses write it: there is nothing of its own to run."""
    return getattr(one, "__isabstractmethod__", False)


def section(text: str, title: str) -> str:
    match = re.search(rf"^{title}\n-+\n(.*?)(?=^\w+\n-+\n|\Z)", text, re.MULTILINE | re.DOTALL)
    return match[1] if match else ""


def missing(one: Any) -> list[str]:
    """Return what a docstring lacks."""
    text, how = inspect.getdoc(one) or "", signature_of(one)
    lacks = [] if re.match(r"[^\n]+\.(\n\n|\Z)", text) else ["one sentence"]
    if not is_abstract(one) and ">>>" not in section(text, "Examples"):
        lacks.append("example")
    if how is not None:
        told = set(
            re.findall(r"[\w*]+", " ".join(re.findall(r"^\S[^:\n]*", section(text, "Parameters"), re.MULTILINE)))
        )
        lacks += [f"parameter {name}" for name in how.parameters if name not in {"self", "cls", *told}]
        if how.return_annotation not in (None, "None") and not section(text, "Returns"):
            lacks.append("returns")
    return lacks


@pytest.mark.parametrize("name", PUBLIC)
def test_a_public_name_is_documented(name: str) -> None:
    assert missing(PUBLIC[name]) == []


def test_what_is_missing_would_be_found() -> None:
    def bare(x: int, *, y: int = 0) -> int:
        """Return a number

        that nobody explains.
        """
        return x + y

    assert missing(bare) == ["one sentence", "example", "parameter x", "parameter y", "returns"]
