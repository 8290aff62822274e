"""Numbers: untrained pairs, and values learned by regression."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from small_networks import teacher

from .case import Case, Classes, numbers_case
from .networks import Bench, fit, plain, rescaled

SCALES = (0.25, 0.5, 1.0, 1.5, 2.0, 4.0)
SIZES = ((4, 10), (8, 3), (16, 10), (2, 30))


def untrained(bench: Bench) -> Iterator[Case]:
    """Yield networks that learned nothing: six scales of the weights, four sizes, declared logits or nothing said."""
    for i, (inputs, outputs) in enumerate(SIZES):
        x = bench.rng(20, i).standard_normal((bench.rows, inputs))
        nets: list[torch.nn.Module] = []
        for part in range(2):
            torch.manual_seed(5000 + 100 * bench.seed + 10 * i + part)
            nets.append(plain(inputs, outputs, width=64, relu=False))
        for j, scale in enumerate(SCALES):
            a, b = (bench.logits(rescaled(net, scale), x) for net in nets)
            name = f"{inputs} -> {outputs}, weights x {scale:g}"
            if (bench.seed + i + j) % 2:
                made = Classes(a, b, x, a.argmax(1), "never yes", told="none")
                yield made.case("untrained", f"{name}, logits")
            else:
                yield numbers_case("untrained", f"{name}, nothing said", (a, b), x, "never yes")


def regression(bench: Bench) -> Iterator[Case]:
    """Yield values: one task, other units, one unrelated head, coarser, another task, two vector fields."""
    rng = bench.rng(21)
    learn, x = rng.standard_normal((3000, 6)), rng.standard_normal((bench.rows, 6))
    first, other = teacher(10 * bench.seed, 6, 4), teacher(10 * bench.seed + 1, 6, 4)
    gain, offset = np.array([2.0, 0.5, 10.0, 3.0]), np.array([1.0, -3.0, 0.0, 20.0])
    mixed = np.column_stack([first(learn)[:, :3], other(learn)[:, :1]])
    a = bench.logits(fit(learn, first(learn), seed=bench.seed, width=64, relu=False, steps=800), x)
    values = {
        "same": first(learn),
        "mixed": mixed,
        "coarse": first(learn)[:, :1] + first(learn)[:, 1:2],
        "another": other(learn),
    }
    b = {
        name: bench.logits(fit(learn, v, seed=bench.seed + 40 + i, width=64, relu=False, steps=800), x)
        for i, (name, v) in enumerate(values.items())
    }
    for declared in ("regression", None):
        said = {"kinds": (declared, declared)}
        tail = "" if declared else ", undeclared"
        yield numbers_case("regression", f"one task, other seed{tail}", (a, b["same"]), x, "yes", **said)
        yield numbers_case(
            "regression", f"other units{tail}", (a, b["same"] * gain + offset), x, "yes", oracle=True, **said
        )
        yield numbers_case("regression", f"one unrelated head of four{tail}", (a, b["mixed"]), x, "never yes", **said)
        yield numbers_case("regression", f"another task{tail}", (a, b["another"]), x, "no", **said)
    known = {"kinds": ("regression", "regression")}
    yield numbers_case("regression", "coarser", (a, b["coarse"]), x, "A determines B", **known)
    flat, shown = 2 * rng.uniform(-1, 1, (3000, 2)), 2 * rng.uniform(-1, 1, (bench.rows, 2))
    fields = [
        bench.logits(fit(flat, f(flat), seed=bench.seed + 50 + i, width=64, relu=False, steps=800), shown)
        for i, f in enumerate((_fitzhugh_nagumo, _spiral))
    ]
    yield numbers_case("regression", "two vector fields", (fields[0], fields[1]), shown, "undecided", **known)


def _fitzhugh_nagumo(x: np.ndarray) -> np.ndarray:
    return np.column_stack([x[:, 0] - x[:, 0] ** 3 / 3 - x[:, 1], 0.6 * (x[:, 0] + 0.7 - 0.8 * x[:, 1])])


def _spiral(x: np.ndarray) -> np.ndarray:
    return np.column_stack([-0.5 * x[:, 0] - x[:, 1], x[:, 0] - 0.5 * x[:, 1]])


def outliers(bench: Bench) -> Iterator[Case]:
    """Yield numbers with a few rows far off: garbage in four rows of 400, one row of the shown, rounding, float16."""
    rng = bench.rng(22)
    x = rng.standard_normal((bench.rows, 6))
    a = teacher(10 * bench.seed + 4, 6, 3)(x)
    bad = rng.random(len(a)) < 0.01
    wild = a + np.where(bad[:, None], 8.0 * a.std(0) * rng.standard_normal(a.shape), 0.0)
    late = np.where(rng.random((len(a), 1)) < 0.1, np.roll(a, 7, axis=0), a)
    for name, b in {
        "float16": a.astype(np.float16).astype(float),
        "two decimals": np.round(a, 2),
        "one decimal": np.round(a, 1),
        "clipped at two deviations": np.clip(a, -2 * a.std(0), 2 * a.std(0)),
    }.items():
        yield numbers_case("numbers made cheaper", name, (a, b), x, "yes")
    yield _carrying(numbers_case("bad rows", "garbage in 1 % of rows", (a, wild), x, "any"), bad)
    yield numbers_case("bad rows", "a tenth of rows of another input", (a, late), x, "any")
    yield numbers_case("bad rows", "an offset of a third of a deviation", (a, a + a.std(0) / 3), x, "yes", oracle=True)
    nudged = a + np.where(bad[:, None], a.std(0), 0.0)
    yield _carrying(numbers_case("bad rows", "1 % of rows off by a deviation", (a, nudged), x, "yes"), bad)


def _carrying(case: Case, rows: np.ndarray) -> Case:
    return Case(case.family, case.name, case.a, case.b, case.inputs, case.truth, carrying=rows[: len(case.inputs)])
