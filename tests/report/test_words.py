"""The words for answers: what decides is what is said."""

from __future__ import annotations

from dataclasses import replace

from factory import axis, comparison

from conjugacy.report import verdict_table
from conjugacy.report.words import axis_words, short_answer
from conjugacy.results.reason import reasons


def test_every_map_refuted_is_a_no_that_names_no_relation() -> None:
    made = comparison("not_equivalent", "not_equivalent")
    words = axis_words(made, "function")
    assert words.answer == "no"
    assert words.headline.startswith(
        "not the same task: no map holds both ways; the kind of relation stays open; outputs: "
    )
    assert axis_words(made, "representation").answer == "no map"


def test_where_decisions_decide_the_headline_is_theirs() -> None:
    sentence = "both decide alike on 76 % [72, 79] of the rows"
    decided = replace(axis("equivalent"), rung=None, reasons=reasons("decisions", sentence))
    assert axis_words(comparison(decided), "function").headline == f"outputs: {sentence}"
    denied = replace(decided, answer="partly_related")
    assert axis_words(comparison(denied), "function").headline == f"not the same task: {sentence}"
    one_way = replace(decided, answer="a_determines_b")
    said = axis_words(comparison(one_way), "function").headline
    assert said == f"not the same task: A determines B, and B does not determine A; outputs: {sentence}"


def test_units_that_keep_their_places_are_called_the_same() -> None:
    rescaled = replace(axis("equivalent"), rung="smooth", rung_words="the same units, rescaled")
    assert axis_words(comparison(rescaled), "function").headline.startswith("outputs: the same units, rescaled, 0.4 %")
    assert "smooth invertible map" in axis_words(comparison(replace(rescaled, rung=None)), "function").headline


def test_every_output_is_told_and_the_deciding_one_named() -> None:
    boxes = replace(axis("undecided"), layers=("outputs.boxes", "outputs.boxes"))
    other = replace(axis("equivalent"), layers=("outputs[1]", "outputs.second"))
    made = comparison(replace(boxes, heads=(boxes, other)))
    words = axis_words(made, "function")
    assert words.headline.startswith("outputs.boxes: the data do not decide")
    assert [(name, answer) for name, answer, _ in words.outputs] == [
        ("outputs.boxes", "undecided"),
        ("outputs[1] (A), outputs.second (B)", "yes"),
    ]
    text = verdict_table(made, width=2000)
    assert "same task by output:\n  - outputs.boxes: undecided, the data do not decide" in text


def test_of_several_outputs_the_relation_told_is_that_of_the_one_that_decides() -> None:
    boxes = replace(axis("unrelated"), layers=("boxes", "boxes"))
    open_one = replace(axis("undecided"), layers=("scores", "scores"))
    said = axis_words(comparison(replace(boxes, answer="not_equivalent", heads=(boxes, open_one))), "function")
    assert said.answer == "no"
    assert "neither predicts the other better than chance; output boxes: " in said.headline
    assert "every map is refuted" not in said.headline
    alone = reasons("data", "output 'masks' of A has no counterpart")
    missing = replace(axis("equivalent"), answer="undecided", reasons=alone, heads=(boxes,))
    assert axis_words(comparison(missing), "function").headline == "output 'masks' of A has no counterpart"


def test_one_output_has_no_list() -> None:
    assert "by output" not in verdict_table(comparison("equivalent", "equivalent"))
    assert short_answer(axis("equivalent"), "function") == "yes"
