"""Summary of the table of cases: how many are wrong, undecided, and decided where an oracle decides, by family and claim."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from shares import share

from .truth import RIGHT_SAME

HERE = Path(__file__).parent
OPEN = ("undecided", "not_tested", "refused")


@dataclass(frozen=True)
class Claim:
    """One claim of one pair: the answer, which are right, and whether an oracle decides; None where that is not known."""

    family: str
    case: str
    seed: int
    answer: str
    right: tuple[str, ...]
    truth: str
    oracle: bool | None
    near: bool
    said: str

    @property
    def decided(self) -> bool:
        """Whether an answer was given that is not open."""
        return self.answer not in OPEN

    @property
    def wrong(self) -> bool:
        """Whether an answer was given that is not right."""
        return self.decided and self.answer not in self.right

    @property
    def wrong_at_the_margin(self) -> bool:
        """Whether the truth is at a margin and the answer is on the other side of it."""
        return self.near and self.decided and self.answer != self.truth

    @property
    def decidable(self) -> bool:
        """Whether somebody who knows the truth would decide at so many rows, and a decision could be right."""
        return bool(self.oracle) and any(r not in OPEN for r in self.right) and self.truth != "any"


@dataclass(frozen=True)
class Table:
    """All pairs, one claim at a time."""

    drop_in: tuple[Claim, ...]
    same: tuple[Claim, ...]
    seconds: tuple[float, ...]
    named: tuple[tuple[str, str], ...] = ()

    @property
    def seeds(self) -> int:
        """How many seeds there are."""
        return len({c.seed for c in self.drop_in})


def read(table: Path = HERE / "cases.csv") -> Table:
    """Return the claims in the table."""
    with table.open(newline="") as file:
        lines = list(csv.DictReader(file))
    return Table(
        tuple(_drop_in(r) for r in lines),
        tuple(_same(r) for r in lines),
        tuple(float(r["seconds"]) for r in lines),
        tuple((f"{r['family']}, {r['case']}", r["rows_named"]) for r in lines if r["rows_named"]),
    )


def _drop_in(r: dict[str, str]) -> Claim:
    return Claim(r["family"], r["case"], int(r["seed"]), r["drop_in"], tuple(r["drop_in_right"].split("|")), r["drop_in_true"],
                 bool(int(r["drop_in_oracle"])), bool(int(r["drop_in_near"])), r["said_drop_in"])  # fmt: skip


def _same(r: dict[str, str]) -> Claim:
    oracle = bool(int(r["same_oracle"])) if r["same_oracle"] else None
    return Claim(r["family"], r["case"], int(r["seed"]), r["function"], RIGHT_SAME[r["same"]], r["same"], oracle, False,
                 r["said_function"])  # fmt: skip


def _markdown(head: Sequence[str], lines: Iterable[Sequence[object]]) -> str:
    cells = [[str(c) for c in line] for line in lines]
    return "\n".join("| " + " | ".join(line) + " |" for line in [list(head), ["---"] * len(head), *cells])


def _count(claims: Iterable[Claim], of: Callable[[Claim], bool]) -> int:
    return sum(of(c) for c in claims)


def _line(name: str, claims: Sequence[Claim]) -> list[object]:
    able = [c for c in claims if c.decidable]
    return [
        name,
        len(claims),
        share(_count(claims, lambda c: c.wrong), len(claims)),
        _count(claims, lambda c: c.answer == "undecided"),
        _count(claims, lambda c: c.answer in ("not_tested", "refused")),
        share(_count(able, lambda c: c.decided and not c.wrong), len(able)),
    ]


def by_family(claims: Sequence[Claim]) -> str:
    """Return the table of one claim, a line per family and one for all."""
    families = list(dict.fromkeys(c.family for c in claims))
    lines = [_line(name, [c for c in claims if c.family == name]) for name in families]
    head = (
        "family",
        "pairs",
        "wrong",
        "undecided",
        "not tested, refused",
        "decided and right of those that an oracle decides",
    )
    return _markdown(head, [*lines, _line("all", claims)])


def required(table: Table) -> str:
    """Return the lines that must hold, as numbers."""
    away = [c for c in table.drop_in if not c.near]
    near = [c for c in table.drop_in if c.near]
    short: list[str] = []
    for what, claims in (("drop-in", table.drop_in), ("same task", table.same)):
        for name in dict.fromkeys(c.family for c in claims):
            able = [c for c in claims if c.family == name and c.decidable]
            hits = _count(able, lambda c: c.decided and not c.wrong)
            if able and hits < 0.8 * len(able):
                short.append(f"{what} of {name} ({hits} of {len(able)})")
    wrong = share(_count(table.same, lambda c: c.wrong), len(table.same))
    return "\n".join(
        [
            f"- drop-in, away from the margin by a factor 1.5, wrong: {share(_count(away, lambda c: c.wrong), len(away))}",
            f"- drop-in, at the margin, wrong: {share(_count(near, lambda c: c.wrong_at_the_margin), len(near))}",
            f"- same task, wrong: {wrong}",
            f"- families that decide less than 80 % of what an oracle decides: {', '.join(short) or 'none'}",
        ]
    )


def wrong_cases(claims: Sequence[Claim]) -> str:
    """Return every wrong case with the sentence that carried the answer, seeds together; one line each."""
    found: dict[tuple[str, str, str], list[Claim]] = {}
    for c in claims:
        if c.wrong or c.wrong_at_the_margin:
            found.setdefault((c.family, c.case, c.answer), []).append(c)
    lines = [
        f"- {family}, {case}: {answer}, right {' or '.join(own[0].right)} (seeds {', '.join(str(c.seed) for c in own)}): "
        f"{own[0].said}"
        for (family, case, answer), own in found.items()
    ]
    return "\n".join(lines) or "none"


def never_decided(claims: Sequence[Claim]) -> str:
    """Return the cases that an oracle decides in some seeds and that were never decided."""
    found: dict[tuple[str, str], list[Claim]] = {}
    for c in claims:
        if c.decidable:
            found.setdefault((c.family, c.case), []).append(c)
    lines = [
        f"- {family}, {case}: {own[0].answer}, 0 of {len(own)}: {own[0].said}"
        for (family, case), own in found.items()
        if not any(c.decided for c in own)
    ]
    return "\n".join(lines) or "none"


def rows_named(table: Table) -> str:
    """Return how many of the rows that drop-in names were made to differ, of the pairs of which that is known."""
    found: dict[str, list[tuple[int, int]]] = {}
    for case, counts in table.named:
        hits, named = counts.split(" of ")
        found.setdefault(case, []).append((int(hits), int(named)))
    lines = [[case, len(own), share(sum(h for h, _ in own), sum(n for _, n in own))] for case, own in found.items()]
    return _markdown(("case", "pairs", "rows named that were made to differ"), lines)


def screen(table: Table) -> str:
    """Return everything that is known, for the terminal."""
    parts = [
        f"{table.seeds} seeds; {sum(table.seconds):.0f} CPU s in the public door, at most {max(table.seconds):.1f} s a pair"
    ]
    parts.append(required(table))
    for name, claims in (("drop-in", table.drop_in), ("same task", table.same)):
        parts += [f"{name}\n{by_family(claims)}", f"{name}, wrong\n{wrong_cases(claims)}"]
        parts.append(f"{name}, decided by an oracle, never by us\n{never_decided(claims)}")
    parts.append(rows_named(table))
    return "\n\n".join(parts)


def text(table: Table) -> str:
    """Return the part of docs/calibration.md that is about outputs."""
    parts = [
        "## Answers about outputs",
        (HERE / "intro.md").read_text().strip(),
        f"### What is required\n\n{required(table)}",
    ]
    for title, claims in (("Drop-in", table.drop_in), ("Same task", table.same)):
        told = f"Wrong, each with the sentence that carried it:\n\n{wrong_cases(claims)}"
        parts.append(f"### {title}\n\n{by_family(claims)}\n\n{told}")
    parts.append(f"### Rows that carry the difference\n\n{rows_named(table)}")
    return "\n\n".join(parts)
