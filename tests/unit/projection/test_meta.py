"""The mark in every commit: what is written comes back, and nothing else is believed."""

from pathlib import Path

import pytest

from stemedb.errors import Corruption, UnsupportedFormat
from stemedb.projection.meta import Mark, decode_mark, encode_mark
from stemedb.types import Digest, Hlc, LogSize

PATH = Path("map.mst")
MARK = Mark(LogSize(41_200), Digest(bytes(range(32))), Hlc((1 << 63) + 5), "alpha-2")
FROZEN = bytes.fromhex("01000000000000a0f0" + bytes(range(32)).hex() + "800000000000000507616c7068612d32")


def test_the_layout_is_frozen():
    assert encode_mark(MARK) == FROZEN


def test_a_mark_survives_the_round_trip():
    assert decode_mark(FROZEN, PATH, 0) == MARK


@pytest.mark.parametrize("length", range(1, len(FROZEN)))
def test_a_truncated_mark_is_corruption(length):
    with pytest.raises(Corruption, match="offset 77"):
        decode_mark(FROZEN[:length], PATH, 77)


def test_a_longer_mark_is_corruption():
    with pytest.raises(Corruption):
        decode_mark(FROZEN + b"x", PATH, 0)


def test_a_later_version_is_refused_and_not_guessed_at():
    with pytest.raises(UnsupportedFormat, match="version 2"):
        decode_mark(b"\x02" + FROZEN[1:], PATH, 0)


def test_version_zero_is_corruption():
    with pytest.raises(Corruption):
        decode_mark(b"\x00" + FROZEN[1:], PATH, 0)


@pytest.mark.parametrize("name", ["", "a" * 33])
def test_a_name_that_does_not_fit_is_misuse(name):
    with pytest.raises(ValueError, match=r"want 1\.\.32"):
        encode_mark(MARK._replace(replica=name))
