"""The common part as maps: from either layer's units to common coordinates and back, and to what is its own."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from conjugacy.transformations.common.columns import Bent, Principal
from conjugacy.transformations.common.common_part import CommonPart, Pass, bending
from conjugacy.transformations.common.sight import Bending, Sight
from conjugacy.transformations.common.smooth import SmoothFit, smooth
from conjugacy.transformations.common.steps import Both, Path
from conjugacy.transformations.common.straight import straightened
from conjugacy.transformations.kernel import FREE_INTERCEPT
from conjugacy.transformations.kernel_map import KernelMap
from conjugacy.transformations.linear import LinearMap
from conjugacy.transformations.rungs.smooth import Smooth
from conjugacy.transformations.score_map import ScoreMap
from conjugacy.transformations.sum_map import SumMap

WORTH = 0.01  # of a layer's variance, from which a private direction is listed
MOST_PRIVATE = 8


@dataclass(frozen=True, eq=False)
class Fitted:
    """One layer's side of the common part, fitted on all rows.

    Attributes
    ----------
    principal : Principal
        The layer's leading coordinates.
    points : array, (m, q)
        The rows in them.
    forward : LinearMap or SumMap
        From units to the k common coordinates.
    common : array, (m, k)
        The rows there.
    back : SmoothFit
        From common coordinates to `points`; what it leaves of every row when it is left out.
    private : array, (q, p)
        Leading directions of what it leaves, orthonormal.
    spread : array, (p,)
        Their shares of the layer's variance.
    count : int
        How many directions have a share worth listing.
    """

    principal: Principal
    points: np.ndarray
    forward: LinearMap | SumMap
    common: np.ndarray
    back: SmoothFit
    private: np.ndarray
    spread: np.ndarray
    count: int

    @property
    def to_common(self) -> Smooth:
        """The map from units to common coordinates; its inverse gives what these tell of all units."""
        units = LinearMap(self.principal.back, np.zeros(len(self.principal.back)), self.principal.mean)
        return Smooth(self.forward, SumMap(((self.back.as_map(), units),)))

    @property
    def to_private(self) -> Smooth:
        """The map from units to what the common coordinates do not tell; its inverse puts this onto the mean."""
        p = self.principal
        zeros = np.zeros(len(p.back))
        own = LinearMap(p.loadings @ self.private, p.mean, np.zeros(self.private.shape[1]))
        told = LinearMap(-self.private, zeros, np.zeros(self.private.shape[1]))
        units = LinearMap(self.private.T @ p.back, np.zeros(self.private.shape[1]), p.mean)
        if not self.common.shape[1]:
            return Smooth(own, units)
        return Smooth(SumMap(((own,), (self.forward, self.back.as_map(), told))), units)

    @property
    def own(self) -> np.ndarray:
        """The rows along the private directions, each left out, (m, p)."""
        return self.back.left_out @ self.private


def fitted(part: CommonPart) -> tuple[Fitted, Fitted]:
    """Return both sides of a common part, fitted on all rows: the choices that held-out rows made stand."""
    sight = part.whole
    straight = None if part.straight is None else _again(sight.start(part.straight.choice), part.straight)
    bent = found = None
    if part.bent is not None and len(part.bent.steps.kept):
        before = (
            None
            if straight is None or part.straight is None
            else Pass(part.straight.choice, part.straight.steps, (straight,))
        )
        bent = bending(sight, before, 0)
        found = _again(bent.start(part.bent.choice), part.bent)
    turns = _of_units(straight, part)
    ends = [_side(side, sight, part, turns, (bent, found)) for side in (0, 1)]
    return ends[0], ends[1]


def _of_units(straight: Path | None, part: CommonPart) -> Both | None:
    """Return the maps from the points that coordinates are read from to what the search among units found, (q, k)."""
    if straight is None or part.straight is None or part.reread is None:
        return None
    choice, kept = part.straight.choice, part.straight.steps.kept
    found = straight.turn(0, kept), straight.turn(1, kept)
    turns = straightened(straight, choice, kept) if part.turned else found
    return part.reread.on_all_rows((straight.fitted[0] @ turns[0], straight.fitted[1] @ turns[1]))


def _again(path: Path, before: Pass) -> Path:
    """Take the steps that count again, on all rows."""
    last = int(before.steps.kept.max(initial=-1))
    for step in range(last + 1):
        path.step()
        if step < last:
            path.condition()
    return path


def _side(
    side: int,
    sight: Sight,
    part: CommonPart,
    turns: Both | None,
    bent: tuple[Bending | None, Path | None],
) -> Fitted:
    principal, points = sight.principal[side], sight.fitted[side]
    kept = [one.steps.kept if one is not None else np.empty(0, dtype=np.int64) for one in (part.straight, part.bent)]
    k, columns = len(kept[0]) + len(kept[1]), list[np.ndarray]()
    chains = list[tuple[ScoreMap | LinearMap | KernelMap, ...]]()
    if turns is not None and part.reread is not None:
        form, turn = part.reread.forms[side], np.zeros((len(turns[side]), k))
        turn[:, : len(kept[0])] = turns[side]
        chains.append(form.chain(turn))
        columns.append(form.points @ turns[side])
    bending_, path = bent
    if bending_ is not None and path is not None:
        turn = bending_.rest[side].loadings @ path.turns[side] @ path.turn(side, kept[1])
        columns.append(bending_.bent[side](points) @ turn)
        linear, kernels = _of_kernels(bending_.bent[side], turn, k)
        to_points = LinearMap(principal.loadings, principal.mean, np.zeros(points.shape[1]))
        chains.append((LinearMap(principal.loadings @ linear, principal.mean, np.zeros(k)),))
        chains.append((to_points, kernels))
    if not chains:
        chains.append((LinearMap(np.zeros((len(principal.mean), k)), principal.mean, np.zeros(k)),))
    first = chains[0][0]
    forward = first if len(chains) == len(chains[0]) == 1 and isinstance(first, LinearMap) else SumMap(tuple(chains))
    common = np.column_stack(columns) if columns else np.zeros((len(points), 0))
    back = smooth(common, points, sight.seed)
    return Fitted(principal, points, forward, common, back, *_leading(back.left_out, principal.whole))


def _of_kernels(bent: Bent, turn: np.ndarray, k: int) -> tuple[np.ndarray, KernelMap]:
    """Return what turned columns of kernels take of coordinates linearly (q, k), and the kernel map beside it."""
    q, lead, count = len(bent.principal.variances), bent.leading, turn.shape[1]
    linear, weights = np.zeros((q, k)), np.zeros((len(bent.centres), k))
    linear[:lead, k - count :] = turn[:lead] / np.sqrt(bent.principal.variances[:lead])[:, None]
    weights[:, k - count :] = bent.SCALE * turn[lead:]
    shift = -FREE_INTERCEPT * weights.sum(axis=0)
    shift[k - count :] -= bent.level @ turn
    return linear, KernelMap(np.eye(q)[:, :lead], np.zeros(q), shift, bent.centres, weights, np.array([bent.scale2]))


def _leading(rest: np.ndarray, whole: float) -> tuple[np.ndarray, np.ndarray, int]:
    """Return the leading directions of what is left (m, q), their shares of a layer's variance, and how many are worth it."""
    values, vectors = np.linalg.eigh(rest.T @ rest / len(rest))
    shares = values[::-1] / whole
    worth = int((shares >= WORTH).sum())
    count = max(1, min(MOST_PRIVATE, worth))
    vectors = vectors[:, ::-1][:, :count]
    signs = np.sign(vectors[np.abs(vectors).argmax(axis=0), np.arange(count)])
    return vectors * signs, shares[:count], worth
