"""The bytes that a digest covers: entries blocks and links blocks.

Entries block (integers little-endian):

====  ========  ==========================================================================
field  bytes    content
====  ========  ==========================================================================
1     1         level, 0 to 64
2     1         flags: bit 0 key lengths are wide, bit 1 value lengths are wide; other bits zero
3     2         n, the number of entries, >= 1
4     n or 2n   key lengths: n low bytes, then n high bytes if (and only if) some key is longer than 255
5     n or 2n   value lengths, in the same way
6     sum(4)    the keys, joined
7     sum(5)    the values, joined
====  ========  ==========================================================================

Links block:

====  ========  ==========================================================================
1     1         128 + level, level 1 to 64
2     1         zero
3     2         n, as in the entries block
4     32        BLAKE3 of the entries block
5     32(n+1)   the digests of the children, zeros where there is none
====  ========  ==========================================================================

The digest of a node is BLAKE3 of its entries block at level 0 and of its links block above. The encoding is injective:
the first byte tells the blocks apart, and lengths come before content. File offsets are not in it, so equal maps have
equal digests wherever they are stored.

What this does not do: judge bytes from outside. The functions here read what this module wrote and a digest has
vouched for; `stemedb.mst.strict` reads what others send.
"""

from bisect import bisect_left
from collections.abc import Sequence
from functools import lru_cache
from itertools import accumulate, pairwise
from struct import Struct
from typing import Final

from stemedb.types import DIGEST_BYTES, Digest

KEY_BYTES_MAX: Final = 4096
"""A subject, a predicate and an id fit four times over; longer keys would make nodes of a size nobody expects."""

VALUE_BYTES_MAX: Final = 4096
"""Values are stamps and ids, tens of bytes; the content of statements is not kept in the tree."""

WIDTH_MAX: Final = 65_535
"""The count field has 16 bits. A keyed hash leaves a node wider than 1,024 with a chance of 2**-95."""

LINKS_FLAG: Final = 0x80
KEYS_WIDE: Final = 1
VALUES_WIDE: Final = 2
HEAD: Final = Struct("<BBH")
NARROW_MAX: Final = 255


def encode_entries(level: int, keys: Sequence[bytes], values: Sequence[bytes]) -> bytes:
    """Return the entries block. Requires ``1 <= len(keys) == len(values)`` and keys strictly ascending.

    Raises ValueError beyond `WIDTH_MAX` keys.
    """
    if len(keys) > WIDTH_MAX:
        raise ValueError(f"node: got {len(keys)} keys, want at most {WIDTH_MAX}")
    try:
        return b"".join(
            (
                HEAD.pack(level, 0, len(keys)),
                bytes(map(len, keys)),
                bytes(map(len, values)),
                *keys,
                *values,
            )
        )
    except ValueError:  # a length above 255 does not fit a byte
        return _encode_wide(level, keys, values)


def decode_entries(body: bytes) -> tuple[list[bytes], list[bytes]]:
    """Return the keys and values of an entries block that this module wrote."""
    _, flags, count = HEAD.unpack_from(body)
    if flags:
        return _decode_wide(body, flags, count)
    keys_at = 4 + 2 * count
    ends = list(accumulate(body[4:keys_at], initial=keys_at))
    parts = [body[start:end] for start, end in pairwise(ends)]
    return parts[:count], parts[count:]


def encode_links(level: int, entries_digest: Digest, digests: Sequence[Digest]) -> bytes:
    """Return the links block. Requires ``level >= 1`` and all digests known or ABSENT."""
    return b"".join((HEAD.pack(LINKS_FLAG | level, 0, len(digests) - 1), entries_digest, *digests))


def links_bytes(count: int) -> int:
    """Return the length of the links block of a node with `count` keys."""
    return HEAD.size + DIGEST_BYTES * (count + 2)


def decode_links(body: bytes, count: int) -> tuple[Digest, list[Digest]]:
    """Return the digest of the entries block and those of the children. Requires a links block of `count` keys."""
    entries_digest, *digests = _digest_row(count + 2).unpack_from(body, HEAD.size)
    return entries_digest, digests


def value_at(body: bytes, index: int) -> bytes:
    """Return one value of an entries block. Requires ``0 <= index < n``."""
    _, flags, count = HEAD.unpack_from(body)
    if flags:
        return _decode_wide(body, flags, count)[1][index]
    start = 4 + 2 * count + sum(body[4 : 4 + count + index])
    return body[start : start + body[4 + count + index]]


def find(body: bytes, key: bytes) -> tuple[int, bool]:
    """Return where the key stands in an entries block, or would stand, and whether it is there.

    Compares O(log n) keys in place, where decoding all of them would cost more than the rest of a single edit.
    """
    _, flags, count = HEAD.unpack_from(body)
    if flags:
        keys = _decode_wide(body, flags, count)[0]
        at = bisect_left(keys, key)
        return at, at < count and keys[at] == key
    lengths = body[4 : 4 + count]
    first = lengths[0]
    content = 4 + 2 * count
    starts: Sequence[int]
    if lengths.count(first) == count:
        starts = range(content, content + first * (count + 1), first or 1)
    else:
        starts = list(accumulate(lengths, initial=content))
    low, high = 0, count
    while low < high:
        middle = (low + high) // 2
        if body[starts[middle] : starts[middle] + lengths[middle]] < key:
            low = middle + 1
        else:
            high = middle
    return low, low < count and body[starts[low] : starts[low] + lengths[low]] == key


def put(body: bytes, index: int, key: bytes, value: bytes, *, replacing: bool) -> bytes:
    """Return the block with an entry put in at `index`, or in the place of the one there.

    Requires ``0 <= index <= n`` (``< n`` if replacing), and that the keys stay strictly ascending.
    """
    level, flags, count = HEAD.unpack_from(body)
    if flags or len(key) > NARROW_MAX or len(value) > NARROW_MAX or count == WIDTH_MAX:
        keys, values = decode_entries(body)
        end = index + replacing
        keys[index:end], values[index:end] = [key], [value]
        return encode_entries(level, keys, values)
    lengths_at = 4 + count  # of the values
    content = lengths_at + count
    value_from = content + sum(body[4 : lengths_at + index])
    if replacing:
        return b"".join(
            (
                body[: lengths_at + index],
                bytes((len(value),)),
                body[lengths_at + index + 1 : value_from],
                value,
                body[value_from + body[lengths_at + index] :],
            )
        )
    key_from = content + sum(body[4 : 4 + index])
    return b"".join(
        (
            HEAD.pack(level, 0, count + 1),
            body[4 : 4 + index],
            bytes((len(key),)),
            body[4 + index : lengths_at + index],
            bytes((len(value),)),
            body[lengths_at + index : key_from],
            key,
            body[key_from:value_from],
            value,
            body[value_from:],
        )
    )


@lru_cache(maxsize=1024)
def _digest_row(count: int) -> Struct:
    return Struct("32s" * count)


def _encode_wide(level: int, keys: Sequence[bytes], values: Sequence[bytes]) -> bytes:
    key_lengths, value_lengths = list(map(len, keys)), list(map(len, values))
    flags = KEYS_WIDE * (max(key_lengths) > NARROW_MAX) | VALUES_WIDE * (max(value_lengths) > NARROW_MAX)
    return b"".join(
        (
            HEAD.pack(level, flags, len(keys)),
            _length_planes(key_lengths, bool(flags & KEYS_WIDE)),
            _length_planes(value_lengths, bool(flags & VALUES_WIDE)),
            *keys,
            *values,
        )
    )


def _length_planes(lengths: list[int], wide: bool) -> bytes:
    low = bytes([n & 0xFF for n in lengths])
    return low + bytes([n >> 8 for n in lengths]) if wide else low


def _decode_wide(body: bytes, flags: int, count: int) -> tuple[list[bytes], list[bytes]]:
    key_lengths, at = read_lengths(body, HEAD.size, count, bool(flags & KEYS_WIDE))
    value_lengths, at = read_lengths(body, at, count, bool(flags & VALUES_WIDE))
    ends = list(accumulate([*key_lengths, *value_lengths], initial=at))
    parts = [body[start:end] for start, end in pairwise(ends)]
    return parts[:count], parts[count:]


def read_lengths(body: bytes, at: int, count: int, wide: bool) -> tuple[list[int], int]:
    """Return `count` lengths read at offset `at`, and the offset behind them."""
    low = body[at : at + count]
    if not wide:
        return list(low), at + count
    high = body[at + count : at + 2 * count]
    return [a | b << 8 for a, b in zip(low, high, strict=True)], at + 2 * count
