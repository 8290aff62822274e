"""Shared by the audit of silero-vad: sounds like speech, made here, and every kind of its files as one function of sounds."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from scipy.signal import lfilter
from torch.nn import functional

RATE, CHUNK, CONTEXT, UNITS = 16_000, 512, 64, 128
SECONDS = 2.0
VOWELS = np.array([[730, 1090, 2440], [270, 2290, 3010], [300, 870, 2240], [530, 1840, 2480], [570, 840, 2410]])
Hears = Callable[[np.ndarray], np.ndarray]
"""From sounds (sounds, samples) to the probability of speech in every chunk (sounds, chunks)."""


def syllable(rng: np.random.Generator, pitch: float) -> np.ndarray:
    """Return a buzz of gliding pitch through the three resonances of a vowel, often with a hiss before it."""
    m = int(rng.uniform(0.12, 0.35) * RATE)
    t = np.arange(m) / m
    f0 = pitch * 2 ** (rng.uniform(-0.3, 0.3) + rng.uniform(-0.3, 0.3) * t)
    buzz = np.diff(np.floor(np.cumsum(f0) / RATE), prepend=0.0) + 0.02 * rng.standard_normal(m)
    voice = np.zeros(m)
    for i, place in enumerate(VOWELS[rng.integers(len(VOWELS))] * rng.uniform(0.9, 1.15)):
        r = np.exp(-np.pi * (80 + 20 * i) / RATE)
        back = [1.0, -2 * r * np.cos(2 * np.pi * place / RATE), r * r]
        voice += lfilter([sum(back)], back, buzz) / (1 + i)
    voice *= np.minimum(1, 8 * np.minimum(t, 1 - t)) / np.abs(voice).max()
    if rng.random() < 0.3:
        hiss = int(0.08 * RATE)
        voice = np.concatenate([0.1 * np.diff(rng.standard_normal(hiss + 1)) * np.hanning(hiss), voice])
    return voice


def sounds(count: int, seed: int) -> np.ndarray:
    """Return syllables with pauses, at some loudness in some noise, (count, samples)."""
    rng, n = np.random.default_rng(seed), int(SECONDS * RATE) // CHUNK * CHUNK
    found = np.zeros((count, n))
    for sound in found:
        pitch, at = rng.uniform(90, 240), 0
        while at < n:
            at += int(rng.exponential(0.25) * RATE * (rng.random() < 0.35))
            part = syllable(rng, pitch)[: max(n - at, 0)]
            sound[at : at + len(part)] += part
            at += len(part)
        sound[:] = rng.uniform(0.05, 0.5) * sound + 10 ** rng.uniform(-4, -1.3) * rng.standard_normal(n)
    return found.astype(np.float32)


def frames(waves: np.ndarray) -> np.ndarray:
    """Return chunks with the end of the chunk before, as the package gives them to a network, (sounds, chunks, 576)."""
    chunks = waves.reshape(len(waves), -1, CHUNK)
    before = np.concatenate([np.zeros_like(chunks[:, :1, -CONTEXT:]), chunks[:, :-1, -CONTEXT:]], axis=1)
    return np.concatenate([before, chunks], axis=2)


def exported(path: Path) -> Hears:
    """Return an ONNX file as a function from sounds to probabilities, (sounds, chunks)."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.log_severity_level = 1, 3  # it warns of weights that no operator uses
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    inputs = {one.name: one.shape for one in session.get_inputs()}
    if "h" in inputs:  # takes all chunks of one sound at a time
        zero = np.zeros((1, 1, UNITS), np.float32)
        return lambda waves: np.stack([session.run(None, {"input": x, "h": zero, "c": zero})[0] for x in frames(waves)])

    def hear(x: np.ndarray) -> np.ndarray:
        state, found = np.zeros((2, len(x), UNITS), np.float32), list[np.ndarray]()
        for chunk in x.swapaxes(0, 1):
            given = {"input": chunk, "state": state, "sr": np.array(RATE)}
            voice, state = session.run(None, {name: given[name] for name in inputs})
            found.append(voice[:, 0])
        return np.stack(found, axis=1)

    if inputs["input"][0] == 1:
        return lambda waves: np.concatenate([hear(x[None]) for x in frames(waves)])
    return lambda waves: hear(frames(waves))


def scripted(path: Path) -> Hears:
    """Return the TorchScript file likewise; it keeps context and state itself."""
    network = torch.jit.load(str(path)).eval()

    def hear(waves: np.ndarray) -> np.ndarray:
        network.reset_states()
        with torch.no_grad():
            parts = [network(torch.from_numpy(x), RATE)[:, 0] for x in np.split(waves, waves.shape[1] // CHUNK, axis=1)]
        return torch.stack(parts, dim=1).numpy()

    return hear


class Described(torch.nn.Module):
    """The network that `tinygrad_model.py` in the package describes, with the bare weights that it says to load."""

    def __init__(self, weights: dict[str, np.ndarray]) -> None:
        super().__init__()
        self.cell = torch.nn.LSTMCell(UNITS, UNITS)
        known = {name: torch.from_numpy(one) for name, one in weights.items()}
        self.cell.load_state_dict(
            {n.removeprefix("lstm_cell."): w for n, w in known.items() if n.startswith("lstm_cell.")}
        )
        self.basis, self.last = known["stft_conv.weight"], (known["final_conv.weight"], known["final_conv.bias"])
        self.convs = [(known[f"conv{i}.weight"], known[f"conv{i}.bias"], 2 if i in (2, 3) else 1) for i in (1, 2, 3, 4)]

    def forward(self, x: torch.Tensor, state: tuple[torch.Tensor, torch.Tensor] | None) -> tuple[torch.Tensor, Any]:
        """Return the probabilities of one chunk of every sound, (sounds,), and the states."""
        both = functional.conv1d(functional.pad(x[:, None], (0, CONTEXT), "reflect"), self.basis, stride=128)
        x = (both[:, : both.shape[1] // 2] ** 2 + both[:, both.shape[1] // 2 :] ** 2).sqrt()
        for weights, bias, stride in self.convs:
            x = functional.conv1d(x, weights, bias, stride, padding=1).relu()
        state = self.cell(x[:, :, 0], state)
        return functional.conv1d(state[0][:, :, None].relu(), *self.last).sigmoid()[:, 0, 0], state


def weights_of(script: Path) -> dict[str, np.ndarray]:
    """Return the weights of the TorchScript file under the names that the file of bare weights has."""
    found = {name: one.detach().numpy() for name, one in torch.jit.load(str(script)).state_dict().items()}
    own = {"stft_conv.weight": found["_model.stft.forward_basis_buffer"]}
    own |= {
        f"{name}.{part}": found[f"_model.{there}.{part}"]
        for name, there in (
            *((f"conv{i + 1}", f"encoder.{i}.reparam_conv") for i in range(4)),
            ("final_conv", "decoder.decoder.2"),
        )
        for part in ("weight", "bias")
    }
    cell = (f"{kind}_{side}" for kind in ("weight", "bias") for side in ("ih", "hh"))
    return own | {f"lstm_cell.{part}": found[f"_model.decoder.rnn.{part}"] for part in cell}


def described(weights: dict[str, np.ndarray]) -> Hears:
    """Return bare weights likewise."""
    network = Described(weights)

    def hear(waves: np.ndarray) -> np.ndarray:
        state, found = None, list[torch.Tensor]()
        with torch.no_grad():
            for chunk in torch.from_numpy(frames(waves)).unbind(1):
                voice, state = network(chunk, state)
                found.append(voice)
        return torch.stack(found, dim=1).numpy()

    return hear


def floats(path: Path) -> list[np.ndarray]:
    """Return the arrays of floating-point weights in a graph and in its branches."""
    import onnx
    from onnx import numpy_helper

    def walk(graph: onnx.GraphProto) -> list[onnx.TensorProto]:
        found = list(graph.initializer)
        for node in graph.node:
            for one in node.attribute:
                found += [one.t] if one.HasField("t") else []
                found += walk(one.g) if one.HasField("g") else []
        return found

    arrays = [numpy_helper.to_array(one) for one in walk(onnx.load(path).graph)]
    return [one for one in arrays if one.dtype.kind == "f" and one.size > 1]


def shared_weights(of: list[np.ndarray], among: list[np.ndarray]) -> float:
    """Return which share of the numbers stands in the other file too, as arrays of as many numbers in whatever shape."""

    def numbers(one: np.ndarray) -> bytes:
        return np.sort(one.ravel()).tobytes()  # exporters transpose, and put the gates of a cell in another order

    known = {numbers(one) for one in among}
    return sum(one.size for one in of if numbers(one) in known) / sum(one.size for one in of)
