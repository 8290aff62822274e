"""With whatever versions of other packages are installed: every kind of comparison runs and gives the answer that is known."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import conjugacy as cj
from conjugacy.activations import load, save
from conjugacy.storage.formats import endings

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("short_curves")]


def latent(seed: int, rows: int = 150) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    z = rng.normal(size=(rows, 3))
    return z @ rng.normal(size=(3, 6)), z @ rng.normal(size=(3, 5))


def test_compare() -> None:
    a, b = latent(0)
    found = cj.compare(a, b).verdict.representation
    assert (found.answer, found.rung) == ("equivalent", "affine")
    rng = np.random.default_rng(1)
    assert cj.compare(a, rng.normal(size=(150, 5))).verdict.representation.answer in ("unrelated", "undecided")


@pytest.mark.parametrize("ending", endings())
def test_pairwise_of_files(ending: str, tmp_path: Path) -> None:
    if ending == ".h5":
        pytest.importorskip("h5py")
    a, b = latent(0)
    folder = tmp_path / "runs"
    folder.mkdir()
    for name, values in (("a", a), ("b", b), ("c", np.random.default_rng(2).normal(size=(150, 4)))):
        recording = cj.Recording.from_arrays({"h": values}, stimuli=[f"s{i}" for i in range(150)], name=name)
        loaded = load(save(recording, folder / f"{name}{ending}"))
        np.testing.assert_array_equal(loaded.layers["h"].values, values)
    study = cj.pairwise(folder, measures=("cka", "linear_predictivity"), store=tmp_path / "s")
    assert study.table(measure="linear_predictivity")[0, 1] > 0.99
    assert cj.Study.open(tmp_path / "s").networks == study.networks


def test_every_measure_on_activations() -> None:
    a, b = latent(0)
    names = [name for name in cj.measure_names() if cj.get_measure(name).traits.data == "activations"]
    assert len(names) > 10
    for name in names:
        score = cj.get_measure(name)(a, b[:, :5])
        assert np.isfinite(score.value) or not score.status.is_ok, name


def test_dynamics() -> None:
    rng = np.random.default_rng(3)
    turn = np.array([[0.9, -0.3], [0.3, 0.9]])
    states = [rng.normal(size=(12, 2))]
    for _ in range(40):
        states.append(states[-1] @ turn.T)
    x = np.stack(states, axis=1)
    a, b = cj.Trajectories(x, trials=range(12)), cj.Trajectories(x @ rng.normal(size=(2, 2)), trials=range(12))
    assert cj.compare(a, b).verdict.dynamics.answer in ("equivalent", "undecided")
    assert cj.get_measure("dsa", delays=2, rank=2)(a, b).value == pytest.approx(0, abs=0.2)


def test_embeddings() -> None:
    from conjugacy.embeddings import DiffusionMap

    angle = np.linspace(0, 2 * np.pi, 200, endpoint=False)
    circle = np.column_stack([np.cos(angle), np.sin(angle)])
    found = DiffusionMap(n_components=2).fit(circle)
    np.testing.assert_allclose(np.linalg.norm(found.embedding_, axis=1).std(), 0, atol=1e-3)
