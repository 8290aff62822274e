"""What two layers share, in a whole comparison: as objects, in the record, in words, on the page."""

import json

import jsonschema
import numpy as np
import pytest
import torch

import conjugacy as cj
from conjugacy.comparison.attributes import attributes_of
from conjugacy.comparison.shared_attributes import shared_attributes
from conjugacy.report import json_schema
from conjugacy.transformations import Standard
from conjugacy.transformations.common.judged import SharedLayers


@pytest.fixture(scope="module")
def layers():
    rng = np.random.default_rng(7)
    s, u, v = (rng.standard_normal((240, d)) for d in (3, 2, 3))
    x = np.tanh(np.hstack([s, u]) @ rng.standard_normal((5, 40)) / 2)
    attributes = {"pitch": s[:, 1], "who": np.where(u[:, 0] > 0, "x", "y"), "nothing": rng.standard_normal(240)}
    return x, np.hstack([s, v]) @ rng.standard_normal((6, 30)), (s[:, 0] > 0).astype(int), attributes


@pytest.fixture(scope="module")
def compared(layers):
    x, y, classes, attributes = layers
    rng = np.random.default_rng(1)
    untrained = [rng.standard_normal(one.shape) for one in (x, y)]
    images = cj.Activations(x, inputs=(x[:, :36] - x.min()).reshape(-1, 6, 6), name="a")
    return cj.compare(
        images, y, targets=classes, attributes=attributes, untrained_a=untrained[0], untrained_b=untrained[1]
    )


@pytest.mark.slow
def test_the_common_part_as_objects(layers, compared, tmp_path):
    x, y, *_ = layers
    found = compared.shared
    assert found.dimensions == 3
    assert found.interval[0] <= 3 <= found.interval[1]
    a, b = found.a(x), found.b(y)
    assert all(np.corrcoef(a[:, j], b[:, j])[0, 1] > 0.9 for j in range(3))
    assert found.a.inverse(a).shape == x.shape
    assert found.private_a(x).shape == (240, len(found.private_parts[0].directions))
    assert "3 common coordinates" in repr(found)
    again = cj.Comparison.load(compared.save(tmp_path / "ab.safetensors")).shared
    assert np.array_equal(again.a(x), a)
    assert again.directions == found.directions
    # A's units saturate, and B is linear in the latents
    assert [note for note in found.notes if "from the units of A as normal scores" in note]
    module = found.a.to_torch()
    assert np.allclose(module(torch.from_numpy(x).double()).detach().numpy(), a, atol=1e-6)


def test_what_it_is_good_for_and_what_copies_share(compared):
    found = compared.shared
    for task in found.tasks:
        assert task.common.value > 0.9
        assert task.private.value < 0.75
    assert [one.control for one in found.controls] == ["untrained"]
    assert found.controls[0].dimensions == 0


def test_the_record_the_words_and_the_page(compared, tmp_path):
    record = json.loads(compared.to_json())
    jsonschema.validate(record, json_schema())
    assert record["shared"]["dimensions"] == 3
    assert "a" not in record["shared"]
    assert compared.verdict.representation.answer == "partly_related"
    words = " ".join(str(compared).split())
    # the sentence of the verdict, wherever it is read: 3 common, and as many private ones as there are
    sentence = record["shared"]["sentence"]
    assert (
        sentence
        == "they share about 3 directions (3 to 3) of 5 and 6, which carry 100 % of what either needs for the task"
    )
    assert sentence in words
    assert sentence in compared._repr_html_()
    text = compared.report(tmp_path / "page.html").read_text()
    assert "What they share" in text
    assert sentence.replace(" %", "\u00a0%") in text
    assert "untrained copies share 0 coordinates" in text
    assert compared.figure("shared", tmp_path / "shared.svg").stat().st_size > 2000


def test_too_few_rows_say_nothing(layers):
    x, y, *_ = layers
    assert cj.compare(x[:50], y[:50]).shared is None


def test_many_rows_are_looked_at_in_part(layers, monkeypatch):
    monkeypatch.setattr("conjugacy.comparison.shared.MOST_ROWS", 200)
    x, y, *_ = layers
    found = cj.compare(x, y).shared
    assert found.rows == 200
    assert found.dimensions == 3


def test_which_part_carries_an_attribute(layers, compared):
    """By construction pitch is common, who is A's own, and nothing is nowhere."""
    table = compared.shared.attribute_table().set_index(["attribute", "part", "direction"])
    assert table["carried"][:, :, "all"].unstack().to_dict("index") == {
        "pitch": {"common": True, "a": False, "b": False},
        "who": {"common": False, "a": True, "b": False},
        "nothing": {"common": False, "a": False, "b": False},
    }
    assert table.loc["pitch", "common", "all"]["value"] > 0.95
    assert table.loc["who", "a", "all"]["chance"] == 0.5
    assert not table.loc["nothing"]["carried"].any()
    assert (table["p_adjusted"] >= table["p"]).all()
    said = " ".join(str(compared).split())
    assert "'pitch' is carried by what both share (" in said
    assert "'who' is carried by A's own part (balanced accuracy" in said
    assert "'nothing' is carried by no direction that was tested" in said
    assert f"Holm's steps over all {len(table)} tests" in said
    assert compared.to_dict()["settings"]["attributes"] == {"pitch": "values", "who": "classes", "nothing": "values"}


def test_private_directions_are_told_by_their_own_layer_alone(compared):
    for part in compared.shared.private_parts:
        assert part.told_by_other.value < 0.1
        assert set(part.high) & set(part.low) == set()
        assert len(part.high) == len(part.low) == 5


def test_stimuli_that_stand_out_are_pictures_where_inputs_are_images(compared, tmp_path):
    part = compared.shared.private_parts[0]
    assert part.pictures.shape == (10, 6, 6, 1)
    text = compared.report(tmp_path / "page.html").read_text()
    assert (
        text.count('<img src="data:image/png;base64,') == 20
    )  # of B too, whose inputs are not known: they are the same rows
    assert "img-src data:" in text
    assert "black is their lowest number" in text
    assert compared._repr_html_().count("<img ") == 20
    again = cj.Comparison.load(compared.save(tmp_path / "ab.safetensors")).shared
    assert np.array_equal(again.private_parts[0].pictures, part.pictures)
    assert again.attributes == compared.shared.attributes
    assert "pictures" not in compared.to_dict()["shared"]["private_parts"][0]


@pytest.mark.slow
def test_without_images_the_ids_stand_there(layers, tmp_path):
    x, y, *_ = layers
    found = cj.compare(cj.Activations(x, stimuli=[f"s{i}" for i in range(240)]), y)
    part = found.shared.private_parts[0]
    assert part.pictures is None
    assert part.high[0].startswith("s")
    text = found.report(tmp_path / "page.html").read_text()
    assert "<img" not in text
    assert f"At one end of A&#39;s strongest own direction stand {part.high[0]}, " in text
    assert part.high[0] in found._repr_html_()


@pytest.mark.slow
def test_conditions_of_trials_are_an_attribute():
    rng = np.random.default_rng(3)
    which = np.arange(60) % 2
    s = (2.0 * which - 1.0)[:, None, None] + 0.3 * rng.standard_normal((60, 5, 1))
    u, v = rng.standard_normal((2, 60, 5, 2))
    a, b = (np.concatenate([s, own], axis=2) @ rng.standard_normal((3, 12)) for own in (u, v))
    found = cj.compare(cj.Trajectories(a, conditions=np.where(which, "go", "stop")), cj.Trajectories(b)).shared
    carried = {(one.attribute, one.part) for one in found.attributes if one.carried}
    assert carried == {("condition", "common")}


@pytest.mark.slow
def test_attributes_that_are_nothing_are_hardly_ever_carried():
    """Of 200 comparisons with a true attribute and two that are nothing, 5 % at most name one of these by chance."""
    wrong = missed = 0
    for seed in range(200):
        rng = np.random.default_rng(seed)
        s, u, v = rng.standard_normal((3, 100, 1))
        x, y = (np.hstack([s, own]) @ rng.standard_normal((2, 8)) for own in (u, v))
        found = SharedLayers(x, y, Standard(np.arange(100), 0.05, seed))
        attributes = attributes_of(
            {"true": s[:, 0], "number": rng.standard_normal(100), "class": np.where(rng.random(100) < 0.4, "x", "y")}
        )
        tests, _ = shared_attributes(found, attributes)
        wrong += any(one.p_adjusted <= 0.05 for one in tests if (one.attribute, one.part) != ("true", "common"))
        missed += not any(one.carried for one in tests if one.attribute == "true")
    assert wrong <= 18  # 5 % are 10; 18 are beyond what chance makes of these in 99 of 100 cases
    assert missed == 0
