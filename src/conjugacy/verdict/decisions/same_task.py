"""Whether two networks that choose between classes do the same task."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from conjugacy.results import Estimate, Evidence
from conjugacy.transformations.folds import MIN_CLUSTERS
from conjugacy.verdict.decisions.expected import AgainstIndependent, against_independent
from conjugacy.verdict.decisions.falls import Fall, falls, lost
from conjugacy.verdict.decisions.given import Decided, Named, followed_held_out, merged, under_common_names
from conjugacy.verdict.decisions.merged import FEWEST_TOLD_APART, merges, put_together, puts_together, told_apart
from conjugacy.verdict.decisions.shares import Groups, independence, kappa
from conjugacy.verdict.decisions.shares import lower as _low
from conjugacy.verdict.decisions.shares import upper as _high
from conjugacy.verdict.decisions.words import Words

FAR_ABOVE_CHANCE = 0.4  # kappa of decisions and targets: "moderate" at least (Landis and Koch 1977)
ALIKE = 0.5  # kappa of both decisions: half way from chance to always alike
NEAR_CHANCE = 0.2  # kappa: "slight" at most
CHANCE_LEVEL = 0.05


@dataclass(frozen=True)
class SameTask:
    """What the choices say.

    Attributes
    ----------
    answer : str
        One of the answers of an axis.
    sentence : str
        Why.
    p : float
        How often a pair at the limit would look so clear: the largest p of the tests on which the answer rests; 1 where none
        decides.
    evidence : tuple of Evidence
    warnings : tuple of str
    """

    answer: str
    sentence: str
    p: float = 1.0
    evidence: tuple[Evidence, ...] = ()
    warnings: tuple[str, ...] = ()


def same_task(given: Decided) -> SameTask:
    """Return whether two networks do the same task, from what they choose.

    Against known targets, agreement is compared with what independent errors of both would give (`against_independent`). *Yes*
    where it is not below that by more than the tolerance, both are far above chance, in what they were to choose or in choosing
    alike, and neither fails at a class that the other does. *No* where it is below that by more than the tolerance, where the
    targets differ by more and the choices follow them, or where only one does the task. Without targets *yes* only where nearly
    all choices agree, *unrelated* only where they agree by chance. All this after one renaming of classes where that is plainly
    what differs. Merged classes are one way.
    """
    case = _Pair(given)
    if case.rows.count < MIN_CLUSTERS:
        found = case.open(f"only {case.rows.count} rows are independent of each other, and {MIN_CLUSTERS} are needed")
    elif case.named.wanted is None:
        found = _without_targets(case)
    elif (case.named.wanted[0] != case.named.wanted[1]).any():
        found = _with_other_targets(case, *case.named.wanted)
    else:
        found = _with_targets(case, len(given.a))
    return replace(found, evidence=case.evidence(), warnings=case.warnings())


@dataclass(frozen=True, eq=False)
class _Pair:
    """A pair under way: what is asked of it is computed once."""

    given: Decided

    @cached_property
    def rows(self) -> Groups:
        return Groups(self.given.clusters)

    @cached_property
    def named(self) -> Named:
        return under_common_names(self.given)

    @cached_property
    def agreement(self) -> Estimate:
        return self.rows.share(self.named.a == self.named.b)

    @cached_property
    def beyond_chance(self) -> Estimate:
        return kappa(self.named.a, self.named.b, self.rows)

    @cached_property
    def skills(self) -> tuple[Estimate, Estimate] | None:
        """How far each is above chance at what it was to choose."""
        if self.named.wanted is None:
            return None
        ends = zip((self.named.a, self.named.b), self.named.wanted, strict=True)
        first, second = (kappa(chosen, wanted, self.rows) for chosen, wanted in ends)
        return first, second

    @cached_property
    def against(self) -> AgainstIndependent | None:
        """Agreement against that of independent errors, where both were to choose the same."""
        wanted = self.named.wanted
        if wanted is None or (wanted[0] != wanted[1]).any():
            return None
        return against_independent(self.named.a, self.named.b, wanted[1], self.rows)

    @cached_property
    def falls(self) -> tuple[Fall, ...]:
        """Classes that one does and the other does not."""
        named = self.named
        if self.against is not None and named.wanted is not None:
            return falls(named.a, named.b, named.wanted[1], self.rows)
        return lost(named.a, named.b, self.rows, self.given.tolerance)

    @cached_property
    def by_chance(self) -> bool:
        """Whether the choices agree no more than chance does, whatever the names: a permutation test and an upper bound."""
        a, b = self.given.a, self.given.b
        if any((e.high if e.high is not None else 0.0) > NEAR_CHANCE for e in self._by_any_rule):
            return False
        return independence(a, b, self.given.clusters, self.given.seed) > CHANCE_LEVEL

    @cached_property
    def _by_any_rule(self) -> tuple[Estimate, Estimate]:
        """Kappa of the choices under common names, and by the best rule from class to class."""
        rule = followed_held_out(self.given.a, self.given.b, self.given.clusters, self.given.seed)
        return kappa(self.named.a, self.given.b, self.rows), kappa(rule, self.given.b, self.rows)

    @property
    def p_by_chance(self) -> float:
        """The p of agreement near chance: that it is no more than chance is what no test shows."""
        told = [e for e in self._by_any_rule if e.unexplained is not None]
        return max([self.rows.p_below(e, NEAR_CHANCE) for e in told], default=1.0)

    @property
    def p_within(self) -> float:
        """The p of agreement within the tolerance."""
        return self.rows.p_share_above(self.named.a == self.named.b, 1.0 - self.given.tolerance)

    @property
    def p_alike(self) -> float:
        """The p of choosing alike beyond chance."""
        return self.rows.p_above(self.beyond_chance, ALIKE)

    @property
    def words(self) -> Words:
        return Words(self.agreement, self.against, self.named.renamed, self.own_errors)

    @property
    def own_errors(self) -> tuple[Estimate, Estimate] | None:
        if self.named.wanted is None:
            return None
        ends = zip((self.named.a, self.named.b), self.named.wanted, strict=True)
        first, second = (self.rows.share(chosen != wanted) for chosen, wanted in ends)
        return first, second

    def open(self, why: str) -> SameTask:
        return SameTask("undecided", f"{self.words.alike}; {why}")

    def evidence(self) -> tuple[Evidence, ...]:
        found: list[Evidence] = []
        if self.against is not None:
            d = self.against.difference
            found.append(Evidence("agreement_expected", self.against.expected, unit="share of rows"))
            found.append(Evidence("agreement_over_expected", d.unexplained, d.low, d.high, unit="share of rows"))
        return tuple(found)

    def warnings(self) -> tuple[str, ...]:
        if self.named.wanted is not None and self.against is None:
            return ()  # other targets: that classes differ is no news
        return self.words.of_few_rows([fall for fall in self.falls if not fall.shown])


def _with_targets(case: _Pair, m: int) -> SameTask:
    """Judge two networks that were to choose the same."""
    tolerance, words, against, skills = case.given.tolerance, case.words, case.against, case.skills
    if against is None or skills is None:
        return case.open("the targets do not say what both were to choose")
    d = against.difference
    if (d.high or 0.0) < -tolerance:
        p = case.rows.p_below(d, -tolerance)
        answer, p = ("unrelated", max(p, case.p_by_chance)) if case.by_chance else ("partly_related", p)
        return SameTask(answer, f"{words.alike}: fewer than two networks show that learned one task", p)
    poor = [name for name, skill in zip("AB", skills, strict=True) if _high(skill) < NEAR_CHANCE]
    good = [name for name, skill in zip("AB", skills, strict=True) if _low(skill) > FAR_ABOVE_CHANCE]
    if len(poor) == 1 and len(good) == 1:
        again = _renamed_against_targets(case)
        if again is not None:
            return again
        does, fails = skills if good == ["A"] else skills[::-1]
        p = max(case.rows.p_above(does, FAR_ABOVE_CHANCE), case.rows.p_below(fails, NEAR_CHANCE))
        answer, p = ("unrelated", max(p, case.p_by_chance)) if case.by_chance else ("partly_related", p)
        return SameTask(answer, f"{words.alike}; {good[0]} does the task and {poor[0]} does not", p)
    shown = [fall for fall in case.falls if fall.shown]
    if shown:
        one_way = _merged(case, *case.given.wanted) or _renamed_against_targets(case)
        return one_way or case.open(words.of_falls(shown))
    leaning = [fall for fall in case.falls if fall.leans]
    if leaning:
        return case.open(words.of_leaning(leaning))
    alike = _low(case.beyond_chance) > ALIKE and min(_low(skill) for skill in skills) > NEAR_CHANCE
    if len(good) < 2 and not alike:
        weak = [name for name in "AB" if name not in good]
        return case.open(words.of_weak(weak))
    if (d.low or 0.0) > -tolerance:
        both, chosen = (FAR_ABOVE_CHANCE, 0.0) if len(good) == 2 else (NEAR_CHANCE, case.p_alike)
        p = max(case.rows.p_above(d, -tolerance), chosen, *(case.rows.p_above(skill, both) for skill in skills))
        return SameTask("equivalent", words.alike, p)
    return case.open(words.of_few(d, tolerance, m))


def _renamed_against_targets(case: _Pair) -> SameTask | None:
    """Return that one has other names for the classes than the targets, where three or more classes show it."""
    given = case.given
    if len(np.union1d(given.a, given.b)) < 3:
        return None  # of two classes the other one is as well the other rule
    free = _Pair(replace(given, wanted=(None, None)))
    if not free.named.renamed or (1.0 - (free.agreement.low or 0.0)) > given.tolerance:
        return None
    sentence = f"{free.words.alike}; one of the two has other names for the classes than the targets"
    return SameTask("equivalent", sentence, free.p_within)


def _with_other_targets(case: _Pair, wanted_a: np.ndarray, wanted_b: np.ndarray) -> SameTask:
    """Judge two networks that were to choose differently, whatever the names."""
    words, tolerance, skills = case.words, case.given.tolerance, case.skills
    one_way = _merged(case, *case.given.wanted)  # each under its own names
    if one_way is not None:
        return one_way
    if any(puts_together(*lists) for lists in (case.given.wanted, case.given.wanted[::-1])):
        return case.open("what one was to choose puts classes of the other together, and whether that is all is open")
    apart = case.rows.share(wanted_a != wanted_b)
    differ = words.of_targets(apart)
    if _low(apart) <= tolerance:
        return case.open(f"{differ}: that is no more than the tolerance, and no less than another task")
    p = case.rows.p_share_above(wanted_a != wanted_b, tolerance)
    if case.by_chance:
        return SameTask("unrelated", f"{words.alike}, as by chance; {differ}", max(p, case.p_by_chance))
    if 1.0 - _high(case.agreement) <= tolerance or _low(case.agreement) > 1.0 - _low(apart):
        return case.open(f"{differ}, and the choices do not bear that out")
    if skills is not None and min(_low(skill) for skill in skills) > FAR_ABOVE_CHANCE:
        own = (case.rows.p_above(skill, FAR_ABOVE_CHANCE) for skill in skills)
        p = max(p, case.rows.p_share_above(case.named.a != case.named.b, tolerance), *own)
        return SameTask("partly_related", f"{words.alike}; {differ}, and each does its own task", p)
    return case.open(f"{differ}, and not both do their own task well enough to tell")


def _without_targets(case: _Pair) -> SameTask:
    """Judge two networks of which nothing is known but what they choose."""
    words, tolerance, given = case.words, case.given.tolerance, case.given
    apart = 1.0 - _low(case.agreement)
    if case.beyond_chance.unexplained is None or max(_frequent(given.a), _frequent(given.b)) > 1.0 - tolerance:
        return case.open("one class is nearly all that is chosen, so that agreement says little; record other stimuli")
    shown = [fall for fall in case.falls if fall.shown]
    leaning = [fall for fall in case.falls if fall.leans]
    if not leaning and apart <= tolerance and _low(case.beyond_chance) > ALIKE:
        if case.named.renamed and len(np.union1d(given.a, given.b)) < 3:
            return case.open("of two classes the other name is as well the other rule: record with targets")
        return SameTask("equivalent", words.alike, max(case.p_within, case.p_alike))
    one_way = _merged(case, None, None)
    if one_way is not None:
        return one_way
    if case.by_chance:
        return SameTask("unrelated", f"{words.alike}, as by chance", case.p_by_chance)
    if leaning and 1.0 - (case.agreement.unexplained or 0.0) <= tolerance:
        return case.open(words.of_falls(shown) if shown else words.of_leaning(leaning))
    only = "without targets it cannot be told whether both only err, each in its own way: record with targets"
    return case.open(f"{words.of_falls(shown)}; {only}" if shown else only)


def _merged(case: _Pair, wanted_a: np.ndarray | None, wanted_b: np.ndarray | None) -> SameTask | None:
    """Return one way, where the classes of one network are classes of the other put together."""
    given = case.given
    ways = (
        ("a_determines_b", given.a, given.b, wanted_a, wanted_b),
        ("b_determines_a", given.b, given.a, wanted_b, wanted_a),
    )
    for answer, one, other, own, others in ways:
        if own is not None and others is not None and (own != others).any() and not puts_together(own, others):
            continue  # what they were to choose differs otherwise
        fine = one if own is None else own
        rule = merged(fine, other)
        if told_apart(one, rule) < FEWEST_TOLD_APART or not merges(fine, other, rule):
            continue
        found = same_task(put_together(given, one, other, rule, own))
        if found.answer == "equivalent":
            who, whose = ("A", "B") if answer == "a_determines_b" else ("B", "A")
            finer = f"{who} tells classes apart that {whose} puts together"
            sentence = f"{case.words.alike}; {finer}, and beyond that {found.sentence}"
            return SameTask(answer, sentence, found.p)
    return None


def _frequent(chosen: np.ndarray) -> float:
    return float(np.unique_counts(chosen).counts.max() / len(chosen))
