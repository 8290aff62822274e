"""What is said of an axis on which no families of maps were fitted: how its dynamics compare, or why it was not tested."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from conjugacy.report.comparison.axes import verdict_on
from conjugacy.report.comparison.section import Section
from conjugacy.results.axis import AXES

if TYPE_CHECKING:
    from conjugacy.comparison import Comparison

HOW_TO = {
    "function": (
        "This axis needs the outputs of both networks on the same stimuli: name the output layer <code>outputs</code>, "
        "or say which it is with <code>--output-layer</code>."
    ),
    "representation": (
        "This axis needs a hidden layer of both networks on the same stimuli: "
        "<code>conjugacy record MODEL --layer NAME</code>."
    ),
    "dynamics": "This axis needs trajectories: layers of shape trials x time x units.",
}


def _values(comparison: Comparison, place: str) -> Mapping[str, Any] | None:
    verdict = verdict_on(comparison, place)
    if verdict.rungs:
        return None
    return {"verdict": verdict, "how_to": Markup(HOW_TO[place])}  # noqa: S704  (our own text)


SECTION = Section(AXES, _values)
