"""NWB sessions against pynwb itself: spikes, series in their units, trials, units that were not observed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from laboratory_files import write_session

import conjugacy as cj
from conjugacy.errors import FormatError, InputError, UnknownNameError

pytest.importorskip("pynwb")
pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]

RNG = np.random.default_rng(0)
SPIKES = [np.sort(RNG.uniform(0, 20, size)) for size in (300, 150, 900)]
TRIALS = {
    "start_time": np.arange(8) * 2.0,
    "stop_time": np.arange(8) * 2.0 + np.array([1.0, 1.2] * 4),
    "target": ["left", "right"] * 4,
    "speed": [1, 1, 2, 2] * 2,
    "go": np.arange(8) * 2.0 + 0.5,
}
OBSERVED = [np.array([[0.0, 20.0]]), np.array([[0.0, 9.0]]), np.array([[0.0, 3.0], [5.5, 20.0]])]
SERIES = [
    {"name": "hand", "data": RNG.normal(size=(2000, 2)), "unit": "m", "rate": 100.0, "starting_time": 0.0},
    {
        "name": "eye",
        "data": np.arange(4000, dtype=np.int16).reshape(2000, 2),
        "unit": "V",
        "conversion": 0.5,
        "offset": 3.0,
        "timestamps": np.arange(2000) / 100.0,
    },
]


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("nwb") / "monkey.nwb"
    write_session(path, spikes=SPIKES, trials=TRIALS, series=SERIES)
    return path


def test_spikes_are_those_of_pynwb_counted_in_bins(session: Path) -> None:
    import pynwb

    found = cj.convert(session, bin=0.1, smoothing=0.0)
    layer = found.recording.layer("units")
    assert isinstance(layer, cj.Trajectories)
    assert layer.lengths == (10, 12) * 4
    assert layer.dt == pytest.approx(0.1)
    with pynwb.NWBHDF5IO(str(session), "r") as io:
        units = io.read().units
        assert np.ndim(units.spike_times[1]) == 0  # the attribute: one number
        for unit in range(3):
            times = units["spike_times"][unit]
            assert np.array_equal(times, SPIKES[unit])
            counts = np.histogram(times, 6.0 + 0.1 * np.arange(13))[0]
            assert np.array_equal(layer.values[3][:, unit] * 0.1, counts)
    assert layer.conditions is None
    assert any("columns of the trials that were not used: 'target', 'speed', 'go'" in one for one in found.told)
    assert any("3 units (1350 in all)" in one and "not smoothed" in one for one in found.told)


def test_conditions_windows_and_outputs(session: Path) -> None:
    found = cj.convert(
        session,
        layers=["units"],
        roles={"conditions": ["target", "speed"], "outputs": "hand"},
        align="go",
        window=(-0.2, 0.3),
    ).recording
    layer, hand = found.layer("units"), found.layer("hand")
    assert isinstance(layer, cj.Trajectories)
    assert layer.conditions is not None
    assert layer.conditions.tolist()[:4] == ["left/1", "right/1", "left/2", "right/2"]
    assert set(layer.lengths) == {25}
    assert found.heads == ("hand",)
    middles = 4.5 - 0.2 + 0.02 * (np.arange(25) + 0.5)
    expected = [np.interp(middles, np.arange(2000) / 100.0, column) for column in SERIES[0]["data"].T]
    assert np.allclose(hand.values[2], np.stack(expected, axis=1))


def test_series_are_in_their_units_at_their_own_points(session: Path) -> None:
    found = cj.convert(session, layers=["eye"]).recording.layer("eye")
    raw = SERIES[1]["data"][400:520] * 0.5 + 3.0
    assert np.array_equal(found.values[1][:100], (SERIES[1]["data"] * 0.5 + 3.0)[200:300])
    assert len(found.values[2]) == 100
    assert np.array_equal(found.values[2], raw[:100])


def test_units_that_were_not_observed_are_missing(tmp_path: Path) -> None:
    path = tmp_path / "a.nwb"
    write_session(path, spikes=SPIKES, trials=TRIALS, observed=OBSERVED)
    with pytest.raises(InputError, match=r"2 of 3 units have NaN \(units 1, 2; in 5 of 8 trials: 1, 2, 5, 6, 7\)"):
        cj.load(path)
    found = cj.convert(path, missing="drop-units")
    assert found.recording.layer("units").n_units == 1
    assert any(
        "2 of 3 units of 'units' were left out for NaN: 1, 2 (in 2 to 3 of 8 trials)" in one for one in found.told
    )
    rows = cj.convert(path, missing=("drop-units", "drop-trials")).recording.layer("units")
    assert rows.n_units == 3  # none misses more than half of the trials
    assert rows.trials.tolist() == [0, 3, 4]


def test_what_is_not_clear_is_refused(tmp_path: Path, session: Path) -> None:
    write_session(tmp_path / "two.nwb", series=SERIES, trials=TRIALS)
    with pytest.raises(InputError, match=r"2 time series: 'hand', 'eye'; say which: layers=\['hand'\]"):
        cj.load(tmp_path / "two.nwb")
    with pytest.raises(UnknownNameError, match="did you mean 'target'"):
        cj.convert(session, roles={"conditions": "targets"})
    with pytest.raises(UnknownNameError, match="series 'hnd'"):
        cj.convert(session, layers=["hnd"])
    with pytest.raises(InputError, match="no trial is 2 steps"):
        cj.convert(session, bin=5.0)
    write_session(tmp_path / "none.nwb")
    with pytest.raises(InputError, match="neither spikes nor time series"):
        cj.load(tmp_path / "none.nwb")


def test_without_trials_the_session_is_one(tmp_path: Path) -> None:
    write_session(tmp_path / "a.nwb", spikes=SPIKES)
    found = cj.convert(tmp_path / "a.nwb")
    assert any("no table of trials" in one for one in found.told)
    assert len(found.recording.layer("units").values) == 1


def test_a_session_that_leads_elsewhere_is_refused(tmp_path: Path) -> None:
    import h5py

    write_session(tmp_path / "a.nwb", spikes=SPIKES, trials=TRIALS)
    with h5py.File(tmp_path / "a.nwb", "a") as file:
        file["acquisition/away"] = h5py.ExternalLink("other.nwb", "/x")
    with pytest.raises(FormatError, match="link to somewhere else"):
        cj.load(tmp_path / "a.nwb")
    (tmp_path / "b.nwb").write_bytes(b"\x89HDF\r\n\x1a\n" + bytes(300))
    with pytest.raises(FormatError):
        cj.load(tmp_path / "b.nwb")
