"""One page of every kind: nothing is cut and no words lie on others, at three widths and on paper."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from page_reader import empty_headings
from test_downloads import WITHOUT
from test_widths import CUT, ON_PAPER, OVERLAPPING, PAPER, open_page

import conjugacy as cj

pytestmark = [pytest.mark.browser, pytest.mark.slow]
WIDTHS = (420, 768, 1280)


def trajectories(trials: int, units: int, seed: int) -> cj.Trajectories:
    """Return a van der Pol oscillator through a random instrument."""
    rng = np.random.default_rng(seed)
    x, states = rng.uniform(-2, 2, (trials, 2)), []
    for _ in range(80):
        states.append(x)
        x = x + 0.15 * np.stack([x[:, 1], (1 - x[:, 0] ** 2) * x[:, 1] - x[:, 0]], axis=1)
    return cj.Trajectories(np.tanh(0.5 * np.stack(states, axis=1) @ rng.normal(size=(2, units))), dt=0.15)


def unmatched() -> cj.Comparison:
    return cj.compare(trajectories(12, 6, 1), trajectories(14, 5, 2), match="none")


def matched() -> cj.Comparison:
    return cj.compare(trajectories(16, 6, 1), trajectories(16, 6, 1))


def by_condition() -> cj.Comparison:
    """Return trials without partners, of two conditions with long names, at steps of their own."""
    names = np.array(["towards the first target", "towards the second target"])
    a, b = (
        trajectories(count, 5, seed).relabelled(conditions=names[np.arange(count) % 2])
        for count, seed in ((12, 1), (14, 2))
    )
    return cj.compare(a, b.relabelled(dt=0.2), match="none")


def arrays() -> cj.Comparison:
    x = np.random.default_rng(0).normal(size=(80, 4))
    return cj.compare(x, np.tanh(x @ np.random.default_rng(1).normal(size=(4, 6))), measures=["cka"])


def few_rows() -> cj.Comparison:
    x = np.random.default_rng(0).normal(size=(12, 3))
    return cj.compare(x, x[:, ::-1])


def outputs_only() -> cj.Comparison:
    digit, rng = np.random.default_rng(0).integers(0, 4, 200), np.random.default_rng(1)
    ends = ({"outputs": 3 * np.eye(4)[digit] + rng.normal(size=(200, 4))} for _ in "ab")
    return cj.compare(*(cj.Recording.from_arrays(one, stimuli=np.arange(200), targets=digit) for one in ends))


def with_heads(seed: int, noise: float) -> cj.Recording:
    """Return a network with long names, classes and two outputs."""
    labels, z = np.random.default_rng(0).integers(0, 6, 400), np.random.default_rng(1).normal(size=(400, 4))
    rng = np.random.default_rng(seed)
    layers = {
        "backbone.layer4.2.relu": np.tanh(z @ rng.normal(size=(4, 20))),
        "outputs.classification-with-a-long-name": 3 * np.eye(6)[labels] + noise * rng.normal(size=(400, 6)),
        "outputs.boxes": z @ rng.normal(size=(4, 4)),
    }
    kinds = {"outputs.classification-with-a-long-name": "logits", "outputs.boxes": "regression"}
    name, ids = f"resnet-seed{seed}-with-a-rather-long-name", [f"image-{i}" for i in range(400)]
    return cj.Recording.from_arrays(layers, stimuli=ids, targets=labels, name=name, output_kind=kinds)


def heads() -> cj.Comparison:
    return cj.compare(with_heads(2, 0.8), with_heads(3, 1.2))


def study(measures: tuple[str, ...]) -> cj.Study:
    rng = np.random.default_rng(0)
    latents = rng.uniform(-1, 1, (150, 4))
    parts = (("left", [0, 1]), ("right", [2, 3]))
    nets = {f"{t}{i}": np.tanh(latents[:, s] @ rng.normal(size=(2, 12))) for t, s in parts for i in range(3)}
    return cj.pairwise(nets, measures=measures)


def two_networks() -> cj.Study:
    x = np.random.default_rng(0).normal(size=(80, 4))
    return cj.pairwise({"a": x, "b": np.tanh(x)}, measures=["cka"])


def along_steps() -> cj.Study:
    rng = np.random.default_rng(0)
    latents = rng.uniform(-1, 1, (150, 4))
    steps = (0, 1, 10, 100, 1000)
    nets = {f"step{s}": np.tanh(latents @ (rng.normal(size=(4, 9)) / (1 + s) + np.eye(4, 9))) for s in steps}
    return cj.pairwise(nets, measures=["verdict", "cka"])


def gate() -> cj.Comparison:
    """Return what `conjugacy gate --report` compares: a copy that has lost a class."""
    rng = np.random.default_rng(0)
    digit = rng.integers(0, 10, 1000)
    scores, hidden = rng.normal(size=(1000, 10)) + 6 * np.eye(10)[digit], rng.normal(size=(1000, 6))
    lost = scores - np.where(np.arange(10) == 7, 6.0, 0.0)
    old, new = (
        cj.Recording.from_arrays({"hidden": hidden, "outputs": x}, stimuli=np.arange(1000), targets=digit)
        for x in (scores, lost)
    )
    return cj.compare(old, new)


def shared() -> cj.Comparison:
    """Return two layers with three coordinates in common, and several of each network alone."""
    rng = np.random.default_rng(7)
    common, own_a, own_b = (rng.standard_normal((240, d)) for d in (3, 2, 3))
    a = np.tanh(np.hstack([common, own_a]) @ rng.standard_normal((5, 40)) / 2)
    b = np.hstack([common, own_b]) @ rng.standard_normal((6, 30))
    untrained = [rng.standard_normal(one.shape) for one in (a, b)]
    return cj.compare(a, b, targets=(common[:, 0] > 0).astype(int), untrained_a=untrained[0], untrained_b=untrained[1])


KINDS: dict[str, Callable[[], cj.Comparison | cj.Study]] = {
    "unmatched": unmatched,
    "shared": shared,
    "matched": matched,
    "by condition": by_condition,
    "arrays": arrays,
    "few rows": few_rows,
    "outputs only": outputs_only,
    "heads": heads,
    "verdicts": lambda: study(("verdict", "cka")),
    "no verdicts": lambda: study(("cka",)),
    "two networks": two_networks,
    "coordinate": along_steps,
    "gate": gate,
}


@pytest.fixture(scope="module", params=KINDS)
def page(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return KINDS[request.param]().report(tmp_path_factory.mktemp("kinds") / "page.html")


@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_is_cut_and_no_words_lie_on_others(browser: Any, page: Path, width: int) -> None:
    open_page(browser, page, width)
    assert browser.execute_script(CUT) == []
    count, found = browser.execute_script(OVERLAPPING)
    assert count > 10
    assert found == []


def test_no_section_is_empty(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert empty_headings(text) == []
    assert " 0 matched rows" not in text


def test_what_figures_refer_to_is_there(page: Path) -> None:
    text = re.sub(r"<(script|style)\b.*?</\1>", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    ids = set(re.findall(r'\sid="([^"]+)"', text))
    assert set(re.findall(r"url\(#([^)]+)\)", text)) <= ids  # hatches, and what clips


@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_is_cut_where_all_is_unfolded(browser: Any, page: Path, width: int) -> None:
    open_page(browser, page, width)
    browser.execute_script("for (const folded of document.querySelectorAll('details')) folded.open = true;")
    assert browser.execute_script(CUT) == []
    assert browser.execute_script(OVERLAPPING)[1] == []


def test_nothing_is_cut_on_paper(browser: Any, page: Path) -> None:
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    try:
        open_page(browser, page, PAPER)
        browser.execute_script("for (const folded of document.querySelectorAll('details')) folded.open = true;")
        assert browser.execute_script(ON_PAPER) == []
        assert browser.execute_script(OVERLAPPING)[1] == []
    finally:
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "screen"})


def test_figures_keep_their_words_inside(browser: Any, page: Path) -> None:
    open_page(browser, page, 1280)
    outside = """return [...document.querySelectorAll("svg.figure")].flatMap(svg => {
      const box = svg.getBoundingClientRect();
      return [...svg.querySelectorAll("text")].filter(t => {
        const own = t.getBoundingClientRect();
        return own.width && (own.left < box.left - 1 || own.right > box.right + 1);
      }).map(t => t.textContent);
    });"""
    assert browser.execute_script(outside) == []


def test_figures_have_the_colours_of_either_theme(page: Path) -> None:
    """A colour that is written out is that of one theme: white behind the lines of a dark page."""
    figures = re.findall(r"<svg[^>]*class=\"figure\".*?</svg>", page.read_text(encoding="utf-8"), re.DOTALL)
    assert [found for figure in figures for found in re.findall(r"fill:\s*(#fff(?:fff)?|white)\b", figure)] == []


def test_every_figure_and_table_can_be_saved(browser: Any, page: Path) -> None:
    open_page(browser, page, 1280)
    assert browser.execute_script(WITHOUT) == []
    names = browser.execute_script("return [...document.querySelectorAll('button.save')].map(b => b.title)")
    assert len(names) == len(set(names)) > 2
