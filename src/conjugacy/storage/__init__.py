"""Named arrays in and out of files of several formats, and what they mean: a recording, format 1."""

from conjugacy.storage.contents import RESERVED_KEYS, RawFile
from conjugacy.storage.decode import SHAPES, decode
from conjugacy.storage.encode import encode
from conjugacy.storage.files import read_arrays, write_arrays
from conjugacy.storage.streamed import streamed_layers

__all__ = ["RESERVED_KEYS", "SHAPES", "RawFile", "decode", "encode", "read_arrays", "streamed_layers", "write_arrays"]
