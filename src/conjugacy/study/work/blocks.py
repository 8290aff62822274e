"""How many networks stand along a side of a tile: what one task compares in about twenty seconds."""

from __future__ import annotations

TILE_SECONDS = 20.0
BLOCKS = (64, 32, 16, 8)
"""Networks along a side of a tile: the most that are compared in about 20 s."""


def block_for(cost: float, networks: int, workers: int) -> int:
    """Return how many networks stand along a side of a tile: about 20 s of work, and enough tiles for all workers."""
    for block in BLOCKS:
        tiles = (networks / block) ** 2 / 2
        seconds = cost * block**2
        if seconds <= TILE_SECONDS and (tiles >= 4 * workers or seconds <= 2.0):  # more networks may come
            return block
    return BLOCKS[-1]
