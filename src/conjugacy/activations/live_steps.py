"""A live network's step: from its states, and what it is shown next, to its states one time point later."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

import numpy as np

from conjugacy.activations.driven import Driven
from conjugacy.activations.networks.choose import network_of
from conjugacy.activations.networks.protocol import Network
from conjugacy.activations.options import RecordOptions
from conjugacy.activations.record import placed
from conjugacy.activations.shown import Shown
from conjugacy.data import Trajectories
from conjugacy.errors import ConjugacyError

AT_ONCE = 4096  # states of a batch
TRIALS = 8  # on which a step is tried
AGREES = 1e-3  # of the spread of the states


@dataclass(frozen=True, eq=False)
class LiveStep:
    """One step of one layer of a network: `(states (m, n), fed (m, j) or None) -> states (m, n)`."""

    network: Any
    layer: str
    driven: Driven

    def __call__(self, states: np.ndarray, fed: np.ndarray | None) -> np.ndarray:
        """Return the states one time point later."""
        session: Callable[[], Any] = getattr(self.network, "session", nullcontext)
        found: list[np.ndarray] = []
        with session():
            for start in range(0, len(states), AT_ONCE):
                rows = slice(start, start + AT_ONCE)
                some = states[rows]
                batch = self.driven.shown(None if fed is None else fed[rows], len(some))
                found.append(np.asarray(self.network.step(self.layer, some, batch), dtype=np.float64))
        return np.concatenate(found)


def step_of(
    model: Any, shown: Shown, layer: str, states: Trajectories, how: RecordOptions
) -> tuple[LiveStep | None, str | None]:
    """Return the step of a layer of anything that can be run, as it was recorded; or None, and why there is none."""
    network = placed(network_of(model), how)
    in_time: Any = getattr(network, "in_time", None)
    return live_step(network if in_time is None else in_time(), shown, layer, states)


def live_step(network: Network, shown: Shown, layer: str, states: Trajectories) -> tuple[LiveStep | None, str | None]:
    """Return the step of a layer, tried on what was recorded; or None, and why there is none.

    Parameters
    ----------
    network : Network
        One that has `step(layer, states, batch)`: its states after one more time point, from given states.
    shown : Shown
        What it was shown.
    layer : str
    states : Trajectories
        What was recorded of the layer: the step from every time point has to lead to the next.
    """
    driven = Driven.of(shown)
    if not hasattr(network, "step"):
        return None, f"a {type(network).__name__} has no step of its own"
    if driven is None:
        return None, "what drives it is not one course of numbers for each trial"
    step = LiveStep(network, layer, driven)
    trials = [i for i, length in enumerate(states.lengths) if length > 1][:TRIALS]
    if not trials:
        return None, "no trial has two time points"
    fed = driven.next(states.lengths)
    now = np.concatenate([states.values[i][:-1] for i in trials])
    later = np.concatenate([states.values[i][1:] for i in trials])
    drive = np.concatenate([fed[i][:-1] for i in trials])
    try:
        taken = step(now, drive)
    except ConjugacyError as error:
        return None, str(error)
    if taken.shape != later.shape or not np.abs(taken - later).max() <= AGREES * max(float(later.std()), 1e-300):
        return None, "a step from a recorded state does not lead to the next one: more than this layer is carried on"
    return step, None
