"""Arrays of torch, JAX and ml_dtypes: every value kept exactly, as narrow as numpy can, or refused with a way out."""

from __future__ import annotations

import copy
import pickle
import warnings
import weakref
from dataclasses import replace

import numpy as np
import pytest

import conjugacy as cj
from conjugacy.activations.tensors import as_array, to_numpy
from conjugacy.data.foreign import plain_array, widening
from conjugacy.errors import InputError

torch = pytest.importorskip("torch")
SMALL = {
    "bfloat16": np.float32,
    "float16": np.float16,
    "float8_e4m3fn": np.float16,
    "float8_e5m2": np.float16,
    "float8_e4m3fnuz": np.float16,
    "float8_e5m2fnuz": np.float16,
    "float8_e8m0fnu": np.float32,
}


def every_value(name: str) -> torch.Tensor:
    """Return each value of a type of 8 or 16 bits."""
    size = getattr(torch, name).itemsize
    codes = torch.arange(256**size, dtype=torch.int64).to(torch.int16 if size == 2 else torch.uint8)
    return codes.view(getattr(torch, name))


@pytest.mark.parametrize("name", SMALL)
def test_every_value_of_a_small_float_is_kept(name):
    tensor = every_value(name)
    found = to_numpy(tensor)
    assert found.dtype == SMALL[name]
    with np.errstate(invalid="ignore"):  # signalling NaN
        np.testing.assert_array_equal(found.astype(np.float64), tensor.double().numpy())
    assert (widening(tensor) is None) == (name == "float16")


@pytest.mark.parametrize("name", [*SMALL, "float8_e3m4", "float6_e2m3fn", "float4_e2m1fn", "int4", "uint2"])
def test_every_value_of_ml_dtypes_is_kept(name):
    ml_dtypes = pytest.importorskip("ml_dtypes")
    kind = np.dtype(getattr(ml_dtypes, name, None) or name)
    codes = np.arange(256**kind.itemsize, dtype=f"u{kind.itemsize}") if name in SMALL else np.arange(4, dtype=np.uint8)
    array = codes.view(kind)
    with np.errstate(all="ignore"):
        found = as_array(array)
        np.testing.assert_array_equal(found.astype(np.float64), array.astype(np.float64))
    assert found.dtype.kind in "iuf"
    assert found.dtype.itemsize <= 4


def test_jax_arrays_are_read_and_the_provenance_says_so():
    jnp = pytest.importorskip("jax.numpy")
    values = {"h": jnp.asarray([[0.5, 1.0], [3.0, -2.0]], jnp.bfloat16), "outputs": jnp.ones((2, 1), jnp.float16)}
    found = cj.Recording.from_arrays(values)
    assert found.layers["h"].stored.dtype == np.float32
    assert found.layers["outputs"].stored.dtype == np.float16
    np.testing.assert_array_equal(found.layers["h"].values, [[0.5, 1.0], [3.0, -2.0]])
    assert found.provenance["widened"] == {"h": "bfloat16 as float32"}


def test_what_is_no_dense_tensor_of_numbers_says_what_to_do():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # both kinds are told to be about to change
        nested = torch.nested.nested_tensor([torch.ones(2), torch.ones(3)])
        quantised = torch.quantize_per_tensor(torch.ones(2, 2), 0.1, 0, torch.qint8)
    refused = {
        "to_padded_tensor": nested,
        "dequantize": quantised,
        "without values": torch.empty(2, 2, device="meta"),
        "to_dense": torch.eye(3).to_sparse(),
    }
    for words, tensor in refused.items():
        for door in (to_numpy, as_array, plain_array, cj.Activations):
            with pytest.raises(InputError, match=words):
                door(tensor)


def test_scipy_sparse_complex_and_objects_are_refused_as_layers():
    import scipy.sparse

    with pytest.raises(InputError, match="toarray"):
        cj.Activations(scipy.sparse.eye_array(3))
    for values in (torch.ones(2, 2, dtype=torch.complex64), np.ones((2, 2), complex)):
        with pytest.raises(InputError, match="real and imaginary part"):
            cj.Activations(values)
    with pytest.raises(InputError, match="object"):
        cj.Activations(np.array([[1, None]], dtype=object))
    assert as_array(np.array(["text"])).dtype.kind == "U"


def test_lazy_conjugates_and_broken_arrays():
    view = torch.ones(2, dtype=torch.complex64).conj().imag
    np.testing.assert_array_equal(as_array(view), [-0.0, -0.0])

    class Deleted:
        dtype = "float32"

        def __array__(self, dtype=None, copy=None):
            raise RuntimeError("Array has been deleted")

    with pytest.raises(InputError, match="Deleted gives no numpy array: Array has been deleted"):
        as_array(Deleted())


@pytest.mark.parametrize("kind", [np.float16, np.float32, np.float64, ">f4", np.int32])
def test_values_stay_as_narrow_as_they_came_and_read_as_float64(kind, rng):
    given = (rng.normal(size=(7, 3)) * 10).astype(kind)
    layer = cj.Activations(given)
    assert layer.stored.dtype == (np.float64 if given.dtype.kind == "i" else given.dtype.newbyteorder("="))
    assert layer.values.dtype == np.float64
    np.testing.assert_array_equal(layer.values, given.astype(np.float64))
    assert not layer.values.flags.writeable
    assert not layer.stored.flags.writeable


def test_the_wide_copy_lasts_as_long_as_somebody_holds_it(rng):
    layer = cj.Activations(rng.normal(size=(7, 3)).astype(np.float32))
    held = layer.values
    assert layer.values is held
    gone = weakref.ref(held)
    del held
    assert gone() is None


def test_narrow_layers_are_taken_copied_and_pickled_narrow(rng):
    layer = cj.Activations(rng.normal(size=(7, 3)).astype(np.float32), stimuli=range(7))
    held = layer.values  # the copy that must not travel
    for other in (layer.take([1, 0]), pickle.loads(pickle.dumps(layer)), copy.deepcopy(layer)):
        assert other.stored.dtype == np.float32
        np.testing.assert_array_equal(other.values, held[[1, 0]] if len(other.stored) == 2 else held)
    assert len(pickle.dumps(layer)) < len(pickle.dumps(replace(layer)))
    recording = cj.Recording({"h": layer}, name="net")
    assert recording.layers["h"].stored is layer.stored
    assert recording.layers["h"].name == "net"
