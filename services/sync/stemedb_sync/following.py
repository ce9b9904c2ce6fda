"""All peers together: who is heard, whose log is followed, who is set aside, and what can be told about them.

One tail per peer, each a task of its own, so that a peer that is slow or lies holds up nobody else. What a tail needs
from outside itself is put together here.
"""

import asyncio
import os
import time
from collections.abc import Sequence
from functools import partial
from typing import Final

from structlog.typing import FilteringBoundLogger

from stemedb.bus.lifetime import Lifetime
from stemedb.bus.messages.ingest import APPEND_STATEMENTS_MAX
from stemedb.bus.worker import Worker
from stemedb.errors import Fatal, StemeError
from stemedb.merkle import Checkpoint
from stemedb.statements import encode_public_key
from stemedb.types import StatementId
from stemedb.v1 import sync_pb2
from stemedb_sync.accusing import Accuser
from stemedb_sync.calls import Calls
from stemedb_sync.digest import NONCE_BYTES
from stemedb_sync.gossip import Gossip
from stemedb_sync.healing import Healing, Standing
from stemedb_sync.keeping import Keeping
from stemedb_sync.leap import Leap
from stemedb_sync.metrics import UNKNOWN, SyncMetrics
from stemedb_sync.overview import Overview
from stemedb_sync.pacing import Allowance, Pace
from stemedb_sync.page import Page
from stemedb_sync.peer import Peer, decode
from stemedb_sync.peers import STALE_S, Peers, Unwelcome
from stemedb_sync.settings import SyncSettings
from stemedb_sync.store import Sifted, Store
from stemedb_sync.tail import Tail, World

ECHO_S: Final = 0.05
"""How long the entries of a peer may wait whose last ones we all knew: it takes a stream of writes over from somebody, us
perhaps. Reading its ids with every digest would double the work of that stream."""

ECHO_MEMORY_S: Final = 0.5
"""After a pause of that length there is no stream, and the next entry of the peer is read at once."""


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
        self.leap: Leap | None = None
        """The same."""
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
        self.allowance = Allowance(self._keys)
        self._tails: dict[str, Tail] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._asking: set[str] = set()
        self._keeping = Keeping(store, worker, lifetime, self._own_size)
        self._accuser = Accuser(
            settings.replica,
            ask=calls.ask,
            keep_evidence=self._keep_evidence,
            keeping=self._keeping,
            metrics=metrics,
            log=log,
            now_ms=_now_ms,
        )
        self._echoes: set[str] = set()

    async def restore(self) -> None:
        """Read the files about peers and follow those that are in them, or wait if that was paused; raises `Corruption`."""
        self._set_paused(await self._worker.run(self._store.is_paused))
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

    async def hear(self, data: bytes, nonce: bytes = b"", asked_at: int | None = None) -> None:
        """Take in a digest from the bus; `nonce` and `asked_at` are those of our question if it is the answer to one (`Peers.hear`)."""
        now_s = time.monotonic()
        try:
            heard = self.peers.hear(data, now_s, _now_ms(), nonce=nonce, asked_at=asked_at)
        except Unwelcome as error:
            self._metrics.failures.labels(error.name or UNKNOWN, error.reason).inc()
            self._log.warning("digest refused", reason=error.reason, error=error.message)
            return
        if heard is None:
            return
        peer = heard.peer
        self._metrics.bytes.labels(peer.name, "gossip", "in").inc(len(data))
        if peer.name not in self._tails:
            self._log.info("peer found", peer=peer.name, key=encode_public_key(peer.key), trust=peer.trust)
            self._follow(peer)
            await self._keeping.save_now(peer)
            self._touch()  # it may not know us yet
        if heard.verdict.is_broken_promise and not peer.is_set_aside:
            await self._accuser.accuse(heard)
            self._touch()
        if not heard.is_news:
            self._repeated(peer, now_s)
            return
        if peer.is_set_aside or (peer.latest is not None and peer.latest.size <= peer.verified):
            self._note_success(peer)
        if not self._is_leaping(peer):
            self._rouse(peer, now_s)
            self._consider(peer, now_s)

    def _repeated(self, peer: Peer, now_s: float) -> None:
        """Count a digest that is no news, and ask the peer itself once it has sent nothing else for too long."""
        self._metrics.failures.labels(peer.name, "stale_digest").inc()
        if peer.stale_since_s is None or now_s - peer.stale_since_s < STALE_S or peer.name in self._asking:
            return
        self._log.warning("only old digests", peer=peer.name, for_s=round(now_s - peer.stale_since_s, 1))
        peer.stale_since_s = now_s
        self._asking.add(peer.name)
        task = asyncio.create_task(self._ask_again(peer))
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    async def _ask_again(self, peer: Peer) -> None:
        try:
            await self._ask_digest(peer)
        finally:
            self._asking.discard(peer.name)

    async def _ask_digest(self, peer: Peer) -> None:
        """Ask where a peer stands, now: its answer counts, whatever its sequence."""
        nonce, asked_at = os.urandom(NONCE_BYTES), peer.sequence
        request = sync_pb2.DigestRequest(replica=self._own, nonce=nonce)
        try:
            answer = await self._calls.ask(peer.name, "digest", request.SerializeToString(), "gossip")
        except Fatal:
            raise
        except StemeError as error:
            self.failed(peer, error.code, error.message)
        else:
            await self.hear(answer, nonce, asked_at)

    async def now(self, name: str | None, *, tree: bool) -> None:
        """Ask peer `name`, or every peer, where it stands and follow it at once; with `tree` compare the maps too.

        Raises what the first comparison that failed raised, once the others are done.
        """
        names = [name] if name is not None else list(self.peers.by_name)
        await asyncio.gather(*(self._ask_digest(self.peers.by_name[one]) for one in names))
        for one in names:
            self.peers.by_name[one].rouse()
            self.peers.by_name[one].hurry.set()
        if tree and self.healing is not None:
            failures = []
            for one in names:
                try:
                    await self.healing.heal(self.peers.by_name[one])
                except StemeError as error:
                    self.failed(self.peers.by_name[one], error.code, error.message)
                    failures.append(error)
            if failures:
                raise failures[0]

    async def pause(self, paused: bool) -> None:
        """Stop pulling until told otherwise, or go on; durable when it returns."""
        try:
            await self._worker.run(self._store.write_paused, paused)
        except Fatal as error:
            self._lifetime.fail(error)
            raise
        self._set_paused(paused)

    def _set_paused(self, paused: bool) -> None:
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
        await self._keeping.save_now(peer)

    def vector(self) -> dict[str, int]:
        """Return how much of each peer's log is verified and durable here."""
        return {name: peer.verified for name, peer in self.peers.by_name.items()}

    async def close(self) -> None:
        """End the tails and write what is not written yet."""
        for path in (self.leap, self.healing):
            if path is not None:
                await path.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._keeping.close()

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
            save=self._keeping.save,
            contradicts=self._contradicts,
            pace=self.pace.take,
            restamp=self._restamp,
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
        self._log.error("a task about a peer ended", exc_info=(type(error), error, error.__traceback__))
        self._lifetime.fail(
            error
            if isinstance(error, StemeError)
            else Fatal(f"unexpected {type(error).__name__} about a peer; see the log")
        )

    async def _sift(self, page: Page, frontier: object) -> Sifted:
        return await self._worker.run(self._store.sift, page, frontier)  # type: ignore[arg-type]

    async def _still_missing(self, ids: Sequence[bytes]) -> set[bytes]:
        wanted = [StatementId(id_) for id_ in ids]
        return set(await self._worker.run(self._store.still_missing, wanted))

    async def _contradicts(self, peer: Peer, target: Checkpoint, note: bytes, attempt: int) -> bool:
        is_set_aside = await self._accuser.contradicts(peer, target, note, attempt)
        if is_set_aside:
            self._touch()
        return is_set_aside

    async def _keep_evidence(self, name: str, content: bytes) -> str:
        return str(await self._worker.run(self._store.write_evidence, name, content))

    def _own_size(self) -> int | None:
        return self.gossip.log_state.size if self.gossip is not None and self.gossip.log_state else None

    async def _restamp(self, peer: Peer, count: int) -> None:
        if count and not self.allowance.fits(peer.name, count):
            self.failed(peer, "restamp_flood", "its log moves more stamps than a peer may at once, and waits")
            await self.allowance.wait(peer.name, count)

    def _keys(self) -> int:
        return self.gossip.map_state.keys if self.gossip is not None and self.gossip.map_state else 0

    def _touch(self) -> None:
        """Have our own digest sent soon: what it says of the peers changed."""
        if self.gossip is not None:
            self.gossip.touch()

    def _advanced(self, peer: Peer, entries: int) -> None:
        self._metrics.rounds.labels(peer.name, "tail").inc()
        self._metrics.statements.labels(peer.name, "tail").inc(entries)
        self._note_success(peer)
        self._touch()

    def _note_success(self, peer: Peer) -> None:
        if not peer.is_set_aside and peer.lag.statements(len(peer.postponed)) == 0:
            self._metrics.last_success.labels(peer.name).set(time.time())

    def failed(self, peer: Peer, reason: str, message: str) -> None:
        """Count and log that something went wrong with `peer`."""
        self._metrics.failures.labels(peer.name, reason).inc()
        self._log.warning("sync failed", peer=peer.name, reason=reason, error=message)

    async def leapt(self, peer: Peer, start: int) -> None:
        """Note that the log of `peer` was leapt over from `start` to where it is verified now."""
        self._log.info("leapt over what the map holds", peer=peer.name, start=start, end=peer.verified)
        self._metrics.rounds.labels(peer.name, "leap").inc()
        self._note_success(peer)
        self._touch()
        await self._keeping.save(peer)

    def healed(self, peer: Peer) -> None:
        """Note that the maps of `peer` and ours were compared to the end."""
        self._metrics.rounds.labels(peer.name, "tree").inc()

    def _standing(self) -> Standing | None:
        """Return where we stand, or ``None`` while that is not known or nothing may be pulled."""
        gossip = self.gossip
        if self.is_paused or gossip is None or gossip.log_state is None or gossip.map_state is None:
            return None
        log, tree = gossip.log_state, gossip.map_state
        return Standing(self._own, log.size, tree.root, tree.applied, tree.keys)

    def _consider(self, peer: Peer, now_s: float) -> None:
        own = self._standing()
        if self.healing is not None and own is not None:
            self.healing.consider(own, peer, now_s)

    def _is_leaping(self, peer: Peer) -> bool:
        own = self._standing()
        return self.leap is not None and own is not None and self.leap.consider(own, peer)

    def _live_origins(self, but: Peer) -> frozenset[str]:
        return frozenset(
            peer.name
            for peer in self.peers.by_name.values()
            if peer is not but and not peer.is_set_aside and not self.overview.is_down(peer)
        )


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
