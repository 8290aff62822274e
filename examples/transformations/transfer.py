"""A probe carried from one transformer to another: trained with labels of A, used on B without any.

python examples/transformations/transfer.py [--quick] [--out DIR] [--seed N]

In this language the first sign of a sentence names its topic, and the topic sets which sign tends to follow which. Later in the
sentence these signs carry no topic, so a network that predicts the next sign has to keep it. Two small transformers of different
width and seed learn the language. A linear probe for the topic is trained on A's last block at the last place. It is carried to
B with sentences that have no labels, and compared with a probe trained on B. Controls: an untrained B, and a network that
learned the same signs in random order.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from common import plt, start
from sklearn.linear_model import LogisticRegression
from torch.nn import functional

import conjugacy as cj

TOPICS, SIGNS, LENGTH = 3, 8, 16
FOLLOWED = 0.8  # how often the topic's own sign comes next
WIDTHS = (32, 48)
LAYER = "blocks.1"
POINTS, STEPS = 0.02, 300
TEXTS, LABELLED, UNLABELLED, TEST = 8000, 1000, 1500, 2000
ORDERS = np.array([np.random.default_rng(25 + topic).permutation(SIGNS) for topic in range(TOPICS)])
"""Of every topic, which sign comes after which: the language, the same for all networks."""


def sentences(count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return sentences (count, LENGTH) and their topics, which the first signs name; later the same signs mean nothing."""
    rng = np.random.default_rng(seed)
    topics, signs = rng.integers(TOPICS, size=count), rng.integers(SIGNS, size=(count, LENGTH))
    signs[:, 0] = topics
    for t in range(1, LENGTH):
        follows = rng.random(count) < FOLLOWED
        signs[:, t] = np.where(follows, ORDERS[topics, signs[:, t - 1]], signs[:, t])
    return signs, topics


class Block(torch.nn.Module):
    """Attention to what came before, and a hidden layer, each added to the states."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.first, self.second = torch.nn.LayerNorm(width), torch.nn.LayerNorm(width)
        self.mix, self.out = torch.nn.Linear(width, 3 * width), torch.nn.Linear(width, width)
        self.up, self.down = torch.nn.Linear(width, 4 * width), torch.nn.Linear(4 * width, width)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the states (b, t, width) one block on."""
        b, t, width = x.shape
        q, k, v = self.mix(self.first(x)).view(b, t, 3, 4, width // 4).permute(2, 0, 3, 1, 4)
        seen = functional.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + self.out(seen.transpose(1, 2).reshape(b, t, width))
        return x + self.down(functional.gelu(self.up(self.second(x))))


class Transformer(torch.nn.Module):
    """Predicts the next sign at every place."""

    def __init__(self, width: int, seed: int) -> None:
        super().__init__()
        torch.manual_seed(seed)
        self.signs, self.places = torch.nn.Embedding(SIGNS, width), torch.nn.Embedding(LENGTH, width)
        self.blocks = torch.nn.ModuleList(Block(width) for _ in range(2))
        self.last, self.head = torch.nn.LayerNorm(width), torch.nn.Linear(width, SIGNS)

    def forward(self, signs: torch.Tensor) -> torch.Tensor:
        """Return scores of the next sign, (b, t, SIGNS)."""
        x = self.signs(signs) + self.places(torch.arange(signs.shape[1]))
        for block in self.blocks:
            x = block(x)
        return self.head(self.last(x))


def trained(width: int, seed: int, steps: int, *, in_order: bool = True) -> Transformer:
    """Return a network that learned the language; or the same signs of every sentence in random order."""
    signs = sentences(TEXTS, 1000 + seed)[0]
    if not in_order:
        signs = np.random.default_rng(seed).permuted(signs, axis=1)
    text, model = torch.as_tensor(signs), Transformer(width, seed)
    optimiser = torch.optim.AdamW(model.parameters(), 3e-3, weight_decay=1e-2)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 3e-3, total_steps=steps)
    generator = torch.Generator().manual_seed(seed)
    for _ in range(steps):
        batch = text[torch.randint(len(text), (64,), generator=generator)]
        optimiser.zero_grad()
        functional.cross_entropy(model(batch[:, :-1]).flatten(0, 1), batch[:, 1:].flatten()).backward()
        optimiser.step()
        schedule.step()
    return model.eval()


def states(model: Transformer, signs: np.ndarray) -> np.ndarray:
    """Return the last block at the last place, (m, width)."""
    return np.asarray(cj.record(model, signs, [LAYER], tokens="last").layers[LAYER].values)


def fitted(x: np.ndarray, y: np.ndarray) -> LogisticRegression:
    """Return a linear probe."""
    return LogisticRegression(max_iter=5000).fit(x, y)


@dataclass(frozen=True)
class Data:
    """Sentences: some with labels, some without, and some to test on."""

    labelled: tuple[np.ndarray, np.ndarray]
    unlabelled: tuple[np.ndarray, np.ndarray]
    test: tuple[np.ndarray, np.ndarray]

    @classmethod
    def drawn(cls, seed: int) -> Data:
        """Return those of a seed."""
        counts = (LABELLED, UNLABELLED, TEST)
        return cls(*(sentences(count, 10 * seed + i) for i, count in enumerate(counts)))


@dataclass(frozen=True)
class Found:
    """What one pair of networks gave.

    Attributes
    ----------
    scores : (float, float, float)
        Accuracy on test sentences: of the probe on A, of one trained on B, of A's carried to B.
    answers : (str, str, str)
        Of the transfer to B, to an untrained B, and to one that learned signs in random order.
    left : tuple of float
        What each does not tell, as compared with the tolerance.
    worth : str
        In labels on B.
    """

    scores: tuple[float, float, float]
    answers: tuple[str, ...]
    left: tuple[float, ...]
    worth: str


def look(seed: int, steps: int) -> Found:
    """Train the networks of one seed, and carry a probe."""
    data = Data.drawn(seed)
    a, b = (trained(width, 10 * seed + i, steps) for i, width in enumerate(WIDTHS))
    others = Transformer(WIDTHS[1], 10 * seed + 2).eval(), trained(WIDTHS[1], 10 * seed + 3, steps, in_order=False)
    (x, wanted), (test, answers) = data.labelled, data.test
    probe, own = fitted(states(a, x), wanted), fitted(states(b, x), wanted)
    to = [
        cj.transfer(
            probe, a, other, stimuli=data.unlabelled[0], layers=LAYER, tokens="last", kind="classifier",
            targets=data.unlabelled[1] if other is b else None, controls="none", seed=seed,
        )
        for other in (b, *others)
    ]  # fmt: skip
    print(to[0], flush=True)
    at = states(b, test)
    carried = np.nan if to[0].carried is None else float((to[0].carried(at).argmax(axis=1) == answers).mean())
    return Found(
        (probe.score(states(a, test), answers), own.score(at, answers), carried),
        tuple(one.answer for one in to),
        tuple(one.fidelity.left.unexplained for one in to),
        "more than all" if to[0].curve.worth is None else f"about {to[0].curve.worth}",
    )


def main() -> None:
    """Carry a probe over the seeds."""
    experiment = start("Transfer: a probe of one transformer carried to another")
    found = [look(seed, STEPS) for seed in experiment.seeds]
    on_a, on_b, carried = (np.round([one.scores[i] for one in found], 3) for i in range(3))
    experiment.line(
        "accuracy of the carried probe on B, and of one trained on B", f"within {100 * POINTS:g} points, in every seed",
        f"{carried.tolist()} and {on_b.tolist()} (the probe on A: {on_a.tolist()})", bool((carried >= on_b - POINTS).all()),
    )  # fmt: skip
    names = ("B", "an untrained B", "a B that learned signs in random order")
    for i, name in enumerate(names):
        wanted = "never carried: refused, or undecided" if i else "carried"
        experiment.line(
            f"what {name} does not tell of the choices of A's probe", f"{wanted}, in every seed",
            f"{[one.answers[i] for one in found]}: {np.round([one.left[i] for one in found], 3).tolist()}",
            all((one.answers[i] == "carried") == (i == 0) for one in found),
        )  # fmt: skip
    experiment.report("the carried probe is worth so many labels on B", ", ".join(one.worth for one in found))
    figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.6), layout="constrained")
    for place, values in enumerate((on_a, on_b, carried)):
        left.plot(np.full(len(values), place), values, "o", color="#0072b2")
    left.set_xticks(range(3), ["on A", "trained on B", "carried to B"])
    left.set(ylabel="accuracy, test sentences", title="a probe for the topic")
    for place in range(3):
        right.plot(np.full(len(found), place), [one.left[place] for one in found], "o", color="#c14d00")
    right.axhline(0.1, color="#16181d", linestyle="--", linewidth=0.8)
    right.set_xticks(range(3), ["B", "untrained", "random order"])
    right.set(ylabel="chosen otherwise", title="what is compared with the limit")
    experiment.save(figure, "transfer.png")
    experiment.finish()


if __name__ == "__main__":
    main()
