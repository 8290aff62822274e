"""Two networks compared: everything together, as the JSON record and as what shows itself."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, overload

from conjugacy.asked import one_of
from conjugacy.comparison.frames import summary_of
from conjugacy.comparison.saved import read_comparison, write_comparison
from conjugacy.errors import FormatError, InputError
from conjugacy.report import comparison_words, notebook_html, verdict_table, write_page
from conjugacy.results.axis import Verdict
from conjugacy.results.drop_in import DropIn
from conjugacy.results.few_units import Reconstruction
from conjugacy.results.field_types import wrong_field
from conjugacy.results.intrinsic import IntrinsicMatch
from conjugacy.results.later import AskedFor, worked_out
from conjugacy.results.pictures import LayerMap, LayerPlanes, Plane
from conjugacy.results.plain import SCHEMA, plain
from conjugacy.results.score import Score
from conjugacy.results.sweep import Sweep
from conjugacy.transformations import RUNGS, Transformation

if TYPE_CHECKING:
    import pandas
    from matplotlib.axes import Axes


@dataclass(frozen=True, eq=False)
class Comparison:
    """Two networks compared: verdict, evidence, transformations; prints as a table and shows itself in a notebook.

    What decides nothing, the pictures, the maps on all rows and what few units tell, is worked out when it is first asked for.
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
    sweeps: tuple[Sweep, Sweep] | None = None
    intrinsic: IntrinsicMatch | None = None
    transformations: Mapping[str, Mapping[str, Transformation]] = field(default_factory=dict[str, Any])

    def transformation(self, rung: str, *, axis: str | None = None) -> Transformation:
        """Return the fitted map of one rung from the first network to the second.

        `axis` is `representation` where that was tested, else `function`.

        Raises
        ------
        UnknownNameError
            Where the axis or rung has no fitted map (a permutation between different widths, say).
        """
        if axis is None:
            axis = "representation" if self.transformations.get("representation") else "function"
        maps = self.transformations[one_of("axis with fitted transformations", axis, self.transformations)]
        if isinstance(rung, str) and rung in RUNGS and rung not in maps:  # pyright: ignore[reportUnnecessaryIsInstance]
            raise InputError(f"the rung {rung!r} does not apply on the {axis} axis: {self._advice(axis, rung)}")
        return maps[one_of("rung", rung, maps, f"on the {axis} axis")]

    def _advice(self, axis: str, rung: str) -> str:
        return getattr(self.verdict, axis).rung_result(rung).advice or "no map was fitted"

    def summary(self) -> pandas.DataFrame:
        """Return one line for every axis, for drop-in and for every further measure, with numbers and intervals.

        `a_to_b` and `b_to_a` are the unexplained fractions of the rung that the answer tells of, else of the last one.

        Examples
        --------
        >>> import numpy as np, conjugacy as cj
        >>> x = np.random.default_rng(0).normal(size=(60, 2))
        >>> cj.compare(x, x[:, ::-1], measures=["cka"]).summary().loc["representation", "rung"]
        'permutation'
        """
        return summary_of(self)

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON record (`schema: 1`) as plain Python objects; missing numbers are None."""
        record: dict[str, Any] = {
            "schema": SCHEMA,
            "tolerance": self.tolerance,
            "seed": self.seed,
            "networks": list(self.networks),
            "n_samples": self.n_samples,
            "function": plain(self.verdict.function),
            "representation": plain(self.verdict.representation),
            "dynamics": plain(self.verdict.dynamics),
            "drop_in": plain(self.drop_in),
            "measures": [_score_record(score) for score in self.measures],
            "few_units": self._few_units(),
            "sweeps": None
            if self.sweeps is None
            else {name: plain(one) for name, one in zip("ab", self.sweeps, strict=True)},
            "layer_map": plain(self.layer_map),
            **self._match(),
            "notes": list(self.notes),
            "settings": plain(self.settings),
        }
        return record

    def _match(self) -> dict[str, Any]:
        """How rows were matched; of networks that saw different stimuli, how well that is known."""
        found = self.intrinsic
        if found is None:
            nothing = dict.fromkeys(("n_common", "resolved", "symmetries", "intrinsic"))
            return {"match": self.settings.get("match", "stimuli"), **nothing}
        details = plain(found)
        for name in ("n_common", "resolved", "symmetries", "points_a", "points_b"):
            del details[name]
        counts = {"n_common": found.n_common, "resolved": found.resolved, "symmetries": found.symmetries}
        return {"match": "intrinsic", **counts, "intrinsic": details}

    def _few_units(self) -> dict[str, Any] | None:
        if self.few_units is None:
            return None
        ways = zip(("a_to_b", "b_to_a"), self.few_units, strict=True)
        return {way: plain(found) | {"sufficient": found.dimension.sufficient} for way, found in ways}

    def to_json(self) -> str:
        """Return the JSON record as text."""
        return json.dumps(self.to_dict(), indent=2, ensure_ascii=False, allow_nan=False)

    def save(self, path: str | Path, *, overwrite: bool = False) -> Path:
        """Write everything to one `.safetensors` file, the maps and what figures draw included; returns its path.

        Raises
        ------
        InputError
            Where the name ends otherwise, the file exists, or the disk refuses.

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
        """Read a comparison that `save` wrote: it reports, draws and maps as the first one did.

        Raises
        ------
        FormatError
            Where the file is damaged, is not a saved comparison, or is of a later version.
        """
        try:
            found = cls(**read_comparison(path))
        except TypeError as error:
            raise FormatError(f"{str(path)!r} is of another version ({error}); compare again") from None
        if wrong := wrong_field(found):
            raise FormatError(f"{str(path)!r} is not a complete comparison: {wrong}; compare again")
        return found

    def report(self, path: str | Path) -> Path:
        """Write one self-contained page that shows the verdict and why; returns its path."""
        return write_page(self, path)

    @overload
    def figure(self, name: str, path: str | Path, *, axis: str = "representation") -> Path: ...
    @overload
    def figure(self, name: str, path: None = None, *, axis: str = "representation", ax: Axes | None = None) -> Axes: ...
    def figure(
        self, name: str, path: str | Path | None = None, *, axis: str = "representation", ax: Axes | None = None
    ) -> Path | Axes:
        """Write one figure of the page as a file and return its path; without a path draw it and return the Axes.

        Parameters
        ----------
        name : {"ladder", "planes", "layers", "errors", "few_units", "sweeps", "worlds"}
            The rungs against unexplained variance, both layers side by side, the layer x layer map, where the map errs,
            what can be reconstructed from how few units, how well linear models forecast over delays and ranks, both
            networks' rows in the coordinates of one world.
        path : path, optional
            Ends in .svg, .pdf or .png; one of that name is replaced.
        axis : {"representation", "function"}
            Whose ladder or errors to draw.
        ax : matplotlib Axes, optional
            Without a path: the figure takes the place of these, which belong to `plt.subplots()`, and shrinks to it; what it drew
            there before goes. Else it gets a new figure.
            A figure of several panels returns its first Axes; `.figure` holds all.

        Raises
        ------
        InputError
            Where the name, the axis or the ending is not known, or the comparison does not hold what the figure shows.
        """
        from conjugacy.report.comparison.figure_file import draw_figure, write_figure  # loads matplotlib

        if path is not None and ax is not None:
            raise InputError("figure: got a path and ax; a figure goes to a file, or onto Axes")
        if path is None:
            return draw_figure(self, name, ax, axis=axis)
        return write_figure(self, name, path, axis=axis)

    def __getstate__(self) -> dict[str, Any]:
        return worked_out(self)

    def __str__(self) -> str:
        return verdict_table(self)

    def __repr__(self) -> str:
        return comparison_words(self)

    def _repr_html_(self) -> str:
        return notebook_html(self)


def _score_record(score: Score) -> dict[str, Any]:
    return {
        "measure": score.measure,
        "value": plain(score.value),
        "distance": plain(score.distance()),
        "similarity": plain(score.similarity()),
        "status": score.status.name.lower(),
        "interval": plain(score.interval),
    }
