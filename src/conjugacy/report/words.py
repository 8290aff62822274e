"""The words for a verdict, shared by the terminal table, the notebook display and the page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from conjugacy.report.shared_words import attribute_sentences, shared_sentence
from conjugacy.results import AxisVerdict, Estimate, Gain, Reason, RungResult
from conjugacy.results.digits import digits, interval, per_cent
from conjugacy.transformations import rung_named

if TYPE_CHECKING:
    from conjugacy.comparison import Comparison

TITLES = {"function": "same task", "representation": "representation", "dynamics": "dynamics"}
NOT_SHOWN = "both carry the stimuli, nothing learned in common is shown"
MISSING = ("unshuffled", "unreset")  # states in which it is told why a control is missing
_STATES = {
    "nearly_linear": "weights in random order match by an affine map as well: the layers are nearly linear whatever was learned",
    "no_pair": "the pair is not within the tolerance either",
    "controls_hold": "not all of them fail the tolerance",
    "small": "that is not clearly more",
    "unshuffled": "there is no control of shuffled weights",
    "unreset": "there is no untrained control",
}
_SHORT = {
    "a_determines_b": "one way",
    "b_determines_a": "one way",
    "partly_related": "partly",
    "unrelated": "unrelated",
    "not_equivalent": "no map",
    "different": "different",
    "undecided": "undecided",
    "not_tested": "not tested",
}
_RELATION = {
    "a_determines_b": "A determines B, and B does not determine A",
    "b_determines_a": "B determines A, and A does not determine B",
    "partly_related": "neither determines the other, though they are not independent",
    "unrelated": "neither predicts the other better than chance",
    "not_equivalent": "no map holds both ways; the kind of relation stays open",
}
_DENIED = ("partly_related", "unrelated", "not_equivalent")


@dataclass(frozen=True)
class AxisWords:
    """One line of the table in words: an axis, or drop-in.

    Attributes
    ----------
    axis, title : str
        What it is in the record, and what people call it.
    answer, headline : str
        A word or two, and a sentence.
    reasons : tuple of str
        Those that the headline does not say.
    warnings : tuple of str
    outputs : tuple of (name, answer, headline)
        Every output by itself, where there are several.
    """

    axis: str
    title: str
    answer: str
    headline: str
    reasons: tuple[str, ...]
    warnings: tuple[str, ...] = ()
    outputs: tuple[tuple[str, str, str], ...] = ()

    @property
    def by_output(self) -> tuple[str, ...]:
        """One sentence for every output, where there are several."""
        return tuple(f"{name}: {answer}, {headline}" for name, answer, headline in self.outputs)


def axis_words(comparison: Comparison, axis: str) -> AxisWords:
    """Return the words for one axis of a comparison.

    Examples
    --------
    >>> from conjugacy.comparison import Comparison
    >>> from conjugacy.results import AxisVerdict, Verdict
    >>> nothing = AxisVerdict.not_tested("no outputs were recorded")
    >>> words = axis_words(Comparison(Verdict(nothing, nothing, nothing), 0.05, 0, ("a", "b"), 0, {}), "function")
    >>> words.answer, words.headline
    ('not tested', 'no outputs were recorded')
    """
    verdict: AxisVerdict = getattr(comparison.verdict, axis)
    # the headline tells of the maps and, for internal units that match, of the controls
    told = ("control",) if axis == "representation" and verdict.answer == "equivalent" else ()
    return AxisWords(
        axis,
        TITLES[axis],
        short_answer(verdict, axis),
        _headline(verdict, axis, comparison.tolerance),
        (*_shared(comparison, axis, verdict.answer), *verdict.reasons_beside(told)),
        verdict.warnings,
        tuple(
            (output_name(head), short_answer(head, axis), _in_a_list(_headline(head, axis, comparison.tolerance)))
            for head in verdict.heads
        ),
    )


def _shared(comparison: Comparison, axis: str, answer: str) -> tuple[str, ...]:
    """Say what networks share that are partly related, and where the attributes stand that were given."""
    asked = bool(comparison.settings.get("attributes"))
    if axis != "representation" or not (asked or answer == "partly_related") or comparison.shared is None:
        return ()
    shared = (shared_sentence(comparison.shared),) if answer == "partly_related" else ()
    return (*shared, *(attribute_sentences(comparison.shared) if asked else ()))


def _in_a_list(headline: str) -> str:
    """Leave out what the name of the output and its answer have said."""
    return headline.removeprefix("not the same task: ").removeprefix("not the same task; ").removeprefix("outputs: ")


def _headline(verdict: AxisVerdict, axis: str, tolerance: float) -> str:
    if verdict.answer == "not_tested" or axis == "dynamics":
        where = f"{layers_words(verdict)}; " if verdict.layers and verdict.answer != "not_tested" else ""
        return f"{where}{verdict.deciding}"
    return (_function_headline if axis == "function" else _representation_headline)(verdict, tolerance)


def short_answer(verdict: AxisVerdict, axis: str) -> str:
    """Return the answer in a word or two; "yes" is said of outputs alone."""
    if verdict.answer == "equivalent":
        return "yes" if axis == "function" else verdict.rung or "equivalent"
    if axis == "function" and verdict.answer in _DENIED:
        return "no"
    return _SHORT[verdict.answer]


def _function_headline(verdict: AxisVerdict, tolerance: float) -> str:
    outputs = which_output(output_name(verdict)) if verdict.heads else "outputs"
    about = _about(verdict)
    if verdict.answer == "undecided":
        return verdict.deciding if verdict.heads and about == "data" else f"{outputs}: {verdict.deciding}"
    numbers = verdict.deciding if about in ("decisions", "identity") else _numbers(verdict, tolerance)
    if verdict.answer == "equivalent":
        return f"{outputs}: {numbers}"
    if (
        about == "decisions" and verdict.answer in _DENIED
    ):  # what the scores have to do with each other is another matter
        return f"not the same task: {f'{outputs}: ' if verdict.heads else ''}{numbers}"
    # what is said of several outputs together is told of none of them
    told = next((head.answer for head in verdict.heads if head.layers == verdict.layers), verdict.answer)
    if told == "not_equivalent" and about == "maps":  # the sentence says what would settle it
        return f"not the same task; {outputs}: {verdict.deciding}"
    return f"not the same task: {_RELATION[told]}; {outputs}: {numbers}"


def _about(verdict: AxisVerdict) -> str | None:
    """Return what the reason that decides is about."""
    return verdict.deciding.about if isinstance(verdict.deciding, Reason) else None


def which_output(name: str) -> str:
    """Name one of several outputs; `outputs.boxes` says what it is.

    Examples
    --------
    >>> which_output("boxes"), which_output("outputs[1]")
    ('output boxes', 'outputs[1]')
    """
    return name if name.startswith("output") else f"output {name}"


def output_name(verdict: AxisVerdict) -> str:
    """Name the output that a verdict is of, twice where the networks call it differently."""
    a, b = verdict.layers or ("outputs", "outputs")
    return a if a == b else f"{a} (A), {b} (B)"


def _representation_headline(verdict: AxisVerdict, tolerance: float) -> str:
    where = layers_words(verdict)
    if verdict.answer == "undecided":
        return f"{where}; {verdict.deciding}"
    about = _about(verdict)
    if about == "identity" or (verdict.answer == "not_equivalent" and about == "maps"):
        return f"{where}; {verdict.deciding}"
    numbers = _numbers(verdict, tolerance)
    if verdict.answer != "equivalent":
        return f"{where}; {_RELATION[verdict.answer]}; {numbers}"
    control = control_words(verdict.gain)
    return f"{where}; the simplest map that carries one onto the other, both ways: {numbers}; {control}"


def control_words(gain: Gain) -> str:
    """Say what copies that learned nothing show of a representation that holds both ways.

    Examples
    --------
    >>> control_words(Gain(1.1, 1.4, 0.1, "smooth", 1.0, 1.2, 1.3, 1.5, "shown")).partition("leave ")[2]
    '12.6 [10, 15.8] (A->B) and 25.1 [20, 31.6] (B->A) times as much (smooth rung)'
    """
    because = "" if gain.reason is None else f"; {gain.reason}"
    if gain.state == "itself":
        return "they are one network, so this says nothing about what it learned"
    if gain.state == "no_control":
        told = because.removeprefix("; ") if because.startswith("; none") else f"none{because}"
        return f"untrained control: {told}; {NOT_SHOWN}"
    if gain.state == "one_network":
        return f"untrained control: for one network only{because}; {NOT_SHOWN}"
    if gain.state == "nearly_linear":
        return f"{_STATES[gain.state]}; {NOT_SHOWN}"
    at = "" if gain.rung is None else f" ({gain.rung} rung)"
    times = f"{factor(gain, 'a_to_b')} (A->B) and {factor(gain, 'b_to_a')} (B->A) times as much{at}"
    leave = f"copies that learned nothing leave {times}"
    if gain.shown:
        return f"learned in common: {leave}"
    return f"{leave}; {_STATES[gain.state]}{because if gain.state in MISSING else ''}; {NOT_SHOWN}"


def factor(gain: Gain, way: str) -> str:
    """Return a gain as a plain factor with its interval; a dash where there is none."""
    value, low, high = (getattr(gain, name) for name in (way, f"low_{way}", f"high_{way}"))
    if value is None:
        return "-"
    times, *ends = (None if one is None else 10.0**one for one in (value, low, high))
    return f"{digits(times)}{interval(times, *ends)}"


def layers_words(verdict: AxisVerdict) -> str:
    """Name the two layers, once where they have the same name, and how they were chosen."""
    if verdict.layers is None:
        return "layers"
    a, b = verdict.layers
    names = f"layer {a}" if a == b else f"layers {a} (A) and {b} (B)"
    if not verdict.layer_choice:
        return names
    rule, told, more = verdict.layer_choice.partition(" (")  # what is told beside the rule is a statement of its own
    return f"{names}, {rule}" + (f"; {more.removesuffix(')')}" if told else "")


def told_rung(verdict: AxisVerdict) -> RungResult | None:
    """Return the rung whose numbers stand in the headline: the one that holds, else the last."""
    named = [result for result in verdict.rungs if result.rung == verdict.rung]
    return (named or list(verdict.rungs[-1:]) or [None])[0]


def _numbers(verdict: AxisVerdict, tolerance: float) -> str:
    result = told_rung(verdict)
    limits = f"(tolerance {percent_of(tolerance)}{_floor_words(verdict)})"
    if result is None:
        return f"no map was fitted {limits}"
    words = (verdict.rung_words if result.rung == verdict.rung else None) or rung_named(result.rung).short
    return f"{words}, {percent(result.a_to_b)} unexplained A->B, {percent(result.b_to_a)} B->A {limits}"


def _floor_words(verdict: AxisVerdict) -> str:
    return "" if verdict.floor.value is None else f", floor {percent_of(verdict.floor.value)}"


def percent(estimate: Estimate) -> str:
    """Return an estimate with its interval in per cent.

    Examples
    --------
    >>> percent(Estimate(0.004, 0.002, 0.007)), percent(Estimate(1.2)), percent(Estimate())
    ('0.4 % [0.2, 0.7]', '120 %', 'not measured')
    """
    if estimate.unexplained is None:
        return "not measured"
    return per_cent(estimate.unexplained, estimate.low, estimate.high)


def cell(estimate: Estimate) -> str:
    """Return an estimate as it stands in a table."""
    return "-" if estimate.unexplained is None else percent(estimate)


def percent_of(fraction: float) -> str:
    """Return a fraction in per cent."""
    return per_cent(fraction)
