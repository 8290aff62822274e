"""The answer to disturbed networks: unchanged, or undecided, or said; never another one, and the arrays stay as they were."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from constructed import pair

import conjugacy as cj

sys.path.insert(0, str(Path(__file__).parent))
from disturbances import DISTURBANCES

pytestmark = pytest.mark.usefixtures("short_curves")

TRUTH = {
    "rotated": "equivalent",
    "same_latent": "equivalent",
    "misses_half": "a_determines_b",
    "half_shared": "partly_related",
    "independent": "unrelated",
}
QUICK = ("same_latent", "independent")


@pytest.mark.parametrize("kind", [k if k in QUICK else pytest.param(k, marks=pytest.mark.slow) for k in TRUTH])
@pytest.mark.parametrize("name", DISTURBANCES)
def test_no_other_answer(kind: str, name: str) -> None:
    rng = np.random.default_rng(5)
    a, b, ids = DISTURBANCES[name].change(*pair(kind, 3, m=100 if kind in QUICK else 200), rng)
    for x in (a, b):
        x.flags.writeable = False
    before = [x.tobytes() for x in (a, b)]
    word = DISTURBANCES[name].said
    both = cj.Activations(a, stimuli=ids), cj.Activations(b, stimuli=ids)
    if (
        kind == "independent" and word is None
    ):  # nothing to be read in the sentences: the measure answers as a comparison
        answer, said = cj.get_measure("verdict")(*both).details["answer"], ""
    else:
        result = cj.compare(*both)
        axis = result.verdict.representation
        answer = axis.answer
        said = " ".join((*axis.reasons, *axis.warnings, *result.notes, *(u.reason for u in axis.units_not_judged)))
    assert [x.tobytes() for x in (a, b)] == before
    told = word is not None and word in said
    right = (TRUTH[kind],) if DISTURBANCES[name].same else (TRUTH[kind], "undecided")
    assert answer in right or (told and name.startswith("one row")), f"{answer}: {said}"
    if word is not None and not name.startswith("one row"):
        assert told, said


def test_the_row_that_decides_is_named() -> None:
    a, b = pair("same_latent", 3, m=200)
    b = b.copy()
    b[7] += 30 * b.std()
    ids = [f"image {i}" for i in range(200)]
    axis = cj.compare(cj.Activations(a, stimuli=ids), cj.Activations(b, stimuli=ids)).verdict.representation
    assert "image 7" in " ".join((*axis.decisive_rows, *axis.reasons))


def test_a_missing_control_is_said() -> None:
    a, b = pair("same_latent", 3)
    axis = cj.compare(a, b).verdict.representation
    assert axis.answer == "equivalent"
    assert any("no untrained control" in reason and "not shown" in reason for reason in axis.reasons)
