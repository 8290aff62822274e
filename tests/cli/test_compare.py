"""`conjugacy compare`: what it prints, writes, and with which code it leaves."""

from __future__ import annotations

import json

import numpy as np
import pytest

import conjugacy as cj
from conjugacy.activations import save


def test_the_table_goes_to_stdout_and_progress_to_stderr(say, folder):
    said = say("compare", "a.npz", "b.npz")
    assert said.code == 0
    assert "same task" in said.out
    assert "representation   rotation" in said.out
    assert "comparing layer" in said.err
    assert "comparing layer" not in said.out


def test_json_stands_alone_on_stdout_and_is_what_the_library_says(say, folder):
    said = say(
        "compare", "a.npz", "b.npz", "--json", "--measure", "cka", "--measure", "cka:debiased=false", "--seed", 3
    )
    record = json.loads(said.out)
    expected = cj.compare(cj.load("a.npz"), cj.load("b.npz"), measures=("cka", "cka:debiased=false"), seed=3).to_dict()
    for key in ("function", "representation", "measures", "networks", "n_samples", "seed"):
        assert record[key] == json.loads(json.dumps(expected[key])), key
    assert record["representation"]["rung"] == "rotation"


@pytest.mark.slow
def test_a_device_of_torch_gives_the_same_answer_and_is_noted(say, folder):
    here, there = (
        json.loads(say("compare", "a.npz", "b.npz", "--json", *more).out) for more in ((), ("--device", "cpu"))
    )
    assert there["representation"]["rung"] == here["representation"]["rung"] == "rotation"
    assert "by torch" in str(there["notes"])
    assert "by torch" not in str(here["notes"])
    refused = say("compare", "a.npz", "b.npz", "--device", "warp")
    assert refused.code == 2
    assert "device: 'warp' cannot be used here" in refused.err


def test_report_and_chosen_layers(say, folder):
    said = say("compare", "a.npz", "b.npz", "--layers", "hidden", "outputs", "--report", "page.html")
    assert said.code == 0
    assert "<html" in (folder / "page.html").read_text() or "<!doctype" in (folder / "page.html").read_text().lower()
    assert "page.html" in said.err


@pytest.mark.parametrize(
    ("condition", "code"),
    [
        ("representation=equivalent", 1),
        ("representation!=equivalent", 0),
        ("dynamics=not_tested", 1),
        ("function!=unrelated", 1),
        ("function=unrelated", 0),
    ],
)
def test_fail_on(say, folder, condition, code):
    said = say("compare", "a.npz", "b.npz", "--fail-on", condition)
    assert said.code == code
    assert ("--fail-on met" in said.err) == (code == 1)
    assert "representation   rotation" in said.out


@pytest.mark.parametrize(
    ("words", "code", "sign"),
    [
        (["--require", "representation=rotation", "--require", "rung<=affine"], 0, ""),
        (["--require", "representation=permutation"], 1, "--require not met: representation=permutation"),
        (["--require", "dynamics=equivalent"], 3, "--require open: dynamics=equivalent"),
        (["--fail-on", "cka<0.5"], 0, ""),
        (["--fail-on", "cka>0.5"], 1, "--fail-on met: cka>0.5; layer hidden: cka is"),
        (["--fail-on", "dynamics=equivalent"], 0, ""),
        (["--fail-on", "dynamics!=equivalent"], 1, "--fail-on met"),
        (["--fail-on", "kl>0.1"], 3, "--fail-on open: kl>0.1"),
        (["--fail-on", "jensen_shannon>0.5"], 3, "--fail-on open: jensen_shannon>0.5; measure"),
    ],
)
def test_what_is_wanted_and_what_must_not_be(say, folder, words, code, sign):
    said = say("compare", "a.npz", "b.npz", *words)
    assert said.code == code
    assert sign in said.err
    assert ("--require" in said.err or "--fail-on" in said.err) == bool(sign)


def test_a_number_that_is_open_leaves_with_3_on_either_side(say, folder, rng):
    truth = rng.integers(0, 4, 200)
    for name, chosen in (("one", truth), ("other", np.where(np.arange(200) < 10, (truth + 1) % 4, truth))):
        np.savez(folder / f"{name}.npz", outputs=8 * np.eye(4)[chosen] + rng.random((200, 4)))
    words = ["one.npz", "other.npz", "--output-kind", "logits"]
    for condition, code in (("churn>0.05", 3), ("churn>0.02", 1)):  # churn is .05 [.02, .09]
        said = say("compare", *words, "--fail-on", condition)
        assert said.code == code
        assert (f"--fail-on open: {condition}" in said.err) == (code == 3)
    assert say("gate", *words, "--fail-on", "churn>0.05").code == 3
    # answers are read to the letter, that of a layer that is not there too
    assert say("compare", *words, "--fail-on", "representation!=equivalent").code == 1


@pytest.fixture
def moving(folder, rng):
    """Two recordings of trajectories whose trials share nothing."""
    for name in "pq":
        steps = rng.normal(size=(6, 12, 3)).cumsum(axis=1)
        layers = {"hidden": cj.Trajectories(steps, trials=[f"{name}{i}" for i in range(6)])}
        save(cj.Recording(layers, name=name), folder / f"{name}.npz")
    return folder


@pytest.mark.parametrize("condition", ["cka>0.9", "rung<=affine", "representation=equivalent", "drop-in=yes", "kl<0.1"])
def test_what_unmatched_trials_cannot_tell_is_refused_before_the_work(say, moving, monkeypatch, condition):
    monkeypatch.setattr("conjugacy.activations.load", lambda *a, **k: pytest.fail("read before the check"))
    said = say("compare", "p.npz", "q.npz", "--match", "none", "--require", condition)
    assert (said.code, said.out) == (2, "")
    assert f"--require {condition}: needs rows that belong together" in said.err


def test_trials_that_turn_out_to_be_unmatched_leave_conditions_on_layers_open(say, moving):
    wanted = [f"--require={text}" for text in ("cka>0.9", "rung<=affine", "representation=equivalent")]
    said = say("compare", "p.npz", "q.npz", *wanted)
    assert said.code == 3
    assert said.err.count("the trials are unmatched") == 3
    said = say("gate", "p.npz", "q.npz", *wanted)
    assert said.code == 3
    assert said.out.count("the trials are unmatched") >= 3


def test_controls_and_groups_reach_the_comparison(say, folder, rng):
    rng.normal(size=1000)  # the networks were drawn from the same seed
    for i in range(2):
        np.savez(folder / f"untrained{i}.npz", hidden=rng.normal(size=(120, 3)), outputs=rng.normal(size=(120, 2)))
    (folder / "groups.txt").write_text("\n".join(f"g{i // 2}" for i in range(120)))
    controls = ["--untrained-a", "untrained0.npz", "--untrained-a", "untrained1.npz", "--untrained-b", "untrained0.npz"]
    record = json.loads(say("compare", "a.npz", "b.npz", *controls, "--groups", "groups.txt", "--json").out)
    assert record["settings"]["independent_groups"] == 60
    assert record["representation"]["controls"]
    assert record["representation"]["gain"]["low_a_to_b"] > 0.3
    assert record["representation"]["gain"]["state"] == "unshuffled"


WRONG = {
    "missing file": (["a.npz", "c.npz"], "there is no file"),
    "different rows": (["a.npz", "short.npz"], "120"),
    "nan": (["a.npz", "nan.npz"], "NaN"),
    "truncated": (["a.npz", "truncated.npz"], "cannot be read"),
    "empty": (["a.npz", "empty.npz"], "empty"),
    "pickled": (["a.npz", "pickled.npz"], "objects"),
    "dead": (["a.npz", "dead.npz"], "varies"),
    "scalar": (["a.npz", "scalar.npz"], "shape"),
    "unknown layer": (["a.npz", "b.npz", "--layer", "hiden:hidden"], "did you mean 'hidden'"),
    "unknown measure": (["a.npz", "b.npz", "--measure", "ckaa"], "did you mean 'cka'"),
    "unknown knob": (["a.npz", "b.npz", "--measure", "cka:debias=false"], "debiased"),
    "unknown axis": (["a.npz", "b.npz", "--fail-on", "functoin=undecided"], "did you mean 'function'"),
    "unknown answer": (["a.npz", "b.npz", "--fail-on", "function=same"], "'equivalent'"),
    "no condition": (["a.npz", "b.npz", "--fail-on", "function"], "NAME=ANSWER"),
    "wrong wish": (["a.npz", "b.npz", "--require", "churn=0.1"], "compared with a threshold"),
    "tolerance": (["a.npz", "b.npz", "--tolerance", "5"], "between 0 and 1"),
    "tolerance is text": (["a.npz", "b.npz", "--tolerance", "much"], "--tolerance"),
    "negative seed": (["a.npz", "b.npz", "--seed", "-1"], "greater than or equal to 0"),
    "match": (["a.npz", "b.npz", "--match", "luck"], "luck"),
    "groups": (["a.npz", "b.npz", "--groups", "few.txt"], "120"),
    "no groups": (["a.npz", "b.npz", "--groups", "none.txt"], "does not exist"),
    "output layer": (["a.npz", "b.npz", "--output-layer", "outputz"], "did you mean 'outputs'"),
    "output kind": (["a.npz", "b.npz", "--output-kind", "logit"], "did you mean 'logits'"),
    "untrained": (["a.npz", "b.npz", "--untrained-a", "c.npz"], "there is no file"),
    "one network": (["a.npz"], "conjugacy compare --help"),
    "unknown option": (["a.npz", "b.npz", "--tolerence", "1"], "--tolerance"),
}


@pytest.fixture
def hostile(folder):
    x = np.random.default_rng(1).normal(size=(120, 3))
    np.savez(folder / "nan.npz", hidden=np.where(x > 2, np.nan, x))
    np.savez(folder / "dead.npz", hidden=np.ones((120, 3)))
    np.savez(folder / "scalar.npz", hidden=np.float64(3))
    np.savez(folder / "pickled.npz", hidden=np.array([{"a": 1}], dtype=object))
    (folder / "truncated.npz").write_bytes((folder / "a.npz").read_bytes()[:1500])
    (folder / "empty.npz").write_bytes(b"")
    (folder / "few.txt").write_text("a\nb\n")
    return folder


@pytest.mark.parametrize("case", WRONG)
def test_wrong_input_exits_with_2_one_message_and_nothing_written(say, hostile, case):
    words, message = WRONG[case]
    before = sorted(p.name for p in hostile.iterdir())
    said = say("compare", *words, "--report", "page.html")
    assert said.code == 2
    assert said.out == ""
    assert message in said.err
    assert "Traceback" not in said.err
    assert said.err.count("conjugacy:") == 1
    assert sorted(p.name for p in hostile.iterdir()) == before


@pytest.mark.parametrize("place", ["nowhere/page.html", "."])
def test_the_place_of_the_report_is_checked_before_anything_is_read(say, folder, monkeypatch, place):
    monkeypatch.setattr("conjugacy.activations.load", lambda *a, **k: pytest.fail("read before the check"))
    said = say("compare", "a.npz", "b.npz", "--report", place)
    assert said.code == 2
    assert "folder" in said.err


def test_layers_are_named_one_way_and_the_old_ways_are_told(folder, say):
    new = say("compare", "a.npz", "b.npz", "--layer", "hidden:outputs", "--json")
    old = say("compare", "a.npz", "b.npz", "--layers", "hidden", "outputs", "--json")
    records = [json.loads(said.out)["representation"] for said in (new, old)]
    assert records[0]["layers"] == ["hidden", "outputs"]
    assert records[0] == records[1]
    assert "--layers is deprecated: write --layer hidden:outputs" in old.err
    assert "deprecated" not in new.err
    for words, sign in ((["a:b:c"], "expected NAME, or A:B"), (["a", "--layer", "b"], "looks at one pair")):
        said = say("compare", "a.npz", "b.npz", "--layer", *words)
        assert (said.code, sign in said.err) == (2, True)


def test_a_colon_in_a_layer_is_written_with_a_backslash(folder, say):
    x = np.random.default_rng(3).normal(size=(80, 3))
    np.savez("colon.npz", **{"dense:0": x, "outputs": x[:, :1]})
    for named, layers in (("dense\\:0", ["dense:0", "dense:0"]), ("dense\\:0:outputs", ["dense:0", "outputs"])):
        said = say("compare", "colon.npz", "colon.npz", "--layer", named, "--json")
        assert json.loads(said.out)["representation"]["layers"] == layers
    assert "a colon in a name is written \\:" in say("compare", "colon.npz", "colon.npz", "--layer", "a:b:c").err


def test_one_output_and_targets(say, folder, rng):
    x = rng.standard_normal((90, 3))
    labels = x.argmax(axis=1)
    np.savetxt(folder / "t.csv", labels, fmt="%d")
    for name, boxes in (("one", x @ x[:3]), ("two", rng.standard_normal((90, 3)))):
        np.savez(folder / f"{name}.npz", **{"h": np.tanh(x), "outputs.logits": x, "outputs.boxes": boxes})
    told = json.loads(say("compare", "one.npz", "two.npz", "--output", "logits", "--targets", "t.csv", "--json").out)
    assert told["function"]["layers"] == ["outputs.logits", "outputs.logits"]
    assert told["function"]["rung"] == "identity"
    assert told["function"]["output_kinds"] == ["logits", "logits"]  # which the targets say
    other = json.loads(say("compare", "one.npz", "two.npz", "--output", "boxes", "--json").out)
    assert other["function"]["rung"] is None
    left = say("compare", "one.npz", "two.npz", "--output", "scores")
    assert left.code == 2
    assert "'outputs.boxes'" in left.err


def test_what_was_saved_is_reported_again(say, folder, tmp_path):
    kept, page = tmp_path / "ab.safetensors", tmp_path / "ab.html"
    done = say("compare", "a.npz", "b.npz", "--save", str(kept), "--report", str(tmp_path / "first.html"))
    again = say("report", str(kept), "--out", str(page))
    assert (done.code, again.code) == (0, 0)
    assert again.out == done.out
    assert page.read_text() == (tmp_path / "first.html").read_text()
