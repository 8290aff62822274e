"""The page of a study: one self-contained HTML file, and pages of some of its pairs in a folder beside it."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from conjugacy import __version__
from conjugacy.asked import shown as as_given
from conjugacy.errors import ConjugacyError, InputError
from conjugacy.report.comparison.page import write_page
from conjugacy.report.files import check_place, write_text
from conjugacy.report.study.pairs import ComparePair, file_name, in_full, telling_pairs
from conjugacy.report.study.words import size_words
from conjugacy.results import Classes

if TYPE_CHECKING:
    from conjugacy.study import Study

_MOST_PAGES = 1_000_000
_MOST_FAILING = 10  # pairs that are tried beyond three for each page
SCRIPTS = (
    "study_data.js",
    "study_cells.js",
    "study_matrix.js",
    "study_zoom.js",
    "study_plane.js",
    "study_saved.js",
    "study_main.js",
)


def write_study_page(
    study: Study,
    path: str | Path,
    classes: Classes | None = None,
    *,
    reason: str = "",
    pages: int = 0,
    compare_pair: ComparePair | None = None,
    curve: Any = None,
) -> Path:
    """Write the page of a study; the file is there as a whole or not at all.

    Parameters
    ----------
    study : Study
        What to show.
    path : path
        The file; one of that name is replaced.
    classes : Classes or None
        How the networks were sorted.
    reason : str
        Why there are no classes.
    pages : int
        Pairs at most that get a page of their own, in the folder NAME_pairs beside the file.
    compare_pair : callable or None
        Two names to a Comparison, or None where it cannot be made; by default from the paths of the recordings.

    curve : pandas.DataFrame or None
        What `Study.along` says, where something orders the networks.

    Raises
    ------
    InputError
        Where the place cannot be written, or `pages` is negative.
    """
    path = check_place(path)
    if compare_pair is not None and not callable(compare_pair):  # pyright: ignore[reportUnnecessaryComparison] - users give anything
        raise InputError(f"compare_pair: got {as_given(compare_pair)}, expected a function of two names")
    links: dict[tuple[str, str], str] | None = None
    if pages:
        measure = study.measures[0] if classes is None else classes.measure
        layers = study.layer_pairs[0] if classes is None else classes.layer_pair
        how = compare_pair or in_full(study, measure, layers)
        links = _write_pairs(study, classes, path.with_name(f"{path.stem}_pairs"), pages, how)
    return write_text(path, render_study(study, classes, reason=reason, links=links, curve=curve))


def _write_pairs(
    study: Study, classes: Classes | None, folder: Path, pages: int, compare_pair: ComparePair
) -> dict[tuple[str, str], str]:
    links: dict[tuple[str, str], str] = {}
    for a, b in islice(telling_pairs(study, classes), 3 * min(pages, _MOST_PAGES) + _MOST_FAILING):
        if len(links) == pages:
            break
        try:
            comparison = compare_pair(a, b)
        except ConjugacyError:  # a recording is gone, say: the page is written without this pair
            continue
        if comparison is None:
            continue
        folder.mkdir(exist_ok=True)
        name = file_name(len(links) + 1, a, b)
        write_page(comparison, folder / name)
        links[a, b] = quote(f"{folder.name}/{name}")
    return links


def render_study(
    study: Study,
    classes: Classes | None,
    *,
    reason: str = "",
    links: Mapping[tuple[str, str], str] | None = None,
    curve: Any = None,
) -> str:
    """Return the page; names are escaped, and its policy allows this page's own script only."""
    from markupsafe import Markup

    from conjugacy.report.html import html_environment, page_script, safe_json, script_hash, template
    from conjugacy.report.study.data import look, page_data, tables_of
    from conjugacy.report.study.order import order_of
    from conjugacy.report.study.page_order import study_sections
    from conjugacy.report.study.section import StudyShown

    order = order_of(study, classes)
    shown = StudyShown(study, classes, reason, order, tables_of(study, classes, order), links, curve)
    script = page_script("study", SCRIPTS)
    environment = html_environment("study", {"look": look})
    parts: list[Markup] = []
    for name, section in study_sections().items():
        values = section.values(shown)
        if values is not None:
            text = environment.get_template(f"sections/{name}.html").render(section=section, **values)
            parts.append(Markup(text))  # noqa: S704  (the template has escaped what is not ours)
    return environment.get_template("study.html").render(
        title=size_words(study),
        study=study,
        parts=parts,
        version=__version__,
        data=safe_json(page_data(study, classes, order, shown.tables, links or {})),
        style=Markup(template("comparison", "page.css") + template("study", "study.css")),  # noqa: S704  (our own files)
        script=Markup(script),  # noqa: S704  (our own files)
        script_hash=script_hash(script),
    )
