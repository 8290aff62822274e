"""How often an attribute that is nothing is named as carried, and one that is carried is found.

python benchmarks/shared/attributes.py [--quick] [--draws N]

Two layers of 8 units share one latent and have one each of their own, 100 rows, or 40 groups of five rows that have latents and
attributes in common. Of five attributes one is the shared latent with noise (half of its variance), one is in classes what A has
alone, three are nothing. "wrong" counts comparisons in which p is .05 or less after Holm's steps for any attribute where it is
not; "false" the share of such among all that are named; "found" how often the two true ones are carried where they are.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from conjugacy.comparison.attributes import attributes_of
from conjugacy.comparison.shared_attributes import shared_attributes
from conjugacy.transformations import Standard
from conjugacy.transformations.common.judged import SharedLayers

TRUE = {("loud", "common"), ("who", "a")}
HEADS, WIDTHS = ("wrong %", "false %", "loud found %", "who found %"), (9, 9, 14, 13)
SETS = {"rows": (100, 1), "groups of five": (200, 5)}


def draw(m: int, size: int, seed: int) -> list[tuple[str, str, bool, bool]]:
    """Return of every test its attribute, its part, whether it is shown, and whether it is carried."""
    rng = np.random.default_rng([seed, 25])
    clusters = np.arange(m) // size

    def drawn() -> np.ndarray:
        return rng.standard_normal(m // size)[clusters]

    s, u, v = drawn(), drawn(), drawn()
    layers = [np.column_stack([s, own]) @ rng.standard_normal((2, 8)) for own in (u, v)]
    a, b = (x + 0.05 * rng.standard_normal(x.shape) for x in layers)
    known = {
        "loud": s + drawn(),
        "who": np.where(u > 0.5, "x", np.where(u < -0.5, "z", "y")),
        "nothing": drawn(),
        "no class": np.where(drawn() > 0.3, "x", "y"),
        "heavy": drawn() ** 3,
    }
    found = SharedLayers(a, b, Standard(clusters, 0.05, seed))
    tests, _ = shared_attributes(found, attributes_of(known))
    return [(one.attribute, one.part, one.p_adjusted <= 0.05, one.carried) for one in tests]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="five draws; nothing is kept")
    parser.add_argument("--draws", type=int, default=200)
    given = parser.parse_args()
    draws = 5 if given.quick else given.draws
    head = "".join(f"{name:>{w}}" for name, w in zip(HEADS, WIDTHS, strict=True))
    out = [f"{draws} comparisons each, five attributes", f"{'':<16}{head}"]
    for name, (m, size) in SETS.items():
        all_ = [draw(m, size, seed) for seed in range(draws)]
        wrong = np.mean([any(shown for a, part, shown, _ in one if (a, part) not in TRUE) for one in all_])
        named = [(a, part) in TRUE for one in all_ for a, part, shown, _ in one if shown]
        found = [np.mean([any(t[:2] == true and t[3] for t in one) for one in all_]) for true in sorted(TRUE)]
        numbers = (wrong, 1.0 - np.mean(named), *found)
        out.append(f"{name:<16}" + "".join(f"{100 * v:>{w}.1f}" for v, w in zip(numbers, WIDTHS, strict=True)))
    text = "\n".join(out)
    if not given.quick:
        Path(__file__).with_suffix(".txt").write_text(text + "\n", "utf-8")
    print(text)


if __name__ == "__main__":
    main()
