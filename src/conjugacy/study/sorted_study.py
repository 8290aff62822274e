"""What a study says of its networks: classes, curves, two groups, the nearest ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from conjugacy.results.classes import Classes
from conjugacy.results.contrast import Contrast, Near
from conjugacy.study.along import along
from conjugacy.study.sorting.classes import sort_networks
from conjugacy.study.sorting.contrast import contrast, nearest
from conjugacy.study.study_table import StudyTable

if TYPE_CHECKING:
    import pandas


@dataclass(frozen=True, eq=False)
class SortedStudy(StudyTable):
    """The networks of a `Study`, sorted and compared as groups."""

    def along(
        self, coordinate: str | Mapping[str, float], *, against: str | None = None, seed: int = 0
    ) -> pandas.DataFrame:
        """Return a curve for every measure over a number that orders the networks, such as a training step.

        Parameters
        ----------
        coordinate : str or mapping of network to number
            A word in the names with a number behind it, such as `step` in `step1000`; or the numbers themselves.
        against : {"last", "first", "same"}, optional
            Compare each network with those at the largest value, at the smallest, or at its own value. Default: `same` if several
            networks share a value, otherwise `last`.
        seed : int
            Seeds the networks that are drawn for intervals.

        Returns
        -------
        pandas.DataFrame
            One row for each value and measure: pairs, mean value, 95 % interval. For verdicts also how many pairs are
            `equivalent`, `otherwise` or `undecided`, and the `gain`.

        Raises
        ------
        InputError
            If a network has no number, or the study compares one list with another.

        Examples
        --------
        >>> import numpy as np, conjugacy as cj
        >>> x = np.random.default_rng(0).normal(size=(40, 3))
        >>> study = cj.pairwise({f"step{i}": x + x**2 / i for i in (1, 10, 100)}, measures=["cka"])
        >>> study.along("step")["step"].tolist()
        [1, 10]
        """
        return along(self, coordinate, against=against, seed=seed)

    def classes(
        self,
        *,
        measure: str | None = None,
        layer_pair: str | None = None,
        axis: str | None = None,
        q: float = 0.05,
        seed: int = 0,
    ) -> Classes:
        """Sort the networks into classes.

        If the study has verdicts, a class is a group of equivalent networks, with errors controlled over all pairs. Otherwise the
        networks are clustered by distance, and the result says so. See `conjugacy.study.sorting.classes.sort_networks`.

        Parameters
        ----------
        measure, layer_pair : str, optional
            Needed if there are several.
        axis : {"representation", "function"}, optional
            Whose verdicts to use if the study has both.
        q : float
            Expected share of wrong claims, at most, among those that stay.
        seed : int
            Seeds what is drawn at random.

        Returns
        -------
        Classes
            A mapping from network to class, with groups, relations and clusters.

        Raises
        ------
        InputError
            If the study compares one list with another, or several measures or layer pairs could be meant.

        Examples
        --------
        >>> import numpy as np, conjugacy as cj
        >>> x = np.random.default_rng(0).normal(size=(40, 3))
        >>> study = cj.pairwise({"a": x, "b": 2 * x, "other": x[::-1]})
        >>> dict(study.classes())
        {'a': 'a', 'b': 'a', 'other': 'other'}
        """
        return sort_networks(self, measure=measure, layer_pair=layer_pair, axis=axis, q=q, seed=seed)

    def contrast(
        self,
        first: Sequence[str] | None = None,
        second: Sequence[str] | None = None,
        *,
        measure: str | None = None,
        layer_pair: str | None = None,
        draws: int = 2000,
        seed: int = 0,
    ) -> Contrast:
        """Test whether networks of two groups differ more than networks of one group do.

        Parameters
        ----------
        first, second : sequence of str, optional
            Names. Default: the two lists given to `pairwise`.
        measure, layer_pair : str, optional
            Needed if there are several.
        draws : int
            Resampled groups, and random divisions for the test.
        seed : int
            Seeds both.

        Returns
        -------
        Contrast
            Mean distances between and within the groups, with intervals over networks, and p.

        Raises
        ------
        InputError, UnknownNameError
            If the groups share a network, or a name is unknown.

        Examples
        --------
        >>> import numpy as np, conjugacy as cj
        >>> x = np.random.default_rng(0).normal(size=(40, 3))
        >>> study = cj.pairwise({"a": x, "b": 2 * x, "c": x**2}, measures=["cka"])
        >>> round(study.contrast(["a", "b"], ["c"]).between.value, 2)
        0.88
        """
        return contrast(self, first, second, measure=measure, layer_pair=layer_pair, draws=draws, seed=seed)

    def nearest(
        self, name: str, k: int = 10, *, measure: str | None = None, layer_pair: str | None = None
    ) -> tuple[Near, ...]:
        """Return the k networks nearest to one, the nearest first.

        Parameters
        ----------
        name : str
            The network.
        k : int
            How many at most.
        measure, layer_pair : str, optional
            Needed if there are several.

        Returns
        -------
        tuple of Near
            Network, distance, value, interval and status of each.

        Raises
        ------
        UnknownNameError
            If the study has no such network.

        Examples
        --------
        >>> import numpy as np, conjugacy as cj
        >>> x = np.random.default_rng(0).normal(size=(40, 3))
        >>> study = cj.pairwise({"a": x, "b": 2 * x, "c": x**2}, measures=["cka"])
        >>> [near.network for near in study.nearest("a")]
        ['b', 'c']
        """
        return nearest(self, name, k, measure=measure, layer_pair=layer_pair)
