"""What conditions ask of one layer of each network."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from conjugacy.comparison.axes import UNMATCHED
from conjugacy.comparison.setup import Setup
from conjugacy.measure import get_measure
from conjugacy.numerics.columns import any_varies
from conjugacy.report.words import percent
from conjugacy.results import AxisVerdict, Gain, Score
from conjugacy.results.reason import reasons
from conjugacy.transformations import RUNGS, rung_named
from conjugacy.verdict import Context, KnownLayers, Side, decide_representation, representation_answer
from conjugacy.verdict.sameness import same_layers


@dataclass(frozen=True, eq=False)
class LayerFacts:
    """One layer of each network, and what a whole comparison has said of them already, if it has."""

    setup: Setup
    layers: tuple[str, str]
    said: AxisVerdict | None = None

    @cached_property
    def sides(self) -> tuple[Side, Side]:
        """Both layers on the matched rows."""
        pair = self.setup.pair
        return pair.side(pair.a, self.layers[0]), pair.side(pair.b, self.layers[1])

    @cached_property
    def axis(self) -> AxisVerdict:
        """The simplest map, as a comparison finds it; controls turn no answer, and are left out."""
        if self.said is not None:
            return self.said
        if self.setup.pair.matching is None:
            return AxisVerdict.not_tested(UNMATCHED)
        flat = [name for name, side in zip(self.layers, self.sides, strict=True) if not any_varies(side.values)]
        if flat:
            return AxisVerdict.not_tested(f"no unit of {' and '.join(flat)} varies over these stimuli")
        known = self.known
        if representation_answer(known) != "equivalent":
            return decide_representation(known, Context(self.layers, "", ()), (), Gain())
        same = same_layers(known)
        about = reasons("maps", self._said()) if same is None else reasons("identity", same)
        return AxisVerdict("equivalent", about, rung=known.ladder.rung, layers=self.layers)

    def _said(self) -> str:
        """Tell of the map that holds, which is known without those beyond it."""
        ladder = self.known.ladder
        a_to_b, b_to_a = (percent(ladder.estimate(d, ladder.told_rung)) for d in ladder.directions)
        return f"{rung_named(ladder.told_rung).short}, {a_to_b} unexplained A->B, {b_to_a} B->A"

    @cached_property
    def known(self) -> KnownLayers:
        """Both layers, and the maps between them as far as they are asked for."""
        matching = self.setup.matching
        self.setup.progress(f"comparing {self.name}")
        return KnownLayers(*self.sides, matching.stimuli, matching.clusters, self.setup.asked, matching.told)

    @property
    def states(self) -> dict[str, str]:
        """The state of every rung up to the first that holds both ways, the simplest first; none where nothing was tested."""
        if self.said is not None or self.axis.answer == "not_tested" or self.axis.rungs:
            return states_of(self.axis)
        found: dict[str, str] = {}
        for rung in RUNGS:
            ways = [self.known.ladder.state(d, rung) for d in self.known.ladder.directions]
            found[rung] = "fails" if "fails" in ways else "undecided" if "undecided" in ways else "holds"
            if found[rung] == "holds":
                break
        return found

    def score(self, measure: str) -> Score:
        """Return what a measure says of the two layers."""
        return get_measure(measure)(self.sides[0].values, self.sides[1].values)

    @property
    def name(self) -> str:
        """Both names, once where they are the same."""
        a, b = self.layers
        return f"layer {a}" if a == b else f"layers {a}:{b}"


def states_of(axis: AxisVerdict) -> dict[str, str]:
    """Return the state of every rung of an axis."""
    return {result.rung: result.status for result in axis.rungs}
