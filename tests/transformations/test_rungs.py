"""A rung is one file: whoever puts one into the folder has told the ladder, the words, the figure and the schema of it."""

from __future__ import annotations

import ast
import json
import os
import shutil
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import conjugacy as cj
from conjugacy.errors import UnknownNameError
from conjugacy.measure import INVARIANCES
from conjugacy.transformations import LADDER, RUNGS, Layer, judge, rung_named
from conjugacy.transformations.rungs import containments
from conjugacy.transformations.way import Way

SOURCE = Path(cj.__file__).parent
DIAGONAL = '''
"""Diagonal: every unit is the other network's unit of that number, up to a gain and a shift."""

import numpy as np

from conjugacy.numerics.held_out import without_each_fold
from conjugacy.transformations.rung import Rung
from conjugacy.transformations.rungs.permutation import Permutation


class DiagonalRung(Rung):
    name = "diagonal"
    place = 15
    words = "a diagonal scaling"
    invariances = frozenset({"isotropic_scaling", "translation", "unit_scaling"})
    contains = ("identity",)
    inside = ("permutation",)
    side = -1

    def advice(self, source, target):
        same = np.array_equal(source.live, target.live)
        return None if same else "a diagonal scaling needs the same units to vary"

    def residuals(self, way):
        x, y = way.source.z, way.target.z
        out = np.empty_like(y)
        for rest in without_each_fold(x, y, way.folds):
            gain = np.sign(np.diag(rest.product)) * np.sqrt(rest.squares_y / rest.squares_x)
            out[rest.test] = y[rest.test] - rest.mean_y - gain * (x[rest.test] - rest.mean_x)
        return out

    def numbers_fitted(self, way):
        return 2.0

    def fit(self, there, back):
        source, target = there.source, there.target
        return Permutation(np.arange(source.n), target.std / source.std, source.mean, target.mean)
'''
SCRIPT = """
import json
from pathlib import Path

import numpy as np

import conjugacy as cj
from conjugacy.report import json_schema
from conjugacy.transformations import RUNGS
from conjugacy.transformations.rungs import containments

rng = np.random.default_rng(0)
x = rng.normal(size=(100, 3))
y = x * [2.0, 0.5, 3.0] + 1.0
found = cj.compare(x, y, measures=())
wide = cj.compare(x, x @ rng.normal(size=(3, 5)), measures=())
representation = found.verdict.representation
figure = found.figure("ladder", "ladder.svg").read_text("utf-8")
page = found.report("page.html").read_text("utf-8")
map_ = found.transformation("diagonal")
score = cj.get_measure("verdict:rung=diagonal")(x, y)
print(json.dumps({
    "rungs": RUNGS,
    "containments": containments(),
    "rung": representation.rung,
    "results": [(r.rung, r.status) for r in representation.rungs],
    "reasons": representation.reasons,
    "text": " ".join(str(found).split()),
    "figure": figure,
    "page": page,
    "enum": json_schema()["$defs"]["rung"]["enum"],
    "record": found.to_dict(),
    "schema": json_schema(),
    "error": float(abs(map_(x) - y).max() + abs(map_.inverse(y) - x).max()),
    "advice": wide.verdict.representation.rung_result("diagonal").advice,
    "score": [score.measure, score.details["rung"]],
    "permuted": cj.compare(x, y[:, ::-1], measures=()).verdict.representation.rung,
}))
"""


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What a copy of the package says that has one more file and is otherwise the same."""
    folder = tmp_path_factory.mktemp("package")
    shutil.copytree(
        SOURCE, folder / "conjugacy", copy_function=os.symlink, ignore=shutil.ignore_patterns("__pycache__")
    )
    (folder / "conjugacy" / "transformations" / "rungs" / "diagonal.py").write_text(DIAGONAL, "utf-8")
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_the_ladder_has_it_at_its_place(told: dict[str, Any]) -> None:
    assert told["rungs"] == ["identity", "diagonal", "permutation", "rotation", "affine", "smooth"]
    assert told["rung"] == "diagonal"
    assert [name for name, _ in told["results"]] == told["rungs"]
    assert dict(told["results"])["identity"] == "fails"
    assert told["error"] < 1e-9
    assert told["permuted"] == "permutation"
    assert told["advice"] == "a diagonal scaling needs the same units to vary"


def test_the_words_of_decision_and_report_have_it(told: dict[str, Any]) -> None:
    assert told["reasons"][0].startswith("a diagonal scaling carries one onto the other, both ways")
    assert "diagonal scaling, " in told["text"]
    assert "the identity, a diagonal scaling, a permutation of units" in told["page"]


def test_the_figure_has_it_on_its_branch(told: dict[str, Any]) -> None:
    assert "<!-- diagonal -->" in told["figure"]
    assert "diagonal-a_to_b" in told["figure"]
    assert told["containments"] == [
        ["identity", "diagonal"], ["diagonal", "permutation"], ["identity", "rotation"], ["permutation", "affine"],
        ["rotation", "affine"], ["affine", "smooth"],
    ]  # fmt: skip


def test_the_schema_has_it(told: dict[str, Any]) -> None:
    jsonschema = pytest.importorskip("jsonschema")
    assert told["enum"] == told["rungs"]
    jsonschema.validate(told["record"], told["schema"])


def test_the_measure_takes_it(told: dict[str, Any]) -> None:
    assert told["score"] == ["verdict:rung=diagonal", "diagonal"]


def test_rungs_are_named_by_their_own_files_alone() -> None:
    only_rungs = {"rotation", "affine", "smooth"}  # the other two are also words of measures
    assert only_rungs < set(RUNGS)
    named = {
        str(file.relative_to(SOURCE))
        for file in SOURCE.rglob("*.py")
        if file.parent.name != "rungs"
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.Constant) and node.value in only_rungs
    }
    assert named == set()


def test_every_rung_is_whole() -> None:
    assert all(low.place < high.place for low, high in pairwise(LADDER))
    for rung in LADDER:
        assert rung_named(rung.name) is rung
        assert rung.short in rung.words
        assert rung.invariances <= set(INVARIANCES)
        assert {rung.takes} <= {None, *rung.contains}
        assert {*rung.contains, *rung.inside} <= set(RUNGS)
    with pytest.raises(UnknownNameError, match="did you mean 'smooth'"):
        rung_named("smoth")


def test_wider_rungs_stand_later() -> None:
    assert all(RUNGS.index(low) < RUNGS.index(high) for low, high in containments())


def test_what_is_graded_and_the_last_rung_apply_between_all_widths(rng: np.random.Generator) -> None:
    a, b = Layer(rng.normal(size=(40, 2))), Layer(rng.normal(size=(40, 5)))
    for rung in LADDER:
        assert not (rung.graded or rung is LADDER[-1]) or rung.advice(a, b) is None


def test_both_ways_at_once_are_those_one_by_one(rng: np.random.Generator) -> None:
    x, rows = rng.normal(size=(60, 3)), np.arange(60)
    a, b = Layer(x), Layer(x @ rng.normal(size=(3, 3)))
    for rung in LADDER:
        there, back = rung.residuals_both_ways(Way(a, b, rows, 0))
        np.testing.assert_array_equal(there, rung.residuals(Way(a, b, rows, 0)))
        if back is not None:
            np.testing.assert_allclose(back, rung.residuals(Way(b, a, rows, 0)), atol=1e-9)


def test_a_rung_takes_the_map_of_a_narrower_one_only_where_that_is_no_worse(rng: np.random.Generator) -> None:
    x = rng.normal(size=(100, 2))
    for target, taken in ((x @ rng.normal(size=(2, 2)), "affine"), (np.tanh(2 * x) + x**2, "smooth")):
        fits = judge(Layer(x), Layer(target), np.arange(100), tolerance=0.05).a_to_b.fits
        assert fits.map_of("smooth") == taken
        assert fits.errors("smooth") is fits.errors(taken)
        assert fits.map_of("affine") == "affine"
