"""Compare many networks, two by two: one labelled table per measure, on one machine or a cluster, resumed where it stopped."""

from __future__ import annotations

import os
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from conjugacy.asked import place, whole_number
from conjugacy.comparison.setup import Progress
from conjugacy.data import Layers
from conjugacy.errors import InputError
from conjugacy.numerics.device import on_device
from conjugacy.study.saved import contents
from conjugacy.study.scratch import Scratch
from conjugacy.study.study import Study
from conjugacy.study.work.budget import Budget, parse_memory
from conjugacy.study.work.executors import executor as open_executor
from conjugacy.study.work.ledger import Ledger, joined, locked
from conjugacy.study.work.networks import StudyNetwork, find_networks, passed_over
from conjugacy.study.work.prepared import Reading
from conjugacy.study.work.representatives import Joining, by_representatives
from conjugacy.study.work.run import Run
from conjugacy.study.work.sheets import pairs_asked, seeded_measures, with_rows
from conjugacy.told import teller

Who = tuple[list[StudyNetwork], list[StudyNetwork] | None, dict[str, list[str]]]
"""The networks of the rows; those of the columns, where they are others; both lists by name."""


def pairwise(
    recordings: Any,
    *,
    measures: Any = ("verdict",),
    against: Any = None,
    within: bool = False,
    representatives: int = 0,
    layers: Layers = None,
    executor: str = "serial",
    workers: int | None = None,
    scheduler: Any = None,
    store: str | os.PathLike[str] | None = None,
    memory: float | str | None = None,
    draws: int = 0,
    seed: int = 0,
    rows: str | None = None,
    output_layer: str | None = None,
    output_kind: str | None = None,
    shape: str | None = None,
    reducer: str | None = None,
    device: Any = None,
    progress: Progress | None = None,
) -> Study:
    """Compare every network with every other, or with those of another list.

    Parameters
    ----------
    recordings : folder, list of recordings, arrays or paths, or mapping from names to them
        The networks, all on the same stimuli or trials; they are read one at a time.
    measures : str, Measure, callable, or sequence of these
        Ids of measures, `verdict` among them, configured measures, or functions of two arrays (m, n) that return a number.
        Functions, and measures that no package names, need a study without `store` and with the executor `serial`.
    against : like `recordings`, optional
        The networks of the columns. Default: compare every network with every other.
    within : bool
        With `against`, compare the networks of each list with each other too: `Study.contrast()` can then test whether the two
        lists differ more than networks of one list do.
    representatives : int
        For thousands of networks, and one measure that gives answers: compare every network with representatives of so many
        classes that it is nearest to, in place of all others; 3 is a good number, 0 compares all pairs. What is not compared
        stays `missing`, and the notes count it, and tell how pairs answered that were drawn from the classes.
    layers : str, (str, str), or list of these, optional
        A name is the layer of that name in all networks; a tuple is (layer of the row's network, layer of the column's); a list
        holds several. Default: every network's deepest hidden layer that does not merely repeat its outputs.
    executor : {"serial", "joblib", "dask"}
        Where to work: in this process, on the cores of this machine, on a Dask cluster.
    workers : int, optional
        Processes of joblib, or of a Dask cluster made here.
    scheduler : str or distributed.Client, optional
        A running Dask cluster; its workers must see the recordings and the store under the same paths.
    store : path, optional
        Folder for results and prepared networks. Pairs that it holds are not compared again; you can add networks, measures
        or layers.
    memory : float or str, optional
        Most bytes to use in all, such as 4e9 or "4 GB". Default: 60 % of free memory.
    draws : int
        Shuffles and halves of the rows for p and interval of measures that have none of their own; at least 20, or 0 for none.
    seed : int
        Seeds the measures that draw at random.
    rows : {"series", "independent"}, optional
        For verdicts: whether rows are a series, or their order means nothing. Default, without groups: detect it.
    output_layer, output_kind, shape, reducer : optional
        How recordings are read, as in `load`.
    device : str or torch.device, optional
        Do the heavy products and factorisations on this device of torch, such as `cuda`, in this process and in all workers.
        Numbers move by rounding alone. Default: numpy.
    progress : callable, optional
        A function that is called with a sentence now and then.

    Returns
    -------
    Study

    Raises
    ------
    InputError
        If an argument cannot be used, the store was made with other settings, another process is using it, or the disk is full;
        what is done is kept.

    Examples
    --------
    >>> import numpy as np, conjugacy as cj
    >>> x = np.random.default_rng(0).normal(size=(100, 4))
    >>> study = cj.pairwise({"a": x, "b": 2 * x, "c": x**2}, measures=["cka"])
    >>> study.table().round(2).tolist()[0][:2]
    [1.0, 1.0]
    """
    tell: Progress = teller(progress)
    with ExitStack() as stack:
        stack.enter_context(on_device(device))
        folder = place("store", store) if store is not None else Path(stack.enter_context(_scratch()))
        _require_apart(folder, recordings, against)
        stack.enter_context(locked(folder))
        scratch = Scratch() if store is None else None
        copies = folder / "recordings" if scratch is None else scratch.path
        who = networks, columns, _ = _networks(recordings, against, within, copies)
        reading = Reading(output_layer, output_kind, shape, reducer)
        own = store is None and executor == "serial"
        asked = _ledger(who, with_rows(measures, rows), layers, draws, seed, reading, own=own)
        asked = by_representatives(asked, representatives)
        old = Ledger.read(folder)
        ledger, bytes_in_all = joined(old, asked), parse_memory(memory)  # refused before a cluster is started
        ledger.notes += [said for given in (recordings, against) if (said := passed_over(given)) is not None]
        where = stack.enter_context(open_executor(executor, workers, scheduler))
        run = Run(folder, ledger, old, where, bytes_in_all, tell)
        run.prepare(_everyone(networks, columns))
        if ledger.near:
            Joining(run).sort()
        else:
            run.compare()
        return _study(run, folder if store is not None else None, scratch)


def _study(run: Run, store: Path | None, scratch: Scratch | None) -> Study:
    """Return what a run found; recordings in a scratch folder go with the study, and nobody else is told where they are."""
    dataset, unread, notes, settings, place = contents(run.ledger, run.table, store)
    if scratch is not None:
        paths: dict[str, str] = settings["paths"]
        scratch.paths = {name: p for name, p in paths.items() if Path(p).is_relative_to(scratch.path)}
        settings = {**settings, "paths": {name: p for name, p in paths.items() if name not in scratch.paths}}
    return Study(dataset, unread, notes, settings, place, scratch)


def plan(
    recordings: Any,
    *,
    measures: Any = ("verdict",),
    against: Any = None,
    within: bool = False,
    representatives: int = 0,
    layers: Layers = None,
    executor: str = "serial",
    workers: int | None = None,
    scheduler: Any = None,
    memory: float | str | None = None,
    draws: int = 0,
    seed: int = 0,
    rows: str | None = None,
    output_layer: str | None = None,
    output_kind: str | None = None,
    shape: str | None = None,
    reducer: str | None = None,
    device: Any = None,
) -> Budget:
    """Return what `pairwise` with the same arguments would take: pairs, time, memory, disk; nothing is kept.

    The first two networks that can be are prepared and compared to find out.

    Raises
    ------
    InputError
        As in `pairwise`; also where no two networks can be compared.
    """
    with ExitStack() as stack:
        stack.enter_context(on_device(device))
        folder = Path(stack.enter_context(_scratch()))
        who = networks, columns, _ = _networks(recordings, against, within, folder / "recordings")
        everyone = _everyone(networks, columns)
        reading = Reading(output_layer, output_kind, shape, reducer)
        asked = _ledger(who, with_rows(measures, rows), layers, draws, seed, reading)
        asked = by_representatives(asked, representatives)
        where = stack.enter_context(open_executor(executor, workers, scheduler))
        run = Run(folder, asked, None, where, parse_memory(memory), lambda _: None)
        return run.sample(everyone)


def _require_apart(store: Path, *given: Any) -> None:
    """Refuse a store in the very folder of the recordings: what it keeps would be taken for networks."""
    for one in given:
        if isinstance(one, (str, os.PathLike)) and place("recordings", one).resolve() == store.resolve():
            raise InputError(f"store: {str(store)!r} is what the recordings are read from; give it a folder of its own")


def _scratch() -> Any:
    return tempfile.TemporaryDirectory(prefix="conjugacy-", ignore_cleanup_errors=True)


def _everyone(networks: list[StudyNetwork], columns: list[StudyNetwork] | None) -> list[StudyNetwork]:
    return list({n.name: n for n in (*networks, *(columns or ()))}.values())


def _ledger(
    who: Who, measures: Any, layers: Layers, draws: int, seed: int, reading: Reading, *, own: bool = False
) -> Ledger:
    seed, draws = whole_number("seed", seed), whole_number("draws", draws)
    if 0 < draws < 20:
        raise InputError(f"draws: got {draws}, expected 0, or at least 20")
    chosen = seeded_measures(measures, seed, own=own)
    networks, columns, groups = who
    return Ledger(
        measures=[m.id for m in chosen],
        layer_pairs=pairs_asked(layers, chosen),
        seed=seed,
        draws=draws,
        block=0,
        reading=reading,
        kind=None,
        rows=[n.name for n in networks],
        cols=None if columns is None else [n.name for n in columns],
        groups=groups,
    )


def _networks(recordings: Any, against: Any, within: bool, copies: Path) -> Who:
    """Return the networks of the rows, those of the columns where they are others, and the two lists by name."""
    networks = find_networks(recordings, copies)
    if against is None:
        if within:
            raise InputError("within: is for two lists of networks; give the other list as against=")
        return networks, None, {}
    columns = find_networks(against, copies)
    paths = {n.name: n.path for n in networks}
    for one in columns:
        if paths.get(one.name, one.path) != one.path:
            raise InputError(
                f"against: {one.name!r} is also the name of another network in recordings; rename one of them"
            )
    if not within:
        return networks, columns, {}
    both = [n.name for n in columns if n.name in paths]
    if both:
        raise InputError(f"against: {both[0]!r} is in both lists; a network can be in one group only")
    return [*networks, *columns], None, {"first": [n.name for n in networks], "second": [n.name for n in columns]}
