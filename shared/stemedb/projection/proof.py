"""Proof files: what a replica hands to somebody who does not trust it, to be checked without it.

A proof file says one of two things about one replica at one moment: this statement is *included*, or this entry is *absent*.
It carries all that is needed to check that, and nothing has to be fetched::

    statement bytes ──BLAKE3──▶ id ──path──▶ log root ──┐
                                │                       ├── notes signed by the replica's key ◀── pinned by the reader
                                └─▶ map key ──nodes──▶ map root ─┘

It is JSON, format ``stemedb/proof/v1``; members are never null where not said so:

    format     ``stemedb/proof/v1``
    claim      ``included`` or ``absent``
    replica    ``name``; ``key``, its public nkey (``U…``)
    statement  ``id`` hex; ``kind``; ``canonical``, the very text that was hashed; ``signature`` ``{key, value}`` or null.
               Null only in an absence asked for by subject, predicate and id
    stamp      ``ms``, ``counter``, ``origin``: when and where first accepted, as the map holds it; null if the map does not hold
               this statement
    log        null in an absence. ``index``; ``size``; ``path``, hex digests from leaf to root; ``checkpoint``, a signed note
    map        ``key`` base64; ``value`` base64 or null; ``nodes`` base64, root first; ``note``, a signed note

Two sizes. The checkpoint is the log's, written by ingest; the map note is the index's, and its size says how many entries of the
same log the map had applied. The index follows the log, and the two notes are not signed at the same instant, so
either size may be the larger. Both must cover the entry: ``size > index`` holds for each, or the file is refused.

What absence means. A log cannot prove that something is not in it short of showing it whole, so absence is proven from the map, which holds one
entry for every statement of the log it has applied, a vote excepted that a later one of its agent has replaced. "Absent"
therefore means: not among the living entries of the first ``size`` entries of this replica's log.

What a proof file does not prove: that the claim is true, that the replica shows everybody the same log (witnesses and
sync do that), or, without a pinned key, that the key is the replica's.

Invariants
    * Every member is bound: change any, and verification fails. There is nothing to trust beside the key.
    * Two members may be taken out, and the file then says less and is still true: the signature of the statement, which nothing but
      itself vouches for, and in the absence of an assertion or epoch the statement. In the absence of an entry ``map.key`` is the
      question: with another key it is another question.
    * Verification reads only the file, the pinned key and this code.
"""

import base64
import binascii
from typing import Annotated, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from stemedb.errors import ProofError
from stemedb.types import REPLICA_NAME_PATTERN, Hlc, Stamp

PROOF_FORMAT: Final = "stemedb/proof/v1"

PROOF_BYTES_MAX: Final = 4 << 20
"""A statement of the greatest size as escaped JSON is under 400 KB; the rest is a dozen nodes, some of a few hundred KB at worst."""

PATH_DIGESTS_MAX: Final = 64
"""A log of 2^63 leaves has paths of 63 digests."""

NODES_MAX: Final = 65
"""A tree has at most one node per level on a path, and levels are hex digits of a 32-byte digest."""

_COUNTER_BITS: Final = 16

Hex32 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Base64 = Annotated[str, StringConstraints(max_length=PROOF_BYTES_MAX)]
NoteText = Annotated[str, StringConstraints(max_length=1 << 18)]
Size = Annotated[int, Field(ge=0, lt=1 << 63)]


class _Part(BaseModel):
    """A closed, frozen object: an unknown member is an unbound one, so there may be none."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class ReplicaPart(_Part):
    """Who says so."""

    name: Annotated[str, StringConstraints(pattern=f"^{REPLICA_NAME_PATTERN}$")]
    key: str


class SignaturePart(_Part):
    """The statement's own signature, as its ``signature`` member."""

    key: str
    value: str


class StatementPart(_Part):
    """The statement, byte for byte."""

    id: Hex32
    kind: Literal["assertion", "vote", "epoch"]
    canonical: str
    signature: SignaturePart | None


class StampPart(_Part):
    """A stamp with its clock reading in two numbers, since JSON readers lose the low bits of 64."""

    ms: Annotated[int, Field(ge=0, lt=1 << 48)]
    counter: Annotated[int, Field(ge=0, lt=1 << _COUNTER_BITS)]
    origin: Annotated[str, StringConstraints(pattern=f"^{REPLICA_NAME_PATTERN}$")]

    @classmethod
    def of(cls, stamp: Stamp) -> Self:
        """Return the part for a stamp."""
        return cls(ms=stamp.hlc >> _COUNTER_BITS, counter=stamp.hlc & 0xFFFF, origin=stamp.origin)

    @property
    def stamp(self) -> Stamp:
        """The stamp that the part is."""
        return Stamp(Hlc(self.ms << _COUNTER_BITS | self.counter), self.origin)


class LogPart(_Part):
    """Where the statement stands in the log, and the log's signed root."""

    index: Size
    size: Size
    path: Annotated[tuple[Hex32, ...], Field(max_length=PATH_DIGESTS_MAX)]
    checkpoint: NoteText


class MapPart(_Part):
    """What the map holds under one key, and the map's signed root."""

    key: Base64
    value: Base64 | None
    nodes: Annotated[tuple[Base64, ...], Field(max_length=NODES_MAX)]
    note: NoteText


class ProofFile(_Part):
    """A proof file as a value; nothing about it is verified yet."""

    format: Literal["stemedb/proof/v1"]
    claim: Literal["included", "absent"]
    replica: ReplicaPart
    statement: StatementPart | None
    stamp: StampPart | None
    log: LogPart | None
    map: MapPart

    def encode(self) -> bytes:
        """Return the file's bytes: indented JSON, made to be looked at as well."""
        return self.model_dump_json(indent=1).encode() + b"\n"

    @classmethod
    def decode(cls, raw: bytes) -> Self:
        """Return the proof file in `raw`, nothing verified.

        Raises ProofError with the first member that is missing, unknown or malformed.
        """
        if len(raw) > PROOF_BYTES_MAX:
            raise ProofError(f"proof file: got {len(raw)} bytes, want at most {PROOF_BYTES_MAX}")
        try:
            return cls.model_validate_json(raw)
        except ValidationError as error:
            first = error.errors(include_url=False, include_context=False)[0]
            place = ".".join(str(part) for part in first["loc"])
            raise ProofError(f"proof file: {place + ': ' if place else ''}{first['msg']}") from None


def to_base64(raw: bytes) -> str:
    """Return the standard, padded base64 of `raw`."""
    return base64.b64encode(raw).decode("ascii")


def from_base64(place: str, text: str) -> bytes:
    """Return the bytes of `text`; raises ProofError unless it is their one canonical base64."""
    try:
        raw = base64.b64decode(text.encode("ascii"), validate=True)
    except (UnicodeEncodeError, binascii.Error):
        raise ProofError(f"{place}: not base64") from None
    if to_base64(raw) != text:
        raise ProofError(f"{place}: not canonical base64")
    return raw
