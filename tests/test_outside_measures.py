"""A measure of another package stands beside ours; one that cannot be imported is named and disturbs no other."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

import conjugacy as cj
from conjugacy.cli import app

MEASURE = '''
from dataclasses import dataclass
from typing import ClassVar
import numpy as np
import conjugacy as cj

@dataclass(frozen=True)
class MeanNorm(cj.Measure):
    """Ratio of mean row norms."""
    power: float = 1.0
    traits: ClassVar = cj.Traits(symmetric=True, metric=False, larger_is_more_similar=True, identity_value=1.0,
                                 invariances=frozenset({"permutation"}))
    references: ClassVar = ("nobody",)
    def prepare(self, data):
        return float(np.linalg.norm(np.asarray(data), axis=1).mean())
    def compare(self, a, b):
        value = (min(a, b) / max(a, b)) ** self.power
        return cj.Score(self.id, value, 1 - value, value)
'''


@pytest.fixture
def outside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two installed packages as pip leaves them: one with a measure, one that needs what is not there."""
    (tmp_path / "mean_norm_package.py").write_text(MEASURE)
    (tmp_path / "broken_package.py").write_text("import a_library_that_nobody_has\n")
    for name, entry in (
        ("outside", "mean_norm = mean_norm_package:MeanNorm"),
        ("broken", "broken = broken_package:No"),
    ):
        info = tmp_path / f"{name}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text(f"[conjugacy.measures]\n{entry}\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    yield
    for module in ("mean_norm_package", "broken_package"):
        sys.modules.pop(module, None)


@pytest.mark.usefixtures("outside")
def test_an_outside_measure_is_used_like_ours() -> None:
    assert {"mean_norm", "broken", "cka"} <= set(cj.measure_names())
    x = np.random.default_rng(0).normal(size=(30, 3))
    assert cj.get_measure("mean_norm:power=2")(x, 2 * x).value == pytest.approx(0.25)
    result = cj.compare(x, 2 * x, measures=["mean_norm"])
    assert result.measures[0].value == pytest.approx(0.5)


@pytest.mark.usefixtures("outside")
def test_a_broken_package_is_named_and_disturbs_no_other() -> None:
    with pytest.raises(
        cj.ConjugacyError, match=r"measure 'broken' of the package 'broken' cannot be imported.*a_library_that"
    ):
        cj.get_measure("broken")
    done = CliRunner().invoke(app, ["measures"])
    assert done.exit_code == 0
    assert "mean_norm" in done.output
    assert "broken" in done.output
    assert "cannot be imported" in done.output
