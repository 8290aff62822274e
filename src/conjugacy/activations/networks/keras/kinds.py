"""What the type of a Keras layer tells of it: its axes, whether its parts are layers of their own, what its outputs are."""

from __future__ import annotations

import re
from typing import Any

from conjugacy.activations.axes import of_channels, of_last_units

UNITS_LAST = re.compile(
    r"Dense|EinsumDense|Embedding|ReversibleEmbedding|.*(RNN|LSTM\dD|LSTM|GRU)|Bidirectional|.*Attention|"
    r"(Layer|Batch|Unit|Spectral|RMS)\w*Normalization"
)
ELEMENTWISE = re.compile(
    r"Activation|Softmax|\w*ReLU|ELU|\w*Dropout(\dD)?|Gaussian\w+|Add|Subtract|Multiply|Average|Maximum|Minimum"
)
WHOLE = re.compile(r".*(RNN|LSTM\dD|LSTM|GRU|Cell)|Bidirectional|TimeDistributed|.*Attention")
PASSING = re.compile(r"InputLayer|Identity|Flatten|Reshape|Permute|\w*Dropout(\dD)?|Gaussian\w+|ActivityRegularization")
DECIDES = {"softmax": "probabilities", "sigmoid": "sigmoids"}


def own_type(layer: Any) -> str:
    """Return the name of the first type of Keras' own that a layer is."""
    return next((kind.__name__ for kind in type(layer).__mro__ if kind.__module__.startswith("keras.")), "")


def axes_of(layer: Any, ndim: int) -> str | None:
    """Return the axes of what a layer gives, of which there are so many; None where its type does not tell.

    Keras holds channels last unless a layer says otherwise.
    """
    own = own_type(layer)
    if str(getattr(layer, "data_format", "")) == "channels_first":
        return of_channels(ndim)
    if own == "TimeDistributed":
        return "btu" if ndim == 3 else None
    last = hasattr(layer, "data_format") or UNITS_LAST.fullmatch(own)
    if last and _norms_the_last(layer, own, ndim):
        return of_last_units(ndim)
    return "bu" if ndim == 2 else None


def hinted(layer: Any) -> tuple[str, str] | None:
    """Return the kind of output that a layer's activation suggests, and why."""
    activation = getattr(getattr(layer, "activation", None), "__name__", None)
    activation = "softmax" if own_type(layer) == "Softmax" else activation
    if activation not in DECIDES:
        return None
    return DECIDES[activation], f"its last layer {layer.name!r} ends in a {activation}"


def _norms_the_last(layer: Any, own: str, ndim: int) -> bool:
    axis = getattr(layer, "axis", -1)
    axes = list(axis) if isinstance(axis, (list, tuple)) else [axis]
    return not own.endswith("Normalization") or axes in ([-1], [ndim - 1])
