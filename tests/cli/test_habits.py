"""What people try first: the module, short options, nothing at all, a doctor, BibTeX, a log."""

import json
import logging
import subprocess
import sys

import numpy as np
import pytest

import conjugacy as cj
from conjugacy.cli.terminal import Progress

X = np.random.default_rng(0).normal(size=(40, 2))


def test_the_module_runs_and_says_its_version():
    done = subprocess.run([sys.executable, "-m", "conjugacy", "-V"], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, f"conjugacy {cj.__version__}\n")


@pytest.mark.parametrize("words", [(), ("-h",), ("--help",)])
def test_help_lists_every_command_with_a_whole_sentence(say, words):
    said = say(*words)
    assert said.code == 0
    for command in ("demo", "record", "compare", "measures", "cite", "gate", "pairwise", "doctor", "report"):
        line = next(line for line in said.out.splitlines() if line.strip().startswith(command))
        assert line.endswith(".")
        assert not line.endswith("...")


def test_every_command_takes_h(say):
    for command in ("compare", "pairwise", "record", "cite", "doctor"):
        assert say(command, "-h").out.startswith(f"Usage: conjugacy {command}")


def test_completion_is_offered(say):
    assert "--install-completion" in say("-h").out


def test_bibtex_is_of_the_measures_named(say):
    text = say("cite", "cka", "--bibtex").out
    assert "kornblith2019similarity" in text
    assert "author = {S. Kornblith and M. Norouzi and H. Lee and G. Hinton}" in text
    software = text[text.index("@software") : text.index("@article")]
    assert "author" in software
    assert "year" in software
    assert "ostrow" not in text
    everything = say("cite", "--bibtex").out
    keys = [line for line in everything.splitlines() if line.startswith("@")]
    assert len(keys) == len(set(keys)) > 20
    assert everything.count("{") == everything.count("}")


def test_the_doctor_knows_what_is_there(say):
    found = json.loads(say("doctor", "--json").out)
    assert found["packages"]["numpy"] == np.__version__
    assert found["missing"] == []
    assert all(one["install"].startswith("pip install") for one in found["extras"].values())
    text = say("doctor").out
    assert np.__version__ in text
    assert "thread" in text


def test_a_missing_extra_is_told_with_its_purpose(say, monkeypatch):
    monkeypatch.setattr("conjugacy.cli.doctor._version", lambda name: None if name == "h5py" else "1.0")
    said = say("doctor")
    assert said.code == 0
    assert "not installed: recordings in .h5; pip install 'conjugacy[hdf5]'" in said.out
    monkeypatch.setattr("conjugacy.cli.doctor._version", lambda name: None)
    assert say("doctor").code == 1


def test_no_colour_where_none_is_wanted(monkeypatch, capsys):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    monkeypatch.setenv("NO_COLOR", "1")
    Progress()("comparing")
    assert "\x1b" not in capsys.readouterr().err


def test_the_work_is_logged_where_nobody_asks_for_progress(caplog):
    with caplog.at_level(logging.INFO, logger="conjugacy"):
        cj.compare(X, X @ [[0, 1], [1, 0]])
    assert any("comparing layer" in record.message for record in caplog.records)
    caplog.clear()
    with caplog.at_level(logging.INFO, logger="conjugacy"):
        cj.compare(X, X @ [[0, 1], [1, 0]], progress=lambda _: None)
    assert not caplog.records


FIRST = """
import sys
from conjugacy.cli import main, terminal

def leave(self, sentence):
    print(sentence, [name for name in ("numpy", "scipy") if name in sys.modules])
    sys.exit(0)

terminal.Progress.__call__ = leave
main()
"""


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("compare", "a.npz", "b.npz"), "reading a.npz and b.npz []"),
        (("gate", "a.npz", "b.npz"), "reading a.npz and b.npz []"),
        (("pairwise", "runs", "--store", "out"), "reading runs []"),
        (("record", "nets.py:make", "--stimuli", "x.npy", "--out", "a.npz"), "loading nets.py:make []"),
    ],
)
def test_the_first_line_waits_for_nothing_heavy(words, said):
    done = subprocess.run([sys.executable, "-c", FIRST, *words], capture_output=True, text=True)
    assert done.stdout.strip() == said, done.stderr
