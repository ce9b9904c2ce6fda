"""The values of the map and the join that settles two of them.

A map entry's value says *when and where first* (assertions, epochs) or *which vote is the last one* (votes). Both are
encoded so that the order of the bytes is the order of the stamps, and the join is the smaller or the larger of two
byte strings: no decoding, nothing to configure, nothing that could differ between replicas.

Value of an assertion or an epoch, a *stamp*:

| # | offset | bytes | what   | encoding                                                |
|---|--------|-------|--------|---------------------------------------------------------|
| 1 | 0      | 8     | hlc    | unsigned, big-endian                                    |
| 2 | 8      | 1..32 | origin | replica name in ASCII, ``[a-z0-9][a-z0-9-]{0,31}``        |

Value of a vote, a stamp and the vote's id:

| # | offset | bytes | what   | encoding                                                |
|---|--------|-------|--------|---------------------------------------------------------|
| 1 | 0      | 9..40 | stamp  | as above                                                |
| 2 | s      | 1     | end    | 00, below every byte of a name: ``ab`` sorts below ``abc``  |
| 3 | s + 1  | 32    | vote   | id of the vote statement                                |

The join, by the first byte of the key:

| key | join | meaning                                                                              |
|-----|------|--------------------------------------------------------------------------------------|
| a   | min  | an assertion counts from when it was first accepted anywhere                         |
| e   | min  | so does an epoch                                                                     |
| v   | max  | of an agent's votes on an assertion the last one lives; equal stamps: the larger id  |

Invariants: minimum and maximum of a total order are commutative, associative and idempotent, so the state of a
replica is a function of the *set* of statements it has taken in (a join-semilattice, in fact one per key).

What it does not do: it does not check that the stamp of a statement is true; nobody can.
"""

import re
from typing import Final, NamedTuple

from stemedb.clocks.hlc import HLC_MAX
from stemedb.errors import InvalidInput
from stemedb.types import DIGEST_BYTES, REPLICA_NAME_PATTERN, Hlc, Stamp, StatementId

HLC_BYTES: Final = 8
ORIGIN_BYTES_MAX: Final = 32
STAMP_BYTES_MAX: Final = HLC_BYTES + ORIGIN_BYTES_MAX
VALUE_BYTES_MAX: Final = STAMP_BYTES_MAX + 1 + DIGEST_BYTES
"""The longest value of any entry; the tree allows far more."""

_ORIGIN = re.compile(REPLICA_NAME_PATTERN)
_ORIGIN_BYTES = re.compile(REPLICA_NAME_PATTERN.encode("ascii"))
_VOTE_BYTE: Final = ord("v")
_ENTRY_BYTES: Final = frozenset(b"aev")


class VoteValue(NamedTuple):
    """The value of a vote entry: when and where the living vote was accepted, and which statement it is."""

    stamp: Stamp
    vote: StatementId


def encode_stamp(stamp: Stamp) -> bytes:
    """Return `stamp` as bytes that sort as stamps do.

    Requires ``0 <= stamp.hlc < 2**64`` and an origin that is a replica name; raises ``ValueError``.
    """
    hlc, origin = stamp
    if not 0 <= hlc <= HLC_MAX:
        raise ValueError(f"stamp: hlc: got {hlc}, want 0..{HLC_MAX}")
    if _ORIGIN.fullmatch(origin) is None:
        raise ValueError(f"stamp: origin: got {origin!r}, want {REPLICA_NAME_PATTERN}")
    return hlc.to_bytes(HLC_BYTES, "big") + origin.encode("ascii")


def decode_stamp(value: bytes) -> Stamp:
    """Return the stamp in the value of an assertion or an epoch; raises ``InvalidInput`` if it is none."""
    origin = value[HLC_BYTES:]
    if _ORIGIN_BYTES.fullmatch(origin) is None:
        raise InvalidInput(
            "stamp", f"got {len(value)} bytes {_short(value)}, want 8 bytes of clock and a replica name"
        )
    return Stamp(Hlc(int.from_bytes(value[:HLC_BYTES], "big")), origin.decode("ascii"))


def encode_vote(stamp: Stamp, vote: StatementId) -> bytes:
    """Return the value of a vote entry. Requires ``len(vote) == 32``; raises ``ValueError``."""
    if len(vote) != DIGEST_BYTES:
        raise ValueError(f"vote id: got {len(vote)} bytes, want {DIGEST_BYTES}")
    return encode_stamp(stamp) + b"\x00" + vote


def decode_vote(value: bytes) -> VoteValue:
    """Return the parts of a vote entry's value; raises ``InvalidInput`` if it is none."""
    end = len(value) - DIGEST_BYTES - 1
    if end < HLC_BYTES or value[end] != 0:
        raise InvalidInput(
            "vote value", f"got {len(value)} bytes {_short(value)}, want a stamp, 00 and a 32-byte id"
        )
    return VoteValue(decode_stamp(value[:end]), StatementId(value[end + 1 :]))


def join(key: bytes, old: bytes, new: bytes) -> bytes:
    """Return the value that `key` has when both `old` and `new` were seen.

    Commutative, associative and idempotent in the values. Raises ``InvalidInput`` for a key of no known kind.
    """
    kind = key[0] if key else None
    if kind not in _ENTRY_BYTES:
        raise InvalidInput("key", f"got first byte {_short(key[:1]) or 'none'}, want a, v or e")
    if kind == _VOTE_BYTE:
        return max(new, old)
    return min(new, old)


def _short(value: bytes) -> str:
    return value[:8].hex()
