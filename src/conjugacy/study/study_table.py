"""What a study holds: one labelled table of networks x networks for each measure, and its views."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from conjugacy.study.counted import counts_of
from conjugacy.study.frames import by_layers, summary_of, with_words
from conjugacy.study.picked import table_of
from conjugacy.study.saved import read_store
from conjugacy.study.scratch import Scratch

if TYPE_CHECKING:
    import pandas
    import xarray


@dataclass(frozen=True, eq=False)
class StudyTable:
    """The table of a `Study`, with what can be read off it; the fields are described there."""

    dataset: xarray.Dataset
    unread: Mapping[str, str] = field(default_factory=dict[str, str])
    notes: tuple[str, ...] = ()
    settings: Mapping[str, Any] = field(default_factory=dict[str, Any])
    store: Path | None = None
    scratch: Scratch | None = None

    @property
    def networks(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Return the names of the networks, those of the rows and those of the columns.

        Examples
        --------
        >>> import numpy as np, conjugacy as cj
        >>> x = np.random.default_rng(0).normal(size=(40, 3))
        >>> study = cj.pairwise({"a": x, "b": 2 * x, "c": x**2}, measures=["cka"])
        >>> study.networks
        (('a', 'b', 'c'), ('a', 'b', 'c'))
        """
        return self._names("network_a"), self._names("network_b")

    @property
    def is_square(self) -> bool:
        """Whether every network was compared with every other, and not one list with another.

        Examples
        --------
        >>> import numpy as np, conjugacy as cj
        >>> x = np.random.default_rng(0).normal(size=(40, 3))
        >>> study = cj.pairwise({"a": x, "b": 2 * x, "c": x**2}, measures=["cka"])
        >>> study.is_square
        True
        """
        return self.networks[0] == self.networks[1]

    @property
    def measures(self) -> tuple[str, ...]:
        """Ids of the measures.

        Examples
        --------
        >>> import numpy as np, conjugacy as cj
        >>> x = np.random.default_rng(0).normal(size=(40, 3))
        >>> study = cj.pairwise({"a": x, "b": 2 * x, "c": x**2}, measures=["cka"])
        >>> study.measures
        ('cka',)
        """
        return self._names("measure")

    @property
    def layer_pairs(self) -> tuple[str, ...]:
        """The pairs of layers that were compared.

        Examples
        --------
        >>> import numpy as np, conjugacy as cj
        >>> x = np.random.default_rng(0).normal(size=(40, 3))
        >>> study = cj.pairwise({"a": x, "b": 2 * x, "c": x**2}, measures=["cka"])
        >>> study.layer_pairs
        ('deepest hidden layer',)
        """
        return self._names("layer_pair")

    def _names(self, dim: str) -> tuple[str, ...]:
        names: list[Any] = self.dataset[dim].values.tolist()
        return tuple(str(name) for name in names)

    @classmethod
    def open(cls, path: str | Path) -> Self:
        """Read a study from its folder, even while it is being computed.

        Parameters
        ----------
        path : path
            The store that `pairwise` wrote.

        Returns
        -------
        Study

        Raises
        ------
        InputError
            If the folder holds no study.

        Examples
        --------
        >>> import tempfile
        >>> import numpy as np, conjugacy as cj
        >>> x = np.random.default_rng(0).normal(size=(40, 3))
        >>> study = cj.pairwise({"a": x, "b": 2 * x, "c": x**2}, measures=["cka"])
        >>> kept = cj.pairwise({"a": x, "b": 2 * x}, measures=["cka"], store=tempfile.mkdtemp() + "/study")
        >>> cj.Study.open(kept.store).table().round(2).tolist()
        [[1.0, 1.0], [1.0, 1.0]]
        """
        return cls(*read_store(path))

    def to_xarray(self) -> xarray.Dataset:
        """Return all cells as a labelled dataset, with the status in words.

        Returns
        -------
        xarray.Dataset
            Dimensions network_a, network_b, measure, layer_pair.

        Examples
        --------
        >>> import numpy as np, conjugacy as cj
        >>> x = np.random.default_rng(0).normal(size=(40, 3))
        >>> study = cj.pairwise({"a": x, "b": 2 * x, "c": x**2}, measures=["cka"])
        >>> study.to_xarray().status.sel(network_a="a", network_b="c").item()
        'ok'
        """
        return with_words(self)

    def summary(self) -> pandas.DataFrame:
        """Return one row for each pair, measure and pair of layers.

        Returns
        -------
        pandas.DataFrame
            Names, status in words, value, interval and p.

        Examples
        --------
        >>> import numpy as np, conjugacy as cj
        >>> x = np.random.default_rng(0).normal(size=(40, 3))
        >>> study = cj.pairwise({"a": x, "b": 2 * x, "c": x**2}, measures=["cka"])
        >>> study.summary()["network_b"].tolist()
        ['b', 'c', 'c']
        """
        return summary_of(self)

    def by_layers(self, measure: str | None = None) -> xarray.Dataset:
        """Return the mean over pairs of networks for every layer of A and of B.

        Parameters
        ----------
        measure : str, optional
            Needed if there are several.

        Returns
        -------
        xarray.Dataset
            Dimensions layer_a, layer_b. Variables `mean`, `low` and `high` (95 % interval over networks), `pairs`.

        Raises
        ------
        InputError, UnknownNameError
            If several measures could be meant, or none has this id.

        Examples
        --------
        >>> import numpy as np, conjugacy as cj
        >>> x = np.random.default_rng(0).normal(size=(40, 3))
        >>> study = cj.pairwise({"a": x, "b": 2 * x, "c": x**2}, measures=["cka"])
        >>> study.by_layers()["pairs"].item()
        3.0
        """
        return by_layers(self, measure)

    def table(self, variable: str = "value", measure: str | None = None, layer_pair: str | None = None) -> np.ndarray:
        """Return one variable of one measure.

        Parameters
        ----------
        variable : {"value", "low", "high", "p", "status"}
            Which number; `status` is a number of `STATES`.
        measure, layer_pair : str, optional
            Needed if there are several.

        Returns
        -------
        array, (networks, networks)

        Raises
        ------
        InputError
            If there are several measures or layer pairs and none is named.
        UnknownNameError
            If there is none of that name.

        Examples
        --------
        >>> import numpy as np, conjugacy as cj
        >>> x = np.random.default_rng(0).normal(size=(40, 3))
        >>> study = cj.pairwise({"a": x, "b": 2 * x, "c": x**2}, measures=["cka"])
        >>> study.table().round(2).tolist()[0][:2]
        [1.0, 1.0]
        """
        return table_of(self, variable, measure, layer_pair)

    def counts(self) -> dict[str, dict[str, dict[str, int]]]:
        """Return how many pairs have which status; each pair of a square study counts once.

        Returns
        -------
        dict
            Measure -> layer pair -> status -> number of pairs.

        Examples
        --------
        >>> import numpy as np, conjugacy as cj
        >>> x = np.random.default_rng(0).normal(size=(40, 3))
        >>> study = cj.pairwise({"a": x, "b": 2 * x, "c": x**2}, measures=["cka"])
        >>> study.counts()
        {'cka': {'deepest hidden layer': {'ok': 3}}}
        """
        return counts_of(self)
