"""The order of a recording is kept in a study, whatever the ids; what is said of rows reaches its verdicts and its pages."""

import pytest

import conjugacy as cj

pytestmark = pytest.mark.usefixtures("short_curves")
M = 120


@pytest.fixture
def recordings(rng):
    ids = [f"{i:04x}" for i in rng.permutation(M)]
    layers = []
    for _ in range(2):
        x = rng.standard_normal((M, 4))
        for i in range(1, M):
            x[i] += 0.95 * x[i - 1]
        layers.append(x)
    return {name: cj.Activations(x, stimuli=ids) for name, x in zip("ab", layers, strict=True)}


def test_rows_that_hang_together_are_found_in_the_order_of_the_recording(recordings):
    study = cj.pairwise(recordings)
    found = study.pair("a", "b").verdict.representation
    assert found.reasons[0].about == "rows"
    assert study.counts()["verdict"]
    assert cj.get_measure("verdict")(*recordings.values()).value == study.table()[0, 1]


def test_what_is_said_of_rows_is_an_option_of_verdicts(recordings):
    study = cj.pairwise(recordings, measures=["verdict", "cka"], rows="independent")
    assert study.settings["measures"] == ["verdict:rows=independent", "cka"]
    pair = study.pair("a", "b", measure="verdict:rows=independent")
    assert pair.settings["rows"] == "independent"
    assert not any("neighbouring" in w for w in pair.verdict.representation.warnings)
