"""The demonstration keeps its promise in every seed."""

import json

import pytest

from conjugacy.demo import run_demo

pytest.importorskip("torch")


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(5))
def test_demo_in_each_seed(seed, tmp_path):
    run_demo(tmp_path, seed=seed)
    same = json.loads((tmp_path / "comparison.json").read_text())
    other = json.loads((tmp_path / "comparison-other-task.json").read_text())
    assert same["function"]["answer"] == "equivalent"
    assert other["function"]["answer"] not in ("equivalent", "not_tested")
    hidden = same["representation"]
    assert hidden["answer"] == "equivalent"
    assert hidden["gain"]["state"] == "shown"
    assert "<html" in (tmp_path / "report.html").read_text()
    assert len(list(tmp_path.glob("*.npz"))) == 21
