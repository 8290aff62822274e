"""Our measures against what independent packages said of the same arrays; reference_values.py tells how they were asked."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from types import ModuleType

import pytest

import conjugacy as cj

HERE = Path(__file__).parent
VALUES: dict[str, dict[str, float]] = json.loads((HERE / "reference_values.json").read_text())


@pytest.fixture(scope="module")
def recipe() -> ModuleType:
    spec = importlib.util.spec_from_file_location("reference_values", HERE / "reference_values.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("package", "case"), [(package, case) for package, cases in VALUES.items() for case in cases], ids=lambda v: str(v)
)
def test_another_package_agrees(package: str, case: str, recipe: ModuleType) -> None:
    name, _, data = case.partition("|")
    x, y = recipe.arrays()
    if data == "repeats":
        values, ids = recipe.repeated()
        score = cj.get_measure(name)(*(cj.Activations(v, stimuli=ids) for v in values))
    else:
        score = cj.get_measure(name)(x[:, : int(data)] if data else x, y)
    assert score.value == pytest.approx(VALUES[package][case], abs=1e-6)


def test_most_measures_have_two_independent_references() -> None:
    count: dict[str, int] = {}
    for cases in VALUES.values():
        for name in {case.partition("|")[0] for case in cases}:
            count[name] = count.get(name, 0) + 1
    twice = {"cka", "cka:debiased=false", "cka:debiased=false,kernel=rbf", "cca", "distance_correlation"}
    assert twice <= {name for name, n in count.items() if n >= 2}
