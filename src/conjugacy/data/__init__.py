"""Labelled, immutable arrays: activations, trajectories, recordings, and how their rows match."""

from conjugacy.data.activations import Activations, as_activations
from conjugacy.data.matching import Matching, aligned_rows, match_rows, match_trials, merge_labels, row_labels
from conjugacy.data.recording import OUTPUT_KINDS, OUTPUT_NAMES, Recording
from conjugacy.data.rows import Rows
from conjugacy.data.trajectories import Trajectories

__all__ = [
    "OUTPUT_KINDS",
    "OUTPUT_NAMES",
    "Activations",
    "Matching",
    "Recording",
    "Rows",
    "Trajectories",
    "aligned_rows",
    "as_activations",
    "match_rows",
    "match_trials",
    "merge_labels",
    "row_labels",
]
