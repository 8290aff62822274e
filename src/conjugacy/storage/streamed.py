"""A recording written while the network runs: a `.zarr` folder that grows by rows, with no more in memory than a batch."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from conjugacy.data import is_head
from conjugacy.data.check import as_numeric
from conjugacy.data.foreign import widening, with_widened
from conjugacy.errors import InputError, NotFiniteError, ShapeError
from conjugacy.storage.atomic import replacing
from conjugacy.storage.behind import Behind
from conjugacy.storage.contents import is_reserved
from conjugacy.storage.encode import FORMAT, narrow, require_layer_name
from conjugacy.storage.files import disk_told, json_text, require_free
from conjugacy.storage.growing import GrowingArray
from conjugacy.storage.paths import Paths
from conjugacy.storage.zarr_folder import ZarrFolder, put_array

_ONE_PER_ROW = ("stimuli", "groups", "inputs", "targets", "trials", "conditions", "lengths")


@contextmanager
def streamed_layers(path: Any, *, overwrite: bool = False) -> Generator[LayerSink]:
    """Give a sink for the layers of one recording, batch by batch; `finish` makes it a recording, as a whole or not at all.

    Parameters
    ----------
    path : path
        A `.zarr` folder to be. Until `finish` returns there is nothing of that name (or what was there before), whatever happens.
    overwrite : bool
        Whether a recording of that name may be replaced.

    Raises
    ------
    InputError
        Where the path is no free `.zarr`, the disk refuses, or the block ends without `finish`.

    Examples
    --------
    >>> import tempfile, numpy as np, conjugacy as cj
    >>> with streamed_layers(tempfile.mkdtemp() + "/net.zarr") as sink:
    ...     for batch in np.arange(12.0).reshape(3, 2, 2):
    ...         sink.append("hidden", batch)
    ...     path = sink.finish({"name": "net"}, {"stimuli": np.arange(6)})
    >>> cj.load(path).layers["hidden"].shape
    (6, 2)
    """
    place = Path(path).expanduser()
    if place.suffix.lower() not in ZarrFolder.endings:
        raise InputError(f"{str(place)!r}: a recording is streamed to a .zarr folder; give a name that ends so")
    require_free(place, ZarrFolder(), overwrite)
    with disk_told(place), ExitStack() as stack:
        import zarr

        temporary = stack.enter_context(replacing(place))
        behind = stack.enter_context(Behind())
        sink = LayerSink(place, zarr.open_group(str(temporary), mode="w-", zarr_format=3), behind, stack)
        yield sink
        if not sink.finished:
            raise InputError(f"{str(place)!r}: the recording was not finished, and nothing of it is kept")


@dataclass(eq=False)
class LayerSink:
    """Takes rows of layers and writes them; what `streamed_layers` gives."""

    place: Path
    group: Any
    behind: Behind
    stack: ExitStack
    finished: bool = False
    layers: dict[str, GrowingArray] = field(default_factory=dict[str, GrowingArray])
    paths: dict[str, str] = field(default_factory=dict[str, str])
    free: Paths = field(default_factory=Paths)
    widened: dict[str, str] = field(default_factory=dict[str, str])

    def append(self, layer: str, rows: Any) -> None:
        """Write further rows of a layer: (rows, units), or (rows, time, units), padded with NaN where lengths differ.

        float32 and float16 stay what they are; bfloat16 is kept as float32, whose empty half takes no room on the disk.

        Raises
        ------
        InputError, ShapeError, NotFiniteError
            Where the rows are no finite numbers, do not fit those before, or the layer has a name that no file can hold.
        """
        what = f"layer {layer!r}"
        array = as_numeric(rows, what)
        if array.ndim == 0 or 0 in array.shape[1:]:
            raise ShapeError(f"{what}: got shape {array.shape}, expected rows of at least one unit")
        if not len(array):
            return
        _require_finite(array, what, self._rows_of(layer), masks=is_head(layer), padding=array.ndim == 3)
        said = widening(rows)
        if said:
            self.widened[layer] = said
        with disk_told(self.place):
            if layer not in self.layers:
                self.layers[layer] = self._new(layer, array)
            held = self.layers[layer]
            array = held.as_kept(array, what)
            # what the network gave may be overwritten by its next pass; what was widened is a copy already
            own = array if said else array.copy()
            self.behind.add(lambda: held.append(own), own.nbytes)

    def drop(self, layer: str) -> None:
        """Take a layer back, with all its rows: one that turned out to be missing in a pass, or to be the output again."""
        if layer in self.layers:
            with disk_told(self.place):
                self.behind.wait()
                del self.layers[layer], self.group[self.paths.pop(layer)]
            self.widened.pop(layer, None)

    def _rows_of(self, layer: str) -> int:
        return self.layers[layer].rows if layer in self.layers else 0

    def _new(self, layer: str, array: np.ndarray) -> GrowingArray:
        require_layer_name(layer)
        self.paths[layer] = self.free.next(layer)
        return GrowingArray.like(self.group, self.paths[layer], layer, array)

    def finish(self, meta: Mapping[str, Any], arrays: Mapping[str, Any]) -> Path:
        """Write what is shown beside the layers and give the recording its name.

        Parameters
        ----------
        meta : mapping
            As `docs/format.md` has it; `format`, `layers` (in the order in which they came), `shape`, and what was widened are
            filled in.
        arrays : mapping of str to array
            Under the reserved keys: `stimuli`, `groups`, `targets`, `lengths`; None is left out.

        Raises
        ------
        InputError, ShapeError
            Where layers have unequal numbers of rows, an array does not fit them, or `meta` is no JSON.
        """
        beside = {key: narrow(np.asarray(values)) for key, values in arrays.items() if values is not None}
        self._require_whole(beside)
        said: dict[str, Any] = {"format": FORMAT, "shape": self._shape(), "layers": list(self.layers), **meta}
        if self.widened:
            said["provenance"] = with_widened(said.get("provenance"), self.widened)
        text = json_text(self.place, said)
        with disk_told(self.place):
            self.behind.wait()
            for layer in self.layers.values():
                layer.close()
            for key, array in beside.items():
                self.paths[key] = self.free.next(key)
                put_array(self.group, self.paths[key], key, array)
            self.group.attrs["meta"] = text
            self.stack.close()  # the recording takes its place
        self.finished = True
        return self.place

    def _require_whole(self, beside: Mapping[str, np.ndarray]) -> None:
        if self.finished:
            raise InputError(f"{str(self.place)!r} is finished already")
        if not self.layers:
            raise InputError(f"{str(self.place)!r}: no layer was written; expected at least one")
        counts = {layer: held.rows for layer, held in self.layers.items()}
        first = next(iter(counts))
        for layer, rows in counts.items():
            if rows != counts[first]:
                raise ShapeError(
                    f"layer {first!r} has {counts[first]} rows, layer {layer!r} has {rows}; all layers must hold the same stimuli"
                )
        for key, array in beside.items():
            if not is_reserved(key):
                raise InputError(f"{key!r} is not one of the keys for labels; append it as a layer")
            if key in _ONE_PER_ROW and (array.ndim == 0 or len(array) != counts[first]):
                raise ShapeError(f"{key}: got shape {array.shape}, expected one for each of the {counts[first]} rows")

    def _shape(self) -> str:
        return "ktn" if any(len(held.tail) == 2 for held in self.layers.values()) else "mn"


def _require_finite(array: np.ndarray, what: str, before: int, *, masks: bool, padding: bool) -> None:
    if array.dtype.kind != "f":
        return
    bad = ~np.isfinite(array)
    if masks and bad.any():
        bad &= ~np.isneginf(array)
    if padding and bad.any():  # behind the end of a trial
        bad &= ~np.isnan(array)
    if bad.any():
        row = before + int(np.argmax(bad.reshape(len(bad), -1).any(axis=1)))
        raise NotFiniteError(f"{what}: {int(bad.sum())} values are NaN or infinite, the first in row {row}")
