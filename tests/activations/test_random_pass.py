"""Networks whose pass is random are found, draw from a random state of their own, and are told."""

from __future__ import annotations

import numpy as np
import pytest

import conjugacy as cj
from conjugacy.activations.random_pass import passes_apart

torch = pytest.importorskip("torch")
nn = torch.nn


class Sampled(nn.Module):
    """A latent that is drawn in the pass, as in a variational autoencoder."""

    def __init__(self, seed, width=8, spread=1.0):
        super().__init__()
        torch.manual_seed(seed)
        self.mean, self.back, self.spread = nn.Linear(3, width), nn.Linear(width, 2), spread

    def forward(self, rows):
        mean = 0.1 * self.mean(rows)
        return self.back(mean + self.spread * torch.randn_like(mean))


class Dropped(nn.Module):
    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.first, self.last = nn.Linear(3, 8), nn.Linear(8, 2)

    def forward(self, rows):
        return self.last(nn.functional.dropout(torch.tanh(self.first(rows)), 0.5))  # active in evaluation mode too


@pytest.fixture
def x(rng):
    return rng.normal(size=(300, 3)).astype(np.float32)


def unexplained(a, b):
    """Return what the outputs of one leave of the other's by the same noise: 1 - R^2 of a linear regression."""
    design = np.column_stack([a, np.ones(len(a))])
    rest = b - design @ np.linalg.lstsq(design, b, rcond=None)[0]
    return (rest**2).sum() / ((b - b.mean(axis=0)) ** 2).sum()


def test_two_networks_do_not_share_what_they_draw(x):
    a, b = (cj.record(Sampled(seed), x).outputs.values for seed in (0, 1))
    assert unexplained(a, b) > 0.9  # fed the same numbers they would leave about nothing
    again = cj.record(Sampled(0), x)
    np.testing.assert_array_equal(a, again.outputs.values)  # the same network draws the same
    assert unexplained(a, cj.record(Sampled(0), x, seed=1).outputs.values) > 0.9
    assert "random state of its own: 2 of 10 units looked at differ" in again.provenance["passes"][0]


def test_a_comparison_says_that_a_pass_is_random_and_draws_anew_in_the_other_place(x, short_curves):
    model, x = Sampled(0), x[:60]
    result = cj.compare(model, model, stimuli=x, controls="none")
    assert result.verdict.function.answer != "equivalent"
    assert sum("draws at random in its pass" in note for note in result.notes) == 2
    assert result.to_json() == cj.compare(model, model, stimuli=x, controls="none").to_json()


def test_dropout_in_a_function_is_found_and_a_plain_network_is_not_suspected(x):
    said = cj.record(Dropped(), x).provenance["passes"][0]
    assert "2 of 10 units looked at differ" in said
    assert "passes" not in cj.record(nn.Sequential(nn.Linear(3, 4), nn.Dropout(0.5), nn.Linear(4, 2)), x).provenance
    masked = nn.Sequential(nn.Linear(3, 2), nn.Threshold(0.0, float("-inf")))
    assert "passes" not in cj.record(masked, x[:, :3], ["0"]).provenance


def test_callables_draw_from_their_own_state_and_run_once_where_they_draw_nothing(x):
    calls: list[int] = []

    def quiet(rows):
        calls.append(len(rows))
        return rows @ np.ones((3, 2))

    def noisy(scale):
        def network(rows):
            calls.append(len(rows))
            return scale * rows[:, :2] + np.random.normal(size=(len(rows), 2))

        return network

    assert "passes" not in cj.record(quiet, x).provenance
    assert calls == [300]
    a, b = (cj.record(noisy(scale), x) for scale in (1e-3, 2e-3))
    assert calls[1:] == [300] * 4
    assert "2 of 2 units looked at differ" in a.provenance["passes"][0]
    assert unexplained(a.outputs.values, b.outputs.values) > 0.9
    np.testing.assert_array_equal(a.outputs.values, cj.record(noisy(1e-3), x).outputs.values)


def test_the_spread_is_what_two_passes_differ_by(rng):
    base = rng.normal(size=(4000, 3))
    found = passes_apart(base + 0.1 * rng.normal(size=base.shape), base + 0.1 * rng.normal(size=base.shape))
    assert found is not None
    assert found.spread == pytest.approx(0.1, rel=0.05)
    assert (found.units, found.of) == (3, 3)
    assert passes_apart(base, base + 1e-6) is None
