"""Networks along a number: natural order, coordinates read from names or given, curves with intervals, tables with words."""

import matplotlib as mpl
import numpy as np
import pytest

import conjugacy as cj
from conjugacy.errors import InputError
from conjugacy.study.coordinate import coordinates_of
from conjugacy.study.frames import mean_of_pairs
from conjugacy.study.table import study_of

mpl.use("Agg")
RNG = np.random.default_rng(0)
X = RNG.normal(size=(80, 3))
STEPS = (0, 10, 100, 1000, 10000)


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs")
    for step in STEPS:  # the later, the nearer to the last
        values = X @ np.diag([1, 1, np.log1p(step) / 9]) + RNG.normal(size=X.shape) * (1 - np.log1p(step) / 9.3)
        np.savez(folder / f"step{step}.npz", h=values)
    return cj.pairwise(folder, measures=["cka"], draws=20)


def test_names_stand_in_the_order_of_their_numbers(study):
    assert study.networks[0] == tuple(f"step{step}" for step in STEPS)


def test_the_curve_follows_the_coordinate(study):
    curve = study.along("step")
    assert curve["step"].tolist() == list(STEPS[:-1])  # each with the last one
    expected = [float(study.table()[i, -1]) for i in range(4)]
    np.testing.assert_allclose(curve["value"], expected)
    assert curve["value"].iloc[-1] > curve["value"].iloc[0]
    low, high = (float(study.table(name)[0, -1]) for name in ("low", "high"))
    assert (curve["low"].iloc[0], curve["high"].iloc[0]) == (low, high)
    given = {name: -i for i, name in enumerate(study.networks[0])}
    assert study.along(given)["value"].iloc[0] == pytest.approx(float(study.table()[4, 0]))


def test_networks_with_one_number_are_compared_with_each_other():
    names = [f"step{s}-seed{i}" for s in (1, 2) for i in range(4)]
    x = np.array([0.0, 1, 2, 3, 10, 10.1, 10.2, 10.3])
    curve = study_of(names, values=np.abs(x[:, None] - x), measure="procrustes").along("step")
    np.testing.assert_allclose(curve["value"], [10 / 6, 1 / 6])
    assert curve["pairs"].tolist() == [6, 6]
    assert (curve["low"] < curve["value"]).all()
    last = study_of(names, values=np.abs(x[:, None] - x), measure="procrustes").along("step", against="last")
    np.testing.assert_allclose(last["value"], [10.15 - 1.5, 1 / 6])


def test_answers_are_counted_and_gains_are_ratios():
    names = ["step1", "step2", "step3"]
    said = [["missing", "undecided", "partly_related"], ["missing"] * 2 + ["equivalent"], ["missing"] * 3]
    values = np.array([[0, 0.3, 0.4], [0.3, 0, 0.04], [0.4, 0.04, 0]])
    curve = study_of(names, said, values).along("step")
    assert curve[["equivalent", "otherwise", "undecided"]].to_numpy().tolist() == [[0, 1, 0], [1, 0, 0]]
    np.testing.assert_allclose(curve["gain"], [0, 1])
    left = study_of(names, said, values).along("step", against="first")
    assert "equivalent" in left
    assert "gain" not in left  # nothing is gained by leaving where one came from


def test_intervals_cover_the_mean_of_networks():
    hits = 0
    for seed in range(200):
        x = np.random.default_rng(seed).normal(size=8)
        _, low, high, _ = mean_of_pairs((x[:, None] - x) ** 2 / 2, True, seed)
        hits += low <= 1 <= high
    assert hits >= 160  # of a skewed mean, which few networks show too small


@pytest.mark.parametrize(
    ("names", "coordinate", "said"),
    [(["step1", "final"], "step", "final have no number"), (["a", "b"], "step", "a, b have no number"),
     (["a"], {}, "a are not in the mapping"), (["a"], {"a": "x"}, "expected a number"), (["a"], 5, "a word such as 'step'")],
)  # fmt: skip
def test_missing_coordinates_are_named(names, coordinate, said):
    with pytest.raises(InputError, match=said):
        coordinates_of(names, coordinate)


def test_a_word_is_no_part_of_another():
    assert coordinates_of(["misstep9-step1", "misstep9_STEP-2.5"], "step")[1] == {
        "misstep9-step1": 1,
        "misstep9_STEP-2.5": 2.5,
    }


def test_tables_hold_words(study):
    words = study.to_xarray().status.sel(network_a="step0", network_b="step10").item()
    assert words == "ok"
    summary = study.summary()
    assert len(summary) == 10
    assert summary["status"].unique().tolist() == ["ok"]
    np.testing.assert_allclose(summary["value"].iloc[0], study.table()[0, 1])


def test_layers_have_dimensions_of_their_own():
    nets = [
        cj.Recording.from_arrays({"h1": X + RNG.normal(size=X.shape), "h2": np.tanh(X)}, stimuli=range(80), name=n)
        for n in "abc"
    ]
    study = cj.pairwise(nets, measures=["cka"], layers=[("h1", "h1"), ("h1", "h2"), ("h2", "h2")])
    table = study.by_layers()
    assert table.sizes == {"layer_a": 2, "layer_b": 2}
    np.testing.assert_allclose(table["mean"].sel(layer_a="h2", layer_b="h2"), 1.0)
    upper = study.table("value", "cka", "h1")[np.triu_indices(3, 1)]
    np.testing.assert_allclose(table["mean"].sel(layer_a="h1", layer_b="h1"), upper.mean())
    assert np.isnan(table["mean"].sel(layer_a="h2", layer_b="h1"))


def test_many_pairs_of_layers_are_printed_as_one_line():
    names = [f"h{i}" for i in range(4)]
    nets = [cj.Recording.from_arrays({h: X + i for i, h in enumerate(names)}, stimuli=range(80), name=n) for n in "ab"]
    shown = str(cj.pairwise(nets, measures=["cka"], layers=[(a, b) for a in names for b in names]))
    assert "16 pairs of layers" in shown
    assert "16 computed" in shown
    assert len(shown.splitlines()) < 20


@pytest.mark.parametrize("name", ["matrix", "tree", "plane", "classes", "curve"])
def test_every_figure_is_drawn_on_axes_and_as_a_file(name, study, tmp_path):
    from matplotlib import pyplot as plt

    figure, (left, _) = plt.subplots(1, 2)
    drawn = study.figure(name, ax=left)
    assert drawn.get_figure(root=True) is figure
    figure.canvas.draw()
    plt.close("all")
    assert b"<svg" in study.figure(name, tmp_path / "a.svg").read_bytes()


def test_figures_that_cannot_be_drawn_say_why(study):
    with pytest.raises(InputError, match="figure"):
        study.figure("matrices")
    with pytest.raises(InputError, match="'matrix' has no option cordinate; it has measure"):
        study.figure("matrix", cordinate="step")
    with pytest.raises(InputError, match="coordinate: name what orders"):
        study_of(["a", "b"], values=np.zeros((2, 2)), measure="procrustes").figure("curve")


def test_the_page_has_the_curve_where_names_are_ordered(study, tmp_path):
    text = study.report(tmp_path / "a.html").read_text()
    assert 'id="curve"' in text
    assert "curves over step" in text
    other = study_of(["a", "b"], values=np.zeros((2, 2)), measure="procrustes").report(tmp_path / "b.html")
    assert 'id="curve"' not in other.read_text()


def test_the_other_axis_says_how_to_get_it(study):
    with pytest.raises(InputError, match=r"measures=\['cka', 'verdict:axis=function'\]"):
        study.classes(axis="function")


def test_whole_steps_are_whole_numbers(study):
    steps = study.along("step")["step"]
    assert steps.dtype.kind == "i"
    assert [type(v) for v in coordinates_of(["w1", "w2.5"], "w")[1].values()] == [float, float]
    assert coordinates_of(["a", "b"], {"a": 3.0, "b": 7.0})[1] == {"a": 3, "b": 7}
