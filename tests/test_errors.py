"""The tree of errors is the one that is drawn, and every message names what to do."""

from __future__ import annotations

import pickle
import re

import pytest

from conjugacy import errors
from conjugacy.errors import ConjugacyError, InputError, MissingExtraError, UnknownNameError

KINDS = [v for v in vars(errors).values() if isinstance(v, type) and issubclass(v, ConjugacyError)]


def test_the_drawing_is_the_tree() -> None:
    drawn = re.findall(r"[├└]── (\w+)(?: \((\w+)\))?", errors.__doc__ or "")
    assert {name for name, _ in drawn} | {"ConjugacyError"} == {k.__name__ for k in KINDS}
    for name, builtin in drawn:
        assert not builtin or any(base.__name__ == builtin for base in getattr(errors, name).__mro__)


@pytest.mark.parametrize("kind", KINDS)
def test_errors_survive_pickling(kind: type[ConjugacyError]) -> None:
    copy = pickle.loads(pickle.dumps(kind("what happened")))
    assert type(copy) is kind
    assert str(copy) == "what happened"


def test_an_unknown_name_names_the_near_ones() -> None:
    error = UnknownNameError.of("layer", "encoder.1", ["encoder.2", "head", *(f"x{i}" for i in range(20))])
    assert isinstance(error, InputError)
    assert "did you mean 'encoder.2'" in str(error)
    assert str(error).endswith("...")
    assert "known: none" in str(UnknownNameError.of("layer", "a", []))
    assert "did you mean" not in str(UnknownNameError.of("layer", "qqqq", ["head"]))


def test_a_missing_extra_names_the_command() -> None:
    error = MissingExtraError.of("Reading .h5", "hdf5")
    assert isinstance(error, ImportError)
    assert "pip install 'conjugacy[hdf5]'" in str(error)
