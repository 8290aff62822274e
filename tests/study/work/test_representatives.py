"""Networks sorted by representatives: the same classes as by all pairs, with few of them compared, and what is not is said."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import pytest

import conjugacy as cj
from conjugacy.errors import FormatError, InputError
from conjugacy.results import STATES
from conjugacy.study import plan
from conjugacy.study.work import representatives, run, wanted
from conjugacy.study.work.ledger_file import sealed

MEASURE = "verdict:rung=affine"


def networks(count: int = 15, classes: int = 3, rows: int = 60) -> dict[str, np.ndarray]:
    """Return networks that are linear functions of the coordinates of their class."""
    z = np.random.default_rng(0).standard_normal((rows, classes, 3))
    return {
        f"net{i:02d}": z[:, i % classes] @ np.random.default_rng([1, i]).standard_normal((3, 4)) + i
        for i in range(count)
    }


@pytest.fixture(autouse=True)
def few_founders(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few enough that most networks join."""
    monkeypatch.setattr(representatives, "FOUNDERS", 4)
    monkeypatch.setattr(wanted, "FOUNDERS", 4)


def by_construction(classes: Any) -> bool:
    """Whether networks stand together exactly where they were made of the same coordinates."""
    names = list(classes)
    return all((classes[a] == classes[b]) == ((int(a[3:]) - int(b[3:])) % 3 == 0) for a in names for b in names)


def compared(study: cj.Study) -> int:
    """How many cells hold an answer."""
    return int((study.table("status") != STATES.index("missing")).sum())


def test_classes_are_those_of_all_pairs_and_what_was_not_compared_is_said() -> None:
    study = cj.pairwise(networks(), measures=[MEASURE], representatives=2)
    classes = study.classes()
    assert len(classes) == 15
    assert not classes.unsorted
    assert by_construction(classes)
    assert compared(study) == classes.pairs < 15 * 14 / 2
    assert f"{classes.pairs} of 105 pairs were compared" in " ".join(study.notes)
    assert "drawn and compared" in " ".join(study.notes)
    assert "2 classes nearest" in classes.rule
    assert study.to_dict()["classes"][MEASURE] == {"deepest hidden layer": dict(classes)}


def test_the_page_shows_what_was_not_compared(tmp_path: Path) -> None:
    study = cj.pairwise(networks(9), measures=[MEASURE], representatives=1)
    page = study.report(tmp_path / "page.html").read_text()
    assert "pairs were compared; the others" in page
    assert "errors are not controlled over pairs" in page


@pytest.mark.slow
def test_it_goes_on_where_it_was_killed_and_takes_more_networks(tmp_path: Path) -> None:
    store, tiles = tmp_path / "store", list[int]()
    original = run.Run.compare

    def stopping(self: run.Run, pairs: Any = None) -> None:
        tiles.append(1)
        if len(tiles) == 3:
            raise KeyboardInterrupt
        original(self, pairs)

    with patch.object(run.Run, "compare", stopping), pytest.raises(KeyboardInterrupt):
        cj.pairwise(networks(), measures=[MEASURE], representatives=2, store=store)
    assert "not done yet" in " ".join(cj.Study.open(store).notes)
    study = cj.pairwise(networks(), measures=[MEASURE], representatives=2, store=store)
    whole = cj.pairwise(networks(), measures=[MEASURE], representatives=2, store=tmp_path / "whole")
    assert dict(study.classes()) == dict(whole.classes()) == dict(cj.Study.open(store).classes())
    np.testing.assert_array_equal(study.table("value"), whole.table("value"))
    assert not any("not given this time" in note for note in study.notes)
    more = cj.pairwise(networks(17), measures=[MEASURE], representatives=2, store=store)
    assert len(more.classes()) == 17
    assert by_construction(more.classes())


def test_what_joins_nothing_is_a_class_of_its_own_and_what_cannot_be_read_is_left_out(tmp_path: Path) -> None:
    runs = tmp_path / "runs"
    runs.mkdir()
    alone = {"net99": np.random.default_rng(5).standard_normal((60, 4))}
    for name, x in {**networks(9), **alone}.items():
        np.savez(runs / f"{name}.npz", hidden=x, stimuli=np.arange(60))
    (runs / "broken.npz").write_bytes(b"nothing")
    study = cj.pairwise(runs, measures=[MEASURE], representatives=3, store=tmp_path / "store")
    classes = study.classes()
    assert classes["net99"] == "net99"
    assert classes.unsorted == ("broken",)
    assert "broken" in study.unread


def test_it_is_refused_where_it_means_nothing(tmp_path: Path) -> None:
    x = networks(6)
    with pytest.raises(InputError, match="measure that gives answers"):
        cj.pairwise(x, measures=["cka"], representatives=3)
    with pytest.raises(InputError, match="leave against out"):
        cj.pairwise(x, against=x, representatives=3)
    with pytest.raises(InputError, match="representatives"):
        cj.pairwise(x, representatives=-1)
    cj.pairwise(x, measures=[MEASURE], store=tmp_path / "all")
    with pytest.raises(InputError, match="another store"):
        cj.pairwise(x, measures=[MEASURE], representatives=3, store=tmp_path / "all")


def test_a_plan_counts_fewer_pairs() -> None:
    x = networks(40)
    few, whole = (plan(x, measures=[MEASURE], representatives=near) for near in (2, 0))
    assert few.pairs < whole.pairs == 40 * 39 // 2


def test_names_that_are_no_networks_of_the_store_are_refused(tmp_path: Path) -> None:
    import json

    cj.pairwise(networks(6), measures=[MEASURE], representatives=2, store=tmp_path)
    for name in ("study.json", "study.copy.json"):
        record = json.loads((tmp_path / name).read_text())
        record["joined"]["classes"][0]["members"] = ["nobody"]
        (tmp_path / name).write_text(json.dumps(sealed(record)))
    with pytest.raises(FormatError, match="nobody"):
        cj.Study.open(tmp_path)
