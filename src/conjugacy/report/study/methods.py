"""How a study came about, as a paragraph that can stand in a paper."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conjugacy.measure import denies
from conjugacy.report.study.words import counted
from conjugacy.results import Classes

if TYPE_CHECKING:
    from conjugacy.study import Study


def methods_words(study: Study, classes: Classes | None) -> str:
    """Return the paragraph: networks, measures, layers, intervals, classes, software."""
    settings = study.settings
    rows, columns = (len(names) for names in study.networks)
    who = (
        f"{rows} networks were compared with each other"
        if study.is_square
        else f"{rows} networks were compared with {columns} others"
    )
    sentences = [f"{who} with Conjugacy {settings.get('versions', {}).get('conjugacy', '')}".rstrip() + "."]
    measures = f"The {'measure was' if len(study.measures) == 1 else 'measures were'} {_listed(study.measures)}"
    sentences.append(f"{measures}, on {_listed(study.layer_pairs)}.")
    verdicts = [name for name in study.measures if name.partition(":")[0] == "verdict"]
    if verdicts:
        sentences.append(
            "Verdicts rest on maps fitted in both directions and judged on rows held out. A map holds where the upper end of the "
            "95 % interval of the unexplained variance lies below the tolerance."
        )
        fails = "It fails where the lower end lies above it."
        sentences.append(fails if any(map(denies, verdicts)) else "First fits alone were made, and none was denied.")
    draws = settings.get("draws", 0)
    if draws:
        sentences.append(f"Other measures have permutation p and intervals from {draws} draws.")
    if settings.get("seed") is not None:
        sentences.append(f"All random draws used seed {settings['seed']}.")
    if study.unread:
        sentences.append(f"{counted(len(study.unread), 'network')} could not be compared.")
    if classes is not None and classes.rule:
        sentences.append(f"Classes: {classes.rule.rstrip('.')}.")
    return " ".join(sentences)


def _listed(names: tuple[str, ...]) -> str:
    if len(names) > 4:
        return f"{', '.join(names[:3])} and {len(names) - 3} more"
    return f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else "".join(names) or "none"
