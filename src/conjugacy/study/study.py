"""Many networks compared: one labelled table of networks x networks per measure, and what is said of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from conjugacy.asked import whole_number
from conjugacy.errors import ConjugacyError
from conjugacy.report import study_html, study_words, terminal_study, write_study_page
from conjugacy.results.classes import Classes
from conjugacy.study.coordinate import coordinate_in
from conjugacy.study.counted import record_of
from conjugacy.study.full_pair import TableCell, moved_with, pair_in_full
from conjugacy.study.picked import classes_of, layers_in, measure_in, network_in
from conjugacy.study.sorted_study import SortedStudy

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from conjugacy.comparison.comparison import Comparison

MOST_AT_ONCE = 30  # networks that are sorted where a study is only printed


@dataclass(frozen=True, eq=False)
class Study(SortedStudy):
    """Many networks compared, two by two; `pairwise` makes it.

    Attributes
    ----------
    dataset : xarray.Dataset
        Dimensions network_a, network_b, measure, layer_pair. Variables are `value`, `low` and `high` (its 95 % interval), `p` and
        `status`, a number of `STATES`. For the measure `verdict` the status is the answer, and the value the unexplained fraction
        of variance in the worse direction. Its p says how often a pair exactly at the limit would support the answer as clearly.
    unread : mapping
        Networks that could not be compared at all, and why.
    notes : tuple of str
        What was done without being asked for.
    settings : mapping
        Measures, seed, versions.
    store : path or None
        The folder that holds the results.
    scratch : object or None
        Keeps recordings given as arrays for `pair`, as long as the study exists; None with a store.

    Examples
    --------
    >>> import numpy as np, conjugacy as cj
    >>> x = np.random.default_rng(0).normal(size=(40, 3))
    >>> cj.pairwise({"a": x, "b": 2 * x, "c": x**2}, measures=["cka"]).networks[0]
    ('a', 'b', 'c')
    """

    def to_dict(self) -> dict[str, Any]:
        """Return a summary of the study (`schema: 1`) as plain Python objects.

        Returns
        -------
        dict
            Networks, counts, classes, notes, settings, and what could not be read.

        Examples
        --------
        >>> import numpy as np, conjugacy as cj
        >>> x = np.random.default_rng(0).normal(size=(40, 3))
        >>> study = cj.pairwise({"a": x, "b": 2 * x, "c": x**2}, measures=["cka"])
        >>> study.to_dict()["counts"]
        {'cka': {'deepest hidden layer': {'ok': 3}}}
        """
        return record_of(self)

    def pair(
        self, a: str, b: str, *, measure: str | None = None, layer_pair: str | None = None, **settings: Any
    ) -> Comparison:
        """Compare two networks of the study in full, as `compare` does.

        Parameters
        ----------
        a, b : str
            Names of networks.
        measure, layer_pair : str, optional
            Needed if there are several: whose tolerance, seed and layers to use.
        settings
            Options of `compare` that replace the study's.

        Returns
        -------
        Comparison

        Raises
        ------
        InputError
            If there is no such network or pair of layers, or a recording is gone.
        TypeError
            If `compare` has no such option.

        Examples
        --------
        >>> import numpy as np, conjugacy as cj
        >>> x = np.random.default_rng(0).normal(size=(40, 3))
        >>> study = cj.pairwise({"a": x, "b": 2 * x, "c": x**2}, measures=["cka"])
        >>> study.pair("a", "b").verdict.representation.rung
        'permutation'
        """
        paths = {**self.settings.get("paths", {}), **({} if self.scratch is None else self.scratch.paths)}
        paths = paths if self.store is None else moved_with(self.store, paths)
        which = None if measure is None else measure_in(self, measure)
        pair = None if layer_pair is None else layers_in(self, layer_pair)
        cell = TableCell(network_in(self, a), network_in(self, b), which, pair)
        return pair_in_full(self.settings, paths, cell, settings)

    def figure(self, name: str, path: str | Path | None = None, *, ax: Axes | None = None, **how: Any) -> Any:
        """Write one figure to a file; without a path, draw it on matplotlib Axes.

        Parameters
        ----------
        name : {"matrix", "tree", "plane", "classes", "curve"}
            All pairs as a matrix, the clusters as a tree, the networks in a plane, which class determines which, or curves over a
            coordinate.
        path, ax
            As in `Comparison.figure`.
        how
            `measure` and `layer_pair` if there are several; `classes` as `classes()` returns them; for the curve `coordinate` and
            `against` as in `along`.

        Returns
        -------
        path or matplotlib Axes

        Raises
        ------
        InputError
            If there is no such figure or option, or the study lacks what the figure shows.

        Examples
        --------
        >>> import tempfile, numpy as np, conjugacy as cj
        >>> x = np.random.default_rng(0).normal(size=(40, 3))
        >>> study = cj.pairwise({"a": x, "b": 2 * x, "c": x**2}, measures=["cka"])
        >>> study.figure("matrix", tempfile.mkdtemp() + "/matrix.svg").name
        'matrix.svg'
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
        """Write one self-contained page that shows all pairs, the classes and the evidence for them.

        Parameters
        ----------
        path : path
            The file; an existing one is replaced.
        classes : Classes, optional
            How to sort the networks. Default: as `classes()` does.
        pages : int
            Write pages for at most this many single pairs, in a folder beside the file: first representatives of different
            classes, then intransitive and undecided pairs.
        compare_pair : callable, optional
            Compares two networks by name, or returns None if it cannot. Default: `pair`.
        coordinate : str or mapping, optional
            What to draw curves over, as in `along`. Default: a step, epoch, checkpoint or width in all names.

        Returns
        -------
        path

        Raises
        ------
        InputError
            If the file cannot be written, or `pages` is given and the recordings are gone.

        Examples
        --------
        >>> import tempfile, numpy as np, conjugacy as cj
        >>> x = np.random.default_rng(0).normal(size=(40, 3))
        >>> study = cj.pairwise({"a": x, "b": 2 * x, "c": x**2}, measures=["cka"])
        >>> study.report(tempfile.mkdtemp() + "/study.html").name
        'study.html'
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
                f"{len(self.networks[0])} networks are too many to sort when printed; "
                "classes() sorts them, report() or --report shows them",
            )
        return self._sorted()

    def __repr__(self) -> str:
        return study_words(self)

    def __str__(self) -> str:
        return terminal_study(self, *self._sorted_at_once())

    def _repr_html_(self) -> str:
        return study_html(self, *self._sorted_at_once())
