"""Run the measure `verdict` on each pair and write one line: the truth, what an oracle decides, and the answer.

Pairs that have a line are skipped, so a run that was stopped continues. Delete the table if the code that answers has changed
(`--truths` takes the truth and the oracle's answers from the old one). `--quick` runs one seed, at most 300 rows, into a table
that is not kept. Several parts (`--part 0/2`, `--part 1/2`) may run at once into `pairs-0.csv` and `pairs-1.csv`; `--join`
combines them.
"""

from __future__ import annotations

import argparse
import csv
import sys
import tempfile
import time
import warnings
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from parts import join_parts

import conjugacy as cj
from conjugacy.measure.rules import RULES

from . import blind, blind_second, families_codes, families_layers, families_rows, summary
from .family import Family
from .oracle import Oracle
from .world import Array, Drawn, answer_of, away

HERE = Path(__file__).parent
TABLE = HERE / "pairs.csv"
FAMILIES: tuple[Family, ...] = (
    *families_rows.FAMILIES,
    *families_layers.FAMILIES,
    *families_codes.FAMILIES,
    *blind.FAMILIES,
    *blind_second.FAMILIES,
)
FIELDS = ("family", "blind", "seed", "m", "n_a", "n_b", "rows", "given", "relation", "truth_ab", "truth_ba", "true", "away",
          "limit", "oracle", "oracle_ab", "oracle_ba", "shared_found", "answer", "rung", "value", "p", "rules",
          "seconds")  # fmt: skip


def recordings(drawn: Drawn) -> tuple[cj.Recording, cj.Recording]:
    """Return both networks as a user brings them: with what the family says was given, and nothing else."""
    world = drawn.world
    labels = world.labels or (None, None)
    return _recording(drawn, drawn.a, labels[0], "A"), _recording(drawn, drawn.b, labels[1], "B")


def _recording(drawn: Drawn, values: Array, label: int | None, name: str) -> cj.Recording:
    world, rows = drawn.world, drawn.world.design.clusters
    layer = cj.Activations(
        values,
        stimuli=rows if "stimuli" in world.given else None,
        groups=rows if "groups" in world.given else None,
        inputs=np.hstack(drawn.latent) if "inputs" in world.given else None,
    )
    targets = drawn.latent[label][:, 0].astype(int) if "targets" in world.given and label is not None else None
    return cj.Recording({"hidden": layer}, name=name, targets=targets)


def known(family: Family, seed: int, drawn: Drawn) -> dict[str, object]:
    """Return the part of a line that is true of the pair, and what the oracle decides."""
    world, truth = drawn.world, drawn.world.truth()
    oracle = Oracle(drawn, seed)
    return {
        "family": family.name,
        "blind": int(family.blind),
        "seed": seed,
        "m": world.design.m,
        "n_a": drawn.a.shape[1],
        "n_b": drawn.b.shape[1],
        "rows": world.design.name,
        "given": " ".join(sorted(world.given)),
        "relation": world.relation,
        "truth_ab": truth[0],
        "truth_ba": truth[1],
        "true": answer_of(truth, world.relation == "unrelated"),
        "away": int(away(truth) and world.relation != "near"),
        "limit": world.limit,
        "oracle": "limit" if world.limit else "decided" if oracle.decides(truth) else "open",
        "oracle_ab": oracle.ways[0],
        "oracle_ba": oracle.ways[1],
        "shared_found": int(world.relation != "unrelated" and oracle.shared_found),
    }


def asked(drawn: Drawn) -> dict[str, object]:
    """Return the part of a line that came out."""
    start = time.process_time()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            score = cj.get_measure("verdict")(*recordings(drawn))
        said = {"answer": score.details["answer"], "rung": score.details["rung"] or "", "value": score.value,
                "p": "" if score.details["p"] is None else score.details["p"]}  # fmt: skip
    except cj.ConjugacyError as error:
        said = {"answer": "refused", "rung": type(error).__name__, "value": "", "p": ""}
    return {**said, "rules": RULES, "seconds": time.process_time() - start}


def lines_of(table: Path) -> list[dict[str, str]]:
    """Return what is in a table; a line cut short by a stop is left out."""
    if not table.exists():
        return []
    with table.open(newline="") as file:
        return [line for line in csv.DictReader(file) if line["seconds"]]


def run(
    table: Path,
    seeds: Sequence[int],
    families: Sequence[Family] = FAMILIES,
    most: int = 3000,
    truths: Sequence[dict[str, str]] = (),
) -> None:
    """Run what is missing and append it line by line; what is in `truths` is not computed again."""
    lines, true = lines_of(table), {(r["family"], int(r["seed"])): r for r in truths}
    have = {(r["family"], int(r["seed"])) for r in lines}
    with table.open("w", newline="") as file:
        writer: csv.DictWriter[str] = csv.DictWriter(file, FIELDS)
        writer.writeheader()
        writer.writerows(lines)
        file.flush()
        for seed in seeds:
            for family in families:
                if (family.name, seed) in have:
                    continue
                drawn = family.world(seed, most).draw(seed)
                line = {**(true.get((family.name, seed)) or known(family, seed, drawn)), **asked(drawn)}
                writer.writerow({k: f"{v:.4g}" if isinstance(v, float) else v for k, v in line.items()})
                file.flush()
                told = f"seed {seed}: {family.name}: {line['answer']}, true {line['true']}, oracle {line['oracle']}"
                print(told, file=sys.stderr)


def chosen(words: str) -> list[Family]:
    """Return the families whose name holds one of the words, in any case of letters; all without words."""
    wanted = [word.strip().lower() for word in words.split(",")]
    return [family for family in FAMILIES if any(word in family.name.lower() for word in wanted)]


def main() -> None:
    """Run all pairs, or the quick part, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--quick", action="store_true", help="one seed, at most 300 rows, into a table that is not kept"
    )
    parser.add_argument("--seeds", default="100", help="N, or FIRST:LAST with LAST left out")
    parser.add_argument("--families", default="", help="WORD,WORD: families whose name holds one of these")
    parser.add_argument("--part", default="0/1", help="I/N: every N-th seed, from I on, into a table of its own")
    parser.add_argument("--table", type=Path, help="another table")
    parser.add_argument(
        "--truths", type=Path, help="a table of other answers to the same pairs, whose truth and oracle are taken"
    )
    parser.add_argument("--before", type=Path, help="a table made by earlier code, shown for comparison")
    parser.add_argument("--join", action="store_true", help="put the tables of the parts into one")
    given = parser.parse_args()
    families = chosen(given.families)
    if given.quick:
        with tempfile.TemporaryDirectory() as folder:
            start, table = time.process_time(), Path(folder) / "pairs.csv"
            run(table, [0], families, most=300)
            print(summary.text(summary.read(table)))
            print(f"{time.process_time() - start:.0f} CPU s")
        return
    part, parts = (int(x) for x in given.part.split("/"))
    table = given.table or (TABLE if parts == 1 else HERE / f"pairs-{part}.csv")
    if given.join:
        join_parts(TABLE, FIELDS, lines_of)
    else:
        first, last = (int(x) for x in given.seeds.split(":")) if ":" in given.seeds else (0, int(given.seeds))
        run(table, range(first, last)[part::parts], families, truths=lines_of(given.truths) if given.truths else ())
    pairs = summary.read(table)
    print(summary.text(pairs))
    if given.before:
        print(summary.beside(summary.read(given.before), pairs))
