"""Numbers in names are read whole, or not at all."""

import pytest

from conjugacy.errors import InputError
from conjugacy.study.coordinate import coordinate_in, coordinates_of


@pytest.mark.parametrize("names", [["step500", "step1k", "step2k"], ["step1_000", "step2_000", "step3_000"]])
def test_a_number_that_goes_on_is_none(names):
    assert coordinate_in(names) is None
    with pytest.raises(InputError, match="no number behind 'step'"):
        coordinates_of(names, "step")


def test_a_number_beyond_all_numbers_is_refused():
    with pytest.raises(InputError, match="step of"):
        coordinates_of(["step1", "step2", "step1e999"], "step")


def test_a_word_without_a_number_behind_it_is_no_coordinate():
    assert coordinate_in(["checkpoint_seed3", "checkpoint_seed5", "checkpoint_seed9"]) is None
    assert coordinate_in(["bandwidth3", "bandwidth4", "bandwidth5"]) is None
    assert coordinates_of(["step10_seed3", "step20_seed3"], "step")[1] == {"step10_seed3": 10.0, "step20_seed3": 20.0}
