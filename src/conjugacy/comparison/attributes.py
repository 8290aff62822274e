"""What rows are labelled with beside the task: attributes as they are given, and as they are tested."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from conjugacy.data.foreign import is_tensor, plain_array
from conjugacy.errors import FormatError, InputError, ShapeError

if TYPE_CHECKING:
    import pandas

MOST = 15  # each makes all others harder to show
FEWEST_OF_CLASS = 5  # groups of rows, one for each fold
EXPECTED = (
    "a mapping of names to one value for each row of A, a table with a column for each, or a .csv file with a header"
)


@dataclass(frozen=True, eq=False)
class Attribute:
    """One attribute of the rows of A.

    Attributes
    ----------
    name : str
    values : array, (m,)
        Whole numbers of classes, -1 where it is not known; or numbers, NaN where it is not known.
    is_class : bool
    """

    name: str
    values: np.ndarray
    is_class: bool

    @classmethod
    def of(cls, name: str, given: Any) -> Attribute:
        """Return one from its values: text, yes and no, and whole numbers that repeat (a quarter as many) are classes.

        Raises
        ------
        InputError, ShapeError
            Where it is not one value for each row.

        Examples
        --------
        >>> one = Attribute.of("speaker", ["x", "y", None, "x"])
        >>> one.values.tolist(), one.is_class
        ([0, 1, -1, 0], True)
        """
        import pandas as pd

        array: Any = plain_array(given, f"attributes[{name!r}]") if is_tensor(given) else given
        try:
            column = pd.Series(array)
        except (ValueError, TypeError) as error:
            raise ShapeError(f"attributes[{name!r}]: expected one value for each row ({error})") from None
        if column.dtype.kind in "cMm":
            raise InputError(f"attributes[{name!r}]: got {column.dtype}, expected text, yes and no, or numbers")
        known = column.dropna()
        numeric = pd.api.types.is_numeric_dtype(column.dtype) and not pd.api.types.is_bool_dtype(column.dtype)
        whole = pd.api.types.is_integer_dtype(column.dtype)
        if numeric and not (whole and 4 * known.nunique() <= len(known)):
            values = column.to_numpy(dtype=np.float64, na_value=np.nan)
            if np.isinf(values).any():
                raise InputError(f"attributes[{name!r}]: holds infinite numbers; leave these empty (NaN)")
            return cls(name, values, is_class=False)
        words = [
            str(value).strip() or None if known else None for value, known in zip(column, column.notna(), strict=True)
        ]
        return cls(name, np.asarray(pd.factorize(np.array(words, dtype=object), sort=True)[0]), is_class=True)

    def at(self, rows: np.ndarray) -> Attribute:
        """Return the same of some rows."""
        return Attribute(self.name, self.values[rows], self.is_class)

    def known(self, clusters: np.ndarray) -> tuple[np.ndarray, np.ndarray, tuple[str, ...]]:
        """Return the rows on which it is known, its values there, and what was left out.

        Classes that fewer than five groups of rows have cannot be both fitted and held out, and are left out.
        """
        if not self.is_class:
            rows = np.flatnonzero(~np.isnan(self.values))
            return rows, self.values[rows], self._missing(len(rows))
        rows = np.flatnonzero(self.values >= 0)
        said = self._missing(len(rows))
        codes = self.values[rows]
        spread = [len(np.unique(clusters[rows][codes == c])) for c in range(int(codes.max(initial=-1)) + 1)]
        rare = np.flatnonzero((np.array(spread) < FEWEST_OF_CLASS) & (np.array(spread) > 0))
        if len(rare):
            often = ~np.isin(codes, rare)
            said += (
                f"{self.name}: {len(rare)} of {sum(n > 0 for n in spread)} classes are those of fewer than {FEWEST_OF_CLASS} "
                f"groups of rows each; their {int((~often).sum())} rows are left out",
            )
            rows, codes = rows[often], codes[often]
        return rows, np.unique(codes, return_inverse=True)[1].reshape(len(codes)), said

    def _missing(self, known: int) -> tuple[str, ...]:
        missing = len(self.values) - known
        return (
            (f"{self.name}: not known on {missing} of {len(self.values)} rows, which are left out",) if missing else ()
        )


def attributes_of(given: Any) -> tuple[Attribute, ...]:
    """Return the attributes that were given.

    Raises
    ------
    InputError, ShapeError, FormatError
        Where they are of no kind that can be used; the message says what is expected.

    Examples
    --------
    >>> [one.name for one in attributes_of({"pitch": [0.5, 0.25], "loud": [True, False]})]
    ['pitch', 'loud']
    """
    if given is None:
        return ()
    if isinstance(given, (str, Path)):
        given = _read(Path(given))
    columns = cast("Mapping[Any, Any]", given)
    if not isinstance(given, Mapping) and not (hasattr(given, "columns") and hasattr(given, "items")):
        raise InputError(f"attributes: got {type(given).__name__}, expected {EXPECTED}")
    found = tuple(Attribute.of(str(name), values) for name, values in columns.items())
    if not 1 <= len(found) <= MOST:
        raise InputError(
            f"attributes: got {len(found)}, expected 1 to {MOST}: every further one makes the others harder to show"
        )
    names = [one.name for one in found]
    if len(set(names)) < len(names):
        raise InputError(
            f"attributes: two have one name: {', '.join(sorted({n for n in names if names.count(n) > 1}))}"
        )
    return found


def require_rows(attributes: tuple[Attribute, ...], count: int) -> None:
    """Refuse attributes of another number of rows than A has.

    Raises
    ------
    ShapeError
    """
    for one in attributes:
        if len(one.values) != count:
            raise ShapeError(
                f"attributes[{one.name!r}]: got {len(one.values)} values, expected one for each of the {count} rows of A"
            )


def _read(path: Path) -> pandas.DataFrame:
    import pandas as pd

    if path.suffix.lower() != ".csv" or not path.is_file():
        raise InputError(f"attributes: got {str(path)!r}, expected a .csv file that exists, its first line the names")
    try:
        return pd.read_csv(path)
    except (ValueError, OSError) as error:
        raise FormatError(f"attributes: {str(path)!r} cannot be read as .csv: {error}") from None
