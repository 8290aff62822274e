"""Activations: what one layer answered to every stimulus."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from conjugacy.data import check
from conjugacy.data.rows import Rows
from conjugacy.data.shown import activations_words
from conjugacy.data.widened import Widened, stored, without_wide
from conjugacy.errors import ShapeError


@dataclass(frozen=True, eq=False)
class Activations:
    """The values of one layer for every stimulus: a matrix of m stimuli by n units with its labels.

    Parameters
    ----------
    values : array, (m, n)
        Real numbers of any precision. They are kept as a read-only copy, with float32 and float16 as they are (`stored`), and
        read as float64.
    stimuli : sequence of int or str, (m,), optional
        One id per row. Rows of two networks are matched by id; repeated ids are repeats of one stimulus.
    units : sequence of str, (n,), optional
        Names of the units. Default: their numbers.
    groups : sequence of int or str, (m,), optional
        Rows of one group (sentence, video, source image) depend on each other and stay together.
    inputs : array, (m, ...), optional
        What the network was shown, one row per stimulus.
    name, layer : str, optional
        The network and the layer, for messages and tables.
    masked : bool
        Whether -inf may mark masked classes, as it may in outputs. Afterwards: whether some value is -inf.

    Raises
    ------
    ShapeError, NotFiniteError, InputError
        If the values are not a finite real matrix, or a label does not fit its rows.

    Examples
    --------
    >>> import conjugacy as cj
    >>> cj.Activations([[0.0, 1.0], [1.0, 0.5]], stimuli=["cat", "dog"]).shape
    (2, 2)
    """

    values: Widened = Widened()  # noqa: RUF009 - a descriptor: its class is read as float64
    _: KW_ONLY
    stimuli: np.ndarray | None = None
    units: tuple[str, ...] | None = None
    groups: np.ndarray | None = None
    inputs: np.ndarray | None = None
    name: str | None = None
    layer: str | None = None
    masked: bool = False

    if TYPE_CHECKING:  # what may be given is wider than what is kept

        def __init__(
            self,
            values: Any,
            *,
            stimuli: Any = None,
            units: Sequence[str] | None = None,
            groups: Any = None,
            inputs: Any = None,
            name: str | None = None,
            layer: str | None = None,
            masked: bool = False,
        ) -> None: ...

    def __repr__(self) -> str:
        return activations_words(self)

    def __post_init__(self) -> None:
        what = check.label("activations", self.name, self.layer)
        check.write_out_names(self, "name", "layer")
        array = check.as_numeric(self.stored, what)
        check.require_ndim(array, 2, what, "stimuli x units")
        if 0 in array.shape:
            raise ShapeError(f"{what}: got shape {array.shape}, expected at least one stimulus and one unit")
        m, n = array.shape
        own = object.__setattr__
        own(self, "values", check.frozen_floats(array, what, allow_masks=self.masked, narrow=True))
        own(self, "masked", self.masked and bool(np.isneginf(self.stored).any()))
        own(self, "stimuli", check.frozen_labels(self.stimuli, m, f"stimuli of {what}"))
        own(self, "groups", check.frozen_labels(self.groups, m, f"groups of {what}"))
        own(self, "units", check.unit_names(self.units, n, what))
        own(self, "inputs", frozen_inputs(self.inputs, m, f"inputs of {what}"))

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(check.frozen_again(state))

    @property
    def stored(self) -> np.ndarray:
        """The values as they are kept, float16, float32 or float64; `values` are the same numbers as float64.

        Examples
        --------
        >>> layer = Activations(np.array([[0.1]], np.float32))
        >>> layer.stored.dtype, layer.values.dtype, float(layer.values[0, 0]) == float(np.float32(0.1))
        (dtype('float32'), dtype('float64'), True)
        """
        return stored(self)

    @property
    def shape(self) -> tuple[int, int]:
        """Numbers of stimuli and units, (m, n).

        Examples
        --------
        >>> Activations([[0.0, 1.0], [1.0, 0.5], [2.0, 0.0]]).shape
        (3, 2)
        """
        return (self.stored.shape[0], self.stored.shape[1])

    @property
    def finite(self) -> np.ndarray:
        """The values with -inf replaced by the smallest finite value of its column, for methods that cannot handle masks.

        In a column without finite values it is the smallest of all.

        Examples
        --------
        >>> Activations([[1.0, -np.inf], [2.0, 5.0]], masked=True).finite.tolist()
        [[1.0, 5.0], [2.0, 5.0]]
        """
        if not self.masked:
            return self.values
        told = np.where(np.isneginf(self.values), np.inf, self.values)
        least = told.min(axis=0)
        lowest = least.min()
        least = np.where(np.isinf(least), lowest if np.isfinite(lowest) else 0.0, least)
        found = np.where(np.isneginf(self.values), least, self.values)
        found.setflags(write=False)
        return found

    def without_masks(self) -> Activations:
        """Return the same layer with `finite` values.

        Returns
        -------
        Activations

        Examples
        --------
        >>> Activations([[1.0, -np.inf], [2.0, 5.0]], masked=True).without_masks().values.tolist()
        [[1.0, 5.0], [2.0, 5.0]]
        """
        return replace(self, values=self.finite) if self.masked else self

    @property
    def rows(self) -> Rows:
        """The labels of the rows, without the values.

        Examples
        --------
        >>> Activations([[0.0], [1.0]], stimuli=["cat", "dog"]).rows.count
        2
        """
        return Rows(self.shape[0], self.stimuli, self.groups, self.inputs, self.name)

    def relabelled(self, **labels: Any) -> Activations:
        """Return the same values, without copying them, under other labels.

        Parameters
        ----------
        labels
            Parameters of `Activations` by name.

        Returns
        -------
        Activations

        Examples
        --------
        >>> Activations([[0.0], [1.0]]).relabelled(name="a").name
        'a'
        """
        return replace(self, **{"values": self.stored, **labels})

    def __getstate__(self) -> dict[str, Any]:
        return without_wide(self.__dict__)

    def take(self, rows: Sequence[int] | np.ndarray) -> Activations:
        """Return the same layer on the chosen rows, with their labels and inputs.

        Parameters
        ----------
        rows : sequence of int
            Which rows, in which order.

        Returns
        -------
        Activations

        Examples
        --------
        >>> Activations([[0.0], [1.0], [2.0]], stimuli=["a", "b", "c"]).take([2, 0]).stimuli.tolist()
        ['c', 'a']
        """
        pick = np.asarray(rows)
        chosen: dict[str, Any] = {
            key: None if getattr(self, key) is None else getattr(self, key)[pick]
            for key in ("stimuli", "groups", "inputs")
        }
        return replace(self, values=self.stored[pick], **chosen)


def frozen_inputs(inputs: Any, count: int, what: str) -> np.ndarray | None:
    """Return the inputs as a read-only float64 array with one row per stimulus, or None."""
    if inputs is None:
        return None
    array = check.as_numeric(inputs, what)
    if array.ndim == 0 or len(array) != count:
        raise ShapeError(f"{what}: got shape {array.shape}, expected one row for each of the {count} stimuli")
    frozen = check.frozen_floats(array, what)
    check.require_squares(frozen, what)
    return frozen


def as_activations(data: Any, *, masks: bool = False) -> Activations:
    """Return `data` as Activations; plain arrays are checked on the way in.

    `masks` is for what reads outputs and knows of -inf; all others get `finite` values.
    """
    found = data if isinstance(data, Activations) else Activations(data, masked=masks)
    if masks:
        return found
    plain = found.without_masks()
    check.require_squares(plain.stored, check.label("activations", plain.name, plain.layer))
    return plain
