"""Reading nodes that came from outside: nothing is believed, everything has a bound.

An outside node is its entries block at level 0, and its links block followed by its entries block above::

    level 0         entries
    level 1 to 64   links ‖ entries

It is accepted only if it is byte for byte what an honest encoder would have written: the bounds on level, width, keys and
values hold, lengths use the narrow form where they can, keys are strictly ascending, both blocks agree, and no
byte is left over. What a single node cannot show (levels of keys, place in the tree) is left to the caller.
"""

from itertools import accumulate, pairwise
from typing import Final, NamedTuple

from blake3 import blake3

from stemedb.errors import ProofError
from stemedb.mst.block import (
    HEAD,
    KEY_BYTES_MAX,
    KEYS_WIDE,
    LINKS_FLAG,
    NARROW_MAX,
    VALUE_BYTES_MAX,
    VALUES_WIDE,
    decode_links,
    links_bytes,
    read_lengths,
)
from stemedb.mst.level import LEVEL_MAX
from stemedb.types import Digest

OUTSIDE_WIDTH_MAX: Final = 1024
"""Entries in a node from outside: under a keyed hash an honest node is wider with a chance of 2**-95."""


class OutsideNode(NamedTuple):
    """A node from outside that is well formed; `digests` is None at level 0."""

    level: int
    keys: list[bytes]
    values: list[bytes]
    digests: list[Digest] | None
    digest: Digest


def parse_node(data: bytes) -> OutsideNode:
    """Return the node that these bytes encode; raise `ProofError` if they are not exactly one well-formed node."""
    if not data:
        raise ProofError("node: empty")
    if data[0] < LINKS_FLAG:
        level, keys, values = parse_entries(data)
        if level:
            raise ProofError(f"node of level {level}: links block missing")
        return OutsideNode(0, keys, values, None, Digest(blake3(data).digest()))
    head, zero, count = _head(data, "links block")
    size = links_bytes(count)
    if zero:
        raise ProofError(f"links block: reserved byte: got {zero}, want 0")
    if len(data) < size:
        raise ProofError(f"links block: got {len(data)} bytes, want at least {size}")
    entries_digest, digests = decode_links(data, count)
    body = data[size:]
    level, keys, values = parse_entries(body)
    if level != head & ~LINKS_FLAG or not level or len(keys) != count:
        raise ProofError(
            f"node: blocks disagree: links of level {head & ~LINKS_FLAG} width {count}, entries of level {level} width {len(keys)}"
        )
    if blake3(body).digest() != entries_digest:
        raise ProofError("node: entries block does not have the digest in the links block")
    return OutsideNode(level, keys, values, digests, Digest(blake3(data[:size]).digest()))


def parse_entries(body: bytes) -> tuple[int, list[bytes], list[bytes]]:
    """Return level, keys and values of an entries block; raise `ProofError` unless it is well formed."""
    level, flags, count = _head(body, "entries block")
    if level > LEVEL_MAX:
        raise ProofError(f"entries block: level: got {level}, want at most {LEVEL_MAX}")
    if flags & ~(KEYS_WIDE | VALUES_WIDE):
        raise ProofError(f"entries block: unknown flags {flags:#04x}")
    key_lengths, at = _lengths(body, HEAD.size, count, bool(flags & KEYS_WIDE), KEY_BYTES_MAX, "key")
    value_lengths, at = _lengths(body, at, count, bool(flags & VALUES_WIDE), VALUE_BYTES_MAX, "value")
    ends = list(accumulate([*key_lengths, *value_lengths], initial=at))
    if ends[-1] != len(body):
        raise ProofError(f"entries block: got {len(body)} bytes, want {ends[-1]}")
    parts = [body[start:end] for start, end in pairwise(ends)]
    keys = parts[:count]
    for i, (left, right) in enumerate(pairwise(keys), 1):
        if left >= right:
            raise ProofError(f"entries block: key {i} is not above the one before it")
    return level, keys, parts[count:]


def _head(data: bytes, what: str) -> tuple[int, int, int]:
    if len(data) < HEAD.size:
        raise ProofError(f"{what}: got {len(data)} bytes, want at least {HEAD.size}")
    first, second, count = HEAD.unpack_from(data)
    if not count:
        raise ProofError(f"{what}: a node without keys")
    if count > OUTSIDE_WIDTH_MAX:
        raise ProofError(f"{what}: width: got {count} keys, want at most {OUTSIDE_WIDTH_MAX}")
    return first, second, count


def _lengths(  # noqa: PLR0917 - two columns of lengths, each with its own bound
    body: bytes, at: int, count: int, wide: bool, bytes_max: int, what: str
) -> tuple[list[int], int]:
    end = at + count * (1 + wide)
    if len(body) < end:
        raise ProofError(f"entries block: got {len(body)} bytes, want at least {end}")
    lengths, end = read_lengths(body, at, count, wide)
    longest = max(lengths)
    if longest > bytes_max:
        raise ProofError(f"entries block: {what} length: got {longest}, want at most {bytes_max}")
    if wide and longest <= NARROW_MAX:
        raise ProofError(f"entries block: {what} lengths in the wide form though all are short")
    return lengths, end
