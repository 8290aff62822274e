"""The demonstration keeps its promise in every seed."""

import json
import sys
from pathlib import Path

import pytest

from conjugacy.demo import run_demo
from conjugacy.errors import MissingExtraError

pytest.importorskip("torch")
README = Path(__file__).parents[1] / "README.md"


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(5))
def test_demo_in_each_seed(seed, tmp_path):
    found = run_demo(tmp_path, seed=seed)
    same = json.loads((tmp_path / "comparison.json").read_text())
    other = json.loads((tmp_path / "comparison-other-task.json").read_text())
    assert same["function"]["answer"] == "equivalent"
    assert other["function"]["answer"] not in ("equivalent", "not_tested")
    hidden = same["representation"]
    assert hidden["answer"] == "equivalent"
    assert hidden["gain"]["state"] == "shown"
    assert "<html" in (tmp_path / "report.html").read_text()
    assert len(list(tmp_path.glob("*.npz"))) == 21
    if seed == 0:  # what the README shows is what is printed
        assert f"```\n{str(found.same_task).partition(chr(10) * 2)[0]}\n```" in README.read_text(encoding="utf-8")


def test_without_torch_nothing_is_begun(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    told = []
    with pytest.raises(MissingExtraError, match=r"pip install 'conjugacy\[torch\]'"):
        run_demo(tmp_path / "demo", progress=told.append)
    assert told == []
    assert not (tmp_path / "demo").exists()
