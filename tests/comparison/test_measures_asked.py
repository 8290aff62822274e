"""Whatever is asked for is shown: in print, in a notebook, on output-only recordings, as ids, instances or functions."""

import numpy as np
import pytest

import conjugacy as cj
from conjugacy.errors import InputError
from conjugacy.results import Score

RNG = np.random.default_rng(0)
X = RNG.normal(size=(120, 3))
Y = X @ np.linalg.qr(RNG.normal(size=(3, 3)))[0] + 0.3 * RNG.normal(size=X.shape)


def gap(x, y):
    return float(np.abs(x - y).mean())


def test_scores_are_shown_where_the_result_is_shown():
    result = cj.compare(X, Y, measures=["cka", cj.get_measure("procrustes"), gap])
    cka = cj.get_measure("cka")(X, Y).value
    for shown in (str(result), result._repr_html_()):
        assert f"{cka:.2g}" in shown
        assert all(name in shown for name in ("cka", "procrustes", "gap"))
    assert result.measures[2].value == gap(X, Y)
    assert result.to_dict()["measures"][2]["distance"] is None  # which way a function runs is not known


def test_measures_of_recordings_with_outputs_alone_are_computed_on_these_and_said():
    a, b = (cj.Recording.from_arrays({"outputs": values}) for values in (X, Y))
    result = cj.compare(a, b, measures=["cka"])
    assert result.measures[0].value == pytest.approx(cj.get_measure("cka")(X, Y).value)
    assert any("cka: computed on the outputs" in note for note in result.notes)
    assert not any("computed on the outputs" in note for note in cj.compare(a, b).notes)


def test_measures_of_unmatched_trials_are_said_to_be_missing():
    a, b = (cj.Trajectories(RNG.normal(size=(12, 20, 2)).cumsum(1)) for _ in range(2))
    result = cj.compare(a, b, match="none", measures=["cka"])
    assert result.measures == ()
    assert any("cka: not computed" in note for note in result.notes)


def test_functions_return_a_number_or_a_score():
    own = Score("mine", 0.5, 0.5, 0.5)
    assert cj.compare(X, Y, measures=lambda x, y: own).measures == (own,)
    with pytest.raises(InputError, match="one finite number"):
        cj.compare(X, Y, measures=lambda x, y: "much")


def test_a_study_that_is_stored_says_why_it_takes_no_function(tmp_path):
    with pytest.raises(InputError, match=r"'gap' has no id .* leave out store= and executor="):
        cj.pairwise({"a": X, "b": Y}, measures=gap, store=tmp_path / "store")


def test_no_word_of_the_notebook_tables_is_broken():
    for shown in (cj.compare(X, Y)._repr_html_(), cj.pairwise({"a": X, "b": Y}, measures="cka")._repr_html_()):
        table = shown[shown.index("<table") : shown.index("</table>")]
        assert "anywhere" not in table
        assert "break-all" not in table
