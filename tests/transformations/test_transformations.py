"""Transformations as objects: call, inverse, compose, save and load."""

import numpy as np
import pytest
from constructed import pair

from conjugacy.errors import FormatError, InputError, NotFiniteError, ShapeError
from conjugacy.transformations import RUNGS, Identity, Layer, Transformation, judge


@pytest.fixture(scope="module")
def fitted():
    a, b = pair("linear", 0, m=200)
    b = b + 5.0
    ladder = judge(Layer(a), Layer(b), np.arange(200), tolerance=0.05)
    return a, b, {rung: ladder.transformation(rung) for rung in RUNGS}


@pytest.mark.parametrize("rung", RUNGS)
def test_save_and_load_give_the_same_map(fitted, rung, tmp_path):
    a, _, maps = fitted
    path = maps[rung].save(tmp_path / "t.safetensors")
    loaded = Transformation.load(path)
    np.testing.assert_array_equal(loaded(a), maps[rung](a))
    np.testing.assert_array_equal(loaded.inverse(a), maps[rung].inverse(a))
    with pytest.raises(InputError, match="exists"):
        maps[rung].save(path)
    maps[rung].save(path, overwrite=True)


@pytest.mark.parametrize("rung", ["identity", "permutation", "rotation"])
def test_exact_inverses(fitted, rung):
    a, _, maps = fitted
    np.testing.assert_allclose(maps[rung].inverse(maps[rung](a)), a, atol=1e-10)
    np.testing.assert_allclose(maps[rung].inverse.inverse(a), maps[rung](a), atol=1e-10)


def test_affine_inverse_is_exact_where_the_matrix_is_well_conditioned(rng):
    x = rng.standard_normal((200, 5))
    w = rng.standard_normal((5, 5)) + 3 * np.eye(5)
    t = judge(Layer(x), Layer(x @ w + 1), np.arange(200), tolerance=0.05).transformation("affine")
    np.testing.assert_allclose(t(x), x @ w + 1, atol=1e-5)
    np.testing.assert_allclose(t.inverse(t(x)), x, atol=1e-9)


def test_affine_and_smooth_maps_reach_the_target(fitted):
    a, b, maps = fitted
    for rung in ("affine", "smooth"):
        assert ((maps[rung](a) - b) ** 2).sum() / ((b - b.mean(axis=0)) ** 2).sum() < 1e-3
        assert ((maps[rung].inverse(b) - a) ** 2).sum() / ((a - a.mean(axis=0)) ** 2).sum() < 1e-2


def test_constant_units_come_out_constant(rng):
    x = rng.standard_normal((100, 3))
    y = np.column_stack([2 * x[:, [2, 0, 1]], np.full(100, 7.0)])
    x = np.column_stack([x, np.full(100, -1.0)])
    ladder = judge(Layer(x), Layer(y), np.arange(100), tolerance=0.05)
    for rung in ("permutation", "rotation", "affine", "smooth"):
        np.testing.assert_allclose(ladder.transformation(rung)(x), y, atol=1e-2)


def test_composition(fitted, tmp_path):
    a, _, maps = fitted
    there_and_back = maps["affine"].inverse.compose(maps["smooth"])
    np.testing.assert_array_equal(there_and_back(a), maps["affine"].inverse(maps["smooth"](a)))
    np.testing.assert_allclose(there_and_back(a), a, atol=0.2)
    np.testing.assert_array_equal(there_and_back.inverse(a), maps["smooth"].inverse(maps["affine"](a)))
    loaded = Transformation.load(there_and_back.save(tmp_path / "c.safetensors"))
    np.testing.assert_array_equal(loaded(a), there_and_back(a))
    with pytest.raises(ShapeError, match="cannot compose"):
        Identity(3).compose(Identity(2))


def test_one_row_and_bad_rows(fitted):
    a, _, maps = fitted
    np.testing.assert_allclose(maps["smooth"](a[0]), maps["smooth"](a)[0])
    with pytest.raises(ShapeError, match="expected"):
        maps["affine"](a[:, :2])
    with pytest.raises(NotFiniteError, match="NaN"):
        maps["affine"](np.full_like(a, np.nan))


def test_damaged_files_are_refused(fitted, tmp_path):
    _, _, maps = fitted
    path = maps["affine"].save(tmp_path / "t.safetensors")
    (tmp_path / "short.safetensors").write_bytes(path.read_bytes()[:100])
    with pytest.raises(FormatError, match="cannot be read"):
        Transformation.load(tmp_path / "short.safetensors")
    from safetensors.numpy import save_file

    save_file({"x": np.zeros(2)}, tmp_path / "other.safetensors")
    with pytest.raises(FormatError, match="is no saved transformation"):
        Transformation.load(tmp_path / "other.safetensors")
    save_file(
        {"x": np.zeros(2)},
        tmp_path / "part.safetensors",
        metadata={"format": "conjugacy-transformation-1", "kind": "affine"},
    )
    with pytest.raises(FormatError, match="incomplete or damaged"):
        Transformation.load(tmp_path / "part.safetensors")
    with pytest.raises(InputError, match="no folder"):
        maps["affine"].save(tmp_path / "nowhere" / "t.safetensors")
