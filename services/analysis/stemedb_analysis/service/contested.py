"""Watching the whole store for claims that contradict one another, through the lens ``skeptic``.

::

    entries of the log ─▶ subject, predicate ─▶ one query each ─┐
    every sweep_s, and when too much changed at once ─▶ all ─────┴─▶ contested

Only what is contested is kept, the worst `CONTESTED_MAX` of it. A sweep pauses between its pages: readers come first.
"""

import asyncio
from collections.abc import Sequence
from typing import Final

from structlog.typing import FilteringBoundLogger

from stemedb.bus.client import Client
from stemedb.bus.messages import Contested, Group, QueryRequest
from stemedb.errors import StemeError
from stemedb_analysis.service.metrics import AnalysisMetrics

LENS: Final = "skeptic"
CONTESTED_MAX: Final = 10_000
DIRTY_MAX: Final = 2_000
"""Pairs that changed and wait to be looked at; beyond that a sweep is cheaper."""

PAGE: Final = 200
PAUSE_S: Final = 0.02
"""Between the pages of a sweep, some 10 ms of work each for index."""

AGAIN_S: Final = 5.0
"""After a query failed."""

Pair = tuple[str, str]


class Watch:
    """What is contested; belongs to the event loop."""

    def __init__(
        self, client: Client, sweep_s: float, metrics: AnalysisMetrics, log: FilteringBoundLogger
    ) -> None:
        self._client = client
        self._sweep_s = sweep_s
        self._metrics = metrics
        self._log = log
        self._dirty: dict[Pair, None] = {}
        self._sweep_due = True
        self._wake = asyncio.Event()
        self._found: dict[Pair, Contested] = {}

    @property
    def count(self) -> int:
        """How many subjects and predicates are contested."""
        return len(self._found)

    def worst(self, limit: int) -> tuple[Contested, ...]:
        """Return those with the most disagreement, then by name."""
        rows = sorted(self._found.values(), key=lambda row: (-row.disagreement, row.subject, row.predicate))
        return tuple(rows[:limit])

    def note(self, touched: Sequence[Pair]) -> None:
        """Have these looked at."""
        if len(self._dirty) + len(touched) > DIRTY_MAX:
            self._dirty.clear()
            self._sweep_due = True
        else:
            self._dirty |= dict.fromkeys(touched)
        self._wake.set()

    async def run(self) -> None:
        """Watch until cancelled."""
        while True:
            try:
                await self._look()
            except StemeError as error:
                self._log.info("contested claims not looked at", reason=error.message)
                await asyncio.sleep(AGAIN_S)
                continue
            try:
                async with asyncio.timeout(self._sweep_s):
                    await self._wake.wait()
            except TimeoutError:
                self._sweep_due = True

    async def _look(self) -> None:
        self._wake.clear()
        if self._sweep_due:
            await self._sweep()
            self._sweep_due = False
        while self._dirty:
            pair = next(iter(self._dirty))
            subject, predicate = pair
            reply = await self._client.query(
                QueryRequest(subject=subject, predicate=predicate, lens=LENS, limit=1)
            )
            self._dirty.pop(pair, None)
            self._found.pop(pair, None)
            self._take(reply.groups)
        self._metrics.contested.set(len(self._found))

    async def _sweep(self) -> None:
        found: dict[Pair, Contested] = {}
        self._found, kept = found, self._found
        cursor: str | None = None
        try:
            while True:
                reply = await self._client.query(QueryRequest(lens=LENS, limit=PAGE, cursor=cursor))
                self._take(reply.groups)
                cursor = reply.cursor
                if cursor is None:
                    return
                await asyncio.sleep(PAUSE_S)
        except StemeError:
            self._found = kept | found
            raise

    def _take(self, groups: Sequence[Group]) -> None:
        for group in groups:
            disagreement = 0.0 if group.resolution is None else float(group.resolution["disagreement"])
            if disagreement > 0:
                self._found[group.subject, group.predicate] = Contested(
                    subject=group.subject,
                    predicate=group.predicate,
                    disagreement=disagreement,
                    claims=group.claims,
                )
        if len(self._found) > CONTESTED_MAX:
            self._found = {(row.subject, row.predicate): row for row in self.worst(CONTESTED_MAX)}
