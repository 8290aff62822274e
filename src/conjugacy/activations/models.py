"""Networks and stimuli from the user's files, for the command line."""

from __future__ import annotations

import importlib.util
import inspect
import re
import sys
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np

from conjugacy.errors import FormatError, InputError, MissingExtraError, ModelError, UnknownNameError
from conjugacy.storage import read_arrays
from conjugacy.storage.formats import endings, format_of, in_words

STIMULI_KEYS = ("stimuli", "inputs", "x", "images", "data")
BESIDE_STIMULI = ("ids", "groups", "targets")


@dataclass(frozen=True, eq=False)
class Stimuli:
    """What networks are shown, (m, ...), with ids, groups and targets where the file has them."""

    values: np.ndarray
    ids: np.ndarray | None = None
    groups: np.ndarray | None = None
    targets: np.ndarray | None = None


def load_model(spec: str, weights: str | Path | None = None) -> Any:
    """Return the network that a callable in the user's own Python file builds, with weights from a file.

    Parameters
    ----------
    spec : str
        `file.py:callable`; the file is run, as the user's own code, and the callable is called without arguments.
    weights : path, optional
        A state dict: `.safetensors`, or a torch file, which is read without executing anything.

    Raises
    ------
    InputError, FormatError, UnknownNameError
        Where the file, the callable or the weights cannot be used.
    ModelError
        Where the user's code raises.
    """
    build = load_callable(spec, "model")
    try:
        model = build()
    except (Exception, SystemExit) as error:
        raise ModelError(f"{spec}: building the model raised {type(error).__name__}: {error}") from error
    if not callable(model):
        raise InputError(f"{spec} returned {type(model).__name__}, expected a torch module or a callable")
    if weights is not None:
        _load_weights(model, Path(weights))
    return model


def load_callable(spec: str, what: str) -> Any:
    """Return a callable of the user's own Python file, `file.py:callable`; the file is run.

    Raises
    ------
    InputError, UnknownNameError
        Where the file or the callable does not exist.
    ModelError
        Where the user's code raises.
    """
    path, colon, name = spec.rpartition(":")
    if not colon or not path or not name:
        raise InputError(f"{what} {spec!r}: expected FILE.py:CALLABLE, as in nets.py:make_{what}")
    return _callable(Path(path), name, what)


def _callable(path: Path, name: str, what: str) -> Any:
    if not path.is_file():
        raise InputError(f"{what} file {str(path)!r} does not exist; expected FILE.py:CALLABLE")
    module_name = f"_conjugacy_{what}_{path.stem}"
    found = importlib.util.spec_from_file_location(module_name, path)
    if found is None or found.loader is None:
        raise InputError(f"{what} file {str(path)!r} is no Python file; expected FILE.py:CALLABLE")
    module = importlib.util.module_from_spec(found)
    sys.modules[module_name] = module  # dataclasses and pickles in the user's file look themselves up here
    folder = str(path.resolve().parent)
    sys.path.insert(0, folder)
    try:
        found.loader.exec_module(module)
    except (Exception, SystemExit) as error:
        raise ModelError(f"{path}: running the file raised {type(error).__name__}: {error}") from error
    finally:
        sys.path.remove(folder)
    if not callable(getattr(module, name, None)):
        own = [k for k, v in vars(module).items() if callable(v) and not k.startswith("_") and not inspect.ismodule(v)]
        raise UnknownNameError.of("callable", name, own, where=f"in {path}")
    return getattr(module, name)


def _load_weights(model: Any, path: Path) -> None:
    if not hasattr(model, "load_state_dict"):
        raise InputError(f"weights {str(path)!r} were given, but the model is {type(model).__name__}, no torch module")
    if not path.is_file():
        raise InputError(f"weights file {str(path)!r} does not exist")
    state = _safetensors(path) if path.suffix == ".safetensors" else _torch_file(path)
    try:
        model.load_state_dict(state, strict=True)
    except RuntimeError as error:
        lines = [line.strip() for line in str(error).splitlines()[1:4]]
        raise InputError(f"weights {str(path)!r} do not fit the model: {' '.join(lines)}") from None
    except Exception as error:
        # a state dict of an untrusted file may hold anything under its keys
        raise FormatError(f"weights {str(path)!r} hold no state dict: {type(error).__name__}: {error}") from None


def _safetensors(path: Path) -> Any:
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        return load_file(path)
    except (SafetensorError, OSError, ValueError) as error:
        raise FormatError(f"weights {str(path)!r} cannot be read: {error}") from None


def _torch_file(path: Path) -> Any:
    import pickle

    try:
        import torch
    except ImportError:
        raise MissingExtraError.of("reading torch weights", "torch") from None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about old pickle protocols; what cannot be read raises
            state = torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError:
        raise FormatError(
            f"weights {str(path)!r} refused: the file holds more than tensors, or is damaged, and loading it could run "
            "code; save model.state_dict(), best as .safetensors"
        ) from None
    except Exception as error:
        # damaged bytes raise many kinds of errors in torch; none may reach the user as it is
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise FormatError(
            f"weights {str(path)!r} cannot be read: {reason}; expected a .safetensors file, or what "
            "torch.save(model.state_dict(), path) wrote"
        ) from None
    if not isinstance(state, dict):
        raise FormatError(f"weights {str(path)!r} hold {type(state).__name__}, expected a state dict")
    found = cast("dict[str, Any]", state)
    return found["state_dict"] if set(found) >= {"state_dict"} and isinstance(found["state_dict"], dict) else found


def load_stimuli(path: str | Path, key: str | None = None, targets: str | None = None) -> Stimuli:
    """Return the stimuli of a `.npy` file or of a file of one of the formats of recordings.

    In a file of several arrays the stimuli are the array `key`, else `stimuli`, `inputs`, `x`, `images`, `data`, else the only
    one; `ids`, `groups` and `targets` stand beside it. `targets` names another array of the file, or a file of its own.

    Raises
    ------
    InputError, FormatError, UnknownNameError
        Where a file is missing, damaged or does not say which array is meant.
    """
    place = Path(path)
    apart = load_targets(targets) if targets is not None and _is_file(targets) else None
    named = targets if apart is None else None
    if place.suffix.lower() == ".npy":
        if named is not None:
            raise InputError(
                f"targets {named!r}: is no .npy, .csv or .txt file, and {str(place)!r} holds one array alone"
            )
        return Stimuli(_npy(place, "stimuli"), targets=apart)
    if format_of(place) is None:
        known = in_words((".npy", *endings()))
        raise InputError(f"stimuli {str(place)!r}: unknown extension {place.suffix!r}; expected {known}")
    arrays = dict(read_arrays(place).arrays)
    beside = {name: arrays.pop(name) for name in BESIDE_STIMULI if name in arrays and name not in (key, named)}
    if named is not None:
        if named not in arrays:
            raise UnknownNameError.of("array", named, arrays, where=f"in {place} to take for targets, nor such a file")
        beside["targets"] = arrays.pop(named)
    elif apart is not None:
        beside["targets"] = apart
    if key is None:
        key = next((k for k in STIMULI_KEYS if k in arrays), next(iter(arrays)) if len(arrays) == 1 else None)
    if key is None or key not in arrays:
        raise UnknownNameError.of("array", key or "stimuli", arrays, where=f"in {place} to show the network")
    return Stimuli(arrays[key], **beside)


def load_targets(path: str | Path) -> np.ndarray:
    """Return class numbers or values, a row for each stimulus, from a `.npy`, or the numbers in the lines of a `.csv` or `.txt`.

    Raises
    ------
    InputError, FormatError
        Where the file is missing or damaged, or a line holds anything but numbers.
    """
    place = Path(path)
    if place.suffix.lower() == ".npy":
        return _npy(place, "targets")
    _require_file(place, "targets")
    lines = _lines(place)
    try:
        found = np.array([[float(x) for x in re.split(r"[,;\s]+", line.strip(" ,;\t"))] for line in lines])
    except ValueError as error:
        raise FormatError(
            f"targets {str(place)!r}: expected a class number, or as many values, in every line: {error}"
        ) from None
    whole = found.shape[1:] == (1,) and bool(np.array_equal(found, np.round(found)))
    found = found[:, 0] if found.shape[1:] == (1,) else found
    return found.astype(np.int64) if whole else found


def _is_file(text: str) -> bool:
    return Path(text).is_file() or Path(text).suffix.lower() in (".npy", ".csv", ".txt")


def load_labels(path: str | Path, *, empty: bool = False) -> np.ndarray:
    """Return one label per row from a `.npy`, or a `.csv` or `.txt` with one per line; an empty line is one if so said."""
    place = Path(path)
    if place.suffix.lower() == ".npy":
        return _npy(place, "groups")
    _require_file(place, "groups")
    return np.array(_lines(place, empty=empty), dtype=str)


def _lines(place: Path, *, empty: bool = False) -> list[str]:
    """Return the lines of a text, those that are empty only where they are asked for."""
    try:
        lines = [line.strip() for line in place.read_text(encoding="utf-8").splitlines()]
    except (OSError, ValueError) as error:
        raise FormatError(f"{str(place)!r} cannot be read as text: {error}") from None
    return lines if empty else [line for line in lines if line]


def _npy(path: Path, what: str) -> np.ndarray:
    _require_file(path, what)
    try:
        with path.open("rb") as stream:
            return np.lib.format.read_array(stream, allow_pickle=False)
    except (OSError, ValueError, EOFError, MemoryError) as error:
        raise FormatError(f"{what} file {str(path)!r} cannot be read as .npy: {error}") from None


def _require_file(path: Path, what: str) -> None:
    if not path.is_file():
        raise InputError(f"{what} file {str(path)!r} does not exist; check the path")
