"""Where the layers of a network go while it runs: into memory, or into a file that grows."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np

from conjugacy.errors import ShapeError


class Keeper(Protocol):
    """Takes rows of layers, batch by batch, and takes layers back."""

    def append(self, layer: str, rows: np.ndarray, mask: np.ndarray | None) -> None:
        """Keep further rows of a layer, (rows, units) or (rows, tokens, units); `mask` says which tokens are there."""
        ...

    def drop(self, layer: str) -> None:
        """Take a layer back."""
        ...

    @property
    def names(self) -> list[str]:
        """The layers that are kept."""
        ...


class InMemory:
    """Keeps everything.

    Examples
    --------
    >>> kept = InMemory()
    >>> for _ in range(2):
    ...     kept.append("h", np.zeros((3, 2)), None)
    >>> kept.arrays["h"].shape
    (6, 2)
    """

    def __init__(self) -> None:
        self.parts: dict[str, list[np.ndarray]] = {}

    def append(self, layer: str, rows: np.ndarray, mask: np.ndarray | None) -> None:
        """Keep further rows of a layer."""
        self.parts.setdefault(layer, []).append(rows)

    def drop(self, layer: str) -> None:
        """Take a layer back."""
        self.parts.pop(layer, None)

    @property
    def names(self) -> list[str]:
        """The layers that are kept."""
        return list(self.parts)

    @property
    def arrays(self) -> dict[str, np.ndarray]:
        """Layers, whole, read-only: a recording takes them over without another copy."""
        found = {name: np.concatenate(parts) for name, parts in self.parts.items()}
        for array in found.values():
            array.setflags(write=False)
        return found


class OnDisk:
    """Hands rows on to a sink; tokens that stay apart become rows on the way, as far as they are there."""

    def __init__(self, sink: Any, length: int | None) -> None:
        self.sink, self.length = sink, length
        self._names: dict[str, None] = {}

    def append(self, layer: str, rows: np.ndarray, mask: np.ndarray | None) -> None:
        """Write further rows of a layer.

        Raises
        ------
        ShapeError
            Where it holds another number of tokens than what is shown.
        """
        if rows.ndim == 3:
            if rows.shape[1] != self.length:
                raise ShapeError(
                    f"layer {layer!r}: holds {rows.shape[1]} tokens or time points, and what is shown {self.length}"
                )
            rows = rows.reshape(-1, rows.shape[2]) if mask is None else rows[mask]
        self._names[layer] = None
        self.sink.append(layer, rows)

    def drop(self, layer: str) -> None:
        """Take a layer back."""
        self._names.pop(layer, None)
        self.sink.drop(layer)

    @property
    def names(self) -> list[str]:
        """The layers that are written."""
        return list(self._names)
