"""Saved `.keras` files, opened by Keras itself with its safe mode on, after a look at what they name."""

from __future__ import annotations

import importlib.util
import json
import os
import sys
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, cast

from conjugacy.errors import FormatError, InputError, MissingExtraError

OLDEST = (3, 13, 2)  # before, a file could run code in spite of safe mode
CODE = {"__lambda__", "Lambda", "TFSMLayer", "TorchModuleWrapper", "JaxLayer", "FlaxLayer"}
MOST_CONFIG = 64 * 2**20
YOURSELF = "if you trust it, load it with keras.saving.load_model and give the model"


def opened(path: Path) -> Any:
    """Return the model in a `.keras` file.

    Before Keras opens it, a file is refused that names code: lambdas, other programs, or classes outside of Keras that are not
    registered here.

    Raises
    ------
    MissingExtraError
        Where Keras is not installed.
    FormatError
        Where there is no such file, it is damaged, or it names code.
    InputError
        Where this Keras is too old to open files safely.
    """
    if not path.is_file():
        raise FormatError(f"{path}: there is no such file; expected a .keras file")
    require_plain(path)
    keras = _keras()
    version = tuple(int(part) for part in keras.__version__.split(".")[:3] if part.isdecimal())
    if version < OLDEST:
        raise InputError(
            f"{path}: got Keras {keras.__version__}, expected 3.13.2 or newer: older ones let a file run code in spite of their "
            f"safe mode; update Keras, or {YOURSELF}"
        )
    try:
        return keras.saving.load_model(path, compile=False, safe_mode=True)
    except Exception as error:
        raise FormatError(f"{path}: Keras cannot open it: {type(error).__name__}: {_first_line(error)}") from error


def require_plain(path: Path) -> None:
    """Refuse a file that is no Keras model, or names code.

    Raises
    ------
    FormatError
    """
    try:
        with zipfile.ZipFile(path) as archive:
            if archive.getinfo("config.json").file_size > MOST_CONFIG:
                raise FormatError(f"{path}: its config.json is over {MOST_CONFIG >> 20} MiB; that is no Keras model")
            config = json.loads(archive.read("config.json"))
    except FormatError:
        raise
    except Exception as error:  # whatever stands in a file that is none
        raise FormatError(f"{path}: not a Keras model ({type(error).__name__}: {_first_line(error)})") from None
    for named in _named(config):
        raise FormatError(f"{path}: names code, {named}, which is not run; {YOURSELF}")


def _named(part: Any) -> Iterator[str]:
    """Yield what a configuration names that is no plain layer of Keras."""
    if isinstance(part, Mapping):
        entries = cast("Mapping[str, Any]", part)
        name, module = entries.get("class_name"), entries.get("module")
        if name in CODE:
            yield str(name)
        elif name is not None and isinstance(module, str) and not f"{module}.".startswith(("keras.", "builtins.")):
            yield f"{module}.{name}"
        for each in entries.values():
            yield from _named(each)
    elif isinstance(part, list):
        for each in cast("list[Any]", part):
            yield from _named(each)


def _keras() -> Any:
    """Return Keras, on a backend that is installed where nobody has chosen one."""
    if importlib.util.find_spec("keras") is None:
        raise MissingExtraError.of("opening a .keras file", "keras")
    if "keras" not in sys.modules and "KERAS_BACKEND" not in os.environ and not _chosen():
        there = [name for name in ("tensorflow", "jax", "torch") if importlib.util.find_spec(name) is not None]
        if not there:
            raise InputError("a .keras file needs a backend of Keras; install jax or torch")
        os.environ["KERAS_BACKEND"] = there[0]
    import keras

    return keras


def _chosen() -> bool:
    """Whether the user's own settings of Keras name a backend that is installed."""
    folder = Path(os.environ.get("KERAS_HOME") or Path.home() / ".keras")
    try:
        chosen = json.loads((folder / "keras.json").read_text(encoding="utf-8")).get("backend", "")
    except (OSError, ValueError, AttributeError):
        return False
    return isinstance(chosen, str) and bool(chosen) and importlib.util.find_spec(chosen) is not None


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [""])[0][:200]
