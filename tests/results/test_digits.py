"""Numbers have one style wherever a person reads them: one file writes them, and no sentence formats its own."""

from __future__ import annotations

import ast
from pathlib import Path

import numpy as np
import pytest

from conjugacy.report.drop_in_words import point_bounds, share_bounds
from conjugacy.report.evidence_rows import evidence_row
from conjugacy.report.words import cell
from conjugacy.results import Change, Estimate, Evidence, LayerMap
from conjugacy.results.digits import digits, p_digits, per_cent, signed, tick_words

SOURCE = Path(__file__).parents[2] / "src" / "conjugacy"
OWN = {  # what is no sentence, or has a reason for other digits
    "results/digits.py",  # writes them
    "comparison/gate/numbers.py",  # four digits: a number is shown beside the threshold that it is compared with
    "verdict/drop_in/numbers.py",  # single values as they are stored, so that a small difference shows
    "report/layer_grid.py",  # cells of a map, and what the script of the page reads
    "report/comparison/sections/plane.py",
    "report/figures/ladder.py",  # places on drawings
    "report/figures/plane.py",
    "report/study/data.py",
    "report/study/figures/plane.py",
    "report/study/order.py",
    "report/study/order_graph.py",
    "report/gate/junit.py",  # seconds, as JUnit has them
    "cli/terminal.py",  # the clock
    "data/check.py",  # a stored value that is too large, from below where numbers are written
    "activations/unchanged.py",
    "activations/laboratory/sessions.py",  # times as they were recorded: where steps are uneven, late digits tell
    "activations/laboratory/steps.py",
    "verdict/evidence.py",  # whole rows
    "verdict/decisions/words.py",
}


def formats(path: Path) -> set[str]:
    """Return the formats of floating-point numbers in f-strings; `g` is that of a number that was given."""
    found = [n for n in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(n, ast.FormattedValue)]
    specs = ["".join(str(v.value) for v in n.format_spec.values if isinstance(v, ast.Constant))
             for n in found if isinstance(n.format_spec, ast.JoinedStr)]  # fmt: skip
    return {spec for spec in specs if spec != "g" and spec[-1:] in set("eEfFgG%")}


def test_no_sentence_formats_its_own_numbers() -> None:
    found = {path.relative_to(SOURCE).as_posix(): formats(path) for path in SOURCE.rglob("*.py")}
    assert {name for name, own in found.items() if own} - OWN == set()


def test_no_template_formats_its_own_numbers() -> None:
    texts = {path.name: path.read_text("utf-8") for path in (SOURCE / "report" / "comparison").rglob("*.html")}
    assert {name for name, text in texts.items() if 'g" | format' in text.replace('"%g"', "")} == set()


def test_ends_that_are_nothing_are_0_in_every_table() -> None:
    assert cell(Estimate(0.0013, 8.6e-15, 0.036)) == "0.13 % [0, 3.6]"
    assert share_bounds(Change("churn", 0.0013, 8.6e-15, 0.036, 0.05, "inside", 800)) == "0.13 % [0, 3.6]"
    assert point_bounds(Change("error", -0.02, -0.05, 1e-15, 0.01, "inside", 800)) == "-2 [-5, 0]"
    assert evidence_row(Evidence("kl_divergence", 0.02, 3e-17, 0.1))[2] == "[0, 0.1]"


def test_a_map_of_layers_in_a_notebook_has_the_same_digits() -> None:
    shown = LayerMap(("h<1>", "h2"), ("g1",), ((0.779981,), (None,)), "cka")._repr_html_()
    assert "<td>0.78</td>" in shown
    assert "<td>-</td>" in shown
    assert "h&lt;1&gt;" in shown


@pytest.mark.parametrize("seed", range(20))
def test_a_number_reads_back_within_its_digits(seed: int) -> None:
    value = float(np.exp(np.random.default_rng(seed).uniform(-25, 25)))
    assert float(digits(value)) == pytest.approx(value, rel=0.05)
    assert len([sign for sign in digits(value).split("e")[0].strip("0.") if sign.isdigit()]) <= 6


@pytest.mark.parametrize(
    ("p", "said"), [(0.05, "= .05"), (1 / 1000, "= .001"), (1e-5, "< .0001"), (1.0, "= 1"), (0.0, "< .0001")]
)
def test_p_has_one_style(p: float, said: str) -> None:
    assert p_digits(p) == said


def test_shares_and_rises() -> None:
    assert per_cent(1.0, 0.9, 1.0) == "100 % [90, 100]"
    assert per_cent(0.0, 0.0, 0.0) == "under 0.001 %"
    assert per_cent(0.02, None, 0.03) == "2 %"
    assert signed(0.0) == "0"
    assert signed(-1e-15, 0.02) == "0"


def test_places_on_an_axis_differ_in_words() -> None:
    assert len({tick_words(10.0**-k) for k in range(9)}) == 9
