"""Estimators of scikit-learn as networks, against what the library itself gives step by step."""

from __future__ import annotations

import joblib
import numpy as np
import pandas as pd
import pytest
from scipy.special import expit
from sklearn.cluster import KMeans
from sklearn.compose import ColumnTransformer
from sklearn.decomposition import PCA
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor, StackingClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.feature_selection import SelectKBest
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.multioutput import MultiOutputClassifier
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import FeatureUnion, Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier

import conjugacy as cj
from conjugacy.activations import is_live
from conjugacy.activations.networks.choose import network_of
from conjugacy.activations.networks.protocol import Network, NoControlError
from conjugacy.comparison.copies import copy_of_kind
from conjugacy.errors import InputError, UnknownNameError

pytestmark = pytest.mark.filterwarnings("ignore:.*(Maximum iterations|lbfgs failed)")

NAMES = np.array(["b", "c", "a"])


@pytest.fixture(scope="module")
def x():
    return np.random.default_rng(0).normal(size=(90, 5))


@pytest.fixture(scope="module")
def y(x):
    return NAMES[np.argmax(x[:, :3], axis=1)]


def perceptron(x, y, **settings):
    return MLPClassifier((6, 4), max_iter=15, random_state=0, **settings).fit(x, y)


def test_steps_of_a_pipeline_are_layers_with_the_values_that_scikit_learn_hands_on(x, y):
    union = FeatureUnion([("pca", PCA(2)), ("best", make_pipeline(StandardScaler(), SelectKBest(k=3)))])
    model = Pipeline([("scale", StandardScaler()), ("union", union), ("tree", DecisionTreeClassifier())]).fit(x, y)
    before = joblib.hash(model)
    found = cj.record(model, x)
    scaled = model["scale"].transform(x)
    parts = dict(model["union"].transformer_list)
    assert list(found.layers) == [
        "scale", "union.pca", "union.best.standardscaler", "union.best.selectkbest", "union", "outputs",
    ]  # fmt: skip
    for layer, truth in {
        "scale": scaled,
        "union.pca": parts["pca"].transform(scaled),
        "union.best.standardscaler": parts["best"][0].transform(scaled),
        "union.best.selectkbest": parts["best"].transform(scaled),
        "union": model[:-1].transform(x),
        "outputs": model.predict_proba(x),
    }.items():
        assert np.array_equal(found.layers[layer].values, truth), layer
    assert joblib.hash(model) == before
    assert isinstance(network_of(model), Network)


@pytest.mark.parametrize("activation", ["identity", "logistic", "tanh", "relu"])
def test_hidden_layers_of_a_perceptron_against_the_library_and_a_plain_product(x, y, activation):
    model = make_pipeline(StandardScaler(), perceptron(x, y, activation=activation)).fit(x, y)
    found = cj.record(model, x)
    network, given = model[-1], model[:-1].transform(x)
    own = network._forward_pass([given, *([None] * (network.n_layers_ - 1))])
    plain = {"identity": lambda v: v, "logistic": expit, "tanh": np.tanh, "relu": lambda v: v * (v > 0)}[activation]
    for i in (1, 2):
        given = plain(given @ network.coefs_[i - 1] + network.intercepts_[i - 1])
        here = found.layers[f"mlpclassifier.hidden_{i}"].values
        np.testing.assert_allclose(here, own[i], atol=1e-12)
        np.testing.assert_allclose(here, given, atol=1e-12)
    assert np.array_equal(found.outputs.values, model.predict_proba(x))
    assert found.provenance["parameters"] == 5 * 6 + 6 + 6 * 4 + 4 + 4 * 3 + 3
    assert found.provenance["output_hint"]["outputs"][0] == "probabilities"


def test_batches_and_a_file_that_grows_hold_the_same_as_one_pass(x, y, tmp_path):
    model = make_pipeline(StandardScaler(), perceptron(x, y)).fit(x, y)
    whole, parts = cj.record(model, x), cj.record(model, x, batch_size=7)
    streamed = cj.load(cj.record(model, x, to=tmp_path / "m.zarr", batch_size=7))
    for layer in whole.layers:
        np.testing.assert_allclose(parts.layers[layer].values, whole.layers[layer].values, atol=1e-12)
        assert np.array_equal(streamed.layers[layer].values, parts.layers[layer].values)
    assert "passes" not in whole.provenance  # no row has to do with another


def test_columns_of_a_table_by_name_whatever_it_comes_in(rng):
    table = pd.DataFrame({"age": rng.normal(size=40), "town": rng.choice(["x", "y"], 40), "k": rng.integers(0, 3, 40)})
    columns = ColumnTransformer([("num", StandardScaler(), ["age", "k"]), ("cat", OneHotEncoder(), ["town"])])
    model = make_pipeline(columns, LogisticRegression()).fit(table, rng.integers(0, 2, 40))
    found, again = cj.record(model, table), cj.record(model, {name: table[name].to_numpy() for name in table})
    whole = model[:-1].transform(table)
    assert np.array_equal(found.layers["columntransformer.num"].values, whole[:, :2])
    assert np.array_equal(found.layers["columntransformer.cat"].values, whole[:, 2:])
    assert np.array_equal(found.outputs.values, model.predict_proba(table))
    assert np.array_equal(again.outputs.values, found.outputs.values)
    assert list(again.outputs.stimuli) == list(found.outputs.stimuli)
    moved = cj.record(model, table[["k", "town", "age"]])
    assert np.array_equal(moved.outputs.values, found.outputs.values)  # found by name, not by place
    numbers = pd.DataFrame(rng.normal(size=(9, 2)), columns=["u", "v"])
    assert cj.record(lambda values: values[:, :1], numbers).outputs.shape == (9, 1)  # others get an array
    with pytest.raises(InputError, match=r"column 'a' has shape \(3, 2\)"):
        cj.record(LinearRegression().fit(np.eye(3), [0, 1, 2]), {"a": np.ones((3, 2))})


def test_texts_go_into_a_pipeline_and_sparse_layers_are_full_up_to_4096_columns():
    import torch

    texts = ["the cat sat", "a dog ran far", "cats and dogs", "far far away", "the end of it"] * 4
    model = make_pipeline(TfidfVectorizer(), LogisticRegression()).fit(texts, [0, 1, 0, 1, 1] * 4)
    found = cj.record(model, texts)
    assert np.array_equal(found.layers["tfidfvectorizer"].values, model[0].transform(texts).toarray())
    assert found.provenance["passes"] == ["'tfidfvectorizer': sparse in the pipeline, recorded as full arrays"]
    assert list(found.outputs.stimuli) == list(cj.record(model, np.array(texts)).outputs.stimuli)
    assert len(set(found.outputs.stimuli)) == 5  # equal texts are one stimulus
    many = [" ".join(f"w{i}_{j}" for j in range(900)) for i in range(5)] * 4
    wide = make_pipeline(TfidfVectorizer(), LogisticRegression()).fit(many, [0, 1, 0, 1, 1] * 4)
    few = cj.record(wide, many)
    assert list(few.layers) == ["outputs"]
    assert "is sparse with 4500 columns, over 4096" in few.provenance["left_out"]["tfidfvectorizer"]
    assert cj.record(wide, many, ["tfidfvectorizer"]).layers["tfidfvectorizer"].shape == (20, 4500)
    with pytest.raises(InputError, match="tokenizer"):
        cj.record(torch.nn.Linear(2, 2), texts)
    with pytest.raises(InputError, match="expected a list of texts"):
        cj.record(model, "the cat sat")


def test_layers_without_numbers_are_left_out_with_the_reason(x, y):
    words = FunctionTransformer(lambda values: np.where(values[:, :1] > 0, "up", "down"))
    model = make_pipeline(words, OneHotEncoder(), LogisticRegression()).fit(x, y)
    found = cj.record(model, x)
    assert list(found.layers) == ["onehotencoder", "outputs"]
    assert "no numbers" in found.provenance["left_out"]["functiontransformer"]


def test_steps_that_pass_through_are_no_layers(x, y):
    model = Pipeline([("none", "passthrough"), ("pca", PCA(2)), ("last", "passthrough")]).fit(x, y)
    found = cj.record(model, x)
    assert np.array_equal(found.outputs.values, model.transform(x))
    assert found.provenance["left_out"]["pca"] == "equal to outputs"


class Turned(LogisticRegression):
    """A classifier of a user's own, which holds its classes in another order."""

    def fit(self, x, y):
        super().fit(x, y)
        self.classes_, self.coef_, self.intercept_ = self.classes_[::-1], self.coef_[::-1], self.intercept_[::-1]
        return self


def test_columns_are_the_sorted_classes_whatever_the_order_in_the_estimator(x, y):
    plain, turned = LogisticRegression().fit(x, y), Turned().fit(x, y)
    assert list(turned.classes_) == ["c", "b", "a"]
    a, b = cj.record(plain, x, targets=y), cj.record(turned, x, targets=y)
    assert np.array_equal(turned.predict_proba(x)[:, ::-1], b.outputs.values)  # not what stands in it by place
    np.testing.assert_allclose(a.outputs.values, b.outputs.values, atol=1e-12)
    assert list(a.targets) == list(np.searchsorted(["a", "b", "c"], y))
    assert a.provenance["classes"] == {"outputs": ["a", "b", "c"]}
    labels = cj.record(plain, x, output="predict")
    assert np.array_equal(np.array(["a", "b", "c"])[labels.outputs.values[:, 0].astype(int)], plain.predict(x))
    assert labels.provenance["output_hint"]["outputs"][0] == "labels"


def test_right_answers_are_classes_by_their_names_and_others_are_refused(x, y):
    numbers = np.array([10, 20, 30])[np.searchsorted(["a", "b", "c"], y)]
    model = LogisticRegression().fit(x, numbers)
    assert set(cj.record(model, x, targets=numbers).targets) == {0, 1, 2}
    with pytest.raises(InputError, match="40 is none of the classes"):
        cj.record(model, x, targets=np.where(numbers == 30, 40, numbers))
    by_place = cj.record(LogisticRegression().fit(x, y), x, targets=np.zeros(len(x), int))
    assert set(by_place.targets) == {0}
    first, second = LogisticRegression().fit(x, numbers), LogisticRegression().fit(x, numbers + 10)
    said = cj.compare(first, second, stimuli=x, controls="none").notes
    told = "what it returns: the columns of a stand for the classes 10, 20, 30, those of b for 20, 30, 40"
    assert any(one.startswith(told) for one in said)


@pytest.mark.parametrize(
    ("model", "method", "kind"),
    [
        (SVC(), "decision_function", "logits"),
        (SVC(decision_function_shape="ovo"), "decision_function", "logits"),  # three pairs of three classes
        (DecisionTreeClassifier(max_depth=3), "predict_proba", "probabilities"),
        (RandomForestClassifier(5, random_state=0), "predict_proba", "probabilities"),
        (RandomForestRegressor(5, random_state=0), "predict", "regression"),
        (LinearRegression(), "predict", "regression"),
        (KMeans(3, n_init=1, random_state=0), "predict", "labels"),
        (PCA(2), "transform", None),
    ],
)
def test_an_estimator_answers_by_the_first_method_that_it_has(x, y, model, method, kind):
    model.fit(x, x[:, :2] if kind == "regression" else y)
    found = cj.record(model, x)
    values = getattr(model, method)(x)
    assert np.array_equal(found.outputs.values, values.reshape(len(x), -1))
    assert found.provenance["method"] == method
    assert found.provenance.get("output_hint", {"outputs": [None]})["outputs"][0] == kind


def test_another_method_by_name_and_what_is_not_there(x, y):
    model = LogisticRegression().fit(x, y)
    found = cj.record(model, x, output="decision_function")
    assert np.array_equal(found.outputs.values, model.decision_function(x))
    assert found.provenance["left_out"]["outputs.predict_proba"] == (
        "decision_function is taken; output='predict_proba' takes it"
    )
    with pytest.raises(UnknownNameError, match="transform"):
        cj.record(model, x, output="transform")
    with pytest.raises(InputError, match="not fitted"):
        cj.record(LogisticRegression(), x)
    with pytest.raises(UnknownNameError, match="hidden_9"):
        cj.record(model, x, ["hidden_9"])
    assert is_live(model)
    assert not is_live(LogisticRegression)


def test_several_outputs_each_under_its_place(x, y):
    both = np.stack([y, NAMES[np.argmin(x[:, :3], axis=1)]], axis=1)
    for model in (RandomForestClassifier(3, random_state=0), MultiOutputClassifier(LogisticRegression())):
        model.fit(x, both)
        found = cj.record(model, x)
        assert list(found.layers) == ["outputs[0]", "outputs[1]"]
        for i, truth in enumerate(model.predict_proba(x)):
            assert np.array_equal(found.layers[f"outputs[{i}]"].values, truth)
        assert list(cj.record(model, x, output=1).layers) == ["outputs[1]"]
    marks = np.stack([x[:, 0] > 0, x[:, 1] > 0, x[:, 2] > 0], axis=1).astype(int)
    several = perceptron(x, marks)
    assert cj.record(several, x).provenance["output_hint"]["outputs"][0] == "sigmoids"


def test_what_a_predictor_transforms_to_and_the_best_of_a_search(x, y):
    stacked = StackingClassifier([("a", LogisticRegression()), ("b", DecisionTreeClassifier())], cv=2).fit(x, y)
    found = cj.record(stacked, x)
    assert np.array_equal(found.layers["transform"].values, stacked.transform(x))
    search = GridSearchCV(make_pipeline(PCA(), LogisticRegression()), {"pca__n_components": [2, 3]}, cv=2).fit(x, y)
    best = cj.record(search, x)
    assert np.array_equal(best.layers["pca"].values, search.best_estimator_[0].transform(x))
    assert np.array_equal(best.outputs.values, search.predict_proba(x))
    assert "best estimator that GridSearchCV found" in best.provenance["passes"][0]


def trained_on(x, kind):
    targets = {
        "classes": NAMES[np.argmax(x[:, :3], axis=1)],
        "two": x[:, 0] > 0,
        "marks": (x[:, :3] > 0).astype(int),
        "number": x[:, 0],
        "numbers": x[:, :2],
    }[kind]
    made = MLPRegressor if kind.startswith("number") else MLPClassifier
    return made(hidden_layer_sizes=(6, 4), max_iter=15, random_state=0, solver="lbfgs").fit(x, targets)


@pytest.mark.parametrize("kind", ["classes", "two", "marks", "number", "numbers"])
def test_an_untrained_copy_is_drawn_as_the_class_draws_it(x, kind):
    model = trained_on(x, kind)
    before = joblib.hash(model)
    one, same, other = (copy_of_kind(model, "untrained", (0, i)).model.estimator for i in (0, 0, 1))
    for mine, again, apart, trained in zip(one.coefs_, same.coefs_, other.coefs_, model.coefs_, strict=True):
        assert np.array_equal(mine, again)
        assert not np.isin(mine, apart).any()
        assert not np.isin(mine, trained).any()
        bound = np.sqrt(6 / sum(mine.shape))  # Glorot, as scikit-learn documents and draws it
        assert np.abs(mine).max() <= bound
        assert mine.std() > 0.35 * bound
    outputs = cj.record(model, x), cj.record(one, x)
    assert outputs[0].outputs.shape == outputs[1].outputs.shape
    assert one.get_params() == model.get_params()
    assert joblib.hash(model) == before


def test_a_copy_in_random_order_keeps_every_number(x, y):
    model = make_pipeline(StandardScaler(), perceptron(x, y)).fit(x, y)
    made = copy_of_kind(model, "shuffled", (0, 0))
    for mine, trained in zip(made.model.estimator[-1].coefs_, model[-1].coefs_, strict=True):
        assert not np.array_equal(mine, trained)
        assert np.array_equal(np.sort(mine.ravel()), np.sort(trained.ravel()))
    assert made.said.endswith("other steps stay as they were fitted: standardscaler")


def test_what_was_never_drawn_has_no_untrained_copy_and_the_reason_says_what_to_do(x, y):
    for model in (LogisticRegression(), DecisionTreeClassifier(), make_pipeline(PCA(2), LogisticRegression())):
        with pytest.raises(NoControlError, match="right answers in random order"):
            network_of(model.fit(x, y)).untrained(0)


@pytest.mark.slow
def test_two_live_estimators_are_compared_with_controls_and_a_worse_one_is_no_drop_in(rng):
    x = rng.normal(size=(400, 4))
    y = NAMES[np.argmax(x[:, :3], axis=1)]
    one = make_pipeline(StandardScaler(), MLPClassifier((12, 8), max_iter=800, random_state=0)).fit(x, y)
    again = make_pipeline(StandardScaler(), MLPClassifier((12, 8), max_iter=800, random_state=1)).fit(x, y)
    found = cj.compare(one, again, stimuli=x, targets=y)
    assert found.verdict.function.answer == "equivalent"
    assert found.verdict.representation.layers == ("mlpclassifier.hidden_2", "mlpclassifier.hidden_2")
    controls = {one["name"]: one["source"] for one in found.to_dict()["representation"]["controls"]}
    assert "other steps stay as they were fitted: standardscaler" in controls["untrained"]
    assert "in random order, matrix by matrix" in controls["shuffled"]
    apart = LogisticRegression().fit(x, rng.permutation(y))
    assert cj.compare(one, apart, stimuli=x, targets=y).drop_in.answer == "no"
    assert cj.compare(one, one, stimuli=x, targets=y).drop_in.answer == "yes"
