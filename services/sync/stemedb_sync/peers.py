"""Who the peers are: who is heard, and what a digest changes.

A replica becomes a peer by speaking: a digest that is signed, with a checkpoint that verifies. With an allow-list only the names on it
count, with the keys on it; without one the key of the first digest is recorded and must stay (trust on first use).

A digest is news when its sequence is larger than that of the last one, or when it answers a question of ours, which its nonce
shows, and nothing newer was believed since the question. Anything else is a repetition: delivered twice or late, or replayed by somebody. It changes nothing, with one exception, since two
signed roots of one size prove a fork in whatever order they come. The last sequence is in the peer's file, so what was overheard before a
restart is no news after it.

A peer that lost its clock speaks with sequences that nobody takes for news. After `STALE_S` it is asked (see `following`), and believed again
from its answer on.
"""

from typing import Final, NamedTuple

from stemedb.errors import ProofError
from stemedb.merkle import Checkpoint, log_origin
from stemedb.statements import decode_public_key
from stemedb.v1 import sync_pb2
from stemedb_sync.digest import open_unverified, verify
from stemedb_sync.peer import Peer, Trust
from stemedb_sync.witness import Verdict, judge

PEERS_MAX: Final = 64
"""Peers that are taken on first use: each costs a task and a file, and anybody on the bus can claim a name."""

STALE_S: Final = 10.0
"""No bus delivers later than that. A peer whose digests keep claiming to be old has lost its clock, or somebody replays them."""

REALM_BYTES: Final = 8


class Unwelcome(ProofError):
    """A digest that is not believed; `reason` is what is counted."""

    def __init__(self, name: str, reason: str, message: str) -> None:
        super().__init__(message)
        self.name = name
        self.reason = reason


class Heard(NamedTuple):
    """What a digest told."""

    peer: Peer
    verdict: Verdict
    """On its checkpoint."""
    is_news: bool
    earlier: bytes
    """The signed note that the verdict is about, as known before; empty if there was none."""
    later: bytes
    """The one in the digest."""


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

    def hear(
        self, data: bytes, now_s: float, now_ms: int, *, nonce: bytes = b"", asked_at: int | None = None
    ) -> Heard | None:
        """Return what a digest tells; ``None`` for our own.

        `nonce` is that of our question if this is the answer to one; b"" for gossip. `asked_at` is the peer's `sequence` when the question
        was asked: a digest that was believed since is newer than the answer unless their sequences say otherwise, since answers and
        gossip do not keep their order. The checkpoint of a kept promise becomes the peer's newest. Raises `Unwelcome`.
        """
        try:
            signed, digest = open_unverified(data)
        except ProofError as error:
            raise Unwelcome("", "bad_digest", error.message) from None
        if digest.replica == self._own:
            if self._is_foreign(digest):
                raise Unwelcome(
                    self._own,
                    "own_name",
                    f"another replica of realm {digest.realm.hex()} is called {self._own}",
                )
            return None
        peer = self._admit(digest)
        label = peer.name if peer.name in self.by_name else ""
        try:
            verify(signed, peer.key)
        except ProofError as error:
            raise Unwelcome(label, "bad_signature", f"digest of {peer.name}: {error.message}") from None
        if nonce and digest.nonce != nonce:
            raise Unwelcome(label, "stale_digest", f"{peer.name} answers with a digest that was made before")
        checkpoint = self._checkpoint(peer, digest)
        is_answer = bool(nonce) and asked_at in {None, peer.sequence}
        is_newer = is_answer or digest.sequence > peer.sequence
        known, earlier = peer.newest_known()
        if digest.sequence <= peer.pardoned and not is_newer:
            verdict = Verdict.STALE
        else:
            verdict = judge(known, checkpoint, newer=is_newer)
        if is_newer:
            peer.digest, peer.seen_s, peer.sequence, peer.stale_since_s = digest, now_s, digest.sequence, None
            peer.lag.offset_s = (now_ms - digest.sent_ms) / 1000
            # Of a broken promise too: it is what the peer says now, and what it is judged by if it is readmitted.
            peer.latest, peer.latest_note = checkpoint, digest.checkpoint
            peer.lag.learn(checkpoint.size, now_s)
        elif peer.stale_since_s is None:
            peer.stale_since_s = now_s
        return Heard(peer, verdict, is_newer, earlier, digest.checkpoint)

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
