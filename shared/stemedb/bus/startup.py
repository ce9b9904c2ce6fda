"""What services do before they are ready: wait for the replica to be there, and make sure that they are the only one of their kind.

::

    when_there   open ─ NotFound, Unavailable ─▶ say what is waited for, once ─▶ open again …      until it opens or the service ends
    alone        ask our own subject ─ an answer ─▶ Refused: two of one name would contradict one another
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final, Protocol, TypeVar

import nats.errors
from nats.aio.client import Client
from structlog.typing import FilteringBoundLogger

from stemedb.bus.lifetime import Lifetime
from stemedb.errors import NotFound, Refused, Unavailable

OPEN_AGAIN_S: Final = 0.05
"""Between attempts to open a data directory that ingest has not made or not repaired yet."""

ALONE_TIMEOUT_S: Final = 0.5
"""For another service of our name to answer; without one the server says so at once."""

T = TypeVar("T")


class Waiting(Protocol):
    """Where readiness reads what is waited for."""

    waiting_for: str


async def when_there(
    open_it: Callable[[], Awaitable[T]], stage: Waiting, lifetime: Lifetime, log: FilteringBoundLogger
) -> T | None:
    """Return what `open_it` opens once ingest has made the replica and repaired its ledger; None if the service ends before.

    Each new reason for waiting is put into `stage` and logged. Raises what `open_it` raises but `NotFound` and `Unavailable`.
    """
    while not lifetime.ending:
        try:
            return await open_it()
        except (NotFound, Unavailable) as error:
            if error.message != stage.waiting_for:
                stage.waiting_for = error.message
                log.info("waiting", reason=error.message)
        try:
            async with asyncio.timeout(OPEN_AGAIN_S):
                await lifetime.wait()
        except TimeoutError:
            continue
    return None


async def alone(client: Client, service: str, replica: str, subject: str, question: bytes = b"") -> None:
    """Raise `Refused` when another `service` answers `question` on `subject` for this replica.

    One with a directory of its own holds no lock that tells it from us, and the two would speak under one name.
    """
    try:
        await client.request(subject, question, timeout=ALONE_TIMEOUT_S)
    except nats.errors.Error:
        return  # nobody, or one that was killed and whose subscription lives a moment longer
    raise Refused(
        f"another {service} answers for replica {replica} on this nats server; stop it, or set STEMEDB_REPLICA"
        " to a name of its own"
    )
