"""Work on a device gives numpy's numbers; without one nothing is sent; what cannot be used is refused in words."""

import sys
from collections.abc import Iterator

import numpy as np
import pytest

import conjugacy as cj
from conjugacy.errors import InputError, MissingExtraError
from conjugacy.numerics import device as seam
from conjugacy.numerics.alignment import align_pairs, align_vector_fields, prepare
from conjugacy.numerics.feature_folds import feature_fold_residuals, many_fold_residuals
from conjugacy.numerics.kernel_folds import fold_residuals
from conjugacy.numerics.kernels import matern52, squared_distances
from conjugacy.transformations.kernel import solved

pytest.importorskip("torch")
MEASURES = (
    "cka",
    "cka:kernel=rbf",
    "cka:variance=0.9",
    "procrustes",
    "bures",
    "shape",
    "cca",
    "cca:folds=4",
    "svcca",
    "pwcca",
    "linear_predictivity",
    "mutual_knn",
    "cknna",
    "rsa",
    "distance_correlation",
)


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, ...]]:
    """All work is worth sending; the shapes of what was sent."""
    shapes: list[tuple[int, ...]] = []
    call = seam.Device.call

    def noted(self: seam.Device, function, *arrays: np.ndarray):
        shapes.extend(x.shape for x in arrays)
        return call(self, function, *arrays)

    monkeypatch.setattr(seam, "WORTH", 0.0)
    monkeypatch.setattr(seam.Device, "call", noted)
    return shapes


def pair(m: int, n: int, p: int) -> tuple[np.ndarray, np.ndarray]:
    """Two layers that share four of six latents."""
    rng = np.random.default_rng(0)
    latent = rng.standard_normal((m, 8))
    a, b = (np.tanh(z @ rng.standard_normal((6, k)) / 2) for z, k in ((latent[:, :6], n), (latent[:, 2:], p)))
    return a, b


def far(x: cj.Score, y: cj.Score) -> float:
    """The largest difference of a number of two scores."""
    numbers = [
        (one.value, *(one.interval or ()), *(v for v in one.details.values() if isinstance(v, float))) for one in (x, y)
    ]
    return float(np.max(np.abs(np.subtract(*numbers))))


@pytest.mark.parametrize("name", MEASURES)
def test_measures_are_the_same_on_a_device(name: str, sent: list[tuple[int, ...]]) -> None:
    a, b = pair(60, 9, 7)
    here = cj.get_measure(name)(a, b)
    assert not sent
    with seam.on_device("cpu"):
        there = cj.get_measure(name)(a, b)
    assert sent
    assert here.status == there.status
    assert far(here, there) < 1e-9


def test_a_small_angle_is_the_same_on_a_device(sent: list[tuple[int, ...]]) -> None:
    a, _ = pair(60, 9, 7)
    near = a + 1e-4 * np.random.default_rng(1).standard_normal(a.shape)
    here = cj.get_measure("procrustes")(a, near)
    with seam.on_device("cpu"):
        there = cj.get_measure("procrustes")(a, near)
    assert here.value > 0
    assert far(here, there) < 1e-12


def test_the_ladder_is_the_same_on_a_device(sent: list[tuple[int, ...]]) -> None:
    a, b = pair(90, 8, 8)
    here = cj.get_measure("ladder")(a, b)
    with seam.on_device("cpu"):
        there = cj.get_measure("ladder")(a, b)
    assert len(sent) > 50
    assert far(here, there) < 1e-9


@pytest.mark.slow
@pytest.mark.parametrize(
    ("m", "n", "p", "within"),
    [
        (500, 64, 64, 1e-9),
        (150, 200, 180, 1e-9),
        (700, 64, 64, 1e-6),
    ],  # of more than 500 rows some is in single precision
)
def test_a_record_is_the_same_on_a_device_but_for_its_note(
    m: int, n: int, p: int, within: float, sent: list[tuple[int, ...]]
) -> None:
    a, b = pair(m, n, p)
    here, there = cj.compare(a, b), cj.compare(a, b, device="cpu")
    before = len(sent)
    records = [one.to_dict() for one in (here, there)]
    assert len(sent) > before  # what was put off is done there, too
    notes = [one.pop("notes") for one in records]
    assert [note for note in notes[1] if note not in notes[0]] == [f"{seam.device_named('cpu').note}"]
    numbers = [dict(_flat(one)) for one in records]
    assert numbers[0].keys() == numbers[1].keys()
    for key, value in numbers[0].items():
        if isinstance(value, float):
            assert value == pytest.approx(numbers[1][key], abs=within, rel=within), key
        else:
            assert value == numbers[1][key], key


def _flat(one, path: str = "") -> Iterator[tuple[str, object]]:
    parts = one.items() if isinstance(one, dict) else enumerate(one) if isinstance(one, list | tuple) else None
    if parts is None:
        yield path, one
    else:
        for key, value in parts:
            yield from _flat(value, f"{path}/{key}")


def test_kernel_folds_and_coefficients_are_the_same(sent: list[tuple[int, ...]]) -> None:
    a, b = pair(60, 6, 5)
    kernel = matern52(squared_distances(a, a), 2.0)
    found = []
    for name in (None, "cpu"):
        with seam.on_device(name):
            folds = fold_residuals(kernel.copy(), 0.01, b, np.array([20, 20, 20]), 10.0)
            found.append([*folds, solved(kernel.copy(), 0.01, b)])
    assert sent
    for here, there in zip(*found, strict=True):
        np.testing.assert_allclose(there, here, rtol=0, atol=1e-9)


@pytest.mark.parametrize("columns", [5, 40])
@pytest.mark.parametrize("by_sums", [False, True])
def test_folds_of_features_are_the_same(columns: int, by_sums: bool, sent: list[tuple[int, ...]]) -> None:
    rng = np.random.default_rng(0)
    features, targets, folds = rng.standard_normal((60, columns)), rng.standard_normal((60, 3)), np.arange(60) % 3
    found = []
    for name in (None, "cpu"):
        with seam.on_device(name):
            if by_sums:
                told = lambda c: lambda rows: features[rows] @ c  # noqa: E731
                found.append(many_fold_residuals(features.__getitem__, told, targets, folds, 0.1))
            else:
                found.append(feature_fold_residuals(features.copy(), targets, folds, 0.1))
    assert sent
    np.testing.assert_allclose(found[1], found[0], rtol=0, atol=1e-10)


def test_alignment_is_the_same_on_a_device(sent: list[tuple[int, ...]]) -> None:
    rng = np.random.default_rng(0)
    x, q = rng.standard_normal((5, 5)), np.linalg.qr(rng.standard_normal((5, 5)))[0]
    y = rng.standard_normal((5, 5))
    with seam.on_device("cpu"):
        fields = prepare(np.stack([x, q @ x @ q.T, y]))
        same, other = align_pairs(fields.take([0, 0]), fields.take([1, 2]))
    assert sent
    assert all(isinstance(part, np.ndarray) for part in (*fields.parts, same.rotation))  # arrays come out
    assert same.distance < 1e-7
    here = align_vector_fields(x, y)
    assert other.distance == pytest.approx(here.distance, abs=1e-9)
    assert other.lower == pytest.approx(here.lower, abs=1e-9)
    assert not np.isclose(other.distance, same.distance)


def test_little_work_is_not_sent_and_nothing_without_a_device(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> None:
        raise AssertionError("something was sent")

    monkeypatch.setattr(seam.Device, "call", fails)
    x = np.ones((3, 3))
    with seam.on_device("cpu"):
        assert seam.product(x, x)[0, 0] == 3.0
        with pytest.raises(AssertionError, match="sent"):
            seam.product(np.ones((200, 200)), np.ones((200, 200)))
    assert seam.product(np.ones((200, 200)), np.ones((200, 200)))[0, 0] == 200.0


def test_a_device_is_that_of_its_block_alone() -> None:
    with seam.on_device("cpu"), seam.on_device(None):
        assert seam.device_chosen() == "cpu"  # None leaves it as it is
    with seam.on_device("cpu"), pytest.raises(InputError):
        cj.get_measure("cka")(np.ones(3), np.ones(3))
    assert seam.device_chosen() is None


def test_any_array_is_sent_and_none_is_changed(sent: list[tuple[int, ...]]) -> None:
    x = np.arange(12.0).reshape(3, 4)
    kept = x.copy()
    x.flags.writeable = False
    with seam.on_device("cpu"):
        for one in (x, x[::-1], x[:, ::-2], x.T, np.broadcast_to(x[0], (3, 4))):
            np.testing.assert_array_equal(seam.product(one, one.T), one @ one.T)
        into = np.empty((3, 3))
        assert seam.product(x, x.T, out=into) is into
        assert seam.product(x.astype(np.float32), x.T.astype(np.float32)).dtype == np.float32
    np.testing.assert_array_equal(x, kept)


def test_products_that_torch_would_round_are_made_in_double() -> None:
    import torch

    device = seam.device_named("cpu")
    before = torch.get_float32_matmul_precision()
    try:
        torch.set_float32_matmul_precision("high")
        assert device.put(np.ones(2, np.float32)).dtype == torch.float64
    finally:
        torch.set_float32_matmul_precision(before)
    assert device.put(np.ones(2, np.float32)).dtype == torch.float32


@pytest.mark.parametrize("name", ["warp", "meta", "cuda:77"])
def test_what_is_no_device_is_refused_in_words(name: str) -> None:
    with pytest.raises(InputError, match=rf"device: '{name}' cannot be used here .*no device= for numpy"):
        cj.compare(np.eye(9), np.eye(9), device=name)


def test_without_torch_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    seam._opened.cache_clear()
    try:
        with pytest.raises(MissingExtraError, match=r"device='cuda' needs .*conjugacy\[torch\]"):
            cj.pairwise({"a": np.eye(9), "b": np.eye(9)}, measures="cka", device="cuda")
    finally:
        seam._opened.cache_clear()


def test_too_little_memory_is_told_and_a_failed_factorisation_is_numpys_error(sent: list[tuple[int, ...]]) -> None:
    import torch

    device = seam.device_named(torch.device("cpu"))

    def full(*_: object) -> None:
        raise torch.cuda.OutOfMemoryError("CUDA out of memory")

    with pytest.raises(InputError, match="device 'cpu' has too little memory for arrays of 3 x 2 and 4 x 4"):
        device.call(full, np.ones((3, 2)), np.ones((4, 4)))
    with seam.on_device("cpu"), pytest.raises(np.linalg.LinAlgError):
        seam.lower_factor(-np.eye(3))


def test_a_study_on_a_device_has_the_same_table_and_says_so(sent: list[tuple[int, ...]]) -> None:
    a, b = pair(60, 9, 7)
    here, there = (cj.pairwise({"a": a, "b": b}, measures=["cka", "procrustes"], device=d) for d in (None, "cpu"))
    assert sent
    for measure in ("cka", "procrustes"):
        np.testing.assert_allclose(there.table(measure=measure), here.table(measure=measure), rtol=0, atol=1e-9)
    assert "on cpu by torch" in str(there.notes)
    assert "by torch" not in str(here.notes)


@pytest.mark.gpu
def test_a_gpu_gives_the_same() -> None:
    torch = pytest.importorskip("torch")
    if not torch.cuda.is_available():
        pytest.skip("there is no GPU")
    a, b = pair(700, 64, 64)
    for name in (*MEASURES, "ladder"):
        here = cj.get_measure(name)(a, b)
        with seam.on_device("cuda"):
            assert far(here, cj.get_measure(name)(a, b)) < 1e-9, name
