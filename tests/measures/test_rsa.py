"""RSA against scipy's distances and correlations, the loops of the definition, and repeats whose noise is known."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.distance import pdist
from scipy.stats import pearsonr, spearmanr

import conjugacy as cj
from conjugacy.measures.rsa import INVARIANCES, RSA
from conjugacy.numerics.neighbours.dissimilarities import cross_validated, noise_whitened

PLAIN = {"correlation": "correlation", "cosine": "cosine", "euclidean": "euclidean", "squared_euclidean": "sqeuclidean"}


def related(rng: np.random.Generator, m: int = 30) -> tuple[np.ndarray, np.ndarray]:
    z = rng.standard_normal((m, 3))
    return np.tanh(z @ rng.standard_normal((3, 9))) + 0.5, z @ rng.standard_normal((3, 5)) + 1.0


@pytest.mark.parametrize("dissimilarity", PLAIN)
def test_scipy_agrees(dissimilarity: str, rng: np.random.Generator) -> None:
    x, y = related(rng)
    p, q = (pdist(v, PLAIN[dissimilarity]) for v in (x, y))
    expected = {
        "spearman": spearmanr(p, q).statistic,
        "pearson": pearsonr(p, q).statistic,
        "cosine": p @ q / np.linalg.norm(p) / np.linalg.norm(q),
        "tau_a": np.mean(
            [np.sign(p[i] - p[:i]) @ np.sign(q[i] - q[:i]) for i in range(1, len(p))] * np.ones(1)
        ) * 2 / len(p),
    }  # fmt: skip
    for comparison, value in expected.items():
        measure = RSA(dissimilarity=dissimilarity, comparison=comparison)  # type: ignore[arg-type]
        assert measure(x, y).value == pytest.approx(value, abs=1e-9), comparison


def test_tau_a_counts_ties_as_undecided() -> None:
    # three points on a line at 0, 1, 3 and three at 0, 1, 2: distances 1 3 2 and 1 2 1, of whose pairs one is tied
    a, b = np.array([[0.0], [1], [3]]), np.array([[0.0], [1], [2]])
    assert RSA(dissimilarity="euclidean", comparison="tau_a")(a, b).value == pytest.approx(2 / 3)


def repeated(rng: np.random.Generator, truth: np.ndarray, count: int, noise: np.ndarray) -> cj.Activations:
    ids = np.tile(np.arange(len(truth)), count)
    return cj.Activations(truth[ids] + rng.standard_normal((len(ids), truth.shape[1])) @ noise, stimuli=ids)


def test_cross_validated_distances_by_the_definition(rng: np.random.Generator) -> None:
    x = rng.standard_normal((3, 6, 4))
    found = cross_validated(x)
    for i in range(6):
        for j in range(6):
            d = x[:, i] - x[:, j]
            expected = np.mean([d[r] @ d[s] for r in range(3) for s in range(3) if r != s])
            assert found[i, j] == pytest.approx(expected, abs=1e-12)


def test_noise_adds_nothing_on_average() -> None:
    truth = np.zeros((8, 5))
    truth[1:] = np.random.default_rng(1).standard_normal((7, 5))
    truth[1] = 0.0  # the first two stimuli are one to the network
    exact = ((truth[:, None] - truth) ** 2).sum(axis=-1)
    plain, found = [], []
    for seed in range(300):
        x = truth + np.random.default_rng(seed).standard_normal((4, 8, 5))
        plain.append(((x.mean(axis=0)[:, None] - x.mean(axis=0)) ** 2).sum(axis=-1))
        found.append(cross_validated(x))
    error = np.std(found, axis=0) / np.sqrt(300)
    assert (np.abs(np.mean(found, axis=0) - exact) <= 4 * error + 1e-12).all()
    assert np.mean(plain, axis=0)[0, 1] > 2.0  # 2 * 5 / 4 of noise alone
    assert min(f[0, 1] for f in found) < 0


def test_networks_that_are_noise_alone_are_alike_only_without_cross_validation() -> None:
    """Squared distances of noise in n units have mean 2 n and variance 8 n, so that their cosine is 1 / (1 + 2 / n)."""
    values: dict[str, list[float]] = {"crossvalidated": [], "squared_euclidean": []}
    for seed in range(20):
        rng = np.random.default_rng(seed)
        a, b = (repeated(rng, np.zeros((12, 6)), 4, np.eye(6)) for _ in range(2))
        for name, found in values.items():
            found.append(RSA(dissimilarity=name, comparison="cosine")(a, b).value)  # type: ignore[arg-type]
    assert np.mean(values["squared_euclidean"]) == pytest.approx(0.75, abs=0.03)
    assert abs(np.mean(values["crossvalidated"])) < 4 * np.std(values["crossvalidated"]) / np.sqrt(20)


def test_shrunk_noise_covariance_by_the_loops_of_the_paper(rng: np.random.Generator) -> None:
    mix = rng.standard_normal((4, 4)) * np.array([1, 3, 0.2, 1])
    repeats = rng.standard_normal((5, 10, 4)) @ mix
    e = (repeats - repeats.mean(axis=0)).reshape(-1, 4)
    f = 10 * 4
    s = np.sqrt((e**2).sum(axis=0) / f)
    z = e / s
    up = down = 0.0
    for i in range(4):
        for j in range(4):
            if i != j:
                w = z[:, i] * z[:, j]
                up += ((w - w.mean()) ** 2).sum() / f**2
                down += (w.sum() / f) ** 2
    weight = min(1.0, up / down)
    assert 0 < weight < 0.5
    covariance = np.diag(s) @ ((1 - weight) * z.T @ z / f + weight * np.eye(4)) @ np.diag(s)
    white = noise_whitened(repeats)
    expected = repeats.reshape(-1, 4) @ np.linalg.inv(covariance) @ repeats.reshape(-1, 4).T
    flat = white.reshape(-1, 4)
    assert np.allclose(flat @ flat.T, expected, atol=1e-7 * np.abs(expected).max())


def test_crossnobis_does_not_listen_to_a_noisy_unit() -> None:
    rng = np.random.default_rng(5)
    truth = rng.standard_normal((20, 4))
    quiet = repeated(rng, truth, 4, 0.1 * np.eye(4))
    loud = repeated(rng, np.column_stack([truth, np.zeros(20)]), 4, np.diag([0.1] * 4 + [8.0]))
    plain, white = (RSA(dissimilarity=d)(quiet, loud).value for d in ("crossvalidated", "crossnobis"))
    assert white > 0.9
    assert white > plain + 0.3


CHANGES = {
    "permutation": lambda x, rng: x[:, rng.permutation(x.shape[1])],
    "orthogonal": lambda x, rng: x @ np.linalg.qr(rng.standard_normal((x.shape[1],) * 2))[0],
    "isotropic_scaling": lambda x, rng: 7.3 * x,
    "unit_scaling": lambda x, rng: x * rng.permutation(np.geomspace(0.1, 10.0, x.shape[1])),
    "translation": lambda x, rng: x + rng.standard_normal(x.shape[1]),
    "invertible_linear": lambda x, rng: x @ (rng.standard_normal((x.shape[1],) * 2) + np.eye(x.shape[1])),
}


@pytest.mark.parametrize("name", ["crossvalidated", "crossnobis"])
def test_promises_with_repeats_hold_and_no_others(name: str) -> None:
    rng = np.random.default_rng(2)
    truth = rng.standard_normal((15, 3))
    noise = rng.standard_normal((6, 6)) * 0.2
    a = repeated(rng, np.tanh(truth @ rng.standard_normal((3, 6))), 3, noise)
    b = repeated(rng, truth @ rng.standard_normal((3, 5)), 3, 0.3 * np.eye(5))
    measure = RSA(dissimilarity=name)  # type: ignore[arg-type]
    expected = measure(a, b).value
    assert measure.traits.invariances == INVARIANCES[name]
    for change, apply in CHANGES.items():
        moved = cj.Activations(apply(a.values, rng), stimuli=a.stimuli)
        shift = abs(measure(moved, b).value - expected)
        assert shift < 1e-6 if change in measure.traits.invariances else shift > 1e-4, change
    order = rng.permutation(len(a.values))
    assert measure(a.take(order), b).value == pytest.approx(
        expected, abs=0.4
    )  # other repeats are paired, no other stimuli
    assert measure(a, a).value == pytest.approx(1.0, abs=1e-9)
    judged = measure.judge(a, b, draws=20)
    assert judged.interval is not None
    assert judged.details["p"] == pytest.approx(1 / 21)


def test_what_cannot_be_compared_is_said(rng: np.random.Generator) -> None:
    x, y = related(rng)
    assert RSA()(x, np.ones((30, 4))).status is cj.Status.UNDEFINED_ROWS
    assert RSA()(x, y[:, :1]).status is cj.Status.UNDEFINED_ROWS  # one unit has no correlation over units
    assert RSA(dissimilarity="euclidean")(x, np.full((30, 4), 0.1)).status is cj.Status.DEGENERATE
    assert RSA(dissimilarity="cosine")(x, np.full((30, 4), 0.1)).status is cj.Status.DEGENERATE
    assert RSA(dissimilarity="crossnobis")(x, y).status is cj.Status.NO_REPEATS
    assert RSA(dissimilarity="crossnobis")(cj.Activations(x, stimuli=range(30)), x).status is cj.Status.NO_REPEATS
    assert RSA()(x[:2], y[:2]).status is cj.Status.TOO_FEW_ROWS
    uneven = cj.Activations(x, stimuli=[*range(15), *range(14), 0])
    with pytest.raises(cj.ConjugacyError, match="as many repeats"):
        RSA(dissimilarity="crossnobis")(uneven, uneven)


@pytest.mark.parametrize("count", [2, 3, 10])
def test_a_unit_without_noise_does_not_rule_the_crossnobis_distances(count, rng):
    """The mean of three equal numbers is off by rounding, which is no noise to divide by."""
    signal = rng.normal(size=(30, 20))
    networks = []
    for quiet in (True, False):
        values = np.repeat(signal, count, axis=0) + 0.5 * rng.normal(size=(30 * count, 20))
        if quiet:
            values[:, 0] = np.repeat(signal[:, 0], count)
        networks.append(cj.Activations(values, stimuli=np.repeat(np.arange(30), count)))
    assert cj.get_measure("rsa:dissimilarity=crossnobis,comparison=pearson")(*networks).value > 0.4
