"""Drop-in in words: the headline says what decides, with numbers, margins, and how many rows are needed."""

from __future__ import annotations

from dataclasses import replace

import pytest
from drop_in_factory import change, class_change, drop_ins, of_classes, of_numbers, of_sigmoids, still_open, within

from conjugacy.report.drop_in_words import drop_in_headline, drop_in_words
from conjugacy.results import Change, DropIn
from conjugacy.results.reason import reasons
from conjugacy.verdict.drop_in.words import share

RECORDS = drop_ins()


@pytest.mark.parametrize("name", RECORDS)
def test_the_answer_is_that_of_the_record_and_nothing_is_said_twice(name: str) -> None:
    words = drop_in_words(RECORDS[name])
    assert words.answer == RECORDS[name].answer.replace("_", " ")
    assert words.headline
    assert not any(reason in words.headline for reason in words.reasons)
    assert words.warnings == RECORDS[name].warnings


def test_a_class_that_falls_is_told_by_its_recall() -> None:
    assert drop_in_headline(of_classes()) == (
        "decisions change on 3.1 % [2.4, 3.9] of the inputs; error 2.4 % -> 3 %; "
        "worst class: 7, recall 96 % -> 88 %, margin 5 points"
    )


def test_a_yes_names_no_class_and_no_margin() -> None:
    said = drop_in_headline(within())
    assert said == "decisions change on 3.1 % [2.4, 3.9] of the inputs; error 2.4 % -> 2.5 %"


def test_what_decides_is_told_with_bounds_and_margin() -> None:
    error = change("error", 0.1, 0.01, 0.01, 2000, before=0.024, after=0.124)
    said = drop_in_headline(of_classes(error_change=error, class_errors=()))
    assert "error 2.4 % -> 12.4 % (+10 [+9, +11] points), margin 1 point" in said
    churn = Change("churn", 0.42, 0.4, 0.44, 0.05, "outside", 2000)
    assert "decisions change on 42 % [40, 44] of the inputs, margin 5 %" in drop_in_headline(of_classes(churn=churn))


def test_undecided_says_how_many_rows_would_decide() -> None:
    assert drop_in_headline(still_open()).endswith("margin 5 %; about 5400 rows would decide")
    on_it = replace(still_open(), churn=change("churn", 0.05, 0.012, 0.05, 2000))
    assert drop_in_headline(on_it).endswith("sits on its margin, and more rows may not decide")


def test_one_beyond_its_margin_is_enough_and_all_inside_are_needed() -> None:
    inside = change("error", 0.005, 0.02, 0.01, 2000, rows_needed=9000)
    both_inside = replace(still_open(), error_change=inside)
    assert "about 9000 rows" in drop_in_headline(both_inside)  # the slower of two that have to be shown
    beyond = change("error", 0.02, 0.02, 0.01, 2000, rows_needed=7000)
    assert "about 7000 rows" in drop_in_headline(replace(still_open(), error_change=beyond))


def test_few_bad_rows_are_named() -> None:
    said = drop_in_headline(of_numbers())
    assert "worst output: torque, 1.1 %" in said
    assert "1 % [0.3, 2.6] of the rows are far off: run 7, run 80, run 211, run 399" in said
    many = replace(of_numbers(), n_changed=90)
    assert "run 7" not in drop_in_headline(many)


def test_the_worst_column_of_sigmoids_is_named() -> None:
    said = drop_in_headline(of_sigmoids())
    assert said.startswith("worst column: bin 40, its decision changes on 3 % [2, 4] of the inputs")
    assert "worst: bin 40, lit, recall 95 % -> 40 %" in said


def test_equal_outputs_and_weights_are_said() -> None:
    assert drop_in_headline(RECORDS["equal"]) == "all outputs are equal to the last bit, and the weights are the same"
    assert drop_in_headline(replace(within(), bit_equal=True)) == "all outputs are equal to the last bit"
    said = drop_in_words(replace(within(), equal_weights=True, reasons=reasons("data", "equal weights, other numbers")))
    assert said.headline.startswith("equal weights, other numbers; decisions change on 3.1 %")
    assert drop_in_headline(of_classes(equal_weights=True)).endswith("; the weights are the same")


def test_a_reason_that_the_numbers_say_is_not_said_again() -> None:
    assert drop_in_words(of_classes()).reasons == ("62 rows change",)
    assert drop_in_words(within()).reasons == ()
    assert drop_in_words(RECORDS["equal"]).reasons == ()


def test_an_output_that_is_constant_in_a_and_not_in_b_is_named() -> None:
    constant = Change("bias", None, None, None, 0.05, "outside", 400)
    said = drop_in_headline(replace(of_numbers(), answer="no", identity=(constant, *of_numbers().identity)))
    assert said.startswith("worst output: bias, constant in A, and not the same in B; 1 %")


def test_an_upper_bound_that_is_not_known_is_open() -> None:
    heavy = Change("load", 0.12, 0.03, None, 0.05, "open", 400)
    said = drop_in_headline(replace(of_numbers(), identity=(heavy,), rows_beyond=None))
    assert said.startswith("outputs as they stand: 12 % [3, open] of its variance is off")


def test_a_no_that_no_number_carries_is_its_reason() -> None:
    widths = DropIn("no", reasons("data", "A answers 3 numbers and B 4"), churn=within().churn)
    assert drop_in_headline(widths).startswith("A answers 3 numbers and B 4; decisions change on 3.1 %")
    assert drop_in_words(widths).reasons == ()


def test_every_output_is_listed_and_the_one_that_decides_is_named() -> None:
    words = drop_in_words(RECORDS["heads"])
    assert words.headline.startswith("output boxes: ")
    assert [(name, answer) for name, answer, _ in words.outputs] == [
        ("classes", "yes"),
        ("boxes", "no"),
        ("silent", "not tested"),
    ]
    assert words.by_output[2] == "silent: not tested, all values are equal"


def test_where_all_outputs_pass_the_nearest_to_its_margin_is_told() -> None:
    heads = (replace(within(), head="boxes"), replace(within(), head="scores"), RECORDS["not-tested"])
    said = drop_in_words(replace(heads[1], heads=heads)).headline
    assert said.startswith("all 2 inside their margins, the nearest output scores: decisions change on 3.1 %")


def test_the_error_of_a_column_names_it() -> None:
    error = change("bin 9", 0.001, 0.001, 0.01, 2000, before=0.0, after=0.001)
    assert "error of column bin 9 0 % -> 0.1 %" in drop_in_headline(replace(of_sigmoids(), error_change=error))


def test_long_names_are_cut_in_the_headline() -> None:
    said = drop_in_headline(of_classes(class_errors=(class_change("x" * 200, 0.04, 0.12),)))
    assert f"worst class: {'x' * 37}..., recall" in said


def test_a_lower_bound_that_is_nothing_is_zero_in_headline_and_reason_alike() -> None:
    churn = Change("churn", 0.001, 4e-8, 0.003, 0.05, "inside", 2000)
    assert "0.1 % [0, 0.3]" in drop_in_headline(replace(within(), churn=churn))
    assert share(churn) == "0.1 % [0, 0.3]"
