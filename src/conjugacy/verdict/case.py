"""An answer under way: what turns that of the maps alone, and the sentences that carry it."""

from __future__ import annotations

from collections.abc import Callable

from conjugacy.results import Reason
from conjugacy.results.reason import About
from conjugacy.transformations import Ladder
from conjugacy.verdict.relation import ladder_answer
from conjugacy.verdict.sentences import of_maps


class Case:
    """An answer under way, with the sentences that carry it; those that decide nothing are written only when they are read."""

    def __init__(self, ladder: Ladder, same: str | None = None) -> None:
        self._ladder, self.same = ladder, same
        self._alone = self.answer = ladder_answer(ladder)
        self._turned: list[tuple[About, str]] = []
        self._more: list[tuple[About, Callable[[], str | None]]] = []

    def take(self, answer: str, about: About, sentence: str | None) -> None:
        """Take an answer for a reason; one that turns the answer decides."""
        if answer != self.answer and sentence is not None:
            self._turned.append((about, sentence))
        else:
            self.add(about, lambda: sentence)
        self.answer = answer

    def rest_on(self, answer: str, about: About, sentence: str | None) -> None:
        """Let the answer rest on something other than the maps, whatever these say; without a sentence nothing changes."""
        if sentence is not None:
            self._turned.append((about, sentence))
            self.answer = answer

    def add(self, about: About, sentence: Callable[[], str | None]) -> None:
        """Add a sentence that leaves the answer as it is."""
        self._more.append((about, sentence))

    def reasons(self, over: str | None = None) -> tuple[Reason, ...]:
        """Return all sentences, the one that decided first; `over` is one that overrules the rest."""
        found = self._turned[::-1]
        if self.same is not None:
            found.insert(0, ("identity", self.same))
        else:
            maps = of_maps(self._ladder, self._alone)
            found.append(("maps", f"the maps alone: {maps}" if self._turned else maps))
        for about, sentence in self._more:
            said = sentence()
            if said is not None:
                found.append((about, said))
        if over is not None:
            found.insert(0, ("rows", over))
        return tuple(Reason(text, about=about, decided=i == 0) for i, (about, text) in enumerate(found))
