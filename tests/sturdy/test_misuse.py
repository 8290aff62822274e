"""Every public method of what users hold: a wrong kind or value ends in an error of ours, never in one from within."""

import numpy as np
import pytest

import conjugacy as cj
from conjugacy.errors import ConjugacyError, InputError
from conjugacy.study.table import study_of

RNG = np.random.default_rng(0)
X = RNG.normal(size=(60, 3))
NAMES = [f"step{i}" for i in range(4)]
FAR = np.abs(np.subtract.outer(np.arange(4.0), np.arange(4.0)))

ODD = {
    "none": None,
    "minus one": -1,
    "a half": 1.5,
    "yes": True,
    "text": "x",
    "nothing": "",
    "bytes": b"x",
    "list": [],
    "names": ["a"],
    "mapping": {"a": "b"},
    "numbers": np.zeros(3),
    "words": np.array(["a", "b"]),
    "object": object(),
    "no number": float("nan"),
    "endless": float("inf"),
    "huge": 10**400,
    "half a letter": "\udcff",
    "function": len,
}
SEED = {"huge"}
LEFT_OUT = {"none"}


class Doors:
    """What is held, made once for all tests."""

    def __init__(self):
        self.study = study_of(NAMES, values=FAR, measure="procrustes")
        layers = {"h": X, "outputs": X[:, :2]}
        self.recording = cj.Recording.from_arrays(layers, name="n")
        self.result = cj.compare(X, X @ RNG.normal(size=(3, 3)))
        self.map = self.result.transformation("affine")


@pytest.fixture(scope="module")
def held():
    return Doors()


STUDY = {
    "along": (lambda s, odd: s.along(odd), {"text", "half a letter"}),  # the only number in every name
    "along, seed": (lambda s, odd: s.along("step", seed=odd), SEED),
    "along, against": (lambda s, odd: s.along("step", against=odd), LEFT_OUT),
    "table": (lambda s, odd: s.table(odd), set()),
    "table, measure": (lambda s, odd: s.table("value", odd), LEFT_OUT),
    "table, layers": (lambda s, odd: s.table("value", "procrustes", odd), LEFT_OUT),
    "by_layers": (lambda s, odd: s.by_layers(odd), LEFT_OUT),
    "classes, measure": (lambda s, odd: s.classes(measure=odd), LEFT_OUT),
    "classes, layers": (lambda s, odd: s.classes(layer_pair=odd), LEFT_OUT),
    "classes, axis": (lambda s, odd: s.classes(axis=odd), LEFT_OUT),
    "classes, q": (lambda s, odd: s.classes(q=odd), set()),
    "classes, seed": (lambda s, odd: s.classes(seed=odd), SEED),
    "contrast, first": (lambda s, odd: s.contrast(odd, NAMES[2:]), set()),
    "contrast, second": (lambda s, odd: s.contrast(NAMES[:2], odd), set()),
    "contrast, draws": (lambda s, odd: s.contrast(NAMES[:2], NAMES[2:], draws=odd), set()),
    "contrast, seed": (lambda s, odd: s.contrast(NAMES[:2], NAMES[2:], draws=100, seed=odd), SEED),
    "contrast, measure": (lambda s, odd: s.contrast(NAMES[:2], NAMES[2:], draws=100, measure=odd), LEFT_OUT),
    "nearest": (lambda s, odd: s.nearest(odd), set()),
    "nearest, k": (lambda s, odd: s.nearest(NAMES[0], odd), {"huge"}),
    "nearest, layers": (lambda s, odd: s.nearest(NAMES[0], layer_pair=odd), LEFT_OUT),
    "pair": (lambda s, odd: s.pair(odd, NAMES[0]), set()),
    "pair, measure": (lambda s, odd: s.pair(NAMES[0], NAMES[1], measure=odd), set()),
    "pair, layers": (lambda s, odd: s.pair(NAMES[0], NAMES[1], layer_pair=odd), set()),
    "figure": (lambda s, odd: s.figure(odd, "f.svg"), set()),
    "figure, path": (lambda s, odd: s.figure("tree", odd), LEFT_OUT),
    "figure, ax": (lambda s, odd: s.figure("tree", ax=odd), LEFT_OUT),
    "figure, classes": (lambda s, odd: s.figure("plane", "f.svg", classes=odd), LEFT_OUT),
    "figure, measure": (lambda s, odd: s.figure("curve", "f.svg", measure=odd), LEFT_OUT),
    "figure, coordinate": (lambda s, odd: s.figure("curve", "f.svg", coordinate=odd), {"none", "text", "half a letter"}),
    "figure, what it has not": (lambda s, odd: s.figure("matrix", "f.svg", coordinate=odd), set()),
    "report, path": (lambda s, odd: s.report("nowhere/x" if isinstance(odd, str) and odd else odd), set()),
    "report, classes": (lambda s, odd: s.report("s.html", classes=odd), LEFT_OUT),
    "report, pages": (lambda s, odd: s.report("s.html", pages=odd), {"huge"}),
    "report, compare_pair": (lambda s, odd: s.report("s.html", compare_pair=odd), {"none", "function"}),
}  # fmt: skip
RESULT = {
    "transformation": (lambda r, odd: r.transformation(odd), set()),
    "transformation, axis": (lambda r, odd: r.transformation("affine", axis=odd), LEFT_OUT),
    "figure": (lambda r, odd: r.figure(odd, "f.svg"), set()),
    "figure, axis": (lambda r, odd: r.figure("errors", "f.svg", axis=odd), set()),
    "save, overwrite": (lambda r, odd: r.save("r.safetensors", overwrite=odd), {"yes"}),
    "save": (lambda r, odd: r.save(odd), set()),
    "report": (lambda r, odd: r.report("nowhere/x" if isinstance(odd, str) and odd else odd), set()),
    "load": (lambda r, odd: type(r).load(odd), set()),
}
MAP = {
    "call": (lambda t, odd: t(odd), {"numbers"}),
    "jacobian": (lambda t, odd: t.jacobian(odd), {"numbers"}),
    "compose": (lambda t, odd: t.compose(odd), set()),
    "push": (lambda t, odd: t.push(odd, np.ones((2, 3, 1))), set()),
    "push, directions": (lambda t, odd: t.push(X[:2], odd), set()),
    "condition_range": (lambda t, odd: t.condition_range(odd, dimension=2), set()),
    "condition_range, dimension": (lambda t, odd: t.condition_range(X, dimension=odd), set()),
    "condition_range, seed": (lambda t, odd: t.condition_range(X, dimension=2, seed=odd), SEED),
    "save": (lambda t, odd: t.save("nowhere/x" if isinstance(odd, str) and odd else odd), set()),
    "save, overwrite": (lambda t, odd: t.save("t.safetensors", overwrite=odd), {"yes"}),
    "load": (lambda t, odd: t.load(odd), set()),
}
RECORDING = {
    "layer": (lambda r, odd: r.layer(odd), set()),
    "only_output": (lambda r, odd: r.only_output(odd), {"nothing"}),  # `outputs` with nothing behind it
    "save": (lambda r, odd: r.save(odd), set()),
    "save, overwrite": (lambda r, odd: r.save("r.npz", overwrite=odd), {"yes"}),
}
DOORS = {
    f"{what}: {name}": (what, *door)
    for what, doors in (("study", STUDY), ("result", RESULT), ("map", MAP), ("recording", RECORDING))
    for name, door in doors.items()
}


@pytest.mark.parametrize("door", DOORS)
def test_what_is_odd_is_refused_in_our_words(door, held, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    what, use, taken = DOORS[door]
    for name, odd in ODD.items():
        if name in taken:
            continue
        with pytest.raises(ConjugacyError):
            use(getattr(held, what), odd)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("use", "said"),
    [
        (lambda s: s.contrast("step0", NAMES[2:]), r"first: got 'step0', expected a list of networks, as \['step0'\]"),
        (lambda s: s.contrast([3], NAMES[2:]), "first: got 3 among the networks, expected names as text"),
        (lambda s: s.nearest("step9"), "there is no network 'step9'; did you mean 'step"),
        (lambda s: s.table("values"), "there is no variable 'values'; did you mean 'value'"),
        (lambda s: s.classes(q=5), "q: got 5, expected a share between 0 and 1"),
        (lambda s: s.along("step", seed=-1), "seed: got -1, expected a whole number of at least 0"),
        (lambda s: s.along("step", against="end"), "there is no against 'end'; known: 'last', 'first', 'same'"),
        (lambda s: s.report("x.html", pages="x"), "pages: got 'x', expected a whole number of at least 0"),
        (lambda s: s.figure("tree", classes=dict.fromkeys(NAMES, "a")), r"classes: got .*, expected what study.classes\(\)"),
        (lambda s: s.figure("matrix", coordinate="step"), "'matrix' has no option coordinate; it has measure, layer_pair"),
        (lambda s: s.pair("step0", "step1", measure=5), "measure: got 5, expected one of 'procrustes'"),
    ],
)  # fmt: skip
def test_a_message_says_what_was_given_and_expected(held, use, said):
    with pytest.raises(InputError, match=said):
        use(held.study)


def test_a_measure_may_be_given_as_it_was_made(held):
    np.testing.assert_array_equal(held.study.table(measure=cj.get_measure("procrustes")), FAR)

    def gap(x, y):
        return float(abs(x.mean() - y.mean()))

    own = study_of(NAMES, values=FAR, measure="gap")
    np.testing.assert_array_equal(own.table("value", gap), FAR)


def test_a_network_that_was_not_sorted_is_named(held):
    classes = held.study.classes()
    with pytest.raises(KeyError, match="there is no sorted network 'stp1'; did you mean 'step1'"):
        classes["stp1"]
    assert classes.get("stp1") is None


def test_names_that_no_file_can_hold_are_written_out(tmp_path):
    odd = "n\udcff"
    ids = [f"{i}\udcfe" for i in range(60)]
    recording = cj.Recording.from_arrays({odd: X, "outputs": X[:, :2]}, name=odd, stimuli=ids, groups=ids)
    assert recording.name == "n\\udcff"
    assert recording.layer(odd) is recording.layer("n\\udcff")
    assert cj.load(recording.save(tmp_path / "n.npz")).first.stimuli[3] == "3\\udcfe"
    result = cj.compare(recording, cj.Recording.from_arrays({"h": X + 1}, stimuli=ids))
    assert cj.Comparison.load(result.save(tmp_path / "r.safetensors")).networks[0] == "n\\udcff"
    for text in (result.to_json(), repr(result), str(result)):
        assert "n\\udcff" in text.replace("\\\\", "\\")
    jacobians = cj.Recording({odd: cj.Activations(X)}, jacobians={odd: np.zeros((60, 3, 2))}).jacobians
    assert list(jacobians) == ["n\\udcff"]


@pytest.mark.parametrize("ending", ["npz", "safetensors", "zarr", "h5"])
def test_a_recording_saves_itself_and_replaces_nothing(ending, held, tmp_path):
    kept = held.recording.save(tmp_path / f"n.{ending}")
    again = cj.load(kept)
    np.testing.assert_array_equal(again.layer("h").values, X)
    assert (again.name, again.outputs.shape) == ("n", (60, 2))
    with pytest.raises(InputError, match="exists"):
        held.recording.save(kept)
    held.recording.save(kept, overwrite=True)
