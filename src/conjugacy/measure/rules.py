"""Under which rules numbers were made, so that no table mixes those of two."""

RULES = 10
"""Raised by whoever changes a rule or an estimator: what a store made under another number is compared again.

1: the deepest layer of the same name, or the most alike of all pairs. 2: the deepest hidden layer of each network that is not its
outputs again. 3: decisions decide between classes; outputs that give the inputs away are asked for by the maps that hold.
4: a class that fell on few rows holds a yes back; a column lost in one network counts in the other; p of decisions is that of
their tests. 5: one test of chance for both directions; a refuted map is a no on layers too; the same numbers come first; a unit
is constant against itself; intervals allow for what no row has shown; the smooth rung fails only where more rows would bring
nothing; rows that are found to depend on each other are held out together; trials that share a state are not one
group. 7: common coordinates are straight, and the measure of them is what the other layer tells. 8: a second fit
from units as normal scores; a series of few runs holds where a chi-square bound does; what fitting noise costs is no fall of
errors; chance of near repeats is tested on the means of their clusters; above 500 rows
second fits are made for a third of the folds at a time; common coordinates are read again from all units. 9: units are told as
normal scores too in a second fit, and common coordinates are read from these, where rows say so; a map is denied only where a
linear one between scores promises none. 10: it is denied only where linear maps in pieces leave no less, and steps are
compared with steps; two that tell each other's rows, or are related row by row where pairs of states hide it, are not unrelated.
"""
