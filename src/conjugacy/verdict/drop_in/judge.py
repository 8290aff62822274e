"""Whether B, as it stands, is a replacement for A: by the kinds of their outputs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

import numpy as np

from conjugacy.errors import InputError
from conjugacy.results import DropIn, Margins
from conjugacy.results.reason import reasons
from conjugacy.verdict.drop_in.answer import Beside
from conjugacy.verdict.drop_in.classes import judge_classes
from conjugacy.verdict.drop_in.decisions import Block, read_decisions, width
from conjugacy.verdict.drop_in.given import AsTheyStand
from conjugacy.verdict.drop_in.numbers import judge_numbers
from conjugacy.verdict.drop_in.sigmoids import judge_sigmoids
from conjugacy.verdict.drop_in.tallies import LEVEL
from conjugacy.verdict.kinds import CLASS_KINDS
from conjugacy.verdict.targets import class_targets


def judge_drop_in(given: AsTheyStand) -> DropIn:
    """Return whether B, as it stands and without any map, is a replacement for A.

    Of classes, decisions are compared, of sigmoids every column's, of numbers the values in their own units. Yes: every change
    is shown to be inside its margin. No: one is shown to be outside, over all of them wrongly in at most 2.5 % of cases. Else
    undecided.

    Examples
    --------
    >>> rng, rows = np.random.default_rng(0), np.arange(500)
    >>> x = rng.normal(size=(500, 4))
    >>> judge_drop_in(AsTheyStand(x, x + 0.01, ("logits", "logits"), None, rows, rows, rows)).answer
    'yes'
    """
    given = _single_column(given)
    m, kinds = len(given.a), given.kinds
    beside = Beside(
        given.cluster_of,
        given.stimuli,
        given.positions,
        kinds,
        given.margins,
        given.head,
        given.equal_weights,
        given.level / LEVEL,
    )
    if not m:
        return beside.finished(DropIn.not_tested("the two share no rows"))
    if all(kind in CLASS_KINDS for kind in kinds):
        columns = max(width(given.a, kinds[0]), width(given.b, kinds[1]))
        targets, warnings = class_targets(given.targets, m, columns)
        found = judge_classes(read_decisions([(given.a, given.b, targets)], kinds), beside)
        return replace(found, warnings=(*warnings, *found.warnings))
    if kinds[0] != kinds[1]:
        sentence = (
            f"the outputs of A are taken for {kinds[0]} and those of B for {kinds[1]}; as they stand they cannot be compared: "
            "if one kind is wrong, set it with output_kind"
        )
        return beside.finished(DropIn("undecided", reasons("data", sentence)))
    if given.a.shape[1] != given.b.shape[1]:
        widths = f"A answers with {given.a.shape[1]} {kinds[0]} columns, B with {given.b.shape[1]}"
        return beside.finished(DropIn("no", reasons("data", f"as it stands B returns other outputs: {widths}")))
    return judge_sigmoids(given, beside) if kinds[0] == "sigmoids" else judge_numbers(given, beside)


def _single_column(given: AsTheyStand) -> AsTheyStand:
    """Return one sigmoid beside classes as a label 0 or 1, which is what it decides."""
    if "sigmoids" not in given.kinds or given.kinds[0] == given.kinds[1] or "regression" in given.kinds:
        return given
    at = given.margins.threshold
    a, kind_a = _as_label(given.a, given.kinds[0], at)
    b, kind_b = _as_label(given.b, given.kinds[1], at)
    return replace(given, a=a, b=b, kinds=(kind_a, kind_b))


def _as_label(values: np.ndarray, kind: str, threshold: float) -> tuple[np.ndarray, str]:
    single = kind == "sigmoids" and values.shape[1] == 1
    return ((values >= threshold).astype(np.int64), "labels") if single else (values, kind)


def from_blocks(
    blocks: Iterable[Sequence[np.ndarray]],
    kinds: tuple[str, str] = ("logits", "logits"),
    *,
    groups: np.ndarray | None = None,
    stimuli: np.ndarray | None = None,
    margins: Margins | None = None,
    head: str | None = None,
    equal_weights: bool = False,
) -> DropIn:
    """Return the same of classes that come in blocks of rows, of which one is held at a time.

    Parameters
    ----------
    blocks : iterable of (a, b) or (a, b, targets)
        Rows of A (m_i, q), the same rows of B, and their classes (m_i,).
    groups : array, (m,), or None
        Rows with the same label depend on each other: the sequence of each token, say.
    stimuli : array, (m,), or None
        Ids of all rows.

    Raises
    ------
    InputError
        Where kinds have no classes, blocks do not fit, or labels are not one for each row.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> blocks = ((x, x + 1) for x in rng.normal(size=(20, 50, 1000)))
    >>> found = from_blocks(blocks, groups=np.repeat(np.arange(100), 10))
    >>> found.answer, found.churn.rows
    ('yes', 1000)
    """
    if not all(kind in CLASS_KINDS for kind in kinds):
        raise InputError(f"kinds: got {kinds}, expected two of {', '.join(CLASS_KINDS)}; other outputs are given whole")
    warnings: list[str] = []
    read = read_decisions(_checked(blocks, kinds, warnings), kinds)
    m = len(read.a)
    for name, labels in (("groups", groups), ("stimuli", stimuli)):
        if labels is not None and len(labels) != m:
            raise InputError(f"{name}: got {len(labels)} labels, expected one for each of {m} rows")
    clusters = np.arange(m) if groups is None else np.unique(groups, return_inverse=True)[1].ravel()
    found = judge_classes(read, Beside(clusters, stimuli, None, kinds, margins or Margins(), head, equal_weights))
    return replace(found, warnings=(*warnings, *found.warnings))


def _checked(blocks: Iterable[Sequence[np.ndarray]], kinds: tuple[str, str], warnings: list[str]) -> Iterator[Block]:
    """Yield blocks that fit; targets that do not are left out from there on, which is said once."""
    for n, block in enumerate(blocks):
        a, b = np.asarray(block[0]), np.asarray(block[1])
        if len(a) != len(b) or a.ndim != 2 or b.ndim != 2:
            raise InputError(f"block {n}: got shapes {a.shape} and {b.shape}, expected rows x columns with equal rows")
        columns = max(width(a, kinds[0]), width(b, kinds[1]))
        given = np.asarray(block[2]) if len(block) > 2 and not warnings else None
        targets, told = class_targets(given, len(a), columns)
        warnings.extend(told)
        yield a, b, targets
