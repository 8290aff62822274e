"""Rates of spikes: counts by numpy's own histogram, smoothing by scipy's own Gaussian, and no sinking at the ends."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import gaussian_filter1d

from conjugacy.numerics.spikes import spike_rates


def test_counts_are_those_of_a_histogram(rng: np.random.Generator) -> None:
    spikes = [np.sort(rng.uniform(0, 10, size)) for size in (0, 7, 400)]
    starts, bins, width = np.array([0.0, 3.3, 9.0]), [50, 20, 5], 0.02
    found = spike_rates(spikes, starts, bins, width, 0.0)
    for start, count, rates in zip(starts, bins, found, strict=True):
        edges = start + width * np.arange(count + 1)
        expected = np.stack([np.histogram(one[one < edges[-1]], edges)[0] for one in spikes], axis=1) / width
        assert np.array_equal(rates, expected)


def test_smoothing_is_scipys_gaussian_over_the_whole_time(rng: np.random.Generator) -> None:
    spikes, width, sd = [np.sort(rng.uniform(0, 20, 900))], 0.02, 0.05
    counts = np.histogram(spikes[0], width * np.arange(1001))[0] / width
    whole = gaussian_filter1d(counts, sd / width, truncate=4.0)
    found = spike_rates(spikes, np.array([4.0, 12.0]), [100, 50], width, sd)
    assert np.allclose(found[0][:, 0], whole[200:300])  # what lies around a stretch is seen: its ends do not sink
    assert np.allclose(found[1][:, 0], whole[600:650])


def test_a_spike_on_an_edge_counts_once() -> None:
    found = spike_rates([np.array([0.3, 0.6])], np.array([0.0]), [10], 0.1, 0.0)
    assert (found[0][:, 0] * 0.1).round(9).tolist() == [0, 0, 0, 1, 0, 0, 1, 0, 0, 0]  # 3 * 0.1 is over 0.3 in floats
