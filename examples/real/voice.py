"""Which files of silero-vad 6.2.3 hold the same network? Its exports, audited on sounds that are made here.

pip install --no-deps silero-vad==6.2.3
pip install onnx onnxruntime
python examples/real/voice.py [--quick] [--out DIR] [--seed N]

The package (MIT, 8 MB) tells speech from silence. It ships one TorchScript file, six ONNX files and one file of bare weights, and
does not say how they are related. Here all of them hear the same sounds, syllables with pauses in noise, 32 ms at a time, and
carry their own states. The bare weights run in a network written from the package's `tinygrad_model.py`. With the weights of
the TorchScript file in their place, it must give that file's answers.

Expected is that files of one release agree up to rounding. Two do not. What is called half holds float32, and is the network of
release 5.1.2. The bare weights are a third network. `findings/silero_vad_two_other_networks.sh` compares the packages. How much
these networks differ on recorded speech cannot be told from sounds that are made.
"""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
from common import Experiment, Package, plt, start
from safetensors.numpy import load_file
from silero import (
    CHUNK,
    RATE,
    UNITS,
    described,
    exported,
    floats,
    frames,
    scripted,
    shared_weights,
    sounds,
    weights_of,
)

import conjugacy as cj
from conjugacy.results import Change

PACKAGE = Package("silero-vad", "6.2.3", "MIT", 8)
REFERENCE, OLDER, BARE = "silero_vad_16k_op15.onnx", "silero_vad_half.onnx", "silero_vad_16k.safetensors"
SCRIPT, MOVED = "silero_vad.jit", "its weights in place of the bare ones"
STRANGERS = (OLDER, BARE)
ONE_AT_A_TIME = "silero_vad_openvino_16k.onnx"
SPEECH, ROUNDING, SMALLEST = 0.5, 1e-4, 1e-8  # of a probability


def recording(voice: np.ndarray, name: str) -> cj.Recording:
    """Return probabilities as a recording: one row for each chunk, and chunks of one sound belong together."""
    sound, chunk = (one.ravel() for one in np.indices(voice.shape))
    layer = cj.Activations(
        voice.reshape(-1, 1), stimuli=[f"{i}/{j}" for i, j in zip(sound, chunk, strict=True)], groups=sound
    )
    return cj.Recording(layers={"outputs": layer}, name=name, output_kind="sigmoids")


def layers_apart(folder: Path, waves: np.ndarray, other: str) -> dict[str, float]:
    """Return how far the layers of another file are from the reference's, at most, over the layer's largest value."""
    x = frames(waves)[:, 30]
    given = {"input": x, "state": np.zeros((len(x), 2, UNITS), np.float32)}
    a = cj.record(folder / REFERENCE, {**given, "sr": np.full(len(x), RATE)}).layers
    b = cj.record(folder / other, given).layers
    plain = {re.sub(r"^.*Inline_0__|^/model", "", name): layer.values for name, layer in b.items()}
    pairs = {re.sub("^/model", "", name): layer.values for name, layer in a.items()}
    return {
        name: float(np.abs(values - plain[name]).max() / np.abs(values).max())
        for name, values in pairs.items()
        if name in plain and plain[name].shape == values.shape
    }


def audit_files(experiment: Experiment, folder: Path) -> None:
    """Compare what the files hold, before anything runs."""
    reference, older, weights = (
        floats(folder / REFERENCE),
        floats(folder / OLDER),
        list(load_file(folder / BARE).values()),
    )
    types = {path.name: sorted({str(one.dtype) for one in floats(path)}) for path in folder.glob("*.onnx")}
    here = f"{types[OLDER]}; all ONNX files: {sorted({kind for kinds in types.values() for kind in kinds})}"
    experiment.line(
        f"type of the weights in {OLDER}", "by its name float16; float32", here, types[OLDER] == ["float32"]
    )
    of = {BARE: weights, OLDER: older, ONE_AT_A_TIME: floats(folder / ONE_AT_A_TIME)}
    same = {name: shared_weights(one, reference) for name, one in of.items()}
    experiment.line(
        f"numbers of {BARE}, {OLDER} and {ONE_AT_A_TIME} that stand in {REFERENCE}",
        "by their names nearly all; of the first two only the spectrum, which is not trained",
        ", ".join(f"{one:.1%}" for one in same.values()),
        max(same[BARE], same[OLDER]) < 0.25 and same[ONE_AT_A_TIME] > 0.99,
    )
    experiment.numbers["weights"] = {"types": types, "in the reference": same}


def main() -> None:
    """Run the experiment."""
    experiment = start("Voice: which files of silero-vad hold the same network")
    folder = PACKAGE.folder("onnx", "onnxruntime") / "data"
    experiment.report("package", PACKAGE.said())
    audit_files(experiment, folder)
    script = folder / "silero_vad.jit"
    hears = {SCRIPT: scripted(script), MOVED: described(weights_of(script)), BARE: described(load_file(folder / BARE))}
    hears |= {path.name: exported(path) for path in sorted(folder.glob("*.onnx"))}
    apart: dict[str, list[float]] = {name: [] for name in hears}
    decided: dict[str, list[str]] = {name: [] for name in hears}
    changed: dict[str, list[Change]] = {name: [] for name in hears}
    deep: dict[str, list[dict[str, float]]] = {ONE_AT_A_TIME: [], OLDER: []}
    for seed in experiment.seeds:
        waves = sounds(120 if experiment.quick else 240, seed)
        voices = {name: hear(waves) for name, hear in hears.items()}
        found = {name: recording(voice, name) for name, voice in voices.items()}
        for name, voice in voices.items():
            apart[name].append(float(np.abs(voice - voices[REFERENCE]).max()))
            gate = cj.gate(found[REFERENCE], found[name])
            decided[name].append(gate.outcome)
            changed[name].append(gate.drop_in.churn)
        if seed == experiment.seed:
            whole = {name: cj.compare(found[REFERENCE], found[name], seed=seed) for name in STRANGERS}
            tasks = {name: one.verdict.function.answer for name, one in whole.items()}
        for other, kept in deep.items():
            kept.append(layers_apart(folder, waves, other))
    others = [name for name in hears if name not in (REFERENCE, *STRANGERS)]
    worst, least = max(max(apart[name]) for name in others), min(min(apart[name]) for name in STRANGERS)
    experiment.line(
        f"largest difference of a probability from {REFERENCE}: {len(others)} others; {' and '.join(STRANGERS)}",
        f"rounding, below {ROUNDING:g}; over .1, in every seed",
        f"{worst:.1g}; at least {least:.2g}",
        worst < ROUNDING and least > 0.1,
    )
    passed, failed = ({one for name in names for one in decided[name]} for names in (others, STRANGERS))
    experiment.line(
        "may it stand in for the reference: the gate's answers on other exports, and on the two",
        "passed; failed, in every seed",
        f"{', '.join(passed)}; {', '.join(failed)}",
        passed == {"passed"} and failed == {"failed"},
    )
    same = [one for found in deep[ONE_AT_A_TIME] for one in found.values()]
    experiment.line(
        f"layers of {ONE_AT_A_TIME}, largest difference over the layer's largest value",
        "all that have a name in both, below 1e-5",
        f"{max(same):.1g} in {len(deep[ONE_AT_A_TIME][0])} layers",
        max(same) < 1e-5,
    )
    equal = [{name for name, one in found.items() if one < 1e-5} for found in deep[OLDER]]
    experiment.line(
        f"layers of {OLDER} that are the reference's",
        "the spectrum, which is not trained, and none behind it",
        f"{sorted(equal[0])} of {len(deep[OLDER][0])}",
        all(equal) and all(name.startswith("/stft") for found in equal for name in found),
    )
    for name in STRANGERS:
        shares = ", ".join(f"{one.value:.0%} [{one.low:.0%}, {one.high:.0%}]" for one in changed[name])
        experiment.report(f"decisions that change with {name}, by seed", shares)
        experiment.report(f"same task as the reference, on these sounds (first seed): {name}", tasks[name])
    draw(experiment, voices, apart)
    experiment.numbers.update(apart=apart, gate=decided, layers=deep)
    experiment.finish()


def draw(experiment: Experiment, voices: dict[str, np.ndarray], apart: dict[str, list[float]]) -> None:
    """Draw what three files hear in one sound, and how far every file is from the reference."""
    figure, (heard, bars) = plt.subplots(1, 2, figsize=(10, 3.6), layout="constrained")
    loudest = int(np.argmax(voices[REFERENCE].max(axis=1) - voices[REFERENCE].min(axis=1)))
    t = np.arange(voices[REFERENCE].shape[1]) * CHUNK / RATE
    for name, colour in ((REFERENCE, "#0072b2"), (OLDER, "#c14d00"), (BARE, "#6b4c9a")):
        heard.plot(t, voices[name][loudest], color=colour, label=name)
    heard.axhline(SPEECH, color="#565d68", linestyle=":")
    heard.set(title="one sound, three networks", xlabel="seconds", ylabel="probability of speech", ylim=(-0.02, 1.02))
    heard.legend(fontsize=8)
    names = [name for name in apart if name != REFERENCE]
    bars.barh(
        names,
        [max(*apart[name], SMALLEST) for name in names],
        color=["#c14d00" if n in STRANGERS else "#0072b2" for n in names],
    )
    bars.axvline(ROUNDING, color="#565d68", linestyle=":")
    bars.set(xscale="log", xlim=(SMALLEST / 2, 2), title="largest difference from the reference")
    bars.set_xlabel(f"of a probability; the reference is {REFERENCE}", fontsize=8)
    bars.tick_params(axis="y", labelsize=8)
    experiment.save(figure, "voice.png")


if __name__ == "__main__":
    main()
