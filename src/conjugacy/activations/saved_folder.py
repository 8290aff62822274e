"""A folder that `save_pretrained` of Hugging Face wrote, as the network that its config names."""

from __future__ import annotations

import json
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

from conjugacy.errors import FormatError, InputError, MissingExtraError

_SHOWN = 5


def load_folder(folder: Path, tell: Callable[[str], object] = lambda sentence: None) -> Any:
    """Return the network of a saved folder, with the head that its config names, in evaluation mode.

    The class comes from the installed transformers and the weights from the folder alone: nothing is downloaded, and code beside
    the weights is never run. Where the config asks for such code, that is told, or refused where transformers has no such class.

    Raises
    ------
    InputError
        Where the folder is no saved model, its class is not known, or weights are missing, which would be drawn at random.
    FormatError
        Where the config or the weights are damaged.
    MissingExtraError
        Where transformers is not installed.
    """
    config = _config(folder)
    try:
        import transformers
    except ImportError:
        raise MissingExtraError.of("a saved folder of Hugging Face", "hf") from None
    own_code = _own_code(config)
    if own_code and not _is_known(transformers, config):
        raise InputError(
            f"{str(folder)!r}: its config asks for code of its own ({own_code}), which is never run, and transformers "
            f"{transformers.__version__} has no {config.get('model_type')!r}; build it in a file of yours: FILE.py:CALLABLE"
        )
    named = _class_named(transformers, config, folder)
    with _quiet(transformers):
        try:
            model, info = (named or transformers.AutoModel).from_pretrained(
                folder,
                local_files_only=True,
                trust_remote_code=False,
                output_loading_info=True,
                ignore_mismatched_sizes=True,  # refused below, by name
            )
        except Exception as error:
            # over a damaged folder, and many that it does not know, transformers raises many kinds of errors
            reason = (str(error).strip().splitlines() or [type(error).__name__])[0][:300]
            raise FormatError(f"{str(folder)!r} cannot be loaded as {_asked(config)}: {reason}") from None
    _require_all_weights(folder, type(model).__name__, info)
    if own_code:
        used = f"{type(model).__name__} of transformers is"
        tell(f"{folder}: its config asks for code of its own ({own_code}), which is not run; {used}")
    if named is None:
        tell(f"{folder}: its config names no architecture; loaded as {type(model).__name__}, without a head")
    if info["unexpected_keys"]:
        tell(f"{folder}: weights that {type(model).__name__} has no place for: {_some(info['unexpected_keys'])}")
    return model.eval()


def _config(folder: Path) -> dict[str, Any]:
    if not (folder / "config.json").is_file():
        raise InputError(f"model {str(folder)!r}: the folder {_what_it_is(folder)}")
    try:
        found: Any = json.loads((folder / "config.json").read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        raise FormatError(f"{str(folder / 'config.json')!r} cannot be read as JSON: {str(error)[:80]}") from None
    if not isinstance(found, dict):
        raise FormatError(f"{str(folder / 'config.json')!r} holds no JSON object")
    return cast("dict[str, Any]", found)


def _what_it_is(folder: Path) -> str:
    if (folder / "adapter_config.json").is_file():
        return (
            "holds an adapter (PEFT) without its model; build both in a file of yours: FILE.py:CALLABLE that returns "
            "PeftModel.from_pretrained(base, folder)"
        )
    if (folder / "saved_model.pb").is_file():
        return (
            "is a TensorFlow SavedModel, which is not run here; give FILE.py:CALLABLE that returns a function of a batch, or "
            "record with TensorFlow and save the arrays (docs/format.md)"
        )
    return "has no config.json; expected what save_pretrained of Hugging Face writes, FILE.py:CALLABLE, or a file .onnx or .keras"


def _own_code(config: dict[str, Any]) -> str | None:
    asked: Any = config.get("auto_map")
    if not isinstance(asked, dict) or not asked:
        return None
    return ", ".join(str(value)[:80] for value in list(cast("dict[str, Any]", asked).values())[:3])


def _is_known(transformers: Any, config: dict[str, Any]) -> bool:
    return config.get("model_type") in transformers.CONFIG_MAPPING


def _class_named(transformers: Any, config: dict[str, Any], folder: Path) -> Any:
    """Return the class of the first architecture that the config names; None where it names none."""
    listed: Any = config.get("architectures")
    name: Any = cast("list[Any]", listed)[0] if isinstance(listed, list) and listed else None
    if name is None:
        return None
    found = getattr(transformers, name, None) if isinstance(name, str) and name.isidentifier() else None
    if not (isinstance(found, type) and issubclass(found, transformers.PreTrainedModel)):
        raise InputError(
            f"{str(folder)!r}: its config names the architecture {str(name)[:80]!r}, which transformers "
            f"{transformers.__version__} does not have; build the model in a file of yours and give FILE.py:CALLABLE"
        )
    return found


def _require_all_weights(folder: Path, name: str, info: dict[str, Any]) -> None:
    missing = [*info["missing_keys"], *(key for key, *_ in info["mismatched_keys"])]
    if missing:
        raise InputError(
            f"{str(folder)!r}: weights of {name} are missing, or of another shape, and would be random: {_some(missing)}; "
            "give a folder that holds them all, or name in config.json ('architectures') the class that was saved"
        )


def _asked(config: dict[str, Any]) -> str:
    return str(config.get("architectures") or config.get("model_type") or "a model of transformers")[:80]


def _some(names: Any) -> str:
    shown = sorted(names)
    return ", ".join(shown[:_SHOWN]) + (f" and {len(shown) - _SHOWN} more" if len(shown) > _SHOWN else "")


@contextmanager
def _quiet(transformers: Any) -> Generator[None]:
    """Keep its bars and reports off the terminal: what is in them is said here."""
    logging = transformers.utils.logging
    level, bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity(logging.CRITICAL)
    logging.disable_progress_bar()
    try:
        yield
    finally:
        logging.set_verbosity(level)
        if bars:
            logging.enable_progress_bar()
