"""What two layers share, in a whole comparison: as objects, in the record, in words, on the page."""

import json

import jsonschema
import numpy as np
import pytest

import conjugacy as cj
from conjugacy.report import json_schema


@pytest.fixture(scope="module")
def layers():
    rng = np.random.default_rng(7)
    s, u, v = (rng.standard_normal((240, d)) for d in (3, 2, 3))
    x = np.tanh(np.hstack([s, u]) @ rng.standard_normal((5, 40)) / 2)
    return x, np.hstack([s, v]) @ rng.standard_normal((6, 30)), (s[:, 0] > 0).astype(int)


@pytest.fixture(scope="module")
def compared(layers):
    x, y, classes = layers
    rng = np.random.default_rng(1)
    untrained = [rng.standard_normal(one.shape) for one in (x, y)]
    return cj.compare(x, y, targets=classes, untrained_a=untrained[0], untrained_b=untrained[1])


def test_the_common_part_as_objects(layers, compared, tmp_path):
    x, y, _ = layers
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
    assert "they share about 3 coordinates" in words
    assert "of the task" in words
    text = compared.report(tmp_path / "page.html").read_text()
    assert "What they share" in text
    assert "untrained copies share 0 coordinates" in text
    assert compared.figure("shared", tmp_path / "shared.svg").stat().st_size > 2000


def test_too_few_rows_say_nothing(layers):
    x, y, _ = layers
    assert cj.compare(x[:50], y[:50]).shared is None


def test_many_rows_are_looked_at_in_part(layers, monkeypatch):
    monkeypatch.setattr("conjugacy.comparison.shared.MOST_ROWS", 200)
    x, y, _ = layers
    found = cj.compare(x, y).shared
    assert found.rows == 200
    assert found.dimensions == 3
