"""Untrained copies: freshly drawn, the same for one seed, the trained network left as it was."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from conjugacy.activations import is_live, untrained_copies
from conjugacy.errors import InputError

torch = pytest.importorskip("torch")


def test_torch_attention_and_transformers_are_drawn_as_at_construction():
    torch.manual_seed(0)
    layer = torch.nn.TransformerEncoderLayer(8, 2)
    with torch.no_grad():
        for parameter in layer.parameters():
            parameter.add_(5)
    fresh = untrained_copies(layer, 1, seed=0)[0]
    assert fresh.self_attn.in_proj_weight.abs().max() < 1
    # attention sets the biases of its projection to zero after the projection has drawn them
    assert fresh.self_attn.out_proj.bias.abs().max() == 0
    assert layer.self_attn.in_proj_weight.mean() > 4


def test_tied_weights_stay_tied():
    embedding, head = torch.nn.Embedding(5, 3), torch.nn.Linear(3, 5, bias=False)
    head.weight = embedding.weight
    trained = embedding.weight.detach().clone()
    fresh = untrained_copies(torch.nn.Sequential(embedding, head), 1, seed=0)[0]
    assert fresh[0].weight is fresh[1].weight
    assert not torch.equal(fresh[0].weight, trained)
    assert torch.equal(embedding.weight, trained)


def test_the_draws_of_a_chain_are_those_of_its_layers_one_after_the_other():
    model = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.Sequential(torch.nn.Tanh(), torch.nn.Linear(4, 2)))
    fresh = untrained_copies(model, 1, seed=3)[0]
    with torch.random.fork_rng():
        torch.manual_seed(int(np.random.SeedSequence([3, 0]).generate_state(1)[0]))
        first, second = torch.nn.Linear(3, 4), torch.nn.Linear(4, 2)
    assert torch.equal(fresh[0].weight, first.weight)
    assert torch.equal(fresh[1][1].bias, second.bias)


def test_a_model_that_cannot_be_copied_says_what_to_do():
    class Alone(torch.nn.Linear):
        def __deepcopy__(self, memo):
            raise TypeError("there is only one")

    with pytest.raises(InputError, match=r"there is only one.*untrained_a"):
        untrained_copies(Alone(2, 2), 1, 0)


def test_a_model_that_keeps_activations_is_copied_without_their_graph():
    class Keeps(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.inner = torch.nn.Linear(2, 2)

        def forward(self, rows):
            self.last = self.inner(rows)
            self.all = [self.last, {"last": self.last}]
            return self.last

    model = Keeps()
    answer = model(torch.ones(1, 2))
    copy = untrained_copies(model, 1, 0)[0]
    assert model.last is answer
    assert answer.grad_fn is not None
    assert copy.last.grad_fn is None
    assert torch.equal(copy.last, answer)
    assert not torch.equal(copy(torch.ones(1, 2)), answer)


def test_a_reset_that_raises_is_told():
    class Refuses(torch.nn.Linear):
        drawn = False

        def reset_parameters(self):
            if self.drawn:
                raise ValueError("only once")
            super().reset_parameters()
            self.drawn = True

    model = Refuses(2, 2)
    state = torch.random.get_rng_state()
    with pytest.raises(InputError, match="raised ValueError: only once"):
        untrained_copies(torch.nn.Sequential(model), 1, 0)
    assert torch.equal(torch.random.get_rng_state(), state)


def test_what_is_live():
    assert is_live(torch.nn.Linear(2, 2))
    assert is_live(np.tanh)
    assert not is_live(np.ones((2, 2)))
    assert not is_live("a.npz")
    assert not is_live(torch.ones(2))


def test_asking_whether_something_is_live_does_not_import_torch():
    code = (
        "import sys; from conjugacy.activations import is_live; assert is_live(len); assert 'torch' not in sys.modules"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.mark.gpu
def test_a_model_on_a_gpu_is_recorded_there_and_its_random_state_comes_back():
    if not torch.cuda.is_available():
        pytest.skip("no GPU")
    import conjugacy as cj

    model = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.Tanh(), torch.nn.Linear(4, 2)).cuda()
    state = torch.cuda.get_rng_state()
    x = np.random.default_rng(0).normal(size=(20, 3)).astype(np.float32)
    found = cj.record(model, x).outputs.values
    first, again = untrained_copies(model, 1, 0)[0], untrained_copies(model, 1, 0)[0]
    np.testing.assert_allclose(found, model(torch.from_numpy(x).cuda()).detach().cpu(), atol=1e-5)
    assert torch.equal(first[0].weight, again[0].weight)
    assert first[0].weight.device == model[0].weight.device
    assert torch.equal(torch.cuda.get_rng_state(), state)
