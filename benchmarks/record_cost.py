"""What recording a large network costs: peak memory and time, against the plain forward pass.

By default there are four layers of 4096 units in bfloat16 on 4000 stimuli. Each way runs in its own process, on one thread:

    forward   the network alone, its outputs kept
    streamed  every layer handed to `streamed_layers`, batch by batch
    record    `record(..., to=path)`, where there is such a thing; else `record` and `save`
    load      `load` of what was streamed
    compare   `load`, and one layer read as float64

`peak` is the largest resident memory of the process, `own` what it has beyond the same process before the network is made.
Run: python benchmarks/record_cost.py [stimuli] [units]
"""

from __future__ import annotations

import contextlib
import importlib
import inspect
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

BATCH = 256
LAYERS = 4
WAYS = ("forward", "streamed", "record", "load", "compare")
MIB = 2**20


def network(units: int) -> Any:
    """Return so many wide layers and a narrow output, in bfloat16."""
    import torch

    torch.manual_seed(0)
    hidden = [part for _ in range(LAYERS) for part in (torch.nn.Linear(units, units), torch.nn.ReLU())]
    return torch.nn.Sequential(*hidden, torch.nn.Linear(units, 10)).bfloat16().eval()


def stimuli(count: int, units: int) -> Any:
    """Return normal stimuli in bfloat16."""
    import torch

    return torch.randn(count, units, generator=torch.Generator().manual_seed(1), dtype=torch.bfloat16)


def forward(model: Any, x: Any, _: Path) -> None:
    """Run the network and keep its outputs."""
    import torch

    with torch.no_grad():
        torch.cat([model(batch) for batch in x.split(BATCH)])


def streamed(model: Any, x: Any, path: Path) -> None:
    """Write each wide layer as it runs."""
    import torch

    from conjugacy.storage.streamed import streamed_layers

    with streamed_layers(path, overwrite=True) as sink, torch.no_grad(), contextlib.ExitStack() as hooks:
        for at in range(0, 2 * LAYERS, 2):

            def keep(module: Any, given: Any, found: Any, name: str = str(at)) -> None:
                sink.append(name, found)

            hooks.callback(model[at].register_forward_hook(keep).remove)
        for batch in x.split(BATCH):
            sink.append("outputs", model(batch))
        sink.finish({"name": "net"}, {"stimuli": range(len(x))})


def recorded(model: Any, x: Any, path: Path) -> None:
    """Use the front door."""
    import conjugacy as cj
    from conjugacy.activations import save

    record: Any = cj.record  # whose `to` is younger than this file
    names = [str(at) for at in range(0, 2 * LAYERS, 2)]
    ids = list(range(len(x)))
    if "to" in inspect.signature(record).parameters:
        record(model, x, names, ids=ids, batch_size=BATCH, to=path, overwrite=True)
    else:
        save(record(model, x, names, ids=ids, batch_size=BATCH), path, overwrite=True)


def peak() -> int:
    """Return the largest resident memory of this process, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // (MIB if sys.platform == "darwin" else 1024)


def measure(way: str, count: int, units: int, path: Path) -> str:
    """Run one way and say what it took."""
    import torch

    torch.set_num_threads(1)
    import conjugacy as cj

    for heavy in ("conjugacy.activations", "zarr", "safetensors"):
        importlib.import_module(heavy)  # before anything is counted
    before = peak()
    if way in ("load", "compare"):
        start = time.perf_counter()
        recording = cj.load(path)
        if way == "compare":
            np.mean(recording.layers["4"].values)
    else:
        model, x = network(units), stimuli(count, units)
        start = time.perf_counter()
        {"forward": forward, "streamed": streamed, "record": recorded}[way](model, x, path)
    return f"{time.perf_counter() - start:.2f} {peak()} {peak() - before}"


def main(count: int, units: int) -> None:
    """Run every way in a process of its own and print a line for each."""
    folder = Path(tempfile.mkdtemp())
    raw = count * (LAYERS * units + 10) * 2 / MIB
    print(
        f"{count} stimuli, {LAYERS} layers of {units} units, bfloat16: {raw:.0f} MiB of activations, batches of {BATCH}"
    )
    print(f"{'way':10}{'seconds':>9}{'x forward':>11}{'peak MiB':>10}{'own MiB':>9}")
    plain = 0.0
    for way in WAYS:
        path = folder / ("record.zarr" if way == "record" else "streamed.zarr")
        ran = [sys.executable, __file__, way, str(count), str(units), str(path)]
        seconds, most, own = subprocess.run(ran, capture_output=True, text=True, check=True).stdout.split()
        plain = plain or float(seconds)
        print(f"{way:10}{float(seconds):9.2f}{float(seconds) / plain:11.2f}{most:>10}{own:>9}", flush=True)
    size = sum(file.stat().st_size for file in (folder / "streamed.zarr").rglob("*") if file.is_file())
    print(f"on disk: {size / MIB:.0f} MiB")


if __name__ == "__main__":
    if len(sys.argv) > 1 and sys.argv[1] in WAYS:
        print(measure(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), Path(sys.argv[4])))
    else:
        main(*(int(given) for given in (sys.argv[1:] or ("4000", "4096"))))
