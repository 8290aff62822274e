"""What kind an output of a torch module may be, from the modules that made it, its name, and what the network is called."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, cast

MAKERS = {
    "Softmax": "probabilities", "Softmax2d": "probabilities", "LogSoftmax": "logits", "Sigmoid": "sigmoids",
    "Hardsigmoid": "sigmoids",
}  # fmt: skip
CLASSIFIES = re.compile(r".*(For\w*Classification|Classifier)$")


def kind_hinted(model: Any, makers: Sequence[str], path: str, tensor: Any, first: bool) -> tuple[str, str] | None:
    """Return the kind that the modules behind an output suggest, or its name, or the network's; and why.

    Parameters
    ----------
    model : torch.nn.Module
    makers : sequence of str
        The modules that gave the output, in the order in which they ran.
    path : str
        Where in the answer it stands.
    tensor : tensor
    first : bool
        Whether it is the first of all outputs.
    """
    modules: dict[str, Any] = dict(cast("Sequence[tuple[str, Any]]", model.named_modules()))
    behind = [maker for maker in makers if maker][::-1]
    of_root = [type(model).__name__] if not behind and not list(model.children()) else []
    for said, kind in [*((m, type(modules[m]).__name__) for m in behind), *(("", root) for root in of_root)]:
        if kind in MAKERS:
            return MAKERS[kind], f"its last module {said!r} is a {kind}" if said else f"the network is a {kind}"
    if tensor.ndim < 2 or tensor.shape[-1] < 2:
        return None
    named = next((name for name in (path, *behind) if "logit" in name.rpartition(".")[2].lower()), None)
    if named is not None:
        return "logits", f"it is called {named!r}"
    if first and CLASSIFIES.fullmatch(type(model).__name__):
        return "logits", f"the network is a {type(model).__name__}"
    return None
