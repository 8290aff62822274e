"""The figures of a study: what each needs, put together for those who draw."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from conjugacy.asked import one_of
from conjugacy.errors import InputError
from conjugacy.report.study.figure_file import NAMES, draw_study_figure, write_study_figure
from conjugacy.study.coordinate import coordinate_in
from conjugacy.study.picked import classes_of, layers_in, measure_in

if TYPE_CHECKING:
    from conjugacy.study.study import Study

PICKED = ("measure", "layer_pair")
OPTIONS = {name: (*PICKED, "classes") for name in NAMES} | {"curve": (*PICKED, "coordinate", "against")}
"""What may be asked of each figure."""


def figure_of(study: Study, name: str, path: str | Path | None, ax: Any, how: Mapping[str, Any]) -> Any:
    """Draw one figure; what may be asked is in `Study.figure`."""
    known = OPTIONS[one_of("figure", name, NAMES)]
    unknown = sorted(set(how) - set(known))
    if unknown:
        raise InputError(f"figure: {name!r} has no option {', '.join(unknown)}; it has {', '.join(known)}")
    if path is not None and ax is not None:
        raise InputError("figure: got a path and ax; a figure goes to a file, or onto Axes")
    measure = None if how.get("measure") is None else measure_in(study, how["measure"])
    layer_pair = None if how.get("layer_pair") is None else layers_in(study, how["layer_pair"])
    classes = classes_of(how.get("classes"))
    if classes is None and name in ("tree", "plane", "classes"):
        classes = study.classes(measure=measure, layer_pair=layer_pair)
    curve = None if name != "curve" else _curve(study, measure, layer_pair, how)
    shown = {"classes": classes, "curve": curve, "measure": measure, "layer_pair": layer_pair}
    if path is None:
        return draw_study_figure(study, name, ax, shown)
    return write_study_figure(study, name, path, shown)


def _curve(study: Study, measure: str | None, layer_pair: str | None, how: Mapping[str, Any]) -> Any:
    """Return the curves of one measure, or of all, over what orders the networks."""
    coordinate = how.get("coordinate")
    if coordinate is None:
        coordinate = coordinate_in(study.networks[0])
    if coordinate is None:
        raise InputError(
            "coordinate: name what orders the networks, such as 'step', or give a mapping from names to numbers"
        )
    found = study.along(coordinate, against=how.get("against"))
    for column, asked in (("measure", measure), ("layers", layer_pair)):
        found = found if asked is None else found[found[column] == asked]
    return found
