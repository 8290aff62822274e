"""A camera's images of a horse that turns, the network that learns them, and how places on a circle are read and compared."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from images import CODE, HIDDEN, encoder, fit, relative
from scipy.ndimage import gaussian_filter
from shaded import images

from conjugacy.embeddings import LocalLinear

SIDE, BLUR = 32, 1.0  # pixels
STEP = 0.05  # rad by which every pose is turned to either side
COMMON = 6  # poses that both cameras see
WIDE = 128  # tanh units of the decoder
NEIGHBOURS = (4, 6, 8, 12, 16, 24, 32)


def look(camera: dict[str, Any], angles: np.ndarray) -> np.ndarray:
    """Return images through a lens that blurs by about a pixel."""
    return gaussian_filter(images(angles, size=SIDE, **camera), (0, BLUR, BLUR))


def flat(shown: np.ndarray) -> np.ndarray:
    """Return images as rows."""
    return shown.reshape(len(shown), -1)


def autoencoder(seed: int, code: int = CODE) -> torch.nn.Sequential:
    """Return convolutions to 64 units, a small code, and a decoder; untrained."""
    return torch.nn.Sequential(
        *encoder(SIDE, seed), torch.nn.Linear(HIDDEN, code), torch.nn.Linear(code, WIDE), torch.nn.Tanh(),
        torch.nn.Linear(WIDE, WIDE), torch.nn.Tanh(), torch.nn.Linear(WIDE, SIDE * SIDE),
    )  # fmt: skip


def learned(shown: np.ndarray, epochs: int, seed: int, code: int = CODE) -> torch.nn.Sequential:
    """Return an autoencoder of images."""
    model, mse = autoencoder(seed, code), torch.nn.functional.mse_loss
    fit(model, shown, flat(shown).astype(np.float32), epochs, mse, seed, rate=3e-3, batch=32)
    return model


def nearby(states: np.ndarray, values: np.ndarray) -> LocalLinear:
    """Return a local linear map with as many neighbours as tell left-out rows best."""
    tried = [LocalLinear.of(states, values, k=k) for k in NEIGHBOURS]
    return min(tried, key=lambda one: relative(one.left_out(), values))


def apart(a: np.ndarray, b: np.ndarray) -> float:
    """Return the median difference of two sets of points on circles, in rad."""
    angles = (np.arctan2(y[:, 1], y[:, 0]) for y in (a, b))
    return float(np.median(np.abs((next(angles) - next(angles) + np.pi) % (2 * np.pi) - np.pi)))


def on_circle(angles: np.ndarray) -> np.ndarray:
    """Return points of the unit circle."""
    return np.column_stack([np.cos(angles), np.sin(angles)])


def rounded(values: Any, digits: int = 3) -> str:
    """Return numbers as text."""
    return str(np.round(np.asarray(values, dtype=np.float64), digits).tolist())
