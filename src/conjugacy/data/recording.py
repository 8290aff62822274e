"""Recording: one network's layers, on the same stimuli or trials, and where they come from."""

from __future__ import annotations

import importlib
import os
from collections import Counter
from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, field, fields, replace
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np

from conjugacy.asked import keywords, mapping, name_of
from conjugacy.data import check
from conjugacy.data.activations import Activations
from conjugacy.data.depth import Deepest, deepest_among
from conjugacy.data.foreign import widenings, with_widened
from conjugacy.data.heads import frozen_kinds, head_named, head_of_targets, heads_among, is_head
from conjugacy.data.same_rows import require_same_rows, require_squares
from conjugacy.data.shown import recording_words
from conjugacy.data.trajectories import Trajectories
from conjugacy.errors import InputError, NotFiniteError, ShapeError, UnknownNameError


@dataclass(frozen=True, eq=False)
class Recording:
    """One network recorded: its layers by name, all on the same stimuli (or trials), with provenance.

    Parameters
    ----------
    layers : mapping of str to Activations or Trajectories
        In the order in which the network computes them.
    name : str, optional
        The network's name in tables and figures.
    output_layer : str, optional
        The layer that is the network's only output. Else all that are named `outputs`, `outputs.NAME` or `outputs[i]` are
        outputs (`heads`), else the first of `out`, `logits`, `output` that exists.
    output_kind : {"regression", "logits", "probabilities", "labels", "sigmoids"}, or a mapping of outputs to these, optional
        What the outputs are; guessed, and said so, where missing.
    targets : array, (m,) or (m, q), optional
        What the network was to answer: class numbers or values; the source of its own error. Of several outputs they belong to
        the first, unless they do not fit it and fit exactly one other (class numbers below its columns, or as many columns).
    provenance : mapping, optional
        Anything that JSON can hold: versions, seed, file.
    covariances, jacobians : mapping of layer to array (m, n, n) and (m, n, d), optional
        How a layer moves when the stimulus moves a little: covariance of local bursts over the squared burst size, Jacobian.

    Raises
    ------
    InputError, StimuliError, UnknownNameError
        Where layers mix kinds, differ in their rows, or a name or kind is unknown.

    Examples
    --------
    >>> import conjugacy as cj
    >>> r = cj.Recording({"hidden": cj.Activations([[0.0], [1.0]]), "outputs": cj.Activations([[1.0], [0.0]])})
    >>> r.hidden_layers, r.outputs.shape
    (('hidden',), (2, 1))
    """

    layers: Mapping[str, Activations | Trajectories]
    _: KW_ONLY
    name: str | None = None
    output_layer: str | None = None
    output_kind: str | Mapping[str, str] | None = None
    targets: np.ndarray | None = None
    provenance: Mapping[str, Any] = field(default_factory=dict[str, Any])
    covariances: Mapping[str, np.ndarray] = field(default_factory=dict[str, np.ndarray])
    jacobians: Mapping[str, np.ndarray] = field(default_factory=dict[str, np.ndarray])

    def __repr__(self) -> str:
        return recording_words(self)

    def __post_init__(self) -> None:
        check.require_kinds(self)
        check.write_out_names(self, "name", "output_layer")
        object.__setattr__(self, "layers", {name_of(str(key)): layer for key, layer in self.layers.items()})
        who = f"recording {self.name!r}" if self.name else "recording"
        if not self.layers:
            raise InputError(f"{who} has no layers; expected at least one array of activations")
        first_name, first = next(iter(self.layers.items()))
        for name, layer in self.layers.items():
            require_same_rows(who, first_name, first, name, layer)
        if self.output_layer is not None and self.output_layer not in self.layers:
            raise UnknownNameError.of("output layer", self.output_layer, self.layers, where=f"in {who}")
        object.__setattr__(self, "output_kind", frozen_kinds(self.output_kind, self.heads, who))
        _require_masks_in_heads(self.layers, self.heads, who)
        require_squares({name: layer for name, layer in self.layers.items() if name not in self.heads}, who)
        layers = {
            key: layer.relabelled(name=self.name, layer=key) if (layer.name, layer.layer) != (self.name, key) else layer
            for key, layer in self.layers.items()
        }
        object.__setattr__(self, "layers", MappingProxyType(layers))
        if self.targets is not None:
            object.__setattr__(self, "targets", check.frozen_targets(self.targets, len(first.values), who))
        for kind in ("covariances", "jacobians"):
            object.__setattr__(self, kind, _frozen_local(getattr(self, kind), layers, kind, who))

    @classmethod
    def from_arrays(
        cls,
        arrays: Mapping[str, Any],
        *,
        stimuli: Any = None,
        groups: Any = None,
        inputs: Any = None,
        **settings: Any,
    ) -> Recording:
        """Build a recording of activations from plain arrays that share their stimuli.

        `stimuli`, `groups` and `inputs` are as in `Activations`, `settings` as in `Recording`.
        """
        mapping("arrays", arrays, "layer names to arrays")
        keywords(settings, cls.from_arrays, (one.name for one in fields(cls) if one.name != "layers"))
        check.require_texts(settings)
        if settings.get("provenance") is not None:
            mapping("provenance", settings["provenance"], "names")
        settings["provenance"] = with_widened(settings.get("provenance"), widenings(arrays))
        name, heads = settings.get("name"), heads_among(map(str, arrays), settings.get("output_layer"))
        layers: dict[str, Activations | Trajectories] = {}
        counts = Counter(map(str, arrays))
        twice = [key for key in arrays if counts[str(key)] > 1]
        if twice:
            raise InputError(f"layers: {', '.join(map(repr, twice))} are one name; give every layer its own")
        for key, values in arrays.items():
            shared: dict[str, Any] = {"stimuli": stimuli, "groups": groups, "inputs": inputs, "name": name}
            layer = Activations(values, layer=str(key), masked=str(key) in heads, **shared)
            stimuli, groups, inputs = layer.stimuli, layer.groups, layer.inputs
            layers[str(key)] = layer
        return cls(layers, **settings)

    def __reduce__(self) -> tuple[Any, ...]:
        settings = {f.name: getattr(self, f.name) for f in fields(self) if f.name != "layers"}
        return (
            _rebuild,
            (dict(self.layers), {k: dict(v) if isinstance(v, Mapping) else v for k, v in settings.items()}),
        )

    @property
    def first(self) -> Activations | Trajectories:
        """The first layer, whose rows all others share."""
        return next(iter(self.layers.values()))

    @property
    def is_dynamic(self) -> bool:
        """Whether the layers are trajectories."""
        return isinstance(self.first, Trajectories)

    @property
    def heads(self) -> tuple[str, ...]:
        """Names of all outputs, in the order in which the network returns them.

        Examples
        --------
        >>> Recording.from_arrays({"h": np.eye(2), "outputs.boxes": np.eye(2), "outputs.scores": np.eye(2)}).heads
        ('outputs.boxes', 'outputs.scores')
        """
        return heads_among(self.layers, self.output_layer)

    @property
    def output_name(self) -> str | None:
        """Name of the (first) output, or None."""
        return next(iter(self.heads), None)

    @property
    def outputs(self) -> Activations | Trajectories | None:
        """The (first) output, or None."""
        return None if self.output_name is None else self.layers[self.output_name]

    @property
    def hidden_layers(self) -> tuple[str, ...]:
        """Names of all layers that are no outputs."""
        return tuple(name for name in self.layers if name not in self.heads and not is_head(name))

    def kind_of(self, head: str | None) -> str | None:
        """Return what one output is said to be, or None."""
        return self.output_kind.get(head or "") if isinstance(self.output_kind, Mapping) else self.output_kind

    def targets_of(self, head: str | None) -> np.ndarray | None:
        """Return the targets where they belong to this output, else None; of several outputs they belong to one.

        Examples
        --------
        >>> layers = {"outputs.boxes": np.random.default_rng(0).normal(size=(3, 4)), "outputs.scores": np.eye(3, 20)}
        >>> r = Recording.from_arrays(layers, targets=[0, 19, 7])
        >>> r.targets_of("outputs.boxes") is None, r.targets_of("outputs.scores").tolist()
        (True, [0, 19, 7])
        """
        return self.targets if self.targets is not None and head == self._head_of_targets else None

    @cached_property
    def _head_of_targets(self) -> str | None:
        if len(self.heads) < 2:
            return self.output_name
        return head_of_targets({name: _columns(self.layers[name]) for name in self.heads}, self.targets)

    def only_output(self, asked: str | int) -> Recording:
        """Return the recording with one of its outputs as the only one; `boxes` stands for `outputs.boxes`, 1 for `outputs[1]`.

        Raises
        ------
        UnknownNameError
            Where there is no such output; the message lists them.
        """
        chosen = head_named(asked, self.heads, f"in {self.name or 'the recording'!r}")
        kind = self.kind_of(chosen)
        targets = self.targets_of(chosen)
        return replace(self, layers=dict(self.layers), output_layer=chosen, output_kind=kind, targets=targets)

    @cached_property
    def deepest(self) -> Deepest | None:
        """The deepest hidden layer that is not the outputs once more, which stands for the network; None where there is none.

        Examples
        --------
        >>> x = np.random.default_rng(0).normal(size=(20, 3))
        >>> logits = x[:, :2] * 3
        >>> layers = {"h": x, "fc": logits, "outputs": np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)}
        >>> Recording.from_arrays(layers).deepest
        Deepest(name='h', repeats=('fc',), guessed=False, is_output=False)
        """
        return deepest_among(self, self.hidden_layers)

    def layer(self, name: str) -> Activations | Trajectories:
        """Return a layer by name, or say which names are near."""
        name = name_of(name) if isinstance(name, str) else name  # pyright: ignore[reportUnnecessaryIsInstance]
        if not isinstance(name, str) or name not in self.layers:  # pyright: ignore[reportUnnecessaryIsInstance]
            raise UnknownNameError.of("layer", name, self.layers, where=f"in {self.name or 'the recording'!r}")
        return self.layers[name]

    def save(self, path: str | os.PathLike[str], *, overwrite: bool = False) -> Path:
        """Write the recording as `.npz`, `.safetensors`, `.zarr` or `.h5` (format 1); returns its path. `load` reads it.

        Raises
        ------
        InputError
            Where the name ends otherwise, the file exists and `overwrite` is false, or the disk refuses.

        Examples
        --------
        >>> import tempfile, conjugacy as cj
        >>> kept = Recording.from_arrays({"h": np.eye(3)}, name="a").save(tempfile.mkdtemp() + "/a.npz")
        >>> kept.name, cj.load(kept).layer("h").shape
        ('a.npz', (3, 3))
        """
        writer = importlib.import_module("conjugacy.activations.sources")  # files lie above what they hold
        return writer.save(self, path, overwrite=overwrite)


def _require_masks_in_heads(layers: Mapping[str, Any], heads: tuple[str, ...], who: str) -> None:
    masked = [name for name, layer in layers.items() if isinstance(layer, Activations) and layer.masked]
    for name in masked:
        if name not in heads and not is_head(name):
            raise NotFiniteError(
                f"{who}: layer {name!r} holds -inf, which may stand for masked classes in outputs alone; name it as the output "
                "(output_layer), or leave it out"
            )


def _columns(layer: Activations | Trajectories) -> tuple[int, bool]:
    """Return how many columns an output has, and whether all its values are whole numbers."""
    if isinstance(layer, Trajectories):
        return layer.n_units, False
    return layer.shape[1], bool(np.array_equal(layer.values, np.round(layer.values)))


def _rebuild(layers: Any, settings: dict[str, Any]) -> Recording:
    return Recording(layers, **settings)


def _frozen_local(
    tensors: Mapping[str, Any], layers: Mapping[str, Activations | Trajectories], kind: str, who: str
) -> Mapping[str, np.ndarray]:
    """Check the arrays that say how layers move with the stimulus."""
    found: dict[str, np.ndarray] = {}
    for given, values in tensors.items():
        key = name_of(str(given))
        what = f"{kind} of {who}, layer {key!r}"
        layer = layers.get(key)
        if not isinstance(layer, Activations):
            raise UnknownNameError.of(f"layer of activations in {who} for its {kind}", key, layers)
        array = check.as_numeric(values, what)
        m, n = layer.shape
        if array.ndim != 3 or array.shape[:2] != (m, n) or (kind == "covariances" and array.shape[2] != n):
            expected = f"({m}, {n}, {n if kind == 'covariances' else 'd'})"
            raise ShapeError(f"{what}: got shape {array.shape}, expected {expected}")
        found[key] = check.frozen_floats(array, what)
    return MappingProxyType(found)
