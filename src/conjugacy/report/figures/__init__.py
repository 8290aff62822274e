"""The figures of the page, as SVG with the page's own colours."""

from conjugacy.report.figures.few_units import few_units_figure
from conjugacy.report.figures.ladder import ladder_figure
from conjugacy.report.figures.plane import PlanePicture, plane_picture
from conjugacy.report.figures.sweeps import sweeps_figure
from conjugacy.report.figures.worlds import worlds_figure

__all__ = ["PlanePicture", "few_units_figure", "ladder_figure", "plane_picture", "sweeps_figure", "worlds_figure"]
