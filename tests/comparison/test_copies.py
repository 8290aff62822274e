"""Copies that learned nothing: made of live networks before these are touched, or given; or why there are none."""

from __future__ import annotations

import numpy as np
import pytest

import conjugacy as cj

torch = pytest.importorskip("torch")
nn = torch.nn


def net(width, seed):
    torch.manual_seed(seed)
    return nn.Sequential(nn.Linear(3, width), nn.Tanh(), nn.Linear(width, 2))


class Extra(nn.Linear):
    def __init__(self):
        super().__init__(3, 6)
        self.extra = nn.Parameter(torch.linspace(1, 2, 40))


@pytest.fixture
def x(rng):
    return rng.standard_normal((60, 3)).astype(np.float32)


@pytest.fixture(autouse=True)
def _quick(short_curves):
    pass


def test_where_there_is_no_control_the_comparison_says_why(x):
    a = nn.Sequential(Extra(), nn.Tanh(), nn.Linear(6, 2))
    result = cj.compare(a, net(6, 1), stimuli=x)
    axis = result.verdict.representation
    assert [control.name for control in axis.controls] == ["untrained", "shuffled"]  # of B alone, and of both
    assert axis.controls[0].rungs[-1].a_to_b.unexplained is None
    assert axis.gain.state == "one_network"
    assert "51 % of the numbers would still be those of the trained network (0.extra)" in axis.gain.reason
    assert "(0.extra)" in str(result).replace("\n", " ").replace("                              ", "")


def test_a_factory_makes_the_copies_and_says_so(x):
    made: list[nn.Module] = []

    def make():
        made.append(net(6, 10 + len(made)))
        return made[-1]

    a = net(6, 0)
    axis = cj.compare(a, net(6, 1), stimuli=x, untrained_a=make).verdict.representation
    assert len(made) == 3
    assert axis.controls[0].source.startswith(
        "A: 3 copies of each network: made by the factory that was given; B: 3 copies"
    )
    live = cj.compare(a, net(6, 1), stimuli=x, untrained_a=[net(6, 5), net(6, 6)]).verdict.representation
    assert live.controls[0].copies == 3
    assert live.controls[0].source.startswith("A: given recordings; B: ")


def test_callables_have_controls_where_they_are_given(x):
    def network(scale):
        return lambda rows: {"h": np.tanh(scale * rows), "outputs": rows[:, :1] * scale}

    bare = cj.compare(network(1), network(2), stimuli=x).verdict.representation
    assert (bare.controls, bare.gain.state) == ((), "no_control")
    assert "a callable has no untrained copy" in bare.gain.reason
    given = cj.compare(network(1), network(2), stimuli=x, untrained_a=lambda: network(3)).verdict.representation
    assert given.controls[0].source.startswith("A: 3 copies of each network: made by the factory")


def test_copies_are_made_before_the_network_runs(x):
    class Counts(nn.Module):
        def __init__(self):
            super().__init__()
            self.inner, self.out, self.calls = nn.Linear(3, 5), nn.Linear(5, 2), 0

        def __deepcopy__(self, memo):
            assert self.calls == 0
            fresh = Counts()
            fresh.load_state_dict(self.state_dict())
            return fresh

        def forward(self, rows):
            self.calls += 1
            return self.out(torch.tanh(self.inner(rows)))

    axis = cj.compare(Counts(), Counts(), stimuli=x).verdict.representation
    assert [control.copies for control in axis.controls] == [3, 3]
    assert axis.gain.reason is None
