"""What the type of a layer of flax or equinox tells of it: where its units are, and whether its parts are layers of their own."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from conjugacy.activations.axes import of_channels, of_last_units

FLAX_LAST = re.compile(
    r"Dense(General)?|Linear(General)?|LoRALinear|Conv(Local|Transpose)?|Embed|(Layer|RMS|Batch|Group|Instance)Norm|RNN|"
    r"Bidirectional|MultiHead(DotProduct)?Attention|SelfAttention|MultiHeadDotProductAttention"
)
EQUINOX_LAST = re.compile(r"Linear|Embedding|MultiheadAttention|LayerNorm|RMSNorm|MLP")
EQUINOX_CHANNELS = re.compile(r"Conv(Transpose)?(\dd)?|(Max|Avg|AdaptiveAvg|AdaptiveMax)Pool\dd|(Batch|Group)Norm")
WHOLE = re.compile(r".*(Attention|Cell)")


@dataclass(frozen=True)
class Kind:
    """What a layer is.

    Attributes
    ----------
    name : str
        Of its type.
    units : {"last", "channels"} or None
        Where its units are: in the last axis, or behind the stimuli. None where the type does not tell.
    whole : bool
        Whether its parts are no layers unless they are named, as those of an attention layer or of a recurrent cell.
    """

    name: str
    units: str | None = None
    whole: bool = False

    @property
    def is_cell(self) -> bool:
        """Whether it is one step of a recurrent layer."""
        return self.whole and self.name.endswith("Cell")

    def axes(self, ndim: int, loops: int = 0, *, by_row: bool = False) -> str | None:
        """Return the axes of what it gives, of which there are so many; None where they are not known.

        Parameters
        ----------
        ndim : int
        loops : int
            Loops around it, each with a leading axis.
        by_row : bool
            Whether each stimulus is shown by itself, so that its loops lie within the stimuli.

        Examples
        --------
        >>> Kind("Conv", "last").axes(4), Kind("GRUCell", "last", whole=True).axes(3, 1)
        ('byxu', 'tbu')
        """
        if loops:
            return ("btu" if by_row else "tbu") if loops == 1 and ndim == 3 and self.is_cell else None
        if self.units is None:
            return "bu" if ndim == 2 else None
        return of_last_units(ndim) if self.units == "last" else of_channels(ndim)


def flax_kind(module: Any) -> Kind:
    """Return what a module of flax is: a type of flax's own, or derived from one, holds its units last.

    Examples
    --------
    >>> import flax.linen as nn
    >>> flax_kind(nn.Dense(3)), flax_kind(nn.Sequential([])).units
    (Kind(name='Dense', units='last', whole=False), None)
    """
    own = _library_type(module, "flax.")
    several = any(isinstance(getattr(module, size, 1), (tuple, list)) for size in ("features", "out_features"))
    last = bool(FLAX_LAST.fullmatch(own) or own.endswith("Cell")) and not several and _norms_the_last(module, own)
    return Kind(type(module).__name__, "last" if last else None, bool(WHOLE.fullmatch(own)))


def equinox_kind(module: Any) -> Kind:
    """Return what a module of equinox is; its convolutions hold channels first."""
    own = _library_type(module, "equinox.")
    last, whole = bool(EQUINOX_LAST.fullmatch(own) or own.endswith("Cell")), bool(WHOLE.fullmatch(own))
    channels = EQUINOX_CHANNELS.fullmatch(own) is not None
    return Kind(type(module).__name__, "last" if last else "channels" if channels else None, whole)


def _library_type(module: Any, library: str) -> str:
    """Return the name of the first type of the library's own that a module is."""
    found = (kind.__name__ for kind in type(module).__mro__ if kind.__module__.startswith(library))
    return next(found, "")


def _norms_the_last(module: Any, own: str) -> bool:
    return not own.endswith("BatchNorm") or getattr(module, "axis", -1) == -1
