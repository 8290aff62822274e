"""The outputs of a pair as they stand, one record for each output: what drop-in is judged on."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from conjugacy.comparison.matched_pair import Pair
from conjugacy.results import DropIn, Margins
from conjugacy.results.reason import reasons
from conjugacy.verdict import Asked, KnownOutputs
from conjugacy.verdict.drop_in import AsTheyStand, all_heads, judge_drop_in
from conjugacy.verdict.heads import pair_heads

WEIGHTS = "weights_sha256"  # in a recording's provenance


@dataclass(frozen=True, eq=False)
class OutputsAsTheyStand:
    """The outputs of a pair.

    Attributes
    ----------
    given : tuple of AsTheyStand
        One for each output that both have.
    missing : tuple of str
        Outputs of A that B has not.
    warnings : tuple of str
        What else is to be told of which outputs there are.
    """

    given: tuple[AsTheyStand, ...] = ()
    missing: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    @classmethod
    def of(cls, pair: Pair, margins: Margins, seed: int) -> OutputsAsTheyStand:
        """Return the outputs on the matched rows; none where rows are not matched or a network has no outputs.

        What A was to answer counts, else what B was: B takes A's place.
        """
        if pair.matching is None or not pair.a.heads or not pair.b.heads:
            return cls()
        found = pair_heads(pair.a.heads, pair.b.heads)
        several = len(found.pairs) + len(found.alone[0]) > 1
        given = tuple(_head(pair, names, margins, seed, names[0] if several else None) for names in found.pairs)
        more = tuple(f"B has an output more: {name}" for name in found.alone[1])
        return cls(given, found.alone[0], more)

    def judged(self, margins: Margins | None = None) -> DropIn:
        """Return whether B replaces A, over all outputs; against other margins where these are given."""
        given = self.given if margins is None else [replace(one, margins=margins) for one in self.given]
        heads = [*(_absent(name, margins) for name in self.missing), *(judge_drop_in(one) for one in given)]
        if not heads:
            return DropIn.not_tested(
                "no outputs on matched rows: save both networks' outputs as 'outputs', with stimulus ids"
            )
        found = all_heads(heads)
        return replace(found, warnings=(*found.warnings, *self.warnings))

    def on_rows(self, rows: np.ndarray, **changed: Any) -> OutputsAsTheyStand:
        """Return the same outputs on some of their rows, with something changed in each."""
        return replace(self, given=tuple(replace(_on_rows(one, rows), **changed) for one in self.given))


def _absent(name: str, margins: Margins | None) -> DropIn:
    why = f"B has no output {name}, which A has"
    return DropIn("no", reasons("data", why), head=name, margins=margins or Margins())


def _head(pair: Pair, names: tuple[str, str], margins: Margins, seed: int, told: str | None) -> AsTheyStand:
    matching = pair.matched
    a = pair.side(pair.a, names[0], as_output=True)
    b = pair.side(pair.b, names[1], as_output=True)
    known = KnownOutputs(a, b, matching.stimuli, matching.clusters, Asked(margins.tolerance, seed))
    weights = [recording.provenance.get(WEIGHTS) for recording in (pair.a, pair.b)]
    return AsTheyStand(
        a=a.values,
        b=b.values,
        kinds=known.outputs.given,
        targets=known.targets[0],
        clusters=matching.clusters,
        stimuli=matching.stimuli,
        positions=matching.rows_a,
        margins=margins,
        seed=seed,
        head=told,
        equal_weights=weights[0] is not None and weights[0] == weights[1],
    )


def _on_rows(given: AsTheyStand, rows: np.ndarray) -> AsTheyStand:
    """Return the same outputs on some of their rows."""
    _, clusters = np.unique(given.clusters[rows], return_inverse=True)
    return replace(
        given,
        a=given.a[rows],
        b=given.b[rows],
        targets=None if given.targets is None else given.targets[rows],
        clusters=clusters.astype(np.int64),
        stimuli=given.stimuli[rows],
        positions=given.positions[rows],
    )
