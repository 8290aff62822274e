"""Sessions that do not fit: what only one has, unequal repeats, lengths and padding, told and done by a stated rule."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import conjugacy as cj
from conjugacy.activations import as_recording
from conjugacy.comparison.attributes import Attribute
from conjugacy.comparison.fitting import Fitting
from conjugacy.comparison.made_to_fit import made_to_fit
from conjugacy.data.members import Members, averaged, deviations, rows_taken
from conjugacy.errors import InputError, ShapeError, StimuliError, UnknownNameError

RNG = np.random.default_rng(0)
LATENT = np.cumsum(RNG.normal(size=(40, 24, 3)), axis=1)
A, B = (LATENT @ RNG.normal(size=(3, n)) for n in (5, 6))
IDS = [f"t{i}" for i in range(40)]
CONDITIONS = [f"c{i % 8}" for i in range(40)]


def moving(values: Any, **labels: Any) -> cj.Recording:
    return cj.Recording({"h": cj.Trajectories(values, **labels)}, name="net")


def still(values: Any, **labels: Any) -> cj.Recording:
    return cj.Recording({"h": cj.Activations(values, **labels)}, name="net")


def fitted(a: cj.Recording, b: cj.Recording, *missing: str, repeats: str | None = None, groups: Any = None) -> Fitting:
    return made_to_fit(Fitting(a, b, ((), ()), groups), missing, repeats)


def test_trials_of_one_network_alone_are_left_out_and_unequal_ones_cut() -> None:
    lengths = np.r_[np.full(18, 24), np.full(10, 17)]
    b = moving([x[:n] for x, n in zip(B[12:], lengths, strict=True)], trials=IDS[12:])
    found = fitted(moving(A, trials=IDS), b, "intersect", "shorten")
    assert found.a.first.trials.tolist() == IDS[12:]
    assert found.a.first.lengths == tuple(lengths)
    assert all(np.array_equal(one, A[12 + i][: lengths[i]]) for i, one in enumerate(found.a.first.values))
    assert found.told[0].startswith("net: 12 of 40 trials left out")
    assert found.told[1].startswith("net: 10 of 28 trials cut at the end by 7 time points")


@pytest.mark.slow
def test_only_shared_trials_are_compared_and_the_others_named(short_curves: None) -> None:
    a = cj.Trajectories(A, trials=IDS)
    b = cj.Trajectories(B[12:], trials=IDS[12:])
    with pytest.raises(
        StimuliError, match=r"28 shared, 12 only in 'a' .*missing='intersect' compares the 28 that both have"
    ):
        cj.compare(a, b)
    result = cj.compare(a, b, missing="intersect")
    assert result.n_samples == 28 * 24
    assert result.verdict.representation.answer == "equivalent"
    assert any(
        note == "a: 12 of 40 trials left out, as the other network has none of them: 't0', 't1', 't2', 't3', 't4', ..."
        for note in result.notes
    )
    assert result.to_dict()["settings"]["missing"] == ["intersect"]


def test_intersect_of_stimuli_takes_groups_and_targets_with_it() -> None:
    ids = np.arange(30)
    a = cj.Recording.from_arrays({"h": RNG.normal(size=(30, 3))}, stimuli=ids, targets=ids % 4, name="a")
    found = fitted(a, still(RNG.normal(size=(20, 3)), stimuli=ids[10:]), "intersect", groups=ids // 5)
    assert found.a.targets is not None
    assert found.groups is not None
    assert found.a.targets.tolist() == (ids[10:] % 4).tolist()
    assert found.groups.tolist() == (ids[10:] // 5).tolist()
    with pytest.raises(StimuliError, match="share no stimuli"):
        fitted(a, still(RNG.normal(size=(9, 3)), stimuli=ids[:9] + 100), "intersect")
    with pytest.raises(InputError, match="has no ids"):
        fitted(a, still(RNG.normal(size=(9, 3))), "intersect")


def test_copies_change_with_their_network() -> None:
    a, copy = (still(RNG.normal(size=(6, 2)), stimuli=range(6)) for _ in range(2))
    other = still(RNG.normal(size=(4, 2)), stimuli=range(2, 6))
    found = made_to_fit(Fitting(a, other, ((copy,), ()), None), ("intersect",), None)
    assert found.copies[0][0].first.values.tolist() == copy.first.values[2:].tolist()


@pytest.mark.slow
def test_trials_cut_short_are_told_with_their_common_length(short_curves: None) -> None:
    lengths = np.r_[np.full(30, 24), np.full(10, 17)]
    a, b = cj.Trajectories(A, trials=IDS), cj.Trajectories([x[:n] for x, n in zip(B, lengths, strict=True)], trials=IDS)
    with pytest.raises(
        StimuliError, match=r"10 of 40 trials differ in length, all have 17 at least: missing='shorten'"
    ):
        cj.compare(a, b)
    result = cj.compare(a, b, missing="shorten")
    assert result.n_samples == lengths.sum()
    assert "a: 10 of 40 trials cut at the end by 7 time points, to the length that both networks have" in result.notes


def test_padding_is_told_and_cut_only_on_request() -> None:
    padded = A.copy()
    padded[5:9, 20:] = 0.0
    a, b = moving(padded, trials=IDS), moving(B, trials=IDS)
    said = "net: 4 of 40 trials end in 4 time points at which every unit is exactly 0"
    found = fitted(a, b)
    assert found.told == (f"{said}, which looks like padding; missing='unpad' cuts it",)
    assert found.a.first.lengths == (24,) * 40
    found = fitted(a, b, "unpad", "shorten")
    assert found.told[0] == f"{said}; they were taken for padding and cut"
    assert found.a.first.lengths == found.b.first.lengths == tuple(20 if 5 <= i < 9 else 24 for i in range(40))


def test_averages_and_deviations_are_numpys() -> None:
    layer = averaged(moving(A, trials=IDS, conditions=CONDITIONS), Members.of(np.array(CONDITIONS))).first
    assert isinstance(layer, cj.Trajectories)
    assert layer.trials is not None
    assert layer.trials.tolist() == [f"c{i}" for i in range(8)]
    assert np.allclose(layer.values[3], A[3::8].mean(axis=0))
    layer = deviations(moving(A, conditions=CONDITIONS), Members.of(np.array(CONDITIONS))).first
    assert np.allclose(layer.values[11], A[11] - A[3::8].mean(axis=0))
    rows = RNG.normal(size=(12, 3))
    found = averaged(
        cj.Recording.from_arrays({"h": rows}, stimuli=np.arange(12) % 4, targets=np.arange(12) % 4),
        Members.of(np.arange(12) % 4),
    )
    assert np.allclose(found.first.values, rows.reshape(3, 4, 3).mean(axis=0))
    assert found.targets is not None
    assert found.targets.tolist() == [0, 1, 2, 3]


def test_ragged_repeats_are_averaged_up_to_the_shortest() -> None:
    trials = [A[0], A[8][:20], A[1]]
    found = fitted(
        moving(trials, conditions=["x", "x", "y"]), moving(trials, conditions=["x", "x", "y"]), repeats="average"
    )
    assert found.a.first.lengths == (20, 24)
    assert np.allclose(found.a.first.values[0], (A[0][:20] + A[8][:20]) / 2)
    assert "1 trials were cut to the shortest of their condition" in found.told[0]


@pytest.mark.slow
def test_sessions_with_other_trials_are_matched_by_condition(short_curves: None) -> None:
    rng = np.random.default_rng(3)
    means = np.cumsum(rng.normal(size=(30, 20, 3)), axis=1)
    sides = []
    for counts, n in ((rng.integers(2, 6, 30), 5), (rng.integers(2, 6, 30), 7)):
        which = np.repeat(np.arange(30), counts)
        values = means[which] @ rng.normal(size=(3, n)) + 0.05 * rng.normal(size=(len(which), 20, n))
        sides.append(cj.Trajectories(values, conditions=[f"c{i}" for i in which]))
    result = cj.compare(*sides, repeats="average")
    assert result.n_samples == 30 * 20
    assert result.verdict.representation.answer == "equivalent"
    assert any("were averaged to 30 conditions (2 to 5 each)" in note for note in result.notes)


def test_as_many_repeats_as_both_have() -> None:
    a = still(np.arange(7.0)[:, None], stimuli=list("xxxyyzz"))
    b = still(np.arange(6.0)[:, None], stimuli=list("xxyyyz"))
    found = fitted(a, b, repeats="cut")
    assert found.a.first.values.ravel().tolist() == [0, 1, 3, 4, 5]
    assert found.b.first.values.ravel().tolist() == [0, 1, 2, 3, 5]
    assert found.a.first.stimuli.tolist() == list("xxyyz")
    trials = fitted(moving(A[:5], conditions=list("xxyyy")), moving(B[:4], conditions=list("xxxy")), repeats="cut")
    assert trials.a.first.trials.tolist() == ["x#0", "x#1", "y#0"] == trials.b.first.trials.tolist()


def test_what_repeats_need() -> None:
    with pytest.raises(InputError, match="net has no conditions of its trials"):
        fitted(moving(A), moving(B), repeats="average")
    with pytest.raises(InputError, match="whose deviation is nothing: 'y'"):
        fitted(moving(A[:3], conditions=list("xxy")), moving(B[:3], conditions=list("xxy")), repeats="deviations")
    with pytest.raises(UnknownNameError, match="did you mean 'average'"):
        cj.compare(np.eye(3), np.eye(3), repeats="averages")
    with pytest.raises(StimuliError, match=r"repeats='average'.*repeats='cut'"):
        cj.compare(still(np.ones((3, 2)), stimuli=list("xxy")), still(np.ones((3, 2)), stimuli=list("xyy")))


def test_rows_with_nan_in_one_network_go_from_both(short_curves: None) -> None:
    x = RNG.normal(size=(120, 4))
    gaps = x.copy()
    gaps[7, 2] = np.nan
    with pytest.raises(InputError, match=r"1 of 4 units has NaN \(unit 2; in 1 of 120 stimuli: 7\)"):
        cj.compare(gaps, x)
    result = cj.compare(gaps, x, missing="drop-trials")
    assert result.n_samples == 119
    assert result.verdict.representation.rung == "identity"
    assert "b: 1 of 120 stimuli left out, as the other network has NaN there: '7'" in result.notes
    result = cj.compare(gaps, x, missing="drop-units")
    assert result.n_samples == 120
    assert any("1 of 4 units of 'activations' was left out for NaN: 2" in note for note in result.notes)


def test_lists_of_trials_are_trajectories() -> None:
    ragged = [one[: 20 + i % 4] for i, one in enumerate(A)]
    found = as_recording(ragged, name="a").first
    assert isinstance(found, cj.Trajectories)
    assert found.lengths == tuple(20 + i % 4 for i in range(40))
    gaps = [one.copy() for one in ragged]
    gaps[3][2, 1] = np.nan
    assert as_recording(gaps, name="a", missing=("drop-units",)).first.n_units == 4
    assert as_recording(gaps, name="a", missing=("drop-trials",)).first.trials.tolist() == [
        i for i in range(40) if i != 3
    ]
    with pytest.raises(ShapeError, match="numbers of units differ"):
        cj.compare([np.ones((4, 2)), np.ones((4, 3))], ragged)
    with pytest.raises(ShapeError, match=r"trials x time x units pass Trajectories\(values\)"):
        cj.compare(A, A)


def test_rows_taken_keep_what_belongs_to_them() -> None:
    one = cj.Recording.from_arrays(
        {"h": np.eye(3)}, jacobians={"h": np.arange(18.0).reshape(3, 3, 2)}, groups=[5, 6, 7]
    )
    found = rows_taken(one, np.array([2]))
    assert found.jacobians["h"].tolist() == [[[12, 13], [14, 15], [16, 17]]]
    assert found.first.groups.tolist() == [7]


def test_attributes_go_with_the_rows_and_must_agree_between_repeats_that_are_averaged() -> None:
    ids = np.repeat(np.arange(10), 2)
    a, b = (still(RNG.normal(size=(20, 3)), stimuli=ids) for _ in range(2))
    speaker = ids % 3
    found = cj.compare(a, b, repeats="average", attributes={"speaker": speaker}, measures=[])
    assert found.n_samples == 10
    with pytest.raises(InputError, match="differs between repeats of '0'"):
        cj.compare(a, b, repeats="average", attributes={"side": np.tile([0, 1], 10)}, measures=[])
    other = still(RNG.normal(size=(6, 3)), stimuli=np.arange(6))
    fitting = Fitting(
        still(RNG.normal(size=(10, 3)), stimuli=np.arange(10)),
        other,
        ((), ()),
        None,
        (Attribute.of("x", list("aabbccddee")),),
    )
    assert made_to_fit(fitting, ("intersect",), None).attributes[0].values.tolist() == [0, 0, 1, 1, 2, 2]
