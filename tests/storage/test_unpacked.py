"""What compressed pieces unpack to is read off their frames: every field of a frame counts."""

import pytest

from conjugacy.errors import FormatError
from conjugacy.storage.unpacked import unpacked_bytes

MAGIC = (0xFD2FB528).to_bytes(4, "little")
BLOCK = 2**17


def block(kind: int, size: int, *, last: bool = True) -> bytes:
    """A block as it is, of one byte again and again, or compressed."""
    stored = {0: size, 1: 1, 2: size}[kind]
    return (size << 3 | kind << 1 | last).to_bytes(3, "little") + bytes(stored)


def zstd(raw: bytes, most: int = 10**6) -> int:
    return unpacked_bytes("zstd", memoryview(raw), most)


@pytest.mark.parametrize(
    ("flags", "size", "said"), [(0x20, b"\x2c", 44), (0x60, b"\x2c\x00", 300), (0xA0, (70_000).to_bytes(4, "little"), 70_000),
                                (0xE0, (10**10).to_bytes(8, "little"), 10**10)]
)  # fmt: skip
def test_a_size_that_is_said_counts(flags: int, size: bytes, said: int) -> None:
    assert zstd(MAGIC + bytes([flags]) + size + block(0, 5)) == said


@pytest.mark.parametrize(("flags", "width"), [(0x21, 1), (0x22, 2), (0x23, 4)])
def test_names_of_dictionaries_stand_before_it(flags: int, width: int) -> None:
    assert zstd(MAGIC + bytes([flags]) + bytes(width) + b"\x2c" + block(0, 5)) == 44


def test_a_window_that_fills_the_memory_is_told_and_a_small_one_is_none() -> None:
    large = MAGIC + b"\x00" + bytes([20 << 3 | 3]) + block(0, 5)
    assert zstd(large, most=1000) == (1 << 30) * 11 // 8
    small = MAGIC + b"\x00" + bytes([0]) + block(0, 10)
    assert zstd(small, most=1000) == 10


def test_without_a_size_blocks_are_counted() -> None:
    head = MAGIC + b"\x00" + bytes([0])
    assert zstd(head + block(0, 7, last=False) + block(1, 100)) == 107
    assert zstd(head + block(2, 9)) == BLOCK
    assert zstd(head + block(2, 9), most=10) == 10  # the last block is seldom whole
    many = head + block(2, 9, last=False) * 5 + block(2, 9)
    assert zstd(many, most=10) > 10  # and many are more than that


def test_frames_follow_each_other_over_checksums_and_what_is_skipped() -> None:
    skipped = (0x184D2A53).to_bytes(4, "little") + (6).to_bytes(4, "little") + bytes(6)
    checked = MAGIC + bytes([0x24]) + b"\x05" + block(0, 5) + bytes(4)
    plain = MAGIC + bytes([0x20]) + b"\x09" + block(0, 9)
    assert zstd(skipped + checked + plain) == 14
    assert zstd(plain + b"no frame at all") == 9  # whoever unpacks it stops here
    with pytest.raises(FormatError, match="not a zstd frame"):
        zstd(b"no frame at all")


def test_the_headers_of_blosc_and_lz4_are_whole() -> None:
    header = bytes([2, 1, 0, 8]) + (800).to_bytes(4, "little") + (400).to_bytes(4, "little") + bytes(4)
    assert unpacked_bytes("blosc", memoryview(header), 10) == 800
    with pytest.raises(FormatError, match="shorter than the header of blosc"):
        unpacked_bytes("blosc", memoryview(header[:15]), 10)
    assert unpacked_bytes("lz4", memoryview((77).to_bytes(4, "little")), 10) == 77
    with pytest.raises(FormatError, match="shorter than the header of lz4"):
        unpacked_bytes("lz4", memoryview(bytes(3)), 10)


def test_lzf_counts_what_is_copied() -> None:
    assert (
        unpacked_bytes("lzf", memoryview(bytes([2, 1, 2, 3, 1 << 5, 0])), 100) == 3 + 3
    )  # three as they are, three again
    assert unpacked_bytes("lzf", memoryview(bytes([0, 1, 7 << 5, 20, 0])), 100) == 1 + 7 + 20 + 2
