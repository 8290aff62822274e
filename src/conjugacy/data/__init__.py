"""Labelled, immutable arrays: activations, trajectories, recordings, and how their rows match."""

from conjugacy.data.activations import Activations, as_activations
from conjugacy.data.depth import Deepest, deepest_among, deepest_or_output, how_chosen, natural_order, require_deepest
from conjugacy.data.heads import HEAD, OUTPUT_KINDS, OUTPUT_NAMES, head_named, heads_among, is_head
from conjugacy.data.layer_pairs import Layers, layer_names, layer_pairs, one_layer_pair, several_layer_pairs
from conjugacy.data.matching import Matching, aligned_rows, match_rows, match_trials, merge_labels, row_labels
from conjugacy.data.recording import Recording
from conjugacy.data.rows import Rows
from conjugacy.data.trajectories import Trajectories

__all__ = [
    "HEAD",
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
    "head_named",
    "heads_among",
    "how_chosen",
    "is_head",
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
