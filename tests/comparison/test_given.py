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
    assert [(control.name, control.copies) for control in axis.controls] == [("untrained", 3), ("shuffled", 3)]
    assert "each module's own initialisation" in axis.controls[0].source
    assert not axis.gain.shown  # neither was trained
    assert any("copies of a that learned nothing" in s for s in said)
    again = cj.compare(a, a, stimuli=x, controls="none")
    assert again.verdict.function.rung == "identity"
    assert again.verdict.representation.controls == ()


class Coarse(torch.nn.Module):
    """Returns a hidden layer before its answer."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(3)
        self.inside, self.out = torch.nn.Linear(3, 6), torch.nn.Linear(6, 2)

    def forward(self, rows):
        inside = self.inside(rows)
        return inside, self.out(torch.tanh(inside))


def test_a_hidden_layer_that_is_returned_is_told(rng, short_curves):
    x = rng.standard_normal((80, 3)).astype(np.float32)
    result = cj.compare(Coarse(), Coarse(), stimuli=x, controls="none")
    assert result.verdict.function.layers == ("outputs", "outputs")
    assert result.verdict.representation.layers == ("inside", "inside")
    assert any(
        "outputs[0] of 'a' is no output: a hidden layer" in note and "output='0'" in note for note in result.notes
    )
    assert any(
        one.name.startswith("stitched") and one.value is not None for one in result.verdict.representation.evidence
    )
    asked = cj.compare(Coarse(), Coarse(), stimuli=x, controls="none", output="0", layers="out")
    assert asked.verdict.function.layers == ("outputs[0]", "outputs[0]")


@pytest.mark.parametrize("live", [(False, False), (True, False), (False, True), (True, True)])
def test_targets_count_for_the_shown_stimuli_or_the_rows_of_a(rng, live):
    x = rng.standard_normal((60, 3))
    order = rng.permutation(60)
    wanted = x[:, :2].argmax(axis=1)

    def network(rows):
        return rows[:, :2]

    def given(here, rows):
        return network if here else cj.record(network, rows, targets=np.zeros(60))

    a, b = given(live[0], x[order] if live[1] else x), given(live[1], x[order])
    found = cj.compare(a, b, stimuli=x, targets=wanted)
    assert found.verdict.function.output_kinds == ("logits", "logits")  # which these targets say, and zeros do not
    errors = {one.name: one.value for one in found.verdict.function.evidence if one.name.startswith("own_error")}
    assert errors == {"own_error_a": 0.0, "own_error_b": 0.0}  # on the right rows
