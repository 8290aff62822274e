"""The direct test on matched trials: its answers for pairs whose truth is known, with the distance of DSA.

python benchmarks/dynamics/matched.py [--quick] [--seeds N] [--first SEED]

There are twelve pairs, and seven that data alone must not call equivalent. For a driven pair the right answer is undecided,
because the drive explains both. 'wrong' counts wrong equivalences and wrong differences; undecided is never wrong.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import defaultdict

import numpy as np
from systems import Case, matched_cases, not_decidable_cases

import conjugacy as cj
from conjugacy.comparison.matched_dynamics import matched_verdict


def main() -> None:
    """Judge every pair over the seeds and print what came out."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one seed")
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--first", type=int, default=1000, help="first seed")
    given = parser.parse_args()
    answers: dict[str, list[str]] = defaultdict(list)
    right: dict[str, tuple[str, ...]] = {}
    distances: dict[str, list[float]] = defaultdict(list)
    began = time.process_time()
    for seed in range(given.first, given.first + (1 if given.quick else given.seeds)):
        for cases in (matched_cases, not_decidable_cases):
            for case in cases(seed):
                a, b = trajectories(case)
                answers[case.name].append(matched_verdict(a, b, seed).answer)
                right[case.name] = case.right
                if cases is matched_cases:
                    distances[case.name].append(cj.get_measure("dsa", rank=12, effort="fast")(a, b).value)
    print(f"{'pair':52}{'right':>9}{'wrong':>7}  answers; DSA angle (rank 12), least to largest")
    total = correct = 0
    failed = False
    for name, found in answers.items():
        good = sum(answer in right[name] for answer in found)
        wrong = sum(answer not in (*right[name], "undecided") for answer in found)
        failed |= "equivalent" in found and "equivalent" not in right[name]
        counts = ", ".join(f"{found.count(x)} {x}" for x in dict.fromkeys(found))
        dsa = distances[name]
        range_of = f"; {min(dsa):.2f} to {max(dsa):.2f}" if dsa else ""
        print(f"{name:52}{good:>5}/{len(found):<3}{wrong:>7}  {counts}{range_of}")
        if dsa:
            total, correct = total + len(found), correct + good
    print(f"twelve pairs: {correct} of {total} right, {100 * correct / total:.1f} %")
    print(f"wrong 'equivalent': {'some' if failed else 'none'}")
    print(f"{(time.process_time() - began) / sum(map(len, answers.values())):.1f} CPU s a pair")
    sys.exit(failed)


def trajectories(case: Case) -> tuple[cj.Trajectories, cj.Trajectories]:
    """Return both sides, brought to one step."""
    a, b = (cj.Trajectories(x, dt=dt, drive=case.drive) for x, dt in zip((case.a, case.b), case.step, strict=True))
    dt = max(case.step)
    a, b = a.resampled(dt), b.resampled(dt)
    lengths = np.minimum(a.lengths, b.lengths).tolist()
    return a.cut(lengths), b.cut(lengths)


if __name__ == "__main__":
    main()
