"""Every answer on constructed networks as picture and table, what the first example prints, the table of measures, the gallery.

python docs/make_pictures.py    # before a build; ends with an error where a verdict is not the true one
"""

from __future__ import annotations

import importlib
import inspect
import io
import re
from collections.abc import Callable
from contextlib import redirect_stdout
from dataclasses import replace
from pathlib import Path

import gallery
import numpy as np

import conjugacy as cj
from conjugacy.cli.tables import measure_rows
from conjugacy.comparison.copies import as_control

HERE = Path(__file__).parent
GENERATED = HERE / "generated"
Net = Callable[[np.ndarray], np.ndarray]
TRUTH = {
    "representation": {
        "equivalent-with-gain": "equivalent",
        "equivalent": "equivalent",
        "a-determines-b": "a_determines_b",
        "b-determines-a": "b_determines_a",
        "partly-related": "partly_related",
        "unrelated": "unrelated",
        "undecided": "undecided",  # equivalent in truth; so few rows cannot show it
    },
    "function": {
        "same-task": "equivalent",
        "same-task-scaled": "equivalent",
        "renamed": "equivalent",
        "finer": "a_determines_b",
        "other-task": "partly_related",  # two tasks on the same inputs
        "unrelated-task": "unrelated",
        "determine-the-input": "undecided",
        "not-tested": "not_tested",
    },
}
"""The answer that each pair must get, by construction."""


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
    world = np.random.default_rng(13).standard_normal((400, 12))
    learned = np.tanh(world @ np.random.default_rng(1).standard_normal((12, 2)))  # what both tasks need of the input
    a = hidden(net(2, 2, 40)(learned), "A")
    controls = {
        f"untrained_{side}": [
            as_control(hidden(net(seed + i, 12, units)(world), f"{side.upper()} {kind}"), kind)
            for i, kind in enumerate(("untrained", "shuffled"))
        ]
        for side, seed, units in (("a", 14, 40), ("b", 16, 46))
    }
    both = hidden(net(5, 2, 46)(learned), "B")
    noise = np.random.default_rng(6).standard_normal((400, 4))
    half = np.column_stack([x[:, :2], noise[:, :2]])
    full, few = net(7, 4, 40)(x), net(8, 2, 40)(x[:, :2])
    many = np.random.default_rng(12).standard_normal((200, 8))
    rough = [hidden(net(seed, 8, 40, relu=True)(many), "AB"[seed % 2]) for seed in (10, 11)]
    return {
        "equivalent-with-gain": cj.compare(a, both, **controls),
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
    elsewhere = task(rng.standard_normal((400, 4)))[:, :2]  # answers to other inputs
    order = np.array([2, 0, 3, 1])
    renamed, wanted = (scores + 0.02 * rng.standard_normal(scores.shape))[:, order], scores.argmax(axis=1)
    return {
        "same-task": cj.compare(outputs(learned[0], x, "A"), outputs(learned[1], x, "B")),
        "same-task-scaled": cj.compare(
            outputs(learned[0], x, "A"), outputs(learned[1] @ [[2.0, 1.0], [0.0, 1.0]], x, "B")
        ),
        "renamed": cj.compare(
            replace(outputs(scores, x, "A", "logits"), targets=wanted),
            replace(outputs(renamed, x, "B", "logits"), targets=np.argsort(order)[wanted]),
        ),
        "finer": cj.compare(outputs(learned[0], x, "A"), outputs(learned[1].sum(axis=1, keepdims=True), x, "B")),
        "other-task": cj.compare(outputs(learned[0], x, "A"), outputs(other(x)[:, :2], x, "B")),
        "unrelated-task": cj.compare(outputs(learned[0], x, "A"), outputs(elsewhere, x, "B")),
        "determine-the-input": cj.compare(
            outputs(np.column_stack([u - u**3 / 3 - v, 0.6 * (u + 0.7 - 0.8 * v)]), two.T, "A"),  # FitzHugh-Nagumo
            outputs(np.column_stack([-0.5 * u - v, u - 0.5 * v]), two.T, "B"),  # a spiral
        ),
        "not-tested": cj.compare(hidden(task(x), "A"), hidden(task(x) + 0.02 * rng.standard_normal((400, 30)), "B")),
    }


def measures() -> str:
    """Return the measures, what they promise and what to cite, from the registry."""
    lines = [
        "| id | is | symmetric | metric | larger is | unmoved by | knobs |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    cited = []
    for row in measure_rows():
        cells = [
            f"`{row['id']}`",
            row["what"].replace("|", "\\|"),
            "yes" if row["symmetric"] else "no",
            "yes" if row["metric"] else "no",
            "more alike" if row["larger_is_more_similar"] else "farther apart",
            ", ".join(row["invariances"]).replace("_", " ") or "nothing",
            ", ".join(f"`{knob}={str(value).lower()}`" for knob, value in row["knobs"].items()) or "none",
        ]
        lines.append("| " + " | ".join(cells) + " |")
        cited += [f"- `{row['id']}`: {reference}" for reference in cj.get_measure(row["id"]).references]
    return "\n".join([*lines, "", "## What to cite", "", *cited]) + "\n"


def building_blocks() -> str:
    """Return what stands behind the answers, by its module, each with its first sentence."""
    titles = {"embeddings": "Manifolds", "dynamics": "Linear dynamics", "numerics.alignment": "Alignment"}
    lines: list[str] = []
    for door, title in titles.items():
        module = importlib.import_module(f"conjugacy.{door}")
        lines += [f"### {title}", "", "| name | is |", "| --- | --- |"]
        for name in module.__all__:
            found = getattr(module, name)
            first = (inspect.getdoc(found) or "").split("\n\n")[0] if callable(found) else f"The constant `{found!r}`."
            sentence = " ".join(first.split()).replace("|", "\\|")
            lines.append(f"| `conjugacy.{door}.{name}` | {sentence} |")
        lines.append("")
    return "\n".join(lines)


def first_example() -> str:
    """Return what the first Python example of `start.md` prints."""
    found = re.search(r"```python\n(.*?)```", (HERE / "start.md").read_text(encoding="utf-8"), flags=re.DOTALL)
    if found is None:
        raise SystemExit("start.md has no Python example")
    said = io.StringIO()
    with redirect_stdout(said):
        exec(compile(found[1], "start.md", "exec", dont_inherit=True), {})
    return said.getvalue()


def write(name: str, axis: str, result: cj.Comparison) -> None:
    """Write one comparison as table and picture; its answer must be the true one."""
    verdict = getattr(result.verdict, axis)
    if verdict.answer != TRUTH[axis][name]:
        raise SystemExit(f"{name}: the answer is {verdict.answer}, and {TRUTH[axis][name]} by construction\n{result}")
    table = str(result).splitlines()[1:]
    (GENERATED / f"{name}.txt").write_text("\n".join(table) + "\n", encoding="utf-8")
    if verdict.rungs:
        result.figure("ladder", GENERATED / f"{name}.svg", axis=axis)


def main() -> None:
    """Write everything."""
    GENERATED.mkdir(exist_ok=True)
    for axis, found in (("representation", representations()), ("function", functions())):
        for name in TRUTH[axis]:
            write(name, axis, found[name])
    (GENERATED / "start.txt").write_text(first_example(), encoding="utf-8")
    (GENERATED / "measures.md").write_text(measures(), encoding="utf-8")
    (GENERATED / "building_blocks.md").write_text(building_blocks(), encoding="utf-8")
    (GENERATED / "gallery.md").write_text(gallery.page(), encoding="utf-8")


if __name__ == "__main__":
    main()
