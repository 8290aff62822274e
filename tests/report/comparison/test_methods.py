"""The methods paragraph says what was run, and only that; the citations are those of what was used."""

from __future__ import annotations

from dataclasses import replace

import pytest
from factory import axis, comparison, control, same_task

from conjugacy.errors import UnknownNameError
from conjugacy.measure import get_measure, measure_names
from conjugacy.report.cite import BIBTEX, citations
from conjugacy.report.comparison.sections.limits import limits
from conjugacy.report.comparison.sections.methods import methods, setting_rows


def test_the_paragraph_names_what_was_run() -> None:
    text = methods(same_task())
    for words in (
        "(digits-64, A, and digits-96, B) were compared with Conjugacy 0.1.0 on 797 matched stimuli.",
        "their outputs (as logits), and the internal units of layer hidden2, the deepest hidden layer of each network",
        "a rotation with one scale, an affine map and a smooth invertible map",
        "as far as each applies",
        "10-fold cross-validation, about 717 for fitting, 797 judged",
        "95 % intervals from a studentised bootstrap (500 draws)",
        "49 re-pairings of the stimuli",
        "The floor of the representation axis, 0.6 %, comes from the networks' own spread over repeats of a stimulus.",
        "(3 re-initialised copies of each network; 3 copies of each network: the entries of every weight tensor in random order)",
        "tolerance of 5 %",
        "power check",
        "seeded with 0",
        "Versions: python 3.11.2, numpy 2.4.6.",
    ):
        assert words in text
    assert "None" not in text
    assert "  " not in text


def test_the_paragraph_leaves_out_what_was_not_run() -> None:
    text = methods(comparison(representation="equivalent", settings={}))
    assert "There was no untrained control." in text
    for words in ("bootstrap", "re-pairings", "floor", "outputs", "Versions", "-fold", "None", "  "):
        assert words not in text
    assert methods(comparison()) == "No axis could be tested, so that nothing was fitted."


def test_dependent_rows_and_their_groups_are_told() -> None:
    made = same_task()
    grouped = replace(made, settings={**made.settings, "independent_groups": 80})
    assert "797 matched stimuli in 80 independent groups, which were held out" in methods(grouped)


def test_axes_judged_on_different_rows_say_so() -> None:
    made = axis("equivalent")
    fewer = replace(made, rungs=tuple(replace(rung, n_train=360, n_test=400) for rung in made.rungs))
    text = methods(comparison("equivalent", fewer))
    assert "about 717 for fitting, 797 judged and about 360 for fitting, 400 judged" in text


def test_given_copies_are_counted() -> None:
    given = replace(control(), source="given recordings", copies=4)
    text = methods(comparison(representation=replace(axis("equivalent"), controls=(given,))))
    assert "(given recordings, 4 per network)" in text


def test_what_the_verdict_does_not_say_depends_on_it() -> None:
    assert any("Same task" in sentence for sentence in limits(comparison("unrelated", "equivalent")))
    assert not any("Same task" in sentence for sentence in limits(comparison("equivalent", "equivalent")))


def test_every_setting_is_listed() -> None:
    rows = dict(setting_rows(same_task()))
    assert rows["seed"] == "0"
    assert rows["folds"] == "10"
    assert rows["versions: numpy"] == "2.4.6"


@pytest.mark.parametrize("name", sorted(measure_names()))
def test_the_references_of_a_measure_are_cited_once(name: str) -> None:
    found = citations([name, name])
    assert len(found) == len(set(found))
    assert set(get_measure(name).references) <= set(found)
    assert "10.1063/5.0206406" in " ".join(found)


def test_an_unknown_measure_cannot_be_cited() -> None:
    with pytest.raises(UnknownNameError, match="ckaa"):
        citations(["ckaa"])


def test_bibtex_has_closed_braces() -> None:
    assert BIBTEX.count("{") == BIBTEX.count("}")
    assert BIBTEX.count("@") == 2
