"""The wild families: what is said to be true of them is, by means that do not know how they were made."""

from __future__ import annotations

import csv
import importlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.spatial import cKDTree

import conjugacy as cj

FOLDER = Path(__file__).parents[1] / "benchmarks"
BEFORE = FOLDER / "wild" / "pairs_before.csv"


@pytest.fixture
def bench_folder(monkeypatch):
    monkeypatch.syspath_prepend(str(FOLDER))


@pytest.fixture
def run(bench_folder):
    return importlib.import_module("wild.run")


@pytest.fixture
def summary(bench_folder):
    return importlib.import_module("wild.summary")


@pytest.fixture
def worlds(run):
    def of(name, relation, count=1):
        family = next(f for f in run.FAMILIES if f.name == name)
        seeds = range(1000, 1200)
        found = (w for w in (family.world(s, 300) for s in seeds) if w.relation == relation)
        return [next(found) for _ in range(count)]

    return of


def many_rows(world, m, seed=0):
    """Return m independent rows of both networks."""
    rng = np.random.default_rng(seed)
    latent = [s.fresh(world.design, m, rng) for s in world.sources]
    return world.a.recorded(latent, rng), world.b.recorded(latent, rng)


def left_by_neighbours(x, y):
    """Return what is left of y when x is known: half the mean squared difference of rows that are nearest in x.

    It knows nothing of latents; rows are nearest in the principal components, it errs upwards where x has many dimensions.
    """
    x = x[:, x.std(axis=0) > 0]
    u, s, _ = np.linalg.svd((x - x.mean(axis=0)) / x.std(axis=0), full_matrices=False)
    rank = min(int((s > 1e-6 * s[0]).sum()), 8)
    _, near = cKDTree(u[:, :rank] * s[:rank]).query(u[:, :rank] * s[:rank], k=2)
    live = y.std(axis=0) > 0
    return float((((y - y[near[:, 1]])[:, live] ** 2).mean(axis=0) / 2 / y[:, live].var(axis=0)).mean())


# --- truth -------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "relation"),
    [
        ("AR", "partly"),
        ("oscillators", "one way"),
        ("sorted by class, labels given", "partly"),
        ("collapsed, labels given", "one way"),
        ("collapsed, labels given", "partly"),
        ("common modes", "one way"),
        ("convolution maps", "one way"),
        ("one-hot-like softmax", "one way"),
        ("one-hot-like softmax", "partly"),
        ("parity codes", "partly"),
        ("modular codes", "one way"),
        ("even functions", "partly"),
        ("layer norm", "partly"),
        ("dropout left on", "equivalent"),
        ("position embeddings", "partly"),
        ("logits with tied shifts", "one way"),
        ("unit sphere", "one way"),
        ("spike counts", "equivalent"),
        ("padded rows", "one way"),
    ],
)
def test_truth_is_what_nearest_neighbours_find_on_many_rows(worlds, name, relation):
    (world,) = worlds(name, relation)
    a, b = many_rows(world, 3000)
    found = left_by_neighbours(a, b), left_by_neighbours(b, a)
    for true, estimate in zip(world.truth(), found, strict=True):
        assert estimate == pytest.approx(true, abs=0.1)


def test_what_a_network_cannot_tell_apart_it_answers_alike(run):
    """The two draws behind every truth share just what the source keeps: the source answers both in the same way."""
    folded = 0
    for family in run.FAMILIES:
        for seed in range(3):
            world = family.world(seed, 300)
            rng = np.random.default_rng(seed)
            first, second = ([s.fresh(world.design, 40, rng) for s in world.sources] for _ in range(2))
            for net in (world.a, world.b):
                folded += net.fold is not None
                again = net.again(first, second, rng)
                np.testing.assert_allclose(net.clean(again), net.clean(first), rtol=1e-6, atol=1e-9)
    assert folded > 10


@pytest.mark.parametrize("name", ["one-hot-like softmax", "superposition", "unit sphere", "even functions"])
def test_what_is_drawn_again_is_distributed_as_before(worlds, name):
    (world,) = worlds(name, "one way")
    net = next(n for n in (world.a, world.b) if n.fold is not None)
    rng = np.random.default_rng(3)
    latent = [s.fresh(world.design, 20_000, rng) for s in world.sources]
    before = net.seen(latent)
    after = net.fold(before, rng)
    assert not np.allclose(before, after)
    np.testing.assert_allclose(after.mean(axis=0), before.mean(axis=0), atol=0.06 * before.std())
    np.testing.assert_allclose(np.cov(after.T), np.cov(before.T), atol=0.08 * before.var())


def test_equal_by_construction_is_equal(worlds):
    for name in ("bags of words", "sparse codes"):
        for world in worlds(name, "equivalent", 3):
            assert world.truth() == (0.0, 0.0)
            a, b = many_rows(world, 500)
            if name == "sparse codes" and np.linalg.matrix_rank(a) > len(world.sources):
                continue  # rectified besides: no linear map the other way
            fitted = a @ np.linalg.lstsq(a, b, rcond=1e-10)[0]
            np.testing.assert_allclose(fitted, b, atol=1e-6)


def test_equal_networks_hold_where_latents_are_few(run, worlds):
    """The measure, on families that it is known to be right on, agrees with the truth."""
    for name, relation, answer in (
        ("massive units", "equivalent", "equivalent"),
        ("attention patterns", "unrelated", "unrelated"),
        ("bags of words", "equivalent", "equivalent"),
    ):
        (world,) = worlds(name, relation)
        assert cj.get_measure("verdict")(*run.recordings(world.draw(1))).details["answer"] == answer


def test_unrelated_networks_see_nothing_in_common(run):
    for family in run.FAMILIES:
        found = [family.world(seed, 300) for seed in range(3)]
        apart = [world for world in found if world.relation == "unrelated"]
        assert not any(world.shared for world in apart), family.name
        assert all(world.shared for world in found if world.relation != "unrelated"), family.name
        if apart and "units" not in family.name:  # those are many, and take long
            assert min(apart[0].truth()) > 0.9, family.name


def test_private_noise_by_closed_form(worlds):
    for world in worlds("noisy linear neurons", "partly", 3):
        a, b = many_rows(world, 20_000)
        rest = b - a @ np.linalg.lstsq(a, b, rcond=None)[0]
        assert world.truth()[0] == pytest.approx(float((rest.var(axis=0) / b.var(axis=0)).mean()), abs=0.02)
    (near,) = worlds("AR", "near")
    noisy = near.b if near.b.noise else near.a
    assert max(near.truth()) == pytest.approx(noisy.noise, rel=0.05)


# --- rows --------------------------------------------------------------------------------------------------------------------


def test_rows_hang_together_as_said(bench_folder):
    designs = importlib.import_module("wild.designs")
    rng = np.random.default_rng(0)

    def correlation(x, lag):
        return float((x[lag:] * x[:-lag]).mean() / (x**2).mean())

    x = designs.series(20_000, 0.9).fill(3, rng)
    assert correlation(x, 1) == pytest.approx(0.9, abs=0.02)
    assert x.var() == pytest.approx(1, abs=0.1)
    clips = designs.clips(1000, 20, 10, 0.3)
    x = clips.fill(3, rng).reshape(1000, 20, 3)
    assert (x[:, 0] * x[:, 1]).mean() == pytest.approx(0.3 + 0.7 * 0.9, abs=0.06)
    assert (x[:, 0] * x[:, 15]).mean() == pytest.approx(0.3, abs=0.06)
    assert (x[1:] * x[:-1]).mean() == pytest.approx(0, abs=0.03)
    assert len(np.unique(clips.clusters)) == 1000
    repeats = designs.repeats(600, 30, 0.05, False, rng)
    x = repeats.fill(2, rng)
    within = np.mean([x[repeats.clusters == k].var(axis=0) for k in range(30)])
    assert within == pytest.approx(0.05**2, rel=0.2)
    x = designs.drift(5000, 0.4).fill(4, rng)
    assert correlation(x, 1) == pytest.approx(0.4, abs=0.05)
    trials = designs.trials(400, 10, 0.7)
    x = trials.fill(3, rng)
    np.testing.assert_array_equal(x[::10], 0)
    assert x[5::10].var() == pytest.approx(trials.alone(4000, 3, rng)[5::10].var(), abs=0.12)


def test_few_correlation_lengths_are_a_limit(worlds):
    found = worlds("AR", "unrelated", 12)
    assert {bool(w.limit) for w in found} == {True, False}
    for world in found:
        assert bool(world.limit) == (world.design.m * -np.log(world.note["rho"]) < 20)
    assert all(w.limit for w in worlds("random walk", "equivalent", 3))


def test_users_give_what_the_family_says(run, worlds):
    (clips,) = worlds("clips, groups given", "one way")
    (hidden,) = worlds("clips", "one way")
    (classes,) = worlds("sorted by class, labels given", "equivalent")
    assert run.recordings(clips.draw(0))[0].layers["hidden"].groups is not None
    assert run.recordings(hidden.draw(0))[0].layers["hidden"].groups is None
    recording = run.recordings(classes.draw(0))[1]
    assert (np.diff(recording.targets) >= 0).all()


def test_the_same_seed_gives_the_same_pair(run):
    for family in run.FAMILIES[::7]:
        first, second = (family.world(3, 300).draw(3) for _ in range(2))
        np.testing.assert_array_equal(first.b, second.b)


# --- oracle, run, table ------------------------------------------------------------------------------------------------------


def test_the_oracle_decides_what_the_latents_show(run, worlds):
    for name, relation, ways in (
        ("unit sphere", "equivalent", ("holds", "holds")),
        ("AR", "unrelated", ("fails", "fails")),
        ("random walk", "unrelated", ("open", "open")),
    ):
        world = next(w for w in worlds(name, relation, 9) if name == "random walk" or not w.limit)
        oracle = run.Oracle(world.draw(2), 2)
        assert oracle.ways == ways
        assert oracle.decides(world.truth()) is (ways[0] != "open")


@pytest.fixture
def pair(summary):
    return summary.Pair("f", False, 0, 300, "equivalent", True, "", True, True, "equivalent", 0.1)


@pytest.mark.parametrize(
    ("true", "answer", "found", "wrong"),
    [
        ("equivalent", "equivalent", True, False),
        ("equivalent", "not_equivalent", True, True),
        ("equivalent", "partly_related", True, True),
        ("equivalent", "undecided", True, False),
        ("a_determines_b", "b_determines_a", True, True),
        ("a_determines_b", "partly_related", True, True),
        ("a_determines_b", "not_equivalent", True, False),
        ("partly_related", "unrelated", True, True),
        ("partly_related", "unrelated", False, False),
        ("partly_related", "equivalent", False, True),
        ("unrelated", "partly_related", False, True),
        ("unrelated", "not_equivalent", False, False),
        ("unrelated", "refused", False, False),
    ],
)
def test_what_counts_as_wrong(pair, true, answer, found, wrong):
    one = replace(pair, true=true, answer=answer, shared_found=found)
    assert one.wrong is wrong
    assert not replace(one, away=False).wrong


def test_tables_count_and_list(summary, pair):
    pairs = [
        replace(pair, seed=s, answer=a)
        for s, a in enumerate(["equivalent", "undecided", "unrelated", "not_equivalent"])
    ]
    told = summary.text(
        [*pairs, replace(pair, blind=True, family="g", limit="aliasing", oracle=False, answer="unrelated")]
    )
    assert "| f | 4 | 2 of 4" in told
    assert "3 of 4" in told  # decided of those that the oracle decides
    assert "| f | equivalent | unrelated | 1 | 2 |" in told
    assert "families that decide less than 75 % of what the oracle decides: none" in told
    assert told.index("Blind") < told.index("| g |")
    assert summary.page(pairs).startswith("## What people bring")
    assert "| f | 4 | 2 | 0 |" in summary.beside(pairs, [replace(p, answer="equivalent") for p in pairs])


def test_a_run_goes_on_where_it_was(run, monkeypatch, tmp_path):
    asked = []

    def answer(drawn):
        asked.append(drawn)
        return {"answer": "undecided", "rung": "", "value": 0.5, "p": "", "seconds": 0.1}

    monkeypatch.setattr(run, "asked", answer)
    monkeypatch.setattr(run, "known", lambda f, seed, _: {"family": f.name, "seed": seed, "true": "", "oracle": ""})
    families, table = run.chosen("ar,softmax")[:2], tmp_path / "pairs.csv"
    run.run(table, [0], families, 300)
    with table.open("a") as file:
        file.write("AR,0,1")  # cut short by a stop
    run.run(table, [0, 1], families, 300)
    assert len(asked) == 2 * len(families) == 4
    told = [{"family": f.name, "seed": "2", "true": "as before", "oracle": ""} for f in families]
    run.run(table, [2], families, 300, truths=told)
    lines = run.lines_of(table)
    assert {r["true"] for r in lines if r["seed"] == "2"} == {"as before"}
    assert [(r["family"], r["seed"]) for r in lines[:4]] == [(f.name, str(s)) for s in (0, 1) for f in families]


def test_the_first_table_is_whole(run):
    """It is of the code before the families were made, so of those that were there then."""
    later = {family.name for family in run.blind_second.FAMILIES}
    with BEFORE.open(newline="") as file:
        lines = [(r["family"], r["seed"]) for r in csv.DictReader(file)]
    assert sorted(lines) == sorted((f.name, str(s)) for f in run.FAMILIES if f.name not in later for s in range(10))
