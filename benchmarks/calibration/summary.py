"""Summary of the table of pairs: wrong and undecided answers, coverage, behaviour near the tolerance, the power check.

python benchmarks/calibration/summary.py    # reads pairs.csv and the cases of function_axis, writes docs/calibration.md
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
from function_axis import summary as outputs
from shares import share
from worlds import ELEVEN, KINDS

HERE = Path(__file__).parent
DOCS = HERE.parents[1] / "docs"
TOLERANCE = 0.05
BAND = (TOLERANCE / 1.5, TOLERANCE * 1.5)


@dataclass(frozen=True)
class Way:
    """One direction of a pair: the estimate with its interval, the power check's upper end, and what is true."""

    u: float
    low: float
    high: float
    power: float
    true: float
    fresh: float

    @property
    def near(self) -> bool:
        """Whether the truth lies in the band around the tolerance."""
        return BAND[0] <= self.true <= BAND[1]

    def state(self, *, with_power: bool = True) -> str:
        """Return holds, fails or undecided, as the smooth rung is judged."""
        if self.high < TOLERANCE:
            return "holds"
        return "fails" if self.low > TOLERANCE + (self.power if with_power else 0.0) else "undecided"

    @property
    def truth(self) -> str:
        """Whether a map exists within tolerance."""
        return "holds" if self.true < TOLERANCE else "fails"


@dataclass(frozen=True)
class Row:
    """One pair."""

    kind: str
    d: int
    m: int
    seed: int
    answer: str
    rung: str
    ways: tuple[Way, Way]
    p: float
    source: str
    rung_true: float | None
    seconds: float

    @property
    def truth(self) -> str:
        """The right answer."""
        if self.kind == "independent":
            return "unrelated"
        return _answer([way.truth for way in self.ways])

    @property
    def near(self) -> bool:
        """Whether the truth of a direction lies in the band around the tolerance."""
        return any(way.near for way in self.ways)

    @property
    def outcome(self) -> str:
        """Right, undecided or wrong; a no that leaves the relation open is undecided where it is no yes."""
        open_ = self.answer == "undecided" or (self.answer == "not_equivalent" and self.truth != "equivalent")
        return "undecided" if open_ else "right" if self.answer == self.truth else "wrong"

    @property
    def without_power(self) -> str:
        """Return the outcome if the smooth rung failed wherever its lower end is over the tolerance."""
        if self.answer == "equivalent":
            return self.outcome
        answer = _answer([way.state(with_power=False) for way in self.ways])
        if answer == "partly_related" and self.p > 0.01:
            answer = "unrelated"
        return "undecided" if answer == "undecided" else "right" if answer == self.truth else "wrong"


def _answer(states: Sequence[str]) -> str:
    answers = {("holds", "holds"): "equivalent", ("holds", "fails"): "a_determines_b", ("fails", "holds"): "b_determines_a",
               ("fails", "fails"): "partly_related"}  # fmt: skip
    return answers.get((states[0], states[1]), "undecided")


def read(tables: Iterable[Path]) -> list[Row]:
    """Return the rows of the tables."""
    return [_row(line) for table in tables for line in csv.DictReader(table.open())]


def _row(line: dict[str, str]) -> Row:
    ways = [
        Way(*(float(line[f"{key}_{way}"]) for key in ("u", "low", "high", "power", "true", "fresh")))
        for way in ("ab", "ba")
    ]
    return Row(
        kind=line["kind"],
        d=int(line["d"]),
        m=int(line["m"]),
        seed=int(line["seed"]),
        answer=line["answer"],
        rung=line["rung"],
        ways=(ways[0], ways[1]),
        p=float(line["p"]),
        source=line["source"],
        rung_true=float(line["rung_true"]) if line["rung_true"] else None,
        seconds=float(line["seconds"]),
    )


def _table(head: Sequence[str], lines: Iterable[Sequence[object]]) -> str:
    cells = [[str(c) for c in line] for line in lines]
    rule = ["---"] * len(head)
    return "\n".join("| " + " | ".join(line) + " |" for line in [list(head), rule, *cells])


def _count(rows: Sequence[Row], outcome: str) -> int:
    return sum(row.outcome == outcome for row in rows)


def by_rows(rows: Sequence[Row]) -> str:
    """Return wrong and undecided shares by number of rows and latent dimensions, away from the tolerance."""
    lines: list[list[object]] = []
    for m, d in sorted({(row.m, row.d) for row in rows}):
        far = [row for row in rows if (row.m, row.d) == (m, d) and not row.near]
        plain = [row for row in far if row.kind in ELEVEN]
        lines.append([m, d, len(far), share(_count(far, "wrong"), len(far)), share(_count(far, "undecided"), len(far)),
                      share(_count(plain, "undecided"), len(plain))])  # fmt: skip
    far = [row for row in rows if not row.near]
    lines.append(
        ["all", "", len(far), share(_count(far, "wrong"), len(far)), share(_count(far, "undecided"), len(far)), ""]
    )
    return _table(["rows", "d", "pairs", "wrong", "undecided", "undecided of the eleven first kinds"], lines)


def by_kind(rows: Sequence[Row]) -> str:
    """Return right, undecided and wrong answers per kind, near the tolerance or not."""
    cells = sorted({(row.m, row.d) for row in rows})
    lines: list[list[object]] = []
    for kind in KINDS:
        line: list[object] = [kind]
        for cell in cells:
            own = [row for row in rows if row.kind == kind and (row.m, row.d) == cell]
            counts = [_count(own, outcome) for outcome in ("right", "undecided", "wrong")]
            line.append(" / ".join(map(str, counts)) if own else "")
        lines.append(line)
    return _table(["kind", *(f"{m} rows, d = {d}" for m, d in cells)], lines)


def near(rows: Sequence[Row]) -> str:
    """Return what directions are judged whose truth lies near the tolerance."""
    lines: list[list[object]] = []
    for m in (*sorted({row.m for row in rows}), "all"):
        ways = [way for row in rows if m in (row.m, "all") for way in row.ways if way.near]
        wrong = sum(way.state() not in (way.truth, "undecided") for way in ways)
        undecided = sum(way.state() == "undecided" for way in ways)
        lines.append([m, len(ways), share(wrong, len(ways)), share(undecided, len(ways))])
    return _table(["rows", "directions", "wrong", "undecided"], lines)


def coverage(rows: Sequence[Row]) -> str:
    """Return how often the interval holds what it is to hold."""
    lines: list[list[object]] = []
    for m, d in sorted({(row.m, row.d) for row in rows}):
        ways = [way for row in rows if (row.m, row.d) == (m, d) and row.kind != "independent" for way in row.ways]
        ways = [way for way in ways if way.u > 1e-4]
        tests: list[Callable[[Way], bool]] = [
            lambda w: w.low <= w.fresh <= w.high,
            lambda w: w.fresh > w.high,
            lambda w: w.true > w.high,
            lambda w: w.true < w.low,
        ]
        lines.append([m, d, *(share(sum(test(way) for way in ways), len(ways)) for test in tests)])
    head = ["rows", "d", "error on fresh rows inside", "error on fresh rows above", "truth above", "truth below"]
    return _table(head, lines)


def power(rows: Sequence[Row]) -> str:
    """Return what the answers would be without the power check."""
    lines: list[list[object]] = []
    for m in sorted({row.m for row in rows}):
        own = [row for row in rows if row.m == m]
        without = [row.without_power for row in own]
        lines.append([m, share(_count(own, "wrong"), len(own)), share(without.count("wrong"), len(own)),
                      share(_count(own, "undecided"), len(own)), share(without.count("undecided"), len(own))])  # fmt: skip
    return _table(["rows", "wrong", "wrong without it", "undecided", "undecided without it"], lines)


def rungs(rows: Sequence[Row]) -> str:
    """Return how often a rung is named that leaves more than the tolerance on many rows."""
    lines: list[list[object]] = []
    for rung in ("identity", "permutation", "rotation", "affine"):
        named = [row.rung_true for row in rows if row.rung == rung and row.rung_true is not None]
        over = sum(true > TOLERANCE for true in named)
        lines.append([rung, len(named), share(over, len(named)), f"{100 * max(named, default=0.0):.1f} %"])
    return _table(["rung", "named", "leaves over 5 % on 20 000 rows", "at most"], lines)


def required(rows: Sequence[Row], eleven: set[str]) -> str:
    """Return the lines that must hold, as numbers."""
    far = [row for row in rows if not row.near]
    ways = [way for row in rows for way in row.ways if way.near]
    rough = [row for row in rows if row.kind in ("same relu", "misses half relu") and row.d == 8]
    plain = [row for row in rows if row.kind in eleven and (row.d, row.m) == (2, 300)]
    wrong = sum(way.state() not in (way.truth, "undecided") for way in ways)
    of_rough = f"{_count(rough, 'wrong')} wrong, {_count(rough, 'undecided')} undecided of {len(rough)}"
    return "\n".join(
        [
            f"- wrong verdicts where the truth is away from the tolerance: {share(_count(far, 'wrong'), len(far))}",
            f"- wrong directions where it is near: {share(wrong, len(ways))}",
            f"- relu networks of 8-dimensional inputs: {of_rough}",
            f"- the eleven first kinds, d = 2, 300 rows, decided and right: {share(_count(plain, 'right'), len(plain))}",
        ]
    )


def text(rows: Sequence[Row], eleven: set[str]) -> str:
    """Return all tables as Markdown."""
    parts = {
        "What is required": required(rows, eleven),
        "Away from the tolerance": by_rows(rows),
        "Kind by kind": by_kind(rows)
        + "\n\nRight / undecided / wrong; the graded kinds straddle the tolerance on purpose.",
        "Near the tolerance": near(rows),
        "Coverage of the interval": coverage(rows),
        "Without the power check": power(rows),
        "Names of rungs": rungs(rows),
    }
    return "\n\n".join(f"## {title}\n\n{part}" for title, part in parts.items())


def page(rows: Sequence[Row]) -> str:
    """Return the page: the ladder, then what is said of outputs."""
    parts = (text(rows, set(ELEVEN)), outputs.text(outputs.read()), (HERE / "outro.md").read_text())
    return f"{(HERE / 'intro.md').read_text()}\n" + "\n\n".join(parts)


def main() -> None:
    """Write the page and its figure."""
    from figure import draw

    rows = read([HERE / "pairs.csv"])
    (DOCS / "calibration.md").write_text(page(rows))
    draw(rows, DOCS / "figures" / "calibration.svg")


if __name__ == "__main__":
    main()
