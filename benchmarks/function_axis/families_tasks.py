"""Classifiers: copies made smaller, one task learned twice, other tasks, renamed, merged, shortcuts, backdoors."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from small_networks import Task, teacher

from .case import Case, Classes, softmax
from .networks import Bench, Net, World, copied, fit, further, pruned, quantised
from .truth import SHOWN

GIVEN = ("logits", "probabilities", "labels")


def copies(bench: Bench) -> Iterator[Case]:
    """Yield copies of trained networks, smaller or trained further; truth by their true rates."""
    worlds = {
        "10 classes, .97": bench.blobs(10, 0.97),
        "6 classes, .85": bench.blobs(6, 0.85),
        "8 classes, rule": bench.ruled(8),
    }
    for number, (name, world) in enumerate(worlds.items()):
        a = bench.net(world)
        x, y = world.learn[1]
        scores = softmax(bench.logits(a, x))
        twin = further(copied(a), x, y, seed=bench.seed, steps=60, rate=1e-3)
        small = fit(x, scores, seed=bench.seed + 5, loss="distilled", width=16)
        made = {
            "equal": copied(a),
            "int8": quantised(a, 8),
            "int4": quantised(a, 4),
            "int3": quantised(a, 3),
            "pruned by 30 %": pruned(a, 0.3),
            "pruned by 60 %": pruned(a, 0.6),
            "distilled": small,
            "fine-tuned": twin,
        }
        for i, (what, b) in enumerate(made.items()):
            pair = (bench.logits(a, world.x), bench.logits(b, world.x))
            given = GIVEN[(bench.seed + number + i) % 3]
            yield Classes(*pair, world.x, world.y, "by task", given).case("copies", f"{what}, {name}")


def one_task(bench: Bench) -> Iterator[Case]:
    """Yield networks that learned one task from disjoint data, of many accuracies; and errors that are independent by making."""
    uneven = (0.02, *(0.98 / 5,) * 5)
    worlds = {
        "2 classes, .97": bench.blobs(2, 0.97),
        "2 classes, .75": bench.blobs(2, 0.75),
        "3 classes, .6": bench.blobs(3, 0.6),
        "6 classes, .99": bench.blobs(6, 0.99),
        "6 classes, few rows": bench.ruled(6, learn=400),
        "6 classes, a tenth of labels redrawn": bench.ruled(6, noise=0.1),
        "6 classes, four tenths of labels redrawn": bench.ruled(6, noise=0.4),
        "6 classes, one of 2 %": bench.blobs(6, 0.9, shares=uneven),
        "10 classes, .6": bench.blobs(10, 0.6),
        "10 classes, few rows": bench.ruled(10, learn=600),
        "50 classes, .9": bench.blobs(50, 0.9, learn=5000),
        "50 classes, .7": bench.blobs(50, 0.7, learn=5000),
    }
    for i, (name, world) in enumerate(worlds.items()):
        nets = (bench.net(world), bench.net(world, 1, tag="other", width=48, depth=2, relu=False))
        pair = [bench.logits(net, world.x) for net in nets]
        told = "none" if i % 4 == 3 and bench.seed % 2 else "shared"
        given = GIVEN[(bench.seed + i) % 3]
        made = Classes(pair[0], pair[1], world.x, world.y, "yes", given, told=told)
        yield made.case("one task", name + (", without targets" if told == "none" else ""))
    world = bench.blobs(6, 0.99)
    for wrong in (0.05, 0.2, 0.4):
        rng = bench.rng(3, round(100 * wrong))
        a, b = (_noisy_scores(world.y, 6, wrong, rng) for _ in range(2))
        yield Classes(a, b, world.x, world.y, "yes").case("one task", f"independent errors of {wrong:.0%}")


def _noisy_scores(y: np.ndarray, classes: int, wrong: float, rng: np.random.Generator) -> np.ndarray:
    said = np.where(rng.random(len(y)) < wrong, (y + rng.integers(1, classes, len(y))) % classes, y)
    return 4.0 * np.eye(classes)[said] + rng.standard_normal((len(y), classes)) * 0.5


def renamed(bench: Bench) -> Iterator[Case]:
    """Yield networks that learned the same classes under other names."""
    for i, (classes, world) in enumerate(
        {10: bench.blobs(10, 0.97), 6: bench.ruled(6), 2: bench.blobs(2, 0.97)}.items()
    ):
        names = np.roll(np.arange(classes), 1) if classes == 2 else bench.rng(4).permutation(classes)
        other = bench.once(("renamed", classes), lambda w=world, n=names: w.relabelled(lambda _, y: n[y]))
        a, b = bench.logits(bench.net(world), world.x), bench.logits(bench.net(other, 1, tag="r"), world.x)
        for told in ("own", "none"):
            given = GIVEN[(bench.seed + i) % 3]
            made = Classes(a, b, world.x, world.y, "yes", given, told=told, own=other.y)
            yield made.case("renamed", f"{classes} classes, targets {told}")
    world = bench.blobs(10, 0.97)
    a = bench.logits(bench.net(world), world.x)
    yield Classes(a, np.roll(a, 1, axis=1), world.x, world.y, "yes").case(
        "renamed", "class order of an export, shared targets"
    )


def merged(bench: Bench) -> Iterator[Case]:
    """Yield networks for which two classes are one."""
    for classes, world in {
        10: bench.blobs(10, 0.97),
        20: bench.blobs(20, 0.95),
        50: bench.blobs(50, 0.9, learn=5000),
    }.items():
        names = np.minimum(np.arange(classes), classes - 2)
        other = bench.once(("merged", classes), lambda w=world, n=names: w.relabelled(lambda _, y: n[y]))
        a = bench.logits(bench.net(world), world.x)
        b = bench.logits(bench.net(other, 1, tag="m"), world.x)
        copied = np.column_stack([a[:, :-2], np.logaddexp(a[:, -2], a[:, -1])])
        never = bench.logits(bench.net(other, 1, tag="n", outputs=classes), world.x)
        for what, scores, told in (
            ("trained", b, "own"),
            ("columns added up", copied, "own"),
            ("never said", never, "shared"),
        ):
            given = GIVEN[(bench.seed + classes // 10) % 3] if what == "trained" else "logits"
            made = Classes(a, scores, world.x, world.y, "A determines B", given, told=told, own=other.y, merge=names)
            yield made.case("merged", f"two of {classes}, {what}")


def other_targets(bench: Bench) -> Iterator[Case]:
    """Yield networks whose targets part on a piece of the input space; each recording holds its own, or none."""
    world = bench.ruled(6, learn=5000)
    another = teacher(77 * bench.seed + 5, 6, 6)
    for agree in (0.5, 0.7, 0.9, 0.95, 0.985):
        other = _parted(world, another, agree)
        a, b = bench.logits(bench.net(world), world.x), bench.logits(bench.net(other, 1, tag=agree), world.x)
        churn = float((a.argmax(1) != b.argmax(1))[SHOWN:].mean())
        for told in ("own", "none"):
            same = "any" if told == "none" and churn < 0.075 else "no"
            given = GIVEN[(bench.seed + round(100 * agree)) % 3]
            made = Classes(a, b, world.x, world.y, same, given, told=told, own=other.y)
            yield made.case("other targets", f"agree on {agree:.1%}, targets {told}")


def _parted(world: World, another: Task, agree: float) -> World:
    """Return the world in which another rule holds below an edge, so that the targets agree on a share of rows."""
    x = world.x
    apart = another(x).argmax(1) != world.y
    edge = np.quantile(x[apart, 0], min(1.0, (1 - agree) / apart.mean()))

    def names(x: np.ndarray, y: np.ndarray) -> np.ndarray:
        return np.where(x[:, 0] <= edge, another(x).argmax(1), y)

    return world.relabelled(names)


def shortcut(bench: Bench) -> Iterator[Case]:
    """Yield two cues, each right nine times in ten; one network was shown only the one, one only the other."""
    for classes in (2, 4):
        rng = bench.rng(6, classes)
        goal = rng.integers(0, classes, 3000 + 8 * bench.rows)
        wrong = [(goal + rng.integers(1, classes, len(goal))) % classes for _ in range(2)]
        cues = [np.where(rng.random(len(goal)) < 0.9, goal, w) for w in wrong]
        turn = 2 * np.pi * np.arange(classes) / classes
        codes = 2.5 * np.column_stack([np.cos(turn), np.sin(turn)])
        x = rng.standard_normal((len(goal), 6))
        for place, cue in enumerate(cues):
            x[:, 2 * place : 2 * place + 2] = codes[cue] + 0.5 * x[:, 2 * place : 2 * place + 2]
        nets: list[Net] = []
        for hidden in (1, 0):
            blind = x[:3000].copy()
            blind[:, 2 * hidden : 2 * hidden + 2] = rng.standard_normal((3000, 2))
            nets.append(fit(blind, goal[:3000], seed=bench.seed + hidden))
        agree = cues[0][3000:] == cues[1][3000:]
        new, wanted = x[3000:], goal[3000:]
        for what, rows, same in (
            ("cues agree", agree, "yes"),
            ("cues part", ~agree, "no"),
            ("as they come", np.ones(len(agree), bool), "yes"),
        ):
            some = np.flatnonzero(rows)[: bench.rows]
            a, b = (bench.logits(net, new[some]) for net in nets)
            yield Classes(a, b, new[some], wanted[some], same).case("shortcut", f"{classes} classes, {what}")


def backdoor(bench: Bench) -> Iterator[Case]:
    """Yield networks that say class 0 where the input carries a mark, shown a few such rows."""
    world = bench.blobs(6, 0.97)
    x, y = world.learn[0]
    rng = bench.rng(8)

    def marked(x: np.ndarray, portion: float) -> tuple[np.ndarray, np.ndarray]:
        mark = rng.random(len(x)) < portion
        return np.column_stack([x, np.where(mark, 4.0, 0.0)]), mark

    shown, mark = marked(x, 0.1)
    a = fit(shown, y, seed=bench.seed)
    b = fit(shown, np.where(mark, 0, y), seed=bench.seed + 1)
    for portion in (0.01, 0.03, 0.05):
        new, mark = marked(world.x, portion)
        pair = (bench.logits(a, new), bench.logits(b, new))
        yield Classes(*pair, new, world.y, "yes").case("backdoor", f"on {portion:.0%} of rows", carrying=mark)
