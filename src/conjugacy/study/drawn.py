"""The figures of a study: what each needs, put together for those who draw."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from conjugacy.errors import InputError
from conjugacy.report.study.figure_file import draw_study_figure, write_study_figure
from conjugacy.study.coordinate import coordinate_in

if TYPE_CHECKING:
    from conjugacy.study.study import Study

OPTIONS = ("measure", "layer_pair", "classes", "coordinate", "against")


def figure_of(study: Study, name: str, path: str | Path | None, ax: Any, how: Mapping[str, Any]) -> Any:
    """Draw one figure; what may be asked is in `Study.figure`."""
    unknown = sorted(set(how) - set(OPTIONS))
    if unknown:
        raise InputError(f"figure: there is no option {', '.join(unknown)}; known: {', '.join(OPTIONS)}")
    coordinate = how.get("coordinate")
    if coordinate is None and name == "curve":
        coordinate = coordinate_in(study.networks[0])
        if coordinate is None:
            raise InputError(
                "coordinate: name what orders the networks, as 'step', or give a mapping from names to numbers"
            )
    curve = None if coordinate is None or name != "curve" else study.along(coordinate, against=how.get("against"))
    classes = how.get("classes")
    if classes is None and name in ("tree", "plane", "classes"):
        classes = study.classes(measure=how.get("measure"), layer_pair=how.get("layer_pair"))
    shown = {"classes": classes, "curve": curve, "measure": how.get("measure"), "layer_pair": how.get("layer_pair")}
    if path is not None and ax is not None:
        raise InputError("figure: got a path and ax; a figure goes to a file, or onto Axes")
    if path is None:
        return draw_study_figure(study, name, ax, shown)
    return write_study_figure(study, name, path, shown)
