"""A recording that is written while the network runs is the one that is made in memory."""

import numpy as np
import pytest

import conjugacy as cj
from conjugacy.errors import InputError

torch = pytest.importorskip("torch")
nn = torch.nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.rnn, self.drop, self.mix, self.last = (
            nn.GRU(3, 4, batch_first=True),
            nn.Dropout(),
            nn.Linear(4, 5),
            nn.Linear(5, 2),
        )
        self.seldom = nn.Linear(5, 5)

    def forward(self, x):
        h = self.mix(self.drop(self.rnn(x)[0]))
        return self.last(self.seldom(h) if len(x) % 2 else h)


def same(a, b):
    assert list(a.layers) == list(b.layers)
    for name in a.layers:
        np.testing.assert_array_equal(a.layers[name].values, b.layers[name].values)
        assert a.layers[name].stimuli.tolist() == b.layers[name].stimuli.tolist()
    assert a.provenance["left_out"] == b.provenance["left_out"]
    assert a.provenance["reduced"] == b.provenance["reduced"]
    assert (a.heads, a.output_name, a.name) == (b.heads, b.output_name, b.name)


@pytest.mark.parametrize("tokens", ["mean", "last", "each"])
@pytest.mark.parametrize("masked", [True, False])
def test_it_is_the_one_made_in_memory(rng, tmp_path, tokens, masked):
    x = rng.standard_normal((25, 6, 3))
    mask = np.arange(6) < rng.integers(1, 7, 25)[:, None] if masked else None
    how = {"tokens": tokens, "mask": mask, "batch_size": 8, "name": "net", "targets": np.arange(25)}
    path = cj.record(Net(), x, to=tmp_path / "net.zarr", **how)
    same(cj.load(path), cj.record(Net(), x, **how))


def test_what_is_there_is_not_replaced_and_nothing_half_is_left(rng, tmp_path):
    x, place = rng.standard_normal((9, 6, 3)), tmp_path / "net.zarr"

    class Breaks(Net):
        def forward(self, x):
            if len(x) == 1:
                raise ValueError("one row")
            return super().forward(x)

    with pytest.raises(cj.errors.ModelError):
        cj.record(Breaks(), x, to=place, batch_size=8)
    assert list(tmp_path.iterdir()) == []
    cj.record(Net(), x, to=place)
    with pytest.raises(InputError, match="exists"):
        cj.record(Net(), x, to=place)
    cj.record(Net(), x[:8], to=place, overwrite=True)
    assert cj.load(place).outputs.shape == (8, 2)
    for more in ({"tokens": "time"}, {"jacobians": True}):
        with pytest.raises(InputError, match="in memory, and save"):
            cj.record(Net(), x, to=tmp_path / "other.zarr", **more)
