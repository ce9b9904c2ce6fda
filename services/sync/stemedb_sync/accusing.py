"""What happens when a peer breaks a promise: the proof is looked for, kept, and the peer is set aside.

::

    a digest contradicts the last one ──────────────────────────────▶ fork, rollback: both notes
    entries do not lead to the signed root ─▶ ask for a consistency proof
                                                 │ it shows another history ─▶ rewrite: both notes and the proof
                                                 │ it shows ours: the pages were wrong ┐
                                                 └ none, or none that verifies ────────┴─▶ once more, `BAD_PAGES_MAX` times; then unproven

What each kind proves to others is told in `stemedb.merkle.evidence`. Setting aside ends the tail path and nothing else.
"""

from collections.abc import Awaitable, Callable
from typing import Final

from google.protobuf.message import DecodeError
from structlog.typing import FilteringBoundLogger

from stemedb.errors import InvalidInput, NotFound, ProofError, Unavailable
from stemedb.merkle import Checkpoint, evidence, verify_consistency
from stemedb.types import DIGEST_BYTES, Digest
from stemedb.v1 import sync_pb2
from stemedb_sync.keeping import Keeping
from stemedb_sync.metrics import SyncMetrics
from stemedb_sync.peer import Peer
from stemedb_sync.peers import Heard
from stemedb_sync.witness import Verdict

BAD_PAGES_MAX: Final = 5
"""Times in a row that pages do not lead to the signed root and no proof says why; then the peer is set aside."""


class Accuser:
    """Sets peers aside. Owned by the event loop."""

    def __init__(
        self,
        own: str,
        *,
        ask: Callable[[str, str, bytes], Awaitable[bytes]],
        keep_evidence: Callable[[str, bytes], Awaitable[str]],
        keeping: Keeping,
        metrics: SyncMetrics,
        log: FilteringBoundLogger,
        now_ms: Callable[[], int],
    ) -> None:
        """`ask` is (peer, endpoint, request); `keep_evidence` (peer, content) returns the path of the file."""
        self._own = own
        self._ask = ask
        self._keep_evidence = keep_evidence
        self._keeping = keeping
        self._metrics = metrics
        self._log = log
        self._now_ms = now_ms

    async def accuse(self, heard: Heard) -> None:
        """Set aside a peer whose digest contradicts what it signed before."""
        peer = heard.peer
        kind: evidence.Kind = "fork" if heard.verdict is Verdict.FORK else "rollback"
        content = evidence.make(kind, peer.name, peer.key, earlier=heard.earlier, later=heard.later)
        await self._set_aside(peer, kind, content)

    async def contradicts(self, peer: Peer, target: Checkpoint, note: bytes, attempt: int) -> bool:
        """Ask a peer whose entries do not lead to its checkpoint for the proof that would, and return whether it was set aside.

        `attempt` says how often in a row that has happened, from 1 on.
        """
        if not peer.verified:
            return await self._give_up(peer, note, attempt)
        request = sync_pb2.ConsistencyRequest(replica=self._own, old_size=peer.verified, new_size=target.size)
        try:
            reply = sync_pb2.ConsistencyReply.FromString(
                await self._ask(peer.name, "consistency", request.SerializeToString())
            )
            proof = digests(reply.proof)
            verify_consistency(peer.verified, target.size, reply.old_root, target.root, proof)
        except (DecodeError, ProofError, Unavailable, InvalidInput, NotFound):
            return await self._give_up(peer, note, attempt)
        if reply.old_root == peer.frontier.root:
            return await self._give_up(
                peer, note, attempt
            )  # the logs agree: it was the pages that were wrong
        consistency = evidence.Consistency(reply.old_root, proof)
        content = evidence.make(
            "rewrite", peer.name, peer.key, earlier=peer.note, later=note, consistency=consistency
        )
        await self._set_aside(peer, "rewrite", content)
        return True

    async def _give_up(self, peer: Peer, note: bytes, attempt: int) -> bool:
        """Set a peer aside whose pages keep leading elsewhere though nothing can be proved."""
        if attempt < BAD_PAGES_MAX:
            return False
        content = None
        if peer.verified:
            content = evidence.make("unproven", peer.name, peer.key, earlier=peer.note, later=note)
        await self._set_aside(peer, "unproven", content)
        return True

    async def _set_aside(self, peer: Peer, kind: str, content: bytes | None) -> None:
        peer.set_aside(kind, self._now_ms())
        peer.equivocations += 1
        self._metrics.equivocations.labels(peer.name).inc()
        path = ""
        if content is not None:
            path = await self._keep_evidence(peer.name, content)
            peer.evidence.append(path.rsplit("/", 1)[-1])
        await self._keeping.save_now(peer)
        self._log.error("peer set aside", peer=peer.name, reason=kind, evidence=path)


def digests(row: bytes) -> tuple[Digest, ...]:
    """Return the digests of 32 bytes in `row`; a last one that is shorter proves nothing and is found by whoever verifies."""
    return tuple(Digest(row[at : at + DIGEST_BYTES]) for at in range(0, len(row), DIGEST_BYTES))
