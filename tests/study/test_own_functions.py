"""A study takes measures of the caller's own: functions and instances, as `compare` does."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest

import conjugacy as cj
from conjugacy.errors import InputError
from conjugacy.measure import Traits
from conjugacy.results import Score


@pytest.fixture
def networks(rng: np.random.Generator) -> dict[str, np.ndarray]:
    z = rng.normal(size=(60, 3))
    return {f"net{i}": np.tanh(z @ rng.normal(size=(3, 6))) for i in range(3)}


def gap(x: np.ndarray, y: np.ndarray) -> float:
    return abs(float(x.mean() - y.mean()))


@dataclass(frozen=True)
class Spread(cj.Measure):
    """Difference of the spreads, times a factor."""

    factor: float = 1.0
    traits: ClassVar[Traits] = Traits(
        symmetric=True,
        metric=True,
        larger_is_more_similar=False,
        identity_value=0.0,
        invariances=frozenset({"translation"}),
    )

    def prepare(self, data: Any) -> float:
        return float(np.std(getattr(data, "values", data)))

    def compare(self, a: float, b: float) -> Score:
        value = self.factor * abs(a - b)
        return Score(self.id, value, value, 1 / (1 + value))


def test_a_function_and_an_instance_are_asked_of_every_pair(networks: dict[str, np.ndarray], tmp_path: Path) -> None:
    study = cj.pairwise(networks, measures=[gap, Spread(factor=2.0)], rows="independent")
    values = study.table("value", "gap")
    assert values[0, 1] == pytest.approx(gap(networks["net0"], networks["net1"]))
    spread = next(name for name in study.measures if name != "gap")
    assert study.table("value", spread)[0, 2] == pytest.approx(2 * abs(networks["net0"].std() - networks["net2"].std()))
    assert "gap: 3 computed" in str(study)
    assert dict(study.classes(measure="gap")).keys() == networks.keys()
    assert study.report(tmp_path / "page.html").exists()
    assert {*study.summary()["measure"]} == {"gap", spread}


def test_one_that_no_other_process_knows_is_refused_where_one_would_need_it(
    networks: dict[str, np.ndarray], tmp_path: Path
) -> None:
    for more in ({"store": tmp_path / "store"}, {"executor": "joblib"}):
        with pytest.raises(InputError, match=r"'gap' has no id .*leave out store= and executor="):
            cj.pairwise(networks, measures=gap, **more)


def test_a_name_that_a_measure_has_is_refused(networks: dict[str, np.ndarray]) -> None:
    def cka(x: np.ndarray, y: np.ndarray) -> float:
        return 1.0

    with pytest.raises(InputError, match="'cka' is the id of another measure"):
        cj.pairwise(networks, measures=cka)
    assert cj.pairwise(networks, measures="cka").table("value", "cka")[0, 1] < 1


def test_a_function_that_is_written_again_takes_the_place_of_the_first(networks: dict[str, np.ndarray]) -> None:
    def twice(x: np.ndarray, y: np.ndarray) -> float:
        return 2.0

    assert cj.pairwise(networks, measures=twice).table("value", "twice")[0, 1] == 2

    def again(x: np.ndarray, y: np.ndarray) -> float:
        return 3.0

    again.__name__ = "twice"
    assert cj.pairwise(networks, measures=again).table("value", "twice")[0, 1] == 3


def test_a_figure_of_several_measures_shows_the_first_and_says_so(networks: dict[str, np.ndarray]) -> None:
    import matplotlib.pyplot as plt

    axes = cj.pairwise(networks, measures=["cka", "procrustes"]).figure("matrix")
    assert axes.get_title().startswith("cka,")
    plt.close("all")
