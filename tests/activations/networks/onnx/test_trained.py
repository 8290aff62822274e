"""Networks whose trained weights ship inside packages, in several exports."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import conjugacy as cj
from conjugacy.activations.networks.onnx import OnnxNetwork

RATE, CHUNK, CONTEXT = 16000, 512, 64
ROOT = Path(__file__).parents[4]


def packaged(package: str, *parts: str) -> Path:
    """A file inside a package, which is not imported: what it needs besides may not be there."""
    found = importlib.util.find_spec(package)
    if found is None or found.origin is None:
        pytest.skip(f"{package} is not installed")
    return Path(found.origin).parent.joinpath(*parts)


def silero(name: str) -> Path:
    return packaged("silero_vad", "data", name)


@pytest.fixture(scope="module")
def sounds() -> np.ndarray:
    """Voice-like and other sounds: harmonics of changing pitch, in noise of changing strength; silence before each."""
    rng, t = np.random.default_rng(0), np.arange(CHUNK) / RATE
    found = np.zeros((48, CONTEXT + CHUNK), np.float32)
    for row in found:
        pitch, loud = rng.uniform(90, 250), rng.uniform(0, 0.3, size=12)
        voice = sum(loud[k - 1] / k * np.sin(2 * np.pi * pitch * k * t + rng.uniform(0, 6)) for k in range(1, 13))
        row[CONTEXT:] = rng.uniform(0, 1) * voice + rng.uniform(0, 0.2) * rng.normal(size=CHUNK)
    return found


def bare(name: str) -> str:
    """Names without what an exporter or an inliner put before them."""
    return re.sub(r"^.*(Inline_0__|/model)(?=/)", "", name)


def silero_layers(name: str, given: dict[str, Any]) -> dict[str, np.ndarray]:
    network = OnnxNetwork(silero(name))
    return {bare(layer): array for layer, array in network.run(given, list(network.layers())).items()}


def test_two_exports_of_silero_are_one_network_on_every_layer_and_its_predecessor_is_not(sounds: np.ndarray) -> None:
    rng = np.random.default_rng(1)
    state = rng.normal(scale=0.3, size=(len(sounds), 2, 128)).astype(np.float32)
    first = silero_layers(
        "silero_vad_16k_op15.onnx", {"input": sounds, "state": state, "sr": np.full(len(sounds), RATE)}
    )
    recorded = cj.record(silero("silero_vad_16k_op15.onnx"), {"input": sounds, "state": state, "sr": RATE})
    assert f"input 'sr' is {RATE} for every stimulus" in recorded.provenance["passes"]
    np.testing.assert_allclose(recorded.outputs.values, first["outputs"].reshape(len(sounds), -1), atol=1e-6)
    second = silero_layers(
        "silero_vad_openvino_16k.onnx", {"input": sounds, "state": state}
    )  # opset 16, one row at a time
    earlier = silero_layers("silero_vad_half.onnx", {"input": sounds, "state": state})
    common = [layer for layer in first if layer in second]
    assert len(common) >= 30
    assert {"/encoder/3/activation/Relu_output_0", "/decoder/decoder/2/Conv_output_0", "outputs"} <= set(common)
    for layer in common:
        assert first[layer].shape == second[layer].shape
        scale = np.abs(first[layer]).max()
        np.testing.assert_allclose(first[layer], second[layer], atol=1e-5 * scale, rtol=0, err_msg=layer)
    assert np.abs(first["outputs"] - earlier["outputs"]).max() > 0.1
    spectrum = "/stft/Sqrt_output_0"  # the only stage that was not trained
    np.testing.assert_allclose(first[spectrum], earlier[spectrum], atol=1e-5 * first[spectrum].max())


def test_the_state_of_silero_is_no_output_and_what_is_hidden_in_branches_is_told() -> None:
    network = OnnxNetwork(silero("silero_vad.onnx"))
    described = network.described()
    assert described["left_out"]["stateN"] == "a state"
    assert re.fullmatch(
        r"\d+ tensors inside the branches of an If, of which one runs", described["left_out"]["inside If_0"]
    )
    assert list(network.layers()) == ["If_0_outputs_0"]
    sequence = OnnxNetwork(silero("silero_vad_16k_sequence.onnx"))
    assert dict(sequence.heads.left_out) == {"hn": "a state", "cn": "a state"}
    assert dict(sequence.heads.hints) == {"outputs": ("sigmoids", "its last operator is a Sigmoid")}


def test_record_tells_that_the_rows_of_a_recurrence_over_them_influence_each_other(sounds: np.ndarray) -> None:
    zero = np.zeros((len(sounds), 1, 1, 128), np.float32)  # one for all rows, which are the chunks of one sound
    given = {"input": sounds, "h": zero, "c": zero}
    recording = cj.record(silero("silero_vad_16k_sequence.onnx"), given, ["/encoder.3/Conv_output_0"])
    assert any("rows influence each other" in note for note in recording.provenance["passes"])


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_torchscript_silero_as_a_callable_gives_the_outputs_of_its_onnx_export(sounds: np.ndarray) -> None:
    torch = pytest.importorskip("torch")
    scripted = torch.jit.load(str(silero("silero_vad.jit"))).eval()

    def voice(sound: np.ndarray) -> np.ndarray:
        scripted.reset_states()  # it keeps the last 64 samples and the state itself; before the first they are silence
        with torch.no_grad():
            return scripted(torch.as_tensor(sound[:, CONTEXT:], dtype=torch.float32), RATE).numpy()

    def exported(sound: np.ndarray) -> np.ndarray:
        state = np.zeros((len(sound), 2, 128))
        return OnnxNetwork(silero("silero_vad_16k_op15.onnx")).run({"input": sound, "state": state, "sr": RATE}, [])[
            "outputs"
        ]

    a, b = cj.record(voice, sounds), cj.record(exported, sounds)
    np.testing.assert_allclose(a.outputs.values, b.outputs.values, atol=5e-5)
    assert np.ptp(a.outputs.values) > 0.1


LINES = {
    "python": [
        "import os, sys",
        "def main(args):",
        "    return [x for x in args if x]",
        "class Net(Module):",
        "    self.a = None",
    ],
    "c": [
        "#include <stdio.h>",
        "int main(void) {",
        "  for (int i = 0; i < n; i++) {",
        "  return 0;",
        "}",
        "static char *p;",
    ],
    "javascript": [
        "const a = require('fs');",
        "function main(x) {",
        "  return x.map(y => y + 1);",
        "let n = null;",
        "});",
    ],
    "html": ["<html><body>", "<div class='a'>", "<p>Some text</p>", "</div>", "<script>let n = 1;</script>"],
    "css": ["body { margin: 0; }", ".a > p {", "  color: #fff;", "}", "@media print { .b { display: none; } }"],
    "sql": [
        "SELECT a, b FROM t",
        "WHERE a > 3 AND b IS NULL",
        "INSERT INTO t VALUES (1, 2);",
        "CREATE TABLE t (a INT);",
    ],
    "shell": ["#!/bin/sh", "set -e", "for f in *.txt; do", '  echo "$f"', "done", "export A=1"],
    "markdown": ["# Title", "- one **item**", "| a | b |", "[link](http://a.b)", "Some text about nothing."],
    "json": ['{"a": 1,', '"b": [1, 2, null],', '"c": {"d": "text"}', "}"],
    "yaml": ["a: 1", "list:", "  - b", "  - c: text", "# comment"],
    "rust": ["fn main() {", "    let mut a = vec![1, 2];", "    match a.first() {", '    println!("{}", a);', "}"],
    "csv": ["a,b,c", "1,2,3", "4,5,6", "x,y,z"],
}


def texts_as_magika_takes_them(count: int) -> np.ndarray:
    """A few lines, of two kinds of text in turn: easy ones and such that stand between two answers."""
    rng, kinds = np.random.default_rng(0), list(LINES)
    found = np.full((count, 2048), 256, np.int32)  # 256 is padding
    for row in found:
        mixed = rng.choice(kinds, size=2)
        lines = [rng.choice(LINES[mixed[int(rng.random() < 0.3)]]) for _ in range(rng.integers(2, 12))]
        content = np.frombuffer("\n".join(lines).encode(), np.uint8)
        row[: len(content)] = content
        row[2048 - len(content) :] = content
    return found


@pytest.mark.slow
def test_magika_in_int8_is_told_by_its_churn_against_magika_in_float(tmp_path: Path) -> None:
    quantization = pytest.importorskip("onnxruntime.quantization")
    whole, small = packaged("magika", "models", "standard_v3_3", "model.onnx"), tmp_path / "int8.onnx"
    quantization.quantize_dynamic(whole, small)
    x = texts_as_magika_takes_them(120)
    hidden = "jax2tf_get_logits_/pjit_get_logits_/MagikaV2/LayerNorm_1/AddV2_1:0"
    a, b = (cj.record(path, x, [hidden], batch_size=20, output_kind="probabilities") for path in (whole, small))
    decisions = [recording.outputs.values.argmax(axis=1) for recording in (a, b)]
    assert len(set(decisions[0])) > 5
    changed = np.mean(decisions[0] != decisions[1])
    found = cj.compare(a, b, controls="none").drop_in
    assert found.churn.value == pytest.approx(changed)
    assert 0 < changed < 0.15
    assert not found.bit_equal
    assert b.layers[hidden].values == pytest.approx(
        a.layers[hidden].values, abs=0.5 * np.abs(a.layers[hidden].values).max()
    )
    assert "rows influence each other" in " ".join(b.provenance["passes"]), (
        "ranges of activations are those of the batch"
    )


def test_rows_of_magika_in_float_do_not_influence_each_other() -> None:
    network, x = OnnxNetwork(packaged("magika", "models", "standard_v3_3", "model.onnx")), texts_as_magika_takes_them(3)
    layers = list(network.layers())[::8]
    together, alone = network.run(x, layers), network.run(x[:1], layers)
    for layer, array in alone.items():
        np.testing.assert_allclose(together[layer][:1], array, atol=1e-3 * np.abs(together[layer]).max(), err_msg=layer)
