"""`conjugacy transfer`: carry a probe of one network to another, or refuse where the map between them does not hold."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from conjugacy.cli.checks import require_place
from conjugacy.cli.endings import ENDINGS, NETWORK
from conjugacy.cli.gate import is_live, require_stimuli
from conjugacy.cli.layers import axes_named, one_layer_named
from conjugacy.cli.terminal import Progress, note, show, show_json


def transfer(
    probe: Annotated[
        Path,
        typer.Argument(help=".npz or .safetensors with `weight`, (q, n) as torch has it, or (n,), and perhaps `bias`."),
    ],
    a: Annotated[str, typer.Argument(help=NETWORK)],
    b: Annotated[str, typer.Argument(help="The one that it is carried to, likewise.")],
    kind: Annotated[
        str, typer.Option(help="probe, classifier (its choices count), or steering (a direction).")
    ] = "probe",
    widest: Annotated[
        str | None,
        typer.Option("--map", help="affine (the default), or smooth: the widest map; smooth needs a control."),
    ] = None,
    layer: Annotated[
        list[str] | None, typer.Option(help="A layer of both, or A:B; else the deepest hidden one of each.")
    ] = None,
    tolerance: Annotated[float, typer.Option(help="Largest part of what is read that B may leave untold.")] = 0.1,
    seed: Annotated[int, typer.Option(min=0, help="Seeds everything drawn at random.")] = 0,
    stimuli: Annotated[Path | None, typer.Option(help=f".npy, {ENDINGS} with what live networks are shown.")] = None,
    stimuli_key: Annotated[str | None, typer.Option(help="Which array of the stimuli file to show.")] = None,
    weights_a: Annotated[Path | None, typer.Option(help="State dict of A: .safetensors or a torch file.")] = None,
    weights_b: Annotated[Path | None, typer.Option(help="State dict of B.")] = None,
    targets: Annotated[
        str | None,
        typer.Option(
            help="What the probe is to tell, for the rows of A: .npy, .csv, .txt, or an array of the stimuli file."
        ),
    ] = None,
    untrained_b: Annotated[
        list[Path] | None, typer.Option(help="Recording of B before training, the control; may be repeated.")
    ] = None,
    groups: Annotated[Path | None, typer.Option(help="One group per row: .npy, .csv or .txt.")] = None,
    rows: Annotated[str | None, typer.Option(help="series or independent; else it is looked for.")] = None,
    tokens: Annotated[
        str | None, typer.Option(help="mean, last, first or each: what becomes of tokens of live networks.")
    ] = None,
    axes: Annotated[
        list[str] | None, typer.Option(help="btu, or LAYER=bcyx: a letter for each axis; may be repeated.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Write what was carried, where it was.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the JSON record alone.")] = False,
) -> int:
    """Carry a probe of A to B, and leave with 0 (carried), 1 (refused), 3 (undecided) or 2 (wrong input)."""
    if out is not None:
        require_place(out, "--out")
    live = is_live(a), is_live(b)
    require_stimuli(live, stimuli, (weights_a, weights_b))
    tell = Progress()
    tell(f"reading {a} and {b}")  # said before what takes long to load
    from conjugacy.activations import load
    from conjugacy.activations.models import load_labels
    from conjugacy.cli.networks import NamedNetwork, Networks, one_recording
    from conjugacy.comparison.transfer import transfer as carry

    networks = Networks(stimuli, stimuli_key, targets, None, None, None, None, tell, tokens, axes_named(axes))
    ends = networks.of_both((NamedNetwork(a, live[0], weights_a), NamedNetwork(b, live[1], weights_b)))
    found = carry(
        probe,
        one_recording(ends[0], a),
        one_recording(ends[1], b),
        kind=kind,
        **({} if widest is None else {"map": widest}),
        layers=one_layer_named(layer, None),
        tolerance=tolerance,
        seed=seed,
        groups=None if groups is None else load_labels(groups),
        rows=rows,
        untrained_b=[load(path) for path in untrained_b or ()],
        progress=tell,
    )
    if out is not None and found.carried is not None:
        note(f"carried: {found.save(out, overwrite=True)}")
    (show_json if as_json else show)(found.to_json() if as_json else str(found))
    return found.exit_code
