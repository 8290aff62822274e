# /// script
# requires-python = ">=3.11"
# dependencies = ["pydmd==2025.8.1"]
# ///
"""The default rank of PyDMD, on two tones whose frequencies are known."""

import numpy as np
from pydmd import DMD
from told import told

import conjugacy as cj
from conjugacy.dynamics import DMD as OURS

t = np.arange(400)
tones = (0.11, 0.27)


def heard(units: int, rank: int) -> list[float]:
    """Return the frequencies of the modes that PyDMD finds in `units` noisy mixtures of both tones."""
    y = mixed(units)
    return sorted({round(float(one), 2) for one in np.abs(np.angle(DMD(svd_rank=rank).fit(y).eigs)) / 2 / np.pi})


def mixed(units: int) -> np.ndarray:
    """Return noisy mixtures of both tones, (units, time)."""
    rng = np.random.default_rng(0)
    waves = np.concatenate([[np.cos(2 * np.pi * f * t), np.sin(2 * np.pi * f * t)] for f in tones])
    return rng.normal(size=(units, 4)) @ waves + 0.01 * rng.normal(size=(units, len(t)))


few, many, told_rank = heard(4, 0), heard(20, 0), heard(4, 4)
told(
    "pydmd",
    "svd_rank=0, the default, drops tones where units are as few as modes",
    f"tones .11 and .27 in 4 units: found {few}; with svd_rank=4 {told_rank}; in 20 units {many}",
    holds=told_rank == list(tones) == many and few != list(tones),
)
system = OURS(delays=1, rank=4, center=False).fit(cj.Trajectories(mixed(4).T[None]))
ours = sorted({round(float(one), 2) for one in np.abs(np.angle(system.eigenvalues)) / 2 / np.pi})
told("pydmd", "with rank 4 conjugacy finds the same tones", f"{ours}", holds=ours == list(tones))
