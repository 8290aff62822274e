"""Two networks compared: everything together, as the JSON record and as what shows itself."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, overload

from conjugacy.comparison.frames import summary_of
from conjugacy.comparison.picked_map import map_of
from conjugacy.comparison.record import record_of
from conjugacy.comparison.saved import checked_comparison, write_comparison
from conjugacy.errors import InputError
from conjugacy.report import comparison_words, notebook_html, verdict_table, write_page
from conjugacy.results import DropIn, LayerMap, LayerPlanes, Motion, Plane, Score, Sweep, Verdict
from conjugacy.results.few_units import Reconstruction
from conjugacy.results.intrinsic import IntrinsicMatch
from conjugacy.results.later import AskedFor, worked_out
from conjugacy.results.shared import SharedPart
from conjugacy.transformations import Transformation

if TYPE_CHECKING:
    import pandas
    from matplotlib.axes import Axes


@dataclass(frozen=True, eq=False)
class Comparison:
    """Two networks compared: verdict, evidence and maps; it prints as a table and displays in a notebook.

    Everything that decides nothing (pictures, maps fitted on all rows, few units) is computed when it is first asked for.

    Attributes
    ----------
    verdict : Verdict
        The answer on each axis, with rungs, controls and reasons.
    drop_in : DropIn
        Whether B may take A's place as it stands.
    measures : tuple of Score
        The further measures that were asked for.
    layer_map : LayerMap or None
        Every layer of A against every layer of B.
    few_units : pair of Reconstruction, or None
        How few units of each network suffice to reconstruct everything else.
    shared : SharedPart or None
        How many coordinates both layers carry, and what they tell.

    Examples
    --------
    >>> import numpy as np, conjugacy as cj
    >>> x = np.random.default_rng(0).normal(size=(60, 2))
    >>> cj.compare(x, x[:, ::-1]).verdict.representation.rung
    'permutation'
    """

    verdict: Verdict
    tolerance: float
    seed: int
    networks: tuple[str, str]
    n_samples: int
    settings: Mapping[str, Any]
    drop_in: DropIn = field(default_factory=lambda: DropIn.not_tested("the outputs were not compared"))
    notes: tuple[str, ...] = ()
    measures: tuple[Score, ...] = ()
    layer_map: AskedFor[LayerMap | None] = AskedFor(None)  # noqa: RUF009
    plane: AskedFor[Plane | None] = AskedFor(None)  # noqa: RUF009
    layer_planes: AskedFor[LayerPlanes | None] = AskedFor(None)  # noqa: RUF009
    few_units: AskedFor[tuple[Reconstruction, Reconstruction] | None] = AskedFor(None)  # noqa: RUF009
    shared: AskedFor[SharedPart | None] = AskedFor(None)  # noqa: RUF009
    sweeps: tuple[Sweep, Sweep] | None = None
    motion: AskedFor[Motion | None] = AskedFor(None)  # noqa: RUF009
    intrinsic: IntrinsicMatch | None = None
    transformations: Mapping[str, Mapping[str, Transformation]] = field(default_factory=dict[str, Any])

    def transformation(self, rung: str, *, axis: str | None = None) -> Transformation:
        """Return the fitted map of one rung from A to B.

        Parameters
        ----------
        rung : {"identity", "permutation", "rotation", "affine", "smooth"}
            The family of maps.
        axis : {"representation", "function"}, optional
            Default: `representation` if it was tested, otherwise `function`.

        Returns
        -------
        Transformation

        Raises
        ------
        InputError, UnknownNameError
            If the axis or rung has no fitted map, for example a permutation between different widths.

        Examples
        --------
        >>> import numpy as np, conjugacy as cj
        >>> x = np.random.default_rng(0).normal(size=(60, 2))
        >>> result = cj.compare(x, x[:, ::-1])
        >>> np.allclose(result.transformation("permutation")(x), x[:, ::-1])
        True
        """
        return map_of(self, rung, axis)

    def summary(self) -> pandas.DataFrame:
        """Return one row for every axis, for drop-in and for every further measure, with numbers and intervals.

        Returns
        -------
        pandas.DataFrame
            `a_to_b` and `b_to_a` are the unexplained fractions of the rung in the answer, otherwise of the last rung.

        Examples
        --------
        >>> import numpy as np, conjugacy as cj
        >>> x = np.random.default_rng(0).normal(size=(60, 2))
        >>> cj.compare(x, x[:, ::-1], measures=["cka"]).summary().loc["representation", "rung"]
        'permutation'
        """
        return summary_of(self)

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON record (`schema: 1`) as plain Python objects.

        Returns
        -------
        dict
            Missing numbers are None.

        Examples
        --------
        >>> import numpy as np, conjugacy as cj
        >>> x = np.random.default_rng(0).normal(size=(60, 2))
        >>> result = cj.compare(x, x[:, ::-1])
        >>> result.to_dict()["representation"]["answer"]
        'equivalent'
        """
        return record_of(self)

    def to_json(self) -> str:
        """Return the JSON record as text.

        Returns
        -------
        str

        Examples
        --------
        >>> import numpy as np, conjugacy as cj
        >>> x = np.random.default_rng(0).normal(size=(60, 2))
        >>> result = cj.compare(x, x[:, ::-1])
        >>> '"rung": "permutation"' in result.to_json()
        True
        """
        return json.dumps(self.to_dict(), indent=2, ensure_ascii=False, allow_nan=False)

    def save(self, path: str | Path, *, overwrite: bool = False) -> Path:
        """Write everything to one `.safetensors` file, including the maps and the data of all figures.

        Parameters
        ----------
        path : path
            Ends in `.safetensors`.
        overwrite : bool
            Whether to replace an existing file.

        Returns
        -------
        path

        Raises
        ------
        InputError
            If the ending is different, the file exists and `overwrite` is false, or the disk refuses.

        Examples
        --------
        >>> import tempfile, numpy as np, conjugacy as cj
        >>> x = np.random.default_rng(0).normal(size=(60, 2))
        >>> result = cj.compare(x, x[:, ::-1])
        >>> again = cj.Comparison.load(result.save(tempfile.mkdtemp() + "/ab.safetensors"))
        >>> again.transformation("permutation")(x[0]).tolist() == result.transformation("permutation")(x[0]).tolist()
        True
        """
        return write_comparison(self, path, overwrite=overwrite)

    @classmethod
    def load(cls, path: str | Path) -> Comparison:
        """Read a comparison that `save` wrote; it reports, draws and maps like the original.

        Parameters
        ----------
        path : path
            The file.

        Returns
        -------
        Comparison

        Raises
        ------
        FormatError
            If the file is damaged, is not a saved comparison, or comes from a later version.

        Examples
        --------
        >>> import tempfile, numpy as np, conjugacy as cj
        >>> x = np.random.default_rng(0).normal(size=(60, 2))
        >>> path = cj.compare(x, x[:, ::-1]).save(tempfile.mkdtemp() + "/ab.safetensors")
        >>> cj.Comparison.load(path).verdict.representation.rung
        'permutation'
        """
        return checked_comparison(cls, path)

    def report(self, path: str | Path) -> Path:
        """Write one self-contained page that shows the verdict and the evidence for it.

        Parameters
        ----------
        path : path
            The file; an existing one is replaced.

        Returns
        -------
        path

        Raises
        ------
        InputError
            If the file cannot be written.

        Examples
        --------
        >>> import tempfile, numpy as np, conjugacy as cj
        >>> x = np.random.default_rng(0).normal(size=(60, 2))
        >>> cj.compare(x, x[:, ::-1]).report(tempfile.mkdtemp() + "/ab.html").name
        'ab.html'
        """
        return write_page(self, path)

    @overload
    def figure(self, name: str, path: str | Path, *, axis: str = "representation") -> Path: ...
    @overload
    def figure(self, name: str, path: None = None, *, axis: str = "representation", ax: Axes | None = None) -> Axes: ...
    def figure(
        self, name: str, path: str | Path | None = None, *, axis: str = "representation", ax: Axes | None = None
    ) -> Path | Axes:
        """Write one figure of the page to a file; without a path, draw it on matplotlib Axes.

        Parameters
        ----------
        name : str
            "ladder": the rungs; "shared": what both layers share; "planes": both side by side; "layers": layer by layer;
            "errors": where the map errs; "few_units": what few units reconstruct; "worlds": rows of both in one world. Of
            trajectories "states": their paths; "step_errors": errors of the next point over time; "recurrence": how states come
            back, with floor and null; "eigenvalues", with residuals; "sweeps": how well linear models forecast.
        path : path, optional
            Ends in .svg, .pdf or .png; an existing file is replaced.
        axis : {"representation", "function"}
            Whose ladder or errors to draw.
        ax : matplotlib Axes, optional
            Without a path: Axes from `plt.subplots()` whose place the figure takes. Default: a new figure.

        Returns
        -------
        path or matplotlib Axes
            Of several panels the first Axes; its `.figure` holds all.

        Raises
        ------
        InputError
            If the name, the axis or the ending is unknown, or the comparison lacks what the figure shows.

        Examples
        --------
        >>> import tempfile, numpy as np, conjugacy as cj
        >>> x = np.random.default_rng(0).normal(size=(60, 2))
        >>> cj.compare(x, x[:, ::-1]).figure("ladder", tempfile.mkdtemp() + "/ladder.svg").name
        'ladder.svg'
        """
        from conjugacy.report.comparison.figure_file import draw_figure, write_figure  # loads matplotlib

        if path is not None and ax is not None:
            raise InputError("figure: got a path and ax; a figure goes to a file, or onto Axes")
        return draw_figure(self, name, ax, axis=axis) if path is None else write_figure(self, name, path, axis=axis)

    def __getstate__(self) -> dict[str, Any]:
        return worked_out(self)

    def __str__(self) -> str:
        return verdict_table(self)

    def __repr__(self) -> str:
        return comparison_words(self)

    def _repr_html_(self) -> str:
        return notebook_html(self)
