"""A net between replicas that each have a nats-server of their own, as bad as a test wants it.

::

    nats of a ──subscribe──▶ ┌────────────┐ ──publish──▶ nats of b
    nats of b ──subscribe──▶ │ Mesh: links│ ──publish──▶ nats of a        one link per direction: it may be cut, lose,
    nats of c ──subscribe──▶ └────────────┘ ──publish──▶ nats of c        repeat, delay and so reorder whole messages

It carries what leaf nodes carry between sites: the gossip to everybody, requests to the replica they name, answers to
whoever asked. Streams stay at home. A request that is lost is not answered, as on a real net; what the far server says
about nobody being there comes back like any answer.

All chance comes from one seeded generator. Messages arrive in an order of the system's, so a seed fixes how bad the
net is, not what it does to which message.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import permutations

import nats
from nats.aio.client import Client
from nats.aio.msg import Msg

from stemedb.bus.subjects import GOSSIP, Subjects

INBOXES = "_INBOX.>"


@dataclass(slots=True)
class Link:
    """One direction between two sites; probabilities in [0, 1], times in seconds."""

    is_cut: bool = False
    loss: float = 0.0
    duplicate: float = 0.0
    jitter_s: float = 0.0
    """Each message waits a time drawn from [0, jitter_s): above 0, messages overtake one another."""
    carried: int = 0
    lost: int = 0
    repeated: int = 0


@dataclass(slots=True)
class Mesh:
    """All links; lives on one event loop."""

    urls: Mapping[str, str]
    rng: random.Random
    links: dict[tuple[str, str], Link] = field(default_factory=dict)
    _clients: dict[str, Client] = field(default_factory=dict)
    _askers: dict[str, str] = field(default_factory=dict)

    @classmethod
    @asynccontextmanager
    async def joined(cls, urls: Mapping[str, str], seed: int = 0) -> "AsyncIterator[Mesh]":
        """Join the servers of `urls`, by name of the replica on each, for as long as the block runs."""
        mesh = cls(urls, random.Random(seed), {pair: Link() for pair in permutations(urls, 2)})
        try:
            for name in urls:
                await mesh._join(name)
            yield mesh
        finally:
            for client in mesh._clients.values():
                await client.close()

    def partition(self, *groups: Collection[str]) -> None:
        """Let only members of the same group talk."""
        for (one, other), link in self.links.items():
            link.is_cut = not any(one in group and other in group for group in groups)

    def deafen(self, name: str, to: str) -> None:
        """Let `name` hear nothing from `to` any more; the other direction stays as it is."""
        self.links[to, name].is_cut = True

    def worsen(self, *, loss: float, duplicate: float, jitter_s: float) -> None:
        """Make every link as bad as that."""
        for link in self.links.values():
            link.loss, link.duplicate, link.jitter_s = loss, duplicate, jitter_s

    def heal(self) -> None:
        """Let everything pass at once and unharmed."""
        for link in self.links.values():
            link.is_cut = False
        self.worsen(loss=0.0, duplicate=0.0, jitter_s=0.0)

    async def _join(self, name: str) -> None:
        # Without echo a message that we publish is not ours to carry again.
        client = await nats.connect(self.urls[name], no_echo=True)
        self._clients[name] = client

        async def on_gossip(message: Msg) -> None:
            for other in self.urls:
                if other != name:
                    self._carry(name, other, message)

        async def on_answer(message: Msg) -> None:
            asker = self._askers.get(message.subject)
            if asker is not None and asker != name:
                self._carry(name, asker, message)

        await client.subscribe(GOSSIP, cb=on_gossip)
        await client.subscribe(INBOXES, cb=on_answer)
        for other in (one for one in self.urls if one != name):

            async def on_request(message: Msg, other: str = other) -> None:
                if message.reply:
                    self._askers[message.reply] = name
                self._carry(name, other, message)

            await client.subscribe(f"{Subjects(other).base}.sync.>", cb=on_request)
        await client.flush()

    def _carry(self, source: str, target: str, message: Msg) -> None:
        link = self.links[source, target]
        if link.is_cut or self.rng.random() < link.loss:
            link.lost += 1
            return
        copies = 1 + (self.rng.random() < link.duplicate)
        link.repeated += copies - 1
        for _ in range(copies):
            delay_s = self.rng.uniform(0, link.jitter_s)
            asyncio.get_running_loop().call_later(delay_s, self._deliver, link, target, message)

    def _deliver(self, link: Link, target: str, message: Msg) -> None:
        client = self._clients[target]
        if link.is_cut or client.is_closed:
            link.lost += 1
            return
        link.carried += 1
        task = asyncio.ensure_future(
            client.publish(message.subject, message.data, message.reply, headers=message.headers)
        )
        task.add_done_callback(_surface)


def _surface(task: "asyncio.Future[None]") -> None:
    if not task.cancelled():
        task.result()
