"""`conjugacy gate`: may one network take another's place? And the conditions of `compare`, which are read in the same way."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from conjugacy.cli.checks import require_place
from conjugacy.cli.endings import ENDINGS, LIVE, NETWORK
from conjugacy.cli.layers import axes_named, layers_named
from conjugacy.cli.terminal import Progress, note, show, show_json
from conjugacy.errors import InputError

if TYPE_CHECKING:
    import numpy as np

    from conjugacy.comparison import Comparison
    from conjugacy.comparison.gate import GateResult
    from conjugacy.comparison.gate.conditions import Condition
    from conjugacy.comparison.gate.given import Wanted
    from conjugacy.data import Recording

REQUIRE = (
    "What must hold, such as drop-in=yes, same-task=yes, agreement>0.99, rung<=affine or cka>0.98; may be repeated. Exits with 1 "
    "if it does not hold, with 3 if that is undecided."
)
FAIL_ON = (
    "What must not hold, such as same-task=no, churn>0.05 or class-error>0.02; may be repeated. Exits with 1 if it holds, with 3 "
    "if that is undecided (in `compare` without --require, an answer is taken literally)."
)
_CODE = re.compile(r"\.py:[^\W\d]\w*$")


def gate(
    a: Annotated[str, typer.Argument(help=NETWORK)],
    b: Annotated[str, typer.Argument(help="The network to take its place, given likewise.")],
    require: Annotated[list[str] | None, typer.Option(help=f"{REQUIRE} Default: drop-in=yes.")] = None,
    fail_on: Annotated[list[str] | None, typer.Option(help=FAIL_ON)] = None,
    layer: Annotated[
        list[str] | None, typer.Option(help="A layer of both, or A:B, for conditions about layers; may be repeated.")
    ] = None,
    by: Annotated[
        str | None,
        typer.Option(
            help="A label per row, to judge subgroups too: .npy, .csv or .txt, or an array of the stimuli file."
        ),
    ] = None,
    churn: Annotated[float | None, typer.Option(help="Margin: share of decisions that may change (0.05).")] = None,
    error: Annotated[float | None, typer.Option(help="Margin: rise of the error (0.01).")] = None,
    class_error: Annotated[float | None, typer.Option(help="Margin: rise of one class's error (0.05).")] = None,
    threshold: Annotated[float | None, typer.Option(help="Value from which a sigmoid says yes (0.5).")] = None,
    tolerance: Annotated[float, typer.Option(help="Margin of outputs that are numbers, and tolerance of maps.")] = 0.05,
    seed: Annotated[int, typer.Option(min=0, help="Seeds everything drawn at random.")] = 0,
    stimuli: Annotated[Path | None, typer.Option(help=f".npy, {ENDINGS} with the inputs of live networks.")] = None,
    stimuli_key: Annotated[str | None, typer.Option(help="Which array of the stimuli file to show.")] = None,
    weights_a: Annotated[Path | None, typer.Option(help="State dict of A: .safetensors or a torch file.")] = None,
    weights_b: Annotated[Path | None, typer.Option(help="State dict of B.")] = None,
    targets: Annotated[
        str | None,
        typer.Option(help="The right answers for the rows of A: .npy, .csv, .txt, or an array of the stimuli file."),
    ] = None,
    output: Annotated[
        str | None, typer.Option(help="The output to use if there are several: boxes means outputs.boxes.")
    ] = None,
    output_layer: Annotated[str | None, typer.Option(help="The layer that is the output, in recordings.")] = None,
    output_kind: Annotated[
        str | None, typer.Option(help="regression, logits, probabilities, labels or sigmoids.")
    ] = None,
    groups: Annotated[Path | None, typer.Option(help="One group per row: .npy, .csv or .txt.")] = None,
    rows: Annotated[
        str | None,
        typer.Option(help="series or independent: whether the order of rows matters; default: detect it."),
    ] = None,
    reducer: Annotated[str | None, typer.Option(help="flatten or mean: how to reduce tokens and places.")] = None,
    tokens: Annotated[
        str | None,
        typer.Option(help="mean, last, first or each: how to reduce tokens and time points of live networks."),
    ] = None,
    axes: Annotated[
        list[str] | None, typer.Option(help="btu, or LAYER=bcyx: a letter for each axis; may be repeated.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the JSON record alone.")] = False,
    junit: Annotated[Path | None, typer.Option(help="Write the conditions as JUnit XML.")] = None,
    markdown: Annotated[Path | None, typer.Option(help="Append a summary in Markdown to this file.")] = None,
    report: Annotated[Path | None, typer.Option(help="Also compare in full and write the page.")] = None,
) -> int:
    """Say whether B may take A's place; exit with 0 (passes), 1 (fails), 3 (undecided) or 2 (wrong input)."""
    for path, option in ((junit, "--junit"), (markdown, "--markdown"), (report, "--report")):
        if path is not None:
            require_place(path, option)
    margins = {"churn": churn, "error": error, "class_error": class_error, "threshold": threshold}
    live = is_live(a), is_live(b)
    require_stimuli(live, stimuli, (weights_a, weights_b))
    tell = Progress()
    tell(f"reading {a} and {b}")  # said before what takes long to load
    from conjugacy.activations.models import load_labels
    from conjugacy.cli.networks import NamedNetwork, Networks, column
    from conjugacy.comparison.gate.gate import gate_recordings
    from conjugacy.comparison.gate.given import wanted_of
    from conjugacy.storage.atomic import write_whole

    wanted = wanted_of(
        require or (),
        fail_on or (),
        layers_named(layer),
        {name: value for name, value in margins.items() if value is not None},
        by=None if by is None else column(by, stimuli, "--by", empty=True),
        groups=None if groups is None else load_labels(groups),
        rows=rows,
        tolerance=tolerance,
        seed=seed,
    )
    networks = Networks(
        stimuli, stimuli_key, targets, output, output_layer, output_kind, reducer, tell, tokens, axes_named(axes)
    )
    ends = networks.of_both((NamedNetwork(a, live[0], weights_a), NamedNetwork(b, live[1], weights_b)))
    if report is not None and len(ends[0]) * len(ends[1]) > 1:
        raise InputError(f"--report {report}: the page is of one pair, and there are {len(ends[0])} x {len(ends[1])}")
    result = gate_recordings(ends[0], ends[1], wanted, tell)
    if junit is not None:
        write_whole(junit, result.junit().encode())
    if markdown is not None:
        _append(markdown, result.markdown())
    if report is not None:
        _page(report, result, ends, wanted, output)
    (show_json if as_json else show)(result.to_json() if as_json else str(result))
    return result.exit_code


def conditions_of_comparison(require: Sequence[str], fail_on: Sequence[str], match: str) -> tuple[Condition, ...]:
    """Read the conditions of `compare`, and refuse what it could not tell.

    Without anything required, an undecided answer is not yes there, as it has always been.
    """
    if not require and not fail_on:
        return ()
    from dataclasses import replace

    from conjugacy.comparison.gate.given import read_conditions, require_rows

    conditions = tuple(replace(one, literal=not require) for one in read_conditions(require, fail_on))
    require_rows(conditions, match)
    return conditions


def leave_compared(
    conditions: Sequence[Condition],
    result: Comparison,
    networks: tuple[Recording, Recording],
    groups: np.ndarray | None,
) -> int:
    """Say which conditions of `compare` have not passed, and return the exit code."""
    if not conditions:
        return 0
    from conjugacy.comparison.gate.check import check_compared
    from conjugacy.results.gate import EXIT_CODES, worst_of

    checked = check_compared(conditions, result, networks, groups=groups)
    for one in checked:
        if one.outcome != "passed":
            what = "open" if one.outcome == "undecided" else "met" if one.way == "fail-on" else "not met"
            note(f"--{one.way} {what}: {one.text}; {one.why}")
    return EXIT_CODES[worst_of(tuple(one.outcome for one in checked))]


def as_compared(
    networks: tuple[Recording, Recording], output: str | None, targets: np.ndarray | None
) -> tuple[Recording, Recording]:
    """Return both recordings as `compare` takes them: with one output alone, and with the targets that were given."""
    from dataclasses import replace

    a, b = (one if output is None else one.only_output(output) for one in networks)
    return (a, b) if targets is None else (replace(a, targets=targets), replace(b, targets=None))


def is_live(text: str) -> bool:
    """Whether a network is one to be run: code, an ONNX file, or a folder of Hugging Face; all else are recordings."""
    return (
        _CODE.search(text) is not None
        or text.lower().endswith((".onnx", ".keras"))
        or (Path(text) / "config.json").is_file()
    )


def require_stimuli(live: tuple[bool, bool], stimuli: Path | None, weights: Sequence[Path | None]) -> None:
    """Refuse networks to be run without stimuli, and weights of what is a recording."""
    if any(live) and stimuli is None:
        raise InputError(f"--stimuli: {LIVE} is run on stimuli; give the file")
    for option, is_live, path in zip(("--weights-a", "--weights-b"), live, weights, strict=True):
        if path is not None and not is_live:
            raise InputError(f"{option} {path}: is for {LIVE}, and a recording is given")


def _append(path: Path, text: str) -> None:
    try:
        with path.open("a", encoding="utf-8") as stream:
            stream.write(text)
    except OSError as error:
        raise InputError(f"--markdown {path}: cannot be written: {error.strerror or error}") from None


def _page(
    path: Path, result: GateResult, ends: tuple[list[Recording], list[Recording]], wanted: Wanted, output: str | None
) -> None:
    """Compare the one pair in full, under all that the gate was given, and write its page; recordings hold the targets."""
    from dataclasses import replace

    from conjugacy.comparison import compare

    full = compare(
        ends[0][0],
        ends[1][0],
        tolerance=wanted.tolerance,
        seed=wanted.seed,
        layers=result.first_that_differs or (wanted.layers[0] if wanted.layers is not None else None),
        output=output,
        groups=wanted.groups,
        rows=wanted.rows,
        margins=wanted.margins,
        measures=tuple(dict.fromkeys(one.name for one in wanted.conditions if one.subject == "measure")),
        progress=Progress(),
    )
    (full if result.drop_in is None else replace(full, drop_in=result.drop_in)).report(path)
    note(f"the page: {path}")
