"""The command that reads a laboratory's file: says what it understood, and writes a recording where one is asked for."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from conjugacy.cli.checks import require_new_recordings
from conjugacy.cli.endings import ENDINGS
from conjugacy.cli.layers import axes_named
from conjugacy.cli.terminal import Progress, note, show
from conjugacy.errors import InputError


def convert(
    file: Annotated[Path, typer.Argument(help="A session .nwb, or a file .mat, .npy, .parquet or .nc.")],
    out: Annotated[
        Path | None,
        typer.Option(help=f"Where to write the recording: {ENDINGS}; without it, only what was understood is told."),
    ] = None,
    layer: Annotated[
        list[str] | None, typer.Option(help="An array to compare, or a time series; units for spikes; may be repeated.")
    ] = None,
    axes: Annotated[
        list[str] | None,
        typer.Option(
            help="A letter for each axis, ntk or ARRAY=ntk: m stimuli, k trials, t time, n units; may be repeated."
        ),
    ] = None,
    role: Annotated[
        list[str] | None,
        typer.Option(
            help="What an array or a column is, as conditions=target, trials=id, outputs=hand; may be repeated."
        ),
    ] = None,
    dt: Annotated[float | None, typer.Option(help="Time between two points, where the file does not say it.")] = None,
    bin_width: Annotated[float, typer.Option("--bin", help="Seconds in which spikes are counted.")] = 0.02,
    smoothing: Annotated[
        float, typer.Option(help="Seconds of the Gaussian that smooths the counts; 0 for none.")
    ] = 0.04,
    align: Annotated[str | None, typer.Option(help="The column of the trials that is time zero.")] = None,
    window: Annotated[
        tuple[float, float] | None, typer.Option(help="Seconds before (negative) and after time zero.")
    ] = None,
    missing: Annotated[
        list[str] | None, typer.Option(help="drop-units, drop-trials: what goes for NaN; unpad: zeros at the end.")
    ] = None,
    name: Annotated[str | None, typer.Option(help="The network's name; default: the name of the file.")] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace a file that exists.")] = False,
) -> None:
    """Read a laboratory's file, say what was understood, and write a recording."""
    if out is not None:
        require_new_recordings([out], overwrite=overwrite)
    tell = Progress()
    tell(f"reading {file.name}")  # before what takes long to load
    from conjugacy.activations import convert as read_file
    from conjugacy.activations import save

    said = axes_named(axes)
    found = read_file(
        file,
        layers=list(layer) if layer else None,
        axes=said[""] if said is not None and list(said) == [""] else said,
        roles=_roles(role or ()),
        dt=dt,
        bin=bin_width,
        smoothing=smoothing,
        align=align,
        window=window,
        missing=tuple(missing or ()),
        name=name,
    )
    show(str(found))
    if out is not None:
        note(f"the recording: {save(found.recording, out, overwrite=overwrite)}")


def _roles(texts: Any) -> dict[str, Any]:
    """Return what arrays are; several columns of conditions are combined."""
    found: dict[str, Any] = {}
    for text in texts:
        role, equals, array = str(text).partition("=")
        if not (equals and role.strip() and array.strip()):
            raise InputError(f"--role {text}: expected ROLE=ARRAY, as conditions=target")
        known = found.get(role.strip())
        found[role.strip()] = (
            array.strip() if known is None else [*([known] if isinstance(known, str) else known), array.strip()]
        )
    return found
