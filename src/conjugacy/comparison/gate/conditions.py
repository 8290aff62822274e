"""Conditions: `drop-in=yes`, `churn>0.05`, `rung>affine`, `cka<0.98`; what is required and what must not be are read alike."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, cast

from conjugacy.errors import InputError, UnknownNameError
from conjugacy.measure import get_measure, measure_names
from conjugacy.results import ANSWERS, DROP_IN_ANSWERS
from conjugacy.results.gate import Way
from conjugacy.transformations import RUNGS

Subject = Literal["drop-in", "same-task", "representation", "dynamics", "rung", "output-rung", "number", "measure"]
NO_RUNG = "none"
OPEN = frozenset({"undecided", "not_tested"})
RELATIONS = frozenset({"a_determines_b", "b_determines_a", "partly_related", "unrelated"})
RELATION_OPEN = frozenset({"not_equivalent"})
"""No yes, and it may be any of `RELATIONS`."""
NUMBERS = (
    "agreement",
    "churn",
    "error-change",
    "class-error",
    "right-to-wrong",
    "kl",
    "loss-change",
    "identity",
    "rows-beyond",
)
"""Numbers of drop-in, besides which any measure may be named."""

_SHORT = {
    "one way": frozenset({"a_determines_b", "b_determines_a"}),
    "partly": frozenset({"partly_related"}),
    **{answer: frozenset({answer}) for answer in (*ANSWERS, "different")},
}
_WORDS: dict[str, dict[str, frozenset[str]]] = {
    "drop-in": {answer: frozenset({answer}) for answer in DROP_IN_ANSWERS},
    "same-task": {
        "yes": frozenset({"equivalent"}),
        "no": frozenset({"partly_related", "unrelated", "not_equivalent"}),
        **_SHORT,
    },
    "representation": {**_SHORT, **{rung: frozenset({rung}) for rung in RUNGS}},
    "dynamics": _SHORT,
}
_OLD = {"function": "same-task"}
_ON_WORDS, _ON_NUMBERS = ("=", "!="), ("<", "<=", ">", ">=")
_PARTS = re.compile(r"^(?P<subject>.*[^<>=!])(?P<sign>==|<=|>=|!=|=|<|>)(?P<wanted>[^<>=!]+)$")


@dataclass(frozen=True)
class Condition:
    """One condition.

    Attributes
    ----------
    text : str
        As it was given.
    way : {"require", "fail-on"}
        Whether it is wanted, or what must not be.
    subject : str
        What it is about.
    name : str
        The number or the measure, by id with its options; else the subject.
    sign : str
        One of = != < <= > >=.
    words : frozenset of str
        The answers or rungs that fulfil it; of a number none.
    threshold : float
        Of a number.
    literal : bool
        Whether undecided is an answer as any other: it is not yes, and not no. Else it leaves open what asks for one of these.
    """

    text: str
    way: Way
    subject: Subject
    name: str
    sign: str
    words: frozenset[str] = frozenset()
    threshold: float = 0.0
    literal: bool = False

    @property
    def of_layers(self) -> bool:
        """Whether it is about a layer of each network."""
        if self.subject == "measure":
            return get_measure(self.name).traits.data == "activations"
        return self.subject in ("representation", "rung")

    @property
    def needs_rows(self) -> bool:
        """Whether it can be told on rows that belong together alone."""
        if self.subject == "measure":
            return get_measure(self.name).traits.data in ("activations", "outputs")
        return self.subject != "dynamics"


def read_condition(text: str, way: Way) -> Condition:
    """Read one condition.

    Raises
    ------
    InputError, UnknownNameError
        Where it has another form, or names what there is not; the list of what there is is told.

    Examples
    --------
    >>> read_condition("same-task=yes", "require").words
    frozenset({'equivalent'})
    >>> one = read_condition("cka:debiased=false<0.98", "fail-on")
    >>> one.name, one.sign, one.threshold
    ('cka:debiased=false', '<', 0.98)
    """
    found = _PARTS.match(text.strip())
    option = f"--{way} {text}"
    if found is None:
        raise InputError(
            f"{option}: expected NAME=ANSWER, NAME!=ANSWER, or a number against a threshold, as in drop-in=yes or churn>0.05"
        )
    given, sign, wanted = (part.strip() for part in found.group("subject", "sign", "wanted"))
    sign = "=" if sign == "==" else sign
    spelled = re.sub("[ _]", "-", given.lower())
    name = _OLD.get(spelled, spelled)
    if name in _WORDS:
        words = frozenset[str]().union(*(_words(option, name, word) for word in wanted.split("|")))
        return Condition(text, way, cast("Subject", name), name, _sign(option, sign, _ON_WORDS), words)
    if name in ("rung", "output-rung"):
        return _of_rung(option, Condition(text, way, name, name, sign), wanted)
    threshold = _number(option, wanted, name, given)
    _sign(option, sign, _ON_NUMBERS)
    if name in NUMBERS:
        return Condition(text, way, "number", name, sign, threshold=threshold)
    return Condition(text, way, "measure", _measure(given), sign, threshold=threshold)


def _words(option: str, name: str, word: str) -> frozenset[str]:
    known = _WORDS[name]
    spelled = {_plain(one): answers for one, answers in known.items()}
    if _plain(word) not in spelled:
        raise UnknownNameError.of(f"answer of {name}", word.strip(), known, where=f"({option})", most=len(known))
    return spelled[_plain(word)]


def _plain(word: str) -> str:
    return re.sub("[-_]", " ", word.strip().lower())


def _sign(option: str, sign: str, known: tuple[str, ...]) -> str:
    if sign not in known:
        what = "a number is compared with a threshold" if known is _ON_NUMBERS else "an answer is one or another"
        raise InputError(f"{option}: {what}, expected {' or '.join(known)}, got {sign}")
    return sign


def _of_rung(option: str, condition: Condition, wanted: str) -> Condition:
    order = (*RUNGS, NO_RUNG)
    if wanted not in order:
        raise UnknownNameError.of("rung", wanted, order, where=f"({option})")
    at = order.index(wanted)
    among = {
        "=": order[at : at + 1],
        "!=": (*order[:at], *order[at + 1 :]),
        "<": order[:at],
        "<=": order[: at + 1],
        ">": order[at + 1 :],
        ">=": order[at:],
    }[condition.sign]
    if not among or len(among) == len(order):
        raise InputError(f"{option}: {'no' if not among else 'every'} rung is {condition.sign} {wanted}")
    return Condition(condition.text, condition.way, condition.subject, condition.name, condition.sign, frozenset(among))


def _number(option: str, wanted: str, name: str, given: str) -> float:
    known = (*_WORDS, *_OLD, "rung", "output-rung", *NUMBERS, *measure_names())
    if name not in known and given.partition(":")[0] not in known:
        raise UnknownNameError.of("name", given, known, where=f"({option})", most=len(known))
    try:
        value = float(wanted)
    except ValueError:
        value = float("nan")
    if value != value:
        raise InputError(f"{option}: got {wanted!r}, expected a number, as in {given}>0.05")
    return value


def _measure(given: str) -> str:
    if get_measure(given).traits.data == "recording":
        raise InputError(f"{given}: is what same-task says; ask for same-task=yes")
    return given
