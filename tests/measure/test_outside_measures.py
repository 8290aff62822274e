"""The measure of the documentation, as a package of its own, is shown beside ours; what is wrong with one disturbs no other."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

import conjugacy as cj
from conjugacy.cli.app import app

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "adding.md").read_text(encoding="utf-8")


def block(language: str) -> str:
    """The first block of a language on the page about adding a measure."""
    found = re.search(rf"```{language}\n(.*?)```", PAGE, flags=re.DOTALL)
    assert found
    return found[1]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page's package, built and installed by pip into a folder of its own."""
    source, target = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("site")
    (source / "pyproject.toml").write_text(block("toml"))
    package = source / "your_package"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "distance_pattern.py").write_text(block("python"))
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation", "--no-index"]
    done = subprocess.run([*pip, "--target", str(target), str(source)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return target


@pytest.fixture
def outside(installed: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The process with that package on its path."""
    monkeypatch.syspath_prepend(str(installed))
    yield
    forget("your_package")


@pytest.fixture
def broken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Installed packages of which nothing can be used, as pip leaves them."""
    (tmp_path / "unimportable.py").write_text("import a_library_that_nobody_has\n")
    (tmp_path / "no_measure.py").write_text("No = int\n")
    (tmp_path / "other_file.py").write_text(block("python"))
    entries = {
        "unimportable": "unimportable:No",
        "no_measure": "no_measure:No",
        "misnamed": "other_file:DistancePattern",
        "cka": "unimportable:No",
    }
    for name, value in entries.items():
        info = tmp_path / f"{name}_package-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}_package\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text(f"[conjugacy.measures]\n{name} = {value}\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    yield
    forget("unimportable", "no_measure", "other_file")


def forget(*packages: str) -> None:
    for module in [m for m in sys.modules if m.partition(".")[0] in packages]:
        del sys.modules[module]


@pytest.mark.usefixtures("outside", "short_curves")
def test_an_outside_measure_is_used_like_ours() -> None:
    assert {"distance_pattern", "cka"} <= set(cj.measure_names())
    x = np.random.default_rng(0).normal(size=(40, 3))
    measure = cj.get_measure("distance_pattern:power=2")
    assert measure.id == "distance_pattern:power=2.0"
    assert measure(x, -2 * x).value == pytest.approx(1.0)
    result = cj.compare(x, x[:, ::-1], measures=["distance_pattern"])
    assert result.measures[0].measure == "distance_pattern"
    assert result.measures[0].value == pytest.approx(1.0)
    assert "Kriegeskorte" in CliRunner().invoke(app, ["cite", "distance_pattern"]).output
    assert "Correlation of the two networks' distances" in CliRunner().invoke(app, ["measures"]).output


@pytest.mark.slow
def test_the_measure_of_the_page_keeps_the_contract(installed: Path) -> None:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/test_contract.py"]
    path = os.pathsep.join([str(installed), os.environ.get("PYTHONPATH", "")]).rstrip(os.pathsep)
    done = subprocess.run(
        [*command, "-k", "distance_pattern"],
        capture_output=True, text=True, cwd=ROOT, env=os.environ | {"PYTHONPATH": path, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-3000:]
    passed = re.search(r"(\d+) passed", done.stdout)
    assert passed
    assert int(passed[1]) >= 20


@pytest.mark.usefixtures("broken")
@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("unimportable", "cannot be imported.*a_library_that_nobody_has"),
        ("no_measure", "not a conjugacy.Measure"),
        ("misnamed", "stands in the file 'other_file'.*called 'misnamed'"),
    ],
)
def test_what_is_wrong_with_a_package_is_said_where_it_is_asked_for(name: str, words: str) -> None:
    with pytest.raises(cj.ConjugacyError, match=rf"measure '{name}' of the package '{name}_package'.*{words}"):
        cj.get_measure(name)


@pytest.mark.usefixtures("broken")
def test_a_broken_package_disturbs_no_other() -> None:
    x = np.random.default_rng(0).normal(size=(30, 3))
    assert cj.get_measure("cka")(x, x).value == pytest.approx(1.0)  # ours, though another package claims the name
    assert cj.measure_names().count("cka") == 1
    done = CliRunner().invoke(app, ["measures"])
    assert done.exit_code == 0
    assert "cannot be imported" in " ".join(done.output.split())
    assert "procrustes" in done.output
    cited = CliRunner().invoke(app, ["cite"])
    assert cited.exit_code == 0, cited.output
    assert "Kornblith" in cited.output
