"""A scan beside a replica: its authority instead of the shipped one alone, and observations as assertions.

::

    log of the replica ──▶ World: supersession, votes, epochs honoured ──▶ authorities ──▶ scan
    scan ──▶ observations ──▶ what the store does not say yet, or says no more ──▶ ingest.append

Who judges is what the service beside that replica says (`Reading`): who stands there, and the shipped corpus as far as it was not given to
the replica. So a scan against an empty replica finds what a scan without one finds.
"""

import asyncio
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from stemedb.bus.messages import LogRequest
from stemedb.cli.session import Session
from stemedb.errors import Unavailable
from stemedb_analysis.judge import DEFAULT_THRESHOLDS
from stemedb_analysis.model import Observation
from stemedb_analysis.observed import Observed
from stemedb_analysis.registry import Registry
from stemedb_analysis.service.reading import Reading
from stemedb_analysis.service.scans import bodies

if TYPE_CHECKING:
    from stemedb.bus.client import Client

PAGE: Final = 1000
"""Entries of the log asked for at a time."""


class Replica(Reading):
    """What the log of a replica says, read once from its beginning."""

    def __init__(self, session: Session, registry: Registry) -> None:
        super().__init__(registry, DEFAULT_THRESHOLDS)
        self._session = session

    def read(self) -> None:
        """Read the whole log. Raises `Unavailable` if nobody answers."""
        asyncio.run(self._read())

    def publish(self, project: str, observations: Sequence[Observation]) -> int:
        """Make the store say of a project what was observed, and return how many statements that took; durable when it returns."""
        statements = self.plan(project, [Observed(project, one) for one in observations])
        asyncio.run(self._append(bodies(statements)))
        return len(statements)

    async def _read(self) -> None:
        async with await self._session.connect() as client:
            start = 0
            while page := await self._page(client, start):
                start = page

    async def _page(self, client: "Client", start: int) -> int:
        """Take in one page; return where the next one begins, or 0 after the last."""
        page = await client.log(LogRequest(start=start, limit=PAGE))
        self.tell(page.entries, datetime.now(UTC).date())
        return page.next if page.entries and page.next > start else 0

    async def _append(self, parts: Iterable[bytes]) -> None:
        async with await self._session.connect() as client:
            for body in parts:
                reply = await client.append(body)
                for error in reply.errors[:1]:
                    raise Unavailable(f"the replica refused an observation: {error.field}: {error.message}")
