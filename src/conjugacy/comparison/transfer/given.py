"""What a transfer is made between: the two networks' layers, rows matched as `compare` matches them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np

from conjugacy.activations import RecordOptions, is_live
from conjugacy.activations.shown import as_shown
from conjugacy.asked import number, one_of, whole_number
from conjugacy.comparison.copies import sources_of
from conjugacy.comparison.given import Showing, network_given, with_targets
from conjugacy.comparison.matched_pair import choose_layers, make_pair
from conjugacy.comparison.representation import control_values
from conjugacy.comparison.setup import Setup, own_targets
from conjugacy.data import Layers, one_layer_pair
from conjugacy.data.foreign import plain_array
from conjugacy.errors import InputError
from conjugacy.numerics.columns import any_varies
from conjugacy.transformations import Ladder
from conjugacy.transformations.read_through import MAPS
from conjugacy.verdict import CONTROLS, KnownLayers
from conjugacy.verdict.dependence import checked_rows

KINDS = ("probe", "classifier", "steering")


@dataclass(frozen=True, eq=False)
class TransferAsked:
    """How a transfer is asked for; attributes as the parameters of `transfer`."""

    kind: str
    map: str
    tolerance: float
    seed: int
    layers: tuple[str, str] | None
    groups: np.ndarray | None
    rows: str | None
    controls: bool
    how: RecordOptions = field(default_factory=RecordOptions)

    @classmethod
    def of(cls, *, layers: Layers, groups: Any, **given: Any) -> TransferAsked:
        """Check what was given.

        Raises
        ------
        InputError
            Naming what cannot be used, and what was expected.
        """
        held = number("tolerance", given["tolerance"])
        if not 0 < held < 1:
            raise InputError(f"tolerance: got {held}, expected a fraction between 0 and 1")
        return cls(
            one_of("kind", given["kind"], KINDS),
            one_of("map", given["map"], MAPS),
            held,
            whole_number("seed", given["seed"]),
            one_layer_pair(layers),
            None if groups is None else plain_array(groups, "groups"),
            checked_rows(given["rows"]),
            one_of("controls", given["controls"], ("auto", "none")) == "auto",
        )


@dataclass(frozen=True, eq=False)
class Between:
    """Two layers with matched rows, and what is known beside them.

    Attributes
    ----------
    setup : Setup
    layers : (str, str)
    """

    setup: Setup
    layers: tuple[str, str]

    @cached_property
    def known(self) -> KnownLayers:
        """The two layers."""
        pair, matching = self.setup.pair, self.setup.matching
        sides = [pair.side(recording, name) for recording, name in zip((pair.a, pair.b), self.layers, strict=True)]
        for who, name, side in zip("AB", self.layers, sides, strict=True):
            if not any_varies(side.values):
                raise InputError(f"layer {name!r} of {who}: no unit varies over these stimuli; choose another one")
        return KnownLayers(sides[0], sides[1], matching.stimuli, matching.clusters, self.setup.asked, matching.told)

    @property
    def ladder(self) -> Ladder:
        """The maps between them."""
        return self.known.ladder

    @property
    def targets(self) -> np.ndarray | None:
        """What the networks were to answer on the matched rows; None where it is not known."""
        return own_targets(self.setup.pair)[0]

    @property
    def notes(self) -> tuple[str, ...]:
        """What was done that was not asked for."""
        return (*self.setup.pair.notes, *self.known.repeated)

    def copies(self) -> dict[str, np.ndarray]:
        """Return by kind the layer of one copy of B that learned nothing."""
        found = {kind: control_values(self.setup, self.layers, kind)[1] for kind in CONTROLS}
        return {kind: values[0] for kind, values in found.items() if values}


def between(
    networks: tuple[Any, Any],
    stimuli: Any,
    targets: Any,
    untrained_b: Any,
    asked: TransferAsked,
    tell: Callable[[str], None],
) -> Between:
    """Record what lives, match the rows, choose the layers.

    Raises
    ------
    InputError
        Where a live network is given without stimuli, or something cannot be used.
    """
    live = is_live(networks[0]), is_live(networks[1])
    if any(live) and stimuli is None:
        raise InputError("live networks need stimuli: transfer(probe, model_a, model_b, stimuli=x)")
    seen = None if stimuli is None else as_shown(stimuli)
    showing = Showing(seen, targets, asked.seed, asked.controls, tell, how=asked.how, layers_alone=True)
    named = asked.layers or (None, None)
    given = (
        network_given(networks[0], "a", replace(showing, with_controls=False), None, named[0]),
        network_given(networks[1], "b", showing, untrained_b, named[1]),
    )
    pair = make_pair(*with_targets(given, live, targets), match="stimuli", groups=asked.groups)
    setup = Setup(
        pair=pair,
        tolerance=asked.tolerance,
        seed=asked.seed,
        progress=tell,
        layers=asked.layers,
        controls=((), given[1].copies.recordings),
        control_sources=sources_of((given[0].copies, given[1].copies)),
        rows=asked.rows,
    )
    return Between(setup, choose_layers(pair, asked.layers)[0])
