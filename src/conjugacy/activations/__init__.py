"""Activations from live networks, networks' copies that learned nothing, files and arrays."""

from conjugacy.activations.inject import head_outputs
from conjugacy.activations.jacobians import jacobians
from conjugacy.activations.laboratory import Converted, convert
from conjugacy.activations.networks.choose import is_live
from conjugacy.activations.options import RecordOptions
from conjugacy.activations.record import record
from conjugacy.activations.shuffled import shuffled_copy
from conjugacy.activations.sources import as_recording, load, save
from conjugacy.activations.untrained import untrained_copies, untrained_copy

__all__ = [
    "Converted",
    "RecordOptions",
    "as_recording",
    "convert",
    "head_outputs",
    "is_live",
    "jacobians",
    "load",
    "record",
    "save",
    "shuffled_copy",
    "untrained_copies",
    "untrained_copy",
]
