"""The crash drill: publish without pause, kill the services in the middle of it, and count afterwards.

::

    publisher ──batches of 20──▶ ingest.append ──receipts──▶ acknowledged ids ┐
    publisher ──one by one──▶ JetStream ──stored──▶ acknowledged ids          ├── each must be in the log, in the map, once
                     ▲                                                        ┘
    kill -9 ingest … kill -9 index … kill -9 both

An id counts as acknowledged when its receipt came back, or when JetStream said that the message is stored. What was sent but
not acknowledged when a service died may be there or not: nobody was promised anything, and the publisher sends it again.
"""

import asyncio
import itertools
import json
import os
import signal
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Final

from stemedb.cli.importing import Importer, Line
from stemedb.cli.supervisor import Supervisor
from stemedb.errors import Fatal, Unavailable

if TYPE_CHECKING:
    from stemedb.bus.client import Client

SUBJECT: Final = "demo://crash/drill"
LINES_PER_BATCH: Final = 20
"""Small, so that hundreds of commits are made and a kill falls into the middle of one."""
BETWEEN_KILLS: Final = 600
"""Acknowledged statements between two kills: enough to show that work goes on."""
RECOVERY_S: Final = 15.0
"""How long a killed service may take until it works again."""
DRAIN_S: Final = 40.0
"""How long the intake may take to run empty: what a killed ingest had in hand is delivered again after a while."""
ANSWER_S: Final = 1.0
"""How long the publisher waits for a receipt before it sends again: the one who should answer may be dead."""


@dataclass(slots=True)
class Drill:
    """One publisher and what it was promised. Owned by one event loop."""

    client: "Client"
    """The publisher's own, which waits `ANSWER_S` for an answer."""
    supervisor: Supervisor
    acknowledged: set[str] = field(default_factory=set)
    """Ids with a receipt from ingest."""
    stored: set[str] = field(default_factory=set)
    """Ids of messages that JetStream acknowledged."""
    stop: bool = False

    async def run(self, kills: tuple[tuple[str, ...], ...], on_kill: Callable[[str, float], None]) -> None:
        """Publish, and kill each group of services in turn, waiting in between until they work again.

        ``on_kill`` is told what was killed and how many seconds later statements were acknowledged and read again.
        """
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._append())
                group.create_task(self._publish())
                for names in kills:
                    await self._reach(len(self.acknowledged) + BETWEEN_KILLS)
                    on_kill(" and ".join(names), await self._kill(names))
                self.stop = True
        except BaseExceptionGroup as failures:
            raise failures.exceptions[0] from None

    async def _kill(self, names: tuple[str, ...]) -> float:
        """Kill the named services and return how many seconds later statements were acknowledged and read again."""
        killed = {name: self.supervisor.pid(name) for name in names}
        for pid in killed.values():
            os.kill(pid, signal.SIGKILL)
        began = time.monotonic()
        await self._until(partial(self._restarted, killed))
        await self._reach(len(self.acknowledged) + LINES_PER_BATCH)
        await self._until(self._readable)
        return time.monotonic() - began

    def _restarted(self, killed: Mapping[str, int]) -> bool:
        return all(self.supervisor.pid(name) != pid for name, pid in killed.items())

    async def _readable(self) -> bool:
        try:
            await self.client.root()
        except Unavailable:
            return False
        return True

    async def _append(self) -> None:
        """Send batches through ``ingest.append`` as `stemedb import` does, until told to stop."""
        importer = Importer(self.client, lambda _rejection: None, lambda _bytes: None, keep_ids=True)
        for lines in numbered("append", LINES_PER_BATCH):
            if self.stop:
                return
            await importer.run(lines)
            self.acknowledged.update(importer.tally.acknowledged)
            importer.tally.acknowledged.clear()

    async def _publish(self) -> None:
        """Publish single messages to the intake as `nats pub` does, until told to stop."""
        import nats.errors

        from stemedb.statements import parse

        jetstream = self.client.nats.jetstream()
        for line, *_ in numbered("nats-pub", 1):
            while not self.stop:
                try:
                    await jetstream.publish(self.client.subjects.assert_, line.raw, timeout=2)
                except nats.errors.Error:
                    await asyncio.sleep(0.05)
                    continue
                self.stored.add(parse(line.raw).id.hex())
                break
            if self.stop:
                return

    async def _reach(self, count: int) -> None:
        await self._until(lambda: len(self.acknowledged) >= count)

    async def _until(self, condition: Callable[[], bool | Awaitable[bool]]) -> None:
        deadline = time.monotonic() + RECOVERY_S
        while True:
            holds = condition()
            if await holds if isinstance(holds, Awaitable) else holds:
                return
            if time.monotonic() > deadline:
                raise Unavailable(f"the replica did not go on within {RECOVERY_S:.0f} s")
            await asyncio.sleep(0.005)


async def in_the_map(client: "Client", below: str, size: int) -> list[str]:
    """Return the ids of all claims below a concept path, page by page, once the map has taken in ``size`` entries."""
    from stemedb.bus.messages import QueryRequest

    found: list[str] = []
    request = QueryRequest(prefix=below, limit=500, wait_size=size, timeout_ms=8000)
    while True:
        page = await client.query(request)
        found += [claim.id for claim in page.claims]
        if page.cursor is None:
            return found
        request = request.model_copy(update={"cursor": page.cursor})


def account(promised: set[str], found: list[str], where: str) -> None:
    """Raise `Fatal` if a promised id is missing from ``found``, or one is there twice."""
    if missing := promised.difference(found):
        raise Fatal(
            f"{len(missing)} acknowledged statements are missing from {where}, such as {min(missing)}"
        )
    if len(set(found)) != len(found):
        raise Fatal(f"{len(found) - len(set(found))} statements are twice in {where}")


def numbered(how: str, count: int) -> Iterator[list[Line]]:
    """Yield batch after batch of ``count`` claims that nobody else makes; ``how`` is a segment of their paths."""
    for first in itertools.count(0, count):
        yield [Line(how, number, _claim(how, number)) for number in range(first, first + count)]


def _claim(how: str, number: int) -> bytes:
    claim = {
        "kind": "assertion",
        "subject": f"{SUBJECT}/{how}/{number}",
        "predicate": "survives",
        "object": {"type": "boolean", "value": True},
        "confidence": 1,
        "source": {"tier": 4, "uri": "demo:crash-drill"},
        "lifecycle": "proposed",
        "agent": "demo-publisher",
    }
    return json.dumps(claim).encode()


async def drained(client: "Client") -> int:
    """Return the log size once the intake stream is empty: everything that JetStream stored is in the log."""
    jetstream = client.nats.jetstream()
    deadline = time.monotonic() + DRAIN_S
    while (await jetstream.stream_info(client.subjects.intake_stream)).state.messages:
        if time.monotonic() > deadline:
            raise Unavailable(f"ingest did not take in what JetStream stored within {DRAIN_S:.0f} s")
        await asyncio.sleep(0.02)
    return (await client.status()).size
