"""The arrays that a network holds: hashed, and of a JAX network by path and in random order."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import numpy as np


def arrays_by_path(state: Any) -> dict[str, np.ndarray]:
    """Return every array of a state by its path; of random keys their numbers.

    Examples
    --------
    >>> list(arrays_by_path({"a": {"kernel": np.ones(2)}}))
    ["['a']['kernel']"]
    """
    import jax

    leaves, _ = jax.tree_util.tree_flatten_with_path(state)
    return {jax.tree_util.keystr(path): np.asarray(_numbers(leaf)) for path, leaf in leaves}


def hash_of(arrays: Mapping[str, np.ndarray]) -> str:
    """Return the sha256 of arrays, names included."""
    digest = hashlib.sha256()
    for name, array in arrays.items():
        digest.update(f"{name} {array.dtype} {array.shape}".encode())
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()


def shuffled(state: Any, seed: int) -> Any:
    """Return a state with the entries of every array of real numbers in random order."""
    import jax
    import jax.numpy as jnp

    rng = np.random.default_rng(seed)

    def change(leaf: Any) -> Any:
        if not jnp.issubdtype(leaf.dtype, jnp.floating):
            return leaf
        return jnp.asarray(rng.permutation(np.asarray(leaf).reshape(-1)).reshape(leaf.shape))

    return jax.tree.map(change, state)


def _numbers(leaf: Any) -> Any:
    import jax
    import jax.numpy as jnp

    return jax.random.key_data(leaf) if jnp.issubdtype(leaf.dtype, jax.dtypes.prng_key) else leaf
