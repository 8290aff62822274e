"""The outputs of a pair: which belong together, and what is known of each."""

from __future__ import annotations

from dataclasses import dataclass

from conjugacy.comparison.matched_pair import Pair
from conjugacy.verdict import Asked, KnownOutputs
from conjugacy.verdict.heads import HeadPairs, pair_heads


@dataclass(frozen=True, eq=False)
class HeadPair:
    """One output of both networks, on the matched rows.

    Attributes
    ----------
    names : (str, str)
        What each network calls it.
    known : KnownOutputs
    """

    names: tuple[str, str]
    known: KnownOutputs

    @property
    def name(self) -> str:
        """What A calls it."""
        return self.names[0]


def paired_heads(pair: Pair, asked: Asked) -> tuple[tuple[HeadPair, ...], HeadPairs]:
    """Return the outputs that both networks have, and which have no counterpart.

    Raises
    ------
    StimuliError
        Where the rows are not matched.
    """
    matching, pairs = pair.matched, pair_heads(pair.a.heads, pair.b.heads)
    found: list[HeadPair] = []
    for names in pairs.pairs:
        sides = pair.side(pair.a, names[0], as_output=True), pair.side(pair.b, names[1], as_output=True)
        found.append(HeadPair(names, KnownOutputs(*sides, matching.stimuli, matching.clusters, asked, matching.told)))
    return tuple(found), pairs
