"""Which tensors of a torch module's answer are its outputs, found out on a few rows, and what their makers say of their kind."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from conjugacy.activations.answers import (
    STATES,
    first_tensor,
    is_values,
    named_parts,
    refuse_a_list_of_stimuli,
    replaced,
)
from conjugacy.activations.calling import call, copied, count_of, numbers_of, rows_of
from conjugacy.activations.kind_hints import kind_hinted
from conjugacy.activations.networks.torch_forms import is_script
from conjugacy.activations.randomness import seed_all
from conjugacy.activations.untouched import evaluating
from conjugacy.data import HEAD, head_named
from conjugacy.errors import InputError, ModelError, UnknownNameError

ROWS, NUMBERS = (
    7,
    2**16,
)  # shown to find out: so many rows at most (few things else come in sevens), two of large stimuli
HIDDEN = "a hidden layer"


@dataclass(frozen=True)
class Heads:
    """Which parts of a network's answer are its outputs.

    Attributes
    ----------
    paths : mapping of str to str
        Name of an output -> where in the answer it stands: the only one is called `outputs`, several by where they stand.
    left_out : mapping of str to str
        What else is returned -> why it is no output.
    doubts : mapping of str to str
        Outputs that may be hidden layers -> why.
    hints : mapping of str to (str, str)
        Outputs -> the kind that their makers suggest, and why.
    """

    paths: Mapping[str, str]
    left_out: Mapping[str, str] = field(default_factory=dict[str, str])
    doubts: Mapping[str, str] = field(default_factory=dict[str, str])
    hints: Mapping[str, tuple[str, str]] = field(default_factory=dict[str, Any])

    def path_of(self, name: str) -> str:
        """Return where in the answer an output stands; what was left out has its own name.

        Raises
        ------
        UnknownNameError
            Where nothing of that name is returned.
        """
        if name in self.paths or name in self.left_out:
            return self.paths.get(name, name)
        raise UnknownNameError.of("output", name, self.paths, where="in what the model returned")

    def of(self, answer: Any) -> dict[str, Any]:
        """Return the outputs that an answer holds, by name."""
        found = {name: part for name, part, _ in named_parts(answer) if is_values(part)}
        return {name: found[path] for name, path in self.paths.items() if path in found}

    def described(self) -> dict[str, Any]:
        """Return what goes into the provenance."""
        moved = {name: path for name, path in self.paths.items() if name != path}
        hints = {name: list(hint) for name, hint in self.hints.items()}
        found = {"heads": moved, "left_out": self.left_out, "doubtful_outputs": self.doubts, "output_hint": hints}
        return {key: dict(value) for key, value in found.items() if value}


@dataclass(frozen=True, eq=False)
class _Ran:
    """One pass over a few rows: the answer, and what every module gave, in the order of the calls."""

    answer: Any
    calls: list[tuple[str, Any]]  # module, the tensor that it hands on
    beside: list[tuple[str, str, Any]]  # module, what it is, a further tensor of it

    def makers(self, tensor: Any) -> list[str]:
        """Return the modules that gave this tensor, in the order in which they ran."""
        return [name for name, given in self.calls if _equal(given, tensor)]


def heads_of(model: Any, data: Any, output: str | int | None = None) -> Heads:
    """Find out which parts of a torch module's answer are its outputs.

    No outputs are caches, states, attention weights, single numbers, what has not one row for each stimulus, and tensors equal to
    what a module gave that another module with weights works on: those are hidden layers. Where nothing is left, the first of the
    hidden states is taken.

    Parameters
    ----------
    model : torch.nn.Module
        Left as it was.
    data : tensor, (m, ...)
        The first rows are shown to it.
    output : str or int, optional
        The only output that is wanted, as in `record`.

    Raises
    ------
    InputError, UnknownNameError
        Where the model returns no tensor, or nothing of the name that was asked for.
    ModelError
        Where it raises.
    """
    few = max(2, min(ROWS, NUMBERS // max(1, numbers_of(data))))
    with evaluating(model):
        try:
            batch = rows_of(data, slice(few))
            ran = _run(model, batch)
        except Exception:  # some networks take batches of one size only: shown all rows, it says itself what is wrong
            batch = data
            ran = _run_all(model, batch)
        refuse_a_list_of_stimuli(ran.answer, count_of(batch))
        parts = {name: (part, why) for name, part, why in named_parts(ran.answer)}
        tensors = {name: part for name, (part, _) in parts.items() if is_values(part)}
        if not tensors:
            raise InputError(
                f"the model returned {type(ran.answer).__name__}, expected a tensor, or several in a tuple, list or mapping"
            )
        whys: dict[str, str | None] = {
            name: why or _why_not(ran, part, count_of(batch)) for name, (part, why) in parts.items()
        }
        doubts: dict[str, str] = {}
        if output is None:
            kept = [name for name in parts if whys[name] is None]
            if len(kept) > 1 or (kept and STATES in whys.values()):
                for name in kept:
                    hidden, doubt = _as_hidden(model, batch, ran, name, {key: tensors[key] for key in kept})
                    whys[name] = hidden
                    if doubt:
                        doubts[name] = doubt
        else:
            chosen = head_named(output, tensors, "in what the model returned")
            others = [name for name in parts if name != chosen]
            whys = {chosen: None} | {name: whys[name] or "another output was asked for" for name in others}
        return _named(model, ran, tensors, whys, doubts, output is not None)


def _named(
    model: Any, ran: _Ran, tensors: Mapping[str, Any], whys: dict[str, str | None], doubts: dict[str, str], asked: bool
) -> Heads:
    kept = [name for name in tensors if whys.get(name) is None]
    if not kept:
        states = [name for name in tensors if whys[name] == STATES]
        kept = (states or list(tensors))[:1]  # what has no rows is refused with its shape, where it is recorded
        whys.pop(kept[0])
    paths = {name: name for name in kept} if len(kept) > 1 or asked else {HEAD: kept[0]}
    hints = {
        name: kind_hinted(model, ran.makers(tensors[path]), path, tensors[path], i == 0)
        for i, (name, path) in enumerate(paths.items())
    }
    return Heads(
        paths,
        {name: why for name, why in whys.items() if why is not None},
        {name: doubts[path] for name, path in paths.items() if path in doubts},
        {name: hint for name, hint in hints.items() if hint is not None},
    )


def _run_all(model: Any, batch: Any) -> _Ran:
    try:
        return _run(model, batch)
    except Exception as error:
        where = f"rows 0 to {count_of(batch) - 1}"
        raise ModelError(f"the model raised on {where}: {type(error).__name__}: {error}") from error


def _run(model: Any, batch: Any, instead: tuple[str, Any] | None = None) -> _Ran:
    """Run a batch; `instead` is a module and what it is to give."""
    calls: list[tuple[str, Any]] = []
    beside: list[tuple[str, str, Any]] = []

    def collect(name: str) -> Callable[..., Any]:
        def hook(module: Any, args: Any, output: Any) -> Any:
            if instead is not None and name == instead[0]:
                output = replaced(output, instead[1], name)
            given = first_tensor(output)
            if given is not None:
                calls.append((name, given.detach().clone()))
            if what := _gives_beside(module):
                further = [part for _, part, _ in named_parts(output) if is_values(part)][1:]
                beside.extend((name, what, part.detach().clone()) for part in further)
            return output if instead is not None and name == instead[0] else None

        return hook

    with _hooked(model, collect):
        seed_all(model, 0)
        answer = call(model, copied(batch))
    return _Ran(answer, calls, beside)


@contextmanager
def _hooked(model: Any, collect: Callable[[str], Callable[..., Any]]) -> Generator[None]:
    # the network itself gives states beside its outputs where it is a recurrent layer
    handles = [
        module.register_forward_hook(collect(name))
        for name, module in model.named_modules()
        if (name or _gives_beside(model)) and not is_script(module)
    ]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


def _gives_beside(module: Any) -> str | None:
    """Say what a module of torch's own gives beside its answer."""
    import torch

    if isinstance(module, torch.nn.RNNBase):
        return "a state"
    return "attention weights" if isinstance(module, torch.nn.MultiheadAttention) else None


def _why_not(ran: _Ran, part: Any, rows: int) -> str | None:
    """Return why a tensor is no output whatever else is returned."""
    for name, what, given in ran.beside:
        if _equal(given, part):
            return f"{what} of {name!r}" if name else what
    if len(part) != rows:
        return f"shape {tuple(part.shape)}, not one row for each of {rows} stimuli"
    return None


def _as_hidden(
    model: Any, batch: Any, ran: _Ran, name: str, tensors: Mapping[str, Any]
) -> tuple[str | None, str | None]:
    """Return why a part of an answer is a hidden layer, or why it may be one."""
    tensor = tensors[name]
    makers = [maker for maker in ran.makers(tensor) if maker]
    if not makers or not tensor.dtype.is_floating_point:
        return None, None
    maker = makers[0]
    try:
        moved = _run(model, batch, (maker, _other_than(tensor)))
    except Exception:  # whatever a network does with numbers that it never saw
        return None, f"what {maker!r} gives; whether others work on it could not be tried"
    modules = dict(model.named_modules())
    with_weights = {key for key, module in modules.items() if next(module.parameters(recurse=False), None) is not None}
    own = {key for key in with_weights if key in makers or _is_within(maker, key) or _is_within(key, maker)}
    for (before, given), (after, given_then) in zip(ran.calls, moved.calls, strict=False):
        if before != after:
            break
        if before in with_weights - own and not _equal(given, given_then):
            return f"{HIDDEN}: what {maker!r} gives, and {before!r} works on", None
    then = {key: part for key, part, _ in named_parts(moved.answer)}
    others = {key: part for key, part in tensors.items() if key != name and maker not in ran.makers(part)}
    changed = [key for key, part in others.items() if not _equal(part, then.get(key))]
    if changed:
        return None, f"what {maker!r} gives, and {changed[0]} follows from it without another layer's weights"
    return None, None


def _is_within(inner: str, outer: str) -> bool:
    return not outer or inner.startswith(f"{outer}.")


def _other_than(tensor: Any) -> Any:
    import torch

    wave = torch.arange(tensor.numel(), device=tensor.device).reshape(tensor.shape).cos().to(tensor.dtype)
    return tensor + (1 + tensor.abs()) * (0.5 + wave)


def _equal(x: Any, y: Any) -> bool:
    """Whether two tensors are the same to the last bit, row by row."""
    import torch

    if not isinstance(x, torch.Tensor) or not isinstance(y, torch.Tensor) or x.dtype != y.dtype or x.device != y.device:
        return False
    if x.is_nested or y.is_nested:
        return False
    flat = [tensor.detach().reshape(len(tensor), -1) for tensor in (x, y) if tensor.ndim and len(tensor)]
    return len(flat) == 2 and flat[0].shape == flat[1].shape and bool(torch.equal(*flat))
