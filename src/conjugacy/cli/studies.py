"""The commands for many networks: pairwise, and report for a store or a record."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from conjugacy.cli.checks import DEVICE, require_place
from conjugacy.cli.layers import layers_named
from conjugacy.cli.terminal import FAILED_ON, OK, Progress, note, show, show_json
from conjugacy.errors import InputError

COORDINATE = (
    "What orders the networks, such as step in step1000, for curves on the page. Default: a step, epoch or width."
)


def pairwise(
    recordings: Annotated[Path, typer.Argument(help="Folder with one recording for each network.")],
    store: Annotated[
        Path | None, typer.Option(help="Folder for results; pairs that it already holds are not compared again.")
    ] = None,
    measure: Annotated[
        list[str] | None,
        typer.Option(help="id:key=value; may be repeated. Default: verdict. Of many networks verdict:fits=first."),
    ] = None,
    against: Annotated[
        Path | None, typer.Option(help="Folder or recording: compare with these, not with each other.")
    ] = None,
    within: Annotated[
        bool, typer.Option("--within", help="With --against: also within each list, for a test of two groups.")
    ] = False,
    representatives: Annotated[
        int, typer.Option(min=0, help="For thousands: only with representatives of so many nearest classes, as 3.")
    ] = 0,
    layer: Annotated[
        list[str] | None,
        typer.Option(help="A layer of all, or A:B; may be repeated. Default: the deepest hidden one of each."),
    ] = None,
    executor: Annotated[str, typer.Option(help="serial, joblib (the cores of this machine) or dask.")] = "serial",
    workers: Annotated[int | None, typer.Option(min=1, help="Processes; default: one for each core.")] = None,
    scheduler: Annotated[str | None, typer.Option(help="Address of a running Dask scheduler.")] = None,
    memory: Annotated[
        str | None, typer.Option(help="Most memory in all, such as '4 GB'; default: 60 % of what is free.")
    ] = None,
    draws: Annotated[int, typer.Option(min=0, help="Shuffles and halves for p and interval; 0 for none.")] = 0,
    seed: Annotated[int, typer.Option(min=0, help="Seeds everything drawn at random.")] = 0,
    output_layer: Annotated[str | None, typer.Option(help="The layer that is the output, in all.")] = None,
    output_kind: Annotated[
        str | None, typer.Option(help="regression, logits, probabilities, labels or sigmoids.")
    ] = None,
    rows: Annotated[
        str | None,
        typer.Option(help="series or independent: whether the order of rows matters; default: verdicts detect it."),
    ] = None,
    reducer: Annotated[str | None, typer.Option(help="flatten or mean: how to reduce tokens and places.")] = None,
    device: Annotated[str | None, typer.Option(help=DEVICE)] = None,
    report: Annotated[Path | None, typer.Option(help="Write a page: matrix, classes, plane.")] = None,
    pages: Annotated[
        int, typer.Option(min=0, help="With --report: how many pages of single pairs to write beside it.")
    ] = 0,
    coordinate: Annotated[str | None, typer.Option(help=COORDINATE)] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Estimate pairs, time, memory and disk; compare nothing.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print classes and counts as JSON alone.")] = False,
) -> None:
    """Compare many networks with each other and sort them into classes; continues where it stopped."""
    if report is not None:
        require_place(report)
    if pages and report is None:
        raise InputError("--pages needs a page to stand next to: add --report FILE.html")
    if store is None and not dry_run:
        raise InputError(
            "--store: name a folder for the results, so that nothing is lost; it is created if it does not exist"
        )
    tell = Progress()
    tell(f"reading {recordings}")  # said before what takes long to load
    from conjugacy.study import pairwise as compare_networks
    from conjugacy.study import plan

    settings: dict[str, Any] = {
        "measures": tuple(measure or ("verdict",)),
        "against": against,
        "within": within,
        "representatives": representatives,
        "layers": layers_named(layer),
        "executor": executor,
        "workers": workers,
        "scheduler": scheduler,
        "memory": memory,
        "draws": draws,
        "seed": seed,
        "rows": rows,
        "output_layer": output_layer,
        "output_kind": output_kind,
        "reducer": reducer,
        "device": device,
    }
    if dry_run:
        show(str(plan(recordings, **settings)))
        return
    study = compare_networks(recordings, store=store, progress=tell, **settings)
    _tell(study, report, pages, as_json, coordinate)


def report(
    store: Annotated[Path, typer.Argument(help="Store of a study, made by pairwise, or a file from compare --save.")],
    out: Annotated[Path, typer.Option(help="The page to write.")],
    pages: Annotated[int, typer.Option(min=0, help="How many pages of single pairs to write beside it.")] = 0,
    coordinate: Annotated[str | None, typer.Option(help=COORDINATE)] = None,
) -> None:
    """Write the page of a study, also of one that is still being computed, or of a comparison that was saved."""
    require_place(out)
    if store.suffix.lower() == ".safetensors":
        from conjugacy.comparison import Comparison

        comparison = Comparison.load(store)
        note(f"the page: {comparison.report(out)}")
        show(str(comparison))
        return
    from conjugacy.study import Study

    _tell(Study.open(store), out, pages, as_json=False, coordinate=coordinate)


def check(
    store: Annotated[Path, typer.Argument(help="Store of a study, made by pairwise.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Report what is damaged; repair nothing.")] = False,
) -> int:
    """Verify the store of a study and repair it; the next pairwise computes what cannot be read."""
    from conjugacy.study import check_store

    found = check_store(store, repair=not dry_run)
    show(str(found))
    return OK if found.is_whole else FAILED_ON


def _tell(study: Any, page: Path | None, pages: int, as_json: bool, coordinate: str | None) -> None:
    if page is not None:
        study.report(page, pages=pages, coordinate=coordinate)
        note(f"the page: {page}")
    if as_json:
        show_json(json.dumps(study.to_dict(), indent=2, ensure_ascii=False))
    else:
        show(str(study))
    if study.settings["groups"] and not as_json:
        for measure, pairs in study.counts().items():
            for pair in pairs:
                show(f"\n{pair}: {study.contrast(measure=measure, layer_pair=pair)}")
