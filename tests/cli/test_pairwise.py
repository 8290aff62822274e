"""`conjugacy pairwise` and `conjugacy report`: what they print, write and refuse."""

from __future__ import annotations

import json
import sys

import pytest
from many_networks import networks, save_all

import conjugacy as cj


@pytest.fixture
def runs(tmp_path, monkeypatch, short_curves):
    monkeypatch.chdir(tmp_path)
    return save_all(tmp_path / "runs", networks(4))


def test_a_study_from_a_folder_and_its_page(say, runs, tmp_path):
    (runs / "broken.npz").write_bytes(b"nothing")
    said = say("pairwise", "runs", "--store", "s", "--measure", "cka", "--measure", "verdict", "--report", "page.html")
    assert said.code == 0
    assert "5 networks" in said.out
    assert "broken" in said.out
    assert "broken is unreadable" in said.err
    assert "the page: page.html" in said.err
    assert "</html>" in (tmp_path / "page.html").read_text()
    study = cj.Study.open("s")
    assert study.measures == ("cka", "verdict")
    again = say("pairwise", "runs", "--store", "s", "--measure", "cka", "--json")
    record = json.loads(again.out)
    assert record["networks"]["rows"] == ["broken", "n0", "n1", "n2", "n3"]
    assert record["counts"]["cka"]["deepest hidden layer"] == {"ok": 6, "unreadable": 4}
    assert "0 comparisons are missing, of 20" in again.err
    assert say("report", "s", "--out", "again.html").code == 0
    assert "</html>" in (tmp_path / "again.html").read_text()


def fresh_workers():
    from joblib.externals.loky import get_reusable_executor

    get_reusable_executor().shutdown(wait=True, kill_workers=True)


@pytest.mark.slow
def test_workers_take_the_device_along(say, runs, tmp_path, monkeypatch, request):
    heavy = (
        "import conjugacy.numerics.device as d; d.WORTH = 0.0; d.Device.call = None"  # so that work that is sent fails
    )
    (tmp_path / "sitecustomize.py").write_text(heavy)
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}:{':'.join(sys.path)}")
    fresh_workers()  # those of another test would not see it, and stand in another folder
    request.addfinalizer(fresh_workers)
    more = ("pairwise", "runs", "--measure", "cka", "--executor", "joblib", "--workers", 2)
    here, there = say(*more, "--store", "s"), say(*more, "--store", "t", "--device", "cpu")
    assert here.code == 0
    assert there.code == 2
    assert "can be prepared" in there.err


@pytest.mark.slow
def test_pages_of_pairs_stand_beside_the_page(say, runs, tmp_path):
    said = say("pairwise", "runs", "--store", "s", "--measure", "verdict", "--report", "page.html", "--pages", 2)
    assert said.code == 0
    pages = sorted(p for p in tmp_path.rglob("*.html") if p.name != "page.html")
    assert 1 <= len(pages) <= 2
    assert all(page.name in (tmp_path / "page.html").read_text() for page in pages)


def test_one_against_many_layers_and_a_dry_run(say, runs, tmp_path):
    said = say(
        "pairwise", "runs/n1.npz", "--against", "runs", "--store", "s", "--measure", "cka", "--layer", "hidden:hidden"
    )
    assert said.code == 0
    assert cj.Study.open("s").table().shape == (1, 4)
    dry = say("pairwise", "runs", "--measure", "cka", "--dry-run")
    assert "4 networks, 6 pairs, 6 comparisons in 1 tiles" in dry.out
    assert "memory" in dry.out
    assert sorted(p.name for p in tmp_path.iterdir()) == ["runs", "s"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("runs",), "--store: name a folder"),
        (("nowhere", "--store", "s"), "there is no folder or recording"),
        (("runs", "--store", "s", "--pages", 3), "add --report"),
        (("runs", "--store", "s", "--measure", "ckaa"), "did you mean 'cka'"),
        (("runs", "--store", "runs/n0.npz"), "is a file, expected a folder"),
        (("runs", "--store", "s", "--memory", "1MB"), "are needed"),
        pytest.param(
            ("runs", "--store", "s", "--executor", "dask", "--scheduler", "tcp://127.0.0.1:9"),
            "no Dask scheduler",
            marks=pytest.mark.slow,  # it waits for an answer
        ),
        (("runs", "--store", "s", "--report", "missing/page.html"), "there is no folder"),
        (("runs", "--store", "s", "--measure", "cka", "--layer", "hiden"), "did you mean 'hidden'"),
    ],
)
def test_what_cannot_be_is_refused_with_help(say, runs, words, message):
    said = say("pairwise", *words)
    assert said.code == 2
    assert message in said.err
    assert "Traceback" not in said.err


def test_a_report_needs_a_study(say, runs):
    said = say("report", "runs", "--out", "page.html")
    assert said.code == 2
    assert "holds no study" in said.err


def test_what_is_said_of_rows_is_an_option_of_the_verdict(say, runs):
    assert say("pairwise", "runs", "--store", "s", "--rows", "independent").code == 0
    assert cj.Study.open("s").measures == ("verdict:rows=independent",)
    assert say("pairwise", "runs", "--store", "t", "--rows", "shuffled").code == 2


@pytest.mark.slow
def test_workers_that_stand_elsewhere_find_the_store(say, runs, tmp_path, monkeypatch):
    more = ("pairwise", str(runs), "--measure", "cka", "--executor", "joblib", "--workers", 2)
    assert say(*more, "--store", "s").code == 0
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")  # workers are kept, with the folder that they were started in
    assert say(*more, "--store", "t").code == 0
    assert (tmp_path / "elsewhere" / "t" / "study.json").is_file()
