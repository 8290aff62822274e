"""Executes the notebooks of the documentation, each in a folder of its own; what they print and draw is kept for `make docs`.

python docs/run_notebooks.py [NAME ...]    # writes build/notebooks/NAME.ipynb; a cell that fails is an error
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

import nbformat
from jupyter_cache import get_cache
from jupyter_cache.base import CacheBundleIn
from jupyter_cache.executors.utils import single_nb_execution
from myst_nb.core.read import myst_nb_reader_plugin

ROOT = Path(__file__).parents[1]
SOURCES = ROOT / "docs" / "notebooks"
EXECUTED = ROOT / "build" / "notebooks"
KEPT = ROOT / "build" / "notebooks_kept"  # where the pages look for what has been executed
MOST_SECONDS = 300  # for a cell
QUIET = ["--log-level=ERROR"]  # a kernel warns that it talks over TCP, which it does with this machine alone


def run(name: str) -> str:
    """Execute one notebook, write and keep it; return the error with its traceback, or nothing."""
    source = SOURCES / f"{name}.md"
    notebook = myst_nb_reader_plugin(str(source))
    with tempfile.TemporaryDirectory() as folder:
        started = time.perf_counter()
        done = single_nb_execution(notebook, folder, MOST_SECONDS, allow_errors=False, extra_arguments=QUIET)
        seconds = time.perf_counter() - started
    EXECUTED.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, EXECUTED / f"{name}.ipynb")
    print(f"{name}: {seconds:.0f} s, {EXECUTED / name}.ipynb", flush=True)
    if done.err is not None:
        return f"{name}: a cell failed\n{done.exc_string}"
    bundle = CacheBundleIn(notebook, str(source), data={"execution_seconds": seconds})
    get_cache(KEPT).cache_notebook_bundle(bundle, check_validity=False, overwrite=True)
    return ""


def main(names: list[str]) -> None:
    """Execute the notebooks of these names, or all of them, and tell which failed."""
    known = sorted(path.stem for path in SOURCES.glob("*.md") if path.stem != "index")
    unknown = sorted(set(names) - set(known))
    if unknown:
        sys.exit(f"no such notebook: {', '.join(unknown)}; there are {', '.join(known)}")
    errors = [error for name in names or known if (error := run(name))]
    if errors:
        sys.exit("\n".join(errors))


if __name__ == "__main__":
    main(sys.argv[1:])
