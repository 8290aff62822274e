"""Activations from live networks, files and arrays."""

from conjugacy.activations.record import record
from conjugacy.activations.sources import as_recording, load, save
from conjugacy.activations.untrained import is_live, untrained_copies

__all__ = ["as_recording", "is_live", "load", "record", "save", "untrained_copies"]
