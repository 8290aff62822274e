"""The way of the data through a fitted estimator: what each step hands on, under its name."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

HIDDEN = "hidden_{}"
Keep = Callable[[str, Any], None]


def opened(estimator: Any) -> Any:
    """Return the estimator that answers: of a search over settings, the best one that it found."""
    while hasattr(estimator, "best_estimator_"):
        estimator = estimator.best_estimator_
    return estimator


def last_of(estimator: Any) -> Any:
    """Return the estimator that answers in the end: the last step of a pipeline."""
    found = opened(estimator)
    while is_kind(found, "Pipeline"):
        found = opened(found.steps[-1][1])
    return found


def is_kind(estimator: Any, *names: str) -> bool:
    """Whether something is of one of scikit-learn's classes, or derived from it; others' classes of the name do not count."""
    return any(kind.__name__ in names and kind.__module__.startswith("sklearn.") for kind in type(estimator).__mro__)


def is_network(estimator: Any) -> bool:
    """Whether it has hidden layers of its own."""
    return is_kind(estimator, "MLPClassifier", "MLPRegressor")


def layer_kinds(estimator: Any) -> dict[str, str]:
    """Return every layer's name and what computes it, in the order in which they are computed.

    Examples
    --------
    >>> from sklearn.decomposition import PCA
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn.pipeline import make_pipeline
    >>> x, y = np.eye(4), [0, 1, 0, 1]
    >>> layer_kinds(make_pipeline(PCA(2), LogisticRegression()).fit(x, y))
    {'pca': 'PCA'}
    """
    return dict(_answering(opened(estimator), ""))


def _answering(estimator: Any, path: str) -> Iterator[tuple[str, str]]:
    """Yield the layers of what answers: those before its last step, and what the last one computes on its way."""
    if is_kind(estimator, "Pipeline"):
        for name, step in estimator.steps[:-1]:
            yield from _handing_on(step, _joined(path, name))
        name, step = estimator.steps[-1]
        yield from () if is_nothing(step) else _answering(opened(step), _joined(path, name))
    elif is_network(estimator):
        for i in range(1, len(estimator.coefs_)):
            yield _joined(path, HIDDEN.format(i)), type(estimator).__name__
    elif not can(estimator, "predict"):
        yield from (pair for pair in _handing_on(estimator, path) if pair[0] != path)
    elif can(estimator, "transform"):
        yield _joined(path, "transform"), type(estimator).__name__


def _handing_on(step: Any, path: str) -> Iterator[tuple[str, str]]:
    """Yield the layers of a step that transforms: its parts, and then itself."""
    if is_nothing(step):
        return
    if is_kind(step, "Pipeline"):
        for name, part in step.steps:
            yield from _handing_on(part, _joined(path, name))
        return
    if is_kind(step, "FeatureUnion"):
        for name, part in step.transformer_list:
            yield from _handing_on(part, _joined(path, name))
    elif is_kind(step, "ColumnTransformer"):
        kinds = {name: type(part).__name__ for name, part, _ in step.transformers_}
        for name, where in step.output_indices_.items():
            if where.stop > where.start:
                yield _joined(path, name), "passthrough" if kinds.get(name) == "str" else kinds.get(name, "passthrough")
    yield path, type(step).__name__


def through(estimator: Any, data: Any, wanted: Callable[[str], bool], keep: Keep) -> tuple[Any, Any]:
    """Send data through all steps but the last, and return that step and what it is given.

    Parameters
    ----------
    estimator : fitted estimator
    data : array, data frame or texts
    wanted : callable
        Whether a layer, or one whose name begins so, is to be kept.
    keep : callable
        Takes a layer's name and what it gave.
    """
    found, path = opened(estimator), ""
    while is_kind(found, "Pipeline"):
        for name, step in found.steps[:-1]:
            data = _handed_on(step, data, _joined(path, name), wanted, keep)
        name, step = found.steps[-1]
        if is_nothing(step):
            return None, data
        found, path = opened(step), _joined(path, name)
    if is_network(found):
        _through_network(found, data, path, wanted, keep)
    elif not can(found, "predict"):
        _parts(found, data, path, wanted, keep)
    elif can(found, "transform") and wanted(name := _joined(path, "transform")):
        keep(name, found.transform(data))
    return found, data


def _handed_on(step: Any, data: Any, path: str, wanted: Callable[[str], bool], keep: Keep) -> Any:
    if is_nothing(step):
        return data
    if is_kind(step, "Pipeline"):
        for name, part in step.steps:
            data = _handed_on(part, data, _joined(path, name), wanted, keep)
        return data
    given = _parts(step, data, path, wanted, keep)
    keep(path, given)
    return given


def _parts(step: Any, data: Any, path: str, wanted: Callable[[str], bool], keep: Keep) -> Any:
    """Return what a step hands on, and keep what its parts give."""
    if is_kind(step, "FeatureUnion"):
        for name, part in step.transformer_list:
            if wanted(_joined(path, name)):
                _handed_on(part, data, _joined(path, name), wanted, keep)
    given: Any = step.transform(data) if can(step, "transform") else None
    if is_kind(step, "ColumnTransformer"):
        for name, where in step.output_indices_.items():
            whole = given.iloc if hasattr(given, "iloc") else given
            if where.stop > where.start:
                keep(_joined(path, name), whole[:, where])
    return given


def _through_network(network: Any, data: Any, path: str, wanted: Callable[[str], bool], keep: Keep) -> None:
    """Keep the hidden layers of a multi-layer perceptron, each behind its activation."""
    from scipy.special import expit
    from sklearn.utils.extmath import safe_sparse_dot

    functions: dict[str, Callable[[np.ndarray], np.ndarray]] = {
        "identity": lambda x: x, "logistic": expit, "tanh": np.tanh, "relu": lambda x: np.maximum(x, 0),
    }  # fmt: skip
    names = [_joined(path, HIDDEN.format(i)) for i in range(1, len(network.coefs_))]
    if not any(map(wanted, names)):
        return
    state = np.asarray(data) if hasattr(data, "iloc") else data
    for name, weights, bias in zip(names, network.coefs_, network.intercepts_, strict=False):
        state = functions[network.activation](np.asarray(safe_sparse_dot(state, weights)) + bias)
        keep(name, state)


def can(estimator: Any, method: str) -> bool:
    """Whether a fitted estimator has a method; some have it only with some settings."""
    return callable(getattr(estimator, method, None))


def is_nothing(step: Any) -> bool:
    """Whether a step of a pipeline is passed through, or dropped."""
    return step is None or isinstance(step, str)


def _joined(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
