# /// script
# requires-python = ">=3.11"
# dependencies = ["nnsight==0.8.1", "torch==2.13.0"]
# ///
"""What `.output` of nnsight holds: after an in-place ReLU, and of a module that is called twice."""

import torch
from nnsight import NNsight
from told import told

import conjugacy as cj


class Twice(torch.nn.Module):
    """One layer, called twice."""

    def __init__(self) -> None:
        super().__init__()
        self.f = torch.nn.Linear(4, 4)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Call the layer, and call it again."""
        return self.f(self.f(x))


torch.manual_seed(0)
net = torch.nn.Sequential(torch.nn.Linear(4, 5), torch.nn.ReLU(inplace=True), torch.nn.Linear(5, 2)).eval()
twice = Twice().eval()
x = torch.randn(60, 4)
with torch.no_grad():
    linear = net[0](x)
    first, second = twice.f(x), twice.f(twice.f(x))

traced = NNsight(net)
with traced.trace(x):
    saved = traced[0].output.save()
with traced.trace(x):
    cloned = traced[0].output.clone().save()
told(
    "nnsight",
    "a saved .output is overwritten by an in-place ReLU behind it; .output.clone().save() is not",
    f"negative values: {int((linear < 0).sum())} in the layer, {int((saved < 0).sum())} saved, {int((cloned < 0).sum())} cloned",
    holds=not torch.equal(saved, linear) and torch.equal(cloned, linear),
)
recorded = torch.as_tensor(cj.record(net, x, "0").layer("0").values)
told(
    "nnsight",
    "conjugacy records what the layer returned",
    f"largest difference {float((recorded - linear).abs().max()):.0e}",
    holds=torch.allclose(recorded.float(), linear, atol=1e-6),
)
traced = NNsight(twice)
with traced.trace(x):
    saved = traced.f.output.save()
told(
    "nnsight",
    ".output of a module that is called twice is that of its first call",
    f"first call {torch.allclose(saved, first)}, second call {torch.allclose(saved, second)}",
    holds=torch.allclose(saved, first) and not torch.allclose(saved, second),
)
