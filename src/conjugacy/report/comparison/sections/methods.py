"""How the verdict came about: a paragraph for a paper, settings and versions, and what to cite."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from conjugacy import __version__
from conjugacy.measure import measure_names
from conjugacy.report.cite import as_bibtex, citations
from conjugacy.report.comparison.section import END, Section
from conjugacy.report.settings import flat_settings
from conjugacy.report.words import layers_words, percent_of
from conjugacy.results import AxisVerdict, Control
from conjugacy.results.axis import AXES
from conjugacy.results.digits import digits
from conjugacy.transformations import LADDER, rung_named

if TYPE_CHECKING:
    from conjugacy.comparison import Comparison


def _values(comparison: Comparison, place: str) -> Mapping[str, Any]:
    known = measure_names()
    return {
        "methods": methods(comparison),
        "settings": setting_rows(comparison),
        "citations": citations([s.measure for s in comparison.measures if s.measure.partition(":")[0] in known]),
        "bibtex": as_bibtex([s.measure for s in comparison.measures if s.measure.partition(":")[0] in known]),
        "version": __version__,
    }


def methods(comparison: Comparison) -> str:
    """Return how the verdict came about, as a paragraph that can stand in a paper."""
    judged = [(name, axis) for name, axis in zip(AXES, _axes(comparison), strict=True) if axis.rungs]
    if not judged and comparison.verdict.dynamics.answer != "not_tested":
        return _unmatched(comparison)
    if not judged:
        return "No axis could be tested, so that nothing was fitted."
    sentences = [_data(comparison), _what(judged), _fitting(comparison, [axis for _, axis in judged])]
    sentences += [_floor(name, axis) for name, axis in judged]
    sentences += [_controls(axis) for name, axis in judged if name == "representation"]
    sentences += [_rule(comparison), _software(comparison)]
    return " ".join(sentence for sentence in sentences if sentence)


def _unmatched(comparison: Comparison) -> str:
    return (
        f"Two networks ({comparison.networks[0]}, A, and {comparison.networks[1]}, B) were compared with Conjugacy "
        f"{comparison.settings.get('versions', {}).get('conjugacy', '')} on trials that do not belong together. "
        "Each network was described by a curve over time. It gives the rank of the distance between two states of a trial among "
        "all states of the network, along a graph of nearest states. The distance between the networks' curves was compared "
        "with that of random halves of one network, one of them through a random instrument, and at other speeds. "
        f"{_software(comparison)}"
    )


def _data(comparison: Comparison) -> str:
    groups = comparison.settings.get("independent_groups")
    dependent = groups is not None and groups < comparison.n_samples
    held = f" in {groups} independent groups, which were held out and resampled as wholes" if dependent else ""
    return (
        f"Two networks ({comparison.networks[0]}, A, and {comparison.networks[1]}, B) were compared with Conjugacy "
        f"{comparison.settings.get('versions', {}).get('conjugacy', '')} on {comparison.n_samples} matched stimuli{held}."
    ).replace("  ", " ")


def _what(judged: Sequence[tuple[str, AxisVerdict]]) -> str:
    parts: list[str] = []
    for name, axis in judged:
        what = (
            f"their outputs (as {' and '.join(dict.fromkeys(axis.output_kinds))})"
            if axis.output_kinds
            else "their outputs"
        )
        if name == "representation":
            what = f"the internal units of {layers_words(axis)}"
        parts.append(what)
    return f"Compared were {', and '.join(parts)}."


def _fitting(comparison: Comparison, axes: Sequence[AxisVerdict]) -> str:
    settings = comparison.settings
    *simpler, last = (_how(result.rung) for result in axes[0].rungs)
    fitted = f"{', '.join(simpler)} and {last}" if simpler else last
    estimates = [estimate for axis in axes for result in axis.rungs for estimate in (result.a_to_b, result.b_to_a)]
    everywhere = all(estimate.unexplained is not None for estimate in estimates)
    applying = "" if everywhere else ", as far as each applies to the widths and units at hand,"
    draws = settings.get("bootstrap_draws")
    null = settings.get("permutations")
    ends = f", with 95 % intervals from a studentised bootstrap ({draws} draws)" if draws is not None else ""
    independent = f"; independence was tested by {null} re-pairings of the stimuli" if null is not None else ""
    return (
        f"In both directions {fitted}{applying} "
        f"were fitted and judged on held-out stimuli ({_folds(comparison, axes)}) by the fraction of "
        f"variance left unexplained, every unit scaled to unit variance{ends}{independent}."
    )


def _how(name: str) -> str:
    """Name a family of maps, and how it is fitted where that needs saying."""
    rung = rung_named(name)
    return f"{rung.words} ({rung.estimator})" if rung.estimator else rung.words


def _folds(comparison: Comparison, axes: Sequence[AxisVerdict]) -> str:
    """Say how many folds, and how many rows were fitted on and judged, once where all axes agree."""
    folds = comparison.settings.get("folds")
    rows = dict.fromkeys((axis.rungs[-1].n_train, axis.rungs[-1].n_test) for axis in axes)
    counted = " and ".join(f"about {fitted} for fitting, {judged} judged" for fitted, judged in rows)
    return f"{'' if folds is None else f'{folds}-fold '}cross-validation, {counted}"


def _floor(name: str, axis: AxisVerdict) -> str:
    if axis.floor.value is None:
        return ""
    return f"The floor of the {name} axis, {percent_of(axis.floor.value)}, comes from {axis.floor.source}."


def _controls(axis: AxisVerdict) -> str:
    if axis.gain.state == "itself":
        return "Both are one network, so it was not compared with copies of itself."
    if not axis.controls:
        return "There was no untrained control."
    made = "; ".join(_made(control) for control in axis.controls)
    gain = axis.gain
    return (
        f"As a control each network was replaced by copies that learned nothing ({made}). Something counts as learned in common "
        "where the pair is within the tolerance, all copies fail it, and they leave more than "
        f"{digits(10**gain.threshold)} times as much unexplained both ways. These are lower ends of 97.5 % intervals, all at the "
        "smooth rung, or else all at the affine one."
    )


def _made(control: Control) -> str:
    """Say how the copies came about, with their number where that does not say it."""
    return (
        control.source if str(control.copies) in control.source else f"{control.source}, {control.copies} per network"
    )


def _rule(comparison: Comparison) -> str:
    checked = " and ".join(rung.name for rung in LADDER if rung.power_check)
    return (
        f"A family of maps holds where the upper ends of both intervals lie under the tolerance of "
        f"{100 * comparison.tolerance:g} %, and fails where a lower end lies over it. The {checked} family fails only where the "
        "same estimator does clearly better on known rough functions of the source (power check) and more rows would bring "
        "nothing. "
        f"All random draws were seeded with {comparison.seed}."
    )


def _software(comparison: Comparison) -> str:
    found = [
        f"{name} {number}" for name, number in comparison.settings.get("versions", {}).items() if name != "conjugacy"
    ]
    return f"Versions: {', '.join(found)}." if found else ""


def _axes(comparison: Comparison) -> list[AxisVerdict]:
    return [getattr(comparison.verdict, axis) for axis in AXES]


def setting_rows(comparison: Comparison) -> list[tuple[str, str]]:
    """Return the settings as flat name, value rows."""
    rows = [("tolerance", digits(comparison.tolerance)), ("seed", str(comparison.seed))]
    rows += [("matched rows", str(comparison.n_samples))]
    return rows + flat_settings(comparison.settings)


SECTION = Section((END,), _values, title="How it was done", id="methods")
