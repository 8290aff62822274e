"""What is done to outputs: temperature, shifts, one class shifted, masks, sigmoids, several heads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np
from scipy.special import expit

from . import truth as true
from .case import Case, Classes, Truth, numbers_case
from .networks import Bench, fit, quantised
from .truth import SHOWN, Quantity


def temperature(bench: Bench) -> Iterator[Case]:
    """Yield scores that decide alike: colder, warmer, every row shifted by a value of its own; kinds declared or not."""
    world = bench.blobs(10, 0.97)
    a = bench.logits(bench.net(world), world.x)
    offset = 5 * bench.rng(10).standard_normal((len(a), 1))
    for name, b in {"logits / 3": a / 3, "logits x 2": 2 * a, "rows shifted": a + offset}.items():
        for declared in (True, False):
            said = "declared" if declared else "undeclared, with targets"
            yield Classes(a, b, world.x, world.y, "yes", declared=declared).case("temperature", f"{name}, {said}")
    warm = Classes(a, a / 2, world.x, world.y, "yes", "probabilities", told="none")
    yield warm.case("temperature", "probabilities, logits / 2, without targets")
    named = Classes(a, a + offset, world.x, world.y, "yes", declared=False, told="none", layer="logits")
    yield named.case("temperature", "rows shifted, layer named logits")
    open_kind = replace(named, layer="outputs", same="any")  # scores or numbers: nobody can know
    yield open_kind.case("kinds", "rows shifted, nothing said").either("other kind")
    logs = a - np.logaddexp.reduce(a, axis=1, keepdims=True)
    yield Classes(a, logs, world.x, world.y, "yes").case("temperature", "logits and log-probabilities")


def class_shifted(bench: Bench) -> Iterator[Case]:
    """Yield one class's logits lowered so far that its recall falls to about .91, .77, .47, .03."""
    world = bench.blobs(10, 0.976)
    a = bench.logits(bench.net(world), world.x)
    y = world.y[SHOWN:]
    name = int(np.argmax(true.recalls(a[SHOWN:].argmax(1), y)))
    own = a[SHOWN:][y == name]
    lead = own[:, name] - np.delete(own, name, axis=1).max(axis=1)
    for recall in (0.91, 0.77, 0.47, 0.03):
        b = a.copy()
        b[:, name] -= np.quantile(lead, 1 - recall)
        fell = float((lead > 0).mean()) - recall
        for told in ("shared", "none"):
            same = "never yes" if fell > 0.1 else "yes"
            if told == "none":  # the churn of one class in ten may lie inside the tolerance
                same = "never yes" if fell > 0.1 and _churn(a, b) > true.CHURN * true.NEAR else "any"
            yield Classes(a, b, world.x, world.y, same, told=told).case(
                "class shifted", f"recall to {recall}, targets {told}"
            )


def _churn(a: np.ndarray, b: np.ndarray) -> float:
    return float((a.argmax(1) != b.argmax(1))[SHOWN:].mean())


def masked(bench: Bench) -> Iterator[Case]:
    """Yield one class masked on half the rows: in both, with all else equal or scrambled; and in one alone."""
    world = bench.blobs(8, 0.97)
    a = bench.logits(bench.net(world), world.x)
    rng = bench.rng(11)
    half, order = rng.random(len(a)) < 0.5, rng.permutation(len(a))
    order[:SHOWN] = rng.permutation(SHOWN)
    order[SHOWN:] = SHOWN + rng.permutation(len(a) - SHOWN)
    for value in (-1e4, -65504.0, -1e9, -np.inf):
        both, scrambled, one = a.copy(), a[order].copy(), a.copy()
        for scores in (both, scrambled):
            scores[half, 2] = value
        one[half, 2] = value
        less = 0.02 * rng.standard_normal(a.shape)
        pairs = {
            "all else equal": (both, both, "yes"),
            "all else a little off": (both, both + less, "yes"),
            "all else scrambled": (both, scrambled, "never yes"),
            "in B alone": (a, one, "never yes"),
        }
        for name, (first, second, same) in pairs.items():
            declared = not (value == -1e4 and name == "all else scrambled")
            made = Classes(first, second, world.x, world.y, same, declared=declared)
            yield made.case("masked", f"{value:g}, {name}{'' if declared else ', undeclared'}")
    off = a.copy()
    off[:, 2] = -np.inf
    yield Classes(off, off + 0.0, world.x, world.y, "by task").case("masked", "-inf in all rows of one class, equal")


def sigmoids(bench: Bench) -> Iterator[Case]:
    """Yield sigmoid outputs: pitch bins, tags, one probability; copies, and broken ones."""
    rng = bench.rng(12)
    x = rng.standard_normal((3000 + bench.rows, 6))
    weights = rng.standard_normal((6, 12))
    speech = (x @ weights[:, :1] + 0.3 * rng.standard_normal((len(x), 1)) > 0.4).astype(float)
    tags = (x @ weights + 0.3 * rng.standard_normal((len(x), 12)) > np.linspace(0.5, 4, 12)).astype(float)
    pitch = 180 + 110 * np.tanh(x @ weights[:, 0] / 3)
    bins = np.exp(-0.5 * ((np.arange(360) - pitch[:, None]) / 6.0) ** 2)
    for name, wanted in {"360 pitch bins": bins, "12 tags": tags, "speech": speech}.items():
        net = fit(x[:3000], wanted[:3000], seed=bench.seed, loss="sigmoids")
        half, eight = (expit(bench.logits(quantised(net, bits), x[3000:])) for bits in (14, 8))
        a = expit(bench.logits(net, x[3000:]))
        later = np.concatenate([np.roll(a[:SHOWN], 1, axis=0), np.roll(a[SHOWN:], 1, axis=0)])
        made: dict[str, tuple[np.ndarray, str]] = {
            "14 bits": (half, "yes"),
            "8 bits": (eight, "yes"),
            "rows moved": (later, "never yes"),
        }
        if name == "360 pitch bins":
            made["moved by 20 bins"] = (np.roll(a, 20, axis=1), "any")
        if name == "12 tags":
            made["one tag redrawn"] = (_with(a, 0, later[:, 0]), "never yes")
        if name == "speech":
            made["threshold moved"] = (expit(np.log(a / (1 - a + 1e-12) + 1e-12) - 3.0), "any")
            made["the other way round"] = (1 - a, "any")
        for what, (b, same) in made.items():
            for declared in (True, False) if name == "speech" else (True,):
                goal = speech[3000:, 0].astype(int) if name == "speech" else None
                found = tuple(true.column_quantities(a[SHOWN:], b[SHOWN:], None if goal is None else goal[SHOWN:]))
                kind = "sigmoids" if declared else None
                told = None if goal is None else goal[:SHOWN]
                if goal is not None and same == "any" and _recall_fall(a, b, goal) > 0.1:
                    same = "never yes"
                yield Case(
                    "sigmoids",
                    f"{name}, {what}{'' if declared else ', undeclared'}",
                    {"outputs": a[:SHOWN]},
                    {"outputs": b[:SHOWN]},
                    x[3000 : 3000 + SHOWN],
                    Truth(found, same, same_oracle=true.equal_oracle(same, found)),
                    (kind, kind),
                    (told, told),
                )


def _recall_fall(a: np.ndarray, b: np.ndarray, goal: np.ndarray) -> float:
    before, after = (true.recalls((v[SHOWN:, 0] > 0.5).astype(int), goal[SHOWN:]) for v in (a, b))
    return float((before - after).max())


def _with(a: np.ndarray, column: int, values: np.ndarray) -> np.ndarray:
    b = a.copy()
    b[:, column] = values
    return b


def heads(bench: Bench) -> Iterator[Case]:
    """Yield networks of three outputs, as a user records them: equal, a little off, and with one head broken."""
    rng = bench.rng(13)
    world = bench.blobs(5, 0.97)
    net = bench.net(world)
    scores, rounded = (bench.logits(n, world.x) for n in (net, quantised(net, 8)))
    boxes, mask = (rng.standard_normal((world.x.shape[1], n)) for n in (4, 3))
    a = {
        "outputs.boxes": np.tanh(world.x @ boxes / 3),
        "outputs.scores": scores,
        "outputs[2]": np.tanh(world.x @ mask / 3),
    }
    order = np.concatenate([rng.permutation(SHOWN), SHOWN + rng.permutation(len(scores) - SHOWN)])
    made: dict[str, tuple[Mapping[str, np.ndarray], str]] = {
        "all equal": (dict(a), "yes"),
        "a little off": ({k: v + 0.01 * v.std() * rng.standard_normal(v.shape) for k, v in a.items()}, "yes"),
        "scores of 8 bits": ({**a, "outputs.scores": rounded}, "yes"),
        "scores redrawn": ({**a, "outputs.scores": scores[order]}, "never yes"),
        "boxes redrawn": ({**a, "outputs.boxes": a["outputs.boxes"][order]}, "never yes"),
        "last of them redrawn": ({**a, "outputs[2]": np.tanh(world.x @ rng.standard_normal((8, 3)) / 3)}, "never yes"),
        "last of them in other units": ({**a, "outputs[2]": 3 * a["outputs[2]"] + 1}, "yes"),
    }
    kinds = {"outputs.boxes": "regression", "outputs.scores": "logits", "outputs[2]": "regression"}
    for told in ("targets", "kinds said", "nothing said"):
        targets, kind = told == "targets", kinds if told == "kinds said" else None
        for what, (b, same) in made.items():
            if told == "nothing said" and what not in ("all equal", "scores redrawn"):
                continue
            found: list[Quantity] = []
            for head, values in a.items():
                pair = (values[SHOWN:], b[head][SHOWN:])
                if head == "outputs.scores":
                    decided = (pair[0].argmax(1), pair[1].argmax(1))
                    found += true.class_quantities(*decided, world.y[SHOWN:] if targets else None)
                else:
                    found += true.number_quantities(*pair)
            goal = world.y[:SHOWN] if targets else None
            yield Case(
                "heads",
                f"three heads, {what}, {told}",
                {k: v[:SHOWN] for k, v in a.items()},
                {k: v[:SHOWN] for k, v in b.items()},
                world.x[:SHOWN],
                Truth(tuple(found), same, same_oracle=True if "units" in what else true.equal_oracle(same, found)),
                (kind, kind),
                targets=(goal, goal),
            )
    pair = (a["outputs.boxes"], _with(a["outputs.boxes"], 1, a["outputs.boxes"][order, 1]))
    yield numbers_case("heads", "one array, one column redrawn", pair, world.x, "never yes")
