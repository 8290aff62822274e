"""The workflow on the page on gates runs as it stands: it is YAML, and its commands do what the page says, as on a runner."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest

PAGE = Path(__file__).parents[1] / "docs" / "gate.md"
NETS = """
import numpy as np

def release():
    return lambda x: x

def candidate():
    return lambda x: x + 0.01 * np.arange(10)

def broken():
    return lambda x: x - 20.0 * (np.arange(10) == 7)
"""


@pytest.fixture
def workflow() -> dict[str, Any]:
    yaml = pytest.importorskip("yaml")
    (text,) = re.findall(r"```yaml\n(.*?)```", PAGE.read_text("utf-8"), flags=re.DOTALL)
    return yaml.safe_load(text)


@pytest.fixture
def repository(tmp_path: Path, rng: np.random.Generator) -> Path:
    digit = rng.integers(0, 10, 4000)
    scores = rng.normal(size=(4000, 10)) + 6 * np.eye(10)[digit]
    np.savez(tmp_path / "release.npz", stimuli=scores, targets=digit, region=np.arange(4000) % 2)
    (tmp_path / "nets.py").write_text(NETS)
    return tmp_path


def test_it_is_a_workflow(workflow: dict[str, Any]) -> None:
    # YAML 1.1 takes `on` for true
    assert {"name", "jobs"} < set(workflow)
    assert "pull_request" in workflow.get("on", workflow.get(True))
    (job,) = workflow["jobs"].values()
    assert job["runs-on"]
    assert all(("uses" in step) != ("run" in step) for step in job["steps"])


@pytest.mark.parametrize(("candidate", "code"), [("candidate", 0), ("broken", 1)])
def test_its_commands_run(workflow: dict[str, Any], repository: Path, candidate: str, code: int) -> None:
    (job,) = workflow["jobs"].values()
    (line,) = [step["run"] for step in job["steps"] if "conjugacy gate" in step.get("run", "")]
    folder = str(Path(sys.executable).parent)
    summary = repository / "summary of the step.md"
    there = {"PATH": folder + os.pathsep + os.environ["PATH"], "GITHUB_STEP_SUMMARY": str(summary)}
    # what the step names `conjugacy` is the installed command; here it is the package that is tested
    command = line.replace("conjugacy gate", f'"{sys.executable}" -m conjugacy.cli gate').replace(
        ":candidate", f":{candidate}"
    )
    done = subprocess.run(
        ["bash", "-eo", "pipefail", "-c", command],  # as GitHub's runners call it
        cwd=repository,
        env=os.environ | there,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == code, done.stderr
    (artifact,) = [step["with"]["path"] for step in job["steps"] if "upload-artifact" in step.get("uses", "")]
    assert (int(ElementTree.parse(repository / artifact).getroot().get("failures", "-1")) > 0) == (code == 1)
    assert summary.read_text().startswith("### ✅ Gate passed" if code == 0 else "### ❌ Gate failed")
