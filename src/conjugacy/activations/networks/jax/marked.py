"""Marks on values inside a JAX computation, and the same computation giving them back beside its answer.

A mark is an operation that changes nothing. It stands in the traced program where the value is made, so that the order of the
marks is the order of execution, under `jit` too. The program is then written again, with the marked values as further results.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

ONCE = {
    "jit",
    "pjit",
    "closed_call",
    "core_call",
    "remat",
    "remat2",
    "checkpoint",
    "custom_jvp_call",
    "custom_vjp_call",
}
"""Operations that run a program of their own exactly once, with what they are given."""


@cache
def _mark() -> Any:
    """Return the operation, made once: jax is imported where it is used."""
    import jax.numpy as jnp
    from jax.extend.core import Primitive
    from jax.interpreters import ad, batching, mlir

    mark = Primitive("conjugacy_layer")

    def unchanged(x: Any, *, layer: str) -> Any:
        return x

    def batched(given: Any, axes: Any, *, layer: str) -> Any:
        # the mapped axis comes first, wherever the mapped computation has put it
        return mark.bind(jnp.moveaxis(given[0], axes[0], 0), layer=layer), 0

    def derivative(given: Any, moved: Any, *, layer: str) -> Any:
        return mark.bind(given[0], layer=layer), moved[0]

    def lowered(_: Any, x: Any, *, layer: str) -> Any:
        return [x]

    mark.def_impl(unchanged)
    mark.def_abstract_eval(unchanged)
    batching.primitive_batchers[mark] = batched
    ad.primitive_jvps[mark] = derivative
    mlir.register_lowering(mark, lowered)
    return mark


def marked(values: Any, layer: str, *, last: bool = False) -> Any:
    """Return what a layer gave with a mark on its first array, or on its last one."""
    import jax

    leaves, form = jax.tree.flatten(values)
    places = [i for i, leaf in enumerate(leaves) if hasattr(leaf, "shape") and hasattr(leaf, "dtype")]
    if not places:
        return values
    at = places[-1 if last else 0]
    leaves[at] = _mark().bind(jax.numpy.asarray(leaves[at]), layer=layer)
    return jax.tree.unflatten(form, leaves)


@dataclass
class Marks:
    """What marks have given so far, in the order of execution; a layer's second call is `layer#2`.

    Attributes
    ----------
    wanted : collection of str
        Layers whose values are kept.
    values : dict of str to array
    looped : dict of str to int
        Layers inside loops -> how many; so many leading axes are those of the loops.
    closed : dict of str to str
        Layers whose values cannot be had -> what they run in.
    ndims : dict of str to int
        How many axes each has.
    """

    wanted: Collection[str] = ()
    values: dict[str, Any] = field(default_factory=dict[str, Any])
    order: list[str] = field(default_factory=list[str])
    looped: dict[str, int] = field(default_factory=dict[str, int])
    closed: dict[str, str] = field(default_factory=dict[str, str])
    ndims: dict[str, int] = field(default_factory=dict[str, int])

    def see(self, layer: str, values: Any) -> None:
        """Take note of a mark."""
        calls = sum(name.partition("#")[0] == layer for name in self.order)
        name = f"{layer}#{calls + 1}" if calls else layer
        self.order.append(name)
        self.ndims[name] = values.ndim
        if name in self.wanted:
            self.values[name] = values

    def inside(self) -> Marks:
        """Return marks of a loop's body, which go on counting calls."""
        return Marks(self.wanted, {}, list(self.order))

    def after(self, body: Marks, values: dict[str, Any]) -> None:
        """Take over what a loop's body has marked."""
        for name in body.order[len(self.order) :]:
            self.looped[name] = body.looped.get(name, 0) + 1
            self.ndims[name] = body.ndims[name] + 1
        self.order[:] = body.order
        self.closed |= body.closed
        self.values |= values


def run(program: Any, constants: Sequence[Any], given: Sequence[Any], marks: Marks) -> list[Any]:
    """Run a traced program, and note what it has marked.

    Parameters
    ----------
    program : jax.extend.core.Jaxpr
    constants, given : sequence of arrays
    marks : Marks

    Returns
    -------
    list of arrays
        What the program itself gives.
    """
    values: dict[Any, Any] = dict(zip([*program.constvars, *program.invars], [*constants, *given], strict=True))

    def read(one: Any) -> Any:
        return one.val if hasattr(one, "val") else values[one]

    for step in program.eqns:
        found = _step(step, [read(one) for one in step.invars], marks)
        values.update(zip(step.outvars, found, strict=True))
    return [read(one) for one in program.outvars]


def _step(step: Any, given: list[Any], marks: Marks) -> Sequence[Any]:
    name = step.primitive.name
    if step.primitive is _mark():
        marks.see(step.params["layer"], given[0])
        return given
    inner = _inner(step)
    layers = [layer for one in inner for layer in _marks_in(one)]
    if layers and name in ONCE and len(inner) == 1:
        program, constants = _opened(inner[0])
        if len(program.invars) == len(given):
            return run(program, constants, given, marks)
    if layers and name == "scan":
        return _scanned(step, given, marks)
    for layer in layers:
        marks.closed.setdefault(layer, name)
    return _as_it_is(step, given)


def _as_it_is(step: Any, given: list[Any]) -> Sequence[Any]:
    bound = step.primitive.get_bind_params(step.params)
    functions, params = bound if isinstance(bound, tuple) else ((), bound)  # before JAX 0.10 functions stood apart
    with step.ctx.manager:
        found = step.primitive.bind(*functions, *given, **params)
    return found if step.primitive.multiple_results else [found]


def _scanned(step: Any, given: list[Any], marks: Marks) -> list[Any]:
    """Run a loop over the leading axis, and put the values of every turn one behind the other."""
    import jax

    how = step.params
    program, constants = _opened(how["jaxpr"])
    fixed, carried = how["num_consts"], how["num_consts"] + how["num_carry"]
    bodies: list[Marks] = []

    def body(state: Any, shown: Any) -> Any:
        bodies.append(marks.inside())
        found = run(program, constants, [*given[:fixed], *state, *shown], bodies[-1])
        return found[: how["num_carry"]], (found[how["num_carry"] :], bodies[-1].values)

    state, (each, kept) = jax.lax.scan(
        body, given[fixed:carried], given[carried:], how["length"], how["reverse"], how["unroll"]
    )
    marks.after(bodies[-1], kept)
    return [*state, *each]


def _inner(step: Any) -> list[Any]:
    """Return the programs inside a step."""
    found: list[Any] = []
    for value in step.params.values():
        several: Any = value if isinstance(value, (tuple, list)) else (value,)
        found += [one for one in several if hasattr(one, "eqns")]
    return found


def _opened(program: Any) -> tuple[Any, Sequence[Any]]:
    return (program.jaxpr, program.consts) if hasattr(program, "consts") else (program, ())


def _marks_in(program: Any) -> Iterator[str]:
    """Return the layers marked anywhere in a program."""
    for step in program.eqns:
        if step.primitive is _mark():
            yield step.params["layer"]
        for one in _inner(step):
            yield from _marks_in(one)
