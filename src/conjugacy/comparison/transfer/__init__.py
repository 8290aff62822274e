"""What was trained on one network carried to another through the map between their layers."""

from conjugacy.comparison.transfer.transfer import transfer
from conjugacy.comparison.transfer.transferred import ReadThere, Transferred

__all__ = ["ReadThere", "Transferred", "transfer"]
