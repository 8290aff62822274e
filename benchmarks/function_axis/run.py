"""Run `compare` on each case and write one line: the truth, which answers are right, and which answer was given.

Cases that have a line are skipped, so a run that was stopped continues. Delete the table if the code that answers has changed.
`--quick` runs one seed into a separate table. Several parts (`--part 0/2`, `--part 1/2`) may run
at once into `cases-0.csv` and `cases-1.csv`; `--join` combines them. `--only WORD,WORD` selects families by name.
"""

from __future__ import annotations

import argparse
import csv
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
from parts import join_parts

import conjugacy as cj
from conjugacy.comparison.as_they_stand import as_they_stand, judge_outputs
from conjugacy.comparison.matched_pair import make_pair
from conjugacy.comparison.setup import Setup
from conjugacy.results import DropIn, Margins
from conjugacy.verdict import function_answer
from conjugacy.verdict.decide import constant_answer
from conjugacy.verdict.heads import combined_answer, left_open

from . import families_numbers, families_scores, families_siblings, families_tasks, summary
from . import truth as true
from .case import Case
from .networks import Bench

HERE = Path(__file__).parent
TABLE = HERE / "cases.csv"
FAMILIES: tuple[Callable[[Bench], Iterator[Case]], ...] = (
    families_tasks.copies,
    families_tasks.one_task,
    families_scores.temperature,
    families_scores.class_shifted,
    families_tasks.renamed,
    families_tasks.merged,
    families_tasks.other_targets,
    families_tasks.shortcut,
    families_tasks.backdoor,
    families_scores.masked,
    families_scores.sigmoids,
    families_scores.heads,
    families_numbers.untrained,
    families_numbers.regression,
    families_numbers.outliers,
    families_siblings.made_cheaper,
    families_siblings.bugs,
    families_siblings.sequences,
    families_siblings.retrained,
)
NUMBERS = ("accuracy_a", "accuracy_b", "agreement", "expected", "recall_fall", "identity")
FIELDS = ("family", "case", "seed", "churn", "error", "class_error", *NUMBERS, "drop_in_true", "drop_in_right", "drop_in_near",
          "drop_in_oracle", "same", "same_oracle", "drop_in", "function", "rows_named", "seconds", "said_drop_in",
          "said_function")  # fmt: skip
SAID, TOLERANCE = 160, 0.05


def known(case: Case) -> dict[str, object]:
    """Return the part of a line that is true of the case."""
    truth, values = case.truth, case.truth.quantities
    worst = [q.value for q in values if q.name.startswith("class ")]
    named = {q.name: q.value for q in values}
    churns = [named[name] for name in ("churn", "worst column", "rows beyond") if name in named]
    return {
        "family": case.family,
        "case": case.name,
        "churn": churns[0] if churns else "",
        "error": named.get("error", ""),
        "class_error": max(worst) if worst else "",
        **{name: truth.numbers.get(name, "") for name in NUMBERS},
        "drop_in_true": true.drop_in_exact(values),
        "drop_in_right": "|".join(truth.drop_in_right),
        "drop_in_near": int(true.drop_in_near(values)),
        "drop_in_oracle": int(true.drop_in_oracle(values)),
        "same": truth.same,
        "same_oracle": "" if truth.same_oracle is None else int(truth.same_oracle),
    }


def asked(case: Case, seed: int, *, full: bool = False) -> dict[str, object]:
    """Return the part of a line that came out: the two answers, the sentences that carry them, and the time.

    With `--quick` they come out of `compare`. Else what it asks is asked, and no more: the answers are the same
    (`tests/study/test_one_answer.py`), at a tenth of the cost.
    """
    start = time.process_time()
    try:
        drop_in, answer, said = in_full(case, seed) if full else answers_alone(case, seed)
    except cj.ConjugacyError as error:
        said = _short(f"{type(error).__name__}: {error}")
        return {"drop_in": "refused", "function": "refused", "rows_named": "", "seconds": time.process_time() - start,
                "said_drop_in": said, "said_function": said}  # fmt: skip
    return {
        "drop_in": drop_in.answer,
        "function": answer,
        "rows_named": _rows_named(case, [row.position for row in drop_in.rows]),
        "seconds": time.process_time() - start,
        "said_drop_in": _short(drop_in.reasons[0] if drop_in.reasons else ""),
        "said_function": _short(said),
    }


def in_full(case: Case, seed: int) -> tuple[DropIn, str, str]:
    """Return both answers and the sentence that carries the second, out of a whole comparison."""
    result = cj.compare(*case.recordings(), controls="none", seed=seed)
    return result.drop_in, result.verdict.function.answer, result.verdict.function.deciding


def answers_alone(case: Case, seed: int) -> tuple[DropIn, str, str]:
    """Return the same with no more maps than the answer needs."""
    pair = make_pair(*case.recordings(), match="stimuli", groups=None)
    setup = Setup(pair, TOLERANCE, seed, lambda _: None)
    heads, pairs = setup.outputs
    found = [constant_answer(h.known) if any(h.known.constant) else function_answer(h.known) for h in heads]
    decided = [head.known.same_task.sentence for head in heads if head.known.same_task is not None]
    drop_in = judge_outputs(as_they_stand(setup, Margins()))
    return drop_in, left_open(combined_answer(found), pairs), "; ".join([*found, *decided])


def _rows_named(case: Case, positions: Sequence[int]) -> str:
    """Return how many of the rows named were made to differ."""
    if case.carrying is None or not case.carrying.any():
        return ""
    return f"{int(case.carrying[np.array(positions, dtype=int)].sum())} of {len(positions)}"


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= SAID else line[: SAID - 3] + "..."


def cases(bench: Bench, only: str = "") -> Iterator[Case]:
    """Yield the cases of a seed."""
    for family in FAMILIES:
        if any(word in family.__name__ for word in only.split(",")):
            yield from family(bench)


def lines_of(table: Path) -> list[dict[str, str]]:
    """Return what is in a table."""
    if not table.exists():
        return []
    with table.open(newline="") as file:
        return list(csv.DictReader(file))


def run(table: Path, seeds: Sequence[int], only: str = "", *, full: bool = False) -> None:
    """Run what is missing and append it line by line."""
    have = {(r["family"], r["case"], int(r["seed"])) for r in lines_of(table)}
    with table.open("a", newline="") as file:
        writer: csv.DictWriter[str] = csv.DictWriter(file, FIELDS)
        if not have:
            writer.writeheader()
        for seed in seeds:
            for case in cases(Bench(seed), only):
                if (case.family, case.name, seed) in have:
                    continue
                line = {**known(case), "seed": seed, **asked(case, seed, full=full)}
                writer.writerow({k: f"{v:.4g}" if isinstance(v, float) else v for k, v in line.items()})
                file.flush()
                print(
                    f"seed {seed}: {case.family}, {case.name}: {line['drop_in']}, {line['function']}", file=sys.stderr
                )


def main() -> None:
    """Run all cases, or the quick part, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one seed, into a table that is not kept")
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--part", default="0/1", help="I/N: every N-th seed, from I on, into a table of its own")
    parser.add_argument("--only", default="", help="families whose function's name holds this")
    parser.add_argument("--table", type=Path, help="another table")
    parser.add_argument("--join", action="store_true", help="put the tables of the parts into one")
    given = parser.parse_args()
    torch.set_num_threads(1)
    if given.join:
        join_parts(TABLE, FIELDS, lines_of)
    elif given.quick:
        with tempfile.TemporaryDirectory() as folder:
            start, table = time.process_time(), Path(folder) / "cases.csv"
            run(table, [0], given.only, full=True)
            print(summary.screen(summary.read(table)))
            print(f"{time.process_time() - start:.0f} CPU s")
        return
    else:
        part, parts = (int(x) for x in given.part.split("/"))
        own = given.table or (TABLE if parts == 1 else HERE / f"cases-{part}.csv")
        run(own, range(given.seeds)[part::parts], given.only)
        if parts > 1:
            return
    print(summary.screen(summary.read(given.table or TABLE)))
