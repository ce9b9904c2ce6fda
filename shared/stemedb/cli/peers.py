"""What one replica knows of the others, as the rows of a table: the same for ``status``, ``watch`` and ``sync``.

| column | what it says |
|---|---|
| replica | the peer |
| status | following, paused (by us), set aside (its log contradicts itself), or down (silent) |
| log size | of the peer, by its newest signed checkpoint |
| equal | whether its map and ours had the same root when it last spoke |
| behind | statements of its log that we lack |
| seconds | age of the oldest of them; 0 when there is none |
| it lacks | statements of our log that it says to lack |
| seen | seconds since it last spoke |
"""

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from stemedb.bus.messages import ControlReply, PeerStatus

COLUMNS: Final = ("replica", "status", "log size", "equal", "behind", "seconds", "it lacks", "seen")


def peer_rows(reply: "ControlReply") -> list[dict[str, object]]:
    """Return a row for each peer, in the order of their names: every field for a program, the `COLUMNS` for a person."""
    return [_row(peer) for peer in sorted(reply.peers, key=lambda peer: peer.replica)]


def peer_facts(reply: "ControlReply") -> list[dict[str, object]]:
    """Return every field of every peer, for programs."""
    return [peer.model_dump() for peer in sorted(reply.peers, key=lambda peer: peer.replica)]


def summary(reply: "ControlReply") -> str:
    """Return in one line how it stands between this replica and all its peers."""
    if not reply.peers:
        return "no peer has spoken yet"
    if reply.paused:
        return "paused: nothing is taken from peers until `stemedb sync resume`"
    set_aside = [peer.replica for peer in reply.peers if peer.status == "set_aside"]
    if set_aside:
        return f"set aside: {', '.join(set_aside)}; see `stemedb sync evidence PEER`"
    behind = sum(peer.lag_statements for peer in reply.peers)
    if behind:
        return f"behind by {behind:,} statements"
    if all(peer.roots_equal for peer in reply.peers):
        return "level: all maps have the same root"
    return "level with every log; some maps differ or have not caught up"


def _row(peer: "PeerStatus") -> dict[str, object]:
    return {
        "replica": peer.replica,
        "status": peer.status.replace("_", " "),
        "log size": peer.log_size,
        "equal": peer.roots_equal,
        "behind": peer.lag_statements,
        "seconds": f"{peer.lag_seconds:.1f}",
        "it lacks": peer.behind_statements,
        "seen": None if peer.last_seen_s is None else f"{peer.last_seen_s:.1f}",
    }
