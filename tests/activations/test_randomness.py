"""The global random state is as it was, whatever draws; threads do not draw from each other's seeds."""

from __future__ import annotations

import random
import threading

import numpy as np
import pytest

import conjugacy as cj
from conjugacy.activations import shuffled_copy, untrained_copies, untrained_copy
from conjugacy.activations.randomness import own_randomness, state_of_all
from conjugacy.errors import InputError

torch = pytest.importorskip("torch")
nn = torch.nn


def global_numbers():
    return random.random(), np.random.random(), float(torch.rand(1))


class Draws(nn.Module):
    """Draws from every generator there is, in its pass."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(5)
        self.first, self.last = nn.Linear(3, 8), nn.Linear(8, 2)

    def forward(self, rows):
        hidden = torch.tanh(self.first(rows)) + 0.1 * torch.randn(len(rows), 8)
        return self.last(hidden) + 0.1 * random.random() + 0.1 * float(np.random.random())


def test_the_global_random_state_comes_back(rng):
    model, x = Draws(), rng.normal(size=(60, 3)).astype(np.float32)

    def drawing(rows):
        global_numbers()
        return rows @ np.ones((3, 2)) + np.random.random((len(rows), 2))

    def fails():
        global_numbers()
        raise InputError("in between")

    state = state_of_all(model)
    for use in (
        lambda: untrained_copies(model, 2, 0),
        lambda: untrained_copy(model, 0, Draws),
        lambda: shuffled_copy(model, 0),
        lambda: cj.record(model, x),
        lambda: cj.record(drawing, x),
    ):
        use()
        assert state_of_all(model) == state
    with pytest.raises(InputError), own_randomness(seed=1):
        fails()
    assert state_of_all(model) == state
    global_numbers()
    assert state_of_all(model) != state


@pytest.mark.slow
def test_four_threads_at_once_give_equal_bits_and_the_state_comes_back(rng, short_curves):
    x = rng.normal(size=(60, 3)).astype(np.float32)
    torch.manual_seed(0)
    a, b = (nn.Sequential(nn.Linear(3, n), nn.Tanh(), nn.Linear(n, 2)) for n in (6, 7))
    alone = cj.compare(a, b, stimuli=x).to_json()
    model = Draws()
    noisy = cj.record(model, x).outputs.values
    state = state_of_all(a)
    found: list[tuple[str, np.ndarray]] = []

    def work():
        found.append((cj.compare(a, b, stimuli=x).to_json(), cj.record(model, x).outputs.values))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [said for said, _ in found] == [alone] * 4
    assert all(np.array_equal(values, noisy) for _, values in found)
    assert state_of_all(a) == state
