"""The tree path: comparing our map with a peer's and taking over what is missing here.

::

    peer's newest commit ──▶ root, keys
                                │ equal to ours? done
                                ▼
    our snapshot ── Reconciliation ◀──▶ subtree questions, a round at a time        only where digests differ
                                │
                                ▼ what the peer has and we lack, or have with another value
    entries ─▶ join with ours ─▶ statement known here? ─ yes ─▶ our own copy, the peer's stamp ─┐
                  │                                    └ no ──▶ fetch by id, verify ────────────┤
                  └ ours stands: nothing to do                                                  ▼
                                                                                     ingest.replicate, durable

One *pass* is one comparison with one root. Passes follow one another when an answer was cut by a limit or the peer's commit
disappeared, until one has seen the whole difference. Each but the last must have brought something new, so they end.

What is believed
    Nothing of the peer's log: this path is for peers whose log cannot be followed. A statement's bytes must hash to the id in the map entry, parse
    by the rules of this version, and give exactly the key under which the peer's map holds it; ingest checks signatures and drift. A
    stamp is believed as the tail path believes it. So a liar can keep back, and it can waste a bounded amount of our time, but what
    ends in our log is what somebody may have said.

What it does not do: it does not push. What only we hold is the peer's to pull, by the same path.

All failures are typed: `ProofError` for answers that no honest peer gives (`BadEntry` and `Withheld` say which), `Unavailable` and `Overloaded` for a peer
that does not answer, `NoProgress` when the maps keep differing for a reason that pulling does not remove, `RestampFlood` when it moves stamps faster than it may.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from google.protobuf.message import DecodeError

from stemedb.crdt import VoteKey, decode_key, decode_stamp, decode_vote, join, map_entry
from stemedb.errors import Corruption, InvalidInput, NotFound, Overloaded, ProofError, StemeError, Unavailable
from stemedb.mst import Tree
from stemedb.mst.diff import Change
from stemedb.mst.reconcile import NONCE_BYTES, ClientLimits, Outcome, Reconciliation
from stemedb.statements import Parsed, parse, statement_id
from stemedb.types import DIGEST_BYTES, Digest, LogSize, Stamp, StatementId
from stemedb.v1 import bulk_pb2, sync_pb2
from stemedb_sync.store import Arrival, handover_requests
from stemedb_sync.subtrees import Body

REQUESTS_IN_FLIGHT: Final = 4
"""Questions of one round sent at once: below what a peer allows one asker, and 2 MiB of answers."""

FETCH_IDS: Final = 1000
"""Statements asked for in one fetch: 32 KiB of ids; answers are cut by bytes, so more would only be sent again."""

FETCHES_IN_FLIGHT: Final = 3
"""Of half a MiB each."""

PASSES_MAX: Final = 100
"""Comparisons in one repair. A pass finds up to 200,000 entries, so this is a replica of 20 million that is filled from nothing."""

GONE_MAX: Final = 5
"""Commits of the peer that may vanish in a row: it compacts, which takes minutes between, or plays for time."""

TRIES: Final = 8
"""For one request to a peer that says it is overloaded; the pause doubles from `PAUSE_S`."""

PAUSE_S: Final = 0.02

RUN_MAX_S: Final = 300.0
"""One run: a peer that is slow, or plays for time, lets others have their turn after it. What was taken over is not lost."""

APPLY_WAIT_S: Final = 60.0
"""For our own index to take in what one pass brought, before the next one compares."""

APPLY_LOOK_S: Final = 0.02


class BadEntry(ProofError):
    """The peer's map holds an entry that no statement makes."""

    code = "bad_entry"


class Withheld(ProofError):
    """The peer's map names statements that it does not give."""

    code = "withheld"


class RestampFlood(StemeError):
    """The peer moves the stamps of what is here faster than it may."""

    code = "restamp_flood"


class NoProgress(StemeError):
    """Maps differ, and what could be taken over does not change that."""

    code = "no_progress"


@dataclass(slots=True)
class RepairReport:
    """What one repair took and brought."""

    passes: int = 0
    proven: bool = False
    """Whether all of the difference was seen."""
    applied: int = 0
    """How much of the peer's log was in the map that was compared last."""
    rounds: int = 0
    bytes_sent: int = 0
    """Of questions, in their messages; without those for statements."""
    bytes_received: int = 0
    fetched: int = 0
    """Statements that were missing here."""
    fetched_bytes: int = 0
    """Of the messages they came in."""
    restamped: int = 0
    """Statements held here that took the peer's stamp."""
    refused: dict[str, int] = field(default_factory=dict)
    """What our ingest did not take, by reason."""

    @property
    def brought(self) -> int:
        """How many statements or stamps are durable here that were not before."""
        return self.fetched + self.restamped - sum(self.refused.values())


@dataclass(frozen=True, slots=True)
class World:
    """What a repair does beyond itself; functions, so that it can be tried without a bus."""

    ask: Callable[[str, str, bytes], Awaitable[bytes]]
    """(peer, endpoint, request): returns the reply, or raises what the peer raised, or `Unavailable`."""
    replicate: Callable[[bytes], Awaitable[bytes]]
    """A protobuf ``ReplicateRequest`` to our ingest; durable when it returns."""
    run: Callable[..., Awaitable[Any]]
    """``run(function, *arguments)`` on the thread that owns the three below."""
    snapshot: Callable[[], Tree]
    applied: Callable[[], LogSize]
    bodies: Callable[[Sequence[StatementId]], dict[StatementId, Body]]
    nonce: Callable[[int], bytes]
    """So many random bytes, ``os.urandom``."""
    pace: Callable[[int], Awaitable[None]]
    """Wait until so many more statements may be pulled."""
    may_restamp: Callable[[str, int], bool]
    """(peer, count): whether it may move so many stamps now; they are spent if so."""
    damaged: Callable[[Corruption], None]
    """Told of what is found wrong with our map."""


class Wanted(NamedTuple):
    """A statement to take over: what the peer's map says of it."""

    id: StatementId
    stamp: Stamp
    key: bytes
    value: bytes


class _Gone(Exception):
    """The peer does not have the commit any more."""


class Repair:
    """Repairs our map from peers; one run at a time is the caller's to see to."""

    def __init__(self, own: str, count_max: int, world: World, limits: ClientLimits | None = None) -> None:
        """`own` is our name, `count_max` how many statements one request to ingest may hold. Requires ``count_max >= 1``."""
        self._own = own
        self._count_max = count_max
        self._world = world
        self._limits = limits or ClientLimits()

    async def run(self, peer: str, traffic_bytes: int | None = None) -> RepairReport:
        """Take over everything that `peer` has in its map and we lack; durable when it returns.

        With `traffic_bytes` there is one comparison, which may cost so many bytes; whether that was enough the report says (`proven`).
        Raises `ProofError`, `Unavailable`, `Overloaded`, `RestampFlood` or `NoProgress`; what was taken over by then stays.
        """
        try:
            async with asyncio.timeout(RUN_MAX_S):
                return await self._run(peer, traffic_bytes)
        except TimeoutError:
            raise Unavailable(
                f"{peer}: not done within {RUN_MAX_S:g} s; what was taken over stays, the next run goes on from there"
            ) from None

    async def _run(self, peer: str, traffic_bytes: int | None) -> RepairReport:
        report = RepairReport()
        limits = self._limits if traffic_bytes is None else self._limits._replace(traffic_bytes=traffic_bytes)
        gone = 0
        while report.passes < PASSES_MAX:
            report.passes += 1
            try:
                outcome = await self._compare(peer, report, limits)
            except _Gone:
                gone += 1
                if gone == GONE_MAX:
                    raise Unavailable(
                        f"{peer}: {GONE_MAX} commits in a row were gone before they were compared"
                    ) from None
                continue
            gone = 0
            brought = report.brought
            size = await self._take_over(peer, outcome.missing, report)
            report.proven = outcome.proven
            if outcome.proven or traffic_bytes is not None:
                return report
            if report.brought == brought:
                raise NoProgress(
                    f"{peer}: a comparison cut by its limits brought nothing that could be taken over"
                )
            await self._applied(size)
        raise NoProgress(f"{peer}: maps still differ after {PASSES_MAX} comparisons")

    async def _compare(self, peer: str, report: RepairReport, limits: ClientLimits) -> Outcome:
        """Compare our newest snapshot with the peer's newest commit; raises `_Gone`."""
        head = await self._question(peer, Digest(b""), 0, b"", report)
        if len(head.root) != DIGEST_BYTES:
            raise ProofError(f"subtree: got a root of {len(head.root)} bytes, want {DIGEST_BYTES}")
        report.applied = head.applied
        world = self._world
        tree = await world.run(world.snapshot)
        reconciliation = Reconciliation(
            tree, Digest(head.root), world.nonce(NONCE_BYTES), keys_max=head.keys, limits=limits
        )
        while not reconciliation.finished:
            questions = await self._on_our_map(reconciliation.requests)
            report.rounds += 1
            for start in range(0, len(questions), REQUESTS_IN_FLIGHT):
                part = questions[start : start + REQUESTS_IN_FLIGHT]
                replies = await _all(
                    [self._question(peer, Digest(head.root), head.offset, one, report) for one in part]
                )
                if any(reply.gone for reply in replies):
                    raise _Gone
                for number, reply in enumerate(replies, start):
                    try:
                        await self._on_our_map(reconciliation.fold, number, reply.answer)
                    except NotFound:
                        raise _Gone from None
        return reconciliation.outcome

    async def _on_our_map(self, work: Callable[..., Any], *arguments: object) -> Any:
        """Run `work`, which reads our map as it goes; damage in it is told on, and ends this comparison and no service."""
        try:
            return await self._world.run(work, *arguments)
        except Corruption as error:
            self._world.damaged(error)
            raise Unavailable(f"{self._own}: the map is damaged: {error.message}") from error

    async def _question(
        self, peer: str, root: Digest, offset: int, question: bytes, report: RepairReport
    ) -> sync_pb2.SubtreeReply:
        request = sync_pb2.SubtreeRequest(replica=self._own, root=root, offset=offset, question=question)
        data = request.SerializeToString()
        answer = await self._ask(peer, "subtree", data)
        report.bytes_sent += len(data)
        report.bytes_received += len(answer)
        try:
            reply: sync_pb2.SubtreeReply = sync_pb2.SubtreeReply.FromString(answer)
        except DecodeError as error:
            raise ProofError(f"not a SubtreeReply: {error}") from None
        return reply

    async def _take_over(self, peer: str, missing: Sequence[Change], report: RepairReport) -> int:
        """Make what `missing` says durable here, and return how large our log is then, 0 if nothing was appended."""
        world = self._world
        size = 0
        wanted = await world.run(wanted_of, missing)
        for start in range(0, len(wanted), FETCH_IDS * FETCHES_IN_FLIGHT):
            group = wanted[start : start + FETCH_IDS * FETCHES_IN_FLIGHT]
            await world.pace(len(group))
            held = await world.run(world.bodies, [one.id for one in group])
            if not self._world.may_restamp(peer, len(held)):
                raise RestampFlood(f"{peer}: its map moves more stamps than a peer may at once")
            lacking = [one for one in group if one.id not in held]
            parts = [lacking[at : at + FETCH_IDS] for at in range(0, len(lacking), FETCH_IDS)]
            fetched = await _all([self._fetch(peer, part, report) for part in parts])
            bodies = held | {id_: body for part in fetched for id_, body in part.items()}
            arrivals = await world.run(_arrivals, group, bodies)
            for handover in handover_requests(arrivals, self._count_max):
                size = max(size, await self._replicate(handover.request, report))
            report.restamped += len(held)
            report.fetched += len(lacking)
        return size

    async def _fetch(
        self, peer: str, wanted: Sequence[Wanted], report: RepairReport
    ) -> dict[StatementId, Body]:
        """Return the statements `wanted`, each with the bytes of its id."""
        found: dict[StatementId, Body] = {}
        ids = [one.id for one in wanted]
        while ids:
            request = sync_pb2.FetchRequest(replica=self._own, ids=b"".join(ids))
            answer = await self._ask(peer, "fetch", request.SerializeToString())
            report.fetched_bytes += len(answer)
            part, done = _fetched(answer, ids)
            found |= part
            ids = ids[done:]
        return found

    async def _replicate(self, request: bytes, report: RepairReport) -> int:
        answer = await self._patiently(lambda: self._world.replicate(request))
        reply = bulk_pb2.ReplicateReply.FromString(answer)
        for error in reply.errors:
            report.refused[error.code] = report.refused.get(error.code, 0) + 1
        return int(reply.size)

    async def _applied(self, size: int) -> None:
        """Wait until our map has taken in the first `size` entries of our log."""
        try:
            async with asyncio.timeout(APPLY_WAIT_S):
                while await self._world.run(self._world.applied) < size:  # noqa: ASYNC110 - index is another process: there is only its file to look at
                    await asyncio.sleep(APPLY_LOOK_S)
        except TimeoutError:
            raise Unavailable(
                f"our index has not taken in {size} entries within {APPLY_WAIT_S:g} s"
            ) from None

    async def _ask(self, peer: str, endpoint: str, request: bytes) -> bytes:
        return await self._patiently(lambda: self._world.ask(peer, endpoint, request))

    async def _patiently(self, attempt: Callable[[], Awaitable[bytes]]) -> bytes:
        for number in range(TRIES - 1):
            try:
                return await attempt()
            except Overloaded:
                await asyncio.sleep(PAUSE_S * 2**number)
        return await attempt()


def wanted_of(missing: Sequence[Change]) -> list[Wanted]:
    """Return what is to be taken over of the changes from our map to a peer's: those that the join does not settle in our favour.

    Raises `BadEntry` for an entry that no statement makes.
    """
    wanted: list[Wanted] = []
    for key, old, new in missing:
        assert new is not None, "what the remote lacks is not missing here"
        try:
            if old is not None and join(key, old, new) == old:
                continue
            name = decode_key(key)
            if isinstance(name, VoteKey):
                stamp, id_ = decode_vote(new)
            else:
                stamp, id_ = decode_stamp(new), name.id
        except (InvalidInput, ValueError) as error:
            raise BadEntry(f"entry {key.hex()[:16]}: {error}") from None
        wanted.append(Wanted(id_, stamp, key, new))
    return wanted


def _arrivals(wanted: Sequence[Wanted], bodies: dict[StatementId, Body]) -> list[Arrival]:
    """Return the statements to hand on, each checked against the map entry that named it; raises `BadEntry`."""
    arrivals: list[Arrival] = []
    for number, one in enumerate(wanted):
        canonical, signature = bodies[one.id]
        parsed = _parsed(one, canonical)
        if map_entry(parsed.kind, parsed.statement, one.id, one.stamp) != (one.key, one.value):
            raise BadEntry(
                f"entry {one.key.hex()[:16]}: its statement {one.id.hex()[:12]} makes another entry"
            )
        arrivals.append(Arrival(number, canonical, signature, one.stamp))
    return arrivals


def _parsed(wanted: Wanted, canonical: bytes) -> Parsed:
    try:
        parsed = parse(canonical)
    except InvalidInput as error:
        raise BadEntry(f"statement {wanted.id.hex()[:12]}: {error.message}") from None
    if parsed.canonical != canonical:
        raise BadEntry(f"statement {wanted.id.hex()[:12]}: not in canonical form")
    return parsed


def _fetched(answer: bytes, ids: Sequence[StatementId]) -> tuple[dict[StatementId, Body], int]:
    """Return the statements in a reply to a fetch of `ids`, and how many of these are settled by it."""
    try:
        reply = sync_pb2.FetchReply.FromString(answer)
    except DecodeError as error:
        raise ProofError(f"not a FetchReply: {error}") from None
    count = len(reply.statements)
    if list(reply.positions) != list(range(count)) or count > len(ids):
        raise Withheld(
            f"fetch: got {count} statements of {len(ids)} that the peer's map names, and not the first ones"
        )
    if not count or (count < len(ids) and not reply.cut):
        raise Withheld(f"fetch: got {count} statements of {len(ids)} that the peer's map names")
    found: dict[StatementId, Body] = {}
    for id_, given in zip(ids, reply.statements, strict=False):
        if statement_id(given.canonical) != id_:
            raise ProofError(f"statement {id_.hex()[:12]}: its bytes are not those of its id")
        found[id_] = Body(given.canonical, given.signature)
    return found, count


async def _all(attempts: Sequence[Awaitable[Any]]) -> list[Any]:
    """Return the results in order; the first failure ends the others and is raised as itself."""
    tasks = [asyncio.ensure_future(attempt) for attempt in attempts]
    try:
        return await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
