"""Stimuli at both ends of a direction: pictures where there are some, else their ids."""

import numpy as np

from conjugacy.report.shared_words import attribute_sentences, shared_sentence
from conjugacy.report.stimulus_pictures import pictured_ends
from conjugacy.results import Evidence, PrivatePart, SharedAttribute, SharedPart, SharedTask

SHARE = Evidence("share", 0.5, 0.4, 0.6)


def found(pictures=None, told=0.02, **more):
    part = PrivatePart(
        SHARE, (0.1,), 8, ("p",), Evidence("explained", told, 0.01, 0.9), ("p", "q"), ("r",), pictures, "Why"
    )
    own = PrivatePart(SHARE, (0.1,), 3, ("p",))
    return SharedPart(6, (5, 7), 14, (), SHARE, SHARE, (part, own), **more)


def test_ids_where_there_are_no_pictures():
    (end,) = pictured_ends(found())
    assert end.ends == ()
    assert end.sentence == "At one end of A's strongest own direction stand p, q; at the other r"
    assert end.told == "B's layer tells 2 % [1, 90] of it on held-out rows"
    assert end.note == "Why"


def test_pictures_stand_with_the_ids_of_their_end():
    pictures = np.arange(3 * 36, dtype=np.uint8).reshape(3, 6, 6, 1)
    (end,) = pictured_ends(found(pictures))
    assert [[name for name, _ in side] for side in end.ends] == [["p", "q"], ["r"]]
    assert len({address for side in end.ends for _, address in side}) == 3
    assert end.title == "The two ends of A's strongest own direction (10 % of A's variance)"


def test_what_the_other_layer_tells_nevertheless_is_not_called_private():
    (end,) = pictured_ends(found(told=0.8))
    assert end.told.endswith("it is common too, but too small a part to count")


def test_the_sentence_of_the_verdict():
    tasks = tuple(
        SharedTask(name, "accuracy", Evidence("accuracy", common), SHARE, Evidence("accuracy", whole), 0.1)
        for name, common, whole in (("a", 0.928, 1.0), ("b", 0.95, 0.96))
    )
    said = "they share about 6 directions (5 to 7) of 14 and 9, which carry 92 % of what either needs for the task"
    assert shared_sentence(found(tasks=tasks)) == said


def test_attributes_in_words():
    tests = tuple(
        SharedAttribute("pitch", "values", part, j, Evidence("told", told, told - 0.1, told + 0.05), 0.0, p, p, 99, 200)
        for part, j, told, p in (("common", None, 0.9, 0.01), ("common", 1, 0.5, 0.01), ("a", 1, 0.05, 0.01), ("b", 1, 0.3, 0.2))
    )  # fmt: skip
    said = attribute_sentences(found(attributes=tests, notes=("who is not tested: it has one class",)))
    assert said[0] == "'pitch' is carried by what both share (90 % [80, 95] of its variance)"
    assert "all 4 tests" in said[1]
    assert said[2] == "who is not tested: it has one class"
