"""What the page draws besides the ladders: the layer map, and layers in two coordinates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from conjugacy.results.digits import digits

if TYPE_CHECKING:
    import pandas
    import xarray


@dataclass(frozen=True)
class LayerMap:
    """A cheap measure for every pair of layers; descriptive, it decides nothing.

    `path` runs from the first pair to the last through the most alike layers, both in their order.
    """

    layers_a: tuple[str, ...]
    layers_b: tuple[str, ...]
    values: tuple[tuple[float | None, ...], ...]
    measure: str
    path: tuple[tuple[int, int], ...] = ()

    def __repr__(self) -> str:
        size = f"{len(self.layers_a)} x {len(self.layers_b)} layers"
        return f"<LayerMap of {size} (A x B) by {self.measure}; next: .to_pandas(), .to_xarray()>"

    def _repr_html_(self) -> str:
        return self.to_pandas().map(digits)._repr_html_()  # pyright: ignore  (pandas has it, its stubs do not)

    def to_pandas(self) -> pandas.DataFrame:
        """Return a table with the layers of A as rows and those of B as columns.

        Examples
        --------
        >>> LayerMap(("h1", "h2"), ("g1",), ((0.5,), (None,)), "cka").to_pandas().loc["h1", "g1"]
        np.float64(0.5)
        """
        import pandas as pd

        a, b = (
            pd.Index(names, name=f"layer of {which}") for names, which in ((self.layers_a, "A"), (self.layers_b, "B"))
        )
        return pd.DataFrame(self._table(), index=a, columns=b)

    def to_xarray(self) -> xarray.DataArray:
        """Return the same with the dimensions layer_a and layer_b, named after the measure."""
        import xarray as xr

        coords = {"layer_a": list(self.layers_a), "layer_b": list(self.layers_b)}
        return xr.DataArray(self._table(), coords=coords, dims=("layer_a", "layer_b"), name=self.measure)

    def _table(self) -> np.ndarray:
        return np.array([[np.nan if v is None else v for v in row] for row in self.values], dtype=np.float64)


@dataclass(frozen=True, eq=False)
class LayerPlanes:
    """Every layer of both networks in its first two principal coordinates, on the same rows; what the page lets choose from.

    Attributes
    ----------
    a, b : tuple of array, (k, 2)
        One per layer of the layer map.
    rows : int array, (k,)
        Rows of the `Plane` beside it, whose colours and names they share.
    """

    a: tuple[np.ndarray, ...]
    b: tuple[np.ndarray, ...]
    rows: np.ndarray


@dataclass(frozen=True, eq=False)
class Plane:
    """Both networks in their first two principal coordinates, the rows matched; what the page draws."""

    a: np.ndarray
    b: np.ndarray
    colours: np.ndarray
    colour_source: str
    rows: tuple[str, ...]
