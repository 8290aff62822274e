"""May magika in int8 be shipped in place of magika in float? A release gate on a trained network and files of known kind.

pip install --no-deps magika==1.0.3
pip install onnx onnxruntime
python examples/real/file_kinds.py [--quick] [--out DIR] [--seed N]

The package (Apache-2.0, 3 MB) tells the kind of a file from its bytes. It ships one network, in float32 and no int8. So the int8
network is made here, by onnxruntime's dynamic quantisation. A third copy, whose weights are rounded to 2 bits, is one that must
not pass. The files are of 20 kinds and made here, so the right answer is known. They are shown one at a time, as the package
does: the ranges of int8 are those of a batch, so a file's answer would otherwise depend on the files beside it.
"""

from __future__ import annotations

import json
import logging
import tempfile
from pathlib import Path

import numpy as np
from common import Experiment, Package, plt, start
from kinds import KINDS, files

import conjugacy as cj

PACKAGE = Package("magika", "1.0.3", "Apache-2.0", 3)
LAYER = "jax2tf_get_logits_/pjit_get_logits_/MagikaV2/LayerNorm_1/AddV2_1:0"  # what the last layer reads
CHURN = "churn<0.05"


def rounded(path: Path, bits: int, to: Path) -> Path:
    """Write a copy of a network whose matrices of weights are rounded to so many bits."""
    import onnx
    from onnx import numpy_helper

    model = onnx.load(path)
    for one in model.graph.initializer:
        weights = numpy_helper.to_array(one)
        if weights.dtype == np.float32 and min(weights.shape[:2], default=1) > 1:
            step = np.abs(weights).max() / 2 ** (bits - 1)
            one.CopyFrom(numpy_helper.from_array((np.round(weights / step) * step).astype(np.float32), one.name))
    onnx.save(model, to)
    return to


def quantised(path: Path, to: Path) -> Path:
    """Write a copy in int8, as onnxruntime makes it from the weights alone."""
    from onnxruntime.quantization import quantize_dynamic

    logging.getLogger().setLevel(logging.ERROR)  # it advises a step that folds constants
    quantize_dynamic(path, to)
    return to


def together_and_alone(path: Path, x: np.ndarray) -> float:
    """Return by how much a file's answers change with the files beside it, at most."""
    alone, together = (cj.record(path, x, [LAYER], batch_size=size).outputs.values for size in (1, len(x)))
    return float(np.abs(alone - together).max())


def draw(
    experiment: Experiment, rights: dict[str, np.ndarray], kinds: np.ndarray, churns: dict[str, list[float]]
) -> None:
    """Draw the share of every kind that each network gets right, and how many decisions change."""
    figure, (by_kind, changes) = plt.subplots(
        1, 2, figsize=(10, 3.8), width_ratios=(3, 1), sharey=False, layout="constrained"
    )
    for (name, right), marker in zip(rights.items(), "ox^", strict=True):
        by_kind.plot(KINDS, [right[kinds == kind].mean() for kind in KINDS], marker, label=name, alpha=0.8)
    by_kind.tick_params(axis="x", rotation=60)
    by_kind.set(title="files whose kind is told right", ylabel="share", ylim=(-0.03, 1.03))
    by_kind.legend(fontsize=8)
    for i, (value, low, high) in enumerate(churns.values()):
        changes.errorbar(i, value, [[value - low], [high - value]], fmt="o", color="#0072b2", capsize=4)
    changes.axhline(0.05, color="#565d68", linestyle=":")
    changes.set_xticks(range(len(churns)), list(churns))
    changes.set(
        title="decisions that change", ylabel="share, with bounds", xlim=(-0.5, len(churns) - 0.5), ylim=(-0.03, 1)
    )
    experiment.save(figure, "file_kinds.png")


def main() -> None:
    """Run the experiment."""
    experiment = start("File kinds: may magika in int8 be shipped")
    folder = PACKAGE.folder("onnx", "onnxruntime") / "models" / "standard_v3_3"
    experiment.report("package", PACKAGE.said())
    shipped = sorted(path.name for path in folder.glob("*.onnx"))
    experiment.line("networks that the package ships", "one, in float32", ", ".join(shipped), shipped == ["model.onnx"])
    known = json.loads((folder / "config.min.json").read_text(encoding="utf-8"))["target_labels_space"]
    per_seed = 160 if experiment.quick else 400
    made = [files(per_seed, seed) for seed in experiment.seeds]
    x, kinds = np.concatenate([one for one, _ in made]), np.concatenate([kind for _, kind in made])
    targets = np.array([known.index(kind) for kind in kinds])
    with tempfile.TemporaryDirectory() as place:
        paths = {
            "float": folder / "model.onnx",
            "int8": quantised(folder / "model.onnx", Path(place, "int8.onnx")),
            "2 bits": rounded(folder / "model.onnx", 2, Path(place, "rounded.onnx")),
        }
        sizes = {name: path.stat().st_size / 2**20 for name, path in paths.items()}
        found = {
            name: cj.record(path, x, [LAYER], ids=np.arange(len(x)), targets=targets, batch_size=1, name=name,
                            output_kind="probabilities")
            for name, path in paths.items()
        }  # fmt: skip
        depends = {name: together_and_alone(paths[name], x[:20]) for name in ("float", "int8")}
    chosen = {name: one.outputs.values.argmax(axis=1) for name, one in found.items()}
    rights = {name: one == targets for name, one in chosen.items()}
    experiment.line(
        f"kinds told right, {len(x)} files",
        "float over 90 %: the package says about 99 % on files of its own kinds",
        ", ".join(f"{name} {one.mean():.1%}" for name, one in rights.items()),
        rights["float"].mean() > 0.9,
    )
    experiment.report("size in MB", ", ".join(f"{name} {size:.1f}" for name, size in sizes.items()))
    experiment.line(
        "a file's answers with 19 others beside it, and alone: largest difference",
        "int8 over ten times that of float, which only rounds: its ranges are those of the batch",
        f"float {depends['float']:.1g}, int8 {depends['int8']:.1g}",
        10 * depends["float"] < depends["int8"],
    )
    gates, churns = {}, {}
    for name in ("int8", "2 bits"):
        gates[name] = {
            wanted: cj.gate(found["float"], found[name], require=wanted) for wanted in ("drop-in=yes", CHURN)
        }
        change = gates[name]["drop-in=yes"].drop_in.churn
        churns[name] = [change.value, change.low, change.high]
        counted = float(np.mean(chosen["float"] != chosen[name]))
        experiment.line(
            f"decisions that change with {name}",
            f"{counted:.2%}, counted by hand",
            f"{change.value:.2%} [{change.low:.2%}, {change.high:.2%}]",
            abs(change.value - counted) < 1e-12,
        )
    experiment.line(
        f"gate {CHURN}: int8, 2 bits",
        "passed, failed",
        ", ".join(gates[name][CHURN].outcome for name in gates),
        [gates[name][CHURN].outcome for name in gates] == ["passed", "failed"],
    )
    experiment.line(
        "gate drop-in=yes: 2 bits",
        "failed",
        gates["2 bits"]["drop-in=yes"].outcome,
        gates["2 bits"]["drop-in=yes"].outcome == "failed",
    )
    asked = gates["int8"]["drop-in=yes"]
    experiment.report("gate drop-in=yes: int8", f"{asked.outcome}: {asked.conditions[0].why}")
    whole = cj.compare(found["float"], found["int8"], layers=LAYER, controls="none", seed=experiment.seed)
    inside = whole.verdict.representation
    identity = inside.rung_result("identity")
    experiment.line(
        "the layer that the last one reads, float and int8",
        "the same units, up to what 8 bits lose (identity)",
        f"{inside.rung}; unexplained without any map {identity.a_to_b.unexplained:.2%} and {identity.b_to_a.unexplained:.2%}",
        inside.rung == "identity",
    )
    draw(experiment, rights, kinds, churns)
    experiment.numbers.update(
        sizes=sizes, churn=churns, right={name: float(one.mean()) for name, one in rights.items()}
    )
    experiment.finish()


if __name__ == "__main__":
    main()
