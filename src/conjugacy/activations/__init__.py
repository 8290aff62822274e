"""Activations from live networks, files and arrays."""

from conjugacy.activations.inject import head_outputs
from conjugacy.activations.jacobians import jacobians
from conjugacy.activations.networks.choose import is_live
from conjugacy.activations.options import RecordOptions
from conjugacy.activations.record import record
from conjugacy.activations.sources import as_recording, load, save
from conjugacy.activations.untrained import untrained_copies

__all__ = [
    "RecordOptions",
    "as_recording",
    "head_outputs",
    "is_live",
    "jacobians",
    "load",
    "record",
    "save",
    "untrained_copies",
]
