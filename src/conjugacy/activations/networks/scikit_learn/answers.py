"""What a fitted estimator of scikit-learn answers: by which of its methods, of which kind, and which class is which column."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from conjugacy.activations.networks.scikit_learn.steps import can, is_nothing
from conjugacy.data import HEAD, head_named
from conjugacy.errors import InputError, UnknownNameError

METHODS = ("predict_proba", "decision_function", "predict", "transform", "score_samples")
"""In this order: the first that an estimator has is its output, unless another is asked for."""


@dataclass(frozen=True, eq=False)
class Methods:
    """How an estimator is asked, and what its columns stand for.

    Attributes
    ----------
    method : str
        What is called: `predict_proba`, `decision_function`, `predict`, `transform` or `score_samples`.
    others : tuple of str
        What else might be called.
    classes : tuple of array
        The classes, sorted, for each output; none of what is no classifier.
    wanted : str or int, optional
        The only one of several outputs that is wanted.
    """

    method: str
    others: tuple[str, ...]
    classes: tuple[np.ndarray, ...]
    wanted: str | int | None = None

    @staticmethod
    def of(estimator: Any, output: str | int | None) -> Methods:
        """Return how an estimator is asked.

        Raises
        ------
        UnknownNameError, InputError
            Where it has no such method, or none at all.
        """
        if is_nothing(estimator):  # a pipeline that ends in a step that is passed through
            return Methods("transform", (), ())
        known = [method for method in METHODS if can(estimator, method)]
        if not known:
            raise InputError(
                f"model: a fitted {type(estimator).__name__} neither predicts nor transforms new data; give an estimator with "
                f"one of {', '.join(METHODS)}"
            )
        asked = str(output).removeprefix(f"{HEAD}.") if output is not None else None
        if asked in METHODS and asked not in known:
            raise UnknownNameError.of("output", str(asked), known, where=f"of a {type(estimator).__name__}")
        method = str(asked) if asked in known else known[0]
        others = tuple(one for one in known if one != method)
        return Methods(method, others, _classes(estimator), None if asked in known else output)

    def to(self, estimator: Any, data: Any) -> dict[str, np.ndarray]:
        """Return the outputs by name; columns of classes in the order of the sorted classes, labels as numbers of classes."""
        given = getattr(estimator, self.method)(data)
        parts = list(given) if isinstance(given, list) else [given]
        if self.method == "predict" and len(self.classes) > 1:
            parts = list(np.asarray(given).T)
        arrays = [self._sorted(estimator, as_full(part), i) for i, part in enumerate(parts)]
        if len(arrays) == 1 and self.wanted is None:
            return {HEAD: arrays[0]}
        named = {HEAD if len(arrays) == 1 else f"{HEAD}[{i}]": array for i, array in enumerate(arrays)}
        if self.wanted is None:
            return named
        chosen = head_named(self.wanted, named, f"of a {type(estimator).__name__}, nor is it one of its methods")
        return {chosen: named[chosen]}

    def kind(self, name: str, values: np.ndarray) -> tuple[str, str] | None:
        """Return the kind of an output, and why; None where the method does not tell."""
        why, at = f"it is {self.method}", int(name[len(HEAD) + 1 : -1] or 0)
        if self.method == "predict_proba":
            one = values.ndim == 2 and values.shape[1] > 1 and bool(np.allclose(values.sum(axis=1), 1.0, atol=1e-6))
            return ("probabilities" if one else "sigmoids"), why
        if self.method == "predict":
            whole = values.ndim == 1 and values.dtype.kind in "iu"
            return ("labels" if whole and (self.classes or _are_labels(values)) else "regression"), why
        columns = len(self.classes[at]) if at < len(self.classes) else 0
        decides = self.method == "decision_function" and columns > 2 and values.shape[1:] == (columns,)
        return ("logits", f"{why}, the largest of which decides") if decides else None

    def numbered(self, targets: Any) -> Any:
        """Return right answers, as the estimator calls its classes, by the numbers of their columns.

        Numbers of columns themselves are taken where classes are no numbers.

        Raises
        ------
        InputError
            Where there is an answer that the estimator does not know.
        """
        array = np.asarray(targets)
        if not self.classes or array.ndim > 2 or (array.ndim == 2 and array.shape[1] != len(self.classes)):
            return targets
        columns = array[:, None] if array.ndim == 1 else array
        found = np.stack([_numbers(c, self.classes[i]) for i, c in enumerate(columns.T)], axis=1)
        return found[:, 0] if array.ndim == 1 else found

    def _sorted(self, estimator: Any, values: np.ndarray, at: int) -> np.ndarray:
        if at >= len(self.classes):
            return values
        if self.method == "predict":
            return _numbers(values, self.classes[at])
        own = _own_classes(estimator)[at]
        if self.method not in ("predict_proba", "decision_function") or values.shape[1:] != (len(own),):
            return values
        return values[:, np.argsort(own, kind="stable")]


def _own_classes(estimator: Any) -> list[np.ndarray]:
    found = getattr(estimator, "classes_", None)
    if found is None:
        return []
    several = isinstance(found, list) and len(found) > 0 and np.ndim(found[0]) > 0
    return [np.asarray(one) for one in found] if several else [np.asarray(found)]


def _classes(estimator: Any) -> tuple[np.ndarray, ...]:
    return tuple(np.sort(one) for one in _own_classes(estimator))


def _numbers(labels: np.ndarray, classes: np.ndarray) -> np.ndarray:
    """Return the places of labels among sorted classes."""
    at = np.clip(np.searchsorted(classes, labels), 0, len(classes) - 1) if _are_alike(labels, classes) else None
    if at is not None and bool((classes[at] == labels).all()):
        return at.astype(np.int64)
    of_columns = classes.dtype.kind not in "biuf" and labels.dtype.kind in "biu"
    if of_columns and labels.size and labels.min() >= 0 and labels.max() < len(classes):
        return labels.astype(np.int64)
    wrong = next((one for one in labels.tolist() if one not in classes.tolist()), None)
    raise InputError(
        f"targets: {wrong!r} is none of the classes that the estimator knows ({_listed(classes)}); leave those rows out, or give "
        "the names that it was fitted with"
    )


def _are_alike(labels: np.ndarray, classes: np.ndarray) -> bool:
    return (labels.dtype.kind in "biuf") == (classes.dtype.kind in "biuf")


def _are_labels(values: np.ndarray) -> bool:
    return bool(values.size and values.min() >= -1)


def _listed(classes: Sequence[Any] | np.ndarray) -> str:
    named = [str(one) for one in classes[:8]]
    return ", ".join([*named, "..."] if len(classes) > len(named) else named)


def as_full(values: Any) -> np.ndarray:
    """Return a matrix, sparse or not, or a data frame as a full array."""
    return np.asarray(values.toarray() if hasattr(values, "toarray") else values)
