"""Classes that a study by representatives has found: who joined which, and what that rests on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.special import betaincinv

from conjugacy.measure import apart_beyond, denies
from conjugacy.results import Classes, Group
from conjugacy.results.digits import per_cent

if TYPE_CHECKING:
    from conjugacy.study.study_table import StudyTable

RULE = (
    "each network was compared with representatives of the {near} classes nearest to it by its sketch, and joined the one where "
    "an answer is equivalent and none {against}; pairs that were not compared count as undecided; errors are not controlled over "
    "pairs"
)


def joined_classes(study: StudyTable) -> Classes:
    """Return the classes of a study by representatives."""
    found: Mapping[str, Any] = study.settings["joined"]
    groups: list[Group] = []
    for one in found["classes"]:
        members, middle = tuple(one["members"]), one["representatives"][0]
        pairs = len(members) * (len(members) - 1) // 2
        groups.append(Group(middle, members, middle, one["holding"], pairs - one["holding"]))
    names = study.networks[0]
    sorted_ones = {member for group in groups for member in group.members}
    compared = int(found["compared"] + found["audited"])
    return Classes(
        networks=names,
        groups=tuple(sorted(groups, key=lambda g: (-len(g.members), g.name))),
        relations=(),
        cycles=(),
        intransitive=0,
        examples=(),
        unsorted=tuple(name for name in names if name not in sorted_ones),
        measure=study.measures[0],
        layer_pair=study.layer_pairs[0],
        rule=RULE.format(near=found["near"], against=_against(study.measures[0])),
        pairs=compared,
        claims=compared,
        kept=compared,
        clustering=None,
        plane=np.full((len(names), 2), np.nan),
        plane_share=float("nan"),
        outliers=(),
        notes=joined_notes(found, study.measures[0], len(sorted_ones)),
    )


def _against(measure: str) -> str:
    """Say which answers keep a network out of a class."""
    if denies(measure):
        return "denies it"
    return f"leaves more than {per_cent(apart_beyond(measure))} of the variance, as the low end of its interval tells"


def joined_notes(found: Mapping[str, Any], measure: str, networks: int) -> tuple[str, ...]:
    """Say how many pairs were compared, and how those answered that were drawn to tell of the others."""
    pairs, compared = networks * (networks - 1) // 2, found["compared"] + found["audited"]
    said = [
        f"by representatives: {compared} of {pairs} pairs were compared; the others, within classes and between them, were not"
    ]
    audit = found["audit"]
    told = denies(measure)
    of = audit["hold"] + audit["fail"] + (0 if told else audit["open"])
    if of:
        fail = "are not" if told else f"leave more than {per_cent(apart_beyond(measure))}"
        said.append(
            f"pairs within classes that played no part in making them: {found['audited']} were drawn and compared, "
            f"{audit['hold']} are equivalent, {audit['open']} open, {audit['fail']} {fail}"
        )
        share = per_cent(audit["fail"] / of, *_bounds(audit["fail"], of))
        said.append(
            f"of such pairs{' that are decided' if told else ''} {share} {'are not equivalent' if told else 'leave so much'}"
        )
    return tuple(said)


def _bounds(count: int, of: int) -> tuple[float, float]:
    """Return the exact 95 % interval of a share (Clopper and Pearson 1934)."""
    low = float(betaincinv(count, of - count + 1, 0.025)) if count else 0.0
    return low, float(betaincinv(count + 1, of - count, 0.975)) if count < of else 1.0
