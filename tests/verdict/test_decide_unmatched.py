from dataclasses import replace

import pytest

from conjugacy.dynamics.unmatched import Unmatched
from conjugacy.verdict.decide_unmatched import decide_unmatched

PLAIN = Unmatched(0.12, (0.05, 0.06), 0.0198, 1.0, 1.3, 0.05, 1.0)


def test_a_second_look_calls_different_what_is_plainly_so() -> None:
    assert decide_unmatched(PLAIN)[0] == decide_unmatched(PLAIN, second=True)[0] == "different"


@pytest.mark.parametrize("change", [{"p_different": 0.04}, {"p_same": 0.06}])
def test_a_second_look_leaves_open_what_a_first_one_decides_barely(change: dict[str, float]) -> None:
    barely = replace(PLAIN, **change)
    answer, said = decide_unmatched(barely, second=True)
    assert decide_unmatched(barely)[0] == "different"
    assert answer == "undecided"
    assert "not plainly enough" in str(said[0])
