"""The registry: ids with options, other packages' measures, and errors that help."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import EntryPoint
from typing import Any, ClassVar

import numpy as np
import pytest

import conjugacy as cj
from conjugacy.errors import InputError, UnknownNameError
from conjugacy.measure import registry
from conjugacy.measures.cka import CKA


@dataclass(frozen=True)
class Correlation(cj.Measure):
    """A measure of another package."""

    power: float = 1.0
    count: int = 3
    traits: ClassVar[cj.Traits] = cj.Traits(True, False, True, 1.0, frozenset())

    def prepare(self, data: Any) -> Any:
        return np.asarray(data).ravel()

    def compare(self, a: Any, b: Any) -> cj.Score:
        value = float(np.corrcoef(a, b)[0, 1] ** self.power)
        return cj.Score(self.id, value, 1 - value, max(value, 0.0))


def test_own_measures_are_the_files() -> None:
    assert {"cka", "ladder", "linear_predictivity", "procrustes"} <= set(cj.measure_names())
    assert list(cj.measure_names()) == sorted(set(cj.measure_names()))


def test_options_in_the_id_and_as_keywords() -> None:
    assert cj.get_measure("cka:debiased=false") == cj.get_measure("cka", debiased=False) == CKA(debiased=False)
    assert cj.get_measure("cka:debiased=false").id == "cka:debiased=false"
    assert cj.get_measure("linear_predictivity:folds=5,seed=2").id == "linear_predictivity:folds=5,seed=2"
    assert cj.get_measure("cka:") == CKA()


@pytest.mark.parametrize(
    ("name", "kind", "words"),
    [
        ("ckaa", UnknownNameError, "did you mean 'cka'"),
        ("cka:debias=true", UnknownNameError, "did you mean 'debiased'"),
        ("cka:debiased", InputError, "key=value"),
        ("cka:debiased=perhaps", InputError, "true or false"),
        ("linear_predictivity:folds=many", InputError, "expected int"),
        ("linear_predictivity:folds=1", InputError, "at least 2"),
        ("ladder:tolerance=2", InputError, "between 0 and 1"),
        ("../errors", UnknownNameError, "no measure"),
    ],
)
def test_wrong_ids(name: str, kind: type[Exception], words: str) -> None:
    with pytest.raises(kind, match=words):
        cj.get_measure(name)


def test_a_measure_of_another_package(monkeypatch: pytest.MonkeyPatch) -> None:
    name = __name__.rpartition(".")[2]  # its file's name, which is the id
    entry = EntryPoint(name, f"{__name__}:Correlation", "conjugacy.measures")
    monkeypatch.setattr(EntryPoint, "load", lambda self: Correlation)
    monkeypatch.setattr(registry, "entry_points", lambda group: [entry] if group == "conjugacy.measures" else [])
    assert name in cj.measure_names()
    configured = cj.get_measure(f"{name}:power=2,count=4")
    assert configured == Correlation(power=2.0, count=4)
    assert configured.id == f"{name}:power=2.0,count=4"
    x = np.random.default_rng(0).standard_normal((20, 2))
    assert configured(x, -x).value == pytest.approx(1.0)
