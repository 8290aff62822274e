"""What may be given as a probe, and what is read with it."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from conjugacy.activations.readout import readout_of
from conjugacy.errors import InputError

ROWS = np.random.default_rng(0).normal(size=(7, 3))
WEIGHTS = np.arange(6.0).reshape(3, 2)
SHIFT = np.array([1.0, -1.0])


class Model:
    """A fitted linear model, as those of scikit-learn."""

    coef_ = WEIGHTS.T
    intercept_ = SHIFT


def module():
    found = torch.nn.Linear(3, 2).double()
    with torch.no_grad():
        found.weight.copy_(torch.as_tensor(WEIGHTS.T))
        found.bias.copy_(torch.as_tensor(SHIFT))
    return found


@pytest.mark.parametrize(
    "given",
    [
        (WEIGHTS.T, SHIFT),
        {"weight": WEIGHTS.T, "bias": SHIFT},
        Model(),
        module(),
        torch.nn.Sequential(module()),
        lambda rows: rows @ WEIGHTS + SHIFT,
    ],
    ids=["pair", "mapping", "model", "Linear", "module", "function"],
)
def test_all_forms_read_the_same(given):
    np.testing.assert_allclose(readout_of(given)(ROWS), ROWS @ WEIGHTS + SHIFT, rtol=1e-12)


def test_an_array_is_turned_as_rows_are():
    np.testing.assert_array_equal(readout_of(WEIGHTS)(ROWS), ROWS @ WEIGHTS)
    np.testing.assert_array_equal(readout_of([1.0, 0.0, 2.0])(ROWS)[:, 0], ROWS @ [1.0, 0.0, 2.0])


def test_a_binary_model_has_one_bias():
    found = readout_of((WEIGHTS[:, 0][None], 2.0))
    np.testing.assert_array_equal(found(ROWS)[:, 0], ROWS @ WEIGHTS[:, 0] + 2.0)


def test_safetensors_hold_a_probe(tmp_path):
    from safetensors.numpy import save_file

    save_file({"weight": np.ascontiguousarray(WEIGHTS.T), "bias": SHIFT}, tmp_path / "probe.safetensors")
    np.testing.assert_allclose(readout_of(str(tmp_path / "probe.safetensors"))(ROWS), ROWS @ WEIGHTS + SHIFT)


def test_what_cannot_be_read_with_is_refused():
    with pytest.raises(InputError, match="expected weights"):
        readout_of(None)
