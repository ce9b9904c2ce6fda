"""What each request is answered with; no message of the bus is seen here, and nothing of files.

Every answer is made on one commit of the map. A request that names a log size waits until the map has taken that much in,
and is refused as unavailable when that does not happen in time: an old answer would break the promise that one reads what one wrote.
"""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Protocol, TypeVar

from stemedb.bus.messages import (
    Claim,
    GetReply,
    GetRequest,
    Group,
    LogEntry,
    LogReply,
    LogRequest,
    ProveReply,
    ProveRequest,
    QueryReply,
    QueryRequest,
    RootReply,
    RootRequest,
    Stamp,
)
from stemedb.bus.messages.index import WaitingRequest
from stemedb.errors import InvalidRequest, InvalidStatement, StemeError, Unavailable
from stemedb.projection import Found, Page, ProofFile, Query, Resolved, View
from stemedb.statements import Parsed, parse
from stemedb.types import StatementId
from stemedb_index.metrics import IndexMetrics

T = TypeVar("T")

RETRY_S = 0.01
"""Between attempts to prove what is durable but not yet covered by both the map and the checkpoint: a commit or two."""


class Front(Protocol):
    """What handlers need of the service: answers from the last commit, and waiting for a later one."""

    async def answer(self, ask: Callable[[View], T]) -> T:
        """Return what `ask` makes of the last commit, on the reading thread."""
        ...

    async def reach(self, size: int, timeout_s: float) -> None:
        """Return once the map has taken in `size` entries; raise Unavailable after `timeout_s`."""
        ...


class Handlers:
    """One method per endpoint."""

    def __init__(self, front: Front, replica: str, version: str, metrics: IndexMetrics) -> None:
        self._front = front
        self._replica = replica
        self._version = version
        self._metrics = metrics

    async def get(self, request: GetRequest) -> GetReply:
        """Return one statement by id."""
        wanted = StatementId(bytes.fromhex(request.id))
        async with self._asked("get", request):
            return await self._front.answer(lambda view: _get_reply(view.get(wanted)))

    async def query(self, request: QueryRequest) -> QueryReply:
        """Return one page of claims, or of groups resolved through a lens."""
        query = Query(
            subject=request.subject,
            prefix=request.prefix,
            predicate=request.predicate,
            lifecycle=frozenset(request.lifecycle),
            lens=request.lens,
            limit=request.limit,
            cursor=request.cursor,
        )
        async with self._asked("query", request):
            return await self._front.answer(lambda view: _query_reply(view.query(query)))

    async def log(self, request: LogRequest) -> LogReply:
        """Return one page of the log, as far as the map has taken it in."""
        async with self._asked("log", request):
            return await self._front.answer(lambda view: _log_reply(view, request.start, request.limit))

    async def prove(self, request: ProveRequest) -> ProveReply:
        """Return a proof file for what the request names."""
        prove = _what_to_prove(request)
        async with self._asked("prove", request) as deadline:
            while True:
                try:
                    proof = await self._front.answer(prove)
                except Unavailable:
                    # Durable, but the map or the checkpoint is still a commit behind: that is settled in milliseconds.
                    if time.monotonic() + RETRY_S > deadline:
                        raise
                    await asyncio.sleep(RETRY_S)
                else:
                    return ProveReply(proof=proof.model_dump(mode="json"))

    async def root(self, request: RootRequest) -> RootReply:
        """Return the roots of map and log with both signed notes."""
        async with self._asked("root", request):
            return await self._front.answer(self._root_reply)

    def _root_reply(self, view: View) -> RootReply:
        log = view.log_state()
        return RootReply(
            replica=self._replica,
            version=self._version,
            root=view.root.hex(),
            keys=view.keys,
            applied=view.mark.applied,
            log_size=log.size,
            log_root=log.root.hex(),
            note=view.note().decode(),
            checkpoint=None if log.checkpoint is None else log.checkpoint.decode(),
        )

    @asynccontextmanager
    async def _asked(self, endpoint: str, request: WaitingRequest) -> AsyncIterator[float]:
        """Wait for the log size that `request` names; yield the time its patience ends, and count what becomes of it."""
        began = time.perf_counter()
        timeout_s = request.timeout_ms / 1000
        deadline = time.monotonic() + timeout_s
        outcome = "failed"  # by a bug, or because the service ended
        try:
            if request.wait_size is not None:
                await self._front.reach(request.wait_size, timeout_s)
            yield deadline
            outcome = "ok"
        except StemeError as error:
            outcome = error.code
            raise
        finally:
            self._metrics.request_seconds.labels(endpoint, outcome).observe(time.perf_counter() - began)


def _what_to_prove(request: ProveRequest) -> Callable[[View], ProofFile]:
    if request.statement is not None:
        if request.id is not None or request.subject is not None or request.predicate is not None:
            raise InvalidRequest("statement", "give a statement or an id, not both")
        parsed = _parsed(request.statement)
        return lambda view: view.prove_statement(parsed)
    if request.id is None:
        raise InvalidRequest("id", "missing: give an id, an id with subject and predicate, or a statement")
    wanted = StatementId(bytes.fromhex(request.id))
    subject, predicate = request.subject, request.predicate
    if subject is None and predicate is None:
        return lambda view: view.prove(wanted)
    if subject is None or predicate is None:
        raise InvalidRequest("predicate" if predicate is None else "subject", "missing: give both or neither")
    return lambda view: view.prove_entry(subject, predicate, wanted)


def _parsed(text: str) -> Parsed:
    try:
        return parse(text.encode())
    except UnicodeEncodeError:
        raise InvalidRequest("statement", "not UTF-8") from None
    except InvalidStatement as error:
        field = f"statement.{error.field}" if error.field else "statement"
        raise InvalidRequest(field, error.reason) from None


def _get_reply(found: Found) -> GetReply:
    return GetReply(
        id=found.id.hex(),
        kind=found.kind.wire,
        index=found.index,
        stamp=Stamp.of(found.stamp),
        statement=json.loads(found.json()),
    )


def _query_reply(page: Page) -> QueryReply:
    return QueryReply(
        claims=tuple(map(_claim, page.claims)),
        groups=tuple(map(_group, page.groups)),
        cursor=page.cursor,
        truncated=page.truncated,
        applied=page.mark.applied,
        root=page.root.hex(),
    )


def _log_reply(view: View, start: int, limit: int) -> LogReply:
    rows = view.log_page(start, limit)
    return LogReply(
        entries=tuple(
            LogEntry(
                index=found.index,
                id=found.id.hex(),
                kind=found.kind.wire,
                stamp=Stamp.of(found.stamp),
                restamped=is_restamped,
                statement=json.loads(found.json()),
            )
            for found, is_restamped in rows
        ),
        next=start + len(rows),
        applied=view.mark.applied,
    )


def _claim(found: Found) -> Claim:
    return Claim(
        id=found.id.hex(),
        index=found.index,
        stamp=Stamp.of(found.stamp),
        statement=json.loads(found.json()),
    )


def _group(resolved: Resolved) -> Group:
    return Group(
        subject=resolved.subject,
        predicate=resolved.predicate,
        claims=resolved.claims,
        resolution=None if resolved.resolution is None else resolved.resolution.as_dict(),
        winner=None if resolved.winner is None else _claim(resolved.winner),
    )
