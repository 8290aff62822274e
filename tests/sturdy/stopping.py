"""Write files in processes that are stopped on the way, and tell what is then under the final names.

Run as ``python stopping.py FOLDER JOB...``: everything is imported once, then each job runs in forks of its own: killed,
interrupted, again without harm, and on a full disk. Prints one JSON object per fork.
"""

from __future__ import annotations

import json
import os
import random
import resource
import shutil
import signal
import sys
import time
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout, suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

import conjugacy as cj
import conjugacy.demo
from conjugacy.activations import save
from conjugacy.cli.app import main
from conjugacy.storage.formats import endings
from conjugacy.transformations import Affine, LinearMap

NET = """import torch

def net():
    torch.manual_seed(0)
    return torch.nn.Sequential(torch.nn.Linear(4, 900), torch.nn.Tanh())
"""
FULL_AT = 2000  # bytes a file may have on the full disk


@dataclass(frozen=True)
class Job:
    """Something that writes `files` into the current folder; `tries` times it is stopped."""

    name: str
    work: Callable[[], object]
    files: tuple[str, ...]
    tries: int


def command(*words: str) -> Callable[[], object]:
    def work() -> object:
        sys.argv = ["conjugacy", *words]
        main()
        return None

    return work


def recording(value: float) -> cj.Recording:
    """Return a recording whose first number is `value`, the rest random: zeros would be compressed away."""
    values = np.random.default_rng(0).normal(size=(400, 300))
    values[0, 0] = value
    return cj.Recording({"hidden": cj.Activations(values)})


def moved(place: float) -> Affine:
    """Return a map of 200 units."""
    forward, backward = (LinearMap(np.eye(200), np.zeros(200), np.full(200, sign * place)) for sign in (1.0, -1.0))
    return Affine(forward, backward)


def jobs() -> list[Job]:
    kept = recording(2.0)
    files = [f"a{ending}" for ending in endings()]
    record = ("record", "net.py:net", "--stimuli", "x.npy", "--out", "r.npz", "--untrained", "u.npz", "--overwrite")
    demo = (
        "comparison.json",
        "comparison-other-task.json",
        "report.html",
        "digits-64.npz",
        "brightness-untrained-2.npz",
    )
    return [
        *(Job(f, lambda f=f: save(kept, f, overwrite=True), (f,), 6) for f in files),
        Job("map", lambda: moved(2.0).save("map.safetensors", overwrite=True), ("map.safetensors",), 6),
        Job("record", command(*record), ("r.npz", "u.npz"), 4),
        Job("compare", command("compare", "p.npz", "q.npz", "--report", "page.html"), ("page.html",), 3),
        Job("demo", command("demo", "--out", "."), demo, 6),
    ]


def prepare() -> None:
    """Make what the jobs read; every final name holds something old."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(60, 3))
    np.savez("p.npz", hidden=x)
    np.savez("q.npz", hidden=np.tanh(x) @ rng.normal(size=(3, 4)))
    np.save("x.npy", rng.normal(size=(300, 4)))
    Path("net.py").write_text(NET)


def old(file: str) -> None:
    path = Path(file)
    if path.suffix in (".html", ".json"):
        path.write_text("old")
    elif file.startswith("map"):
        moved(1.0).save(path, overwrite=True)
    else:
        save(recording(1.0), path, overwrite=True)


def state(file: str) -> str:
    """Say what is under a final name: absent, old, whole, or broken."""
    path = Path(file)
    if not path.exists():
        return "absent"
    try:
        if path.suffix in (".html", ".json"):
            text = path.read_text()
            if text == "old":
                return text
            if path.suffix == ".json":
                json.loads(text)
                return "whole"
            return "whole" if text.rstrip().endswith("</html>") else "broken: no end"
        if file.startswith("map"):
            return "old" if cj.Transformation.load(path)(np.zeros((1, 200)))[0, 0] == 1 else "whole"
        held = cj.load(path).layers.get("hidden")
        return "old" if held is not None and held.values[0, 0] == 1 else "whole"
    except Exception as error:
        return f"broken: {error}"


def started(job: Job, *, limit: int | None = None) -> int:
    """Run a job in a fork, with its messages in a file."""
    child = os.fork()
    if child:
        return child
    code = 99
    try:
        stream = os.open("said.txt", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(stream, 1)
        os.dup2(stream, 2)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        if limit is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
        job.work()
        code = 0
    except SystemExit as left:
        code = int(left.code or 0)
    except KeyboardInterrupt:
        code = 130
    except cj.ConjugacyError as error:
        print(error, file=sys.stderr)
        code = 2
    finally:
        os._exit(code)


def finished(child: int) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def tell(job: Job, how: str, code: int) -> None:
    beside = sorted(p.name for p in Path().iterdir() if p.name.startswith("."))
    said = {"job": job.name, "how": how, "code": code, "files": {f: state(f) for f in job.files}, "beside": beside}
    print(json.dumps({**said, "said": Path("said.txt").read_text()}), flush=True)
    if how != "SIGKILL":  # what a kill leaves beside stays for the next run to meet
        for name in beside:
            shutil.rmtree(name) if Path(name).is_dir() else Path(name).unlink()


def stop(job: Job, length: float, number: signal.Signals) -> None:
    """Run a job several times and send a signal while it runs, earlier and later."""
    moments = random.Random(0)
    for i in range(job.tries):
        for file in job.files:
            old(file)
        child = started(job)
        time.sleep(0.005 + length * (i + moments.random()) / job.tries)
        os.kill(child, number)
        tell(job, number.name, finished(child))


def report(job: Job) -> None:
    """Run a job undisturbed, which warms everything up, then stopped in every way."""
    with suppress(SystemExit), open(os.devnull, "w") as nowhere, redirect_stdout(nowhere), redirect_stderr(nowhere):
        job.work()
    begin = time.monotonic()
    finished(started(job))
    length = time.monotonic() - begin
    stop(job, length, signal.SIGINT)
    stop(job, length, signal.SIGKILL)
    tell(job, "again", finished(started(job)))  # what was left lying about is no obstacle
    for file in job.files:
        old(file)
    tell(job, "full", finished(started(job, limit=FULL_AT)))


if __name__ == "__main__":
    torch.set_num_threads(1)
    conjugacy.demo.TRAINING_IMAGES, conjugacy.demo.EPOCHS = 1700, 1  # a short demonstration
    place, *asked = sys.argv[1:]
    os.chdir(place)
    prepare()
    for one in jobs():
        if one.name in asked:
            report(one)
