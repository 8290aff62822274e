"""From a laboratory's file to a recording: what its arrays are, how spikes become rates, and what is said of it."""

from conjugacy.activations.laboratory.choices import ReadingOptions
from conjugacy.activations.laboratory.convert import Converted, convert

__all__ = ["Converted", "ReadingOptions", "convert"]
