"""Without a path a figure is drawn on Axes: new ones, or in the place of the caller's."""

import matplotlib as mpl
import numpy as np
import pytest
from factory import everything

from conjugacy.errors import InputError

mpl.use("Agg")


@pytest.fixture
def plt():
    from matplotlib import pyplot

    yield pyplot
    pyplot.close("all")


@pytest.fixture(scope="module")
def comparison():
    return next(one for one in everything().values() if one.plane is not None and one.layer_map is not None)


def test_a_new_figure_is_drawn_in_the_light_theme(comparison, plt):
    axes = comparison.figure("ladder")
    assert axes.figure in [plt.figure(n) for n in plt.get_fignums()]
    assert axes.xaxis.label.get_color() == "#16181d"
    axes.figure.canvas.draw()


def test_a_figure_takes_the_place_of_given_axes(comparison, plt):
    figure, (left, right) = plt.subplots(1, 2, figsize=(12, 5))
    drawn = comparison.figure("layers", ax=right)
    figure.canvas.draw()
    middle = np.mean(drawn.get_window_extent().intervalx)
    assert left.get_window_extent().x1 < middle
    assert drawn.get_figure(root=True) is figure


def test_what_cannot_be_drawn_on_is_refused(comparison, plt):
    with pytest.raises(InputError, match="subplots"):
        comparison.figure("ladder", ax=plt.figure().add_axes((0, 0, 1, 1)))
    with pytest.raises(InputError, match="a path and ax"):
        comparison.figure("ladder", "a.svg", ax=plt.figure().add_subplot())
