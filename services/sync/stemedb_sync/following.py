"""All peers together: who is heard, whose log is followed, who is set aside, and what can be told about them.

One tail per peer, each a task of its own, so that a peer that is slow or lies holds up nobody else. What a tail needs
from outside itself is put together here.
"""

import asyncio
import time
from collections.abc import Sequence
from functools import partial
from typing import Final

from google.protobuf.message import DecodeError
from structlog.typing import FilteringBoundLogger

from stemedb.bus.lifetime import Lifetime
from stemedb.bus.messages.ingest import APPEND_STATEMENTS_MAX
from stemedb.bus.worker import Worker
from stemedb.errors import Fatal, ProofError, StemeError, Unavailable
from stemedb.merkle import Checkpoint, evidence, log_origin, verify_consistency
from stemedb.statements import encode_public_key
from stemedb.types import DIGEST_BYTES, Digest, StatementId
from stemedb.v1 import sync_pb2
from stemedb_sync.calls import Calls
from stemedb_sync.gossip import Gossip
from stemedb_sync.healing import Healing, Standing
from stemedb_sync.metrics import UNKNOWN, SyncMetrics
from stemedb_sync.overview import Overview
from stemedb_sync.pacing import Pace
from stemedb_sync.page import Page
from stemedb_sync.peers import Peer, Peers, Unwelcome, decode
from stemedb_sync.settings import SyncSettings
from stemedb_sync.store import Sifted, Store
from stemedb_sync.tail import BAD_PAGES_MAX, Tail, World
from stemedb_sync.witness import Verdict

ECHO_S: Final = 0.05
"""How long the entries of a peer may wait whose last ones we all knew: it takes a stream of writes over from somebody, us
perhaps. Reading its ids with every digest would double the work of that stream."""

ECHO_MEMORY_S: Final = 0.5
"""After a pause of that length there is no stream, and the next entry of the peer is read at once."""

SAVE_GAP_S: Final = 1.0
"""Between two writes of one peer's file: what a crash forgets is read again, and each write costs two fsyncs."""


class Following:
    """Owns the peers and their tails; belongs to the event loop."""

    def __init__(
        self,
        settings: SyncSettings,
        peers: Peers,
        store: Store,
        worker: Worker,
        *,
        calls: Calls,
        metrics: SyncMetrics,
        lifetime: Lifetime,
        log: FilteringBoundLogger,
    ) -> None:
        self.peers = peers
        self.is_paused = False
        self.gossip: Gossip | None = None
        """Set once it is made: the two know each other."""
        self.healing: Healing | None = None
        """The same; without it only the tail path is there."""
        self._own = settings.replica
        self.overview = Overview(
            settings.replica, peers, settings.sync_down_after_ms / 1000, lambda: self.gossip
        )
        self._store = store
        self._worker = worker
        self._calls = calls
        self._metrics = metrics
        self._lifetime = lifetime
        self._log = log
        self.pace = Pace(settings.sync_pull_statements_per_s, calls.pending)
        self._tails: dict[str, Tail] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._unsaved: dict[str, Peer] = {}
        self._saved_s: dict[str, float] = {}
        self._echoes: set[str] = set()

    async def restore(self) -> None:
        """Read the files about peers and follow those that are in them; raises `Corruption`."""
        for name, content in (await self._worker.run(self._store.peer_files)).items():
            self.peers.restore(decode(name, content, self._store.path_of(name)))
        own_size = await self._worker.run(self._store.own_size)
        for peer in self.peers.by_name.values():
            if own_size < peer.own_size:
                self._log.warning(
                    "our log is shorter than it was", peer=peer.name, size=own_size, was=peer.own_size
                )
                peer.begin_anew(time.monotonic())
            self._follow(peer)

    async def hear(self, data: bytes) -> None:
        """Take in a digest from the bus."""
        now_s = time.monotonic()
        try:
            heard = self.peers.hear(data, now_s, _now_ms())
        except Unwelcome as error:
            self._metrics.failures.labels(error.name or UNKNOWN, error.reason).inc()
            self._log.warning("digest refused", reason=error.reason, error=error.message)
            return
        if heard is None:
            return
        peer, verdict = heard
        self._metrics.bytes.labels(peer.name, "gossip", "in").inc(len(data))
        if peer.name not in self._tails:
            self._log.info("peer found", peer=peer.name, key=encode_public_key(peer.key), trust=peer.trust)
            self._follow(peer)
            await self._save_now(peer)
            if self.gossip is not None:
                self.gossip.touch()  # it may not know us yet
        if verdict.is_broken_promise and not peer.is_set_aside:
            await self._accuse(peer, verdict, data)
        elif peer.is_set_aside or (peer.latest is not None and peer.latest.size <= peer.verified):
            self._note_success(peer)
        self._rouse(peer, now_s)
        self._consider(peer, now_s)

    async def now(self, name: str | None, *, tree: bool) -> None:
        """Ask peer `name`, or every peer, where it stands and follow it at once; with `tree` compare the maps too."""
        names = [name] if name is not None else list(self.peers.by_name)
        answers = await asyncio.gather(
            *(self._calls.ask(one, "digest", b"", "gossip") for one in names), return_exceptions=True
        )
        for one, answer in zip(names, answers, strict=True):
            if isinstance(answer, bytes):
                await self.hear(answer)
            elif isinstance(answer, StemeError):
                self.failed(self.peers.by_name[one], answer.code, answer.message)
            else:
                raise answer
        for one in names:
            self.peers.by_name[one].rouse()
        if tree and self.healing is not None:
            for one in names:
                await self.healing.heal(self.peers.by_name[one])

    def pause(self, paused: bool) -> None:
        """Stop pulling, or go on."""
        self.is_paused = paused
        self._metrics.paused.set(paused)
        for tail in self._tails.values():
            tail.is_paused = paused
        for peer in self.peers.by_name.values():
            peer.rouse()
        if self.gossip is not None:
            self.gossip.is_paused = paused
            self.gossip.touch()

    async def readmit(self, name: str) -> None:
        """Follow a peer again that was set aside, from the beginning of its log."""
        peer = self.peers.by_name[name]
        peer.readmit(_now_ms(), time.monotonic())
        self._log.info("peer readmitted", peer=name)
        await self._save_now(peer)

    def vector(self) -> dict[str, int]:
        """Return how much of each peer's log is verified and durable here."""
        return {name: peer.verified for name, peer in self.peers.by_name.items()}

    async def close(self) -> None:
        """End the tails and write what is not written yet."""
        if self.healing is not None:
            await self.healing.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for peer in list(self._unsaved.values()):
            await self._save_now(peer)

    def _rouse(self, peer: Peer, now_s: float) -> None:
        """Have the peer's log followed: at once, or a little later while it only echoes what others and we told it."""
        if peer.echo_s is None or now_s - peer.echo_s > ECHO_MEMORY_S:
            peer.rouse()
        elif peer.name not in self._echoes and peer.log_size > peer.verified:
            self._echoes.add(peer.name)
            asyncio.get_running_loop().call_later(ECHO_S, self._echoed, peer)

    def _echoed(self, peer: Peer) -> None:
        self._echoes.discard(peer.name)
        peer.rouse()

    def _follow(self, peer: Peer) -> None:
        self._metrics.introduce(peer.name)
        self._metrics.equivocations.labels(peer.name).inc(peer.equivocations)
        world = World(
            ask=partial(self._calls.ask, peer.name),
            append=self._calls.hand_over,
            sift=self._sift,
            still_missing=self._still_missing,
            save=self._save,
            contradicts=self._contradicts,
            pace=self.pace.take,
            advanced=self._advanced,
            failed=self.failed,
            live_origins=partial(self._live_origins, peer),
        )
        tail = Tail(peer, self._own, APPEND_STATEMENTS_MAX, world)
        tail.is_paused = self.is_paused
        self._tails[peer.name] = tail
        task = asyncio.create_task(tail.run())
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if task.cancelled() or (error := task.exception()) is None:
            return
        self._log.error("tail ended", exc_info=(type(error), error, error.__traceback__))
        self._lifetime.fail(
            error
            if isinstance(error, StemeError)
            else Fatal(f"unexpected {type(error).__name__} in a tail; see the log")
        )

    async def _sift(self, page: Page, frontier: object) -> Sifted:
        return await self._worker.run(self._store.sift, page, frontier)  # type: ignore[arg-type]

    async def _still_missing(self, ids: Sequence[bytes]) -> set[bytes]:
        wanted = [StatementId(id_) for id_ in ids]
        return set(await self._worker.run(self._store.still_missing, wanted))

    async def _save(self, peer: Peer) -> None:
        """Write the peer's file, at most once in `SAVE_GAP_S`; the last state is always written in the end."""
        if peer.name in self._unsaved:
            return
        self._unsaved[peer.name] = peer
        gap_s = self._saved_s.get(peer.name, 0.0) + SAVE_GAP_S - time.monotonic()
        if gap_s <= 0:
            await self._save_now(peer)
            return
        task = asyncio.create_task(self._save_later(peer, gap_s))
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    async def _save_later(self, peer: Peer, gap_s: float) -> None:
        await asyncio.sleep(gap_s)
        await self._save_now(peer)

    async def _save_now(self, peer: Peer) -> None:
        self._unsaved.pop(peer.name, None)
        self._saved_s[peer.name] = time.monotonic()
        state = self.gossip.log_state if self.gossip else None
        peer.own_size = state.size if state else peer.own_size
        try:
            await self._worker.run(self._store.write_peer, peer.name, peer.encode())
        except Fatal as error:
            self._lifetime.fail(error)
            raise

    async def _accuse(self, peer: Peer, verdict: Verdict, data: bytes) -> None:
        """Set aside a peer whose digest contradicts what it signed before."""
        _, earlier = peer.newest_known()
        digest = sync_pb2.Digest.FromString(data)
        later = digest.checkpoint
        if peer.digest is not None and digest.sequence == peer.digest.sequence:
            # What it says now, for better or worse: were it readmitted before its next digest, that one must be no news.
            peer.latest, peer.latest_note = Checkpoint.open(later, log_origin(peer.name), peer.key), later
        kind: evidence.Kind = "fork" if verdict is Verdict.FORK else "rollback"
        await self._set_aside(
            peer, kind, evidence.make(kind, peer.name, peer.key, earlier=earlier, later=later)
        )

    async def _contradicts(self, peer: Peer, target: Checkpoint, note: bytes) -> bool:
        """Ask a peer whose entries do not lead to its checkpoint for the proof that would; set it aside if that shows another history."""
        if not peer.verified:
            return await self._give_up(peer, note)
        request = sync_pb2.ConsistencyRequest(replica=self._own, old_size=peer.verified, new_size=target.size)
        try:
            reply = sync_pb2.ConsistencyReply.FromString(
                await self._calls.ask(peer.name, "consistency", request.SerializeToString())
            )
            proof = tuple(
                Digest(reply.proof[at : at + DIGEST_BYTES]) for at in range(0, len(reply.proof), DIGEST_BYTES)
            )
            verify_consistency(peer.verified, target.size, reply.old_root, target.root, proof)
        except (DecodeError, ProofError, Unavailable):
            return await self._give_up(peer, note)
        if reply.old_root == peer.frontier.root:
            return await self._give_up(peer, note)  # the logs agree: it was the pages that were wrong
        consistency = evidence.Consistency(reply.old_root, proof)
        content = evidence.make(
            "rewrite", peer.name, peer.key, earlier=peer.note, later=note, consistency=consistency
        )
        await self._set_aside(peer, "rewrite", content)
        return True

    async def _give_up(self, peer: Peer, note: bytes) -> bool:
        """Set a peer aside whose pages keep leading elsewhere though nothing can be proved."""
        if self._tails[peer.name].bad_pages + 1 < BAD_PAGES_MAX:
            return False
        if peer.verified:
            content = evidence.make("unproven", peer.name, peer.key, earlier=peer.note, later=note)
            await self._set_aside(peer, "unproven", content)
        else:
            await self._set_aside(peer, "unproven", None)
        return True

    async def _set_aside(self, peer: Peer, kind: str, content: bytes | None) -> None:
        peer.set_aside(kind, _now_ms())
        peer.equivocations += 1
        self._metrics.equivocations.labels(peer.name).inc()
        path = ""
        if content is not None:
            path = str(await self._worker.run(self._store.write_evidence, peer.name, content))
            peer.evidence.append(path.rsplit("/", 1)[-1])
        await self._save_now(peer)
        self._log.error("peer set aside", peer=peer.name, reason=kind, evidence=path)
        if self.gossip is not None:
            self.gossip.touch()

    def _advanced(self, peer: Peer, entries: int) -> None:
        self._metrics.rounds.labels(peer.name, "tail").inc()
        self._metrics.statements.labels(peer.name, "tail").inc(entries)
        self._note_success(peer)
        if self.gossip is not None:
            self.gossip.touch()

    def _note_success(self, peer: Peer) -> None:
        if not peer.is_set_aside and peer.lag.statements(len(peer.postponed)) == 0:
            self._metrics.last_success.labels(peer.name).set(time.time())

    def failed(self, peer: Peer, reason: str, message: str) -> None:
        """Count and log that something went wrong with `peer`."""
        self._metrics.failures.labels(peer.name, reason).inc()
        self._log.warning("sync failed", peer=peer.name, reason=reason, error=message)

    def healed(self, peer: Peer) -> None:
        """Note that the maps of `peer` and ours were compared to the end."""
        self._metrics.rounds.labels(peer.name, "tree").inc()

    def _consider(self, peer: Peer, now_s: float) -> None:
        gossip = self.gossip
        if self.healing is None or self.is_paused or gossip is None:
            return
        log, tree = gossip.log_state, gossip.map_state
        if log is not None and tree is not None:
            self.healing.consider(Standing(self._own, log.size, tree.root, tree.applied), peer, now_s)

    def _live_origins(self, but: Peer) -> frozenset[str]:
        return frozenset(
            peer.name
            for peer in self.peers.by_name.values()
            if peer is not but and not peer.is_set_aside and not self.overview.is_down(peer)
        )


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
