"""How live networks are recorded: one set of options for `record`, `compare` and `gate`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Any

from conjugacy.activations.axes import require_axes
from conjugacy.activations.passes import Passes
from conjugacy.activations.shown import Shown, as_mask
from conjugacy.activations.tokens import Reduction
from conjugacy.asked import keywords
from conjugacy.errors import InputError, ShapeError


@dataclass(frozen=True, eq=False)
class RecordOptions:
    """How to record live networks; None means: find out, or leave as it is.

    Parameters
    ----------
    tokens : {"mean", "last", "first", "each", "time"}, optional
        How to reduce tokens or time points: their mean, if their axis is known; the last or first real one; one row for each, the
        rows of a sequence in one group; or trajectories.
    mask : array, (m, t), optional
        1 where there is a token, 0 where there is padding; without it the input `attention_mask`.
    axes : str or mapping of str to str, optional
        The axes of layers, a letter each, if their kind does not tell: `btu`, `tbu`, `bct`, `bcyx`, `byxc`.
    reducer : {"flatten", "mean"}, optional
        How to reduce places. Default: flatten up to 4096 values, average beyond.
    batch_size : int, optional
        Stimuli per pass. Default: 256, and all for callables.
    untrained : callable, optional
        Builds the same network as before training, for controls.
    dtype, device : optional
        Run a copy of the network with parameters of this type, on this device.
    """

    tokens: str | None = None
    mask: Any = None
    axes: str | Mapping[str, str] | None = None
    reducer: str | None = None
    batch_size: int | None = None
    untrained: Callable[..., Any] | None = None
    dtype: Any = None
    device: Any = None

    def __post_init__(self) -> None:
        size = self.batch_size
        if size is not None and (size != int(size) or size < 1):
            raise InputError(f"batch_size: got {size!r}, expected a whole number, at least 1")
        Reduction(self.tokens, self.reducer)
        require_axes(self.axes)

    @property
    def by_name(self) -> dict[str, Any]:
        """All options, as `record` takes them."""
        return {one.name: getattr(self, one.name) for one in fields(self)}

    def passes(self, shown: Shown, progress: Callable[[str], None] | None = None) -> Passes:
        """Return how a network is run over some stimuli."""
        mask = shown.mask if self.mask is None else as_mask(self.mask)
        if mask is not None and len(mask) != len(shown):
            raise ShapeError(f"mask: got {len(mask)} rows for {len(shown)} stimuli")
        reduction = Reduction(self.tokens, self.reducer, mask)
        size = None if self.batch_size is None else int(self.batch_size)
        return Passes(size, reduction, require_axes(self.axes), progress)


def options_of(given: Mapping[str, Any], door: Callable[..., Any]) -> RecordOptions:
    """Return options given by name to `record`, `compare` or `gate`.

    Raises
    ------
    TypeError
        If the door has no such option; the nearest one is named.
    """
    keywords(given, door, [one.name for one in fields(RecordOptions)])
    return RecordOptions(**given)
