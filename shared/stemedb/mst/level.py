"""The level of a key: how many leading zero hex digits its keyed hash has.

A Merkle Search Tree has no balancing. Where a key stands follows from the key alone::

    level(key) = leading zero hex digits of BLAKE3(key, keyed with the realm secret)

            level 2                 f                     one key in 256
            level 1         c               k             one in 16
            level 0       a b   d e       g h   m n       the rest

so that any two replicas that hold the same map build the same tree, whatever the order in which they learned it.
The hash is keyed with a secret that the replicas of a realm share: an outsider cannot search for keys that pile up
in one node or on one path.

Levels are computed a batch at a time into one ``bytes`` object, a byte per key, because the callers then find the
highest level of a range (``max``) and its high keys without touching Python objects per key.

What this does not do: it gives no order and no uniqueness; the tree orders keys by their bytes.

Source: Auvolat and Taïani, "Merkle Search Trees: Efficient State-Based CRDTs in Open Networks", SRDS 2019.
"""

from collections.abc import Callable, Sequence
from typing import Final

from blake3 import blake3

LEVEL_MAX: Final = 64
"""A digest has 64 hex digits; no key stands higher, and no decoded node may claim to."""

REALM_BYTES: Final = 32
"""The length of a realm secret: the key length of BLAKE3."""

Levels = Callable[[Sequence[bytes]], bytes]
"""Gives one byte per key of a batch: its level, `0 <= level <= LEVEL_MAX`."""

_MORE: Final = 2
_BY_FIRST_BYTE: Final = bytes([_MORE]) + bytes([1]) * 15 + bytes(240)


def keyed_levels(realm: bytes) -> Levels:
    """Return the level function of the realm with this secret. Requires ``len(realm) == REALM_BYTES``."""
    if len(realm) != REALM_BYTES:
        raise ValueError(f"realm secret: got {len(realm)} bytes, want {REALM_BYTES}")
    template = blake3(key=realm)

    def levels(keys: Sequence[bytes]) -> bytes:
        hasher = template.copy()
        reset, update, digest = hasher.reset, hasher.update, hasher.digest
        digests = []
        for key in keys:
            reset()
            update(key)
            digests.append(digest())
        by_first = bytes([d[0] for d in digests]).translate(_BY_FIRST_BYTE)
        if _MORE not in by_first:
            return by_first
        exact = bytearray(by_first)
        at = exact.find(_MORE)
        while at >= 0:  # one key in 256 has a first byte of zero and must be counted out
            exact[at] = _leading_zero_digits(digests[at])
            at = by_first.find(_MORE, at + 1)
        return bytes(exact)

    return levels


def forced_levels(level: Callable[[bytes], int]) -> Levels:
    """Return a level function that asks `level` key by key.

    For tests: random keys hardly ever make the rare shapes (gaps of two levels, deep splits) that a forced level
    makes at will.
    """

    def levels(keys: Sequence[bytes]) -> bytes:
        return bytes(map(level, keys))

    return levels


def _leading_zero_digits(digest: bytes) -> int:
    text = digest.hex()
    return len(text) - len(text.lstrip("0"))
