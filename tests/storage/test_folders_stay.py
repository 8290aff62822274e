"""A file never takes the place of a folder."""

import numpy as np
import pytest

import conjugacy as cj
from conjugacy.errors import InputError
from conjugacy.storage.atomic import replacing


@pytest.fixture(scope="module")
def result():
    x = np.random.default_rng(0).standard_normal((60, 4))
    return cj.compare(x, 2 * x)


def folder(tmp_path, name):
    place = tmp_path / name
    place.mkdir()
    (place / "precious").write_text("x")
    return place


def test_figures_and_saved_comparisons_leave_folders_alone(tmp_path, result):
    for place, write in (
        (folder(tmp_path, "a.svg"), lambda path: result.figure("ladder", path)),
        (folder(tmp_path, "a.safetensors"), lambda path: result.save(path, overwrite=True)),
    ):
        with pytest.raises(InputError, match="folder"):
            write(place)
        assert (place / "precious").read_text() == "x"


def test_whatever_is_written_leaves_folders_alone(tmp_path):
    place = folder(tmp_path, "b")
    with pytest.raises(OSError, match="directory"), replacing(place) as temporary:
        temporary.write_text("new")
    assert (place / "precious").read_text() == "x"
