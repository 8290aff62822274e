"""At three widths nothing is cut without a cue, and figures and tables can be saved."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from factory import everything
from selenium.webdriver.support.ui import WebDriverWait

import conjugacy as cj

pytestmark = pytest.mark.browser
WIDTHS = [420, *(pytest.param(width, marks=pytest.mark.slow) for width in (768, 1280))]
PAPER = 718  # pixels of A4 between its margins

CUT = """
const inside = document.documentElement.clientWidth;
const found = [];
for (const element of document.querySelectorAll("main *")) {
  if (element.closest("details:not([open])") || element.closest("svg, .clip, select, .canvases, table.map")) continue;
  const scroll = element.closest(".scroll");
  const box = element.getBoundingClientRect();
  if (!box.width || !box.height) continue;
  if (!scroll && box.right > inside + 1) found.push(`${element.tagName}.${element.className} ends at ${box.right}`);
  const style = getComputedStyle(element);
  if (style.overflowX === "hidden" && element.scrollWidth > element.clientWidth + 1)
    found.push(`${element.tagName}.${element.className} hides text`);
  if (element === scroll && element.scrollWidth > element.clientWidth + 1 && !style.backgroundImage.includes("gradient"))
    found.push("no cue");
}
return found;
"""

ON_PAPER = """
const inside = document.documentElement.clientWidth;
const seen = [...document.querySelectorAll("main *")].filter(e => !e.closest("svg, canvas, .clip, table.map"));
return seen.filter(e => e.getBoundingClientRect().width && e.getBoundingClientRect().right > inside + 1)
  .map(e => `${e.tagName}.${e.className} ends at ${e.getBoundingClientRect().right}`);
"""

OVERLAPPING = """
const words = "h1, h2, h3, p, li, dt, dd, th, td, summary, figcaption, pre, button, select, input";
const leaves = [...document.querySelectorAll("main :is(" + words + ")")].filter(e => {
  const hidden = e.closest("svg, .canvases, .beside, .clip, table.map, details:not([open]) > :not(summary)");
  return !hidden && !e.querySelector(words) && e.getBoundingClientRect().width && e.textContent.trim();
});
const boxes = leaves.map(e => e.getBoundingClientRect());
const found = [];
for (let i = 0; i < leaves.length; i++) for (let j = 0; j < i; j++) {
  const a = boxes[i], b = boxes[j];
  const wide = Math.min(a.right, b.right) - Math.max(a.left, b.left);
  const high = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
  if (wide > 2 && high > 2) found.push([j, i].map(k => leaves[k].textContent.trim().slice(0, 40)).join(" | "));
}
return [leaves.length, found];
"""

LADDER = """
const ladders = [...document.querySelectorAll("svg.figure")].filter(s => s.getAttribute("aria-label").startsWith("Unexplained"));
return ladders.map(svg => {
  const box = svg.closest(".scroll").getBoundingClientRect();
  return [...svg.querySelectorAll("text")].every(t => t.getBoundingClientRect().right <= box.right + 1);
});
"""


def open_page(browser: Any, page: Path, width: int = 1200) -> None:
    """Open a page in a window of that width, once it is drawn."""
    size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    browser.get_log("browser")
    browser.get("about:blank")
    browser.get(page.as_uri())
    loaded = "return location.href.startsWith('file:') && document.readyState === 'complete'"
    WebDriverWait(browser, 20).until(lambda b: b.execute_script(loaded))


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("widths")
    rng = np.random.default_rng(0)
    x = rng.normal(size=(60, 3))
    nets = {f"step{s}": x + rng.normal(size=x.shape) / (1 + s) for s in (0, 1, 10, 100)}
    made = {"study": cj.pairwise(nets, measures=["cka"]).report(folder / "study.html")}
    made["comparison"] = everything()["same-task"].report(folder / "comparison.html")
    return made


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", ["comparison", "study"])
def test_nothing_is_cut(browser: Any, pages: dict[str, Path], name: str, width: int) -> None:
    open_page(browser, pages[name], width)
    assert browser.execute_script(CUT) == []


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", ["comparison", "study"])
def test_no_words_lie_on_others(browser: Any, pages: dict[str, Path], name: str, width: int) -> None:
    open_page(browser, pages[name], width)
    count, found = browser.execute_script(OVERLAPPING)
    assert count > 20
    assert found == []


@pytest.mark.parametrize("name", ["comparison", "study"])
def test_nothing_is_cut_on_paper(browser: Any, pages: dict[str, Path], name: str) -> None:
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    try:
        open_page(browser, pages[name], PAPER)
        browser.execute_script("for (const folded of document.querySelectorAll('details')) folded.open = true;")
        assert browser.execute_script(ON_PAPER) == []
        assert browser.execute_script(OVERLAPPING)[1] == []
    finally:
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "screen"})


@pytest.mark.parametrize("width", WIDTHS)
def test_the_ladder_is_whole_at_every_width(browser: Any, pages: dict[str, Path], width: int) -> None:
    open_page(browser, pages["comparison"], width)
    whole = browser.execute_script(LADDER)
    assert whole
    assert all(whole)


@pytest.mark.parametrize(("words", "ending"), [("SVG", ".svg"), ("CSV", ".csv")])
@pytest.mark.parametrize("name", ["comparison", "study"])
def test_figures_and_tables_are_saved(
    browser: Any, pages: dict[str, Path], tmp_path: Path, name: str, words: str, ending: str
) -> None:
    open_page(browser, pages[name])
    browser.execute_cdp_cmd("Browser.setDownloadBehavior", {"behavior": "allow", "downloadPath": str(tmp_path)})
    click = "[...document.querySelectorAll('button.save')].find(b => b.textContent === arguments[0]).click()"
    browser.execute_script(click, words)
    for _ in range(50):
        saved = [p for p in tmp_path.iterdir() if p.suffix == ending]
        if saved:
            break
        browser.execute_async_script("setTimeout(arguments[0], 100)")
    text = saved[0].read_text(encoding="utf-8-sig")
    if ending == ".svg":
        assert ElementTree.fromstring(text).tag.endswith("svg")
        assert "var(" not in text
    else:
        assert len(text.splitlines()) > 1


def test_the_study_says_how_it_was_done_and_what_to_cite(browser: Any, pages: dict[str, Path]) -> None:
    open_page(browser, pages["study"])
    assert browser.execute_script("return document.getElementById('methods-text').textContent").startswith("4 networks")
    assert "kornblith2019similarity" in browser.execute_script("return document.getElementById('bibtex').textContent")
    assert browser.get_log("browser") == []
