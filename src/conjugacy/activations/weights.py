"""What a network's weights are, in one number."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np

from conjugacy.data.foreign import plain_array


def weights_hash(model: Any) -> str:
    """Return the sha256 of all parameters and buffers, names included."""
    digest = hashlib.sha256()
    for key, value in model.state_dict().items():
        digest.update(key.encode())
        for tensor in value if isinstance(value, tuple) else (value,):  # what quantised modules pack
            if hasattr(tensor, "detach"):
                plain = tensor.dequantize() if tensor.is_quantized else tensor
                array = np.ascontiguousarray(plain_array(plain))
                digest.update(f"{tensor.dtype} {array.shape}".encode())
                digest.update(
                    array.reshape(-1).view(np.uint8).data if array.size else b""
                )  # no copy of what may be large
    return digest.hexdigest()
