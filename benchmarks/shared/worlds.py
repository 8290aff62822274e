"""Two networks that share some of what they see, by construction: k latents in both, others in one alone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

KINDS = ("linear", "tanh 1", "tanh 2", "relu 1", "relu 2")


@dataclass(frozen=True)
class World:
    """What is drawn: numbers of latents, rows and units, kinds of networks, private noise, the latents' spectrum rank^-slope."""

    seed: int
    shared: int
    private: tuple[int, int]
    rows: int
    units: tuple[int, int]
    kinds: tuple[str, str]
    noise: float
    slope: float
    what: str = "plain"

    @classmethod
    def drawn(cls, seed: int, shared: tuple[int, ...] = (0, 1, 2, 3, 6, 10), what: str = "plain") -> World:
        """Draw one."""
        rng = np.random.default_rng([seed, 25])
        k, own = int(rng.choice(shared)), (int(rng.integers(1, 7)), int(rng.integers(1, 7)))
        if what == "many private":
            own = int(rng.integers(20, 51 - k)), int(rng.integers(20, 51 - k))
        slopes = (0.0, 0.5, 1.0, 2.0) if k + max(own) < 8 else (0.0, 0.5)
        rows, units = (200, 300, 400, 1000, 2000), (40, 100, 400)
        if what == "wide":
            rows, units = (200, 1000, 4000), (400, 1024, 4096)
        return cls(
            seed,
            k,
            own,
            int(rng.choice(rows)),
            (int(rng.choice(units)), int(rng.choice(units))),
            (str(rng.choice(KINDS)), str(rng.choice(KINDS))),
            float(rng.choice((0.0, 0.1, 0.2))),
            float(rng.choice(slopes)),
            what,
        )

    def layers(self, more: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return both layers and the shared latents (m, k); then what the same networks answer to more rows."""
        rng, fresh = (np.random.default_rng([self.seed, part]) for part in (26, 27))

        def normal(columns: int) -> np.ndarray:
            return np.concatenate([rng.standard_normal((self.rows, columns)), fresh.standard_normal((more, columns))])

        s, u, v = (
            np.concatenate([self._latents(rng, self.rows, d), self._latents(fresh, more, d)])
            for d in (self.shared, *self.private)
        )
        if self.what == "private depends on shared" and self.shared:
            # each private latent varies with the size of a shared one, which says nothing of the other network's
            u, v = u * np.sqrt(0.5 + s[:, :1] ** 2 / 2), v * np.sqrt(0.5 + s[:, :1] ** 2 / 2)
        ends = list[np.ndarray]()
        common = normal(1) if self.what == "noise in common" else 0.0
        for own, units, kind in zip((u, v), self.units, self.kinds, strict=True):
            latents = np.column_stack([s, own])
            turn = np.linalg.qr(rng.standard_normal((latents.shape[1], latents.shape[1])))[0]
            x = network(latents @ turn, units, kind, self.slope, rng, depth=4 if self.what == "deep" else None)
            spread = x[: self.rows].std(axis=0)
            x = x + self.noise * spread * normal(units)
            ends.append(x + 0.3 * spread * rng.standard_normal(units) * common)
        return ends[0], ends[1], s if self.what != "noise in common" else np.column_stack([s, np.asarray(common)])

    def _latents(self, rng: np.random.Generator, rows: int, d: int) -> np.ndarray:
        if self.what == "heavy tails":
            return rng.standard_t(4, (rows, d)) / np.sqrt(2.0)
        if self.what == "series":
            z = rng.standard_normal((rows, d))
            for t in range(1, rows):
                z[t] = 0.9 * z[t - 1] + np.sqrt(1 - 0.81) * z[t]
            return z
        return rng.standard_normal((rows, d))


def network(
    z: np.ndarray, units: int, kind: str, slope: float, rng: np.random.Generator, depth: int | None = None
) -> np.ndarray:
    """Return what a random network answers to latents (m, d): (m, units)."""
    d = z.shape[1]
    weights = rng.standard_normal((d, units)) * (np.arange(1, d + 1.0) ** -slope)[:, None]
    x = z @ weights / np.sqrt((weights**2).sum(axis=0).mean())
    if kind == "linear":
        return x
    bends = np.tanh if kind.startswith("tanh") else lambda v: np.maximum(v, 0.0)
    offset = 0.3 * rng.standard_normal(units)
    x = bends(x + offset)
    for _ in range((depth or int(kind.split()[1])) - 1):
        x = bends(1.4 * x @ rng.standard_normal((units, units)) / np.sqrt(units) + offset)
    return x
