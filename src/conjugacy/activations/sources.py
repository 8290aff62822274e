"""Where a recording comes from besides a live network: files, arrays, mappings of arrays."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

from conjugacy.activations.given_arrays import of_arrays
from conjugacy.activations.laboratory import convert
from conjugacy.asked import name_of, place, yes_or_no
from conjugacy.data import Activations, Recording, Trajectories
from conjugacy.data.foreign import is_array
from conjugacy.data.missing import DROPS, UNPAD, asked_of
from conjugacy.errors import ConjugacyError, FormatError, InputError
from conjugacy.storage import decode, encode, read_arrays, write_arrays
from conjugacy.storage.complete import complete
from conjugacy.storage.decode import Choices
from conjugacy.storage.laboratory import is_laboratory_name


def load(
    path: str | os.PathLike[str],
    *,
    name: str | None = None,
    output_layer: str | None = None,
    output_kind: str | Mapping[str, str] | None = None,
    layers: Sequence[str] | None = None,
    shape: str | Mapping[str, str] | None = None,
    reducer: str | None = None,
    missing: str | Sequence[str] = (),
) -> Recording:
    """Read a recording from a file or folder; its ending selects the file format.

    What you give here overrides what the file says. Laboratories' files (`.nwb`, `.mat`, `.npy`, `.parquet`, `.nc`) are read as
    `convert` reads them, if they can be read in one way alone.

    Parameters
    ----------
    path : path
        The file. Nothing in it is executed.
    name : str, optional
        The network's name. Default: the name in the file, otherwise the name of the file.
    output_layer : str, optional
    output_kind : str or mapping, optional
        As in `Recording`.
    layers : sequence of str, optional
        The layers to read. Default: all.
    shape : str or mapping of layer to str, optional
        How to read arrays of three or four axes: `ktn`, `ntd` or `nchw`; for laboratories' files the `axes` of `convert`.
    reducer : {"mean", "flatten"}, optional
        How to reduce tokens (`ntd`) and places (`nchw`).
    missing : str or sequence of str, optional
        `drop-units` leaves units with NaN out, `drop-trials` trials or stimuli with NaN. `unpad` cuts zeros at the end of trials.

    Returns
    -------
    Recording

    Raises
    ------
    FormatError, InputError
        If the file is missing, damaged, hostile or not a recording.

    Examples
    --------
    >>> import tempfile, numpy as np, conjugacy as cj
    >>> path = tempfile.mkdtemp() + "/a.npz"
    >>> np.savez(path, hidden=np.eye(3), outputs=np.eye(3, 2))
    >>> cj.load(path).hidden_layers
    ('hidden',)
    """
    path, asked = place("path", path), asked_of(missing, (*DROPS, UNPAD))
    if is_laboratory_name(path):
        return _of_laboratory(path, name, layers, output_layer, output_kind, shape, asked)
    raw = read_arrays(path)
    choices = Choices(name, output_layer, output_kind, layers, shape, reducer)
    try:
        return decode(complete(raw, asked) if asked else raw, choices, default_name=name_of(Path(path).stem))
    except InputError as error:
        if str(path) in str(error):
            raise
        raise type(error)(f"{str(path)!r}: {error}") from None
    except ConjugacyError:
        raise
    except Exception as error:  # an untrusted file may hold anything in any place
        words = f"{type(error).__name__}: {str(error)[:160]}"
        raise FormatError(
            f"{str(path)!r} holds what no recording holds ({words}); it is damaged, or of another kind"
        ) from None


def _of_laboratory(
    path: Path,
    name: str | None,
    layers: Sequence[str] | None,
    output_layer: str | None,
    output_kind: str | Mapping[str, str] | None,
    axes: str | Mapping[str, str] | None,
    missing: Sequence[str],
) -> Recording:
    roles = {} if output_layer is None else {"roles": {"outputs": output_layer}}
    found = convert(path, name=name, layers=layers, axes=axes, missing=missing, **roles).recording
    return found if output_kind is None else replace(found, layers=dict(found.layers), output_kind=output_kind)


def save(recording: Recording, path: str | os.PathLike[str], *, overwrite: bool = False) -> Path:
    """Write a recording as a whole or not at all; the extension says which file format.

    Raises
    ------
    InputError
        Where the file exists and `overwrite` is false, or a layer's name cannot be kept.
    """
    if not isinstance(recording, Recording):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise InputError(f"recording: got {type(recording).__name__}, expected a Recording, as record and load return")
    path = place("path", path)
    arrays, meta = encode(recording)
    return write_arrays(path, arrays, meta, overwrite=yes_or_no("overwrite", overwrite))


def as_recording(data: Any, *, name: str, missing: Sequence[str] = ()) -> Recording:
    """Return anything that stands for a recorded network as a Recording.

    Parameters
    ----------
    data : Recording, Activations, Trajectories, array (m, n), list of trials (t, n), mapping of arrays or lists, or path
        What is given.
    name : str
        The network's name where the data carry none.
    missing : sequence of str
        What is left out for NaN of arrays and files: `drop-units`, `drop-trials`.

    Raises
    ------
    InputError
        Where `data` is nothing of that kind.
    """
    if isinstance(data, Recording):
        return data if data.name else _named(data, name)
    if isinstance(data, (str, os.PathLike)):
        return load(cast("str | os.PathLike[str]", data), missing=missing)
    if isinstance(data, (Activations, Trajectories)):
        return Recording({data.layer or "activations": data}, name=data.name or name)
    if isinstance(data, Mapping):
        arrays = cast("Mapping[str, Any]", data)
        if arrays and all(isinstance(v, (Activations, Trajectories)) for v in arrays.values()):
            return Recording(arrays, name=name)
        return of_arrays(arrays, name, missing)
    if is_array(data) or isinstance(data, (list, tuple)):
        return of_arrays({"activations": data}, name, missing)
    raise InputError(
        f"network {name!r}: got {type(data).__name__}; expected a Recording, Activations, Trajectories, "
        "an array (stimuli x units), a mapping of layer names to arrays, a path to a recording, or a live network"
    )


def _named(recording: Recording, name: str) -> Recording:
    return replace(recording, layers=dict(recording.layers), name=name)
