"""The ladder as a measure ranks by what holds: both ways above one way above neither."""

from __future__ import annotations

import numpy as np
import pytest
from constructed import EQUIVALENT, NEITHER, ONE_WAY, pair

import conjugacy as cj
from conjugacy.errors import InputError, StimuliError


@pytest.mark.parametrize("seed", [0, pytest.param(1, marks=pytest.mark.slow)])
def test_bands_do_not_overlap(seed: int) -> None:
    ladder = cj.get_measure("ladder")
    scores = {kind: ladder(*pair(kind, seed, m=200)) for kind in (*EQUIVALENT, *ONE_WAY, *NEITHER)}
    both = [s.similarity() for s in scores.values() if (s.details["a_to_b"], s.details["b_to_a"]) == ("holds", "holds")]
    one = [scores[kind].similarity() for kind in ONE_WAY]
    neither = [scores[kind].similarity() for kind in NEITHER]
    assert len(both) >= 4
    assert min(both) > max(one) >= min(one) > max(neither)
    assert scores["half_shared"].similarity() > scores["independent"].similarity()


def test_ids_on_one_side_only_are_refused(rng: np.random.Generator) -> None:
    x = rng.standard_normal((60, 3))
    with pytest.raises(StimuliError, match="only one"):
        cj.get_measure("ladder")(cj.Activations(x, stimuli=range(60)), x)


def test_a_dead_layer_is_refused(rng: np.random.Generator) -> None:
    with pytest.raises(InputError, match="no unit varies"):
        cj.get_measure("ladder")(np.ones((60, 3)), rng.standard_normal((60, 3)))
