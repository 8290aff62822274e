"""The public names are exactly those the package says, and importing it loads nothing heavy."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

import conjugacy as cj

ROOT = Path(__file__).parents[1]
PINNED = {
    "Activations",
    "Comparison",
    "ConjugacyError",
    "Evidence",
    "Measure",
    "Recording",
    "Score",
    "Status",
    "Study",
    "Traits",
    "Trajectories",
    "Transformation",
    "Verdict",
    "compare",
    "convert",
    "gate",
    "get_measure",
    "load",
    "measure_names",
    "pairwise",
    "record",
    "transfer",
}


def test_all_is_the_pinned_list() -> None:
    assert set(cj.__all__) == PINNED
    assert len(cj.__all__) == len(set(cj.__all__)) <= 24
    assert list(cj.__all__) == sorted(cj.__all__)


def test_every_name_is_there_and_documented() -> None:
    for name in cj.__all__:
        assert (getattr(cj, name).__doc__ or "").strip(), name
    assert set(dir(cj)) == {*cj.__all__, "__version__"}


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="nonsense"):
        cj.nonsense  # noqa: B018


@pytest.mark.parametrize("module", ["numpy", "torch", "scipy", "sklearn", "matplotlib", "zarr"])
def test_import_is_light(module: str) -> None:
    code = f"import sys, conjugacy; sys.exit({module!r} in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_measures_do_not_load_torch() -> None:
    code = (
        "import sys, numpy as np, conjugacy as cj; x = np.random.default_rng(0).normal(size=(50, 3));"
        "cj.get_measure('cka')(x, x); cj.compare; sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_version_is_the_same_everywhere() -> None:
    changelog = re.search(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.M)
    citation = re.search(r"^version: (\S+)", (ROOT / "CITATION.cff").read_text("utf-8"), re.M)
    assert changelog is not None
    assert citation is not None
    assert cj.__version__ == changelog[1] == citation[1]
