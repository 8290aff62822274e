"""Copies of a fitted estimator whose multi-layer perceptron has learned nothing."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import numpy as np

from conjugacy.activations.networks.scikit_learn.steps import is_kind, opened
from conjugacy.numerics.process_wide import no_warnings

Redrawing = Callable[[Any, int], Any]


def changed(estimator: Any, change: Callable[[Any], Any]) -> Any:
    """Return a copy of an estimator whose last step is another one; a search becomes the best estimator that it found."""
    found = opened(estimator)
    if not is_kind(found, "Pipeline"):
        return change(found)
    name, last = found.steps[-1]
    copy = deepcopy(found)
    copy.steps[-1] = (name, changed(last, change))
    return copy


def drawn(network: Any, seed: int) -> Any:
    """Return a multi-layer perceptron as its own class draws it, before it has learned anything.

    Its `fit` draws weights and then trains; one step so small that adding it changes no number leaves what was drawn. It is shown
    nothing but zeros.

    Parameters
    ----------
    network : fitted MLPClassifier or MLPRegressor
    seed : int
    """
    from sklearn.base import clone

    copy: Any = clone(network)
    copy.set_params(
        random_state=seed, solver="sgd", learning_rate="constant", learning_rate_init=1e-300, max_iter=1,
        early_stopping=False, warm_start=False, verbose=False, batch_size="auto",
    )  # fmt: skip
    answers = _answers_of(network)
    zeros = np.zeros((len(answers), network.n_features_in_), dtype=network.coefs_[0].dtype)
    with no_warnings():  # that one step is too few to learn anything
        copy.fit(zeros, answers)
    copy.set_params(**network.get_params(deep=False))
    if hasattr(network, "feature_names_in_"):
        copy.feature_names_in_ = network.feature_names_in_
    return copy


def in_random_order(network: Any, seed: int) -> Any:
    """Return a multi-layer perceptron with the entries of every weight matrix and bias in random order."""
    copy, rng = deepcopy(network), np.random.default_rng(seed)
    for weights in (copy.coefs_, copy.intercepts_):
        weights[:] = [rng.permutation(one.ravel()).reshape(one.shape) for one in weights]
    return copy


def _answers_of(network: Any) -> np.ndarray:
    """Return right answers of the network's kind, in which every class stands twice."""
    classes, outputs = getattr(network, "classes_", None), int(network.n_outputs_)
    if classes is None:
        return np.zeros((2, outputs) if outputs > 1 else 2)
    if network.out_activation_ == "logistic" and outputs > 1:  # several classes at once
        return np.concatenate([np.eye(outputs, dtype=int)] * 2)
    return np.repeat(np.asarray(classes), 2)
