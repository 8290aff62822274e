"""What the buttons of a page save: the numbers and the figures that it shows, as files that stand by themselves."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from factory import everything, same_task
from selenium.webdriver.support.ui import WebDriverWait
from study_factory import hostile, rectangular, sorted_study
from test_study_page import open_study

from conjugacy.report import write_page, write_study_page
from conjugacy.report.study.order import order_of
from conjugacy.report.study.words import states
from conjugacy.results import Classes
from conjugacy.study import Study

pytestmark = pytest.mark.browser
SVG = "{http://www.w3.org/2000/svg}"
# keeps the blob that a click makes
SAVED = """
const [after, of, done] = arguments;
const make = URL.createObjectURL;
URL.createObjectURL = (blob) => { URL.createObjectURL = make; blob.text().then(done); return make.call(URL, blob); };
const near = document.querySelector(of);
const buttons = [...document.querySelectorAll('button.save')].filter(b => b.title.endsWith(after));
const here = near ? buttons.find(b => near.compareDocumentPosition(b) & Node.DOCUMENT_POSITION_FOLLOWING) : null;
if (here) here.click(); else done(null);
"""
WITHOUT = """return [...document.querySelectorAll('canvas, table, main svg')].filter(one => {
  const inside = one.matches('.mark, .entry svg, .scale svg, #matrix-over') || one.closest('td, th');
  const small = one.tagName === 'TABLE' && one.rows.length < 2;
  if (inside || small) return false;
  const kind = one.tagName === 'TABLE' ? 'CSV' : 'SVG';
  const around = one.closest('.matrix') || one.closest('.scroll, .canvases, .pair') || one;
  for (let next = one.parentElement.nextElementSibling; next; next = next.nextElementSibling) {
    if (next.matches('button.save') && next.textContent === kind) return false;
  }
  for (const start of [one, around]) {
    for (let next = start.nextElementSibling; next && next.matches('button.save'); next = next.nextElementSibling) {
      if (next.textContent === kind) return false;
    }
  }
  return true;
}).map(one => one.outerHTML.slice(0, 120));"""


def saved(browser: Any, near: str, ending: str) -> str:
    """Return what the first button of that kind after an element saves."""
    text = browser.execute_async_script(SAVED, ending, near)
    assert text is not None
    return text.removeprefix("\ufeff")


def drawn(browser: Any, near: str) -> ElementTree.Element:
    text = saved(browser, near, ".svg")
    assert "var(" not in text
    return ElementTree.fromstring(text)


def words_of(svg: ElementTree.Element) -> list[str]:
    return [text.text or "" for text in svg.iter(f"{SVG}text")]


def cells_of_file(svg: ElementTree.Element, shape: tuple[int, int]) -> np.ndarray:
    """Return the colour of every cell of a matrix, from the rectangles in its paths; none where nothing is drawn."""
    found = np.full(shape, "", dtype=object)
    (cells,) = (g for g in svg.iter(f"{SVG}g") if g.get("shape-rendering") == "crispEdges")
    for path in cells:
        for x, y, width in re.findall(r"M(\d+) (\d+)h(\d+)v1h-\d+z", path.get("d", "")):
            found[int(y), int(x) : int(x) + int(width)] = path.get("fill")
    return found


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> tuple[Study, Classes, Path]:
    """Return 24 networks in five classes, and their page."""
    made, classes = sorted_study(24, 5)
    return made, classes, write_study_page(made, tmp_path_factory.mktemp("saved") / "page.html", classes)


@pytest.fixture
def folder(tmp_path: Path, browser: Any) -> Iterator[Path]:
    browser.execute_cdp_cmd("Browser.setDownloadBehavior", {"behavior": "allow", "downloadPath": str(tmp_path)})
    yield tmp_path
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})


def test_a_matrix_is_saved_with_every_cell_name_and_answer(
    browser: Any, folder: Path, page: tuple[Study, Classes, Path]
) -> None:
    made, classes, path = page
    order = order_of(made, classes)
    open_study(browser, path)
    svg = drawn(browser, "#matrix-canvas")
    status = made.table("status", "verdict")[np.ix_(order.rows, order.columns)]
    known = states()
    expected = np.array([[known[code].colour for code in row] for row in status], dtype=object)
    found = cells_of_file(svg, status.shape)
    off = ~np.eye(24, dtype=bool)
    assert (found[off] == expected[off]).all()
    assert len(set(np.diag(found))) == 1  # a network and itself
    words = words_of(svg)
    assert {made.networks[0][i] for i in order.rows} <= set(words)
    for code in np.unique(status[off]):
        assert f"{known[code].letter} {known[code].words}" in words
    assert "a network and itself" in words
    assert any("verdict" in text for text in words)
    assert svg.find(f"{SVG}title") is not None


def test_what_is_filtered_and_by_value_is_saved_so(
    browser: Any, folder: Path, page: tuple[Study, Classes, Path]
) -> None:
    made, _, path = page
    open_study(browser, path)
    browser.execute_script(
        "const s = document.getElementById('choose-colour'); s.value = 'value'; s.dispatchEvent(new Event('change'));"
        "const f = document.getElementById('filter-name'); f.value = 'width64'; f.dispatchEvent(new Event('input'));"
    )
    WebDriverWait(browser, 5).until(
        lambda b: "of 24" in b.execute_script("return document.getElementById('filter-count').textContent")
    )
    words = words_of(drawn(browser, "#matrix-canvas"))
    names = {name for name in made.networks[0] if "width64" in name}
    assert names <= set(words)
    assert not (set(made.networks[0]) - names) & set(words)
    assert any(text.startswith("4 of 24 rows") for text in words)
    assert any("logarithmic" in text or "unexplained" in text for text in words)
    assert len(list(csv.reader(io.StringIO(saved(browser, "#matrix-canvas", "matrix.csv"))))) == 1 + 4 * 3 // 2


def test_the_table_of_a_matrix_has_every_pair_once(
    browser: Any, folder: Path, page: tuple[Study, Classes, Path]
) -> None:
    made, _, path = page
    open_study(browser, path)
    rows = list(csv.DictReader(io.StringIO(saved(browser, "#matrix-canvas", "matrix.csv"))))
    assert {frozenset((row["row"], row["column"])) for row in rows} == {
        frozenset((a, b)) for a in made.networks[0] for b in made.networks[0] if a != b
    }
    assert len(rows) == 24 * 23 // 2
    known, at = states(), made.networks[0].index
    for row in rows[::17]:
        i, j = at(row["row"]), at(row["column"])
        assert float(row["value"]) == pytest.approx(made.table("value", "verdict")[i, j], rel=2e-3)
        assert float(row["high"]) == pytest.approx(made.table("high", "verdict")[i, j], rel=0.05)
        assert row["answer or status"] == known[made.table("status", "verdict")[i, j]].words


def test_a_plane_is_saved_to_scale_with_its_classes(
    browser: Any, folder: Path, page: tuple[Study, Classes, Path]
) -> None:
    made, classes, path = page
    open_study(browser, path)
    svg = drawn(browser, "#plane-canvas")
    marks = {
        path.findtext(f"{SVG}title"): path for path in svg.iter(f"{SVG}path") if path.find(f"{SVG}title") is not None
    }
    assert set(marks) == set(classes.networks)
    starts = {name: re.findall(r"-?[\d.]+", path.get("d", "")) for name, path in marks.items()}
    circles = [name for name in classes.networks if "A" in marks[name].get("d", "")]
    drawn_at = np.array([[float(x) for x in starts[name][:2]] for name in circles])
    there = classes.plane[[classes.networks.index(name) for name in circles]] * [1, -1]
    gaps, meant = (np.linalg.norm(p[:, None] - p[None], axis=-1) for p in (drawn_at, there))
    scale = (gaps * meant).sum() / (meant * meant).sum()
    assert np.abs(gaps - scale * meant).max() < 0.5  # of a point: one scale for all distances
    words = words_of(svg)
    assert {f"class {k + 1} ({len(g.members)})" for k, g in enumerate(classes.groups) if len(g.members) > 1} <= set(
        words
    )
    assert any("first coordinate" in text for text in words)
    table = list(csv.DictReader(io.StringIO(saved(browser, "#plane-canvas", "plane.csv"))))
    assert [row["network"] for row in table] == [made.networks[0][i] for i in order_of(made, classes).rows]


def test_the_diagonal_is_grey_on_paper(browser: Any, folder: Path, page: tuple[Study, Classes, Path]) -> None:
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print", "features": []})
    try:
        browser.get(page[2].as_uri())
        WebDriverWait(browser, 10).until(
            lambda b: b.execute_script("return document.getElementById('matrix').dataset.ready")
        )
        diagonal = cells_of_file(drawn(browser, "#matrix-canvas"), (24, 24))[0, 0]
    finally:
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "screen"})
    assert diagonal == "#cccccc"


def test_hostile_names_are_saved_as_text(browser: Any, folder: Path) -> None:
    made, classes = hostile()
    open_study(browser, write_study_page(made, folder / "page.html", classes), theme="dark")
    for near in ("#matrix-canvas", "#plane-canvas"):
        svg = drawn(browser, near)
        assert {one.tag for one in svg.iter()} & {f"{SVG}script", f"{SVG}foreignObject", f"{SVG}image"} == set()
        assert not [key for one in svg.iter() for key in one.attrib if key.startswith("on")]
    assert browser.get_log("browser") == []


@pytest.mark.slow
def test_a_map_of_layers_is_saved_with_all_its_numbers(browser: Any, folder: Path) -> None:
    made = same_task()
    open_study(browser, write_page(made, folder / "page.html"))
    svg = drawn(browser, "table.map")
    words = words_of(svg)
    assert {*made.layer_map.layers_a, *made.layer_map.layers_b} <= set(words)
    numbers = [f"{value:.2f}".removeprefix("0") for row in made.layer_map.values for value in row]
    assert all(words.count(number) >= 1 for number in numbers)
    assert "the pair that was compared" in words


@pytest.mark.slow
@pytest.mark.parametrize("name", ["same-task", "drop-in-hostile"])
def test_every_figure_and_table_of_a_comparison_can_be_saved(browser: Any, folder: Path, name: str) -> None:
    open_study(browser, write_page(everything()[name], folder / "page.html"))
    assert browser.execute_script(WITHOUT) == []
    names = browser.execute_script("return [...document.querySelectorAll('button.save')].map(b => b.title)")
    assert len(names) == len(set(names)) > 3


@pytest.mark.slow
def test_every_figure_and_table_of_a_study_can_be_saved(browser: Any, folder: Path) -> None:
    for made, classes in ((rectangular(), None), sorted_study(6, 2)):
        open_study(browser, write_study_page(made, folder / "page.html", classes))
        assert browser.execute_script(WITHOUT) == []
        names = browser.execute_script("return [...document.querySelectorAll('button.save')].map(b => b.title)")
        assert len(names) == len(set(names)) > 3


@pytest.mark.slow
def test_2500_networks_are_saved_whole_in_files_that_open(browser: Any, folder: Path) -> None:
    made, classes = sorted_study(2500, 40)
    open_study(browser, write_study_page(made, folder / "page.html", classes))
    for by in ("status", "value"):
        browser.execute_script(
            "const s = document.getElementById('choose-colour'); s.value = arguments[0]; s.dispatchEvent(new Event('change'))",
            by,
        )
        text = saved(browser, "#matrix-canvas", ".svg")
        assert len(text) < 20e6
        svg = ElementTree.fromstring(text)
        said = svg.findtext(f"{SVG}desc") or ""
        assert "too small for names" in said
        # neighbours are unlike by chance: one pixel for each pair, and the file says so
        assert "one pixel each" in said
        assert len(list(svg.iter(f"{SVG}image"))) == 1
        assert any(text.startswith("class ") for text in words_of(svg))
        lines = saved(browser, "#matrix-canvas", "matrix.csv").splitlines()
        assert len(lines) == 2501
        assert "zoom or filter" in lines[0]
