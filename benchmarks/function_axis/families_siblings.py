"""What else a user brings: export bugs, a layer left on, collapse, rare positives, abstaining, ensembles, sequences."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import torch

from . import truth as true
from .case import Case, Classes, as_given, softmax
from .networks import Bench, copied, further, quantised
from .truth import SHOWN


def made_cheaper(bench: Bench) -> Iterator[Case]:
    """Yield exports: fewer digits, other post-processing, calibration, an ensemble, earlier stopping."""
    world = bench.blobs(8, 0.93)
    net = bench.net(world)
    a, x, y = bench.logits(net, world.x), world.x, world.y
    rng = bench.rng(30)
    members = [a, *(bench.logits(bench.net(world, 1, tag=f"member {i}"), x) for i in range(2))]
    probabilities = np.log(softmax(a) + 1e-30)
    made = {
        "float16": a.astype(np.float16).astype(float),
        "two decimals": np.round(a, 2),
        "probabilities of two decimals": np.log(np.round(softmax(a), 2) + 1e-30),
        "clipped at 5": np.clip(a, -5, 5),
        "calibrated per class": a * (0.6 + 0.02 * rng.standard_normal(8)) + 0.1 * rng.standard_normal(8),
        "ensemble of three": np.mean(members, axis=0),
        "stopped early": bench.logits(bench.net(world, 0, tag="early", steps=40), x),
        "smoothed labels": bench.logits(bench.net(world, 1, tag="smooth", loss="smoothed"), x),
        "inputs in other units by a tenth": bench.logits(net, 1.1 * x),
        "inputs shifted": bench.logits(net, x + 0.4),
        "dropout left on": bench.logits(net, _dropped(x, 0.1, rng)),
        "far more dropout left on": bench.logits(net, _dropped(x, 0.5, rng)),
        "log-probabilities": probabilities,
    }
    for name, b in made.items():
        yield Classes(a, b, x, y, "by task").case("siblings: exports", name)
    made_up = Classes(a, a, x, y, "yes").case("siblings: exports", "probabilities and labels").either("other kind")
    yield replace(
        made_up,
        a={"outputs": as_given(a[:SHOWN], "probabilities")},
        b={"outputs": as_given(a[:SHOWN], "labels")},
        kinds=("probabilities", "labels"),
    )
    twice = np.column_stack([a, a[:, :1]])
    yield Classes(a, twice, x, y, "yes").case("siblings: exports", "a class column twice").either("width")


def _dropped(x: np.ndarray, share: float, rng: np.random.Generator) -> np.ndarray:
    return x * (rng.random(x.shape) > share) / (1 - share)


def bugs(bench: Bench) -> Iterator[Case]:
    """Yield what goes wrong between two networks: names, rows, columns, collapse, rare positives, abstaining."""
    world = bench.blobs(8, 0.93)
    net = bench.net(world)
    a, x, y = bench.logits(net, world.x), world.x, world.y
    moved = np.concatenate([np.roll(a[:SHOWN], 1, axis=0), np.roll(a[SHOWN:], 1, axis=0)])
    swapped = a[:, [1, 0, *range(2, 8)]]
    constant = np.zeros_like(a)
    constant[:, 3] = 5.0
    behind = np.column_stack([a.min(axis=1) - 3, a])
    yield Classes(a, swapped, x, y, "yes").case("siblings: bugs", "two columns swapped")
    yield Classes(a, behind, x, y, "yes", told="own", own=y + 1).case("siblings: bugs", "labels off by one")
    yield Classes(a, moved, x, y, "never yes").case("siblings: bugs", "rows off by one")
    collapsed = constant + 0.01 * a
    for told in ("shared", "none"):
        made = Classes(a, collapsed, x, y, "never yes", told=told)
        yield made.case("siblings: bugs", f"collapsed to one class, targets {told}")
    yield Classes(constant + 0.01 * a, collapsed, x, y, "any").case("siblings: bugs", "both collapsed to one class")
    lead = np.sort(a, axis=1)
    unsure = lead[:, -1] - lead[:, -2]
    for share in (0.0, 0.03, 0.15):
        spoke = np.where(unsure < np.quantile(unsure, share), a.max(axis=1) + 1, a.min(axis=1) - 1)
        silent = np.column_stack([a, a.min(axis=1) - 1])
        made = Classes(silent, np.column_stack([a, spoke]), x, y, "by task")
        yield made.case("siblings: abstaining", f"B abstains on {share:.0%}")
    rare = bench.blobs(2, 0.99, shares=(0.98, 0.02))
    scores = bench.logits(bench.net(rare), rare.x)
    never = scores + np.array([30.0, 0.0]) * np.abs(scores).max()
    more = scores + np.array([0.0, 2.0])
    for told in ("shared", "none"):
        same = "never yes" if told == "shared" else "any"
        made = Classes(scores, never, rare.x, rare.y, same, told=told)
        yield made.case("siblings: screening", f"2 % positives, B never says so, targets {told}")
    yield Classes(scores, more, rare.x, rare.y, "any").case("siblings: screening", "2 % positives, B says so sooner")
    other = bench.logits(bench.net(rare, 1, tag="rare"), rare.x)
    yield Classes(scores, other, rare.x, rare.y, "any").case("siblings: screening", "2 % positives, other seed")


def sequences(bench: Bench) -> Iterator[Case]:
    """Yield rows in sequences of fifty: whole ones broken, so that fewer rows are independent, and 300 tokens to choose from."""
    world, tokens = bench.blobs(20, 0.95), bench.blobs(300, 0.5, learn=6000)
    a = bench.logits(bench.net(world), world.x)
    rng = bench.rng(32)
    groups = np.arange(len(a)) // 50
    for broken in (0.0, 0.05, 0.4):
        lost = (rng.random(groups.max() + 1) < broken)[groups]
        made = Classes(a, np.where(lost[:, None], rng.permutation(a), a), world.x, world.y, "by task")
        yield _in_groups(made, f"{broken:.0%} of sequences broken", groups, lost)
    net = bench.net(tokens, width=64)
    for bits in (8, 4):
        pair = (bench.logits(net, tokens.x), bench.logits(quantised(net, bits), tokens.x))
        yield _in_groups(Classes(*pair, tokens.x, tokens.y, "by task"), f"one of 300 tokens, {bits} bits", groups)


def _in_groups(made: Classes, name: str, groups: np.ndarray, carrying: np.ndarray | None = None) -> Case:
    """Return the case with the bounds that whole sequences give."""
    case = made.case("siblings: sequences", name, carrying=carrying)
    a, b = made.a.argmax(1), made.b.argmax(1)
    rise = (b != made.y).astype(float) - (a != made.y)
    churn = _churn_by_group((a != b).astype(float), groups)
    found = (churn, _by_group("error", rise, true.ERROR, groups))
    found += tuple(replace(q, binds=False) for q in case.truth.quantities[2:])
    return replace(case, groups=groups[:SHOWN], truth=replace(case.truth, quantities=found, same_oracle=None))


def _by_group(name: str, values: np.ndarray, margin: float, groups: np.ndarray) -> true.Quantity:
    """Return a mean over rows with the bounds that whole sequences give."""
    of_group = np.bincount(groups[SHOWN:] - groups[SHOWN], values[SHOWN:]) / 50
    return true.mean(name, of_group, margin, SHOWN / 50)


def _churn_by_group(flips: np.ndarray, groups: np.ndarray) -> true.Quantity:
    """Return the churn with exact bounds for as many independent rows as sequences like these are worth, one each at least."""
    value, sequences = float(flips[SHOWN:].mean()), SHOWN / 50
    spread = float((np.bincount(groups[SHOWN:] - groups[SHOWN], flips[SHOWN:]) / 50).var())
    worth = value * (1 - value) / spread * sequences if spread > 0 else sequences
    return true.share("churn", value, true.CHURN, min(max(worth, sequences), SHOWN))


def retrained(bench: Bench) -> Iterator[Case]:
    """Yield what months of upkeep do: another batch of data, a class that came to be, weights averaged."""
    world = bench.blobs(6, 0.9)
    net = bench.net(world)
    a = bench.logits(net, world.x)
    x, y = world.learn[1]
    kept = y != 5
    later = further(copied(net), x, y, seed=bench.seed, steps=200, rate=3e-3)
    lost = further(copied(net), x[kept], y[kept], seed=bench.seed, steps=300, rate=1e-2)
    between = copied(net)
    with torch.no_grad():
        for p, q in zip(between.parameters(), later.parameters(), strict=True):
            p.copy_((p + q) / 2)
    for name, b, same in (
        ("on the next batch", later, "by task"),
        ("weights averaged with that", between, "by task"),
        ("without one class of six", lost, "never yes"),
    ):
        made = Classes(a, bench.logits(b, world.x), world.x, world.y, same)
        yield made.case("siblings: retrained", name)
