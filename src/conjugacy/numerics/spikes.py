"""Spike times as rates: counted in bins of one width, and smoothed by a Gaussian that sees what lies around each stretch."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

REACH = 4.0  # standard deviations of the Gaussian on either side


def spike_rates(
    spikes: Sequence[np.ndarray], starts: np.ndarray, bins: Sequence[int], width: float, sd: float
) -> list[np.ndarray]:
    """Return spikes per second of all units in bins that follow each other from every start on.

    A bin holds the spikes from its beginning up to, not including, its end. The Gaussian's weights sum to one; spikes outside a
    stretch count inside it where the Gaussian reaches, so that rates do not sink towards its ends.

    Parameters
    ----------
    spikes : sequence of n arrays
        Times of each unit's spikes, rising.
    starts : array, (k,)
        Where each stretch begins.
    bins : sequence of int, (k,)
        How many bins each has.
    width, sd : float
        Width of a bin, and standard deviation of the Gaussian, in the unit of the times; 0 leaves counts as they are.

    Returns
    -------
    list of array, (t, n)

    Examples
    --------
    >>> spike_rates([np.array([0.1, 0.15, 0.3])], np.array([0.0]), [2], 0.2, 0.0)[0].ravel().tolist()
    [10.0, 5.0]
    """
    weights = gaussian_weights(sd / width)
    reach = len(weights) // 2
    edges = [start + width * np.arange(-reach, count + reach + 1) for start, count in zip(starts, bins, strict=True)]
    ends = np.cumsum([0, *map(len, edges)])
    every = np.concatenate(edges)
    found = [np.empty((count, len(spikes))) for count in bins]
    for unit, times in enumerate(spikes):
        before = np.searchsorted(times, every - 1e-9 * width)  # a spike on an edge is in the bin that begins there
        for rates, first, last in zip(found, ends[:-1], ends[1:], strict=True):
            rates[:, unit] = np.convolve(np.diff(before[first:last]), weights, mode="valid")
    return [rates / width for rates in found]


def gaussian_weights(sd: float) -> np.ndarray:
    """Return the weights of a Gaussian over bins, an odd number of them, which sum to one; `sd` is in bins.

    Examples
    --------
    >>> gaussian_weights(0.0).tolist(), len(gaussian_weights(2.0))
    ([1.0], 17)
    """
    if sd <= 0:
        return np.ones(1)
    places = np.arange(-int(np.ceil(REACH * sd)), int(np.ceil(REACH * sd)) + 1)
    weights = np.exp(-0.5 * (places / sd) ** 2)
    return weights / weights.sum()
