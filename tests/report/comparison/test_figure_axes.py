"""Without a path a figure is drawn on Axes: new ones, or in the place of the caller's."""

import matplotlib as mpl
import numpy as np
import pytest
from factory import everything

from conjugacy.errors import InputError
from conjugacy.study.table import study_of

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


def texts_of(region, renderer):
    """Return the words that are seen, and the boxes of their letters."""
    found = [t for t in region.findobj(mpl.text.Text) if t.get_visible() and t.get_text().strip()]
    known = {id(t): (t.get_text(), t.get_window_extent(renderer)) for t in found}
    ticks = [
        t
        for axes in region.axes
        for axis in (axes.xaxis, axes.yaxis)
        for t in (*axis.get_majorticklabels(), *axis.get_minorticklabels())
    ]
    inside = {id(t): t for axes in region.axes for axis in (axes.xaxis, axes.yaxis) for t in _drawn_labels(axis)}
    hidden = {id(t) for t in ticks} - set(inside)
    return [pair for key, pair in known.items() if key not in hidden]


def _drawn_labels(axis):
    low, high = sorted(axis.get_view_interval())
    slack = 1e-9 * (high - low)
    return [
        label for tick in axis.get_major_ticks() for label in (tick.label1, tick.label2)
        if low - slack <= tick.get_loc() <= high + slack and label.get_visible()
    ]  # fmt: skip


def require_whole(figure, drawn):
    """Nothing reaches beyond the place it was given, and no words lie on others."""
    figure.canvas.draw()
    region = drawn.figure
    box = region.bbox.padded(2)
    shown = texts_of(region, figure.canvas.get_renderer())
    assert shown
    for words, extent in shown:
        assert box.x0 <= extent.x0 <= extent.x1 <= box.x1, words
        assert box.y0 <= extent.y0 <= extent.y1 <= box.y1, words
    for i, (words, one) in enumerate(shown):
        for others, other in shown[:i]:
            overlap = mpl.transforms.Bbox.intersection(one, other)
            assert overlap is None or min(overlap.width, overlap.height) <= 2, (words, others)


@pytest.mark.parametrize("name", ["ladder", "planes", "layers", "errors"])
def test_nothing_is_cut_in_a_grid(comparison, plt, name):
    figure, axes = plt.subplots(2, 2, figsize=(12, 9))
    require_whole(figure, comparison.figure(name, ax=axes[0, 1]))


@pytest.mark.parametrize("name", ["matrix", "tree", "plane", "classes", "curve"])
def test_nothing_of_a_study_is_cut_in_a_grid(plt, name):
    names = [f"step{10**i}" for i in range(1, 6)]
    far = np.abs(np.subtract.outer(np.arange(5.0), np.arange(5.0))) / 6
    said = np.where(
        far == 0, "missing", np.where(far < 0.2, "equivalent", np.where(far < 0.6, "undecided", "unrelated"))
    )
    figure, axes = plt.subplots(2, 2, figsize=(6.4, 4.8), dpi=200)
    require_whole(figure, study_of(names, said, far).figure(name, ax=axes[1, 0]))


def test_a_figure_that_is_refused_leaves_everything_as_it_was(comparison, plt):
    figure, ax = plt.subplots()
    with pytest.raises(InputError, match="no sweep"):
        comparison.figure("sweeps", ax=ax)
    assert ax.axison
    assert not figure.subfigs
    numbers = plt.get_fignums()
    with pytest.raises(InputError, match="no sweep"):
        comparison.figure("sweeps")
    assert plt.get_fignums() == numbers


def test_what_is_drawn_again_takes_the_place_of_what_was_there(comparison, plt):
    figure, ax = plt.subplots()
    first = comparison.figure("ladder", ax=ax)
    second = comparison.figure("layers", ax=ax)
    assert [part.axes[0] for part in figure.subfigs] == [second]
    third = comparison.figure("ladder", ax=second)  # what was returned stands for the place
    assert [part.axes[0] for part in figure.subfigs] == [third]
    with pytest.raises(InputError, match="no sweep"):
        comparison.figure("sweeps", ax=ax)
    assert [part.axes[0] for part in figure.subfigs] == [third]
    assert first is not third
