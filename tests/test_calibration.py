"""A fixed part of the calibration is judged again: the code that stands here is the code that the committed table speaks of."""

from __future__ import annotations

import csv
import importlib
from pathlib import Path

import numpy as np
import pytest

from conjugacy.transformations import Layer, judge
from conjugacy.verdict.relation import ladder_answer

FOLDER = Path(__file__).parents[1] / "benchmarks" / "calibration"
ROWS, SEED = 300, 0


def recorded() -> list[dict[str, str]]:
    with (FOLDER / "pairs.csv").open(newline="") as file:
        lines = list(csv.DictReader(file))
    return [r for r in lines if (int(r["m"]), int(r["seed"])) == (ROWS, SEED) and int(r["d"]) < 8]


@pytest.mark.slow
@pytest.mark.parametrize("line", recorded(), ids=lambda r: f"{r['kind']}, d = {r['d']}")
def test_the_table_is_of_this_code(line: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(FOLDER))
    worlds = importlib.import_module("worlds")
    world = worlds.make(line["kind"], int(line["d"]), SEED)
    a, b = world.draw(ROWS, SEED)
    ladder = judge(Layer(a), Layer(b), np.arange(ROWS), tolerance=0.05)
    assert ladder_answer(ladder) == line["answer"]
    assert (ladder.rung or "") == line["rung"]
    for direction, name in ((ladder.a_to_b, "ab"), (ladder.b_to_a, "ba")):
        estimate = ladder.standard.estimate(direction, "smooth")
        found = [estimate.unexplained, estimate.low, estimate.high]
        np.testing.assert_allclose(found, [float(line[f"{k}_{name}"]) for k in ("u", "low", "high")], rtol=0.02)


def test_the_table_is_whole() -> None:
    with (FOLDER / "pairs.csv").open(newline="") as file:
        lines = list(csv.DictReader(file))
    keys = {(r["kind"], r["d"], r["m"], r["seed"]) for r in lines}
    assert len(keys) == len(lines) == 20 * 3 * 20 + 20 * 2 * 10 + 5 * 5
