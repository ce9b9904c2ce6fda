"""A client of one replica: what the command line, the tests and other services talk through.

Each method is one request. A refusal comes back as the error that the service raised (``errors.py`` has the tree); no
answer in time, or nobody there to answer, is ``Unavailable`` with the name of the missing service.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Self, TypeVar

import nats.errors
from nats.aio.client import Client as NatsClient
from nats.micro.request import ERROR_HEADER

from stemedb.bus.connection import close, connect
from stemedb.bus.messages import (
    AnalysisStatusReply,
    AnalysisStatusRequest,
    AppendReply,
    ControlReply,
    ControlRequest,
    ErrorReply,
    FindingsReply,
    FindingsRequest,
    GetReply,
    GetRequest,
    LogReply,
    LogRequest,
    ProveReply,
    ProveRequest,
    QueryReply,
    QueryRequest,
    Reply,
    Request,
    RootReply,
    RootRequest,
    ScanReply,
    ScanRequest,
    StatusReply,
    StatusRequest,
)
from stemedb.bus.subjects import Subjects
from stemedb.errors import InvalidInput, InvalidRequest, StemeError, Unavailable

TIMEOUT_S = 10.0
"""For an answer: above the longest wait that a request may ask for by default."""

CONNECT_S = 3.0

Rep = TypeVar("Rep", bound=Reply)


class Client:
    """A connection to one replica; use ``Client.connect`` as an async context manager."""

    def __init__(self, nats_client: NatsClient, replica: str, timeout_s: float = TIMEOUT_S) -> None:
        self.nats = nats_client
        self.subjects = Subjects(replica)
        self.timeout_s = timeout_s

    @classmethod
    async def connect(
        cls,
        url: str,
        replica: str,
        *,
        credentials: str | None = None,
        timeout_s: float = TIMEOUT_S,
        wait_s: float = CONNECT_S,
    ) -> Self:
        """Connect to the server at `url`; raises ``Unavailable`` when it does not answer within `wait_s`."""
        Subjects(replica)  # a bad name is refused before there is a connection to close
        servers = [server.strip() for server in url.split(",")]
        name = f"stemedb-client-{replica}"
        return cls(
            await connect(servers, name=name, wait_s=wait_s, credentials=credentials), replica, timeout_s
        )

    async def close(self) -> None:
        """Flush and disconnect."""
        await close(self.nats)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    @property
    def payload_max(self) -> int:
        """The largest request in bytes that the server takes."""
        return int(self.nats.max_payload)

    async def append(self, body: bytes) -> AppendReply:
        """Make the statements of `body` (JSON or NDJSON, each with its ``kind``) durable and return the outcomes."""
        return AppendReply.decode(await self.call(self.subjects.append, body))

    async def status(self) -> StatusReply:
        """Return the state of the log and the intake."""
        return await self._ask(self.subjects.status, StatusRequest(), StatusReply)

    async def get(self, request: GetRequest) -> GetReply:
        """Return one statement by id; raises ``NotFound``."""
        return await self._ask(self.subjects.get, request, GetReply)

    async def query(self, request: QueryRequest) -> QueryReply:
        """Return one page of claims."""
        return await self._ask(self.subjects.query, request, QueryReply)

    async def log(self, request: LogRequest) -> LogReply:
        """Return one page of the log."""
        return await self._ask(self.subjects.entries, request, LogReply)

    async def prove(self, request: ProveRequest) -> ProveReply:
        """Return a proof file."""
        return await self._ask(self.subjects.prove, request, ProveReply)

    async def root(self, request: RootRequest | None = None) -> RootReply:
        """Return the state of the map."""
        return await self._ask(self.subjects.root, request or RootRequest(), RootReply)

    async def control(self, request: ControlRequest) -> ControlReply:
        """Ask sync for its peers, or to do something about them."""
        return await self._ask(self.subjects.control, request, ControlReply)

    async def scan(self, request: ScanRequest) -> ScanReply:
        """Have analysis scan code; its progress comes as events."""
        return await self._ask(self.subjects.scan, request, ScanReply)

    async def findings(self, request: FindingsRequest) -> FindingsReply:
        """Return one page of findings."""
        return await self._ask(self.subjects.findings, request, FindingsReply)

    async def analysis_status(self) -> AnalysisStatusReply:
        """Return what analysis knows."""
        return await self._ask(self.subjects.analysis_status, AnalysisStatusRequest(), AnalysisStatusReply)

    async def call(self, subject: str, body: bytes, headers: dict[str, str] | None = None) -> bytes:
        """Send one request and return the body of the reply; raises what the service raised."""
        if len(body) > self.payload_max:
            raise InvalidRequest(
                "", f"the request has {len(body)} bytes, the server allows {self.payload_max}; split it"
            )
        try:
            with _cancellation_kept():
                reply = await self.nats.request(subject, body, timeout=self.timeout_s, headers=headers)
        except nats.errors.NoRespondersError:
            service = subject.split(".")[3]
            raise Unavailable(
                f"no {service} service answers for replica {self.subjects.replica}; is it running?"
            ) from None
        except nats.errors.TimeoutError:
            raise Unavailable(f"no answer on {subject} within {self.timeout_s:g} s") from None
        except nats.errors.Error as error:
            raise Unavailable(f"{subject}: {error}") from error
        if reply.headers and ERROR_HEADER in reply.headers:
            raise error_of(ErrorReply.decode(reply.data))
        return reply.data

    async def _ask(self, subject: str, request: Request, reply_type: type[Rep]) -> Rep:
        return reply_type.decode(await self.call(subject, request.encode()))


@contextmanager
def _cancellation_kept() -> Iterator[None]:
    """Let no cancellation of the current task be lost inside.

    `asyncio.wait_for` before Python 3.12, on which a request rests, drops one that arrives together with the answer (python/cpython#86296). A
    task that goes on after it was cancelled is waited for until the end of time by whoever cancelled it.
    """
    task = asyncio.current_task()
    assert task is not None, "a request is made by a task"
    before = task.cancelling()
    try:
        yield
    finally:
        if task.cancelling() > before:
            raise asyncio.CancelledError


def error_of(reply: ErrorReply) -> StemeError:
    """Return the error that the service raised, as the same class where its code is known."""
    kind = _by_code(StemeError).get(reply.code, StemeError)
    if issubclass(kind, InvalidInput):
        field = reply.field or ""
        return kind(field, reply.message.removeprefix(f"{field}: "))
    made = StemeError.__new__(kind)
    Exception.__init__(
        made, reply.message
    )  # leaves of Fatal are made from a path, which stayed at the service
    return made


def _by_code(root: type[StemeError]) -> dict[str, type[StemeError]]:
    found = {root.code: root}
    for kind in root.__subclasses__():
        found |= _by_code(kind)
    return found
