"""Measures of layers where no pair of layers was compared: on the outputs, and said so, or said why there is no score."""

from __future__ import annotations

from conjugacy.comparison.representation import LayersFound
from conjugacy.comparison.settings import Settings
from conjugacy.comparison.setup import Setup
from conjugacy.results import Score


def without_layers(setup: Setup, settings: Settings, units: LayersFound) -> tuple[tuple[Score, ...], tuple[str, ...]]:
    """Return the scores of measures that were asked for and have no pair of layers, and a note on each of them."""
    asked = [(name, m) for name, m in settings.measures if m.traits.data == "activations"]
    if units.scores or not asked:
        return (), ()
    pair, names = setup.pair, ", ".join(name for name, _ in asked)
    heads = pair.a.output_name, pair.b.output_name
    if pair.matching is None:
        return (), (
            f"{names}: not computed, the trials are unmatched and a measure of layers needs rows that belong together",
        )
    if None in heads:
        return (), (f"{names}: not computed, a network has neither a hidden layer nor outputs",)
    a, b = (pair.values(recording, str(head)) for recording, head in zip((pair.a, pair.b), heads, strict=True))
    return tuple(m(a, b) for _, m in asked), (f"{names}: computed on the outputs, since no hidden layer was compared",)
