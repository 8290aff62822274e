"""What the input alone tells: in parts, where there is much of it."""

from __future__ import annotations

import numpy as np

from conjugacy.dynamics.drive import CLOCK, Known


def test_many_time_points_are_read_out_part_by_part(rng, monkeypatch):
    lengths = [20, 35, 20, 30, 25] * 10  # more rows than columns
    drive = [rng.standard_normal((length, 2)) for length in lengths]
    whole = Known.of(drive, lengths)
    assert whole.kept is not None
    monkeypatch.setattr("conjugacy.dynamics.drive.MOST_KNOWN", 60)
    parts = Known.of(drive, lengths)
    assert parts.kept is None
    batches = parts.batches(range(len(lengths)))
    assert [i for batch in batches for i in batch] == list(range(len(lengths)))
    assert all(sum(lengths[i] for i in batch) <= 60 for batch in batches)
    for batch in batches:
        for one, other in zip(parts.of_trials(batch), whole.of_trials(batch), strict=True):
            np.testing.assert_allclose(one, other, rtol=1e-9, atol=1e-12)


def test_a_drive_that_rests_tells_the_time_alone():
    known = Known.of([np.ones((9, 3))] * 4, [9] * 4)
    assert known.of_trials([0])[0].shape == (9, CLOCK)
