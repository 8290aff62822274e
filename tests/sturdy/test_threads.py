"""Eight threads at once, forks and processes: the bits that one alone gets, and what belongs to all stays as it was."""

from __future__ import annotations

import asyncio
import hashlib
import locale
import logging
import multiprocessing
import os
import random
import signal
import subprocess
import sys
import threading
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import threadpoolctl

import conjugacy as cj
from conjugacy.numerics import process_wide
from conjugacy.numerics.process_wide import no_warnings, one_blas_thread

THREADS = 8
X = np.random.default_rng(0).normal(size=(60, 6))
ARRAYS = {f"n{i}": np.tanh(X @ np.random.default_rng(i).normal(size=(6, 5))) for i in range(3)}
pytestmark = pytest.mark.usefixtures("short_curves")


@pytest.fixture(autouse=True)
def often_switched() -> Iterator[None]:
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-4)
    yield
    sys.setswitchinterval(before)


def shared_state() -> list[Any]:
    """What all threads share: generators, filters, threads of BLAS, settings of libraries, and what belongs to the process."""
    import matplotlib as mpl
    import zarr

    numpy_state: Any = np.random.get_state(legacy=False)
    found = [random.getstate(), numpy_state["state"]["key"].tobytes(), numpy_state["state"]["pos"], np.geterr()]
    found += [
        list(warnings.filters),
        [(one["user_api"], one["num_threads"]) for one in threadpoolctl.threadpool_info()],
        zarr.config.to_dict(),
        dict(mpl.rcParams),
        (Path.cwd(), list(sys.path), locale.setlocale(locale.LC_ALL)),
        # torch notes there, when it is first asked for more, where it keeps what it compiles
        {name: value for name, value in os.environ.items() if not name.startswith("TORCHINDUCTOR")},
        [signal.getsignal(one) for one in (signal.SIGINT, signal.SIGTERM)],
        (logging.getLogger().level, list(logging.getLogger().handlers), list(logging.getLogger("conjugacy").handlers)),
    ]
    torch = sys.modules.get("torch")
    return found if torch is None else [*found, flags_of(torch)]


def flags_of(torch: Any) -> list[Any]:
    return [
        torch.get_rng_state().tolist(),
        torch.is_grad_enabled(),
        torch.is_inference_mode_enabled(),
        torch.get_default_dtype(),
        torch.get_num_threads(),
        torch.are_deterministic_algorithms_enabled(),
        torch.get_float32_matmul_precision(),
        (torch.backends.cudnn.benchmark, torch.backends.cudnn.deterministic, torch.backends.mha.get_fastpath_enabled()),
        torch.is_autocast_enabled("cpu"),
    ]


def nets(dropout: float = 0.3) -> tuple[Any, Any]:
    torch = pytest.importorskip("torch")
    torch.manual_seed(0)

    def one() -> Any:
        return torch.nn.Sequential(
            torch.nn.Linear(6, 7),
            torch.nn.Tanh(),
            torch.nn.Dropout(dropout),
            torch.nn.BatchNorm1d(7),
            torch.nn.Linear(7, 3),
        )

    return one(), one()


def digest(recording: cj.Recording) -> str:
    return hashlib.sha256(b"".join(layer.values.tobytes() for layer in recording.layers.values())).hexdigest()


def everywhere_equal(work: Callable[[int], Any]) -> None:
    alone, before = work(0), shared_state()
    with ThreadPoolExecutor(THREADS) as pool:
        found = list(pool.map(work, range(THREADS)))
    assert found == [alone] * THREADS
    assert shared_state() == before


def test_compare_from_eight_threads() -> None:
    everywhere_equal(lambda _: cj.compare(ARRAYS["n0"], ARRAYS["n1"]).to_json())


def test_record_from_eight_threads_of_one_network() -> None:
    model, _ = nets()
    model.train()
    everywhere_equal(lambda _: digest(cj.record(model, X.astype(np.float32))))
    assert all(part.training for part in model.modules())
    assert not any(part._forward_hooks for part in model.modules())


def test_pairwise_from_eight_threads(tmp_path: Path) -> None:
    def work(number: int) -> bytes:
        place = tmp_path / f"{number} {threading.get_ident()} {len(list(tmp_path.iterdir()))}"
        study = cj.pairwise(ARRAYS, measures=("cka", "procrustes"), store=place)
        assert study.unread == {}  # seen once in thousands, and then the reason counts
        table = study.to_xarray()
        return table.value.values.tobytes() + table.status.values.tobytes()

    everywhere_equal(work)


def test_figures_from_eight_threads() -> None:
    from conjugacy.report.figures.style import new_figure, to_svg

    def work(_: int) -> str:
        with new_figure(100, 80) as figure:
            figure.add_subplot().plot([0, 1], [0, 1])
            return to_svg(figure, "f-", "a line")

    everywhere_equal(work)


@pytest.mark.slow
def test_pages_from_eight_threads(tmp_path: Path) -> None:
    comparison = cj.compare(ARRAYS["n0"], ARRAYS["n1"])

    def work(number: int) -> bytes:
        path = tmp_path / f"{number}-{threading.get_ident()}.html"
        comparison.report(path)
        return path.read_bytes()

    everywhere_equal(work)


@pytest.mark.slow
def test_live_networks_from_eight_threads() -> None:
    a, b = nets()
    everywhere_equal(lambda _: cj.compare(a, b, stimuli=X.astype(np.float32)).to_json())


@pytest.mark.slow
def test_recurrent_networks_from_eight_threads() -> None:
    torch = pytest.importorskip("torch")
    torch.manual_seed(0)
    model, x = torch.nn.LSTM(4, 5, 2, batch_first=True, dropout=0.2), torch.randn(12, 9, 4)
    everywhere_equal(lambda _: digest_of_trials(cj.record(model, x, tokens="time")))


def digest_of_trials(recording: cj.Recording) -> str:
    parts = [trial.tobytes() for layer in recording.layers.values() for trial in layer.values]
    return hashlib.sha256(b"".join(parts)).hexdigest()


def in_process(_: int) -> str:
    return cj.compare(ARRAYS["n0"], ARRAYS["n1"], measures="cka").to_json()


@pytest.mark.slow
@pytest.mark.parametrize("start", ["spawn", "fork"])
def test_other_processes_find_the_same(start: str) -> None:
    """From a fresh interpreter: what other tests loaded here (JAX runs threads of its own) must not be forked."""
    code = f"import test_threads; test_threads.in_two_processes({start!r})"
    done = subprocess.run(
        [sys.executable, "-W", "ignore:.*fork:DeprecationWarning", "-c", code],
        cwd=Path(__file__).parent,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert (done.returncode, done.stdout.split()) == (0, ["same", "same"]), done.stderr


def in_two_processes(start: str) -> None:
    expected = in_process(0)
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context(start)) as pool:
        for found in pool.map(in_process, range(2)):
            print("same" if found == expected else "different")


def test_a_fork_does_not_inherit_a_lock_that_another_thread_holds() -> None:
    from conjugacy.activations.randomness import own_randomness

    held, done = threading.Event(), threading.Event()

    def hold() -> None:
        with own_randomness(seed=1), process_wide._one_thread._lock:
            held.set()
            done.wait(20)

    other = threading.Thread(target=hold)
    other.start()
    held.wait(20)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        child = os.fork()
    if not child:
        with own_randomness(seed=1), one_blas_thread():
            os._exit(7)
    done.set()
    other.join()
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7


@pytest.mark.parametrize("change", [no_warnings, one_blas_thread])
@pytest.mark.parametrize("raises", [False, True])
def test_what_threads_change_together_is_given_back_by_the_last(change: Callable[[], Any], raises: bool) -> None:
    before = shared_state()
    inside, go_on = threading.Barrier(3), [threading.Event(), threading.Event()]

    def work(event: threading.Event) -> None:
        with change():
            inside.wait(20)
            event.wait(20)
            if raises:
                raise ValueError("inside")

    with ThreadPoolExecutor(2) as pool:
        jobs = [pool.submit(work, event) for event in go_on]
        inside.wait(20)
        for job, event in zip(jobs, go_on, strict=True):  # the first that came is the first that goes
            event.set()
            assert isinstance(job.exception(20), ValueError) == raises
    assert shared_state() == before


class Stopped(Exception):
    """What a user's own code raises."""


def failing(*_: Any, **__: Any) -> Any:
    raise Stopped("a user's own code")


def interrupted(*_: Any) -> None:
    raise KeyboardInterrupt


def broken_net() -> Any:
    """A network of which the second pass fails, inside of a layer."""
    torch = pytest.importorskip("torch")
    model, _ = nets()
    passes = iter((None, None, None))

    class Breaks(torch.nn.Module):
        def forward(self, x: Any) -> Any:
            next(passes, None)
            if next(passes, 0) == 0:
                raise Stopped("inside of a layer")
            return x

    return torch.nn.Sequential(*list(model)[:2], Breaks(), *list(model)[2:])


def broken_folder(place: Path) -> Any:
    (place / "a.zarr").mkdir()
    (place / "a.zarr" / "zarr.json").write_text("{")
    return cj.load(place / "a.zarr")


FAILING: dict[str, Callable[[Path], Any]] = {
    "too few inputs": lambda _: cj.record(nets()[0], np.zeros((5, 4), np.float32)),
    "a layer": lambda _: cj.record(broken_net(), X.astype(np.float32)),
    "a layer of one of two": lambda _: cj.compare(nets()[0], broken_net(), stimuli=X.astype(np.float32)),
    "progress": lambda _: cj.compare(ARRAYS["n0"], ARRAYS["n1"], progress=failing),
    "an interrupt": lambda _: cj.compare(*nets(), stimuli=X.astype(np.float32), progress=interrupted),
    "a measure": lambda _: cj.compare(ARRAYS["n0"], ARRAYS["n1"], measures=failing),
    "an interrupted study": lambda place: cj.pairwise(ARRAYS, measures=interrupted, store=place / "s"),
    "a study of a file": lambda place: cj.pairwise(ARRAYS, measures="cka", store=Path(__file__)),
    "a file": broken_folder,
    "a page": lambda place: cj.compare(ARRAYS["n0"], ARRAYS["n1"]).report(place / "none" / "a.html"),
    "a figure": lambda place: cj.compare(ARRAYS["n0"], ARRAYS["n1"]).figure("ladder", place / "none" / "a.svg"),
}


@pytest.mark.parametrize("what", FAILING)
def test_what_belongs_to_all_comes_back_after_an_error(what: str, tmp_path: Path) -> None:
    nets()
    before = shared_state()
    with pytest.raises((cj.ConjugacyError, Stopped, KeyboardInterrupt)):
        FAILING[what](tmp_path)
    assert shared_state()[-1][1:] == before[-1][1:]  # drawing these networks moves torch's generator; ours do not
    assert shared_state()[:-1] == before[:-1]


def test_a_cell_of_a_notebook_finds_the_same(tmp_path: Path) -> None:
    """Kernels run cells in a thread whose asyncio loop is running, and what is sent away in another one beside it."""
    before = shared_state()

    def work(number: int) -> tuple[str, bytes]:
        table = cj.pairwise(ARRAYS, measures=("cka", "procrustes"), store=tmp_path / str(number)).to_xarray()
        return cj.compare(ARRAYS["n0"], ARRAYS["n1"]).to_json(), table.value.values.tobytes()

    async def cells() -> list[Any]:
        beside = asyncio.create_task(asyncio.to_thread(work, 1))
        await asyncio.sleep(0)
        return [work(2), await beside]

    alone = work(0)
    with ThreadPoolExecutor(1) as kernel:
        assert kernel.submit(asyncio.run, cells()).result() == [alone] * 2
    assert shared_state() == before
