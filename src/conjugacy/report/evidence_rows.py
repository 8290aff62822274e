"""Numbers of evidence as rows of a table: titles in words, values, intervals, floors and values by chance."""

from __future__ import annotations

from conjugacy.results import Evidence
from conjugacy.results.digits import digits, interval

COLUMNS = ("what", "value", "95 % interval", "floor", "null", "unit")
_TITLES = {
    "agreement": "decisions that agree, as they are",
    "agreement_beyond_chance": "Cohen's kappa, as they are",
    "agreement_after_relabelling": "decisions that agree after the best relabelling",
    "kappa_after_relabelling": "Cohen's kappa of the best relabelling",
    "agreement_expected": "agreement if both made independent errors",
    "agreement_over_expected": "agreement beyond that of independent errors",
    "class_fall_a": "largest gap in the recall of a class, A behind B",
    "class_fall_b": "largest gap in the recall of a class, B behind A",
    "kl_divergence": "Kullback-Leibler divergence of B's probabilities from A's",
    "loss_change": "change of the loss",
    "rows_with_any_change": "rows on which any decision changes",
}
_ENDS = (("_a_to_b", ", A to B"), ("_b_to_a", ", B to A"), ("_a", ", A"), ("_b", ", B"))


def evidence_row(evidence: Evidence) -> tuple[str, str, str, str, str, str]:
    """Return the cells of one number.

    Examples
    --------
    >>> evidence_row(Evidence("kappa_after_relabelling", 0.98, null=0.0))
    ("Cohen's kappa of the best relabelling", '0.98', '-', '-', '0', '-')
    """
    return (
        evidence_title(evidence.name),
        digits(evidence.value),
        interval(evidence.value, evidence.low, evidence.high).strip() or "-",
        digits(evidence.floor),
        digits(evidence.null),
        evidence.unit or "-",
    )


def evidence_title(name: str) -> str:
    """Return what people call a number.

    Examples
    --------
    >>> evidence_title("agreement_beyond_chance"), evidence_title("power_a_to_b")
    ("Cohen's kappa, as they are", 'power, A to B')
    """
    if name in _TITLES:
        return _TITLES[name]
    for end, words in _ENDS:
        if name.endswith(end):
            return name.removesuffix(end).replace("_", " ") + words
    return name.replace("_", " ")
