"""Every error this package raises on purpose.

::

    ConjugacyError
    ├── InputError (ValueError)      what was given cannot be used; the command line exits with 2
    │   ├── ShapeError               wrong number of dimensions, rows or units
    │   ├── NotFiniteError           NaN or infinity
    │   ├── StimuliError             the rows of two networks cannot be matched
    │   ├── UnknownNameError         no layer, measure, rung or knob of that name
    │   └── FormatError              a file is not a recording, or is damaged
    ├── ModelError                   the user's own model raised; the command line exits with 2
    └── MissingExtraError (ImportError)   an optional dependency is not installed

A message says what was given, what was expected and what to do.
Numeric trouble that leaves a usable result is no error but a `conjugacy.Status`.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class ConjugacyError(Exception):
    """Root of every error that this package raises on purpose.

    Examples
    --------
    >>> import conjugacy as cj
    >>> try:
    ...     cj.get_measure("ckaa")
    ... except cj.ConjugacyError as error:
    ...     print(str(error).partition(';')[0])
    there is no measure 'ckaa'
    """


class InputError(ConjugacyError, ValueError):
    """What was given cannot be used."""


class ShapeError(InputError):
    """An array has the wrong number of dimensions, rows or units."""


class NotFiniteError(InputError):
    """An array holds NaN or infinity."""


class StimuliError(InputError):
    """The rows of two networks cannot be matched."""


class UnknownNameError(InputError):
    """No layer, measure, rung or knob has that name."""

    @classmethod
    def of(cls, kind: str, given: str, known: Iterable[str], *, where: str = "", most: int = 12) -> UnknownNameError:
        """Build the error for an unknown `kind`, naming the nearest of the `known` names and `most` of them all.

        `where` follows the given name.
        """
        names, given = [str(name) for name in known], str(given)
        near = difflib.get_close_matches(given, names, n=3, cutoff=0.5)
        hint = f"did you mean {' or '.join(repr(n) for n in near)}? " if near else ""
        shown = ", ".join(repr(n) for n in names[:most]) + (", ..." if len(names) > most else "")
        place = f" {where}" if where else ""
        return cls(f"there is no {kind} {given!r}{place}; {hint}known: {shown or 'none'}")


class FormatError(InputError):
    """A file is not a recording, or is damaged."""


class ModelError(ConjugacyError):
    """The user's own model raised while it was loaded or run."""


class MissingExtraError(ConjugacyError, ImportError):
    """An optional dependency is not installed."""

    @classmethod
    def of(cls, what: str, extra: str) -> MissingExtraError:
        """Build the error that names the extra to install."""
        return cls(f"{what} needs an optional dependency; run: pip install 'conjugacy[{extra}]'")
