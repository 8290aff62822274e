"""How a network's layers move when the world moves a little: derivatives along its coordinates, or covariances of bursts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from conjugacy.activations.jacobians import AsRows, derivatives_along, jacobians
from conjugacy.activations.networks.torch_forms import runs_by_modules
from conjugacy.activations.tensors import as_array
from conjugacy.data import Recording, deepest_or_output, is_head
from conjugacy.errors import InputError, ModelError, NotFiniteError, ShapeError, UnknownNameError
from conjugacy.results.digits import digits

World = Callable[[np.ndarray], Any]
Answers = Callable[[Any, Sequence[str]], Mapping[str, np.ndarray]]

OWN_INPUT = "the network's own input"  # moved where no world is known
STEP = 1e-3  # of central differences, over a coordinate's standard deviation
STILL = 1e-12  # largest spread over a burst, over the layer's values, that is rounding alone
AT_ONCE = 4096  # network inputs of bursts shown together
MOST_NUMBERS = 2**27  # of a layer's covariances: 1 GiB


@dataclass(frozen=True, eq=False)
class Moving:
    """What was asked for: derivatives of some layers, or bursts of one.

    Parameters
    ----------
    jacobians : sequence of str or bool
        Layers whose derivatives are wanted; True for the deepest hidden one.
    bursts : int or array, (m, N, ...), optional
        Points of a burst, to be drawn; or the bursts themselves, network inputs made in the world.
    sd : float, optional
        Standard deviation of a burst along every coordinate of the world.
    layers : sequence of str
        Layers whose bursts are wanted; without any the deepest hidden one.
    world : callable, optional
        From coordinates (m, p) to network inputs (m, ...); the stimuli are coordinates then.
    world_step : float, optional
        Step of the world's central differences.
    seed : int
        Draws bursts.
    """

    jacobians: Sequence[str] | bool = ()
    bursts: Any = None
    sd: float | None = None
    layers: Sequence[str] = ()
    world: World | None = None
    world_step: float | None = None
    seed: int = 0

    def __post_init__(self) -> None:
        if self.bursts is None and (self.sd is not None or self.layers):
            raise InputError("burst_sd and burst_layers are for bursts; give bursts=N, or the bursts themselves")
        if self.bursts is not None and self.jacobians:
            raise InputError("bursts and jacobians both say how layers move with the world; record one of them")
        if self.bursts is not None and not (self.sd is not None and np.isfinite(self.sd) and self.sd > 0):
            raise InputError(f"burst_sd: got {self.sd}, expected the size of a burst in the world, a number above 0")
        if self.world_step is not None and not (self.world is not None and 0 < self.world_step < np.inf):
            raise InputError(f"world_step: got {self.world_step}, expected a number above 0, with world=")
        if self.world is not None and self.bursts is not None and self.number is None:
            raise InputError("bursts that are given are network inputs already, made in the world; leave out world=")

    @property
    def number(self) -> int | None:
        """Points of a burst that is to be drawn."""
        if isinstance(self.bursts, (int, np.integer)) and not isinstance(self.bursts, bool):
            if self.bursts < 2:
                raise InputError(f"bursts: got {self.bursts}, expected at least 2 points, better fifty and more")
            return int(self.bursts)
        return None

    def described(self) -> dict[str, Any]:
        """Return what goes into the provenance."""
        if not self.jacobians and self.bursts is None:
            return {}
        made = self.world is not None or (self.bursts is not None and self.number is None)
        found: dict[str, Any] = {"by": "the world" if made else OWN_INPUT}
        if self.bursts is None:
            return {"metric": {"of": "derivatives", **found}}
        points = self.number or int(np.shape(self.bursts)[1])
        return {"metric": {"of": "bursts", **found, "points": points, "sd": float(self.sd or 0.0)}}


def shown_by(world: World, coordinates: Any) -> tuple[np.ndarray, np.ndarray]:
    """Return coordinates of the world, (m, p), and the network inputs that it makes of them."""
    c = as_array(coordinates)
    if c.dtype.kind not in "biuf" or c.ndim not in (1, 2) or not len(c):
        raise ShapeError(
            f"stimuli: got shape {c.shape} of type {c.dtype}, expected coordinates of the world, (m, p), as world= is given"
        )
    c = c.astype(np.float64).reshape(len(c), -1)
    if not np.isfinite(c).all():
        raise NotFiniteError("stimuli: the coordinates of the world hold NaN or infinity")
    return c, _made(world, c)


def _made(world: World, coordinates: np.ndarray) -> np.ndarray:
    try:
        answer = world(coordinates.copy())
    except Exception as error:
        raise ModelError(f"the world raised {type(error).__name__}: {error}") from error
    made = as_array(answer)
    if made.ndim < 2 or len(made) != len(coordinates) or made.dtype.kind not in "biuf":
        raise ShapeError(
            f"the world made an array of shape {made.shape} and type {made.dtype} of {len(coordinates)} rows of coordinates; "
            "expected one network input per row"
        )
    if not np.isfinite(made).all():
        raise NotFiniteError("the world made network inputs with NaN or infinity")
    return made


def moved_jacobians(
    model: Any,
    recorded: Mapping[str, np.ndarray],
    shown: Any,
    coordinates: np.ndarray | None,
    asked: Moving,
    as_rows: AsRows,
) -> dict[str, np.ndarray]:
    """Return derivatives of layers by the world's coordinates, (m, n, p), or without a world by the network's input.

    The network is differentiated exactly, along the world's derivatives by central differences.
    """
    if not runs_by_modules(model):
        raise InputError(f"jacobians: got {type(model).__name__}, expected a torch module; record bursts instead")
    layers = _deepest(recorded) if isinstance(asked.jacobians, bool) else _names(asked.jacobians)
    if asked.world is None or coordinates is None:
        return jacobians(model, shown, layers, as_rows=as_rows)
    directions: list[np.ndarray] = []
    for k in range(coordinates.shape[1]):
        step = np.zeros_like(coordinates)
        spread = float(coordinates[:, k].std())
        step[:, k] = asked.world_step or STEP * (spread if spread > 0 else 1.0)
        ahead, behind = (_made(asked.world, c).astype(np.float64) for c in (coordinates + step, coordinates - step))
        directions.append((ahead - behind) / (2.0 * step[0, k]))
    if not np.any(directions):
        raise InputError("the network's input does not move when the world's coordinates do; take a larger world_step")
    return derivatives_along(model, shown, np.stack(directions), layers, as_rows=as_rows)


def burst_covariances(
    answers: Answers,
    recorded: Mapping[str, np.ndarray],
    shown: Any,
    coordinates: np.ndarray | None,
    asked: Moving,
    progress: Callable[[str], None] | None,
) -> dict[str, np.ndarray]:
    """Return covariances of layers over bursts, over the squared size of a burst in the world, (m, n, n).

    Parameters
    ----------
    answers : callable
        From network inputs and names to layers.
    recorded : mapping of str to array
        The layers at the stimuli themselves.
    shown : array or tensor, (m, ...)
        Network inputs.
    coordinates : array, (m, p), optional
        Where a world made the inputs.
    asked : Moving
    progress : callable, optional
    """
    assert asked.sd is not None
    names = _burst_layers(asked.layers, recorded)
    centre = as_array(shown)
    m = len(centre)
    for name in names:
        n = recorded[name].shape[1]
        if m * n * n > MOST_NUMBERS:
            raise InputError(
                f"covariances of layer {name!r}, {n} units at {m} stimuli, would take {digits(m * n * n * 8 / 2**30)} GiB: "
                "choose a narrower layer (burst_layers), or record Jacobians"
            )
    given = None if asked.number is not None else _given(asked.bursts, centre)
    points = asked.number or int(np.shape(asked.bursts)[1])
    if given is None and centre.dtype.kind != "f" and coordinates is None:
        raise InputError(
            f"bursts: the stimuli are of type {centre.dtype}; bursts of the network's input need real numbers"
        )
    rng = np.random.default_rng(asked.seed)
    found = {name: np.empty((m, *2 * recorded[name].shape[1:])) for name in names}
    at_once = max(1, AT_ONCE // points)
    for start in range(0, m, at_once):
        rows = slice(start, min(start + at_once, m))
        burst = _drawn(rng, points, centre[rows], None if coordinates is None else coordinates[rows], asked) if given is None \
            else np.asarray(given[rows])  # fmt: skip
        layers = answers(burst.reshape(-1, *centre.shape[1:]), [name for name in names if not is_head(name)])
        for name in names:
            values = np.asarray(layers[name], dtype=np.float64).reshape(len(burst), points, -1)
            centred = values - values.mean(axis=1, keepdims=True)
            found[name][rows] = centred.mT @ centred / ((points - 1) * asked.sd**2)
        if progress and start // at_once % 50 == 49:
            progress(f"recorded bursts at {rows.stop} of {m} stimuli")
    for name, covariances in found.items():
        furthest = asked.sd * float(np.sqrt(covariances.diagonal(axis1=1, axis2=2).max()))
        if furthest <= STILL * float(np.abs(recorded[name]).max()):
            raise InputError(f"layer {name!r} does not move over the bursts; take larger ones, or another layer")
    return found


def _burst_layers(asked: Sequence[str], recorded: Mapping[str, np.ndarray]) -> list[str]:
    for name in _names(asked):
        if name not in recorded:
            raise UnknownNameError.of("layer", name, recorded, where="among those recorded, for bursts")
    return _names(asked) or _deepest(recorded)


def _names(layers: Sequence[str]) -> list[str]:
    return list(dict.fromkeys([layers] if isinstance(layers, str) else layers))


def _deepest(recorded: Mapping[str, np.ndarray]) -> list[str]:
    return [deepest_or_output(Recording.from_arrays(recorded)).name]


def _given(bursts: Any, centre: np.ndarray) -> Any:
    shape = np.shape(bursts)
    if len(shape) != centre.ndim + 1 or (shape[0], *shape[2:]) != centre.shape or shape[1] < 2:
        raise ShapeError(
            f"bursts: got shape {shape}, expected ({len(centre)}, points, {', '.join(map(str, centre.shape[1:]))}): at least two "
            "network inputs around every stimulus"
        )
    return bursts


def _drawn(
    rng: np.random.Generator, points: int, centre: np.ndarray, coordinates: np.ndarray | None, asked: Moving
) -> np.ndarray:
    at = centre if coordinates is None else coordinates
    moved = at[:, None] + (asked.sd or 0.0) * rng.standard_normal((len(at), points, *at.shape[1:]))
    if coordinates is None or asked.world is None:
        return moved.astype(centre.dtype)
    made = _made(asked.world, moved.reshape(-1, coordinates.shape[1]))
    return made.reshape(len(at), points, *made.shape[1:])
