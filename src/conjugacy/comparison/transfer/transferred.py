"""What a transfer has found: prints as a few lines, and holds what was carried where the map holds."""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from conjugacy.activations.readout import Readout
from conjugacy.errors import InputError
from conjugacy.report.transfer import transfer_rows, transfer_text
from conjugacy.results.plain import SCHEMA, plain
from conjugacy.results.transfer import (
    TRANSFER_EXIT_CODES,
    CarriedByCopy,
    Fidelity,
    LearningCurve,
    Steered,
    TransferAnswer,
)
from conjugacy.storage import write_arrays
from conjugacy.transformations import Transformation

if TYPE_CHECKING:
    import pandas


@dataclass(frozen=True, eq=False)
class ReadThere:
    """A reading that is no linear function, on B: the map from B's units to A's, and what is read off these.

    Attributes
    ----------
    map : Transformation
    reading : Readout
    """

    map: Transformation
    reading: Readout

    def __call__(self, x: Any) -> np.ndarray:
        """Return what is read off rows of B (m, n_b), (m, q)."""
        return self.reading(np.atleast_2d(self.map(x)))


@dataclass(frozen=True, eq=False)
class Transferred:
    """What a transfer has found.

    Attributes
    ----------
    answer : {"carried", "refused", "undecided"}
        Whether what B's layer leaves untold is shown to be within the tolerance, shown to be beyond it, or neither.
    kind : {"probe", "classifier", "steering"}
    map : {"affine", "smooth"}
        The widest map that was allowed.
    probe : str
        What was carried, in a word.
    networks, layers : (str, str)
        Of A and of B.
    rows, groups : int
        Matched rows, and groups of them that do not depend on each other.
    tolerance, seed
        As given.
    carried : Transformation, ReadThere, array (n_b,) or None
        From B's units to what the probe reads: a map that can be called, saved and made a torch module; of a function of rows,
        the map and the function; of a direction, the direction in B. None unless the answer is `carried`.
    fidelity : Fidelity or None
    steered : Steered or None
        In its place for a direction.
    curve : LearningCurve or None
        Where it is known what the probe is to tell.
    controls : tuple of CarriedByCopy
    notes : tuple of str
        What was done that was not asked for.
    seconds : float
        CPU seconds since the networks had run.
    """

    answer: TransferAnswer
    kind: str
    map: str
    probe: str
    networks: tuple[str, str]
    layers: tuple[str, str]
    rows: int
    groups: int
    tolerance: float
    seed: int
    carried: Any = None
    fidelity: Fidelity | None = None
    steered: Steered | None = None
    curve: LearningCurve | None = None
    controls: tuple[CarriedByCopy, ...] = ()
    notes: tuple[str, ...] = ()
    seconds: float = 0.0

    @property
    def exit_code(self) -> int:
        """0 carried, 1 refused, 3 undecided."""
        return TRANSFER_EXIT_CODES[self.answer]

    def to_dict(self) -> dict[str, Any]:
        """Return the record as plain Python objects, without what was carried; missing numbers are None."""
        own = {f.name: plain(getattr(self, f.name)) for f in fields(self) if f.name != "carried"}
        return {"schema": SCHEMA, "transfer": own.pop("answer"), "exit_code": self.exit_code, **own}

    def to_json(self) -> str:
        """Return the record as text."""
        return json.dumps(self.to_dict(), indent=2, ensure_ascii=False, allow_nan=False)

    def summary(self) -> pandas.DataFrame:
        """Return every number with its interval as a table."""
        import pandas as pd

        return pd.DataFrame(transfer_rows(self), columns=["what", "value", "low", "high"]).set_index("what")

    def save(self, path: str | Path, *, overwrite: bool = False) -> Path:
        """Write what was carried: a map as `Transformation.load` reads it; a direction as an array `direction` (.npz and others).

        Raises
        ------
        InputError
            Where nothing was carried, or it is a function, which cannot be written; its map can: `.carried.map.save(path)`.
        """
        if self.carried is None:
            raise InputError(f"nothing was carried, the answer is {self.answer}: there is nothing to save")
        if isinstance(self.carried, Transformation):
            return self.carried.save(path, overwrite=overwrite)
        if isinstance(self.carried, ReadThere):
            raise InputError(
                f"{self.probe}: a function cannot be written; .carried.map.save(path) keeps the map from B to A that it reads "
                "through"
            )
        return write_arrays(path, {"direction": self.carried}, {}, overwrite=overwrite)

    def __str__(self) -> str:
        return transfer_text(self)

    def __repr__(self) -> str:
        return f"<{self.kind} {self.answer}: {self.networks[0]} to {self.networks[1]}; next: print(it), .carried, .summary()>"
