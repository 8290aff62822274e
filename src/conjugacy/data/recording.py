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
from conjugacy.data.heads import frozen_kinds, head_named, heads_among, is_head
from conjugacy.data.local_arrays import frozen_local
from conjugacy.data.recorded_outputs import RecordedOutputs
from conjugacy.data.same_rows import require_same_rows, require_squares
from conjugacy.data.shown import recording_words
from conjugacy.data.trajectories import Trajectories
from conjugacy.errors import InputError, NotFiniteError, UnknownNameError


@dataclass(frozen=True, eq=False)
class Recording(RecordedOutputs):
    """One recorded network: its layers by name, all on the same stimuli or trials, with provenance.

    Parameters
    ----------
    layers : mapping of str to Activations or Trajectories
        In the order in which the network computes them.
    name : str, optional
        The network's name in tables and figures.
    output_layer : str, optional
        The layer that is the network's only output. Default: all layers named `outputs`, `outputs.NAME` or `outputs[i]`
        (`heads`); if there is none, the first of `out`, `logits`, `output`.
    output_kind : {"regression", "logits", "probabilities", "labels", "sigmoids"}, or a mapping of outputs to these, optional
        The kind of the outputs. Default: guessed, with a warning.
    targets : array, (m,) or (m, q), optional
        The right answers: class numbers or values. They give the network's own error. Of several outputs they belong to the
        first, unless they do not fit it but fit exactly one other (class numbers below its columns, or as many columns).
    provenance : mapping, optional
        Anything that JSON can hold: versions, seed, file.
    covariances, jacobians : mapping of layer to array (m, n, n) and (m, n, d), optional
        How a layer moves when the stimulus moves a little: covariance of local bursts over the squared burst size; Jacobian.

    Raises
    ------
    InputError, StimuliError, UnknownNameError
        If layers mix kinds or differ in their rows, or a name or kind is unknown.

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
            object.__setattr__(self, kind, frozen_local(getattr(self, kind), layers, kind, who))

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

        Parameters
        ----------
        arrays : mapping of str to array (m, n)
            The layers, in the order in which the network computes them.
        stimuli, groups, inputs : optional
            As in `Activations`.
        settings
            The other parameters of `Recording`.

        Returns
        -------
        Recording

        Raises
        ------
        ShapeError, NotFiniteError, InputError
            If an array is not a finite real matrix, or a label does not fit its rows.
        TypeError
            If `Recording` has no such parameter.

        Examples
        --------
        >>> import conjugacy as cj
        >>> cj.Recording.from_arrays({"h": np.eye(3), "outputs": np.eye(3, 2)}, name="a").hidden_layers
        ('h',)
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
        """The first layer; all others share its rows.

        Examples
        --------
        >>> Recording.from_arrays({"h": np.eye(3), "outputs": np.eye(3, 2)}).first.layer
        'h'
        """
        return next(iter(self.layers.values()))

    @property
    def is_dynamic(self) -> bool:
        """Whether the layers are trajectories.

        Examples
        --------
        >>> Recording.from_arrays({"h": np.eye(3)}).is_dynamic
        False
        """
        return isinstance(self.first, Trajectories)

    def only_output(self, asked: str | int) -> Recording:
        """Return the recording with one of its outputs as the only one.

        Parameters
        ----------
        asked : str or int
            `boxes` means `outputs.boxes`, 1 means `outputs[1]`.

        Returns
        -------
        Recording

        Raises
        ------
        UnknownNameError
            If there is no such output; the message lists them.

        Examples
        --------
        >>> Recording.from_arrays({"outputs.boxes": np.eye(2), "outputs.scores": np.eye(2)}).only_output("boxes").heads
        ('outputs.boxes',)
        """
        chosen = head_named(asked, self.heads, f"in {self.name or 'the recording'!r}")
        kind = self.kind_of(chosen)
        targets = self.targets_of(chosen)
        return replace(self, layers=dict(self.layers), output_layer=chosen, output_kind=kind, targets=targets)

    @cached_property
    def deepest(self) -> Deepest | None:
        """The deepest hidden layer that does not merely repeat the outputs, or None; it stands for the network.

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
        """Return a layer by name.

        Parameters
        ----------
        name : str
            Its name.

        Returns
        -------
        Activations or Trajectories

        Raises
        ------
        UnknownNameError
            If there is no such layer; the message has the nearest names.

        Examples
        --------
        >>> Recording.from_arrays({"h": np.eye(3)}).layer("h").shape
        (3, 3)
        """
        name = name_of(name) if isinstance(name, str) else name  # pyright: ignore[reportUnnecessaryIsInstance]
        if not isinstance(name, str) or name not in self.layers:  # pyright: ignore[reportUnnecessaryIsInstance]
            raise UnknownNameError.of("layer", name, self.layers, where=f"in {self.name or 'the recording'!r}")
        return self.layers[name]

    def save(self, path: str | os.PathLike[str], *, overwrite: bool = False) -> Path:
        """Write the recording as `.npz`, `.safetensors`, `.zarr` or `.h5` (format 1); `load` reads it.

        Parameters
        ----------
        path : path
            Its ending selects the format.
        overwrite : bool
            Whether to replace an existing file.

        Returns
        -------
        path

        Raises
        ------
        InputError
            If the ending is unknown, the file exists and `overwrite` is false, or the disk refuses.

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


def _rebuild(layers: Any, settings: dict[str, Any]) -> Recording:
    return Recording(layers, **settings)
