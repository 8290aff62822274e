"""Ring attractors seen through sigmoids, and cut open to a line: which measures stay flat, and which jump.

python examples/dynamics/rings.py [--quick] [--out DIR] [--seed N]

A bump moves on two rings of neurons, L and R, after Wang and Kang (2022): tau ds/dt = -s + [W s + A +- gamma v]_+. Inhibition w
(cos(pi d / l) - 1) / 2 grows to its full strength w at distance l. L sends it one way round and R the other, so that a velocity
v moves the bump. All networks of a seed have the same v and the same first positions; noise acts on the rates and is private to
each network. The rates are seen through c / (1 + exp(-beta s)) without further noise, so systems of any beta are exactly
conjugate. alpha cuts the ring open: the way across the seam is alpha n longer; at 1 the ring is a line.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from common import (
    COLOURS,
    Experiment,
    Judged,
    direct,
    geometry,
    plt,
    report_separation,
    rows,
    start,
)
from scipy.special import expit, logit
from scipy.stats import t as student

import conjugacy as cj

NEURONS, SHIFT, STRENGTH, PUSH = 100, 2, 0.08, 0.1  # per ring; xi; w; gamma, at A = 1
TAU, NOISE, DRIVE, BURN_IN = 10.0, 0.01, 2.0, 200  # in steps of the integration
EVERY, SMOOTH = 5, 20  # steps between kept points; points over which the velocity is correlated
BETAS = (0.1, 0.6, 1.1, 1.6, 2.1, 2.6, 3.1, 3.6)
ALPHAS = (0.0, 0.1, 0.25, 0.5, 0.75, 1.0)
REFERENCE = 1.0  # beta of the network that all are compared with
RATES = (-1.0, 3.0)  # states outside of what such rates look like are taken at the edge before the sigmoid is undone
SEEN = 15  # principal coordinates that DSA is given
LIVE = ("live_on", "live_away", "live_tangent")
SIDES = np.repeat([-1.0, 1.0], NEURONS)
SETTINGS = {  # of DSA, beside its usual one: how much its answer hangs on them
    "DSA, rank 4": cj.get_measure("dsa", delays=10, rank=4, effort="fast"),
    "DSA, no delays": cj.get_measure("dsa", delays=1, rank=SEEN, effort="fast"),
    "DSA, Wasserstein, all ranks": cj.get_measure("dsa_wasserstein", delays=10, rank=None),
}
METHODS = ("direct test", "live steps", "DSA", "DSA, Wasserstein", "Procrustes", "CKA")


@dataclass(frozen=True, eq=False)
class Ring:
    """A network: its weights, (200, 200), and the sigmoid that it is seen through."""

    weights: np.ndarray
    beta: float
    scale: float

    @classmethod
    def made(cls, length: float, alpha: float, beta: float, scale: float) -> Ring:
        """Return a ring with inhibition of this length, cut open by alpha."""
        at = np.arange(NEURONS)
        parts = list[np.ndarray]()
        for shift in (-SHIFT, SHIFT):
            along = np.abs(at[:, None] - at - shift)
            distance = np.minimum(along, np.abs(NEURONS * (1 + alpha) - along))
            parts.append(STRENGTH * (np.cos(np.pi * np.minimum(distance / length, 1.0)) - 1) / 2)
        row = np.hstack(parts)
        return cls(np.vstack([row, row]), beta, scale)

    def rates_later(self, s: np.ndarray, v: np.ndarray) -> np.ndarray:
        """Return the rates (m, 200) one step of the integration later, without noise; v is (m, 1)."""
        return s + (np.maximum(s @ self.weights.T + 1.0 + PUSH * SIDES * v, 0.0) - s) / TAU

    def deform(self, s: np.ndarray) -> np.ndarray:
        """Return what is seen of these rates."""
        return self.scale * expit(self.beta * s)

    def rates(self, y: np.ndarray) -> np.ndarray:
        """Return the rates that look like this."""
        low, high = (expit(self.beta * edge) for edge in RATES)
        return logit(np.clip(y / self.scale, low, high)) / self.beta

    def step(self, y: np.ndarray, fed: np.ndarray | None) -> np.ndarray:
        """Return what is seen one kept point later, without noise."""
        s, v = self.rates(y), np.zeros((len(y), 1)) if fed is None else fed
        for _ in range(EVERY):
            s = self.rates_later(s, v)
        return self.deform(s)

    def run(self, starts: np.ndarray, v: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Return the rates, (k, t, 200), of bumps that start at these neurons and are moved by v, (k, t)."""
        away = np.abs(np.arange(NEURONS) - starts[:, None])
        s = np.tile(np.maximum(1 - np.minimum(away, NEURONS - away) / 20, 0.0), 2)
        out = np.empty((*v.shape, 2 * NEURONS))
        for t in range(-BURN_IN, v.shape[1] * EVERY):
            if t >= 0 and t % EVERY == 0:
                out[:, t // EVERY] = s
            fed = v[:, t // EVERY, None] if t >= 0 else np.zeros((len(v), 1))
            s = self.rates_later(s, fed) + NOISE / np.sqrt(TAU) * rng.standard_normal(s.shape)
        return out


@dataclass(frozen=True, eq=False)
class Seen:
    """One network's run: the rates behind it, and what is seen of them."""

    ring: Ring
    rates: np.ndarray
    states: cj.Trajectories

    @classmethod
    def of(cls, ring: Ring, rates: np.ndarray, v: np.ndarray) -> Seen:
        """Look at rates through the ring's sigmoid."""
        seen = cj.Trajectories(ring.deform(rates), trials=np.arange(len(v)), drive=v[..., None])
        return cls(ring, rates, seen)

    @property
    def coordinates(self) -> cj.Trajectories:
        """The leading principal coordinates of what is seen."""
        x = rows(self.states)
        vectors = np.linalg.eigh(np.cov(x.T))[1][:, -SEEN:]
        return cj.Trajectories([(one - x.mean(axis=0)) @ vectors for one in self.states.values])


@dataclass(frozen=True, eq=False)
class Family:
    """The networks of a seed: the reference, copies by beta, cut ones by alpha, and lines at other betas."""

    reference: Seen
    betas: dict[float, Seen]
    alphas: dict[float, Seen]
    lines: dict[float, Seen]
    v: np.ndarray


def family(seed: int, trials: int, points: int, betas: tuple[float, ...], alphas: tuple[float, ...]) -> Family:
    """Run the networks of a seed; each has noise and a scale of its own."""
    rng = np.random.default_rng([seed, 13])
    v, keep = np.empty((trials, points)), np.exp(-1 / SMOOTH)
    now = rng.standard_normal(trials)
    for t in range(points):
        v[:, t] = DRIVE * now
        now = keep * now + np.sqrt(1 - keep**2) * rng.standard_normal(trials)
    starts, length = rng.uniform(0, NEURONS, trials), rng.uniform(55, 65)

    def one(alpha: float, beta: float) -> Seen:
        ring = Ring.made(length, alpha, beta, rng.uniform(0.5, 2.0))
        return Seen.of(ring, ring.run(starts, v, rng), v)

    line = one(1.0, REFERENCE)
    others = {beta: replace(line.ring, beta=beta, scale=rng.uniform(0.5, 2.0)) for beta in betas[::2]}
    return Family(
        one(0.0, REFERENCE), {beta: one(0.0, beta) for beta in betas},
        {alpha: line if alpha == 1.0 else one(alpha, REFERENCE) for alpha in alphas},
        {beta: Seen.of(ring, line.rates, v) for beta, ring in others.items()}, v,
    )  # fmt: skip


def angles(rates: np.ndarray) -> np.ndarray:
    """Return where the bump is, (k, t), in radians and without jumps at the seam."""
    around = np.exp(2j * np.pi * np.arange(NEURONS) / NEURONS)
    return np.unwrap(np.angle((rates[..., :NEURONS] + rates[..., NEURONS:]) @ around), axis=1)


def follows(one: Seen, v: np.ndarray) -> float:
    """Return R^2 of the way the bump has gone on a gain times the integrated velocity."""
    gone = angles(one.rates)
    gone = gone - gone[:, :1]
    summed = np.cumsum(v, axis=1) - v
    left = gone - (gone * summed).sum() / (summed**2).sum() * summed
    return float(1 - (left**2).sum() / ((gone - gone.mean()) ** 2).sum())


def conjugate(one: Seen, v: np.ndarray) -> tuple[float, float]:
    """Return the error of deform o f o deform^-1 against deform o f on visited rates, and the inverse's worst amplification."""
    s, fed = np.concatenate(one.rates[:4]), np.concatenate(v[:4])[:, None]
    later = s
    for _ in range(EVERY):
        later = one.ring.rates_later(later, fed)
    error = np.abs(one.ring.step(one.ring.deform(s), fed) - one.ring.deform(later)).max() / one.ring.scale
    slope = expit(one.ring.beta * one.rates) * expit(-one.ring.beta * one.rates)
    return float(error), float(0.25 / slope.min())


@dataclass(frozen=True)
class Live:
    """What the direct test says of a pair whose own steps it is given, and how far these disagree at worst, by what was asked."""

    answer: str
    parts: dict[str, float]

    @classmethod
    def of(cls, seed: int, a: Seen, b: Seen) -> Live:
        """Judge a pair with its steps."""
        answer, _, found = direct(a.states, b.states, seed, (a.ring.step, b.ring.step))
        parts = {x: max(float(e.value or 0.0) for e in found.evidence if e.name.startswith(x)) for x in LIVE}
        return cls(answer, parts)

    @property
    def worst(self) -> float:
        """The largest of them."""
        return max(self.parts.values())


def judged(seed: int, these: Family) -> tuple[list[Judged], dict[str, Live]]:
    """Hold every network of a seed against the reference, without their steps and with them."""
    pairs = {
        **{f"beta {beta:g}": (True, one) for beta, one in these.betas.items()},
        **{f"alpha {alpha:g}": ({0.0: True, 1.0: False}.get(alpha), one) for alpha, one in these.alphas.items()},
        **{f"line at beta {beta:g}": (False, one) for beta, one in these.lines.items()},
    }
    dsa = cj.get_measure("dsa", delays=10, rank=20, effort="fast")
    spectra = cj.get_measure("dsa_wasserstein", delays=10, rank=20)
    left, fits = (measure.prepare(these.reference.coordinates) for measure in (dsa, spectra))
    angular = dsa.compare_all([left] * len(pairs), [dsa.prepare(one.coordinates) for _, one in pairs.values()])
    other = {
        name: [measure.compare(measure.prepare(these.reference.coordinates), measure.prepare(one.coordinates)).value
               for _, one in pairs.values()] for name, measure in SETTINGS.items()
    }  # fmt: skip
    out = list[Judged]()
    a = these.reference
    live = {name: Live.of(seed, a, b) for name, (_, b) in pairs.items()}
    for i, ((name, (equal, b)), score) in enumerate(zip(pairs.items(), angular, strict=True)):
        answer, worst, _ = direct(a.states, b.states, seed)
        scores = {
            "direct test": worst, "live steps": live[name].worst, "DSA": float(score.value),
            "DSA, Wasserstein": float(spectra.compare(fits, spectra.prepare(b.coordinates)).value),
            **geometry(rows(a.states), rows(b.states)), **{name: float(values[i]) for name, values in other.items()},
        }  # fmt: skip
        out.append(Judged(seed, name, equal, scores, answer))
    return out, {**live, "itself": Live.of(seed, a, a)}


def main() -> None:
    """Run the networks of every seed and judge them."""
    experiment = start("Ring attractors: seen through sigmoids, and cut open")
    trials, points = (14, 40) if experiment.quick else (24, 150)
    betas, alphas = (BETAS[::7], ALPHAS[::5]) if experiment.quick else (BETAS, ALPHAS)
    experiment.report(
        "set-up",
        f"2 rings of {NEURONS} neurons, {trials} trials of {points * EVERY} steps, every {EVERY}th kept; DSA on {SEEN} principal "
        "coordinates, 10 delays, rank 20, effort fast; direct test, Procrustes and CKA on all 200 units",
    )
    pairs, moved, exact, live = list[Judged](), list[float](), list[tuple[float, float]](), list[dict[str, Live]]()
    shown: Family | None = None
    for seed in experiment.seeds:
        these = family(seed, trials, points, betas, alphas)
        shown = shown or these
        rings = [these.reference, *these.betas.values()]
        moved += [follows(one, these.v) for one in rings]
        exact += [conjugate(one, these.v) for one in rings]
        found = judged(seed, these)
        pairs += found[0]
        live.append(found[1])
    experiment.line(
        "the bump goes where the integrated velocity says (R^2)", "at least 0.95, every ring",
        f"{min(moved):.3f} to {max(moved):.3f}", min(moved) >= 0.95,
    )  # fmt: skip
    error, amplified = np.max(exact, axis=0)
    experiment.line(
        "step of what is seen, against seeing the step: largest difference over the scale", "below 1e-9: exactly conjugate",
        f"{error:.1e}; undoing the sigmoid magnifies an error at most {amplified:.0f} times", error < 1e-9,
    )  # fmt: skip
    wrong = [f"{p.name} (seed {p.seed})" for p in pairs if p.equal is False and p.answer == "equivalent"]
    wrong += [f"{x} with steps" for one in live for x in ("alpha 1", *lines_of(pairs)) if one[x].answer == "equivalent"]
    experiment.line("lines that the direct test calls equivalent to the ring, without its steps and with them", "none",
                    "; ".join(wrong) or "none", not wrong)  # fmt: skip
    report_separation(experiment, "ring at other betas (equal), line (different)", pairs)
    for name in ("itself", f"beta {betas[-1]:g}", "alpha 1"):
        parts = "; ".join(f"{x[5:]} {np.mean([one[name].parts[x] for one in live]):.2g}" for x in LIVE)
        experiment.report(
            f"direct test with the networks' steps, the reference against {name}: by seed; mean disagreement",
            f"{', '.join(one[name].answer for one in live)}; {parts}",
        )
    for method in (*METHODS, *SETTINGS):
        over = [curve(pairs, "beta", betas, method), curve(pairs, "alpha", alphas, method)]
        for what, values, (mean, half) in zip(("beta", "alpha"), (betas, alphas), over, strict=True):
            experiment.report(
                f"{method} over {what}: mean and half the 95 % interval over seeds",
                "; ".join(f"{x:g}: {m:.2g} +- {h:.1g}" for x, m, h in zip(values, mean, half, strict=True)),
            )
    for what, values in (("beta", betas), ("alpha", alphas)):
        found = {f"{x:g}": [p.answer for p in pairs if p.name == f"{what} {x:g}"] for x in values}
        experiment.report(
            f"direct test over {what}, answers by seed", "; ".join(f"{x}: {', '.join(a)}" for x, a in found.items())
        )
    assert shown is not None
    draw(experiment, shown, pairs, betas, alphas)
    experiment.finish()


def lines_of(pairs: list[Judged]) -> list[str]:
    """Return the names of the lines at other betas."""
    return sorted({p.name for p in pairs if p.name.startswith("line")})


def curve(pairs: list[Judged], what: str, values: tuple[float, ...], method: str) -> tuple[np.ndarray, np.ndarray]:
    """Return mean and half-width of the 95 % interval over seeds, by beta or alpha."""
    found = np.array([[p.scores[method] for p in pairs if p.name == f"{what} {x:g}"] for x in values])
    half = student.ppf(0.975, found.shape[1] - 1) * found.std(axis=1, ddof=1) / np.sqrt(found.shape[1])
    return found.mean(axis=1), half


def draw(
    experiment: Experiment, shown: Family, pairs: list[Judged], betas: tuple[float, ...], alphas: tuple[float, ...]
) -> None:
    """Draw bumps of a ring and of a line, and every measure over beta and alpha on one scale."""
    figure, axes = plt.subplots(2, 1 + len(METHODS), figsize=(15, 5.2), layout="constrained")
    trial = int(np.abs(np.cumsum(shown.v, axis=1)).max(axis=1).argmax())
    for ax, one, name in zip(axes[:, 0], (shown.reference, shown.alphas[1.0]), ("ring", "line"), strict=True):
        image = ax.imshow(one.rates[trial, :, :NEURONS].T, aspect="auto", origin="lower", cmap="Greys")
        ax.set(xlabel=f"time (points of {EVERY} steps)", ylabel="neuron of L", title=f"{name}: rates of a trial")
        figure.colorbar(image, ax=ax, label="rate")
    for column, method in zip(axes[:, 1:].T, METHODS, strict=True):
        curves = curve(pairs, "beta", betas, method), curve(pairs, "alpha", alphas, method)
        for ax, what, values, (mean, half) in zip(column, ("beta", "alpha"), (betas, alphas), curves, strict=True):
            colour = COLOURS.get(method, "#565d68")
            ax.plot(values, mean, "o-", color=colour, markersize=3.5)
            ax.fill_between(values, mean - half, mean + half, color=colour, alpha=0.2, linewidth=0)
            ax.set(xlabel=f"{what} ({'sigmoid' if what == 'beta' else 'ring to line'})", title=method)
        for ax in column:  # the band of two seeds would hide the rest
            ax.set_ylim(0.0, 1.08 * max(p.scores[method] for p in pairs if p.name.startswith(("beta", "alpha"))))
    for ax in axes[:, 1]:
        ax.set_ylabel("distance from the ring at beta 1")
    experiment.save(figure, "rings.png")


if __name__ == "__main__":
    main()
