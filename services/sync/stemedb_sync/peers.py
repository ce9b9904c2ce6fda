"""Who the peers are, and what is known of each: the file that survives, and what the last digest said.

A replica becomes a peer by speaking: a digest with a checkpoint that verifies. With an allow-list only the names on it count,
with the keys on it; without one the key of the first digest is recorded and must stay (trust on first use).

``sync/peers/<name>.json``, one JSON object, replaced as a whole::

    {"format": 1, "name": "west", "key": "U…", "trust": "pinned" | "first_use",
     "checkpoint": "<signed note>" | null,         the newest one whose entries were all verified and are durable here
     "frontier": ["<hex>", …],                     of that size
     "status": "following" | "set_aside", "reason": "…", "since_ms": 0,
     "equivocations": 0, "evidence": ["west-1.json", …],
     "postponed": [17, …],                         entries below that size that our clock did not let in yet
     "own_size": 0}                                of our own log then: if it is shorter now, what was taken in is gone

Losing the file loses the memory of a witness and nothing else: the peer's log is read again and what is known is skipped.
"""

import asyncio
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Final, Literal

from google.protobuf.message import DecodeError
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from stemedb.bus.messages.base import HexDigest
from stemedb.bus.subjects import Subjects
from stemedb.errors import Corruption, InvalidInput, ProofError
from stemedb.merkle import Checkpoint, Frontier, log_origin
from stemedb.statements import decode_public_key, encode_public_key
from stemedb.types import DIGEST_BYTES, LogSize
from stemedb.v1 import sync_pb2
from stemedb_sync.lag import Lag
from stemedb_sync.witness import Verdict, judge

FORMAT: Final = 1
PEERS_MAX: Final = 64
"""Peers that are taken on first use: each costs a task and a file, and anybody on the bus can claim a name."""

POSTPONED_MAX: Final = 10_000
"""Entries of one peer that may wait for our clock; beyond that its log is not followed any further."""

DIGEST_BYTES_MAX: Final = 16 * 1024
"""A note of some 200 bytes and a vector of at most `PEERS_MAX` names."""

STALE_S: Final = 10.0
"""No bus delivers later than that. A peer whose digests keep claiming to be old has lost its clock, and is believed."""

REALM_BYTES: Final = 8

Trust = Literal["pinned", "first_use"]
Status = Literal["following", "set_aside"]


class Unwelcome(ProofError):
    """A digest that is not believed; `reason` is what is counted."""

    def __init__(self, name: str, reason: str, message: str) -> None:
        super().__init__(message)
        self.name = name
        self.reason = reason


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

    digest: sync_pb2.Digest | None = None
    """The newest one since this process started, as all below."""
    latest: Checkpoint | None = None
    latest_note: bytes = b""
    seen_s: float | None = None
    stale_since_s: float | None = None
    lag: Lag = field(default_factory=Lag)
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    reading: int = 0
    """How often its log was begun anew."""
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
        self.begin_anew(now_s)

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
    peer.own_size = file.own_size
    peer.equivocations, peer.evidence, peer.postponed = file.equivocations, file.evidence, set(file.postponed)
    peer.lag.reach(peer.verified)
    return peer


class Peers:
    """All peers, by name. Owned by the event loop."""

    def __init__(self, own: str, realm_id: str, allowed: dict[str, str] | None) -> None:
        self._own = own
        self._realm = bytes.fromhex(realm_id)[:REALM_BYTES]
        self._allowed = (
            None if allowed is None else {name: decode_public_key(key) for name, key in allowed.items()}
        )
        self.by_name: dict[str, Peer] = {}

    @property
    def realm(self) -> bytes:
        """The beginning of the realm's id, as digests carry it."""
        return self._realm

    def restore(self, peer: Peer) -> None:
        """Add a peer from its file; a pinned key replaces one that was taken on first use."""
        if self._allowed is not None:
            pinned = self._allowed.get(peer.name)
            if pinned is None or pinned != peer.key:
                return  # no longer, or not the same: its file stays for whoever changes the list back
            peer.trust = "pinned"
        self.by_name[peer.name] = peer

    def hear(self, data: bytes, now_s: float, now_ms: int) -> tuple[Peer, Verdict] | None:
        """Return the peer a digest is by and the verdict on its checkpoint; ``None`` for our own.

        The checkpoint of a kept promise becomes the peer's newest. Raises `Unwelcome`.
        """
        digest = self._decode(data)
        if digest.replica == self._own:
            if self._is_foreign(digest):
                raise Unwelcome(
                    self._own,
                    "own_name",
                    f"another replica of realm {digest.realm.hex()} is called {self._own}",
                )
            return None
        peer = self._admit(digest)
        checkpoint = self._checkpoint(peer, digest)
        newer = peer.digest is None or digest.sequence > peer.digest.sequence
        if not newer and peer.digest is not None and digest.sequence != peer.digest.sequence:
            peer.stale_since_s = now_s if peer.stale_since_s is None else peer.stale_since_s
            newer = now_s - peer.stale_since_s > STALE_S
        known, _ = peer.newest_known()
        verdict = judge(known, checkpoint, newer=newer)
        if newer:
            peer.stale_since_s = None
            peer.digest, peer.seen_s = digest, now_s
            peer.lag.offset_s = (now_ms - digest.sent_ms) / 1000
        if verdict in {Verdict.FOLLOW, Verdict.LEVEL} or (newer and peer.is_set_aside):
            peer.latest, peer.latest_note = checkpoint, digest.checkpoint
            peer.lag.learn(checkpoint.size, now_s)
        return peer, verdict

    def _decode(self, data: bytes) -> sync_pb2.Digest:
        if len(data) > DIGEST_BYTES_MAX:
            raise Unwelcome(
                "", "bad_digest", f"a digest of {len(data)} bytes, want at most {DIGEST_BYTES_MAX}"
            )
        try:
            digest: sync_pb2.Digest = sync_pb2.Digest.FromString(data)
            Subjects(digest.replica)
        except (DecodeError, InvalidInput) as error:
            raise Unwelcome("", "bad_digest", f"not a digest: {error}") from None
        return digest

    def _is_foreign(self, digest: sync_pb2.Digest) -> bool:
        return bytes(digest.realm) != self._realm

    def _admit(self, digest: sync_pb2.Digest) -> Peer:
        name = digest.replica
        known = self.by_name.get(name)
        label = name if known else ""
        if self._is_foreign(digest):
            raise Unwelcome(
                label,
                "other_realm",
                f"{name} is of realm {digest.realm.hex()}, we are of {self._realm.hex()}",
            )
        if known is not None:
            if digest.key != known.key:
                raise Unwelcome(
                    name, "unknown_key", f"{name} speaks with another key than the one it is known by"
                )
            return known
        trust: Trust = "first_use"
        if self._allowed is not None:
            if self._allowed.get(name) != digest.key:
                raise Unwelcome("", "unknown_key", f"{name} is not on the list of peers with the key it uses")
            trust = "pinned"
        elif len(self.by_name) >= PEERS_MAX:
            raise Unwelcome(
                "",
                "too_many_peers",
                f"{name}: there are {PEERS_MAX} peers already; name them in STEMEDB_SYNC_PEERS",
            )
        if len(digest.key) != DIGEST_BYTES:
            raise Unwelcome("", "bad_digest", f"{name}: a key of {len(digest.key)} bytes")
        return Peer(name, digest.key, trust)

    def _checkpoint(self, peer: Peer, digest: sync_pb2.Digest) -> Checkpoint:
        if digest.checkpoint == peer.latest_note and peer.latest is not None:
            return peer.latest  # verified before, and nothing changed: as most digests
        try:
            checkpoint = Checkpoint.open(digest.checkpoint, log_origin(peer.name), peer.key)
        except ProofError as error:
            label = peer.name if peer.name in self.by_name else ""
            raise Unwelcome(label, "bad_signature", f"checkpoint of {peer.name}: {error}") from None
        self.by_name.setdefault(peer.name, peer)
        return checkpoint
