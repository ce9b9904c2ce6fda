"""The words that several parts share: digests, positions, stamps, kinds.

Digests and positions are ``NewType`` values, so that a tree size cannot be passed where a log index is meant.
"""

from enum import IntEnum
from typing import Final, NamedTuple, NewType

Digest = NewType("Digest", bytes)
"""A 32-byte BLAKE3 digest: of a Merkle node, a tree node or a root."""

StatementId = NewType("StatementId", bytes)
"""The 32-byte BLAKE3 digest of a statement's canonical bytes."""

LogIndex = NewType("LogIndex", int)
"""The 0-based position of a statement in one replica's log."""

LogSize = NewType("LogSize", int)
"""How many statements one replica's log holds."""

Hlc = NewType("Hlc", int)
"""A hybrid logical clock reading: 48 bits of Unix milliseconds, then 16 bits of counter."""

DIGEST_BYTES: Final = 32
REPLICA_NAME_PATTERN: Final = r"[a-z0-9][a-z0-9-]{0,31}"


class Kind(IntEnum):
    """The three kinds of statement; the value is the one in the write-ahead log."""

    ASSERTION = 1
    VOTE = 2
    EPOCH = 3

    @property
    def wire(self) -> str:
        """The lower-case name used in JSON and on subjects."""
        return self.name.lower()


class Stamp(NamedTuple):
    """When and where a statement was first accepted; ordered by clock, then by replica name."""

    hlc: Hlc
    origin: str
