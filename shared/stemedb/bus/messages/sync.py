"""Messages of the sync service that people and the command line see; what replicas tell one another is protobuf."""

from typing import Literal

from stemedb.bus.messages.base import Count, HexDigest, Message, Reply, Request


class ControlRequest(Request):
    """What an operator wants of the sync service."""

    action: Literal["peers", "now", "pause", "resume", "readmit"]
    """``peers`` only looks; ``now`` asks every peer at once; ``readmit`` follows a peer again that was set aside."""
    peer: str | None = None
    """The peer to readmit; for ``now`` the only one to ask."""
    tree: bool | None = None
    """With ``now``: compare the maps as well."""


class PeerStatus(Message):
    """What one replica knows of another one."""

    replica: str
    status: str
    """``following``, ``set_aside``, ``down`` or ``paused``."""
    reason: str | None = None
    """Why it was set aside."""
    key: str
    """The nkey that its checkpoints are verified with."""
    trust: str
    """``pinned`` by a setting, or taken on ``first_use``."""
    log_size: Count
    """Size of its log by its newest checkpoint."""
    verified: Count
    """How much of that has been verified and taken in."""
    lag_statements: Count
    lag_seconds: float
    roots_equal: bool
    last_seen_s: float | None = None
    """Seconds since its last digest."""
    equivocations: Count
    evidence: tuple[str, ...]
    """Files with the proof of each."""
    postponed: Count
    """Statements of it that wait because their stamps are too far ahead of the clock here."""
    behind_statements: Count | None = None
    """How far it says to be behind us."""


class ControlReply(Reply):
    """Answer to every action: the state once it is done."""

    replica: str
    version: str
    paused: bool
    log_size: Count
    map_root: HexDigest | None = None
    peers: tuple[PeerStatus, ...]
