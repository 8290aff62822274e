"""What the second figure of InputDSA rests on: its own data and code beside ours, draw by draw.

python benchmarks/dynamics/inputdsa.py [--draws N] [--points 1000 5000] [--quick]     (pip install dsa-metric for its rows)

Data after the reference's tutorial: 20 units of which 2 are seen, one input, 150 delays, rank 20; 16 networks, two A by two B
by four inputs. The tutorial's figure is draw 0 with 1000 points, its statistics are draws 0 to 9 with 5000. Both libraries fit
each draw. "By A" are silhouettes of the eigenvalues' Wasserstein distance, squared as the reference takes it, and with its root,
which is a metric. "By B" are those of |B - C B'|, C from the joint alignment, as the reference takes it, and with B of norm 1:
the two B differ in size by four. Every number is appended to inputdsa.csv and not computed again; inputdsa.txt is the table.
"""

from __future__ import annotations

import argparse
import csv
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
from scipy.stats import t as student
from sklearn.metrics import silhouette_score

import conjugacy as cj
from conjugacy.dynamics import LinearDynamics
from conjugacy.dynamics.control import InputDynamics
from conjugacy.numerics.alignment.procrustes import orthogonal_distance
from conjugacy.numerics.alignment.transport import wasserstein2

HERE = Path(__file__).parent
UNITS, SEEN, INPUTS, RADII, GAINS = 20, 2, 4, (0.92, 0.82), (0.5, 2.0)
SEEDS, STRIDE = (11, 12), 110  # of A and B of the first draw, and how far the second moves on from draw to draw
CURVED, NOISE, DELAYS, RANK = 0.1, 0.01, 150, 20
FITS = ("DMD", "DMDc", "subspace")
STORED = {  # state silhouettes that the tutorial's stored output holds: of draw 0, and of draws 0 to 9
    1000: {"DMD": (0.9,), "DMDc": (0.907,), "subspace": (0.952,)},
    5000: {
        "DMDc": (0.858, 0.941, 0.151, 0.525, 0.329, 0.151, 0.280, 0.401, 0.309, 0.036),
        "subspace": (0.969, 0.982, 0.767, 0.966, 0.826, 0.784, 0.152, 0.953, 0.550, 0.732),
    },
}  # fmt: skip
NAMES = {
    "squared": "eigenvalues by A, squared",
    "root": "eigenvalues by A, root",
    "joint by A": "joint by A",
    "joint by B": "joint by B",
    "joint by group": "joint by group",
    "B by B": "B, aligned jointly, by B",
    "B of norm 1 by B": "B of norm 1, aligned, by B",
}
Key = tuple[int, int, str, str, str]  # points, draw, library, fit, silhouette
Fitted = Sequence[tuple[np.ndarray, np.ndarray | None]]


def networks(draw: int, points: int) -> tuple[list[tuple[np.ndarray, np.ndarray]], np.ndarray, np.ndarray]:
    """Return what is seen (t, 2) and fed (t, 1) of 16 networks, and the numbers of their A and B.

    The order of what is drawn from which seed is the tutorial's, so that draw 0 has its A, B, units and inputs; it does not seed
    the instrument's noise.
    """
    first, second = SEEDS[0] + draw, SEEDS[1] + STRIDE * draw
    own = [_scaled(np.random.default_rng(seed).standard_normal((UNITS, UNITS)), radius)
           for seed, radius in zip((first, second), RADII, strict=True)]  # fmt: skip
    mixed = np.random.default_rng(first).standard_normal((UNITS, UNITS))
    spread = mixed @ mixed.T
    turn = np.linalg.qr(np.random.default_rng(second).standard_normal((UNITS, UNITS)))[0]
    enters = [
        gain * np.random.default_rng(seed).multivariate_normal(np.zeros(UNITS), one, 1)[0]
        for seed, one, gain in zip((first, second), (spread, turn @ spread @ turn.T), GAINS, strict=True)
    ]
    seen = np.sort(np.random.default_rng(first).choice(UNITS, size=SEEN, replace=False))
    hidden = CURVED * ~np.isin(np.arange(UNITS), seen)
    rng = np.random.default_rng([draw, points, 26])
    out, of_a, of_b = list[tuple[np.ndarray, np.ndarray]](), list[int](), list[int]()
    for group in range(4):
        i, j = divmod(group, 2)
        for k in range(INPUTS):
            fed = np.random.default_rng(first + group + 1 + k).standard_normal(points)
            x, states = np.zeros(UNITS), np.empty((points, UNITS))
            for t in range(points):
                states[t] = x
                moved = own[i] @ x
                x = moved + hidden * np.tanh(moved) + enters[j] * fed[t]
            out.append((states[:, seen] + NOISE * rng.standard_normal((points, SEEN)), fed[:, None]))
            of_a.append(i)
            of_b.append(j)
    return out, np.array(of_a), np.array(of_b)


def _scaled(a: np.ndarray, radius: float) -> np.ndarray:
    return radius * a / np.abs(np.linalg.eigvals(a)).max()


def ours(which: str, data: Sequence[tuple[np.ndarray, np.ndarray]]) -> Fitted:
    """Fit every network with this library, with the reference's delays and rank."""
    trials = [cj.Trajectories([y], drive=[u]) for y, u in data]
    if which == "DMD":
        measure = cj.get_measure("dsa", delays=DELAYS, rank=RANK)
        return [(measure.prepare(x).system.matrix, None) for x in trials]
    measure = cj.get_measure("input_dsa", method=which.lower(), delays=DELAYS, rank=RANK)
    systems: list[InputDynamics] = [measure.prepare(x) for x in trials]
    return [(s.matrix, s.inputs) for s in systems]


def reference(which: str, data: Sequence[tuple[np.ndarray, np.ndarray]]) -> Fitted:
    """Fit every network with dsa-metric, as the tutorial does."""
    import torch
    from DSA import DMD, DMDc, SubspaceDMDc

    torch.set_num_threads(1)
    out = list[tuple[np.ndarray, np.ndarray | None]]()
    for y, u in data:
        if which == "DMD":
            model = DMD(y, n_delays=DELAYS, rank=RANK)
        elif which == "DMDc":
            model = DMDc(y, u, n_delays=DELAYS, n_control_delays=DELAYS, rank_input=RANK, rank_output=RANK)
        else:
            model = SubspaceDMDc(y, u, n_delays=DELAYS, rank=RANK, backend="n4sid")
        model.fit()
        out.append((np.asarray(model.A_v), None if which == "DMD" else np.asarray(model.B_v)))
    return out


LIBRARIES: dict[str, Callable[[str, Sequence[tuple[np.ndarray, np.ndarray]]], Fitted]] = {
    "reference": reference,
    "ours": ours,
}


def silhouettes(systems: Fitted, of_a: np.ndarray, of_b: np.ndarray) -> dict[str, float]:
    """Return how well the eigenvalues group by A, squared and not; joint distances; and B in the alignment of the joint one."""
    n = len(systems)
    spectral, joint, enters, unit = (np.zeros((n, n)) for _ in range(4))
    spectra = [LinearDynamics.of(a).eigenvalues for a, _ in systems]
    driven = [None if b is None else InputDynamics(a, b) for a, b in systems]
    reached = [None if one is None else one.controllability(RANK) for one in driven]
    for i in range(n):
        for j in range(i):
            spectral[i, j] = wasserstein2(spectra[i], spectra[j])
            one, other, whole, part = driven[i], driven[j], reached[i], reached[j]
            if one is not None and other is not None and whole is not None and part is not None:
                joint[i, j], c = orthogonal_distance(whole, part)
                enters[i, j] = np.linalg.norm(one.inputs - c @ other.inputs)
                unit[i, j] = np.linalg.norm(
                    one.inputs / np.linalg.norm(one.inputs) - c @ other.inputs / np.linalg.norm(other.inputs)
                )
    found = {"squared": (spectral**2, of_a), "root": (spectral, of_a)}
    if joint.any():
        found |= {"joint by A": (joint, of_a), "joint by B": (joint, of_b), "joint by group": (joint, 2 * of_a + of_b),
                  "B by B": (enters, of_b), "B of norm 1 by B": (unit, of_b)}  # fmt: skip
    return {name: silhouette(d + d.T, labels) for name, (d, labels) in found.items()}


def silhouette(distances: np.ndarray, labels: np.ndarray) -> float:
    """Return the mean silhouette of a matrix of distances."""
    return float(silhouette_score(distances, labels, metric="precomputed"))


def worked_out(points: int, draw: int, known: set[Key], libraries: Sequence[str]) -> Iterator[tuple[Key, float]]:
    """Give the silhouettes of one draw that are not known yet."""
    wanted = [(x, fit) for x in libraries for fit in FITS if (points, draw, x, fit, "root") not in known]
    if wanted:
        data, of_a, of_b = networks(draw, points)
        for library, fit in wanted:
            for name, value in silhouettes(LIBRARIES[library](fit, data), of_a, of_b).items():
                yield (points, draw, library, fit, name), value


def read(path: Path) -> dict[Key, float]:
    """Return what is known."""
    if not path.exists():
        return {}
    with path.open(newline="") as file:
        return {(int(p), int(d), x, fit, name): float(value) for p, d, x, fit, name, value in csv.reader(file)}


def table(found: dict[Key, float]) -> str:
    """Return the table: a row for what is told from what, a column for each fit."""
    lines = [f"{'silhouettes':58}" + "".join(f"{fit:>30}" for fit in FITS)]

    def line(what: str, cells: Sequence[Sequence[float]]) -> None:
        shown = [said(values) for values in cells]
        if any(shown):
            lines.append(f"{what:58}" + "".join(f"{cell or '-':>30}" for cell in shown))

    for points in sorted({key[0] for key in found}):
        draws = sorted({key[1] for key in found if key[0] == points})
        shown = {"draw 0": draws[:1], f"{len(draws)} draws": draws} if len(draws) > 1 else {"draw 0": draws}
        stored = STORED.get(points, {})
        line(f"{points} points, stored in the tutorial: {NAMES['squared']}", [stored.get(fit, ()) for fit in FITS])
        for name, words in NAMES.items():
            for library in LIBRARIES:
                for which, some in shown.items():
                    cells = [
                        [found[key] for d in some if (key := (points, d, library, fit, name)) in found] for fit in FITS
                    ]
                    line(f"{points} points, {library}: {words}, {which}", cells)
    lines.append(
        "mean +- half its 95 % interval over draws [least, most]; DMDc of the reference holds a B of 150 delayed inputs"
    )
    return "\n".join(lines)


def said(values: Sequence[float]) -> str:
    """Return one number, or the mean of several with its interval and range."""
    if len(values) < 2:
        return "".join(f"{v:.2f}" for v in values)
    x = np.asarray(values)
    half = student.ppf(0.975, len(x) - 1) * x.std(ddof=1) / np.sqrt(len(x))
    return f"{x.mean():.2f} +- {half:.2f} [{x.min():.2f}, {x.max():.2f}]"


def main() -> None:
    """Work out what is missing and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="draw 0, 1000 points; nothing is kept")
    parser.add_argument("--draws", type=int, default=20)
    parser.add_argument("--points", type=int, nargs="*", default=(1000, 5000))
    given = parser.parse_args()
    libraries = list(LIBRARIES)
    try:
        import DSA  # noqa: F401
    except ImportError:
        libraries = ["ours"]
        print("dsa-metric is not installed: the reference is not run (pip install dsa-metric)", file=sys.stderr)
    kept, found = HERE / "inputdsa.csv", dict[Key, float]()
    if given.quick:
        print(table(dict(worked_out(1000, 0, set(), libraries))))
        return
    found = read(kept)
    for points in given.points:
        for draw in range(given.draws if points <= 1000 else given.draws // 2):
            for key, value in worked_out(points, draw, set(found), libraries):
                found[key] = value
                with kept.open("a", newline="") as file:
                    csv.writer(file).writerow([*key, round(value, 6)])
    text = table(found)
    (HERE / "inputdsa.txt").write_text(text + "\n", "utf-8")
    print(text)


if __name__ == "__main__":
    main()
