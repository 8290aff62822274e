"""What stands in the same type of file and is no recording is refused with what opens it."""

import numpy as np
import pytest

import conjugacy as cj
from conjugacy.errors import FormatError


@pytest.mark.parametrize("opened", ["Comparison", "Transformation"])
def test_what_is_saved_beside_recordings_is_told(opened, tmp_path):
    x = np.random.default_rng(0).standard_normal((60, 4))
    result = cj.compare(x, 2 * x)
    place = tmp_path / "a.safetensors"
    (result if opened == "Comparison" else result.transformation("affine")).save(place)
    with pytest.raises(FormatError, match=f"open it with {opened}.load"):
        cj.load(place)
