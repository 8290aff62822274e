"""What networks are shown: arrays, mappings, batches; and what is refused, with the way out."""

import numpy as np
import pytest

import conjugacy as cj
from conjugacy.activations.shown import as_mask, as_shown
from conjugacy.errors import InputError, ShapeError

torch = pytest.importorskip("torch")


def tokens(m=6, t=5):
    ids = np.arange(m * t).reshape(m, t) % 11
    mask = np.ones((m, t), int)
    mask[1, 3:] = mask[4, 2:] = 0
    return ids, mask


class Reader(torch.nn.Module):
    """Embeds tokens and adds up those that are there."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.embed, self.head = torch.nn.Embedding(11, 4), torch.nn.Linear(4, 3)

    def forward(self, input_ids, attention_mask=None):
        there = torch.ones_like(input_ids) if attention_mask is None else attention_mask
        states = self.embed(input_ids) * there[..., None]
        return {"scores": self.head(states.sum(dim=1)), "note": "text"}


@pytest.mark.parametrize("form", ["mapping", "tensors", "batches", "loader", "generator"])
def test_several_inputs_in_every_form_give_the_same(form):
    ids, mask = tokens()
    whole = {"input_ids": ids, "attention_mask": mask}
    parts = [{k: v[i : i + 4] for k, v in whole.items()} for i in (0, 4)]
    forms = {
        "mapping": lambda: whole,
        "tensors": lambda: {k: torch.tensor(v) for k, v in whole.items()},
        "batches": lambda: parts,
        "loader": lambda: torch.utils.data.DataLoader(
            [{k: torch.tensor(v[i]) for k, v in whole.items()} for i in range(6)], batch_size=4
        ),
        "generator": lambda: (part for part in parts),
    }
    model = Reader()
    found = cj.record(model, forms[form](), batch_size=4)
    by_hand = model(torch.tensor(ids), torch.tensor(mask))["scores"].detach().numpy()
    np.testing.assert_allclose(found.outputs.values, by_hand, atol=1e-6)
    plain = cj.record(model, whole)
    assert found.outputs.stimuli.tolist() == plain.outputs.stimuli.tolist()
    assert len(set(plain.outputs.stimuli.tolist())) == 6


def test_ids_follow_every_input():
    ids, mask = tokens()
    with_mask, without = (as_shown({"input_ids": ids, "attention_mask": m}) for m in (mask, np.ones_like(mask)))
    same = with_mask.ids[0] == without.ids[0]
    assert same.tolist() == [True, False, True, True, False, True]


def test_batches_of_other_lengths_are_padded_where_a_mask_says_so():
    short = {"input_ids": np.ones((2, 3), int), "attention_mask": np.ones((2, 3), int)}
    long = {"input_ids": np.ones((1, 5), int), "attention_mask": np.ones((1, 5), int)}
    shown = as_shown([short, long])
    assert shown.mask.sum(axis=1).tolist() == [3, 3, 5]
    assert any("padded" in note for note in shown.notes)
    with pytest.raises(ShapeError, match="attention_mask"):
        as_shown([(np.ones((2, 3)),), (np.ones((2, 4)),)])


def test_of_a_batch_of_pairs_the_first_is_shown_and_said():
    found = cj.record(lambda x: x * 2, [(np.ones((2, 3)), [0, 1]), (np.zeros((1, 3)), [1])])
    assert found.outputs.values.tolist() == [[2] * 3, [2] * 3, [0] * 3]
    assert found.outputs.inputs.shape == (3, 3)
    assert any("targets=" in note for note in found.provenance["passes"])


def test_what_is_refused_names_the_way_out():
    assert as_shown(["a text", "another"]).main.tolist() == ["a text", "another"]  # some networks take it
    with pytest.raises(InputError, match="a list of texts"):
        as_shown("a text")
    with pytest.raises(ShapeError, match="rows"):
        as_shown({"a": np.ones((3, 2)), "b": np.ones((4, 2))})
    with pytest.raises(ShapeError, match="used up"):
        as_shown(iter([]))
    with pytest.raises(InputError, match="other inputs"):
        as_shown([{"a": np.ones((3, 2))}, {"b": np.ones((3, 2))}])
    with pytest.raises(InputError, match="several by name"):
        cj.record(Reader(), dict(zip(("input_ids", "attention_mask"), tokens(), strict=True)), bursts=4, burst_sd=0.1)


@pytest.mark.parametrize("kind", [bool, int, float, np.float16])
def test_masks_of_any_type(kind):
    mask = tokens()[1]
    assert (as_mask(mask.astype(kind)) == mask.astype(bool)).all()
    assert (as_mask(torch.tensor(mask.astype(float))) == mask.astype(bool)).all()


def test_masks_that_cannot_be_used():
    with pytest.raises(InputError, match="row 1 has no token"):
        as_mask([[1, 1], [0, 0]])
    with pytest.raises(InputError, match="other values than 0 and 1"):
        as_mask([[-1e9, 0.0]])
    with pytest.raises(ShapeError, match="mask: got 2 rows for 3"):
        cj.record(lambda x: x[:, :, :2], np.ones((3, 4, 3)), tokens="mean", mask=np.ones((2, 4)))


def test_what_the_caller_holds_is_left_as_it_was():
    ids, mask = tokens()
    before = ids.copy(), mask.copy()

    def writes(given):
        given["input_ids"][:] = 0
        return given["attention_mask"] * 1.0

    cj.record(writes, {"input_ids": ids, "attention_mask": mask})
    assert (ids == before[0]).all()
    assert (mask == before[1]).all()


def test_a_mask_of_another_name_is_not_taken_for_tokens_that_are_there(rng):
    class Masked(torch.nn.Module):
        def __init__(self):
            super().__init__()
            torch.manual_seed(0)
            self.embed, self.head = torch.nn.Embedding(11, 4), torch.nn.Linear(4, 3)

        def forward(self, input_ids, padding_mask):
            there = (~padding_mask).float()[..., None]
            return self.head((self.embed(input_ids) * there).sum(dim=1) / there.sum(dim=1))

    ids, mask = tokens()
    shown = {"input_ids": ids, "padding_mask": mask == 0}
    found = cj.record(Masked(), shown)
    assert any("'padding_mask' is shown, and not taken" in note for note in found.provenance["passes"])
    assert "padding left out" not in found.provenance["reduced"]["embed"]
    told = cj.record(Masked(), shown, mask=mask).layers["embed"].values
    by_hand = cj.record(Reader(), {"input_ids": ids, "attention_mask": mask}).layers["embed"].values
    np.testing.assert_allclose(told, by_hand, atol=1e-6)


def test_a_loader_that_draws_its_order_takes_nothing_by_place_and_leaves_the_random_state(rng):
    x, model = torch.randn(30, 4), torch.nn.Linear(4, 2)
    data = torch.utils.data.TensorDataset(x, torch.arange(30))
    for shuffle in (True, False):
        loader = torch.utils.data.DataLoader(data, batch_size=8, shuffle=shuffle)
        state = torch.get_rng_state()
        found = cj.record(model, loader)
        assert torch.equal(state, torch.get_rng_state())
        plain = cj.record(model, x)
        assert sorted(found.outputs.stimuli.tolist()) == sorted(plain.outputs.stimuli.tolist())
        if shuffle:
            for by_place in ("targets", "groups", "ids"):
                with pytest.raises(InputError, match="shuffle=False"):
                    cj.record(model, loader, **{by_place: np.arange(30)})
        else:
            assert cj.record(model, loader, targets=np.arange(30)).targets.tolist() == list(range(30))


def test_one_number_goes_to_the_network_as_it_is_and_is_told():
    class Scaled(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.first = torch.nn.Linear(3, 3)

        def forward(self, x, rate, squared=False):
            assert isinstance(rate, int)
            found = self.first(x) * rate
            return found**2 if squared else found

    torch.manual_seed(0)
    model, x = Scaled(), np.random.default_rng(0).normal(size=(20, 3)).astype(np.float32)
    plain = model(torch.from_numpy(x), 4).detach().numpy()
    for rate in (4, np.int64(4), torch.tensor(4)):
        found = cj.record(model, {"x": x, "rate": rate}, batch_size=6)
        np.testing.assert_allclose(found.outputs.values, plain, rtol=1e-5)
        assert "input 'rate' is 4 for every stimulus" in found.provenance["passes"]
    batches = [{"x": x[i : i + 5], "rate": 4, "squared": True} for i in range(0, 20, 5)]
    np.testing.assert_allclose(cj.record(model, batches).outputs.values, plain**2, rtol=1e-4)
    with pytest.raises(InputError, match="the same in all batches: rate"):
        cj.record(model, [batches[0], {**batches[1], "rate": 5}])
    called = cj.record(lambda given: given["x"] * given["rate"], {"x": x, "rate": 4})
    np.testing.assert_allclose(called.outputs.values, x * 4)
