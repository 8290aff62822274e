"""Networks from the user's files, for the command line: code that builds one, a saved folder, an ONNX file."""

from __future__ import annotations

import importlib.util
import inspect
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from conjugacy.activations.checkpoints import load_weights
from conjugacy.activations.networks.choose import is_live
from conjugacy.activations.saved_folder import load_folder
from conjugacy.activations.stimuli import Stimuli, load_labels, load_stimuli, load_targets
from conjugacy.errors import InputError, ModelError, UnknownNameError

__all__ = ["Stimuli", "load_callable", "load_labels", "load_model", "load_stimuli", "load_targets"]

KINDS = "FILE.py:CALLABLE, a file .onnx or .keras, or a folder that save_pretrained wrote"
WHOLE = (".onnx", ".keras")  # files that say how their weights are run


def load_model(
    spec: str, weights: str | Path | None = None, *, tell: Callable[[str], object] = lambda sentence: None
) -> Any:
    """Return the network that a file or folder of the user's stands for.

    Parameters
    ----------
    spec : str
        `file.py:callable`: the file is run, as the user's own code, and the callable is called without arguments. A folder with
        `config.json` and weights, as `save_pretrained` of Hugging Face writes it: the class that it names, of the installed
        transformers; code beside it is never run. A `.onnx` or `.keras` file: its path, for the adapter that runs it.
    weights : path, optional
        A state dict, or a checkpoint that holds one: `.safetensors`, or a torch file, which is read without executing anything.
    tell : callable, optional
        Called with a sentence where weights were unwrapped, or something in a folder was left alone.

    Raises
    ------
    InputError, FormatError, UnknownNameError
        Where the file, the callable or the weights cannot be used.
    ModelError
        Where the user's code raises.
    MissingExtraError
        Where transformers or torch is needed and missing.
    """
    place = Path(spec).expanduser()
    if place.suffix.lower() in WHOLE:
        return _whole(place, weights)
    model = load_folder(place, tell) if place.is_dir() else _built(spec)
    if weights is not None:
        load_weights(model, Path(weights), tell)
    return model


def _whole(place: Path, weights: str | Path | None) -> Path:
    if not place.is_file():
        raise InputError(f"model {str(place)!r} does not exist; check the path")
    if weights is not None:
        raise InputError(f"--weights {str(weights)!r}: {place.name} holds its own weights; leave them out")
    return place


def _built(spec: str) -> Any:
    if Path(spec).suffix.lower() in (".pt", ".pth", ".ckpt", ".bin", ".safetensors", ".h5", ".tflite"):
        raise InputError(
            f"model {spec!r}: a file of weights does not say how to run them; give {KINDS}, and a state dict as --weights"
        )
    build = load_callable(spec, "model", kinds=KINDS)
    try:
        model = build()
    except (Exception, SystemExit) as error:
        raise ModelError(f"{spec}: building the model raised {type(error).__name__}: {error}") from error
    if not is_live(model):
        raise InputError(
            f"{spec} returned {type(model).__name__}, expected a network: a torch module, a fitted estimator or a callable"
        )
    return model


def load_callable(spec: str, what: str, *, kinds: str = "FILE.py:CALLABLE") -> Any:
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
        raise InputError(f"{what} {spec!r}: expected {kinds}, as in nets.py:make_{what}")
    return _callable(Path(path), name, what)


def _callable(path: Path, name: str, what: str) -> Any:
    if not path.is_file():
        raise InputError(f"{what} file {str(path)!r} does not exist; expected FILE.py:CALLABLE")
    module_name = f"_conjugacy_{what}_{path.stem}"
    found = importlib.util.spec_from_file_location(module_name, path)
    if found is None or found.loader is None:
        raise InputError(f"{what} file {str(path)!r} is not a Python file; expected FILE.py:CALLABLE")
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
