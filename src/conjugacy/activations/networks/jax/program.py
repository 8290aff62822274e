"""A JAX network traced for batches of one shape: which layers run in which order, and a compiled run that gives some of them."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Hashable, Mapping, Sequence
from typing import Any, cast

import numpy as np

from conjugacy.activations.calling import is_one_number
from conjugacy.activations.networks.jax.form import Form
from conjugacy.activations.networks.jax.kinds import Kind
from conjugacy.activations.networks.jax.marked import Marks, run

NAMELESS = ""
KEPT = 32  # programs; a network and its copies share theirs, and are run at four numbers of rows
_programs: OrderedDict[Hashable, TracedNetwork] = OrderedDict()
_one_at_a_time = threading.Lock()


def arrays_of(batch: Any) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """Return the arrays of a batch by name, a single one under the empty name, and numbers that go with all stimuli."""
    if not isinstance(batch, Mapping):
        return {NAMELESS: _plain(batch)}, {}
    parts = cast("Mapping[str, Any]", batch)
    fixed = {name: part for name, part in parts.items() if is_one_number(part)}
    return {name: _plain(part) for name, part in parts.items() if name not in fixed}, fixed


def as_given(arrays: Mapping[str, Any], fixed: Mapping[str, Any]) -> Any:
    """Return arrays and numbers as a network is called with them."""
    return arrays.get(NAMELESS, {**arrays, **fixed})


def _plain(part: Any) -> Any:
    return np.asarray(part.detach().cpu()) if hasattr(part, "detach") else np.asarray(part)


def program_of(form: Form, arrays: Mapping[str, np.ndarray], fixed: Mapping[str, Any]) -> TracedNetwork:
    """Return a network's program for batches of this shape; networks that differ in their numbers alone share it."""
    import jax

    leaves, holds = jax.tree.flatten(form.state)
    of_state = tuple((leaf.shape, str(leaf.dtype)) for leaf in leaves)
    of_batch = tuple((name, part.shape, str(part.dtype)) for name, part in arrays.items())
    key = (
        type(form),
        form.structure,
        holds,
        of_state,
        of_batch,
        tuple(fixed.items()),
        str(jax.dtypes.canonicalize_dtype(np.float64)),
    )
    with _one_at_a_time:
        try:
            found = _programs.pop(key, None)
        except TypeError:  # a network that holds what cannot be looked up
            return TracedNetwork(form, arrays, fixed)
    found = TracedNetwork(form, arrays, fixed) if found is None else found
    with _one_at_a_time:
        _programs[key] = found
        while len(_programs) > KEPT:
            _programs.popitem(last=False)
    return found


class TracedNetwork:
    """A network traced for batches of one shape.

    Parameters
    ----------
    form : Form
    arrays : mapping of str to array
        Inputs by name; of their values nothing is used.
    fixed : mapping of str to number
    """

    def __init__(self, form: Form, arrays: Mapping[str, np.ndarray], fixed: Mapping[str, Any]) -> None:
        import jax

        self.by_row = form.by_row
        self.kinds: dict[str, Kind] = {}
        key = jax.random.key(0)
        shown = {
            name: jax.ShapeDtypeStruct(part.shape[self.by_row :], jax.dtypes.canonicalize_dtype(part.dtype))
            for name, part in arrays.items()
        }

        def answer(state: Any, key: Any, arrays: Any) -> Any:
            return form.answer(state, key, as_given(arrays, fixed), self.kinds)

        program, shape = jax.make_jaxpr(answer, return_shape=True)(form.state, key, shown)
        self._program: Any = program
        self._form = jax.tree.structure(shape)
        marks = Marks()

        def looked(*given: Any) -> Any:
            return self._run(given, marks)

        jax.eval_shape(looked, *jax.tree.leaves((form.state, key, shown)))
        self.order, self.loops, self.closed, self.ndims = marks.order, marks.looped, marks.closed, marks.ndims
        self._compiled: dict[tuple[str, ...], Any] = {}

    def _run(self, given: Sequence[Any], marks: Marks) -> list[Any]:
        return run(self._program.jaxpr, self._program.consts, given, marks)

    def __call__(
        self, state: Any, key: Any, arrays: Mapping[str, Any], layers: Sequence[str]
    ) -> tuple[Any, dict[str, Any]]:
        """Return the network's answer to a batch, and some of its layers, in the order of execution."""
        import jax

        wanted = tuple(name for name in self.order if name in layers or name.partition("#")[0] in layers)
        if wanted not in self._compiled:
            self._compiled[wanted] = jax.jit(self._function(wanted))
        answer, values = self._compiled[wanted](state, key, dict(arrays))
        return answer, {name: values[name] for name in wanted}

    def _function(self, wanted: tuple[str, ...]) -> Any:
        import jax

        def once(state: Any, key: Any, arrays: Any) -> Any:
            marks = Marks(wanted)
            found = self._run(jax.tree.leaves((state, key, arrays)), marks)
            return jax.tree.unflatten(self._form, found), marks.values

        if not self.by_row:
            return once

        def over_rows(state: Any, key: Any, arrays: Any) -> Any:
            rows = len(next(iter(arrays.values())))
            return jax.vmap(once, (None, 0, 0))(state, jax.random.split(key, rows), arrays)

        return over_rows
