"""Constructed populations, all the way from arrays to classes: a fixed part of what benchmarks/study/populations.py measures."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score

import conjugacy as cj

FILE = Path(__file__).parents[3] / "benchmarks" / "study" / "populations.py"


def population(seed, classes, each):
    spec = importlib.util.spec_from_file_location("constructed_populations", FILE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.population(seed, tuple(module.CLASSES[c] for c in classes), each)


def sorted_as(networks, truth):
    study = cj.pairwise({f"n{i:02d}": x for i, x in enumerate(networks)})
    classes = study.classes()
    return adjusted_rand_score(truth, [classes[name] for name in study.networks[0]]), classes


@pytest.mark.slow
def test_classes_are_found_and_none_determines_another():
    ari, classes = sorted_as(*population(99, (0, 1, 2, 5), 5))
    assert ari >= 0.95
    assert not classes.relations
    assert classes.intransitive == 0


@pytest.mark.slow
def test_one_class_is_one_class():
    _, classes = sorted_as(*population(98, (1,), 8))
    assert len(classes.groups) == 1


@pytest.mark.slow
def test_a_class_that_determines_another_is_drawn_above_it():
    rng = np.random.default_rng(97)
    latents = rng.uniform(-1, 1, size=(300, 2))
    whole = {f"whole{i}": np.tanh(latents @ rng.normal(size=(2, 20))) for i in range(3)}
    part = {f"part{i}": np.tanh(latents[:, :1] @ rng.normal(size=(1, 16))) for i in range(3)}
    classes = cj.pairwise(whole | part).classes()
    (relation,) = classes.relations
    assert (relation.source[:5], relation.target[:4], relation.against) == ("whole", "part", 0)
    assert relation.for_it >= 5
