"""The commands. Everything heavy is imported inside them, so that `--help` answers at once."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from conjugacy import __version__
from conjugacy.cli.checks import DEVICE, require_folder, require_place, require_saved, sides_of
from conjugacy.cli.convert import convert
from conjugacy.cli.doctor import doctor
from conjugacy.cli.endings import WithEndings
from conjugacy.cli.gate import FAIL_ON, REQUIRE, as_compared, conditions_of_comparison, gate, leave_compared
from conjugacy.cli.layers import one_layer_named
from conjugacy.cli.record import record
from conjugacy.cli.studies import check, pairwise, report
from conjugacy.cli.terminal import Progress, note, run, show, show_json
from conjugacy.cli.transfer import transfer


class Commands(TyperGroup):
    """The group of commands; typer itself would take Ctrl-C and a closed pipe for other exit codes."""

    def invoke(self, ctx: Any) -> Any:
        """Run one command and return its exit code."""
        return run(lambda: super(Commands, self).invoke(ctx))


app = typer.Typer(
    cls=Commands,
    name="conjugacy",
    help="When have two neural networks learned the same task?",
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
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
    ctx: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", "-V", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Say when two neural networks have learned the same task."""
    if ctx.invoked_subcommand is None:
        show(ctx.get_help())


@app.command(short_help="Train small networks, compare them, write a page.")
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


app.command(cls=WithEndings, short_help="Record layers and outputs on given stimuli.")(record)
app.command(cls=WithEndings, short_help="Read a laboratory's file as a recording.")(convert)


@app.command(short_help="Say whether two networks learned the same task.")
def compare(
    a: Annotated[Path, typer.Argument(help="Recording of the first network, or a laboratory's file.")],
    b: Annotated[Path, typer.Argument(help="Recording of the second network.")],
    report: Annotated[Path | None, typer.Option(help="Write a page that shows why.")] = None,
    save: Annotated[Path | None, typer.Option(help="Save everything as .safetensors, for report and Python.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the JSON record alone.")] = False,
    tolerance: Annotated[float, typer.Option(help="Largest fraction of variance that may stay unexplained.")] = 0.05,
    seed: Annotated[int, typer.Option(min=0, help="Seeds everything drawn at random.")] = 0,
    layer: Annotated[
        list[str] | None, typer.Option(help="A layer of both, or A:B; default: the deepest hidden one of each.")
    ] = None,
    layers: Annotated[tuple[str, str] | None, typer.Option(help="Deprecated: --layer A:B.")] = None,
    output: Annotated[
        str | None, typer.Option(help="The output to use if there are several: boxes means outputs.boxes.")
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
    rows: Annotated[str | None, typer.Option(help="series or independent; default: detect dependence.")] = None,
    targets: Annotated[
        Path | None, typer.Option(help="The right answers for the rows of A: .npy, .csv or .txt.")
    ] = None,
    attributes: Annotated[
        Path | None,
        typer.Option(
            help="A .csv with a header, a line for each row of A: which shared and private directions tell these."
        ),
    ] = None,
    image_shape: Annotated[
        str | None, typer.Option(help="8x8, 32x32x3 or 3x32x32: the inputs are images that lie in one row of numbers.")
    ] = None,
    match: Annotated[
        str,
        typer.Option(help="stimuli: by id; intrinsic: different stimuli of one world; none: unmatched trajectories."),
    ] = "stimuli",
    common: Annotated[
        Path | None, typer.Option(help="With --match intrinsic: ids that both saw, .npy, .csv or .txt.")
    ] = None,
    delays: Annotated[
        str, typer.Option(help="auto, or how many time points form one state, if units show only part of it.")
    ] = "auto",
    missing: Annotated[
        list[str] | None, typer.Option(help="drop-units, drop-trials, intersect, shorten or unpad; may be repeated.")
    ] = None,
    repeats: Annotated[
        str | None, typer.Option(help="average, cut or deviations, of a stimulus or a condition of trials.")
    ] = None,
    reducer: Annotated[str | None, typer.Option(help="flatten or mean: how to reduce tokens and places.")] = None,
    device: Annotated[str | None, typer.Option(help=DEVICE)] = None,
    measure: Annotated[list[str] | None, typer.Option(help="A further measure, id:key=value; may be repeated.")] = None,
    require: Annotated[list[str] | None, typer.Option(help=REQUIRE)] = None,
    fail_on: Annotated[list[str] | None, typer.Option(help=FAIL_ON)] = None,
) -> int:
    """Say whether two recorded networks learned the same task, with the evidence."""
    for option, place in (("--report", report), ("--save", save)):
        if place is not None:
            require_place(place, option)
    require_saved(save)
    conditions = conditions_of_comparison(require or (), fail_on or (), match)
    tell = Progress()
    tell(f"reading {a.name} and {b.name}")  # before numpy and scipy are loaded, so that something is seen at once
    from conjugacy.activations import load
    from conjugacy.activations.models import load_labels, load_targets
    from conjugacy.comparison import compare as compare_networks
    from conjugacy.data.missing import DROPS, asked_of

    asked = asked_of(missing)
    dropped = [word for word in asked if word in DROPS]

    def read(path: Path) -> Any:
        return load(path, output_layer=output_layer, output_kind=output_kind, reducer=reducer, missing=dropped)

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
        attributes=attributes,
        image_shape=None if image_shape is None else sides_of(image_shape),
        measures=tuple(measure or ()),
        match=match,
        common=None if common is None else load_labels(common),
        delays=delays,
        missing=asked,
        repeats=repeats,
        device=device,
        untrained_a=[read(path) for path in untrained_a or ()],
        untrained_b=[read(path) for path in untrained_b or ()],
        progress=tell,
    )
    if report is not None:
        result.report(report)
        note(f"the page: {report}")
    if save is not None:
        note(f"everything: {result.save(save, overwrite=True)}")
    (show_json if as_json else show)(result.to_json() if as_json else str(result))
    return leave_compared(conditions, result, as_compared(networks, output, wanted), grouped)


@app.command(short_help="List the measures and what each one ignores.")
def measures(as_json: Annotated[bool, typer.Option("--json", help="Print JSON alone.")] = False) -> None:
    """List the measures, what each one ignores, and their options."""
    from conjugacy.cli.tables import measure_rows, measure_table

    rows = measure_rows()
    (show_json if as_json else show)(json.dumps(rows, indent=2) if as_json else measure_table(rows))


@app.command(short_help="Print what to cite, also as BibTeX.")
def cite(
    ids: Annotated[list[str] | None, typer.Argument(help="Measures; default: all.")] = None,
    bibtex: Annotated[bool, typer.Option("--bibtex", help="Print BibTeX.")] = False,
) -> None:
    """Print what to cite for the software and the measures used."""
    from conjugacy.cli.tables import measure_rows
    from conjugacy.report.cite import as_bibtex, citations

    usable = [row["id"] for row in measure_rows() if "error" not in row]  # one of another package may be broken
    show(as_bibtex(ids or usable) if bibtex else "\n".join(citations(ids or usable)))


app.command(cls=WithEndings, short_help="Say whether B may take the place of A.")(gate)
app.command(cls=WithEndings, short_help="Carry a probe of A to B, or refuse.")(transfer)
app.command(short_help="Compare many networks, sort them into classes.")(pairwise)
app.command(short_help="Say what is installed, and what is missing.")(doctor)
app.command(short_help="Write the page of a study or a comparison.")(report)
app.command(short_help="Verify the store of a study and repair it.")(check)
