"""Weights from the user's files, whatever they are wrapped in, where the whole then fits the model."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from conjugacy.errors import FormatError, InputError, MissingExtraError
from conjugacy.numerics.process_wide import no_warnings

WRAPPERS = ("state_dict", "model_state_dict", "model", "module", "net", "network")
"""Keys under which training loops keep the state dict."""

PREFIXES = ("module.", "_orig_mod.", "model.", "net.", "network.")
"""What wrappers put before every name: DataParallel and DDP, torch.compile, classes that hold the model."""

_DEEPEST = 4
_SHOWN = 5


@dataclass(frozen=True, eq=False)
class Candidate:
    """What may be the state dict: the names, and how they were come by."""

    state: Mapping[Any, Any]
    under: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """How the names were come by, in words."""
        held = "".join(f"[{key!r}]" for key in self.under)
        removed = f"without {', '.join(repr(prefix) for prefix in self.without)}" if self.without else ""
        return " ".join(part for part in (held, removed) if part) or "as it is"


def load_weights(model: Any, path: Path, tell: Callable[[str], object] = lambda sentence: None) -> None:
    """Load a state dict, or a checkpoint that holds one, into a torch module: the whole, or not at all.

    A file is tried as it is, then what stands under the keys that training loops use, then without the prefixes of DataParallel,
    torch.compile and classes that hold the model; what was unwrapped is told.

    Raises
    ------
    InputError
        Where nothing of it fits strictly: what was tried, what is missing and what is unexpected in the nearest.
    FormatError
        Where the file is damaged, hostile or holds no state dict.
    """
    if not hasattr(model, "load_state_dict"):
        raise InputError(f"weights {str(path)!r} were given, but the model is {type(model).__name__}, no torch module")
    if not path.is_file():
        raise InputError(f"weights file {str(path)!r} does not exist")
    content = _safetensors(path) if path.suffix == ".safetensors" else _torch_file(path)
    target = getattr(model, "_orig_mod", model)  # a compiled module shares its weights with the original
    own = cast("Mapping[str, Any]", target.state_dict())
    tried: list[Candidate] = []
    foreign: Exception | None = None
    for one in candidates(content):
        try:
            target.load_state_dict(_with_tied(one.state, own), strict=True)
        except RuntimeError:
            tried.append(one)
        except Exception as error:  # a state dict of an untrusted file may hold anything under its keys
            foreign = foreign or error
        else:
            if one.under or one.without:
                tell(
                    f"weights {path}: taken {one.words}" + (f"; left alone: {_some(one.beside)}" if one.beside else "")
                )
            return
    if not tried:
        raise FormatError(f"weights {str(path)!r} hold no state dict: {type(foreign).__name__}: {foreign}") from None
    raise InputError(_no_fit(path, tried, own))


def candidates(content: Mapping[Any, Any]) -> Generator[Candidate]:
    """Yield what may be the state dict of a file, the file as it is first.

    Examples
    --------
    >>> [one.words for one in candidates({"epoch": 3, "model": {"module.fc.weight": 0}})]
    ['as it is', "['model']", "['model'] without 'module.'"]
    """
    waiting = [Candidate(content)]
    while waiting:
        one = waiting.pop(0)
        yield one
        yield from _without_prefixes(one)
        if len(one.under) < _DEEPEST:
            others = tuple(str(key) for key in one.state)
            waiting += [
                Candidate(one.state[key], (*one.under, key), (), tuple(other for other in others if other != key))
                for key in WRAPPERS
                if isinstance(one.state.get(key), Mapping)
            ]


def _without_prefixes(one: Candidate) -> Generator[Candidate]:
    while True:
        names = list(one.state)
        if not names or not all(isinstance(name, str) for name in names):
            return
        prefix = next((p for p in PREFIXES if all(name.startswith(p) for name in names)), None)
        if prefix is None:
            break
        one = Candidate(_renamed(one.state, prefix, first=True), one.under, (*one.without, prefix), one.beside)
        yield one
    if any("._orig_mod." in name for name in names):  # parts of the model were compiled
        state = _renamed(one.state, "_orig_mod.", first=False)
        yield Candidate(state, one.under, (*one.without, "_orig_mod."), one.beside)


def _renamed(state: Mapping[str, Any], part: str, *, first: bool) -> Mapping[str, Any]:
    """Return a state dict without a part of its names, at their beginning or anywhere, and its versions likewise."""

    def name(old: str) -> str:
        return old.removeprefix(part) if first else old.replace(part, "")

    found: Any = OrderedDict((name(key), value) for key, value in state.items())
    versions: Any = getattr(state, "_metadata", None)
    if isinstance(versions, Mapping):
        known = cast("Mapping[str, Any]", versions)
        # names of modules, which end without the dot
        found._metadata = OrderedDict((name(f"{key}.").removesuffix("."), value) for key, value in known.items())
    return found


def _with_tied(state: Mapping[Any, Any], own: Mapping[str, Any]) -> Mapping[Any, Any]:
    """Return the state with the second names of tied weights, which files without doubles leave out."""
    missing = [key for key in own if key not in state]
    places = {_place(value): key for key, value in own.items() if key in state}
    again = {key: state[places[_place(own[key])]] for key in missing if _place(own[key]) in places}
    if not again or len(again) < len(missing):
        return state
    found: Any = OrderedDict({**state, **again})
    if hasattr(state, "_metadata"):
        found._metadata = cast("Any", state)._metadata
    return found


def _place(tensor: Any) -> Any:
    if not hasattr(tensor, "data_ptr") or tensor.device.type == "meta" or not tensor.numel():
        return object()
    return tensor.data_ptr(), tuple(tensor.shape), tuple(tensor.stride())


def _no_fit(path: Path, tried: list[Candidate], own: Mapping[str, Any]) -> str:
    def misfit(one: Candidate) -> int:
        return len(set(map(str, one.state)) ^ set(own))

    nearest = min(tried, key=misfit)
    missing = [key for key in own if key not in nearest.state]
    unexpected = [str(key) for key in nearest.state if key not in own]
    sizes = [
        f"{key} {tuple(value.shape)}, in the model {tuple(own[key].shape)}"
        for key, value in nearest.state.items()
        if key in own and hasattr(value, "shape") and tuple(value.shape) != tuple(own[key].shape)
    ]
    found = {"Missing": missing, "Unexpected": unexpected, "size mismatch": sizes}
    said = "; ".join(f"{what}: {_some(names)}" for what, names in found.items() if names)
    where = f"tried {'; '.join(one.words for one in tried)}; nearest is {nearest.words}: " if len(tried) > 1 else ""
    return f"weights {str(path)!r} do not fit the model: {where}{said or 'it is refused by the model itself'}"


def _some(names: Any) -> str:
    shown = list(names)
    more = f" and {len(shown) - _SHOWN} more" if len(shown) > _SHOWN else ""
    return ", ".join(shown[:_SHOWN]) + more


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
        with no_warnings():  # about old pickle protocols; what cannot be read raises
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
    return cast("dict[str, Any]", state)
