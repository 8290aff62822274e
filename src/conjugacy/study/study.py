"""Many networks compared: one labelled table of networks x networks per measure, and what is said of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from conjugacy.asked import whole_number
from conjugacy.errors import ConjugacyError
from conjugacy.report import study_html, study_words, terminal_study, write_study_page
from conjugacy.results.classes import Classes
from conjugacy.results.contrast import Contrast, Near
from conjugacy.study.along import along
from conjugacy.study.coordinate import coordinate_in
from conjugacy.study.counted import counts_of, record_of
from conjugacy.study.frames import by_layers, summary_of, with_words
from conjugacy.study.full_pair import TableCell, moved_with, pair_in_full
from conjugacy.study.picked import classes_of, layers_in, measure_in, network_in, table_of
from conjugacy.study.saved import read_store
from conjugacy.study.scratch import Scratch
from conjugacy.study.sorting.classes import sort_networks
from conjugacy.study.sorting.contrast import contrast, nearest

if TYPE_CHECKING:
    import pandas
    import xarray
    from matplotlib.axes import Axes

    from conjugacy.comparison.comparison import Comparison

MOST_AT_ONCE = 30  # networks that are sorted where a study is only printed


@dataclass(frozen=True, eq=False)
class Study:
    """Many networks compared, two by two.

    Attributes
    ----------
    dataset : xarray.Dataset
        Dimensions network_a, network_b, measure, layer_pair. Variables `value`, `low` and `high` (its 95 % interval), `p`, and
        `status`, a number of `STATES`. For the measure `verdict` the status is its answer, the value the unexplained fraction of
        variance in the worse direction, and p how often a pair at the tolerance would look as clearly the same, or not.
    unread : mapping
        Networks that could not be compared at all, and why.
    notes : tuple of str
        What was done that nobody asked for.
    settings : mapping
        Measures, seed, versions.
    store : path or None
        The folder that holds the results.
    scratch : object or None
        Where recordings that were given as arrays are kept for `pair`, as long as the study is there; None with a store.
    """

    dataset: xarray.Dataset
    unread: Mapping[str, str] = field(default_factory=dict[str, str])
    notes: tuple[str, ...] = ()
    settings: Mapping[str, Any] = field(default_factory=dict[str, Any])
    store: Path | None = None
    scratch: Scratch | None = None

    @property
    def networks(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Names of the networks, those of the rows and those of the columns."""
        return self._names("network_a"), self._names("network_b")

    @property
    def is_square(self) -> bool:
        """Whether every network was compared with every other, and not one list against another."""
        return self.networks[0] == self.networks[1]

    @property
    def measures(self) -> tuple[str, ...]:
        """Ids of the measures."""
        return self._names("measure")

    @property
    def layer_pairs(self) -> tuple[str, ...]:
        """The pairs of layers that were compared."""
        return self._names("layer_pair")

    def _names(self, dim: str) -> tuple[str, ...]:
        names: list[Any] = self.dataset[dim].values.tolist()
        return tuple(str(name) for name in names)

    @classmethod
    def open(cls, path: str | Path) -> Study:
        """Read a study from its folder, also while it is being computed.

        Raises
        ------
        InputError
            Where the folder holds none.
        """
        return cls(*read_store(path))

    def to_xarray(self) -> xarray.Dataset:
        """Return network x network per measure and pair of layers, labelled, the status in words."""
        return with_words(self)

    def summary(self) -> pandas.DataFrame:
        """Return one line for every pair, measure and pair of layers: status, value, interval, p."""
        return summary_of(self)

    def by_layers(self, measure: str | None = None) -> xarray.Dataset:
        """Return layer x layer for one measure: mean over pairs of networks, 95 % interval over networks, number of pairs."""
        return by_layers(self, measure)

    def along(
        self, coordinate: str | Mapping[str, float], *, against: str | None = None, seed: int = 0
    ) -> pandas.DataFrame:
        """Return a curve for every measure over a number that orders the networks, a step say, with 95 % intervals.

        See `conjugacy.study.along.along`.
        """
        return along(self, coordinate, against=against, seed=seed)

    def table(self, variable: str = "value", measure: str | None = None, layer_pair: str | None = None) -> np.ndarray:
        """Return one variable of one measure as an array (networks, networks).

        Raises
        ------
        InputError
            Where there are several measures or layer pairs and none is named.
        UnknownNameError
            Where there is none of that name.
        """
        return table_of(self, variable, measure, layer_pair)

    def counts(self) -> dict[str, dict[str, dict[str, int]]]:
        """Return how many pairs have which status, by measure and layer pair; each pair of a square study once."""
        return counts_of(self)

    def to_dict(self) -> dict[str, Any]:
        """Return the summary of the study (`schema: 1`) as plain Python objects: networks, counts, classes, what went wrong."""
        return record_of(self)

    def classes(
        self,
        *,
        measure: str | None = None,
        layer_pair: str | None = None,
        axis: str | None = None,
        q: float = 0.05,
        seed: int = 0,
    ) -> Classes:
        """Return the class of every network, and what is known of the classes.

        By verdicts where the study has them: groups whose members are equivalent, errors controlled at `q` over all pairs. By
        distance alone where not, and said so. See `conjugacy.study.sorting.classes.sort_networks`.

        Raises
        ------
        InputError
            Where the study compares one list of networks with another, or there are several measures or layer pairs to take.
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
        """Compare two groups of networks: mean distances between and within, intervals over networks, a permutation test.

        See `conjugacy.study.sorting.contrast.contrast`.

        """
        return contrast(self, first, second, measure=measure, layer_pair=layer_pair, draws=draws, seed=seed)

    def nearest(
        self, name: str, k: int = 10, *, measure: str | None = None, layer_pair: str | None = None
    ) -> tuple[Near, ...]:
        """Return the k networks that are nearest to one, the nearest first.

        See `conjugacy.study.sorting.contrast.nearest`.
        """
        return nearest(self, name, k, measure=measure, layer_pair=layer_pair)

    def pair(
        self, a: str, b: str, *, measure: str | None = None, layer_pair: str | None = None, **settings: Any
    ) -> Comparison:
        """Compare two networks of the study as `compare` does, with all the evidence: the page behind a cell of the table.

        Parameters
        ----------
        a, b : str
            Names of networks.
        measure, layer_pair : str, optional
            Which of the study's `measures` and `layer_pairs`, where there are several: the page has their tolerance, seed and
            layers.
        settings
            Those of `compare`, in place of the study's.

        Raises
        ------
        InputError
            Where there is no such network or pair of layers, or a recording is gone.
        """
        paths = {**self.settings.get("paths", {}), **({} if self.scratch is None else self.scratch.paths)}
        paths = paths if self.store is None else moved_with(self.store, paths)
        which = None if measure is None else measure_in(self, measure)
        pair = None if layer_pair is None else layers_in(self, layer_pair)
        cell = TableCell(network_in(self, a), network_in(self, b), which, pair)
        return pair_in_full(self.settings, paths, cell, settings)

    def figure(self, name: str, path: str | Path | None = None, *, ax: Axes | None = None, **how: Any) -> Any:
        """Write one figure as a file and return its path; without a path draw it and return the Axes.

        Parameters
        ----------
        name : {"matrix", "tree", "plane", "classes", "curve"}
        path, ax
            As in `Comparison.figure`.
        how
            `measure` and `layer_pair` where there are several, `classes` as `classes()` returns them; for the curve
            `coordinate` and `against` as in `along`.
        """
        from conjugacy.study.drawn import figure_of  # loads matplotlib

        return figure_of(self, name, path, ax, how)

    def report(
        self,
        path: str | Path,
        *,
        classes: Classes | None = None,
        pages: int = 0,
        compare_pair: Callable[[str, str], Comparison | None] | None = None,
        coordinate: str | Mapping[str, float] | None = None,
    ) -> Path:
        """Write one self-contained page that shows all pairs, the classes and what they rest on; returns its path.

        Parameters
        ----------
        path : path
            The file; one of that name is replaced.
        classes : Classes, optional
            How to sort the networks; by default as `classes()` does.
        pages : int
            Pairs at most that get a page of their own, in a folder beside the file: representatives of different classes
            first, then intransitive and undecided pairs.
        compare_pair : callable, optional
            Compares two networks of these names, or returns None where it cannot; `pair` where missing.
        coordinate : str or mapping, optional
            What to draw curves over, as in `along`; a step, epoch, checkpoint or width in all names is found.

        Raises
        ------
        InputError
            Where the place cannot be written, or pages are asked for and the recordings are gone.
        """
        pages = whole_number("pages", pages)
        sorted_now, reason = (classes, "") if classes_of(classes) is not None else self._sorted()
        word = coordinate if coordinate is not None or not self.is_square else coordinate_in(self.networks[0])
        curve = None if word is None else self.along(word)
        return write_study_page(
            self, path, sorted_now, reason=reason, pages=pages, compare_pair=compare_pair, curve=curve
        )

    def _sorted(self) -> tuple[Classes | None, str]:
        """Return the classes, or why there are none: what cannot be sorted can still be shown."""
        try:
            return self.classes(), ""
        except ConjugacyError as error:
            return None, str(error)

    def _sorted_at_once(self) -> tuple[Classes | None, str]:
        """Return the classes where that takes no longer than one waits for a line of text, or how to get them."""
        if self.is_square and len(self.networks[0]) > MOST_AT_ONCE:
            return (
                None,
                f"{len(self.networks[0])} networks are too many to sort when printed; classes() sorts them, report() shows them",
            )
        return self._sorted()

    def __repr__(self) -> str:
        return study_words(self)

    def __str__(self) -> str:
        return terminal_study(self, *self._sorted_at_once())

    def _repr_html_(self) -> str:
        return study_html(self, *self._sorted_at_once())
