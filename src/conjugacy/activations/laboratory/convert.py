"""convert: a laboratory's file as a recording, with what was understood of it before anything is written."""

from __future__ import annotations

import os
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from conjugacy.activations.laboratory.arrays import understood
from conjugacy.activations.laboratory.choices import ReadingOptions
from conjugacy.activations.laboratory.sessions import of_session
from conjugacy.asked import keywords, name_of, place
from conjugacy.data import Recording
from conjugacy.data.missing import asked_of
from conjugacy.errors import ConjugacyError, FormatError, InputError
from conjugacy.storage import RawFile, decode
from conjugacy.storage.complete import complete, with_passes
from conjugacy.storage.decode import Choices
from conjugacy.storage.formats import in_words
from conjugacy.storage.laboratory import ENDINGS, Held, is_laboratory_name, opened


@dataclass(frozen=True, eq=False)
class Converted:
    """A laboratory's file, read as a recording.

    Attributes
    ----------
    recording : Recording
        What to compare or to save.
    told : tuple of str
        What was understood of the file, and what was binned, smoothed, turned or left out.
    """

    recording: Recording
    told: tuple[str, ...]

    def __str__(self) -> str:
        return "\n".join([repr(self.recording), *(f"- {sentence}" for sentence in self.told)])


def convert(path: str | os.PathLike[str], **options: Any) -> Converted:
    """Read a laboratory's file as a recording, and say what was understood of it.

    NWB sessions, MATLAB files of any version, `.npy`, parquet tables and netCDF files are read. Spikes become rates. Where a
    file can be read in several ways, the error says what to choose. Nothing is written, and nothing in the file is executed.

    Parameters
    ----------
    path : path
        The file. Its ending selects the kind.
    options
        How to read it, as in `ReadingOptions`: `layers`, `axes`, `roles`, `dt`, `bin`, `smoothing`, `align`, `window`, `missing`;
        and `name`, the network's name.

    Returns
    -------
    Converted
        `recording` to compare or save, and `told`, sentences on what was understood.

    Raises
    ------
    InputError, FormatError
        If the file is missing, damaged or hostile, or does not say which array is what.
    MissingExtraError
        If reading it needs `pip install 'conjugacy[neuro]'`.

    Examples
    --------
    >>> import tempfile, numpy as np, scipy.io, conjugacy as cj
    >>> path = tempfile.mkdtemp() + "/session.mat"
    >>> scipy.io.savemat(path, {"rates": np.ones((5, 4, 3)), "cond": ["left", "right", "left"], "t": np.arange(4) * 0.1})
    >>> found = cj.convert(path)
    >>> found.told[0], found.recording.first.conditions.tolist()
    ("'rates' is units x time points x trials, as labels have these lengths", ['left', 'right', 'left'])
    """
    keywords(options, convert, ["name", *(one.name for one in fields(ReadingOptions))])
    name = options.pop("name", None)
    how, path = ReadingOptions(**options), place("path", path)
    if not is_laboratory_name(path):
        raise InputError(f"{str(path)!r} is no laboratory's file by its name; expected {in_words(ENDINGS)}")
    return _guarded(path, how, name)


def _guarded(path: Path, how: ReadingOptions, name: str | None) -> Converted:
    try:
        with opened(path) as found:
            arrays, meta, told = understood(found, how) if isinstance(found, Held) else of_session(found, how)
        raw = RawFile(arrays, with_passes(meta, told), {key: array.shape for key, array in arrays.items()})
        raw = complete(raw, asked_of(how.missing))
        recording = decode(raw, Choices(name), default_name=name_of(path.stem))
    except InputError as error:
        if str(path) in str(error):
            raise
        raise type(error)(f"{str(path)!r}: {error}") from None
    except ConjugacyError:
        raise
    except Exception as error:  # an untrusted file may hold anything in any place
        words = f"{type(error).__name__}: {str(error)[:160]}"
        raise FormatError(
            f"{str(path)!r} holds what no recording holds ({words}); it is damaged, or of another kind"
        ) from None
    return Converted(recording, tuple(map(str, recording.provenance.get("passes", ()))))
