"""Under which rules numbers were made, so that no table mixes those of two."""

RULES = 2
"""Raised by whoever changes a rule or an estimator: what a store made under another number is compared anew.

1: the deepest layer of the same name, or the most alike of all pairs. 2: the deepest hidden layer of each network that is not its
outputs once more.
"""
