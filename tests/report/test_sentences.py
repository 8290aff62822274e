"""No statement that a terminal shows has more than thirty words: records of every kind, and comparisons of every answer."""

import re

import numpy as np
import pytest
from factory import everything
from study_factory import hostile, nothing, rectangular, sorted_study

import conjugacy as cj
from conjugacy.report import terminal_study, verdict_table
from conjugacy.report.statements import words_in

MOST = 30
RNG = np.random.default_rng(0)
Z = RNG.normal(size=(120, 3))
H = np.tanh(Z @ RNG.normal(size=(3, 5)))
CLASSES = np.repeat(np.arange(3), 40)
LOGITS = 4 * np.eye(3)[CLASSES] + RNG.normal(size=(120, 3))
TURNED, OTHER = np.roll(LOGITS, 1, axis=1), RNG.normal(size=(120, 5))
MOVING = [np.cumsum(RNG.normal(size=(30, 3)), axis=0) for _ in range(8)]

PAIRS = {
    "the same": (H, H),
    "mixed": (H, H @ RNG.normal(size=(5, 5))),
    "bent": (H, np.tanh(2 * H @ RNG.normal(size=(5, 5)))),
    "one way": (H, H[:, :1]),
    "half": (H, np.column_stack([H[:, :2], OTHER[:, :2]])),
    "nothing": (H, OTHER),
    "noisy": (H, H + 0.15 * OTHER),
    "few rows": (H[:12], H[:12] @ RNG.normal(size=(5, 5))),
    "a walk": (np.cumsum(H, axis=0), np.cumsum(OTHER, axis=0)),
    "repeats": (np.repeat(H[:20], 6, axis=0), np.repeat(H[:20], 6, axis=0) ** 2),
    "one wild row": (H, np.where(np.arange(120)[:, None] == 7, 1e3, H)),
    "widths": ({"h": H, "outputs": LOGITS}, {"k": OTHER, "fc": TURNED, "outputs": TURNED}),
    "classes turned": ({"h": H, "outputs": LOGITS}, {"h": H, "outputs": TURNED}),
    "one class lost": ({"h": H, "outputs": LOGITS}, {"h": H, "outputs": LOGITS - 9 * np.eye(3)[0]}),
    "trials": (cj.Trajectories(MOVING), cj.Trajectories([x @ RNG.normal(size=(3, 3)) for x in MOVING])),
}


WIDE, INSIDE = 100_000, 30  # columns: so that nothing is wrapped, and before the sentences of the table


def too_long(text):
    """Return the lines of a printed result that have too many words; each holds one statement, behind its title and answer."""
    lines = [line[INSIDE:] if re.match(r"\S.{15} ", line) and "  " in line else line for line in text.splitlines()]
    return [line for line in lines if words_in(line) > MOST]


def printed(name):
    a, b = PAIRS[name]
    return verdict_table(cj.compare(a, b, controls="none", measures=["cka"]), WIDE)


@pytest.mark.parametrize("name", sorted(everything()))
def test_what_is_printed_of_a_comparison_is_short(name):
    assert too_long(verdict_table(everything()[name], WIDE)) == []


@pytest.mark.parametrize("made", [sorted_study(24, 5), hostile(), (rectangular(), None), (nothing(), None)])
def test_what_is_printed_of_a_study_is_short(made):
    assert too_long(terminal_study(*made, width=WIDE)) == []


@pytest.mark.slow
@pytest.mark.parametrize("name", PAIRS)
def test_what_is_printed_of_a_pair_is_short(name):
    assert too_long(printed(name)) == []


@pytest.mark.parametrize("name", ["one way", "few rows", "classes turned"])
def test_what_is_printed_of_some_pairs_is_short(name):
    assert too_long(printed(name)) == []


def test_a_long_statement_is_found():
    long = " ".join(["word"] * 31)
    assert too_long(f"A = a, B = b\n{'same task':<17}{'yes':<13}{long}") == [long]
    assert too_long(f"notes:\n  - {long}") == [f"  - {long}"]
    assert too_long(f"notes:\n  - {long[:60]}\n    {long[60:]}") == []
