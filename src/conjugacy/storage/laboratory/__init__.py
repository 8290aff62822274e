"""Files as laboratories have them, one kind a file: arrays with what the file says of them, and nothing of what they mean."""

from conjugacy.storage.laboratory.held import Held
from conjugacy.storage.laboratory.kinds import ENDINGS, NWB, is_laboratory_name, opened

__all__ = ["ENDINGS", "NWB", "Held", "is_laboratory_name", "opened"]
