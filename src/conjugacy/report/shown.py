"""A few lines for results where Python shows them by themselves: what was found, and what can be done next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conjugacy.report.comparison.lines import lines_of
from conjugacy.report.comparison.table import printable
from conjugacy.report.study.text import status_lines
from conjugacy.report.study.words import size_words

if TYPE_CHECKING:
    from conjugacy.comparison import Comparison
    from conjugacy.study import Study


def comparison_words(comparison: Comparison) -> str:
    """Return what `repr` says of a comparison."""
    a, b = comparison.networks
    said = ", ".join(f"{words.title} {words.answer}" for words in lines_of(comparison))
    return printable(
        f"<Comparison of {a} with {b}: {said}; next: print(this), .summary(), .report('page.html'), .figure('ladder'), "
        ".transformation('smooth'), .save('result.safetensors')>"
    )


def study_words(study: Study) -> str:
    """Return what `repr` says of a study."""
    said = "; ".join(f"{name}: {words}" for name, words in status_lines(study))
    return printable(
        f"<Study of {size_words(study)}; {said}; next: print(this), .classes(), .summary(), .report('page.html'), "
        ".figure('matrix'), .pair(a, b)>"
    )
