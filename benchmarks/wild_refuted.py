"""What laxer checks would deny: maps between wild families' layers, with truth by construction, at several rules for "fails".

python benchmarks/wild_refuted.py [--seeds FIRST:LAST] [--quick]

Rows do not depend on each other, at most 1000 of them, at seeds that no table holds. Counted are directions that do not hold and
whose interval lies over the tolerance. A map exists if the best one leaves under two thirds of the tolerance, and none exists if
the best one leaves over 1.5 times of it. The rule asks for a lower end over both power checks. It also asks that errors fall by
less than .4 of what they fall for known functions as hard.
"""

from __future__ import annotations

import argparse
import warnings
from collections.abc import Iterator
from dataclasses import dataclass

from wild.run import FAMILIES, recordings
from wild.world import NEAR, TOLERANCE

import conjugacy as cj
from conjugacy.measures.verdict import matched_rows
from conjugacy.transformations import Ladder, judge
from conjugacy.transformations.more_rows import SETTLED

KINDS = ("d = 10 to 50", "superposition", "parity codes", "deep random networks", "TopK codes", "steep units", "modular codes",
         "power laws", "sparse codes", "k of 20 shared", "even functions", "massive units", "one massive unit shared",
         "common modes", "noisy linear neurons", "more units than rows")  # fmt: skip


@dataclass(frozen=True)
class Found:
    """One direction: whether there is a map, whether the checks of power are passed, and what is left of the known fall."""

    exists: bool
    beyond: bool
    flat: bool
    fall: float

    def fails(self, settled: float, *, power: bool) -> bool:
        """Return whether a rule calls it refuted."""
        return (self.beyond or not power) and (self.flat or self.fall < settled)


def ladder_of(family: str, seed: int, most: int) -> tuple[Ladder, tuple[float, float]]:
    """Return the ladder of a pair, and what the best maps leave."""
    world = next(f for f in FAMILIES if f.name == family).world(seed, most)
    measure = cj.get_measure("verdict")
    a, b = (measure.prepare(one) for one in recordings(world.draw(seed)))
    rows = matched_rows(a, b)
    layers = [side.side(at) for side, at in ((a, rows.rows_a), (b, rows.rows_b))]
    ends = [side.layer(side.values, 0) for side in layers]
    return judge(ends[0], ends[1], rows.clusters, tolerance=TOLERANCE), world.truth()


def directions(family: str, seed: int, most: int) -> Iterator[Found]:
    """Yield the directions that count."""
    ladder, truth = ladder_of(family, seed, most)
    for direction, left in zip(ladder.directions, truth, strict=True):
        standard = ladder.standard
        low = standard.estimate(direction, "smooth").low or 0.0
        near, more = TOLERANCE / NEAR <= left <= TOLERANCE * NEAR, direction.more_rows
        if (
            ladder.same is not None
            or near
            or more is None
            or low <= TOLERANCE
            or ladder.determines(direction) == "holds"
        ):
            continue
        power = max(check(direction).high or 0.0 for check in (standard.power, standard.power_there))
        fall = (1.0 - more.pair.ratio) / max(1.0 - more.known.ratio, 1e-9)
        yield Found(left < TOLERANCE, low > TOLERANCE + power, more.pair.is_flat, fall)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", default="100:125", help="FIRST:LAST, LAST left out")
    parser.add_argument("--quick", action="store_true", help="one seed, at most 200 rows")
    given = parser.parse_args()
    first, last = (100, 101) if given.quick else (int(x) for x in given.seeds.split(":"))
    most = 300 if given.quick else 1000
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = [one for seed in range(first, last) for family in KINDS for one in directions(family, seed, most)]
    print(f"{'errors fall by less than':>26} {'power checks':>14} {'maps denied':>14} {'no maps denied':>16}")
    for settled in (SETTLED, SETTLED + 0.1, SETTLED + 0.2):
        for power in (True, False):
            wrong, right = (
                [one.fails(settled, power=power) for one in found if one.exists == e] for e in (True, False)
            )
            counts = [f"{sum(each)} of {len(each)}" for each in (wrong, right)]
            print(f"{settled:26.1f} {'both' if power else 'none':>14} {counts[0]:>14} {counts[1]:>16}")


if __name__ == "__main__":
    main()
