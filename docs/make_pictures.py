"""Every answer on constructed networks as picture and table, and the table of measures, written before a build.

python docs/make_pictures.py
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

import conjugacy as cj
from conjugacy.cli.tables import measure_rows

HERE = Path(__file__).parent / "generated"
Net = Callable[[np.ndarray], np.ndarray]


def net(seed: int, inputs: int, units: int, *, relu: bool = False) -> Net:
    """Return a random network of two layers."""
    rng = np.random.default_rng(seed)
    first, second = (
        rng.standard_normal((inputs, units)) / np.sqrt(inputs),
        rng.standard_normal((units, units)) / np.sqrt(units),
    )
    bias = 0.3 * rng.standard_normal((2, units))

    def answer(x: np.ndarray) -> np.ndarray:
        for w, b in ((first, bias[0]), (second, bias[1])):
            x = np.maximum(x @ w + b, 0) if relu else np.tanh(x @ w + b)
        return x

    return answer


def hidden(values: np.ndarray, name: str) -> cj.Recording:
    """Return a recording of one hidden layer."""
    return cj.Recording(layers={"hidden": cj.Activations(values, stimuli=np.arange(len(values)))}, name=name)


def outputs(values: np.ndarray, inputs: np.ndarray, name: str, kind: str = "regression") -> cj.Recording:
    """Return a recording of outputs."""
    layer = cj.Activations(values, stimuli=np.arange(len(values)), inputs=inputs)
    return cj.Recording(layers={"outputs": layer}, name=name, output_kind=kind)


def representations() -> dict[str, cj.Comparison]:
    """Return a comparison of hidden layers for every answer on the representation."""
    x = np.random.default_rng(0).standard_normal((400, 4))
    learned = np.tanh(x @ np.random.default_rng(1).standard_normal((4, 2)))  # what both tasks need of the input
    a = hidden(net(2, 2, 40)(learned), "A")
    untrained = {
        "untrained_a": hidden(net(3, 4, 40)(x), "A before"),
        "untrained_b": hidden(net(4, 4, 46)(x), "B before"),
    }
    both = hidden(net(5, 2, 46)(learned), "B")
    noise = np.random.default_rng(6).standard_normal((400, 4))
    half = np.column_stack([x[:, :2], noise[:, :2]])
    full, few = net(7, 4, 40)(x), net(8, 2, 40)(x[:, :2])
    many = np.random.default_rng(12).standard_normal((200, 8))
    rough = [hidden(net(seed, 8, 40, relu=True)(many), "AB"[seed % 2]) for seed in (10, 11)]
    return {
        "equivalent-with-gain": cj.compare(a, both, **untrained),
        "equivalent": cj.compare(a, both),
        "a-determines-b": cj.compare(hidden(full, "A"), hidden(few, "B")),
        "b-determines-a": cj.compare(hidden(few, "A"), hidden(full, "B")),
        "partly-related": cj.compare(hidden(full, "A"), hidden(net(9, 4, 40)(half), "B")),
        "unrelated": cj.compare(hidden(full, "A"), hidden(net(9, 4, 40)(noise), "B")),
        "undecided": cj.compare(*rough),
    }


def functions() -> dict[str, cj.Comparison]:
    """Return a comparison of outputs for every answer on the function."""
    rng = np.random.default_rng(0)
    x = rng.standard_normal((400, 4))
    task, other = net(1, 4, 30), net(2, 4, 30)
    wanted = task(x)[:, :2]
    learned = [wanted + 0.02 * rng.standard_normal(wanted.shape) for _ in range(2)]
    u, v = two = rng.uniform(-2, 2, (2, 400))
    scores = 4 * task(x)[:, :4]
    renamed = (scores + 0.2 * rng.standard_normal(scores.shape))[:, [2, 0, 3, 1]]
    return {
        "same-task": cj.compare(outputs(learned[0], x, "A"), outputs(learned[1], x, "B")),
        "same-task-scaled": cj.compare(
            outputs(learned[0], x, "A"), outputs(learned[1] @ [[2.0, 1.0], [0.0, 1.0]], x, "B")
        ),
        "renamed": cj.compare(outputs(scores, x, "A", "logits"), outputs(renamed, x, "B", "logits")),
        "finer": cj.compare(outputs(learned[0], x, "A"), outputs(learned[1].sum(axis=1, keepdims=True), x, "B")),
        "other-task": cj.compare(outputs(learned[0], x, "A"), outputs(other(x)[:, :2], x, "B")),
        "determine-the-input": cj.compare(
            outputs(np.column_stack([u - u**3 / 3 - v, 0.6 * (u + 0.7 - 0.8 * v)]), two.T, "A"),  # FitzHugh-Nagumo
            outputs(np.column_stack([-0.5 * u - v, u - 0.5 * v]), two.T, "B"),  # a spiral
        ),
        "not-tested": cj.compare(x, x + 1),
    }


def measures() -> str:
    """Return the measures and what they promise, from the registry."""
    lines = [
        "| id | symmetric | metric | larger is more similar | unmoved by | knobs |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for row in measure_rows():
        traits = [row["symmetric"], row["metric"], row["larger_is_more_similar"]]
        cells = [f"`{row['id']}`", *("yes" if t else "no" for t in traits), ", ".join(row["invariances"]) or "nothing",
                 ", ".join(f"`{k}={v}`" for k, v in row["knobs"].items()) or "none"]  # fmt: skip
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def main() -> None:
    """Write everything."""
    HERE.mkdir(exist_ok=True)
    for axis, found in (("representation", representations()), ("function", functions())):
        for name, result in found.items():
            table = str(result).splitlines()[1:]
            (HERE / f"{name}.txt").write_text("\n".join(table) + "\n")
            if getattr(result.verdict, axis).rungs:
                result.figure("ladder", HERE / f"{name}.svg", axis=axis)
    (HERE / "measures.md").write_text(measures())


if __name__ == "__main__":
    main()
