"""A JAX network whose layers are marked in the program that JAX traces of it."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from conjugacy.activations.heads import Heads
from conjugacy.activations.networks.called import heads_of_answer
from conjugacy.activations.networks.jax.form import Form
from conjugacy.activations.networks.jax.kinds import Kind
from conjugacy.activations.networks.jax.program import TracedNetwork, arrays_of, as_given, program_of
from conjugacy.activations.networks.protocol import Batch, LayerInfo
from conjugacy.activations.networks.redrawn import require_redrawn
from conjugacy.activations.networks.weights import arrays_by_path, hash_of, shuffled
from conjugacy.activations.random_pass import own_seed
from conjugacy.activations.untrained import HOW, Made
from conjugacy.data import is_head
from conjugacy.errors import InputError, ModelError

PART = "a part of a recurrent cell or an attention layer; name it to record it"
PASSING = {"Dropout", "Identity", "Flatten"}
KEPT_NAME = "that name is kept for what the network returns"
CLOSED = "runs inside {}, from which JAX gives no values"


class JaxNetwork:
    """A network of flax or equinox, in evaluation mode; every submodule that is called is a layer, named by its path.

    A submodule that runs more than once in a pass gives a layer for every call: `cell`, `cell#2`.

    Parameters
    ----------
    form : Form
    output : str or int, optional
    how : str
        What made it, where it is a copy that learned nothing.
    trained : mapping of str to array, optional
        The weights that such a copy must not hold.

    Examples
    --------
    >>> import equinox as eqx, jax, numpy as np
    >>> from conjugacy.activations.networks.jax import adapt
    >>> network = adapt(eqx.nn.MLP(3, 2, 4, 1, key=jax.random.key(0)))
    >>> {name: array.shape for name, array in network.run(np.zeros((5, 3)), ["layers.0"]).items()}
    {'layers.0': (5, 4), 'outputs': (5, 2)}
    """

    def __init__(
        self,
        form: Form,
        output: str | int | None = None,
        how: Made = "reset",
        trained: Mapping[str, np.ndarray] | None = None,
    ) -> None:
        self.form, self.output = form, output
        self.how: Made = how
        self.heads: Heads | None = None
        self._trained = trained
        self._programs: dict[Any, TracedNetwork] = {}
        self._latest: TracedNetwork | None = None
        self._modes: dict[str, bool] = {}
        self._key: Any = None
        self._passes = 0
        self._start((0, 0))

    def meet(self, batch: Batch) -> None:
        """Find out on a batch which layers there are; nothing is computed."""
        self._program(batch)

    def layers(self) -> Mapping[str, LayerInfo]:
        """Return every submodule that was called, in the order in which they ran; none before a first batch."""
        program = self._latest
        names = [] if program is None else [name for name in program.order if "#" not in name and not is_head(name)]
        return {} if program is None else {name: self._info(program, name) for name in names}

    def _info(self, program: TracedNetwork, name: str) -> LayerInfo:
        calls = sum(other.partition("#")[0] == name for other in program.order)
        return LayerInfo(program.kinds[name].name, self.axes_of(name, program.ndims[name] + program.by_row), calls)

    def axes_of(self, layer: str, ndim: int) -> str | None:
        """Return what a layer's type tells of its axes, of which it gives so many."""
        program, plain = self._latest, layer.partition("#")[0]
        if program is None or plain not in program.kinds:
            return None
        return program.kinds[plain].axes(ndim, program.loops.get(layer, 0), by_row=program.by_row)

    def default_layers(self, ran: Iterable[str]) -> tuple[list[str], dict[str, str]]:
        """Return the layers recorded where none are named, and why others are not: modules of which no part ran by itself."""
        program, names = self._latest, list(ran)
        if program is None:
            return names, {}
        kinds: Mapping[str, Kind] = program.kinds
        left_out = {name: CLOSED.format(what) for name, what in program.closed.items()}
        left_out |= {name: KEPT_NAME for name in program.order if is_head(name)}
        whole = [name for name, kind in kinds.items() if kind.whole]
        parts = {name for name in names if any(name.startswith(f"{outer}.") for outer in whole)}
        rest = [name for name in names if name not in parts]
        plain = {name.partition("#")[0] for name in rest}
        outer = {name for name in plain if any(other.startswith(f"{name}.") for other in plain)}
        inner = [name for name in rest if name.partition("#")[0] not in outer]
        passing = {name for name in inner if kinds[name.partition("#")[0]].name in PASSING}
        left_out |= dict.fromkeys(sorted(parts), PART) | dict.fromkeys(sorted(passing), "only passes on")
        return [name for name in inner if name not in passing], left_out

    @property
    def drawn_by(self) -> str:
        """How the network came about, where it is a copy that learned nothing."""
        return HOW[self.how]

    def reseed(self, seed: int) -> None:
        """Let what the pass draws at random start over."""
        self._start((seed, 0))

    def begin(self, seed: int) -> None:
        """Let the pass draw from a random state that no network with other weights has."""
        self._start(own_seed(seed, hash_of(self._weights)))

    def _start(self, seed: tuple[int, int]) -> None:
        import jax

        self._key, self._passes = jax.random.key(int(np.random.SeedSequence(seed).generate_state(1)[0])), 0

    def run(self, batch: Batch, layers: Sequence[str]) -> Mapping[str, Any]:
        """Return what layers gave, in the order in which they ran, and the outputs.

        Raises
        ------
        ModelError
            Where the network raises.
        """
        import jax

        program = self._program(batch)
        key = jax.random.fold_in(self._key, self._passes)
        self._passes += 1
        arrays, _ = arrays_of(batch)
        try:
            answer, found = program(self.form.state, key, arrays, list(layers))
        except Exception as error:
            raise _told(error) from error
        if self.heads is None:
            self.heads = heads_of_answer(answer, len(next(iter(arrays.values()))), self.output)
        return found | self.heads.of(answer)

    def _program(self, batch: Batch) -> TracedNetwork:
        arrays, fixed = arrays_of(batch)
        for name, part in arrays.items():
            if part.dtype.kind in "OSU":
                raise InputError(
                    f"stimuli{f' {name!r}' if name else ''}: got values of type {part.dtype}, expected numbers"
                )
        shape = (*((name, part.shape, str(part.dtype)) for name, part in arrays.items()), *fixed.items())
        if shape not in self._programs:
            try:
                self._meet(as_given(arrays, fixed))
                self._programs[shape] = program_of(self.form, arrays, fixed)
            except InputError:
                raise
            except Exception as error:
                raise _told(error) from error
        self._latest = self._programs[shape]
        return self._latest

    def _meet(self, batch: Any) -> None:
        """Make the network ready for what it is shown; a copy that was drawn again must not hold what was trained."""
        self.form = self.form.met(batch)
        self._modes = self.form.modes(batch)
        if self._trained is not None:
            require_redrawn(self._trained, self._weights, self.how)
            self._trained = None

    @cached_property
    def _weights(self) -> dict[str, np.ndarray]:
        return arrays_by_path(self.form.state)

    def untrained(self, seed: int) -> JaxNetwork:
        """Return the network as before training: linen draws it by its own `init`, others module by module.

        Raises
        ------
        NoControlError
            Where more than 5 % of the numbers would stay as trained.
        """
        form = self.form.drawn(seed)
        how: Made = "init" if form.state is self.form.state else "reset"
        copy = JaxNetwork(form, self.output, how, self._weights)
        if how == "reset":
            copy._meet(None)
        return copy

    def shuffled(self, seed: int) -> JaxNetwork:
        """Return the network with the entries of every weight array in random order."""
        copy = JaxNetwork(self.form.with_state(shuffled(self.form.state, seed)), self.output, "shuffled")
        require_redrawn(self._weights, copy._weights, "shuffled")
        return copy

    def described(self) -> Mapping[str, Any]:
        """Return its type, size, hash, the libraries' versions, how it was called, and which parts of its answer are outputs."""
        weights = self._weights
        return {
            **self.form.described(),
            "parameters": sum(array.size for array in weights.values() if array.dtype.kind not in "biu"),
            "weights_sha256": hash_of(weights),
            **{name: str(sys.modules[name].__version__) for name in ("jax", *self.form.libraries)},
            **({"called_with": dict(self._modes)} if self._modes else {}),
            **({} if self.heads is None else self.heads.described()),
        }


def _told(error: Exception) -> ModelError:
    """Return what JAX raised in one sentence, with the way out where a network cannot be traced."""
    said = (str(error).strip().splitlines() or [""])[0]
    name = type(error).__name__
    traced = name in {"TracerArrayConversionError", "TracerBoolConversionError", "ConcretizationTypeError",
                      "TracerIntegerConversionError"}  # fmt: skip
    way_out = (
        "; JAX traces the network, whose code must not look at values: give a function of arrays instead"
        if traced
        else ""
    )
    return ModelError(f"{name}: {said}{way_out}")
