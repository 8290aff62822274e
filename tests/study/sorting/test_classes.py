"""Networks sorted into classes: hand-made tables whose answer is known, and populations with errors."""

from dataclasses import dataclass
from importlib.metadata import EntryPoint

import numpy as np
import pytest
from scipy.stats import false_discovery_control
from sklearn.metrics import adjusted_rand_score

import conjugacy as cj
from conjugacy.errors import InputError, ShapeError, UnknownNameError
from conjugacy.measure import registry
from conjugacy.results import CODES
from conjugacy.study.sorting.answers import controlled, read_answers
from conjugacy.study.sorting.relations import determines
from conjugacy.study.table import study_of

WORDS = {
    "=": "equivalent",
    ">": "a_determines_b",
    "<": "b_determines_a",
    "x": "unrelated",
    "?": "undecided",
    ".": "missing",
}
VALUES = {"=": 0.01, "x": 0.9, ">": 0.5, "<": 0.5, "?": 0.06, ".": np.nan}
BACK = {">": "<", "<": ">"}


def table(n, pairs, rest="x", **kinds):
    """A study of n networks a, b, ...: `pairs` maps two letters to a sign, all others are `rest`."""
    names = [chr(97 + i) for i in range(n)]
    signs = np.full((n, n), rest)
    for (one, other), sign in pairs.items():
        i, j = names.index(one), names.index(other)
        signs[i, j], signs[j, i] = sign, BACK.get(sign, sign)
    np.fill_diagonal(signs, ".")
    values = np.vectorize(VALUES.__getitem__)(signs)
    return study_of(names, [[WORDS[s] for s in row] for row in signs], values, **kinds)


def parts(classes):
    return sorted("".join(sorted(group.members)) for group in classes.groups)


def population(sizes, *, holds=0.0, fails=0.0, undecided=0.0, seed=0):
    """Classes of networks, with errors drawn independently for every pair."""
    rng = np.random.default_rng(seed)
    truth = np.repeat(np.arange(len(sizes)), sizes)
    n, same = len(truth), truth[:, None] == truth
    wrong = rng.random((n, n)) < np.where(same, fails, holds)
    codes = np.where(same ^ wrong, CODES["equivalent"], CODES["unrelated"])
    codes[rng.random((n, n)) < undecided] = CODES["undecided"]
    values = np.where(same, 0.02, 0.6) + 0.02 * rng.random((n, n))
    tables = [np.triu(t, 1) + np.triu(t, 1).T for t in (codes, values, 1e-6 * rng.random((n, n)))]
    return truth, study_of([f"n{i:04d}" for i in range(n)], *tables)


def rand_index(truth, classes):
    return adjusted_rand_score(truth, [classes[name] for name in classes.networks])


def test_two_groups_that_fail_against_each_other():
    classes = table(5, {"ab": "=", "bc": "=", "ac": "=", "de": "="}).classes()
    assert parts(classes) == ["abc", "de"]
    assert classes["a"] == classes["b"] != classes["d"]
    assert [(g.holding, g.undecided) for g in classes.groups] == [(3, 0), (1, 0)]
    assert (classes.pairs, classes.claims, classes.kept, classes.intransitive) == (10, 10, 10, 0)
    assert "not controlled" in classes.rule  # no p was given
    assert classes.tested


def test_a_chain_of_open_pairs_is_one_group_and_its_open_pairs_are_counted():
    classes = table(4, {"ab": "=", "bc": "=", "cd": "="}, rest="?").classes()
    assert parts(classes) == ["abcd"]
    assert (classes.groups[0].holding, classes.groups[0].undecided) == (3, 3)


def test_an_undecided_or_missing_pair_neither_joins_nor_splits():
    classes = table(4, {"ab": "=", "cd": "=", "bc": "?", "ad": "."}).classes()
    assert parts(classes) == ["ab", "cd"]
    joined = table(3, {"ab": "=", "bc": "=", "ac": "."}).classes()
    assert parts(joined) == ["abc"]
    assert joined.groups[0].undecided == 1


def test_a_bridge_between_groups_that_fail_is_counted_and_not_crossed():
    pairs = {p: "=" for p in ("ab", "ac", "bc", "de", "df", "ef", "cd")}  # c and d bridge two triangles
    classes = table(6, pairs).classes()
    assert parts(classes) == ["abc", "def"]
    assert classes.intransitive == 4  # c-d with a, b on one side and with e, f on the other
    assert set(classes.examples) == {("a", "c", "d"), ("b", "c", "d"), ("c", "d", "e"), ("c", "d", "f")}


def test_one_false_no_takes_one_network_out_and_no_more():
    pairs = {p: "=" for p in ("ac", "ad", "ae", "bc", "bd", "be", "cd", "ce", "de")}
    classes = table(5, pairs).classes()  # a and b alone fail
    assert sorted(len(g.members) for g in classes.groups) == [1, 4]
    assert classes["c"] == classes["d"] == classes["e"]
    assert classes.intransitive == 3


def test_no_group_holds_a_failing_pair_and_every_group_is_linked():
    _, study = population([15, 10, 5], holds=0.1, fails=0.1, undecided=0.2, seed=3)
    said = read_answers(study, "verdict", None)
    classes = study.classes()
    for group in classes.groups:
        at = [classes.networks.index(name) for name in group.members]
        assert not said.fails[np.ix_(at, at)].any()
        reached = np.linalg.matrix_power(said.holds[np.ix_(at, at)] + np.eye(len(at)), len(at)) > 0
        assert reached.all()
    assert sorted(classes) == sorted(classes.networks)


def test_networks_that_could_not_be_read_are_unsorted():
    states = np.full((4, 4), "equivalent", dtype="U20")
    states[3], states[:, 3] = "unreadable", "unreadable"
    values = np.full((4, 4), 0.01)
    values[3], values[:, 3] = np.nan, np.nan
    classes = study_of(list("abcd"), states, values).classes()
    assert classes.unsorted == ("d",)
    assert parts(classes) == ["abc"]
    assert np.isnan(classes.plane[3]).all()
    assert np.isfinite(classes.plane[:3]).all()
    assert classes.clustering.labels[3] == -1
    assert classes.clustering.order[-1] == 3
    assert "d" not in classes


def test_all_undecided_is_a_class_of_its_own_for_everyone():
    classes = table(5, {}, rest="?").classes()
    assert parts(classes) == list("abcde")
    assert (classes.pairs, classes.claims) == (10, 0)


@pytest.mark.parametrize(
    ("n", "sign", "expected"), [(1, "=", []), (2, "=", ["ab"]), (2, "x", ["a", "b"]), (2, ".", [])]
)
def test_one_and_two_networks(n, sign, expected):
    classes = table(n, {"ab": sign} if n == 2 else {}).classes()
    assert parts(classes) == expected
    assert len(classes.unsorted) == n - len("".join(expected))


def test_errors_are_controlled_over_all_pairs():
    # one weak false yes among many pairs: alone it would stand, over all pairs it does not
    study = table(8, {"ab": "=", "cd": "="}, rest="?")
    p = np.full((8, 8), 0.6)
    p[0, 1], p[2, 3] = 0.04, 1e-5
    classes = study_of(study.networks[0], study.table("status"), study.table("value"), p).classes(q=0.05)
    assert "cd" in parts(classes)
    assert "ab" not in parts(classes)
    assert (classes.claims, classes.kept) == (2, 1)
    assert "Benjamini" in classes.rule


def test_what_stays_is_what_benjamini_and_hochberg_keep():
    rng = np.random.default_rng(4)
    _, study = population([6, 6], undecided=0.2)
    p = rng.random((12, 12)) ** 4
    said = read_answers(study_of(study.networks[0], study.table("status"), study.table("value"), p), "verdict", None)
    kept = controlled(said, 0.1)
    upper = np.triu_indices(12, 1)
    claims = said.said[upper] > 0
    asked = np.where(claims, p[upper], 1.0)
    ranked = np.sort(asked)
    limit = max((x for i, x in enumerate(ranked) if x <= 0.1 * (i + 1) / len(ranked)), default=-1.0)
    assert ((kept.said[upper] > 0) == (claims & (asked <= limit))).all()
    assert ((kept.said[upper] > 0) == (claims & (false_discovery_control(asked) <= 0.1))).all()
    assert 0 < (kept.said[upper] > 0).sum() < claims.sum()


@pytest.mark.parametrize("seed", range(3))
def test_the_order_of_the_networks_does_not_matter(seed):
    _, study = population([9, 7, 5, 3], holds=0.08, fails=0.08, undecided=0.2, seed=seed)
    mixed = np.random.default_rng(seed).permutation(24)
    names = study.networks[0]
    other = study_of(
        [names[i] for i in mixed], *(study.table(v)[np.ix_(mixed, mixed)] for v in ("status", "value", "p"))
    )
    first, second = study.classes(), other.classes()
    assert dict(first) == dict(second)
    assert first.intransitive == second.intransitive
    assert first.relations == second.relations
    assert first.clustering.strengths == second.clustering.strengths
    assert (first.clustering.labels[mixed] == second.clustering.labels).all()
    assert np.allclose(first.plane[mixed], second.plane)
    assert [names[i] for i in first.clustering.order] == [other.networks[0][i] for i in second.clustering.order]
    # the trees hang over networks numbered in the order of their own study
    for tree, found in ((first, study), (second, other)):
        a, b = tree.clustering.linkage[0, :2].astype(int)
        assert found.table("value")[a, b] == pytest.approx(tree.clustering.linkage[0, 2], abs=1e-6)


def test_a_pair_that_stands_in_the_lower_triangle_only_is_mirrored():
    states = np.full((3, 3), "missing", dtype="U20")
    states[2, 0], states[1, 0], states[1, 2] = "a_determines_b", "unrelated", "equivalent"
    said = read_answers(study_of(list("abc"), states), "verdict", None).said
    assert said[0, 2] == 3  # c determines a, seen from a
    assert said[2, 0] == 2
    assert said[1, 2] == said[2, 1] == 1


@pytest.mark.parametrize("denied", ["unrelated", "partly_related", "not_equivalent"])
def test_every_answer_that_denies_equivalence_keeps_networks_apart(denied):
    states = np.full((4, 4), denied, dtype="U20")
    states[0, 1] = states[1, 0] = states[2, 3] = states[3, 2] = "equivalent"
    study = study_of(list("abcd"), states, np.where(states == "equivalent", 0.01, 0.5))
    assert parts(study.classes()) == ["ab", "cd"]
    answers = read_answers(study, "verdict", None)
    assert answers.fails[0, 2]
    assert answers.fails[2, 0]
    # a relation needs four of five decided pairs; one that is denied counts against it
    against = determines(answers, np.array([0, 0, 1, 1])).against
    assert against[0, 1] == against[1, 0] == 4


@pytest.mark.parametrize("scale", [1, pytest.param(5, marks=pytest.mark.slow)])
def test_many_networks_without_errors_and_with_some(scale):
    sizes = [scale * size for size in (60, 50, 40, 24, 14, 8, 3, 1)]
    truth, clean = population(sizes)
    assert rand_index(truth, clean.classes()) == 1
    truth, noisy = population(sizes, holds=1e-3 / scale, fails=1e-3 / scale, undecided=0.3)
    assert rand_index(truth, noisy.classes()) > 0.95


def test_one_group_determines_another():
    arrows = {p: ">" for p in ("ac", "ad", "bc", "bd", "ae", "be", "ce", "de")}  # ab determine cd determine e
    classes = table(5, {"ab": "=", "cd": "=", **arrows}).classes()
    found = {(r.source, r.target): (r.for_it, r.against, r.undecided, r.direct) for r in classes.relations}
    top, middle = classes["a"], classes["c"]
    assert found == {(top, middle): (4, 0, 0, True), (middle, "e"): (2, 0, 0, True), (top, "e"): (2, 0, 0, False)}
    assert classes.cycles == ()


def test_a_relation_needs_four_pairs_for_each_against():
    arrows = {a + b: ">" for a in "ab" for b in "cd"}
    study = table(4, {"ab": "=", "cd": "=", **arrows, "bd": "x"})
    assert study.classes().relations == ()  # three against one
    assert len(table(4, {"ab": "=", "cd": "=", **arrows, "bd": "?"}).classes().relations) == 1


def test_relations_in_a_circle_are_reported_and_not_drawn():
    classes = table(4, {"ab": ">", "bc": ">", "ca": ">", "ad": ">"}).classes()
    assert classes.cycles == (("a", "b", "c"),)
    assert [(r.source, r.target) for r in classes.relations] == [("a", "d")]


def test_without_verdicts_classes_are_clusters_and_claim_nothing():
    truth, study = population([20, 20, 20])
    classes = study_of(study.networks[0], values=study.table("value"), measure="procrustes").classes()
    assert rand_index(truth, classes) == 1
    assert not classes.tested
    assert "not tested" in classes.rule
    assert all(g.holding == 0 and g.undecided == g.pairs for g in classes.groups)
    assert classes.relations == ()


@dataclass(frozen=True)
class Judge(cj.Measure):
    """A measure of another package, which answers."""

    traits = cj.Traits(True, False, False, 0.0, frozenset(), answers=True)

    def prepare(self, data):
        return data

    def compare(self, a, b):
        return cj.Score(self.id, 0.0, 0.0, 1.0, details={"answer": "equivalent"})


def test_a_measure_of_another_package_that_answers_is_sorted_by_its_answers(monkeypatch):
    name = __name__.rpartition(".")[2]  # its file's name, which is the id
    study = table(3, {"ab": "="}, measure=name)
    monkeypatch.setattr(EntryPoint, "load", lambda self: Judge)
    monkeypatch.setattr(registry, "entry_points", lambda group: [EntryPoint(name, f"{__name__}:Judge", group)])
    classes = study.classes()
    assert classes.tested
    assert parts(classes) == ["ab", "c"]
    assert [near.distance for near in study.nearest("a")] == [pytest.approx(0.01), pytest.approx(0.9)]


def test_a_measure_that_is_not_installed_is_refused_where_its_values_are_to_be_distances():
    with pytest.raises(UnknownNameError, match="no measure 'theirs'"):
        table(3, {"ab": "="}, measure="theirs").classes()


def test_similarities_become_distances_and_both_directions_are_averaged():
    values = np.array([[1.0, 0.9, 0.2], [0.8, 1.0, 0.2], [0.2, 0.2, 1.0]])
    classes = study_of(list("abc"), values=values, measure="pwcca").classes()
    assert any("1 less the value" in note for note in classes.notes)
    assert any("averaged" in note for note in classes.notes)
    assert classes.clustering.linkage[0, 2] == pytest.approx(0.15)


def test_an_outlier_is_named_and_belongs_to_no_cluster():
    rng = np.random.default_rng(0)
    x = np.concatenate([rng.normal(size=(20, 2)), [[30.0, 30.0]]])
    far = np.linalg.norm(x[:, None] - x, axis=2)
    classes = study_of([f"n{i:02d}" for i in range(21)], values=far, measure="procrustes").classes()
    assert classes.outliers == ("n20",)
    assert classes.clustering.labels.tolist() == [0] * 20 + [-1]
    assert [len(g.members) for g in classes.groups] == [20, 1]


@pytest.mark.parametrize(("farthest", "outliers"), [(0.04, ()), (0.4, ("n11",))])
def test_a_network_within_the_tolerance_of_its_nearest_is_no_outlier(farthest, outliers):
    values = np.full((12, 12), 0.001)
    values[11] = values[:, 11] = farthest
    said = np.where(values < 0.05, "equivalent", "unrelated")
    np.fill_diagonal(said, "missing")
    classes = study_of([f"n{i:02d}" for i in range(12)], said, values).classes()
    assert classes.outliers == outliers
    assert (classes.clustering.labels == 0).sum() == 12 - len(outliers)


def test_missing_distances_are_filled_and_said():
    truth, study = population([20, 20])
    values = study.table("value").copy()
    values[0, 1] = values[1, 0] = np.nan
    classes = study_of(study.networks[0], values=values, measure="procrustes").classes()
    assert any(note.startswith("1 missing") for note in classes.notes)
    assert rand_index(truth, classes) == 1


def test_wrong_input_is_refused():
    _, study = population([3, 3])
    with pytest.raises(InputError, match="q: got 2"):
        study.classes(q=2)
    against = study_of(["a"], values=np.zeros((1, 2)), measure="procrustes", others=["b", "c"])
    with pytest.raises(InputError, match="1 with 2 others"):
        against.classes()
    with pytest.raises(ShapeError, match="expected rows x columns"):
        study_of(["a", "b"], values=np.zeros((1, 2)))
    with pytest.raises(UnknownNameError, match="alike"):
        study_of(["a"], [["alike"]])
    with pytest.raises(InputError, match="codes"):
        study_of(["a", "b"], np.full((2, 2), 200)).classes()


def first_study(p: np.ndarray, claimed: np.ndarray) -> cj.Study:
    n = len(p)
    said = np.where(claimed | claimed.T, "equivalent", "undecided").astype("U20")
    np.fill_diagonal(said, "missing")
    return study_of([f"n{i:03d}" for i in range(n)], said, np.minimum(p, 0.9), p, measure="verdict:fits=first")


def test_where_nothing_is_denied_pairs_far_beyond_the_tolerance_do_not_count():
    n = 40
    p = np.ones((n, n))
    p[0, 1] = p[2, 3] = 0.01
    p[4, 5] = 0.3  # looks equivalent, and stays open
    study = first_study(p, p <= 0.025)
    classes = study.classes()
    assert (classes.claims, classes.kept) == (2, 2)
    assert "over the pairs that look equivalent" in classes.rule
    assert "fails" not in classes.rule
    whole = study_of(study.networks[0], study.table("status"), study.table("value"), p).classes()
    assert whole.kept == 0  # among 780 pairs of which any may be claimed, .01 is nothing


def test_where_nothing_is_denied_false_claims_stay_as_rare_as_said():
    rng, n, shares = np.random.default_rng(0), 60, []
    upper = np.triu_indices(n, 1)
    for _ in range(60):
        at_tolerance = rng.random(len(upper[0])) < 0.3
        true = ~at_tolerance & (rng.random(len(upper[0])) < 0.1)
        values = np.where(at_tolerance, rng.random(len(upper[0])), 1.0)  # the others lie far beyond
        values[true] = rng.random(int(true.sum())) ** 8
        p = np.ones((n, n))
        p[upper] = values
        said = read_answers(first_study(p, np.triu(p <= 0.025, 1)), "verdict:fits=first", None)
        kept = controlled(said, 0.05).said[upper] > 0
        shares.append(float((kept & ~true).sum() / max(kept.sum(), 1)))
    assert np.mean(shares) <= 0.05 + 2.0 * np.std(shares) / np.sqrt(len(shares))
    assert np.mean(shares) > 0.005
