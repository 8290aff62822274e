"""The commands. Everything heavy is imported inside them, so that `--help` answers at once."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from conjugacy import __version__
from conjugacy.cli.checks import require_folder, require_new_recordings, require_place
from conjugacy.cli.endings import ENDINGS, MODEL, SHOWN, WEIGHTS, WithEndings
from conjugacy.cli.gate import FAIL_ON, REQUIRE, as_compared, conditions_of_comparison, gate, leave_compared
from conjugacy.cli.layers import axes_named, layers_recorded, one_layer_named
from conjugacy.cli.studies import pairwise, report
from conjugacy.cli.terminal import Progress, note, run, show
from conjugacy.errors import InputError


class Commands(TyperGroup):
    """The group of commands; typer itself would take Ctrl-C and a closed pipe for other exit codes."""

    def invoke(self, ctx: Any) -> Any:
        """Run one command and return its exit code."""
        return run(lambda: super(Commands, self).invoke(ctx))


app = typer.Typer(
    cls=Commands,
    name="conjugacy",
    help="When have two neural networks learned the same task?",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def main() -> None:
    """Run the command line and leave with its exit code."""
    sys.exit(run(lambda: app(prog_name="conjugacy", standalone_mode=False)))


def _version(asked: bool) -> None:
    if asked:
        show(f"conjugacy {__version__}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Say when two neural networks have learned the same task."""


@app.command()
def demo(
    out: Annotated[Path, typer.Option(help="Folder for recordings, records and the page.")] = Path("conjugacy-demo"),
    seed: Annotated[int, typer.Option(min=0, help="Seeds split, training and comparison.")] = 0,
) -> None:
    """Train small networks on handwritten digits, compare them, and write a page that shows why."""
    from conjugacy.demo import run_demo

    require_folder(out)
    found = run_demo(out, seed=seed, progress=Progress())
    for title, comparison in (
        ("Two networks that learned the same task", found.same_task),
        ("Two that did not", found.other_task),
    ):
        show(f"\n{title}\n{'=' * len(title)}\n{comparison}")
    show(f"\nThe page: {found.files[-1]}\nAll files: {found.files[-1].parent}")


@app.command(cls=WithEndings)
def record(
    model: Annotated[str, typer.Argument(help=MODEL)],
    stimuli: Annotated[Path, typer.Option(help=SHOWN)],
    out: Annotated[Path, typer.Option(help=f"Where to write: {ENDINGS}.")],
    layer: Annotated[list[str] | None, typer.Option(help="Name of a module; may be repeated.")] = None,
    layers: Annotated[str | None, typer.Option(help="Deprecated: --layer NAME, repeated.")] = None,
    weights: Annotated[Path | None, typer.Option(help=WEIGHTS)] = None,
    stimuli_key: Annotated[str | None, typer.Option(help="Which array of the stimuli file to show.")] = None,
    name: Annotated[str | None, typer.Option(help="The network's name; else the name of the file.")] = None,
    output: Annotated[
        str | None, typer.Option(help="The only output, where there are several: boxes stands for outputs.boxes.")
    ] = None,
    output_layer: Annotated[str | None, typer.Option(help="The recorded layer that is the output.")] = None,
    output_kind: Annotated[
        str | None, typer.Option(help="regression, logits, probabilities, labels or sigmoids.")
    ] = None,
    targets: Annotated[
        str | None,
        typer.Option(help="What it was to answer: .npy, .csv, .txt, or the name of an array beside the stimuli."),
    ] = None,
    reducer: Annotated[str | None, typer.Option(help="flatten or mean: what becomes of tokens and places.")] = None,
    batch_size: Annotated[
        int | None, typer.Option(help="Stimuli per forward pass; else 256, and for callables all.")
    ] = None,
    tokens: Annotated[
        str | None, typer.Option(help="mean, last, first, each or time: what becomes of tokens and time points.")
    ] = None,
    axes: Annotated[
        list[str] | None, typer.Option(help="btu, or LAYER=bcyx: a letter for each axis; may be repeated.")
    ] = None,
    untrained: Annotated[Path | None, typer.Option(help="Also record an untrained copy, to this file.")] = None,
    shuffled: Annotated[
        Path | None, typer.Option(help="Also record a copy with its weights in random order, to this file.")
    ] = None,
    bursts: Annotated[
        str | None,
        typer.Option(help="Bursts around every stimulus: a file of network inputs (m x N x ...), or N to draw."),
    ] = None,
    burst_sd: Annotated[
        float | None, typer.Option(help="Size of the bursts along every coordinate of the world.")
    ] = None,
    jacobians: Annotated[
        bool, typer.Option("--jacobians", help="Derivatives of the moved layers, instead of bursts.")
    ] = False,
    moved: Annotated[
        str | None, typer.Option(help="Layers for bursts or derivatives; else the deepest hidden one.")
    ] = None,
    world: Annotated[
        str | None,
        typer.Option(help="FILE.py:CALLABLE, from coordinates to network inputs; the stimuli are coordinates."),
    ] = None,
    world_step: Annotated[float | None, typer.Option(help="Step of the world's derivatives.")] = None,
    seed: Annotated[int, typer.Option(min=0, help="Seeds copies, bursts, and what the network draws.")] = 0,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace files that exist.")] = False,
) -> None:
    """Record a network's layers and outputs on given stimuli."""
    from conjugacy.activations import record as run_network
    from conjugacy.activations import save
    from conjugacy.activations.models import load_callable, load_model, load_stimuli
    from conjugacy.cli.copies import copy_of
    from conjugacy.comparison.copies import as_control
    from conjugacy.comparison.told_of_recording import QUIET
    from conjugacy.data import is_head

    copies = {kind: path for kind, path in (("untrained", untrained), ("shuffled", shuffled)) if path is not None}
    require_new_recordings([out, *copies.values()], overwrite=overwrite)
    tell = Progress()
    shown = load_stimuli(stimuli, stimuli_key, targets)
    network = load_model(model, weights, tell=tell)
    settings: dict[str, Any] = {
        "ids": shown.ids,
        "groups": shown.groups,
        "targets": shown.targets,
        "output": output,
        "output_kind": output_kind,
        "batch_size": batch_size,
        "reducer": reducer,
        "tokens": tokens,
        "axes": axes_named(axes),
        "world": None if world is None else load_callable(world, "world"),
        "progress": tell,
    }
    wanted = layers_recorded(layer, layers)
    named = None if moved is None else [part.strip() for part in moved.split(",") if part.strip()]
    how: dict[str, Any] = {"burst_sd": burst_sd, "world_step": world_step, "seed": seed}
    if bursts is not None:
        how["bursts"] = int(bursts) if bursts.isdecimal() else load_stimuli(Path(bursts)).array
        how["burst_layers"] = named or ()
    if jacobians:
        how["jacobians"] = named or True
    if named and bursts is None and not jacobians:
        raise InputError("--moved: names layers for --bursts or --jacobians, and neither is given")
    called = name or out.stem
    made = [(copy_of(network, kind, seed, tell), path, kind) for kind, path in copies.items()]
    recordings = [(run_network(network, shown.values, wanted, name=called, **settings, **how), out)]
    for copy, path, kind in made:
        found = run_network(copy, shown.values, wanted, name=f"{called}-{kind}", **settings)
        recordings.append((as_control(found, kind), path))
    if output_layer is not None:
        recordings = [(replace(found, output_layer=output_layer), path) for found, path in recordings]
    for recording, path in recordings:
        save(recording, path, overwrite=overwrite)
        tell(f"wrote {path}: {len(recording.first.values)} stimuli, layers {', '.join(recording.layers)}")
        for left, why in recording.provenance.get("left_out", {}).items():
            if is_head(left) or not why.startswith(QUIET):
                tell(f"left out {left}: {why}")
        for told in recording.provenance.get("passes", ()):
            tell(told)


@app.command()
def compare(
    a: Annotated[Path, typer.Argument(help="Recording of the first network.")],
    b: Annotated[Path, typer.Argument(help="Recording of the second network.")],
    report: Annotated[Path | None, typer.Option(help="Write a page that shows why.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the JSON record alone.")] = False,
    tolerance: Annotated[float, typer.Option(help="Largest fraction of variance that may stay unexplained.")] = 0.05,
    seed: Annotated[int, typer.Option(min=0, help="Seeds everything drawn at random.")] = 0,
    layer: Annotated[
        list[str] | None, typer.Option(help="A layer of both, or A:B; else the deepest hidden one of each.")
    ] = None,
    layers: Annotated[tuple[str, str] | None, typer.Option(help="Deprecated: --layer A:B.")] = None,
    output: Annotated[
        str | None, typer.Option(help="The only output, where there are several: boxes stands for outputs.boxes.")
    ] = None,
    output_layer: Annotated[str | None, typer.Option(help="The layer that is the output, in both.")] = None,
    output_kind: Annotated[
        str | None, typer.Option(help="regression, logits, probabilities, labels or sigmoids.")
    ] = None,
    untrained_a: Annotated[
        list[Path] | None, typer.Option(help="Recording of A before training, the control; may be repeated.")
    ] = None,
    untrained_b: Annotated[
        list[Path] | None, typer.Option(help="Recording of B before training, the control; may be repeated.")
    ] = None,
    groups: Annotated[Path | None, typer.Option(help="One group per row: .npy, .csv or .txt.")] = None,
    rows: Annotated[str | None, typer.Option(help="series or independent; else it is looked for.")] = None,
    targets: Annotated[
        Path | None, typer.Option(help="What both were to answer, for the rows of A: .npy, .csv or .txt.")
    ] = None,
    match: Annotated[
        str, typer.Option(help="stimuli; intrinsic for other stimuli of one world; none: unmatched trajectories.")
    ] = "stimuli",
    common: Annotated[
        Path | None, typer.Option(help="With --match intrinsic: ids that both saw, .npy, .csv or .txt.")
    ] = None,
    delays: Annotated[int, typer.Option(min=1, help="With --match none: time points that make one state.")] = 1,
    reducer: Annotated[str | None, typer.Option(help="flatten or mean: what becomes of tokens and places.")] = None,
    measure: Annotated[list[str] | None, typer.Option(help="A further measure, id:key=value; may be repeated.")] = None,
    require: Annotated[list[str] | None, typer.Option(help=REQUIRE)] = None,
    fail_on: Annotated[list[str] | None, typer.Option(help=FAIL_ON)] = None,
) -> int:
    """Say whether two recorded networks learned the same task, with the evidence."""
    if report is not None:
        require_place(report)
    conditions = conditions_of_comparison(require or (), fail_on or (), match)
    from conjugacy.activations import load
    from conjugacy.activations.models import load_labels, load_targets
    from conjugacy.comparison import compare as compare_networks

    def read(path: Path) -> Any:
        return load(path, output_layer=output_layer, output_kind=output_kind, reducer=reducer)

    networks = read(a), read(b)
    grouped = None if groups is None else load_labels(groups)
    wanted = None if targets is None else load_targets(targets)
    result = compare_networks(
        *networks,
        tolerance=tolerance,
        seed=seed,
        layers=one_layer_named(layer, layers),
        output=output,
        groups=grouped,
        rows=rows,
        targets=wanted,
        measures=tuple(measure or ()),
        match=match,
        common=None if common is None else load_labels(common),
        delays=delays,
        untrained_a=[read(path) for path in untrained_a or ()],
        untrained_b=[read(path) for path in untrained_b or ()],
        progress=Progress(),
    )
    if report is not None:
        result.report(report)
        note(f"the page: {report}")
    show(result.to_json() if as_json else str(result))
    if not as_json:
        for score in result.measures:
            show(f"{score.measure}: {score.value:.4g}  (similarity {score.similarity():.3f}; {score.status.value})")
    return leave_compared(conditions, result, as_compared(networks, output, wanted), grouped)


@app.command()
def measures(as_json: Annotated[bool, typer.Option("--json", help="Print JSON alone.")] = False) -> None:
    """List the measures, what they promise, and their knobs."""
    from conjugacy.cli.tables import measure_rows, measure_table

    rows = measure_rows()
    show(json.dumps(rows, indent=2) if as_json else measure_table(rows))


@app.command()
def cite(
    ids: Annotated[list[str] | None, typer.Argument(help="Measures; all where none is given.")] = None,
    bibtex: Annotated[bool, typer.Option("--bibtex", help="The software and its paper as BibTeX.")] = False,
) -> None:
    """Print what to cite for the software and the measures used."""
    from conjugacy.cli.tables import measure_rows
    from conjugacy.report.cite import BIBTEX, citations

    usable = [row["id"] for row in measure_rows() if "error" not in row]  # one of another package may be broken
    show(BIBTEX if bibtex else "\n".join(citations(ids or usable)))


app.command(cls=WithEndings)(gate)
app.command()(pairwise)
app.command()(report)
