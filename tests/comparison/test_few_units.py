"""What few units tell, and stitched heads, in a whole comparison."""

import json

import numpy as np
import pytest
from constructed import pair

import conjugacy as cj
from conjugacy.errors import InputError


@pytest.fixture(scope="module")
def compared():
    a, b = pair("same_latent", 1, m=240)
    return cj.compare(a, b)


def test_the_curve_stands_in_the_record_with_the_fewest_units(compared):
    record = json.loads(compared.to_json())["few_units"]
    for way, units in (("a_to_b", 40), ("b_to_a", 46)):
        one = record[way]
        assert one["dimension"]["value"] == 2
        assert one["sufficient"] == 5
        assert [point["m"] for point in one["curve"]] == list(range(1, 8))
        assert 2 <= one["fewest"]["other"] <= 5
        errors = [point["other"]["unexplained"] for point in one["curve"]]
        assert errors[0] > 0.3
        assert errors[4] < 0.01
        assert all(0 <= int(u) < units for u in one["curve"][-1]["units"])
        assert len(one["curve"][0]["random"]) == 3
        assert "inputs" not in one["fewest"]  # none were given
        assert one["curve"][0]["inputs"]["unexplained"] is None


def test_nothing_else_hangs_on_the_length_of_the_curve(compared, short_curves):
    record, short = (json.loads(c.to_json()) for c in (compared, cj.compare(*pair("same_latent", 1, m=240))))
    assert len(record["few_units"]["a_to_b"]["curve"]) == 7
    assert len(short["few_units"]["a_to_b"]["curve"]) == 2
    left_out = ("few_units", "shared")
    whole, rest = ({k: v for k, v in one.items() if k not in left_out} for one in (record, short))
    assert whole == rest


def test_the_page_and_the_figure_show_it(compared, tmp_path):
    text = compared.report(tmp_path / "page.html").read_text()
    assert "Everything from few units" in text
    assert "2d + 1 = 5" in text
    assert compared.figure("few_units", tmp_path / "few.svg").stat().st_size > 2000


def test_a_network_that_sees_less_cannot_give_the_rest():
    a, b = pair("misses_half", 1, m=240)
    found = cj.compare(a, b).few_units
    assert found[0].fewest["other"] is not None
    assert found[1].fewest["other"] is None
    assert found[1].fewest["own"] is not None


def test_too_few_rows_say_nothing(rng):
    a, b = pair("same_latent", 1, m=59)
    result = cj.compare(a, b)
    assert result.few_units is None
    assert result.to_dict()["few_units"] is None
    with pytest.raises(InputError, match="nothing was reconstructed"):
        result.figure("few_units", "few.svg")


def test_a_layer_that_cannot_be_given_is_said(rng, short_curves):
    torch = pytest.importorskip("torch")

    class Averaged(torch.nn.Module):
        def __init__(self, seed):
            super().__init__()
            torch.manual_seed(seed)
            self.conv, self.out = torch.nn.Conv2d(1, 8, 3, padding=1), torch.nn.Linear(8, 2)

        def forward(self, x):
            return self.out(torch.tanh(self.conv(x)).mean(dim=(2, 3)))

    x = rng.standard_normal((80, 1, 26, 26)).astype(
        np.float32
    )  # 8 x 26 x 26 values are averaged when they are recorded
    result = cj.compare(Averaged(0), Averaged(1), stimuli=x, controls="none", layers=("conv", "conv"))
    found = {e.name: e for e in result.verdict.representation.evidence}
    assert found["stitched_a_to_b"].value is None
    assert "layer 'conv' gives shape" in found["stitched_a_to_b"].unit


def test_stitched_heads_and_gradients_of_live_networks(rng, short_curves):
    torch = pytest.importorskip("torch")
    torch.manual_seed(0)
    x = rng.standard_normal((240, 3)).astype(np.float32)
    body = torch.nn.Sequential(torch.nn.Linear(3, 16), torch.nn.Tanh())
    mixed = torch.nn.Linear(16, 16)
    mixed.weight.data = torch.linalg.qr(torch.randn(16, 16))[0]
    a = torch.nn.Sequential(*body, torch.nn.Linear(16, 4))
    b = torch.nn.Sequential(body, mixed, torch.nn.Linear(16, 4))
    b[2].weight.data = a[2].weight.data @ mixed.weight.data.T
    b[2].bias.data = a[2].bias.data - b[2].weight.data @ mixed.bias.data  # b does what a does, with its units turned
    with torch.no_grad():
        labels = a(torch.tensor(x)).argmax(dim=1).numpy()
    result = cj.compare(a, b, stimuli=x, targets=labels, layers=("1", "1"), controls="none")
    found = {e.name: e for e in result.verdict.representation.evidence}
    for way in ("a_to_b", "b_to_a"):
        assert found[f"stitched_agreement_{way}"].value > 0.98
        accuracy = found[f"stitched_accuracy_{way}"]
        assert accuracy.value > 0.98
        assert accuracy.floor == 1.0
        assert accuracy.null == pytest.approx(np.bincount(labels).max() / 240)
    assert "condition_a_to_b" in {e.name for e in result.verdict.function.evidence} | set(found)
    other = torch.nn.Sequential(torch.nn.Linear(3, 16), torch.nn.Tanh(), torch.nn.Linear(16, 1))
    scalar = torch.nn.Sequential(torch.nn.Linear(3, 16), torch.nn.Tanh(), torch.nn.Linear(16, 1))
    evidence = {e.name: e for e in cj.compare(other, scalar, stimuli=x, controls="none").verdict.function.evidence}
    assert evidence["gradients_outside_a_to_b"].value > 0.1  # two random scalars
    same = {e.name: e for e in cj.compare(other, other, stimuli=x, controls="none").verdict.function.evidence}
    assert same["gradients_outside_a_to_b"].value < 1e-6
    assert same["continuity_a_to_b"].value == pytest.approx(same["continuity_a_to_b"].floor)
