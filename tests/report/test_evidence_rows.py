"""Evidence in words: what is of the best relabelling is called so, what is not is not."""

from __future__ import annotations

from conjugacy.report.evidence_rows import evidence_row, evidence_title
from conjugacy.results import Evidence


def test_both_kappas_are_told_apart() -> None:
    assert evidence_title("agreement_beyond_chance") == "Cohen's kappa, as they are"
    assert evidence_title("kappa_after_relabelling") == "Cohen's kappa of the best relabelling"


def test_names_without_a_title_are_read_as_words() -> None:
    assert evidence_title("inputs_from_outputs_a") == "inputs from outputs, A"
    assert evidence_title("error_consistency_b_to_a") == "error consistency, B to A"
    assert evidence_title("later_number") == "later number"


def test_what_is_missing_is_a_dash() -> None:
    assert evidence_row(Evidence("kl_divergence", None, low=0.1)) == (
        "Kullback-Leibler divergence of B's probabilities from A's",
        *("-",) * 5,
    )
    assert evidence_row(Evidence("agreement", 0.98, 0.97, 0.99, 0.96, 0.2, "share"))[1:] == (
        "0.98",
        "[0.97, 0.99]",
        "0.96",
        "0.2",
        "share",
    )
