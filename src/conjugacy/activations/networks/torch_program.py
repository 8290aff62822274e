"""A compiled torch network: TorchScript, or an exported program, whose modules tell what they give by calls in a copy of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Never

from conjugacy.activations.calling import call, copied, count_of
from conjugacy.activations.networks.protocol import Batch, LayerInfo, NoControlError
from conjugacy.activations.networks.torch_calls import told_of_calls
from conjugacy.activations.networks.torch_hooks import plain
from conjugacy.activations.networks.torch_kinds import declared
from conjugacy.activations.networks.torch_module import TorchNetwork
from conjugacy.activations.tensors import to_tensor
from conjugacy.errors import InputError
from conjugacy.numerics.process_wide import no_warnings

OLD_TREES = r"`isinstance\(treespec"  # what torch says of itself where a program is copied


@dataclass(frozen=True, eq=False)
class TorchProgram:
    """A copy of a compiled network that tells what its modules give.

    Attributes
    ----------
    model : torch.nn.Module
        The copy.
    form : str
        What it is: `TorchScript`, `an exported program`.
    kind : str
        What the network was called in Python.
    kinds : mapping of str to module
        Its modules by name: of torch's own an empty one of that type, which tells what axes are.
    rows : int or None
        So many rows are taken at a time; None for any number.
    fewest : int
        Fewer rows are not taken.
    notes : tuple of str
        What cannot be had, as sentences.
    """

    model: Any
    form: str
    kind: str
    kinds: Mapping[str, Any] = field(default_factory=dict[str, Any])
    rows: int | None = None
    fewest: int = 1
    notes: tuple[str, ...] = ()


class ProgramNetwork(TorchNetwork):
    """A compiled torch network; modules are layers under the names that they have in Python."""

    drawn_by: str | None = None
    """How a copy that learned nothing came about."""

    def __init__(self, program: TorchProgram, output: str | int | None = None) -> None:
        super().__init__(program.model, output)
        self.program = program
        self._unclear: dict[str, tuple[int, ...]] = {}

    def again(self, model: Any) -> ProgramNetwork:
        """Return a network of the same kind around another copy of the program."""
        return ProgramNetwork(replace(self.program, model=model), self.output)

    def moved(self, dtype: Any, device: Any) -> Never:
        """Refuse: a program was made for numbers of one type."""
        raise InputError(
            f"dtype and device: {self.program.form} is run as it was made; make it again from a network of that type and place"
        )

    @property
    def modules(self) -> dict[str, Any]:
        """All submodules that run by name, the network itself under the empty one."""
        return {"": self.model, **self.program.kinds}

    def layers(self) -> Mapping[str, LayerInfo]:
        """Return all submodules; their axes as far as their types tell."""
        return {name: LayerInfo(_kind(m), declared(m)) for name, m in self.program.kinds.items()}

    @property
    def notes(self) -> tuple[str, ...]:
        """What cannot be had, and what was done to layers, as sentences."""
        several = self.heads is not None and len(self.heads.paths) > 1
        doubt = f"whether an output is a hidden layer cannot be tried in {self.program.form}; output= chooses one"
        unclear = [
            f"{name!r}: shape {shape} of a pass over filled-up rows does not tell which axis follows them; it is left out"
            for name, shape in self._unclear.items()
        ]
        return (*super().notes, *self.program.notes, *((doubt,) if several else ()), *unclear)

    def _pass(self, data: Any, wanted: list[str], take: Callable[[str, Any, Any, Any], None]) -> Any:
        some, kinds = set(wanted), self.program.kinds

        def told(name: str, given: Any) -> None:
            if name in some:
                take(name, kinds[name], (), given)

        with told_of_calls(told):
            return call(self.model, copied(data))

    def _run(self, batch: Batch, layers: Any, keep: Callable[[Any], Any]) -> dict[str, Any]:
        data = to_tensor(batch, self.model)
        rows = count_of(data)
        size = self.program.rows or max(rows, self.program.fewest)
        if size == rows:
            return super()._run(data, layers, keep)
        found: dict[str, list[Any]] = {}
        for start in range(0, rows, size):
            some = min(size, rows - start)
            given = super()._run(_filled(data, start, some, size), layers, plain)
            for name, values in given.items():
                places = [i for i, length in enumerate(values.shape) if length == size]
                if 0 in places and not (values.ndim == 3 and 1 in places):  # tokens may come first there
                    found.setdefault(name, []).append(values[:some])
                else:
                    self._unclear[name] = tuple(values.shape)
        import torch

        whole = {name: torch.cat(parts) for name, parts in found.items()}
        assert self.heads is not None
        return {name: values if name in self.heads.paths else keep(values) for name, values in whole.items()}

    def step(self, layer: str, states: Any, batch: Batch) -> Never:
        """Refuse: states cannot be put into a program."""
        raise InputError(f"{self.program.form} takes no states from outside; give the network that it was made from")

    def untrained(self, seed: int) -> Never:
        """Refuse: a program says nothing of how its weights were drawn.

        Raises
        ------
        NoControlError
        """
        raise NoControlError(
            f"{self.program.form} does not say how its weights were drawn before training; give untrained=, a function that "
            "returns the network untrained, or untrained_a and untrained_b, or controls='none'"
        )

    def shuffled(self, seed: int) -> ProgramNetwork:
        """Return a copy with the entries of every weight tensor in random order.

        Raises
        ------
        NoControlError
            Where it holds no weights that could be moved.
        """
        from conjugacy.activations.shuffled import shuffled_copy

        with no_warnings(OLD_TREES):
            found = shuffled_copy(self.model, seed)
        if found.model is None:
            raise NoControlError(str(found.reason))
        copy = self.again(found.model)
        copy.drawn_by = found.said
        return copy

    def described(self) -> Mapping[str, Any]:
        """Return what a torch module's description holds, and which form it has; of weights that cannot be seen nothing."""
        found = {**super().described(), "model": self.program.kind, "form": self.program.form}
        unseen = () if self.model.state_dict() else ("parameters", "weights_sha256")
        return {key: value for key, value in found.items() if key not in unseen}


def _filled(data: Any, start: int, some: int, size: int) -> Any:
    """Return rows from `start` on, as many as a program takes: the last one again and again where there are too few."""
    import torch

    places = torch.arange(start, start + size).clamp(max=start + some - 1)
    if not isinstance(data, dict):
        return data[places]
    return {name: part if isinstance(part, (bool, int, float)) else part[places] for name, part in data.items()}


def _kind(module: Any) -> str:
    return str(getattr(module, "kind_told", type(module).__name__))
