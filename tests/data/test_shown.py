"""What Python shows by itself is short, names what is there, and holds no arrays."""

import numpy as np

import conjugacy as cj

RNG = np.random.default_rng(0)
X = RNG.normal(size=(40, 3))


def test_data_are_shown_in_one_line():
    many = cj.Recording.from_arrays({f"layer{i}": X for i in range(30)}, name="net", stimuli=range(40))
    paths = cj.Trajectories([X, X[:30]], dt=0.5, drive=[X, X[:30]])
    for one, said in (
        (many, ("'net'", "40 stimuli", "layer0 (3)", "and 22 more", "compare(")),
        (many.first, ("'net'", "'layer0'", "40 stimuli x 3 units", "with stimulus ids")),
        (cj.Activations(X), ("without stimulus ids",)),
        (paths, ("2 trials x 30-40 time points x 3 units", "dt 0.5", "driven")),
        (cj.Recording({"h": paths}), ("2 trials", "h (3)")),
    ):
        assert "\n" not in repr(one)
        assert len(repr(one)) < 300
        assert all(words in repr(one) for words in said)


def test_results_are_shown_in_a_few_words():
    result = cj.compare(X, X @ np.linalg.qr(RNG.normal(size=(3, 3)))[0], measures=["cka"])
    study = cj.pairwise({"a": X, "b": X[:, ::-1]}, measures=["cka"])
    for one, said in (
        (result, ("representation rotation", ".report(", ".save(")),
        (result.verdict.representation, ("equivalent", "rotation")),
        (result.transformation("rotation"), ("rotation map, 3 to 3 units", "held-out")),
        (result.layer_map, ("1 x 1 layers (A x B) by cka",)),
        (study, ("2 networks, 1 pair", "cka", ".classes()")),
        (study.classes(), ("2 networks by cka", ".rule")),
    ):
        assert "array([" not in repr(one)
        assert len(repr(one)) < 450
        assert all(words in repr(one) for words in said)


def test_the_layer_map_is_a_labelled_table():
    a = cj.Recording.from_arrays({"h1": X, "h2": np.tanh(X)})
    table = cj.compare(a, cj.Recording.from_arrays({"g": X + 0.1}), layers=("h1", "g")).layer_map
    assert table.to_pandas().loc["h1", "g"] == float(table.to_xarray().sel(layer_a="h1", layer_b="g"))
    assert "h2" in table._repr_html_()
