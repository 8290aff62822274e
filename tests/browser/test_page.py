"""The page in a real browser: nothing is asked of the network, nothing hostile runs, hovering reads values."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from factory import HOSTILE, STRANGE, everything, same_task
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

from conjugacy.report import write_page

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Pages of the factory that several tests open, written once."""
    folder = tmp_path_factory.mktemp("pages")
    names = (
        "same-task",
        "hostile",
        "nothing",
        "dynamics-different",
        "one-layer",
        "thirty-layers",
        "sixty-layers",
        "drop-in-hostile",
    )
    return {name: write_page(everything()[name], folder / f"{name}.html") for name in names}


def open_page(browser: Any, page: Path, width: int = 1200) -> str:
    """Open a page in a window of that width and return its address."""
    browser.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride", {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
    )
    browser.get_log("browser")
    browser.get_log("performance")
    address = page.as_uri()
    browser.get("about:blank")  # a page that is open already, at another place of it, would not be loaded again
    browser.get(address)
    loaded = "return location.href.startsWith('file:') && document.readyState === 'complete'"
    WebDriverWait(browser, 20).until(lambda b: b.execute_script(loaded))
    return address


def hover(browser: Any, element: Any) -> None:
    browser.execute_script("arguments[0].scrollIntoView({block: 'center', inline: 'center'})", element)
    ActionChains(browser).move_to_element(element).perform()


@pytest.mark.parametrize("name", ["same-task", "hostile", "nothing", "dynamics-different", "one-layer", "sixty-layers"])
def test_no_errors_and_no_requests(browser: Any, pages: dict[str, Path], name: str) -> None:
    address = open_page(browser, pages[name])
    assert browser.get_log("browser") == []
    assert browser.execute_script("return performance.getEntriesByType('resource').length") == 0
    events = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]
    asked = {e["params"]["request"]["url"] for e in events if e["method"] == "Network.requestWillBeSent"}
    assert asked <= {address}


def test_the_verdict_can_be_read(browser: Any, pages: dict[str, Path]) -> None:
    open_page(browser, pages["same-task"])
    card = browser.find_element(By.ID, "verdict-function").text
    assert "same task" in card
    assert "yes" in card
    assert "learned in common" in browser.find_element(By.ID, "verdict-representation").text


def test_hostile_names_are_shown_and_do_not_run(browser: Any, pages: dict[str, Path]) -> None:
    open_page(browser, pages["hostile"])
    shown = [e.text for e in browser.find_elements(By.CSS_SELECTOR, ".networks dd")]
    assert shown == list(STRANGE)
    assert HOSTILE in browser.find_element(By.ID, "verdict-representation").text
    # an alert would have made the calls above raise; neither did it leave an element behind
    assert browser.find_elements(By.TAG_NAME, "img") == []
    assert browser.execute_script("return document.scripts.length") == 4
    cell = browser.find_element(By.CSS_SELECTOR, "table.map td[data-value]")
    hover(browser, cell)
    assert HOSTILE in browser.find_element(By.ID, "layers-readout").text


def test_a_script_that_is_not_ours_is_refused(browser: Any, pages: dict[str, Path]) -> None:
    open_page(browser, pages["nothing"])
    browser.execute_script(
        "const s = document.createElement('script'); s.textContent = 'window.ran = 1'; document.body.append(s)"
    )
    assert browser.execute_script("return window.ran === undefined")
    assert any("Content Security Policy" in entry["message"] for entry in browser.get_log("browser"))


def test_hovering_over_the_layer_map_reads_its_value(browser: Any, pages: dict[str, Path]) -> None:
    made = same_task()
    open_page(browser, pages["same-task"])
    assert made.layer_map is not None
    cell = browser.find_elements(By.CSS_SELECTOR, "table.map tbody tr:nth-child(1) td")[1]
    hover(browser, cell)
    readout = browser.find_element(By.ID, "layers-readout").text
    assert readout == f"A hidden1, B hidden2: cka {made.layer_map.values[0][1]:.3f}"


def test_the_layer_map_can_be_walked_with_the_keyboard(browser: Any, pages: dict[str, Path]) -> None:
    made = same_task()
    open_page(browser, pages["same-task"])
    assert made.layer_map is not None
    cells = browser.find_elements(By.CSS_SELECTOR, "table.map td[data-value]")
    assert [c.get_attribute("tabindex") for c in cells] == ["0", "-1", "-1", "-1"]
    cells[0].send_keys(Keys.ARROW_DOWN)
    browser.switch_to.active_element.send_keys(Keys.ARROW_RIGHT)
    browser.switch_to.active_element.send_keys(Keys.ARROW_RIGHT)  # the edge
    readout = browser.find_element(By.ID, "layers-readout").text
    assert readout == f"A hidden2, B hidden2: cka {made.layer_map.values[1][1]:.3f}"
    outline = browser.execute_script("return getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"


def test_the_compared_pair_is_shown_and_another_can_be_clicked(browser: Any, pages: dict[str, Path]) -> None:
    open_page(browser, pages["same-task"])
    title = browser.find_element(By.ID, "choice-title")
    assert title.text.startswith("Chosen: hidden2 of A and hidden2 of B, cka ")
    cell = browser.find_elements(By.CSS_SELECTOR, "table.map tbody tr:nth-child(1) td")[1]
    hover(browser, cell)
    cell.click()
    assert title.text.startswith("Chosen: hidden1 of A and hidden2 of B, cka ")
    # ten classes and seven colours: the last three differ in shape
    shapes = [len(browser.find_elements(By.CSS_SELECTOR, f"#choice-plot-a {shape}")) for shape in ("circle", "path")]
    assert sum(shapes) == 300
    assert min(shapes) > 50
    label = browser.find_element(By.ID, "choice-plot-a").get_attribute("aria-label")
    assert label == "300 stimuli in two principal coordinates of layer hidden1 of A"
    assert [c.text for c in browser.find_elements(By.CSS_SELECTOR, ".chosen-pair")] == [cell.text]


def test_a_pair_can_be_chosen_with_the_keyboard(browser: Any, pages: dict[str, Path]) -> None:
    open_page(browser, pages["same-task"])
    first = browser.find_elements(By.CSS_SELECTOR, "table.map td[data-value]")[0]
    first.send_keys(Keys.ARROW_DOWN)
    browser.switch_to.active_element.send_keys(Keys.ENTER)
    assert browser.find_element(By.ID, "choice-title").text.startswith("Chosen: hidden2 of A and hidden1 of B")
    assert browser.find_element(By.ID, "choice-title").get_attribute("aria-live") == "polite"


def test_a_chosen_point_marks_its_partner(browser: Any, pages: dict[str, Path]) -> None:
    made = same_task()
    open_page(browser, pages["same-task"])
    assert made.layer_planes is not None
    point = browser.find_elements(By.CSS_SELECTOR, "#choice-plot-b .point")[-1]  # drawn last: nothing lies over it
    hover(browser, point)
    marked = browser.find_elements(By.CSS_SELECTOR, "#choice .same")
    assert [m.get_attribute("data-at") for m in marked] == ["299", "299"]
    row = int(made.layer_planes.rows[-1])
    assert browser.find_element(By.ID, "choice-readout").text.startswith(f"stimulus {row};")


def test_a_tall_map_keeps_its_names_in_sight_and_the_chosen_pair_near(browser: Any, pages: dict[str, Path]) -> None:
    open_page(browser, pages["sixty-layers"])
    below, height = browser.execute_script(
        "const box = document.querySelector('#layers .scroll'); box.scrollTop = 600; box.scrollLeft = 300;"
        "const top = e => e.getBoundingClientRect().top;"
        "return [top(document.querySelector('table.map thead th')) - top(box), box.clientHeight]"
    )
    assert abs(below) <= 2
    assert height <= 0.86 * 900


def test_b_is_turned_onto_a(browser: Any, pages: dict[str, Path]) -> None:
    # the factory's layers of B are those of A with the coordinates exchanged: a mirror and a turn bring them back
    open_page(browser, pages["same-task"])
    WebDriverWait(browser, 10).until(lambda b: b.find_elements(By.CSS_SELECTOR, "#choice-plot-b circle"))
    points = browser.execute_script(
        "return ['a', 'b'].map(w => [...document.querySelectorAll(`#choice-plot-${w} circle`)]"
        ".map(c => [Number(c.getAttribute('cx')), Number(c.getAttribute('cy'))]))"
    )
    a, b = points
    assert max(abs(p - q) for x, y in zip(a, b, strict=True) for p, q in zip(x, y, strict=True)) <= 2


def test_where_the_map_errs_is_told(browser: Any, pages: dict[str, Path]) -> None:
    open_page(browser, pages["same-task"])
    section = browser.find_element(By.ID, "axis-representation").text
    for words in ("Where the map errs most", "Worst stimuli", "Worst units of B, predicted from A", "image 0"):
        assert words in section


def test_hovering_over_a_point_marks_its_partner(browser: Any, pages: dict[str, Path]) -> None:
    open_page(browser, pages["one-layer"])
    first = browser.find_element(By.CSS_SELECTOR, "#plane [data-row]")
    hover(browser, first)
    marked = browser.find_elements(By.CSS_SELECTOR, "#plane .same")
    assert len(marked) == 2
    assert len({m.get_attribute("data-row") for m in marked}) == 1
    row = marked[0].get_attribute("data-row")
    assert browser.find_element(By.ID, "plane-readout").text.startswith(f"stimulus {row};")


@pytest.mark.parametrize("width", [320, 1400, *(pytest.param(w, marks=pytest.mark.slow) for w in (360, 760))])
@pytest.mark.parametrize("name", ["same-task", "hostile", "thirty-layers", "drop-in-hostile"])
def test_the_body_never_scrolls_sideways(browser: Any, pages: dict[str, Path], name: str, width: int) -> None:
    open_page(browser, pages[name], width)
    inside, whole = browser.execute_script(
        "return [document.documentElement.clientWidth, document.documentElement.scrollWidth]"
    )
    assert whole <= inside


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_text_has_enough_contrast_in_both_themes(browser: Any, pages: dict[str, Path], theme: str) -> None:
    browser.execute_cdp_cmd(
        "Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": theme}]}
    )
    open_page(browser, pages["same-task"])
    names = ("--ink", "--muted", "--holds", "--fails", "--open", "--a-to-b", "--b-to-a")
    found = browser.execute_script(
        "const s = getComputedStyle(document.documentElement);"
        "return ['--paper', '--raised', ...arguments[0]].map(n => s.getPropertyValue(n).trim())",
        names,
    )
    paper, raised, *colours = [_luminance(colour) for colour in found]
    assert (paper > 0.5) == (theme == "light")
    for name, colour in zip(names, colours, strict=True):
        for ground in (paper, raised):
            low, high = sorted((colour, ground))
            needed = 3.0 if name in ("--a-to-b", "--b-to-a") else 4.5  # marks, and text
            assert (high + 0.05) / (low + 0.05) >= needed, name


def _luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_the_record_can_be_downloaded(browser: Any, pages: dict[str, Path], tmp_path: Path) -> None:
    made = same_task()
    open_page(browser, pages["same-task"])
    browser.execute_cdp_cmd("Browser.setDownloadBehavior", {"behavior": "allow", "downloadPath": str(tmp_path)})
    # what the button saves: the text of the record element
    browser.execute_script("document.getElementById('download').click()")
    record = browser.execute_script("return document.getElementById('record').textContent")
    assert json.loads(record) == made.to_dict()
    target = tmp_path / "comparison.json"
    for _ in range(50):
        if target.exists():
            break
        browser.execute_async_script("setTimeout(arguments[0], 100)")
    assert json.loads(target.read_text(encoding="utf-8")) == made.to_dict()
