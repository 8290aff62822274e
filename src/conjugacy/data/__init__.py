"""Labelled, immutable arrays: activations, trajectories, recordings, and how their rows match."""

from conjugacy.data.activations import Activations, as_activations
from conjugacy.data.depth import Deepest, deepest_among, deepest_or_output, how_chosen, natural_order, require_deepest
from conjugacy.data.layer_pairs import Layers, layer_names, layer_pairs, one_layer_pair, several_layer_pairs
from conjugacy.data.matching import Matching, aligned_rows, match_rows, match_trials, merge_labels, row_labels
from conjugacy.data.recording import OUTPUT_KINDS, OUTPUT_NAMES, Recording
from conjugacy.data.rows import Rows
from conjugacy.data.trajectories import Trajectories

__all__ = [
    "OUTPUT_KINDS",
    "OUTPUT_NAMES",
    "Activations",
    "Deepest",
    "Layers",
    "Matching",
    "Recording",
    "Rows",
    "Trajectories",
    "aligned_rows",
    "as_activations",
    "deepest_among",
    "deepest_or_output",
    "how_chosen",
    "layer_names",
    "layer_pairs",
    "match_rows",
    "match_trials",
    "merge_labels",
    "natural_order",
    "one_layer_pair",
    "require_deepest",
    "row_labels",
    "several_layer_pairs",
]
