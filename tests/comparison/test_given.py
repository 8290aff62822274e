"""Two live torch networks in one call."""

import numpy as np
import pytest

import conjugacy as cj

torch = pytest.importorskip("torch")


def net(width, seed):
    torch.manual_seed(seed)
    return torch.nn.Sequential(torch.nn.Linear(3, width), torch.nn.Tanh(), torch.nn.Linear(width, 2))


def test_live_networks_are_recorded_controlled_and_compared(rng, short_curves):
    x = rng.standard_normal((200, 3)).astype(np.float32)
    said = []
    a = net(12, 0)
    result = cj.compare(a, net(16, 1), stimuli=x, progress=said.append)
    axis = result.verdict.representation
    assert axis.layers == ("1", "1")  # the tanh layer; the readout is the output itself
    assert axis.answer == "equivalent"
    assert axis.controls[0].copies == 3
    assert not axis.gain.shown  # neither was trained
    assert any("untrained copies" in s for s in said)
    again = cj.compare(a, a, stimuli=x, controls="none")
    assert again.verdict.function.rung == "identity"
    assert again.verdict.representation.controls == ()
