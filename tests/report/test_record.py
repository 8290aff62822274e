"""The schema accepts every record that a comparison can give, and nothing damaged."""

from __future__ import annotations

import json
from collections.abc import Callable
from copy import deepcopy
from dataclasses import fields, replace
from typing import Any

import jsonschema
import numpy as np
import pytest
from factory import axis, comparison, everything, same_task

import conjugacy as cj
from conjugacy.data.heads import OUTPUT_KINDS
from conjugacy.report import json_schema
from conjugacy.results import ANSWERS, DROP_IN_ANSWERS, Change, ChangedRow, DropIn, Margins
from conjugacy.results.drop_in import STATES_OF_A_CHANGE
from conjugacy.transformations import RUNGS

EVERYTHING = everything()
VALIDATOR = jsonschema.Draft202012Validator(json_schema())


def test_the_schema_itself_is_valid() -> None:
    jsonschema.Draft202012Validator.check_schema(json_schema())


@pytest.mark.parametrize("name", EVERYTHING)
def test_every_comparison_validates(name: str) -> None:
    VALIDATOR.validate(EVERYTHING[name].to_dict())
    VALIDATOR.validate(json.loads(EVERYTHING[name].to_json()))


def test_a_computed_comparison_validates(rng: np.random.Generator) -> None:
    x = rng.normal(size=(60, 3))
    VALIDATOR.validate(cj.compare(x, x[:, ::-1], measures=("cka",)).to_dict())


def test_the_factory_covers_every_answer() -> None:
    for name in ("function", "representation", "dynamics"):
        seen = {getattr(c.verdict, name).answer for c in EVERYTHING.values()}
        assert seen >= set(ANSWERS)
    assert EVERYTHING["dynamics-different"].verdict.dynamics.answer == "different"


def test_answers_and_rungs_are_those_of_the_results() -> None:
    definitions = json_schema()["$defs"]
    assert tuple(definitions["answer"]["enum"]) == ANSWERS
    assert tuple(definitions["rung"]["enum"]) == RUNGS


def _set(*path: Any, to: Any) -> Callable[[dict[str, Any]], None]:
    def change(record: dict[str, Any]) -> None:
        place: Any = record
        for key in path[:-1]:
            place = place[key]
        place[path[-1]] = to

    return change


def _drop(*path: Any) -> Callable[[dict[str, Any]], None]:
    def change(record: dict[str, Any]) -> None:
        place: Any = record
        for key in path[:-1]:
            place = place[key]
        del place[path[-1]]

    return change


def test_drop_in_is_described_in_full() -> None:
    definitions = json_schema()["$defs"]
    assert tuple(definitions["drop_in"]["properties"]["answer"]["enum"]) == DROP_IN_ANSWERS
    assert tuple(definitions["change"]["properties"]["state"]["enum"]) == STATES_OF_A_CHANGE
    assert tuple(definitions["kinds"]["items"]["enum"]) == OUTPUT_KINDS
    for name, record in (("drop_in", DropIn), ("change", Change), ("changed_row", ChangedRow), ("margins", Margins)):
        assert definitions[name]["required"] == [field.name for field in fields(record)]
        assert list(definitions[name]["properties"]) == definitions[name]["required"]


def test_several_outputs_validate_and_are_held_to_the_same() -> None:
    made = axis("equivalent")
    record = comparison(replace(made, heads=(made, axis("not_equivalent")))).to_dict()
    VALIDATOR.validate(record)
    for damage in (_set("function", "heads", 1, "answer", to="different"), _drop("function", "heads", 0, "reasons")):
        damaged = deepcopy(record)
        damage(damaged)
        with pytest.raises(jsonschema.ValidationError):
            VALIDATOR.validate(damaged)


def test_records_from_before_drop_in_validate() -> None:
    record = same_task().to_dict()
    del record["drop_in"]
    for name in ("function", "representation", "dynamics"):
        del record[name]["heads"], record[name]["rung_words"]
    VALIDATOR.validate(record)


DROP_IN_DAMAGES = {
    "unknown answer": _set("answer", to="maybe"),
    "no reason": _set("reasons", to=[]),
    "unknown kind": _set("kinds", to=["logits", "numbers"]),
    "unknown state": _set("churn", "state", to="holds"),
    "a margin of one": _set("margins", "churn", to=1),
    "a row before the first": _set("rows", 0, "position", to=-1),
    "no margin": _drop("class_errors", 0, "margin"),
    "no margins": _drop("margins"),
    "not tested, with numbers": _set("answer", to="not_tested"),
    "a head of another form": _set("heads", to=[{"answer": "yes"}]),
}


@pytest.mark.parametrize("name", DROP_IN_DAMAGES)
def test_a_damaged_drop_in_does_not_validate(name: str) -> None:
    record = EVERYTHING["drop-in-classes"].to_dict()
    VALIDATOR.validate(record)
    DROP_IN_DAMAGES[name](record["drop_in"])
    with pytest.raises(jsonschema.ValidationError):
        VALIDATOR.validate(record)


DAMAGES = {
    "other schema": _set("schema", to=2),
    "unknown answer": _set("function", "answer", to="same"),
    "different is for dynamics alone": _set("function", "answer", to="different"),
    "unknown rung": _set("function", "rung", to="unit"),
    "unknown status": _set("function", "rungs", 0, "status", to="maybe"),
    "negative fraction": _set("function", "rungs", 2, "a_to_b", "unexplained", to=-0.1),
    "number as text": _set("function", "rungs", 2, "a_to_b", "low", to="0.1"),
    "three networks": _set("networks", to=["a", "b", "c"]),
    "no reasons": _set("function", "reasons", to=[]),
    "not tested, with rungs": _set("function", "answer", to="not_tested"),
    "tolerance of one": _set("tolerance", to=1),
    "no axis": _drop("dynamics"),
    "no gain": _drop("representation", "gain"),
    "no interval": _drop("function", "rungs", 0, "b_to_a", "high"),
    "no null": _drop("function", "evidence", 0, "null"),
    "no floor source": _drop("function", "floor", "source"),
}


@pytest.mark.parametrize("name", DAMAGES)
def test_a_damaged_record_does_not_validate(name: str) -> None:
    record = same_task().to_dict()
    VALIDATOR.validate(record)
    DAMAGES[name](record)
    with pytest.raises(jsonschema.ValidationError):
        VALIDATOR.validate(record)


def test_fields_may_be_added() -> None:
    record = comparison().to_dict()
    record["later"] = record["function"]["later"] = 1
    VALIDATOR.validate(record)
