"""One peer: what the last digest said, and the file that survives.

``sync/peers/<name>.json``, one JSON object, replaced as a whole::

    {"format": 1, "name": "west", "key": "U…", "trust": "pinned" | "first_use",
     "checkpoint": "<signed note>" | null,         the newest one whose entries were all verified and are durable here
     "frontier": ["<hex>", …],                     of that size
     "status": "following" | "set_aside", "reason": "…", "since_ms": 0,
     "equivocations": 0, "evidence": ["west-1.json", …],
     "postponed": [17, …],                         entries below that size that our clock did not let in yet
     "own_size": 0,                                of our own log then: if it is shorter now, what was taken in is gone
     "sequence": 0,                                of its newest digest then: those up to it are repetitions
     "pardoned": 0}                                of the newest one when it was readmitted: what it signed up to then is forgiven

Losing the file loses the memory of a witness and nothing else: the peer's log is read again and what is known is skipped.
"""

import asyncio
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from stemedb.bus.messages.base import HexDigest
from stemedb.errors import Corruption, ProofError
from stemedb.merkle import Checkpoint, Frontier, log_origin
from stemedb.statements import decode_public_key, encode_public_key
from stemedb.types import LogSize
from stemedb.v1 import sync_pb2
from stemedb_sync.lag import Lag

FORMAT: Final = 1

POSTPONED_MAX: Final = 10_000
"""Entries of one peer that may wait for our clock; beyond that its log is not followed any further."""

Trust = Literal["pinned", "first_use"]
Status = Literal["following", "set_aside"]


class _File(BaseModel):
    """The content of a peer's file."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    format: Literal[1]
    name: str
    key: str
    trust: Trust
    checkpoint: str | None
    frontier: Annotated[list[HexDigest], Field(max_length=64)]
    status: Status
    reason: str
    since_ms: int
    equivocations: Annotated[int, Field(ge=0)]
    evidence: list[str]
    postponed: Annotated[list[int], Field(max_length=POSTPONED_MAX)]
    own_size: Annotated[int, Field(ge=0)]
    sequence: Annotated[int, Field(ge=0)] = 0
    pardoned: Annotated[int, Field(ge=0)] = 0  # files from before digests were signed hold neither


@dataclass(slots=True)
class Peer:
    """One other replica. Owned by the event loop; only its tail advances it."""

    name: str
    key: bytes
    trust: Trust
    note: bytes = b""
    """The signed note of the last checkpoint that was verified to the end; empty at the beginning."""
    checkpoint: Checkpoint | None = None
    frontier: Frontier = field(default_factory=Frontier)
    status: Status = "following"
    reason: str = ""
    since_ms: int = 0
    equivocations: int = 0
    evidence: list[str] = field(default_factory=list)
    postponed: set[int] = field(default_factory=set)
    own_size: int = 0
    """Of our log when the file was written."""
    sequence: int = 0
    """Of the newest digest that was believed."""
    pardoned: int = 0
    """Sequence up to which a digest tells nothing any more: the peer was readmitted after it."""

    digest: sync_pb2.Digest | None = None
    """The newest one since this process started, as all below."""
    latest: Checkpoint | None = None
    latest_note: bytes = b""
    seen_s: float | None = None
    stale_since_s: float | None = None
    lag: Lag = field(default_factory=Lag)
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    hurry: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when somebody asked for it to be followed at once: no pause after failures is kept then."""
    reading: int = 0
    """How often its log was begun anew."""
    leap_failed: int | None = None
    """The reading in which a leap over its log was tried in vain."""
    is_leaping: bool = False
    """A leap is on its way, and its log is not read meanwhile."""
    goal: int = 0
    """The size up to which its log is to be followed now."""
    echo_s: float | None = None
    """When it last told us only what we knew; ``None`` once it told us something new."""

    @property
    def verified(self) -> LogSize:
        """How many entries of its log are verified and durable here."""
        return self.frontier.size

    @property
    def log_size(self) -> int:
        """The size of its log as far as we know."""
        return max(self.verified, self.latest.size if self.latest else 0)

    @property
    def is_set_aside(self) -> bool:
        """Whether its log is not followed because it broke a promise."""
        return self.status == "set_aside"

    def newest_known(self) -> tuple[Checkpoint | None, bytes]:
        """Return the largest checkpoint of it that we have seen, with its note."""
        if self.latest is not None and self.latest.size >= self.verified:
            return self.latest, self.latest_note
        return self.checkpoint, self.note

    def rouse(self) -> None:
        """Have its log followed to the end that is known now."""
        self.goal = self.log_size
        self.wake.set()

    def advance(self, frontier: Frontier, checkpoint: Checkpoint, note: bytes) -> None:
        """Note that all entries of `checkpoint` are durable here and lead to its root."""
        self.frontier, self.checkpoint, self.note = frontier, checkpoint, note
        self.lag.reach(frontier.size)

    def set_aside(self, reason: str, now_ms: int) -> None:
        """Stop following its log."""
        self.status, self.reason, self.since_ms = "set_aside", reason, now_ms

    def readmit(self, now_ms: int, now_s: float) -> None:
        """Follow its log again from its beginning, forgetting what it promised before."""
        self.status, self.reason, self.since_ms = "following", "", now_ms
        self.pardoned = self.sequence
        self.begin_anew(now_s)
        self.hurry.set()

    def begin_anew(self, now_s: float) -> None:
        """Read its log from its beginning; what is known is skipped."""
        self.reading += 1
        self.note, self.checkpoint, self.frontier = b"", None, Frontier()
        self.postponed.clear()
        self.lag.restart(self.latest.size if self.latest else 0, now_s)
        self.rouse()

    def encode(self) -> bytes:
        """Return the content of its file."""
        file = _File(
            format=FORMAT,
            name=self.name,
            key=encode_public_key(self.key),
            trust=self.trust,
            checkpoint=self.note.decode() or None,
            frontier=[digest.hex() for digest in self.frontier.digests],
            status=self.status,
            reason=self.reason,
            since_ms=self.since_ms,
            equivocations=self.equivocations,
            evidence=self.evidence,
            postponed=sorted(self.postponed),
            own_size=self.own_size,
            sequence=self.sequence,
            pardoned=self.pardoned,
        )
        return file.model_dump_json(indent=1).encode() + b"\n"


def decode(name: str, content: bytes, path: Path) -> Peer:
    """Return the peer whose file holds `content`; raises `Corruption` if that cannot be ours."""
    try:
        file = _File.model_validate_json(content)
        key = decode_public_key(file.key)
        digests = tuple(bytes.fromhex(text) for text in file.frontier)
        checkpoint, frontier = None, Frontier()
        if file.checkpoint is not None:
            checkpoint = Checkpoint.open(file.checkpoint.encode(), log_origin(name), key)
            frontier = Frontier(checkpoint.size, digests)  # type: ignore[arg-type]  # 32 bytes each, checked there
        if file.name != name or (checkpoint is not None and frontier.root != checkpoint.root):
            raise ProofError("its name, or its frontier and its checkpoint, do not belong together")
    except (ValidationError, ValueError, ProofError) as error:
        reason = error.errors()[0]["msg"] if isinstance(error, ValidationError) else error
        raise Corruption(path, 0, f"{reason}: remove it, and the peer is read from its beginning") from error
    peer = Peer(name, key, file.trust, (file.checkpoint or "").encode(), checkpoint, frontier)
    peer.status, peer.reason, peer.since_ms = file.status, file.reason, file.since_ms
    peer.own_size, peer.sequence, peer.pardoned = file.own_size, file.sequence, file.pardoned
    peer.equivocations, peer.evidence, peer.postponed = file.equivocations, file.evidence, set(file.postponed)
    peer.lag.reach(peer.verified)
    return peer
