"""The program as a whole: help, version, the registry's tables, exit codes, a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

import conjugacy as cj

ENVIRONMENT = {**os.environ, "OMP_NUM_THREADS": "1"}


def process(*words, **settings):
    return subprocess.run(
        [sys.executable, "-m", "conjugacy.cli", *words], capture_output=True, text=True, env=ENVIRONMENT, **settings
    )


def test_help_loads_neither_numpy_nor_torch():
    code = (
        "import sys; sys.argv = ['conjugacy', '--help']\n"
        "from conjugacy.cli import main\n"
        "try: main()\n"
        "except SystemExit as left: assert left.code == 0, left.code\n"
        "assert not {'numpy', 'torch', 'scipy'} & set(sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    for command in ("demo", "record", "compare", "measures", "cite"):
        assert command in done.stdout


def test_version(say):
    assert say("--version").out == f"conjugacy {cj.__version__}\n"


@pytest.mark.parametrize("words", [["--halp"], ["compar"]])
def test_wrong_usage_of_the_program(say, words):
    said = say(*words)
    assert said.code == 2
    assert said.err.count("\n") == said.err.count("conjugacy:") == 1
    assert "--help" in said.err
    assert said.out == ""


def test_measures_names_every_measure_and_its_promises(say):
    rows = json.loads(say("measures", "--json").out)
    assert [row["id"] for row in rows] == list(cj.measure_names())
    cka = next(row for row in rows if row["id"] == "cka")
    assert cka["knobs"]["debiased"] is True
    assert "orthogonal" in cka["invariances"]
    table = say("measures").out
    for row in rows:
        assert row["id"] in table
        assert all(knob in table for knob in row["knobs"])


def test_cite(say):
    said = say("cite", "ladder")
    assert "10.1063/5.0206406" in said.out
    every = say("cite").out
    assert all(reference in every for name in cj.measure_names() for reference in cj.get_measure(name).references)
    assert said.out.startswith("Conjugacy ")
    assert "@article{bertalan2024transformations" in say("cite", "--bibtex").out
    wrong = say("cite", "lader")
    assert wrong.code == 2
    assert "did you mean 'ladder'" in wrong.err


def test_demo_prints_both_comparisons_and_names_the_files(say, folder, monkeypatch):
    import conjugacy.demo as demo

    same = cj.compare("a.npz", "b.npz")

    def quick(out, *, seed, progress):
        progress(f"seed {seed}")
        return demo.Demo(same, same, {}, (out / "comparison.json", out / "report.html"))

    monkeypatch.setattr(demo, "run_demo", quick)
    said = say("demo", "--out", "here", "--seed", 4)
    assert said.code == 0
    assert said.out.count("representation   rotation") == 2
    assert "report.html" in said.out
    assert "seed 4" in said.err
    assert say("demo", "--out", "a.npz").code == 2


def test_our_fault(say, folder, monkeypatch):
    def fault(*_, **__):
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr("conjugacy.comparison.compare", fault)
    said = say("compare", "a.npz", "b.npz")
    assert said.code == 70
    assert "ZeroDivisionError: a bug" in said.err
    assert cj.__version__ in said.err
    assert "CONJUGACY_TRACEBACK=1" in said.err
    assert "Traceback" not in said.err
    monkeypatch.setenv("CONJUGACY_TRACEBACK", "1")
    loud = say("compare", "a.npz", "b.npz")
    assert loud.code == 70
    assert "Traceback" in loud.err


def test_interrupted(say, folder, monkeypatch):
    def interrupt(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("conjugacy.comparison.compare", interrupt)
    said = say("compare", "a.npz", "b.npz")
    assert said.code == 130
    assert [line.startswith("conjugacy:") for line in said.err.splitlines()] == [False, True]  # what went on, then this


def test_messages_do_not_steer_the_terminal(say, folder):
    said = say("compare", "a.npz", "no\x1b[31m.npz")
    assert said.code == 2
    assert "\x1b" not in said.err


def test_a_process_keeps_stdout_pure(folder):
    done = process("compare", "a.npz", "b.npz", "--json", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["schema"] == 1
    wrong = process("compare", "a.npz", "short.npz", "--json", cwd=folder)
    assert (wrong.returncode, wrong.stdout) == (2, "")
    assert "Traceback" not in wrong.stderr


@pytest.mark.slow
def test_a_closed_pipe_is_no_failure():
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run(
        [sys.executable, "-m", "conjugacy.cli", "measures"], stdout=write, stderr=subprocess.PIPE, env=ENVIRONMENT
    )
    os.close(write)
    assert done.returncode == 0
    assert done.stderr == b""


@pytest.mark.slow
def test_the_exit_code_that_is_due_survives_a_reader_who_has_gone(folder):
    read, write = os.pipe()
    os.close(read)
    words = ["compare", "a.npz", "b.npz", "--json", "--fail-on", "representation=equivalent", "--report", "page.html"]
    for streams in ({"stdout": write, "stderr": subprocess.PIPE}, {"stdout": subprocess.PIPE, "stderr": write}):
        done = subprocess.run(
            [sys.executable, "-m", "conjugacy.cli", *words], cwd=folder, env=ENVIRONMENT, check=False, **streams
        )
        assert done.returncode == 1
        assert (folder / "page.html").exists()
        (folder / "page.html").unlink()
        assert b"Traceback" not in (done.stderr or b"")
    os.close(write)
