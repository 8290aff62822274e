"""The cases of the function axis: what is said to be true of them is, by hand-made arrays and by how the pairs were made."""

from __future__ import annotations

import importlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import conjugacy as cj
from conjugacy.results import ANSWERS
from conjugacy.results.drop_in import DROP_IN_ANSWERS

FOLDER = Path(__file__).parents[1] / "benchmarks"
TABLE = FOLDER / "function_axis" / "cases.csv"
FRESH = 2000


@pytest.fixture
def bench_folder(monkeypatch):
    monkeypatch.syspath_prepend(str(FOLDER))
    monkeypatch.syspath_prepend(str(FOLDER / "calibration"))


@pytest.fixture
def true(bench_folder):
    return importlib.import_module("function_axis.truth")


@pytest.fixture
def run(bench_folder):
    pytest.importorskip("torch")
    return importlib.import_module("function_axis.run")


@pytest.fixture
def summary(bench_folder):
    return importlib.import_module("function_axis.summary")


def bench_of(seed):
    return importlib.import_module("function_axis.networks").Bench(seed, FRESH)


# --- what is true, from arrays made by hand ---------------------------------------------------------------------------------


def test_churn_and_errors_by_hand(true):
    a, targets = np.repeat([0, 1], 500), np.repeat([0, 1], 500)
    b = a.copy()
    b[:100] = 1  # a fifth of the first class
    found = {q.name: q for q in true.class_quantities(a, b, targets)}
    assert found["churn"].value == pytest.approx(0.1)
    assert found["error"].value == pytest.approx(0.1)
    assert found["class 0"].value == pytest.approx(0.2)
    assert found["class 1"].value == 0
    # 2000 rows: the exact bounds of 200 of 2000, by R's binom.test
    assert (found["churn"].low, found["churn"].high) == pytest.approx((0.0872, 0.1140), abs=2e-4)
    assert true.drop_in_right(tuple(found.values())) == ("no",)
    assert true.drop_in_oracle(tuple(found.values()))


def test_rows_that_get_better_pay_for_rows_that_get_worse(true):
    targets = np.zeros(1000, dtype=int)
    a, b = targets.copy(), targets.copy()
    a[:40], b[40:80] = 1, 1
    churn, error, one = true.class_quantities(a, b, targets)
    assert churn.value == pytest.approx(0.08)
    assert error.value == one.value == 0
    assert true.drop_in_right((churn, error, one)) == ("no",)


@pytest.mark.parametrize(
    ("churn", "right", "exact", "near", "oracle"),
    [
        (0.0, ("yes",), "yes", False, True),
        (0.03, ("yes",), "yes", False, True),
        (0.045, ("yes", "no"), "yes", True, False),
        (0.055, ("yes", "no"), "no", True, False),
        (0.08, ("no",), "no", False, True),
    ],
)
def test_a_factor_of_one_and_a_half_around_the_margin(true, churn, right, exact, near, oracle):
    found = [true.share("churn", churn, true.CHURN)]
    assert true.drop_in_right(found) == right
    assert true.drop_in_exact(found) == exact
    assert true.drop_in_near(found) is near
    assert true.drop_in_oracle(found) is oracle


def test_a_class_of_few_rows_may_refute_and_is_not_needed(true):
    targets = np.zeros(1000, dtype=int)
    targets[:10] = 1  # 20 of 2000 rows
    for wrong, binds, right in ((1, False, ("yes", "no")), (9, True, ("no",))):
        b = targets.copy()
        b[:wrong] = 0
        found = true.class_quantities(targets, b, targets)
        rare = next(q for q in found if q.name == "class 1")
        assert rare.binds is binds
        assert true.drop_in_right(found) == right


def test_numbers_by_hand(true):
    rng = np.random.default_rng(0)
    a = rng.standard_normal((20_000, 2))
    b = a + np.array([0.0, 0.5])
    found = {q.name: q for q in true.number_quantities(a, b) if q.binds}
    assert found["output 0"].value == 0
    assert found["output 1"].value == pytest.approx(0.25, rel=0.05)
    assert true.drop_in_right(true.number_quantities(a, b)) == ("no",)
    assert true.drop_in_right(true.number_quantities(a, a)) == ("yes",)
    # an output that all but died is off by all that it was
    assert true.drop_in_right(true.number_quantities(a[:, :1], 1e-9 * a[:, :1])) == ("no",)


def test_sigmoids_by_hand(true):
    a = np.zeros((1000, 50))
    a[np.arange(1000), np.arange(1000) % 50] = 1
    assert true.drop_in_right(true.column_quantities(a, a)) == ("yes",)
    moved = np.roll(a, 1, axis=1)  # each bin changes on few rows, and every row changes
    worst, anywhere = true.column_quantities(a, moved)
    assert (worst.value, anywhere.value) == pytest.approx((0.04, 1.0))
    assert true.drop_in_right((worst, anywhere)) == ("no",)
    few = a.copy()
    few[:100] = moved[:100]
    assert true.drop_in_right(true.column_quantities(a, few)) == ("yes", "no")


def test_renaming_and_expected_agreement_by_hand(true):
    rng = np.random.default_rng(1)
    a = rng.integers(0, 5, 2000)
    names = np.array([3, 0, 4, 1, 2])
    np.testing.assert_array_equal(true.renamed(a, names[a]), a)
    targets = np.zeros(100, dtype=int)
    first, second = (np.repeat([0, 1], [n, 100 - n]) for n in (90, 80))
    assert true.expected_agreement(first, second, targets) == pytest.approx(0.9 * 0.8 + 0.1 * 0.2)
    assert true.recalls(first, targets) == pytest.approx([0.9])


def test_independent_errors_are_one_task_and_fewer_agreements_are_not(true):
    rng = np.random.default_rng(2)
    targets = rng.integers(0, 4, 20_000)

    def wrong(rows):
        return np.where(rows, (targets + 1) % 4, targets)

    a, b = (wrong(rng.random(20_000) < 0.2) for _ in range(2))
    assert true.same_oracle("yes", a, b, targets)
    assert not true.same_oracle("no", a, b, targets)
    draw = rng.random(20_000)
    apart = wrong(draw < 0.4), wrong(draw > 0.6)
    assert true.same_oracle("no", *apart, targets)
    assert not true.same_oracle("yes", *apart, targets)
    assert true.does_the_task(targets, wrong(draw < 0.05), targets) == "yes"
    assert true.does_the_task(targets, wrong(draw < 0.3), targets) == "any"
    assert true.does_the_task(targets, wrong(draw < 0.9), targets) == "never yes"


# --- families ----------------------------------------------------------------------------------------------------------------


@pytest.fixture
def made(run):
    families = (
        run.families_scores.temperature,
        run.families_scores.class_shifted,
        run.families_scores.masked,
        run.families_siblings.bugs,
        run.families_numbers.outliers,
    )
    bench = bench_of(3)
    return [case for family in families for case in family(bench)]


@pytest.mark.slow
def test_cases_are_consistent(made, true):
    assert len({(c.family, c.name) for c in made}) == len(made)
    for case in made:
        assert set(case.truth.drop_in_right) <= set(DROP_IN_ANSWERS)
        assert set(case.truth.same_right) <= set(ANSWERS)
        assert "undecided" in case.truth.same_right
        assert len(case.inputs) == true.SHOWN
        if all(np.isfinite(v).all() for v in (*case.a.values(), *case.b.values())):
            first, second = case.recordings()
            assert first.outputs is not None
            assert second.outputs is not None
    of = {c.name: c for c in made}
    for name in ("logits / 3, declared", "rows shifted, undeclared, with targets", "logits and log-probabilities"):
        assert of[name].truth.drop_in_right == ("yes",)
        assert of[name].truth.quantities[0].value == 0
    for recall in (0.91, 0.77, 0.47, 0.03):
        case = of[f"recall to {recall}, targets shared"]
        scores, goal = case.b["outputs"], case.targets[0]
        before, after = (true.recalls(v["outputs"].argmax(1), goal) for v in (case.a, case.b))
        fell = int(np.argmax(before - after))
        assert after[fell] == pytest.approx(recall, abs=0.08)
        assert case.truth.drop_in_right == ("no",)
        assert ("equivalent" in case.truth.same_right) is (recall == 0.91)
        assert scores.shape == (true.SHOWN, 10)
    swapped = of["two columns swapped"]
    a, b = (v["outputs"].argmax(1) for v in (swapped.a, swapped.b))
    assert (a != b).any()
    np.testing.assert_array_equal(true.renamed(a, b), a)
    masked = of["-10000, all else scrambled, undeclared"]
    np.testing.assert_array_equal(masked.a["outputs"] == -1e4, masked.b["outputs"] == -1e4)


def test_the_same_seed_gives_the_same_case(run):
    first, second = (next(iter(run.families_scores.temperature(bench_of(1)))) for _ in range(2))
    np.testing.assert_array_equal(first.a["outputs"], second.a["outputs"])
    np.testing.assert_array_equal(first.targets[0], second.targets[0])


@pytest.mark.slow
def test_every_family_builds_and_names_no_case_twice(run, true):
    bench = bench_of(0)
    found = list(run.cases(bench))
    assert len({(c.family, c.name) for c in found}) == len(found)
    for case in found:
        line = run.known(case)
        assert set(line) < set(run.FIELDS)
        if ", equal" in case.name or "equal, " in case.name:
            assert case.truth.drop_in_right == ("yes",), case.name
        if case.family == "renamed":
            assert case.truth.drop_in_right == ("no",)
            assert case.truth.numbers["agreement"] > 0.85


# --- the run and its table ---------------------------------------------------------------------------------------------------


def test_a_run_goes_on_where_it_was_and_a_refusal_is_a_line(run, summary, monkeypatch, tmp_path):
    # sixty rows of each case, to be quick
    cases = [c for c in run.families_numbers.outliers(bench_of(0)) if c.name in ("float16", "two decimals")]
    broken = replace(cases[1], name="refused", a={"outputs": np.full((3, 2), np.inf)}, b={}, inputs=np.zeros((3, 2)))
    asked = []

    def compare(a, b, **options):
        asked.append(a.name)
        return real(a, b, **options)

    real = cj.compare
    monkeypatch.setattr(cj, "compare", compare)
    table = tmp_path / "cases.csv"
    small = [replace(c, inputs=c.inputs[:60], a=_first(c.a), b=_first(c.b)) for c in cases]
    monkeypatch.setattr(run, "cases", lambda bench, only: iter([*small[:1], broken]))
    run.run(table, [0], full=True)
    assert len(asked) == 1
    monkeypatch.setattr(run, "cases", lambda bench, only: iter([*small, broken]))
    run.run(table, [0], full=True)
    assert len(asked) == 2
    lines = run.lines_of(table)
    assert [r["case"] for r in lines] == ["float16", "refused", "two decimals"]
    assert lines[1]["drop_in"] == lines[1]["function"] == "refused"
    assert "NotFinite" in lines[1]["said_function"]
    read = summary.read(table)
    assert not read.drop_in[1].decided
    assert "3" in summary.by_family(read.drop_in)


def _first(layers):
    return {k: v[:60] for k, v in layers.items()}


def test_a_wrong_answer_is_counted_and_listed(summary):
    right = summary.Claim("f", "c", 0, "yes", ("yes",), "yes", True, False, "because")
    wrong = replace(right, seed=1, answer="no")
    idle = replace(right, seed=2, answer="undecided")
    near = replace(right, seed=3, right=("yes", "no"), near=True, answer="no")
    assert [c.wrong for c in (right, wrong, idle, near)] == [False, True, False, False]
    assert near.wrong_at_the_margin
    assert not idle.wrong_at_the_margin
    told = summary.wrong_cases([right, wrong, idle])
    assert "seeds 1" in told
    assert "because" in told
    assert summary.wrong_cases([right, idle]) == "none"
    assert "| all | 3 | 1 of 3" in summary.by_family([right, wrong, idle])
    assert "1 of 3" in summary.by_family([right, wrong, idle]).splitlines()[-1].split("|")[-2]


def test_rows_named_are_counted_over_seeds(summary):
    table = summary.Table((), (), (), (("f, c", "3 of 5"), ("f, c", "5 of 5"), ("f, d", "0 of 0")))
    assert "| f, c | 2 | 8 of 10" in summary.rows_named(table)
    assert "| f, d | 1 | 0 of 0 |" in summary.rows_named(table)


# --- what is committed -------------------------------------------------------------------------------------------------------


@pytest.mark.skipif(not TABLE.exists(), reason="the table is made by python benchmarks/function_axis.py")
def test_the_table_is_whole_and_the_page_tells_it(summary):
    table = summary.read(TABLE)
    counts = {seed: sum(c.seed == seed for c in table.drop_in) for seed in range(table.seeds)}
    assert table.seeds == 10
    assert len(set(counts.values())) == 1
    assert len({(c.family, c.case, c.seed) for c in table.drop_in}) == len(table.drop_in)
    assert summary.text(table) in (FOLDER.parent / "docs" / "calibration.md").read_text()


@pytest.mark.slow
@pytest.mark.skipif(not TABLE.exists(), reason="the table is made by python benchmarks/function_axis.py")
@pytest.mark.parametrize("family", ["shortcut", "backdoor", "class_shifted", "renamed"])
def test_the_table_is_of_this_code(run, family):
    lines = {(r["family"], r["case"]): r for r in run.lines_of(TABLE) if r["seed"] == "0"}
    for case in run.cases(importlib.import_module("function_axis.networks").Bench(0), family):
        line, came = lines[case.family, case.name], run.asked(case, 0)
        assert (came["drop_in"], came["function"]) == (line["drop_in"], line["function"]), case.name
        assert run.known(case)["drop_in_right"] == line["drop_in_right"]
