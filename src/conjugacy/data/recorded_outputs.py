"""The outputs of a recording: which layers they are, of what kind, and whose targets are given."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

import numpy as np

from conjugacy.data.activations import Activations
from conjugacy.data.heads import head_of_targets, heads_among, is_head
from conjugacy.data.trajectories import Trajectories


class RecordedOutputs:
    """What a `Recording` says of its outputs."""

    layers: Mapping[str, Activations | Trajectories]
    output_layer: str | None
    output_kind: str | Mapping[str, str] | None
    targets: np.ndarray | None

    @property
    def heads(self) -> tuple[str, ...]:
        """Names of all outputs, in the order in which the network returns them.

        Examples
        --------
        >>> import numpy as np, conjugacy as cj
        >>> x = np.eye(2)
        >>> cj.Recording.from_arrays({"h": x, "outputs.boxes": x, "outputs.scores": x}).heads
        ('outputs.boxes', 'outputs.scores')
        """
        return heads_among(self.layers, self.output_layer)

    @property
    def output_name(self) -> str | None:
        """Name of the first output, or None.

        Examples
        --------
        >>> import numpy as np, conjugacy as cj
        >>> cj.Recording.from_arrays({"h": np.eye(2), "logits": np.eye(2)}).output_name
        'logits'
        """
        return next(iter(self.heads), None)

    @property
    def outputs(self) -> Activations | Trajectories | None:
        """The first output, or None.

        Examples
        --------
        >>> import numpy as np, conjugacy as cj
        >>> cj.Recording.from_arrays({"h": np.eye(2), "logits": np.eye(2, 5)}).outputs.shape
        (2, 5)
        """
        return None if self.output_name is None else self.layers[self.output_name]

    @property
    def hidden_layers(self) -> tuple[str, ...]:
        """Names of all layers that are not outputs.

        Examples
        --------
        >>> import numpy as np, conjugacy as cj
        >>> cj.Recording.from_arrays({"h": np.eye(2), "logits": np.eye(2)}).hidden_layers
        ('h',)
        """
        return tuple(name for name in self.layers if name not in self.heads and not is_head(name))

    def kind_of(self, head: str | None) -> str | None:
        """Return the declared kind of one output.

        Parameters
        ----------
        head : str or None
            Name of an output.

        Returns
        -------
        str or None
            None if the recording does not say.

        Examples
        --------
        >>> import numpy as np, conjugacy as cj
        >>> cj.Recording.from_arrays({"logits": np.eye(2)}, output_kind="logits").kind_of("logits")
        'logits'
        """
        return self.output_kind.get(head or "") if isinstance(self.output_kind, Mapping) else self.output_kind

    def targets_of(self, head: str | None) -> np.ndarray | None:
        """Return the targets if they belong to this output; of several outputs they belong to one.

        Parameters
        ----------
        head : str or None
            Name of an output.

        Returns
        -------
        array or None

        Examples
        --------
        >>> import numpy as np, conjugacy as cj
        >>> layers = {"outputs.boxes": np.random.default_rng(0).normal(size=(3, 4)), "outputs.scores": np.eye(3, 20)}
        >>> r = cj.Recording.from_arrays(layers, targets=[0, 19, 7])
        >>> r.targets_of("outputs.boxes") is None, r.targets_of("outputs.scores").tolist()
        (True, [0, 19, 7])
        """
        return self.targets if self.targets is not None and head == self._head_of_targets else None

    @cached_property
    def _head_of_targets(self) -> str | None:
        if len(self.heads) < 2:
            return self.output_name
        return head_of_targets({name: _columns(self.layers[name]) for name in self.heads}, self.targets)


def _columns(layer: Activations | Trajectories) -> tuple[int, bool]:
    """Return how many columns an output has, and whether all its values are whole numbers."""
    if isinstance(layer, Trajectories):
        return layer.n_units, False
    return layer.shape[1], bool(np.array_equal(layer.values, np.round(layer.values)))
