"""Summary of the table of pairs: how many answers are wrong, and how many are given where an oracle decides, by family."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from shares import share

HERE = Path(__file__).parent
OPEN = ("undecided", "not_tested", "refused")
ONE_WAY = ("a_determines_b", "b_determines_a")
HOPELESS = "aliasing"  # what no estimator could see, and what no rows of this number show to be so


@dataclass(frozen=True)
class Pair:
    """One pair: what is true, what an oracle decides, what came."""

    family: str
    blind: bool
    seed: int
    m: int
    true: str
    away: bool
    limit: str
    oracle: bool
    shared_found: bool
    answer: str
    seconds: float
    given: str = ""
    rules: str = ""

    @property
    def decided(self) -> bool:
        """Whether an answer was given that is not open."""
        return self.answer not in OPEN

    @property
    def contradicts(self) -> bool:
        """Whether the answer and the truth exclude each other. `not_equivalent` excludes a map both ways, and no more."""
        if not self.decided or self.answer == self.true:
            return False
        if self.answer == "not_equivalent":
            return self.true == "equivalent"
        if self.answer == "unrelated":
            return self.shared_found
        return True

    @property
    def wrong(self) -> bool:
        """Whether the answer contradicts the truth, which is away from the tolerance."""
        return self.away and self.contradicts

    @property
    def decidable(self) -> bool:
        """Whether the oracle decides, and the truth is away from the tolerance."""
        return self.away and self.oracle


def read(table: Path) -> list[Pair]:
    """Return the pairs of a table."""
    with table.open(newline="") as file:
        return [_pair(line) for line in csv.DictReader(file) if line["seconds"]]


def _pair(r: dict[str, str]) -> Pair:
    yes = {key: bool(int(r[key])) for key in ("blind", "away", "shared_found")}
    return Pair(r["family"], yes["blind"], int(r["seed"]), int(r["m"]), r["true"], yes["away"], r["limit"],
                r["oracle"] == "decided", yes["shared_found"], r["answer"], float(r["seconds"]), r["given"],
                r.get("rules", ""))  # fmt: skip


def _table(head: Sequence[str], lines: Iterable[Sequence[object]]) -> str:
    cells = [[str(c) for c in line] for line in lines]
    return "\n".join("| " + " | ".join(line) + " |" for line in [list(head), ["---"] * len(head), *cells])


def _count(pairs: Iterable[Pair], of: Callable[[Pair], bool]) -> int:
    return sum(of(p) for p in pairs)


def _names(pairs: Sequence[Pair]) -> list[str]:
    return list(dict.fromkeys(p.family for p in pairs))


def _wrong(pairs: Sequence[Pair]) -> str:
    far = [p for p in pairs if p.away]
    return share(_count(far, lambda p: p.wrong), len(far))


def _reached(pairs: Sequence[Pair]) -> tuple[int, int]:
    able = [p for p in pairs if p.decidable]
    return _count(able, lambda p: p.decided), len(able)


def by_family(pairs: Sequence[Pair]) -> str:
    """Return a line per family and one for all."""
    lines: list[list[object]] = []
    for name in [*_names(pairs), "all"]:
        own = [p for p in pairs if name in (p.family, "all")]
        undecided = _count(own, lambda p: not p.decided)
        lines.append(
            [name, len(own), _wrong(own), undecided, share(*_reached(own)), _count(own, lambda p: bool(p.limit))]
        )
    head = (
        "family",
        "pairs",
        "wrong, away from the tolerance",
        "undecided",
        "decided of those that the oracle decides",
        "limits",
    )
    return _table(head, lines)


def required(pairs: Sequence[Pair]) -> str:
    """Return the lines that are required, as numbers."""
    judged = [p for p in pairs if p.limit != HOPELESS]
    families = {name: [p for p in judged if p.family == name] for name in _names(judged)}
    many = [
        f"{n} ({_count(own, lambda p: p.wrong)})" for n, own in families.items() if _count(own, lambda p: p.wrong) > 3
    ]
    few = [
        f"{n} ({hits} of {able})"
        for n, (hits, able) in ((n, _reached(o)) for n, o in families.items())
        if hits < 0.75 * able
    ]
    at_300 = [p for p in judged if p.m == 300 and p.decidable]
    return "\n".join(
        [
            f"- wrong over all, away from the tolerance by a factor 1.5: {_wrong(judged)}",
            f"- families with more than 3 wrong: {', '.join(many) or 'none'}",
            f"- families that decide less than 75 % of what the oracle decides: {', '.join(few) or 'none'}",
            f"- undecided at 300 rows where the oracle decides: {share(_count(at_300, lambda p: not p.decided), len(at_300))}",
        ]
    )


def by_rules(pairs: Sequence[Pair]) -> str:
    """Return which families were asked under which rules (`conjugacy.measure.rules`)."""
    found: dict[str, list[str]] = {}
    for rules, family in dict.fromkeys((p.rules, p.family) for p in pairs):
        found.setdefault(rules, []).append(family)
    return "\n".join(f"- asked under rules {rules}: {', '.join(found[rules])}" for rules in sorted(found))


def repeats(pairs: Sequence[Pair]) -> str:
    """Return how many pairs of near repeats are decided, by what is known of the stimuli and what is true.

    Without inputs, states that correspond one to one and do not carry over to unseen ones are left open, whatever is true.
    """
    own = [p for p in pairs if p.family == "repeats with jitter" and p.decidable]
    lines: list[list[object]] = []
    for given, match in ((g, m) for g in ("inputs", "") for m in (True, False)):
        these = [p for p in own if p.given == given and (p.true == "equivalent") == match]
        lines.append(
            [given or "nothing", "a map both ways" if match else "none", share(*_reached(these)), _wrong(these)]
        )
    return _table(("given", "true", "decided of those that the oracle decides", "wrong"), lines) if own else "none"


def wrong_answers(pairs: Sequence[Pair]) -> str:
    """Return what was said in place of what is true, family by family."""
    found: dict[tuple[str, str, str], list[int]] = {}
    for p in pairs:
        if p.wrong:
            found.setdefault((p.family, p.true, p.answer), []).append(p.seed)
    lines = [[f, true, said, len(s), " ".join(map(str, s[:12]))] for (f, true, said), s in sorted(found.items())]
    return _table(("family", "true", "said", "times", "seeds"), lines) if lines else "none"


def limits(pairs: Sequence[Pair]) -> str:
    """Return what was said of pairs that nobody could decide."""
    own = [p for p in pairs if p.limit]
    lines: list[list[object]] = []
    for family, limit in dict.fromkeys((p.family, p.limit) for p in own):
        these = [p for p in own if (p.family, p.limit) == (family, limit)]
        lines.append([family, limit, len(these), _count(these, lambda p: not p.decided), _wrong(these)])
    return _table(("family", "why", "pairs", "undecided", "wrong"), lines) if lines else "none"


def beside(before: Sequence[Pair], after: Sequence[Pair]) -> str:
    """Return what was wrong and undecided before and after, on the pairs that both tables have."""
    old = {(p.family, p.seed): p for p in before}
    both = [p for p in after if (p.family, p.seed) in old]
    lines: list[list[object]] = []
    for name in [*_names(both), "all"]:
        new = [p for p in both if name in (p.family, "all")]
        was = [old[p.family, p.seed] for p in new]
        lines.append([name, len(new), _count(was, lambda p: p.wrong), _count(new, lambda p: p.wrong),
                      _count(was, lambda p: not p.decided), _count(new, lambda p: not p.decided)])  # fmt: skip
    return _table(("family", "pairs", "wrong before", "after", "undecided before", "after"), lines)


def text(pairs: Sequence[Pair]) -> str:
    """Return all tables, as they are printed."""
    asked, blind = [p for p in pairs if not p.blind], [p for p in pairs if p.blind]
    parts: list[str] = []
    if asked:
        parts += [
            "### Families\n",
            required(asked),
            by_rules(asked),
            by_family(asked),
            "#### Wrong\n",
            wrong_answers(asked),
        ]
        parts += ["#### Repeats with jitter, by what is known of the stimuli\n", repeats(asked)]
        parts += ["#### Pairs that nobody could decide\n", limits(asked)]
    if blind:
        parts += ["### Blind families, as they came out\n", required(blind), by_family(blind), "#### Wrong, blind\n"]
        parts += [wrong_answers(blind)]
    return "\n\n".join(part.strip("\n") for part in parts)


def page(pairs: Sequence[Pair]) -> str:
    """Return all tables with what they mean, as a part of a page."""
    return f"{(HERE / 'intro.md').read_text()}\n{text(pairs)}"
