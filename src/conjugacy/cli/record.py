"""The command that runs a network: its layers and outputs on given stimuli, to a file."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from conjugacy.cli.checks import require_new_recordings
from conjugacy.cli.endings import ENDINGS, MODEL, SHOWN, WEIGHTS
from conjugacy.cli.layers import axes_named, layers_recorded
from conjugacy.cli.terminal import Progress
from conjugacy.errors import InputError


def record(
    model: Annotated[str, typer.Argument(help=MODEL)],
    stimuli: Annotated[Path, typer.Option(help=SHOWN)],
    out: Annotated[Path, typer.Option(help=f"Where to write: {ENDINGS}; a .zarr grows while the network runs.")],
    layer: Annotated[list[str] | None, typer.Option(help="Name of a module; may be repeated.")] = None,
    layers: Annotated[str | None, typer.Option(help="Deprecated: --layer NAME, repeated.")] = None,
    weights: Annotated[Path | None, typer.Option(help=WEIGHTS)] = None,
    stimuli_key: Annotated[str | None, typer.Option(help="Which array of the stimuli file to show.")] = None,
    name: Annotated[str | None, typer.Option(help="The network's name; default: the name of the file.")] = None,
    output: Annotated[
        str | None, typer.Option(help="The output to use if there are several: boxes means outputs.boxes.")
    ] = None,
    output_layer: Annotated[str | None, typer.Option(help="The recorded layer that is the output.")] = None,
    output_kind: Annotated[
        str | None, typer.Option(help="regression, logits, probabilities, labels or sigmoids.")
    ] = None,
    targets: Annotated[
        str | None,
        typer.Option(help="The right answers: .npy, .csv, .txt, or the name of an array in the stimuli file."),
    ] = None,
    reducer: Annotated[str | None, typer.Option(help="flatten or mean: how to reduce tokens and places.")] = None,
    batch_size: Annotated[
        int | None, typer.Option(help="Stimuli per forward pass; default: 256, and all for callables.")
    ] = None,
    tokens: Annotated[
        str | None, typer.Option(help="mean, last, first, each or time: how to reduce tokens and time points.")
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
        str | None, typer.Option(help="Layers for bursts or derivatives; default: the deepest hidden one.")
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
    tell = Progress()
    tell(f"loading {model}")  # said before what takes long to load
    from conjugacy.activations import record as run_network
    from conjugacy.activations import save
    from conjugacy.activations.models import load_callable, load_model, load_stimuli
    from conjugacy.cli.copies import copy_of
    from conjugacy.comparison.copies import as_control

    copies = {kind: path for kind, path in (("untrained", untrained), ("shuffled", shuffled)) if path is not None}
    require_new_recordings([out, *copies.values()], overwrite=overwrite)
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
    streamed = _can_be_streamed(out) and tokens != "time" and not jacobians and bursts is None and output_layer is None
    if streamed:
        run_network(network, shown.values, wanted, name=called, to=out, overwrite=overwrite, **settings, **how)
    recordings = [] if streamed else [(run_network(network, shown.values, wanted, name=called, **settings, **how), out)]
    for copy, path, kind in made:
        found = run_network(copy, shown.values, wanted, name=f"{called}-{kind}", **settings)
        recordings.append((as_control(found, kind), path))
    if output_layer is not None:
        recordings = [(replace(found, output_layer=output_layer), path) for found, path in recordings]
    for recording, path in recordings:
        save(recording, path, overwrite=overwrite)
    for path in (out, *copies.values()):
        _tell_what_was_written(path, tell)


def _can_be_streamed(path: Path) -> bool:
    from conjugacy.storage.zarr_folder import ZarrFolder

    return path.suffix.lower() in ZarrFolder.endings


def _tell_what_was_written(path: Path, tell: Progress) -> None:
    """Say what a recording holds and what not, from what the file says of itself; no layer is read."""
    from conjugacy.comparison.told_of_recording import QUIET
    from conjugacy.data import is_head
    from conjugacy.storage import read_arrays

    held = read_arrays(path, wanted=lambda key: False)
    layers = [str(layer) for layer in held.meta.get("layers", ())]
    provenance = held.meta.get("provenance") or {}
    tell(f"wrote {path}: {held.shapes[layers[0]][0]} stimuli, layers {', '.join(layers)}")
    for left, why in provenance.get("left_out", {}).items():
        if is_head(left) or not why.startswith(QUIET):
            tell(f"left out {left}: {why}")
    for told in provenance.get("passes", ()):
        tell(told)
