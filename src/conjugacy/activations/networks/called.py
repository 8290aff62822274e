"""Networks that are any callable: their answers sorted into layers and outputs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from dataclasses import is_dataclass
from typing import Any, cast

import numpy as np

from conjugacy.activations.answers import is_values, named_parts, refuse_a_list_of_stimuli
from conjugacy.activations.calling import count_of
from conjugacy.activations.heads import Heads
from conjugacy.activations.networks.protocol import Batch, LayerInfo, NoControlError
from conjugacy.activations.random_pass import own_seed, passes_apart
from conjugacy.activations.randomness import own_randomness, state_of_all
from conjugacy.activations.tensors import as_array
from conjugacy.data import HEAD, head_named, is_head
from conjugacy.data.foreign import is_array
from conjugacy.errors import InputError, ModelError


def adapt(thing: Any, output: str | int | None = None) -> CalledNetwork | None:
    """Return a callable as a network; None of anything that cannot be called, or is an array."""
    return CalledNetwork(thing, output) if callable(thing) and not is_array(thing) else None


class CalledNetwork:
    """A callable from stimuli to outputs.

    A mapping holds layers by name, the outputs among them as `outputs`, or several as `outputs.NAME` or `outputs[1]`. What is no
    mapping is the output, or, as a tuple of arrays with one row for each stimulus, several. It is called once with all stimuli,
    unless a batch size is asked for.

    Examples
    --------
    >>> import numpy as np
    >>> network = CalledNetwork(lambda x: {"hidden": 2 * x, "outputs": x.sum(axis=1)})
    >>> {name: values.shape for name, values in network.run(np.ones((5, 3)), ["hidden"]).items()}
    {'hidden': (5, 3), 'outputs': (5,)}
    """

    at_once = True
    """Whether all stimuli are shown together where nobody says how many."""

    def __init__(self, model: Callable[[Any], Any], output: str | int | None = None) -> None:
        self.model, self.output = model, output
        self.heads: Heads | None = None
        self._seen: dict[str, LayerInfo] = {}
        self.notes: tuple[str, ...] = ()
        self._seed = 0

    def layers(self) -> Mapping[str, LayerInfo]:
        """Return the layers that it has answered with so far."""
        return self._seen

    def run(self, batch: Batch, layers: Sequence[str]) -> Mapping[str, Any]:
        """Call it, and return all layers and the outputs."""
        rows = count_of(batch)
        answer = self._answer(batch, rows)
        refuse_a_list_of_stimuli(answer.get(HEAD) if isinstance(answer, Mapping) else answer, rows)
        found, outputs = _sorted(answer, rows)
        self._seen = {name: LayerInfo("callable") for name in found}
        heads = _heads(outputs, rows, self.output) if self.heads is None else self.heads
        if not heads.paths:
            raise InputError(
                f"the model returned the layers {sorted(found)}, expected one of them to be {HEAD!r}, or several '{HEAD}.NAME'"
            )
        self.heads = heads
        chosen = {name: outputs[path][0] for name, path in heads.paths.items() if path in outputs}
        return {name: found[name] if name in found else chosen[name] for name in (*found, *chosen)}

    def begin(self, seed: int) -> None:
        """Take a seed for what the network draws at random."""
        self._seed, self.notes = seed, ()

    def _answer(self, batch: Batch, rows: int) -> Any:
        """Call it once; where it draws from the global generators, again from a random state of its own."""
        given = deepcopy(batch)  # what is computed in place must not reach a second call
        with own_randomness(seed=self._seed):
            before = state_of_all()
            answer = self._call(batch)
            if state_of_all() == before:
                return answer
        first = _numbers(answer, rows)
        with own_randomness(seed=own_seed(self._seed, first.tobytes())):
            answer = self._call(given)
        found = passes_apart(first, _numbers(answer, rows))
        self.notes = () if found is None else (found.said,)
        return answer

    def _call(self, batch: Batch) -> Any:
        try:
            return self.model(batch)
        except Exception as error:
            raise ModelError(f"{type(error).__name__}: {error}") from error

    def untrained(self, seed: int) -> CalledNetwork:
        """Refuse: nothing is known of what was trained."""
        raise NoControlError(
            "a callable has no untrained copy of its own; give untrained_a and untrained_b, or a factory as untrained="
        )

    def described(self) -> Mapping[str, Any]:
        """Return its name, and which parts of its answer are outputs."""
        name = getattr(self.model, "__qualname__", type(self.model).__name__)
        return {"model": name, **({} if self.heads is None else self.heads.described())}


def _numbers(answer: Any, rows: int) -> np.ndarray:
    """Return everything that an answer holds for every row, (m, n)."""
    layers, outputs = _sorted(answer, rows)
    parts = [as_array(part) for part in (*layers.values(), *(part for part, _ in outputs.values())) if is_values(part)]
    found = [part.reshape(rows, -1) for part in parts if part.ndim and len(part) == rows and part.dtype.kind in "biuf"]
    return np.concatenate([np.zeros((rows, 0)), *found], axis=1).astype(np.float64)


def _sorted(answer: Any, rows: int) -> tuple[dict[str, Any], dict[str, tuple[Any, str | None]]]:
    """Return layers by name, and what is returned as outputs with why it is none."""
    if isinstance(answer, Mapping):
        given = {str(key): value for key, value in cast("Mapping[Any, Any]", answer).items()}
        layers = {name: value for name, value in given.items() if not is_head(name)}
        outputs = [part for name, value in given.items() if is_head(name) for part in _parts(value, name, rows)]
    else:
        layers, outputs = {}, list(_parts(answer, HEAD, rows))
    return layers, {name: (part, why) for name, part, why in outputs}


def _parts(value: Any, name: str, rows: int) -> list[tuple[str, Any, str | None]]:
    several = isinstance(value, Mapping) or hasattr(value, "_fields") or (is_dataclass(value) and not is_values(value))
    if isinstance(value, tuple):
        parts = [part for part in cast("tuple[Any, ...]", value) if is_values(part)]
        several = several or any(len(part.shape) > 0 and len(part) == rows for part in parts)
    return list(named_parts(value, name)) if several else [(name, value, None)]


def heads_of_answer(answer: Any, rows: int, output: str | int | None = None) -> Heads:
    """Find out which parts of an answer are outputs: by what they are called, and by their rows.

    Raises
    ------
    InputError, ShapeError
        Where there are none, or the answer is a list with one entry for each stimulus.
    """
    refuse_a_list_of_stimuli(answer, rows)
    parts = {name: (part, why) for name, part, why in named_parts(answer)}
    if not any(is_values(part) for part, _ in parts.values()):
        raise InputError(
            f"the model returned {type(answer).__name__}, expected an array, or several in a tuple or mapping"
        )
    return _heads(parts, rows, output)


def _heads(outputs: Mapping[str, tuple[Any, str | None]], rows: int, output: str | int | None) -> Heads:
    whys = {name: why or _without_rows(part, rows) for name, (part, why) in outputs.items()}
    if output is not None:
        chosen = head_named(output, outputs, "in what the model returned")
        whys = {name: None if name == chosen else why or "another output was asked for" for name, why in whys.items()}
    kept = [name for name, why in whys.items() if why is None]
    if not kept and outputs:
        kept = list(outputs)[:1]  # refused with its shape where it is made a matrix
    alone = len(kept) == 1 and output is None
    left_out = {name: why for name, why in whys.items() if why is not None and name not in kept}
    hints = {name: ("logits", f"it is called {name!r}") for name in kept if "logit" in name.lower() and not alone}
    return Heads({HEAD: kept[0]} if alone else {name: name for name in kept}, left_out, {}, hints)


def _without_rows(part: Any, rows: int) -> str | None:
    if is_values(part) and not getattr(part, "is_nested", False) and (not part.shape or part.shape[0] != rows):
        return f"shape {tuple(part.shape)}, not one row for each of {rows} stimuli"
    return None
