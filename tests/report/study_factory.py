"""Studies built by hand: networks whose classes are known by construction, from three to thousands."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray
from factory import HOSTILE, STRANGE
from scipy.cluster.hierarchy import leaves_list, linkage
from scipy.spatial.distance import squareform

from conjugacy.results import CODES, Classes, Clustering, Group, Relation
from conjugacy.study import Study

TOLERANCE = 0.05


def study(
    rows: list[str],
    columns: list[str],
    values: dict[str, np.ndarray],
    status: dict[str, np.ndarray],
    layers: tuple[str, ...] = ("hidden",),
    *,
    interval: float = 0.2,
    **more: Any,
) -> Study:
    """Return a study of given values and statuses; the interval is a share of the value."""
    stack = {name: np.stack([np.stack([values[m]] * len(layers), -1) for m in values], 2) for name in ("value",)}
    stack["low"], stack["high"] = stack["value"] * (1 - interval), stack["value"] * (1 + interval)
    dims = ("network_a", "network_b", "measure", "layer_pair")
    code = np.stack([np.stack([status[m]] * len(layers), -1) for m in values], 2)
    # of the claim that is made: clear, but for the pairs that are left open
    stack["p"] = np.where(np.isnan(stack["value"]), np.nan, np.where(code == CODES["undecided"], 0.4, 0.001))
    data = xarray.Dataset(
        {**{name: (dims, table) for name, table in stack.items()}, "status": (dims, code.astype(np.uint8))},
        coords={"network_a": rows, "network_b": columns, "measure": list(values), "layer_pair": list(layers)},
    )
    settings = {"tolerance": TOLERANCE, "seed": 0, "versions": {"conjugacy": "0.1.0"}, **more.pop("settings", {})}
    return Study(data, settings=settings, **more)


def cloud(n: int, kinds: int, seed: int = 0, *, spread: float = 0.12) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return distances of n points around `kinds` centres, and each point's kind and place in the plane; sizes are uneven."""
    rng = np.random.default_rng(seed)
    weight = 1 / np.arange(1, kinds + 1)
    kind = np.sort(rng.choice(kinds, n, p=weight / weight.sum())) if kinds else np.zeros(n, int)
    kind[: min(kinds, n)] = np.arange(min(kinds, n))
    centres = rng.normal(size=(max(kinds, 1), 4))
    place = centres[kind] + spread * rng.normal(size=(n, 4))
    gap = np.sqrt(((place[:, None] - place[None]) ** 2).sum(-1))
    return gap, kind, place


def verdicts(
    gap: np.ndarray, kind: np.ndarray, seed: int = 0, *, one_way: bool = True
) -> tuple[np.ndarray, np.ndarray]:
    """Return unexplained fractions and answers: equal kinds are equivalent, neighbouring ones may be one way."""
    rng = np.random.default_rng(seed + 1)
    n = len(gap)
    noise = rng.lognormal(0, 0.3, (n, n))
    value = np.where(kind[:, None] == kind[None], 0.02 * noise, 0.1 + 0.8 * np.tanh(gap) * np.clip(noise, 0.6, 1.2))
    upper = np.triu(value, 1)
    value = np.clip(upper + upper.T, 0, 1.2)
    code = np.where(
        value < 0.04, CODES["equivalent"], np.where(value < 0.08, CODES["undecided"], CODES["partly_related"])
    )
    code[value > 0.85] = CODES["unrelated"]
    if one_way:
        step = kind[None] - kind[:, None]
        code[step == 1], code[step == -1] = CODES["a_determines_b"], CODES["b_determines_a"]
    np.fill_diagonal(value, np.nan)
    np.fill_diagonal(code, CODES["missing"])
    return value, code


def sorted_study(
    n: int, kinds: int, *, measures: int = 1, seed: int = 0, names: list[str] | None = None, **more: Any
) -> tuple[Study, Classes]:
    """Return a study of n networks of so many kinds, in mixed order, and its classes by construction."""
    gap, kind, place = cloud(n, kinds, seed)
    mixed = np.random.default_rng(seed + 2).permutation(n)
    gap, kind, place = gap[np.ix_(mixed, mixed)], kind[mixed], place[mixed]
    value, code = verdicts(gap, kind, seed)
    names = names or [f"seed{i:04d}-width{2 ** (4 + k)}" for i, k in enumerate(kind)]
    ok = np.where(np.eye(n, dtype=bool), CODES["missing"], CODES["ok"])
    values, status = {"verdict": value}, {"verdict": code}
    for measure, table in (("cka", 1 / (1 + gap)), ("procrustes", 7 * gap))[: measures - 1]:
        shaken = table + 1e-3 * np.abs(gap)
        values[measure], status[measure] = np.where(np.eye(n, dtype=bool), np.nan, shaken), ok
    made = study(names, names, values, status, **more)
    return made, classes_of(made, kind, gap, place)


def classes_of(made: Study, kind: np.ndarray, gap: np.ndarray, place: np.ndarray) -> Classes:
    """Return the classes that the kinds are, their order from small to large numbers, and clusters that are the same."""
    names = made.networks[0]
    n = len(names)
    sizes = sorted(set(kind.tolist()), key=lambda k: (-(kind == k).sum(), k))
    code = made.table("status", "verdict", "hidden")
    groups = []
    for k in sizes:
        at = np.flatnonzero(kind == k)
        inside = code[np.ix_(at, at)][np.triu_indices(len(at), 1)]
        holding = int((inside == CODES["equivalent"]).sum())
        first = names[at[0]]
        groups.append(Group(first, tuple(names[i] for i in at), first, holding, len(inside) - holding))
    of = {k: g.name for k, g in zip(sizes, groups, strict=True)}
    relations = tuple(
        Relation(of[k], of[k + 1], int((kind == k).sum() * (kind == k + 1).sum()), 0, 0, direct=True)
        for k in range(max(sizes, default=0))
        if k in of and k + 1 in of
    )
    clustering = None
    if n > 2:
        tree = linkage(squareform(gap, checks=False), "average")
        leaves = leaves_list(tree)
        first_of = {k: int(np.flatnonzero(kind[leaves] == k)[0]) for k in sizes}
        order = np.array(sorted(leaves, key=lambda i: first_of[kind[i]]))
        rank = np.searchsorted(sorted(set(kind.tolist())), kind)
        clustering = Clustering(rank, {2: 0.91, 3: 0.85}, np.full(len(sizes), 0.93), np.arange(n), tree, order)
    return Classes(
        networks=names, groups=tuple(groups), relations=relations, cycles=(), intransitive=int(n > 3),
        examples=((names[0], names[1], names[2]),) if n > 3 else (), unsorted=(), measure="verdict", layer_pair="hidden",
        rule="a group is linked by pairs that are equivalent and holds no pair that is not", pairs=n * (n - 1) // 2,
        claims=n * (n - 1) // 2, kept=n * (n - 1) // 2 - 1 if n > 1 else 0, clustering=clustering,
        plane=place[:, :2], plane_share=0.71, outliers=names[:1] if n > 3 else (),
    )  # fmt: skip


def rectangular(rows: int = 6, columns: int = 9) -> Study:
    """Return one list of networks against another."""
    rng = np.random.default_rng(4)
    value = rng.uniform(0.1, 0.9, (rows, columns))
    code = np.full((rows, columns), CODES["ok"])
    code[0, 1], value[0, 1] = CODES["degenerate"], np.nan
    code[2, 3], value[2, 3] = CODES["failed"], np.nan
    names = [f"model{i}" for i in range(rows)], [f"brain{j}" for j in range(columns)]
    return study(*names, {"cka": value}, {"cka": code})


def hostile(paths: dict[str, str] | None = None) -> tuple[Study, Classes]:
    """Return a study whose names, notes and settings want to be more than text."""
    names = [*STRANGE, "x" * 300, "שלום עולם", "]]>&amp;</style>", "line\nbreak\ttab", "' --report $(rm) `x`", "-flag"]
    return sorted_study(
        len(names), 2, names=names, unread={HOSTILE: f"not a file: {HOSTILE}"}, notes=(HOSTILE,),
        settings={"paths": paths or {}, HOSTILE: HOSTILE},
    )  # fmt: skip


def nothing(n: int = 0) -> Study:
    """Return a study of n networks in which no pair was compared."""
    names = [f"net{i}" for i in range(n)]
    empty = np.full((n, n), np.nan)
    return study(names, names, {"verdict": empty}, {"verdict": np.zeros((n, n))}, unread={"lost.npz": "no such file"})
