"""What the function axis answers of trained networks whose tasks are known, for every kind of output.

python benchmarks/function_axis.py [--quick] [--seeds N]

Small PyTorch networks learn tasks over inputs of our making; both are shown the same 600 new inputs. Per case the answers
that are right are written beside those that came out, over seeds; 'undecided' is never wrong, and never counts as right.
Under each case stands the headline of the first seed, as a reader sees it.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from dataclasses import dataclass

import numpy as np
from small_networks import answers, teacher, train

import conjugacy as cj
from conjugacy.report.words import axis_words

INPUTS, CLASSES, TRAIN, SHOWN = 6, 6, 4000, 600
KINDS = ("logits", "probabilities", "labels")


@dataclass(frozen=True)
class Case:
    """One pair of networks: what each answers, what it was to answer, and which answers are right."""

    name: str
    kind: str
    a: np.ndarray
    b: np.ndarray
    inputs: np.ndarray
    right: tuple[str, ...]
    targets: tuple[np.ndarray | None, np.ndarray | None] = (None, None)


def regression_cases(seed: int) -> list[Case]:
    """Return values learned by regression: the same, a coarser, another task, and two that keep all of the input."""
    rng = np.random.default_rng(seed)
    x, new = rng.standard_normal((TRAIN, INPUTS)), rng.standard_normal((SHOWN, INPUTS))
    first, other = teacher(10 * seed, INPUTS, 3), teacher(10 * seed + 1, INPUTS, 3)
    a = answers(train(x, first(x), seed), new)
    same = answers(train(x, first(x), seed + 50, width=96, depth=3, relu=True), new)
    coarse = answers(train(x, first(x)[:, :1] + first(x)[:, 1:2], seed + 51), new)
    another = answers(train(x, other(x), seed + 52), new)
    goal = first(new)
    flat, shown = 2 * rng.uniform(-1, 1, (TRAIN, 2)), 2 * rng.uniform(-1, 1, (SHOWN, 2))
    fields = [answers(train(flat, f(flat), seed + 53 + i), shown) for i, f in enumerate((_fitzhugh_nagumo, _spiral))]
    apart = ("partly_related", "unrelated")
    return [
        Case("same task, other seed, width, depth, units", "regression", a, same, new, ("equivalent",), (goal, goal)),
        Case("sum of two of A's three values", "regression", a, coarse, new, ("a_determines_b",)),
        Case("another task", "regression", a, another, new, apart),
        Case("two vector fields that determine the input", "regression", *fields, shown, ()),
    ]


def _fitzhugh_nagumo(x: np.ndarray) -> np.ndarray:
    return np.column_stack([x[:, 0] - x[:, 0] ** 3 / 3 - x[:, 1], 0.6 * (x[:, 0] + 0.7 - 0.8 * x[:, 1])])


def _spiral(x: np.ndarray) -> np.ndarray:
    return np.column_stack([-0.5 * x[:, 0] - x[:, 1], x[:, 0] - 0.5 * x[:, 1]])


def class_cases(seed: int) -> list[Case]:
    """Return classes learned: the same, renamed, merged, another task, and another rule that is right as often."""
    rng = np.random.default_rng(1000 + seed)
    x, new = rng.standard_normal((TRAIN, INPUTS)), rng.standard_normal((SHOWN, INPUTS))
    scores, other = teacher(10 * seed + 2, INPUTS, CLASSES), teacher(10 * seed + 3, INPUTS, CLASSES)
    fine, goal = scores(x).argmax(1), scores(new).argmax(1)
    names = rng.permutation(CLASSES)
    a = answers(train(x, fine, seed), new)
    pairs = {
        "same task, other seed, width, depth, units": (
            answers(train(x, fine, seed + 60, width=96, depth=3, relu=True), new),
            goal,
        ),
        "same task, classes renamed": (answers(train(x, names[fine], seed + 61), new), names[goal]),
        "classes merged in twos": (answers(train(x, fine // 2, seed + 62), new), goal // 2),
        "another task": (answers(train(x, other(x).argmax(1), seed + 63), new), other(new).argmax(1)),
    }
    right = {
        "same task, other seed, width, depth, units": ("equivalent",),
        "same task, classes renamed": ("equivalent",),
        "classes merged in twos": ("a_determines_b",),
        "another task": ("partly_related", "unrelated"),
    }
    found = [
        _as_kind(Case(name, kind, a, b, new, right[name], (goal, wanted)))
        for name, (b, wanted) in pairs.items()
        for kind in KINDS
    ]
    return found + [_as_kind(_shortcut(seed, kind)) for kind in KINDS]


def _shortcut(seed: int, kind: str) -> Case:
    """Two cues, each right nine times in ten and by itself; one network was shown only the one, one only the other."""
    rng = np.random.default_rng(2000 + seed)
    goal = rng.integers(0, 2, TRAIN + SHOWN)
    cues = [np.where(rng.random(len(goal)) < 0.9, goal, 1 - goal) for _ in range(2)]
    x = rng.standard_normal((len(goal), INPUTS))
    for column, cue in enumerate(cues):
        x[:, column] = 2.5 * (2 * cue - 1) + 0.5 * x[:, column]
    nets: list[np.ndarray] = []
    for hidden in (1, 0):
        blind = x.copy()
        blind[:TRAIN, hidden] = rng.standard_normal(TRAIN)
        nets.append(answers(train(blind[:TRAIN], goal[:TRAIN], seed + 70 + hidden), x[TRAIN:]))
    shown = goal[TRAIN:]
    return Case(
        "as often right, by another cue", kind, *nets, x[TRAIN:], ("partly_related", "unrelated"), (shown, shown)
    )


def _as_kind(case: Case) -> Case:
    if case.kind == "logits":
        return case
    if case.kind == "labels":
        a, b = case.a.argmax(1)[:, None], case.b.argmax(1)[:, None]
    else:
        a, b = (np.exp(v - np.logaddexp.reduce(v, axis=1, keepdims=True)) for v in (case.a, case.b))
    return Case(case.name, case.kind, a, b, case.inputs, case.right, case.targets)


def compared(case: Case, seed: int) -> cj.Comparison:
    """Compare the outputs through the public door."""
    recordings = [
        cj.Recording(
            layers={"outputs": cj.Activations(v, stimuli=np.arange(len(v)), inputs=case.inputs)},
            name=name,
            output_kind=case.kind,
            targets=t,
        )
        for name, v, t in (("a", case.a, case.targets[0]), ("b", case.b, case.targets[1]))
    ]
    return cj.compare(*recordings, seed=seed)


def main() -> None:
    """Run all cases and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one seed")
    parser.add_argument("--seeds", type=int, default=10)
    given = parser.parse_args()
    answers: dict[tuple[str, str], Counter[str]] = {}
    right: dict[tuple[str, str], tuple[str, ...]] = {}
    words: dict[tuple[str, str], str] = {}
    seeds = 1 if given.quick else given.seeds
    for seed in range(seeds):
        for case in regression_cases(seed) + class_cases(seed):
            key, result = (case.kind, case.name), compared(case, seed)
            answers.setdefault(key, Counter())[result.verdict.function.answer] += 1
            right[key] = case.right
            words.setdefault(key, axis_words(result, "function").headline)
            print(f"seed {seed}: {key[0]}, {key[1]}: {result.verdict.function.answer}", file=sys.stderr, flush=True)
    wrong = 0
    print(f"{seeds} seeds of every case, {SHOWN} inputs; wrong answers are marked with !")
    for key, counts in answers.items():
        bad = {name: n for name, n in counts.items() if name not in (*right[key], "undecided")}
        wrong += sum(bad.values())
        came = ", ".join(f"{name} {n}{'!' if name in bad else ''}" for name, n in counts.most_common())
        print(f"{key[0]:<14}{key[1]:<44}right: {' or '.join(right[key]) or 'undecided':<30} came: {came}")
        print(f"{'':<14}{words[key]}")
    print(f"wrong: {wrong} of {seeds * len(answers)}")


if __name__ == "__main__":
    main()
