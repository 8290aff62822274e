"""How often an attribute that is nothing is named as carried, and one that is carried is found.

python benchmarks/shared/attributes.py [--quick]

Two layers of 8 units share one latent and have one each of their own: 100 rows, or 40 groups of five rows that have latents and
attributes in common. Of five attributes one is the shared latent with noise (half of its variance), one is in classes what A has
alone, three are nothing. Named is what has a p of .05 or less after Holm's steps. "nothing" counts comparisons in which an
attribute that is nothing is named; "false" is the share of such among all that are named. "elsewhere" counts comparisons in which
a true one is named in a part that should not have it. "found" is how often it is carried where it is.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from conjugacy.comparison.attributes import attributes_of
from conjugacy.comparison.shared_attributes import shared_attributes
from conjugacy.transformations import Standard
from conjugacy.transformations.common.judged import SharedLayers

NOTHING = {"nothing", "no class", "heavy"}
TRUE = {("loud", "common"), ("who", "a")}
HEADS, WIDTHS = (
    ("comparisons", "nothing %", "false %", "elsewhere %", "loud found %", "who found %"),
    (13, 11, 9, 13, 14, 13),
)
SETS = {"rows": (100, 1, 200), "groups of five": (200, 5, 75)}  # rows, of a group, comparisons


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
    given = parser.parse_args()
    head = "".join(f"{name:>{w}}" for name, w in zip(HEADS, WIDTHS, strict=True))
    out = [f"{'five attributes':<16}{head}"]
    for name, (m, size, count) in SETS.items():
        all_ = [draw(m, size, seed) for seed in range(5 if given.quick else count)]
        named = [[(a, part) for a, part, shown, _ in one if shown] for one in all_]
        nothing = np.mean([any(a in NOTHING for a, _ in one) for one in named])
        false = np.mean([a in NOTHING for one in named for a, _ in one])
        elsewhere = np.mean([any(a not in NOTHING and (a, part) not in TRUE for a, part in one) for one in named])
        found = [np.mean([any(t[:2] == true and t[3] for t in one) for one in all_]) for true in sorted(TRUE)]
        numbers = (nothing, false, elsewhere, *found)
        cells = "".join(f"{100 * v:>{w}.1f}" for v, w in zip(numbers, WIDTHS[1:], strict=True))
        out.append(f"{name:<16}{len(all_):>{WIDTHS[0]}}{cells}")
    text = "\n".join(out)
    if not given.quick:
        Path(__file__).with_suffix(".txt").write_text(text + "\n", "utf-8")
    print(text)


if __name__ == "__main__":
    main()
