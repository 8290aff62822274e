"""Killed, interrupted or out of disk: a file is under its name as a whole, or the old one is, and the next run works."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from conjugacy.storage.formats import endings

SCRIPT = Path(__file__).parent / "stopping.py"
ENVIRONMENT = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
SAVES = (*(f"a{ending}" for ending in endings()), "map")
COMMANDS = ("record", "compare")
Reports = list[dict[str, Any]]


def stopped(folder: Path, *jobs: str) -> Reports:
    words = [sys.executable, str(SCRIPT), str(folder), *jobs]
    done = subprocess.run(words, env=ENVIRONMENT, capture_output=True, text=True, timeout=200, check=True)
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert {one["job"] for one in found} == set(jobs)
    return found


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> Reports:
    return stopped(tmp_path_factory.mktemp("stopped"), *SAVES, *COMMANDS)


@pytest.fixture(scope="module")
def demo_reports(tmp_path_factory: pytest.TempPathFactory) -> Reports:
    return stopped(tmp_path_factory.mktemp("demo"), "demo")


def check(found: Reports) -> None:
    for one in found:
        states, how = set(one["files"].values()), one["how"]
        # a kill between the two moves of a folder leaves neither
        gone = {"absent"} if how == "SIGKILL" and one["job"] == "a.zarr" else set[str]()
        assert states <= {"old", "whole"} | gone, one
        if one["code"] == 0:
            assert states == {"whole"}, one
        if how == "again":  # whatever lies about from the kills before
            assert one["code"] == 0, one
        if how == "SIGINT":
            assert one["code"] in (0, 130), one
            assert one["beside"] == [], one
        if how == "full":
            assert (one["code"], states, one["beside"]) == (2, {"old"}, []), one
            assert "File too large" in one["said"], one
            assert one["said"].splitlines()[-1].count("cannot") == 1, one
    for how, code in (("SIGINT", 130), ("SIGKILL", -9)):  # some were stopped on the way; which, the clock decides
        assert code in {one["code"] for one in found if one["how"] == how}


@pytest.mark.slow
def test_nothing_is_half_written(reports: Reports) -> None:
    check(reports)


@pytest.mark.slow
def test_an_interrupted_command_says_so_in_one_line(reports: Reports) -> None:
    said = [one["said"] for one in reports if one["how"] == "SIGINT" and one["job"] in COMMANDS and one["code"] == 130]
    told = [text for text in said if text]  # empty: interrupted before the command began
    assert told
    for text in told:
        assert text.count("conjugacy: interrupted") == 1
        assert "Traceback" not in text


@pytest.mark.slow
def test_the_demonstration_leaves_nothing_half_written(demo_reports: Reports) -> None:
    check(demo_reports)
