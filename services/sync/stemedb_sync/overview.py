"""What can be told about the peers: to Prometheus and to the operator. Reads, and changes nothing."""

import time
from collections.abc import Callable, Iterable
from typing import Final

from stemedb.bus.messages import PeerStatus
from stemedb.statements import encode_public_key
from stemedb_sync.gossip import Gossip
from stemedb_sync.metrics import PeerReadings
from stemedb_sync.peer import Peer
from stemedb_sync.peers import Peers

NEVER_S: Final = float("inf")


class Overview:
    """Every peer as it stands, by the newest digests."""

    def __init__(
        self, own: str, peers: Peers, down_after_s: float, gossip: Callable[[], Gossip | None]
    ) -> None:
        self._own = own
        self._peers = peers
        self._down_after_s = down_after_s
        self._gossip = gossip

    def is_down(self, peer: Peer) -> bool:
        """Whether it has been silent for too long."""
        return peer.seen_s is None or time.monotonic() - peer.seen_s > self._down_after_s

    def are_roots_equal(self, peer: Peer) -> bool:
        """Whether its map and ours had the same root when last heard of."""
        gossip = self._gossip()
        own = gossip.map_state if gossip else None
        return own is not None and peer.digest is not None and bytes(own.root) == peer.digest.map_root

    def readings(self) -> Iterable[PeerReadings]:
        """Return every peer as it stands now."""
        now_s = time.monotonic()
        sizes = {name: peer.log_size for name, peer in self._peers.by_name.items()}
        gossip = self._gossip()
        sizes[self._own] = gossip.log_state.size if gossip and gossip.log_state else 0
        for name, peer in list(self._peers.by_name.items()):
            vector = peer.digest.vector if peer.digest is not None else {}
            yield PeerReadings(
                peer=name,
                lag_statements=peer.lag.statements(len(peer.postponed)),
                lag_seconds=peer.lag.seconds(now_s),
                roots_equal=self.are_roots_equal(peer),
                last_seen_seconds=NEVER_S if peer.seen_s is None else now_s - peer.seen_s,
                clock_offset_seconds=peer.lag.offset_s,
                postponed=len(peer.postponed),
                is_down=self.is_down(peer),
                is_set_aside=peer.is_set_aside,
                behind={
                    other: max(0, size - vector.get(other, 0))
                    for other, size in sizes.items()
                    if other != name
                }
                if peer.digest is not None
                else {},
            )

    def statuses(self) -> tuple[PeerStatus, ...]:
        """Return what the operator sees of every peer."""
        readings = {one.peer: one for one in self.readings()}
        return tuple(self._status(peer, readings[name]) for name, peer in sorted(self._peers.by_name.items()))

    def _status(self, peer: Peer, reading: PeerReadings) -> PeerStatus:
        status = "set_aside" if peer.is_set_aside else "down" if reading.is_down else "following"
        if status == "following" and peer.digest is not None and peer.digest.paused:
            status = "paused"
        return PeerStatus(
            replica=peer.name,
            status=status,
            reason=peer.reason or None,
            key=encode_public_key(peer.key),
            trust=peer.trust,
            log_size=peer.log_size,
            verified=peer.verified,
            lag_statements=reading.lag_statements,
            lag_seconds=round(reading.lag_seconds, 3),
            roots_equal=reading.roots_equal,
            last_seen_s=None if peer.seen_s is None else round(reading.last_seen_seconds, 3),
            equivocations=peer.equivocations,
            evidence=tuple(peer.evidence),
            postponed=reading.postponed,
            behind_statements=reading.behind.get(self._own),
        )
