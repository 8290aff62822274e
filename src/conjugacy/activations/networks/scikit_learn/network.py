"""A fitted estimator of scikit-learn as a network whose steps are layers."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast

import numpy as np

from conjugacy.activations.networks.protocol import Batch, LayerInfo, Network, NoControlError
from conjugacy.activations.networks.scikit_learn.answers import METHODS, Methods, as_full
from conjugacy.activations.networks.scikit_learn.fresh import Redrawing, changed, drawn, in_random_order
from conjugacy.activations.networks.scikit_learn.steps import is_network, last_of, layer_kinds, opened, through
from conjugacy.activations.tensors import as_array
from conjugacy.data import HEAD
from conjugacy.errors import InputError, ModelError

WIDEST_SPARSE = 4096  # columns of a sparse layer that is recorded without being named


def adapt(thing: Any, output: str | int | None = None) -> SklearnNetwork | None:
    """Return a fitted estimator of scikit-learn, or of a library that follows it, as a network; None of anything else.

    Raises
    ------
    InputError
        Where it is not fitted yet.
    """
    base = sys.modules.get("sklearn.base")  # an estimator cannot be there before it is loaded
    if base is None or isinstance(thing, type) or not isinstance(thing, base.BaseEstimator):
        return None
    return SklearnNetwork(thing, output)


class SklearnNetwork:
    """A fitted estimator; every step of a pipeline, and every hidden layer of a multi-layer perceptron, is a layer.

    Its output is `predict_proba` where it has that, else `decision_function`, `predict`, `transform` or `score_samples`. Columns
    are in the order of the sorted classes, labels are numbers of classes.

    Examples
    --------
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import StandardScaler
    >>> x = np.random.default_rng(0).normal(size=(20, 3))
    >>> network = SklearnNetwork(make_pipeline(StandardScaler(), LogisticRegression()).fit(x, x[:, 0] > 0))
    >>> {name: values.shape for name, values in network.run(x, ["standardscaler"]).items()}
    {'standardscaler': (20, 3), 'outputs': (20, 2)}
    """

    takes_frames = True
    """Whether data frames are shown as they are, with the names and types of their columns."""

    def __init__(self, estimator: Any, output: str | int | None = None, drawn_by: str | None = None) -> None:
        from sklearn.exceptions import NotFittedError
        from sklearn.utils.validation import check_is_fitted

        try:
            check_is_fitted(estimator)
        except NotFittedError:
            raise InputError(
                f"model: the {type(estimator).__name__} is not fitted; call its fit before it is recorded"
            ) from None
        self.estimator, self.output, self.drawn_by = estimator, output, drawn_by
        self.answers = Methods.of(last_of(estimator), output)
        self._kinds: dict[str, tuple[str, str]] = {}
        self._sparse: dict[str, int] = {}
        self._no_numbers: dict[str, str] = {}

    def layers(self) -> Mapping[str, LayerInfo]:
        """Return the steps and hidden layers, in the order in which they are computed."""
        return {name: LayerInfo(kind, "bu", 1) for name, kind in layer_kinds(self.estimator).items()}

    def axes_of(self, layer: str, ndim: int) -> str | None:
        """Return what axes are: stimuli and units; of an output with more, that is not known."""
        return "bu" if ndim == 2 else None

    def run(self, batch: Batch, layers: Sequence[str]) -> Mapping[str, Any]:
        """Return what steps and hidden layers hand on, and the answer."""
        found: dict[str, np.ndarray] = {}
        wanted = set(layers)

        def keep(name: str, values: Any) -> None:
            if name in wanted:
                self._keep(found, name, values)

        def within(name: str) -> bool:
            return any(one == name or one.startswith(f"{name}.") for one in wanted)

        data = _taken(batch)
        try:
            last, given = through(self.estimator, data, within, keep)
            outputs = {HEAD: as_full(given)} if last is None else self.answers.to(last, given)
        except (InputError, ModelError):
            raise
        except Exception as error:
            raise ModelError(f"{type(error).__name__}: {error}") from error
        if not self._kinds:
            hints = {name: self.answers.kind(name, values) for name, values in outputs.items()}
            self._kinds = {name: hint for name, hint in hints.items() if hint is not None}
        return {**found, **outputs}

    def _keep(self, found: dict[str, np.ndarray], name: str, values: Any) -> None:
        if hasattr(values, "toarray"):
            self._sparse[name] = values.shape[1]
        array = as_full(values)
        if array.dtype.kind in "biuf":
            found[name] = array
        else:
            self._no_numbers[name] = f"gives values of type {array.dtype}, no numbers"

    def default_layers(self, ran: Iterable[str]) -> tuple[list[str], dict[str, str]]:
        """Return the layers recorded where none are named, and why others are not."""
        wide = {
            name: f"is sparse with {width} columns, over {WIDEST_SPARSE}; name the layer to record it as a full array"
            for name, width in self._sparse.items()
            if width > WIDEST_SPARSE
        }
        return [name for name in ran if name not in wide], {**wide, **self._no_numbers}

    @property
    def notes(self) -> tuple[str, ...]:
        """What was done to layers, as sentences."""
        full = [name for name, width in self._sparse.items() if width <= WIDEST_SPARSE]
        said = [f"{', '.join(map(repr, full))}: sparse in the pipeline, recorded as full arrays"] if full else []
        inner = opened(self.estimator)
        if inner is not self.estimator:
            said.append(f"the layers are those of the best estimator that {type(self.estimator).__name__} found")
        return tuple(said)

    def numbered(self, targets: Any) -> Any:
        """Return right answers by the numbers of their columns; raises where one is no class of the estimator's."""
        return self.answers.numbered(targets)

    def untrained(self, seed: int) -> Network:
        """Return the same pipeline with the weights of its multi-layer perceptron as they are drawn before training.

        Raises
        ------
        NoControlError
            Of any other estimator: fitting it begins with nothing that was drawn.
        """
        return self._with(drawn, "drawn again, as its class does before training", seed)

    def shuffled(self, seed: int) -> Network:
        """Return the same pipeline with every weight matrix of its multi-layer perceptron in random order.

        Raises
        ------
        NoControlError
            Of any other estimator.
        """
        return self._with(in_random_order, "in random order, matrix by matrix", seed)

    def _with(self, change: Redrawing, how: str, seed: int) -> Network:
        last = last_of(self.estimator)
        if not is_network(last):
            raise NoControlError(
                f"a {type(last).__name__} has no state before training: its fit begins with no weights that are drawn; a control "
                "is one that is fitted to right answers in random order: sklearn.base.clone(model).fit(x, rng.permutation(y)), "
                "given as untrained_a and untrained_b; or controls='none'"
            )
        steps = [name for name, info in self.layers().items() if info.kind != type(last).__name__]
        left = f"; other steps stay as they were fitted: {', '.join(steps)}" if steps else ""
        return SklearnNetwork(
            changed(self.estimator, lambda network: change(network, seed)),
            self.output,
            f"the weights of {type(last).__name__} {how}{left}",
        )

    def described(self) -> Mapping[str, Any]:
        """Return its type, its version, the method that answers, and its classes."""
        import sklearn

        last = last_of(self.estimator)
        method = self.answers.method
        left_out = {f"{HEAD}.{name}": f"{method} is taken; output={name!r} takes it" for name in self.answers.others}
        known = self.answers.classes if method in METHODS[:3] else ()
        names = [HEAD] if len(known) == 1 else [f"{HEAD}[{i}]" for i in range(len(known))]
        classes = {name: [str(c) for c in one] for name, one in zip(names, known, strict=True)}
        weights = [*last.coefs_, *last.intercepts_] if is_network(last) else []
        return {
            "model": type(self.estimator).__name__,
            "sklearn": sklearn.__version__,
            "method": method,
            **({"parameters": int(sum(w.size for w in weights))} if weights else {}),
            **({"classes": classes} if classes else {}),
            **({"left_out": left_out} if left_out else {}),
            **({"output_hint": {name: list(hint) for name, hint in self._kinds.items()}} if self._kinds else {}),
        }


def _taken(batch: Batch) -> Any:
    """Return what an estimator takes: a mapping of columns as a data frame, a tensor as an array."""
    if not isinstance(batch, Mapping):
        return batch if hasattr(batch, "iloc") else as_array(batch)
    import pandas as pd

    columns = {str(name): as_array(part) for name, part in cast("Mapping[Any, Any]", batch).items()}
    wide = next((name for name, column in columns.items() if column.ndim != 1), None)
    if wide is not None:
        raise InputError(
            f"stimuli: column {wide!r} has shape {columns[wide].shape}, expected one value for each stimulus; an estimator of "
            "scikit-learn takes one array, texts, or columns by name"
        )
    return pd.DataFrame(columns)
