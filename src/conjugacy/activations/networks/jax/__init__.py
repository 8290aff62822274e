"""Networks of JAX: flax linen and nnx, equinox. Layers by path, in the order of execution."""

from __future__ import annotations

import sys
from typing import Any

from conjugacy.activations.networks.jax.network import JaxNetwork


def adapt(thing: Any, output: str | int | None = None) -> JaxNetwork | None:
    """Return a network of flax or equinox; None of anything else, which is found out without importing them.

    Raises
    ------
    InputError
        Where a linen module has no variables.
    """
    if "jax" not in sys.modules:
        return None
    from conjugacy.activations.networks.jax.equinox import EquinoxForm
    from conjugacy.activations.networks.jax.linen import LinenForm
    from conjugacy.activations.networks.jax.nnx import NnxForm

    form = LinenForm.of(thing) or NnxForm.of(thing) or EquinoxForm.of(thing)
    return None if form is None else JaxNetwork(form, output)


__all__ = ["JaxNetwork", "adapt"]
