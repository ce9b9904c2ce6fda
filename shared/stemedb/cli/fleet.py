"""Several replicas looked at together: how far each one is at one moment, and whether all of them are level.

Nobody is in charge of a set of replicas, and nothing here is needed to run one: it is the view of somebody who can
see all of them at once, which the demo has and the replicas do not.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

from stemedb.cli.plan import Site
from stemedb.errors import StemeError, Unavailable

if TYPE_CHECKING:
    from stemedb.bus.client import Client

LEVEL_S: Final = 20.0
"""How long replicas that can talk may take until they are level: a thousand times what a few thousand statements need."""
LOOK_S: Final = 0.03
"""Between two looks."""


class Moment(NamedTuple):
    """One replica at one moment."""

    replica: str
    log_size: int
    keys: int
    root: str
    """Of the map."""
    has_applied_all: bool
    """Whether its map has taken in all of its log."""
    behind: int
    """Statements of all peers' logs that it knows to lack."""
    behind_s: float
    """Age of the oldest of them."""
    lacking: Mapping[str, int]
    """How many statements of its log each peer lacks, as far as it knows."""
    silent_s: Mapping[str, float]
    """Since when each peer has not been heard."""
    sees_equal: bool
    """Whether every peer said last that it has the same root."""


@dataclass(frozen=True, slots=True)
class Fleet:
    """A client of every replica, in the order of the plan."""

    sites: Sequence[Site]
    clients: "Sequence[Client]"

    @classmethod
    @asynccontextmanager
    async def connected(cls, sites: Sequence[Site]) -> "AsyncIterator[Fleet]":
        """Connect to all of them for as long as the block runs."""
        from stemedb.bus.client import Client

        async with AsyncExitStack() as stack:
            clients = [
                await stack.enter_async_context(await Client.connect(site.nats_url, site.replica))
                for site in sites
            ]
            yield cls(sites, clients)

    async def look(self) -> list[Moment]:
        """Return how far each one is. Raises `StemeError` if one does not answer."""
        return list(await asyncio.gather(*(_look(client) for client in self.clients)))

    async def level(
        self, seen: "Callable[[list[Moment]], None]" = lambda _moments: None, within_s: float = LEVEL_S
    ) -> list[Moment]:
        """Look again and again until all are level; ``seen`` is told of each look. Raises `Unavailable` after ``within_s``."""
        deadline = time.monotonic() + within_s
        moments: list[Moment] = []
        while True:
            try:
                moments = await self.look()
            except StemeError as error:
                why = error.message
            else:
                seen(moments)
                if are_level(moments):
                    return moments
                why = ", ".join(map(_standing, moments))
            if time.monotonic() > deadline:
                raise Unavailable(f"the replicas are not level after {within_s:.0f} s: {why}")
            await asyncio.sleep(LOOK_S)


def are_level(moments: Sequence[Moment]) -> bool:
    """Return whether all maps are equal, follow all of their logs, and every replica knows it."""
    return len({one.root for one in moments}) == 1 and all(
        one.has_applied_all and one.behind == 0 and one.sees_equal for one in moments
    )


def _standing(one: Moment) -> str:
    """Return how far one replica is, and what keeps it from being level with the others, as far as it knows."""
    reasons = {
        "does not follow its log": not one.has_applied_all,
        f"behind by {one.behind}": one.behind > 0,
        "hears of other roots": not one.sees_equal,
    }
    told = "".join(f" ({reason})" for reason, holds in reasons.items() if holds)
    return f"{one.replica} {one.keys} {one.root[:8]}{told}"


async def _look(client: "Client") -> Moment:
    from stemedb.bus.messages import ControlRequest

    index, sync = await asyncio.gather(client.root(), client.control(ControlRequest(action="peers")))
    return Moment(
        sync.replica,
        index.log_size,
        index.keys,
        index.root,
        index.applied == index.log_size,
        sum(peer.lag_statements for peer in sync.peers),
        max((peer.lag_seconds for peer in sync.peers), default=0.0),
        {peer.replica: peer.behind_statements or 0 for peer in sync.peers},
        {peer.replica: peer.last_seen_s or 0.0 for peer in sync.peers},
        all(peer.roots_equal for peer in sync.peers),
    )
