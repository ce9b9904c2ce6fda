"""Two nats-servers joined as leaf nodes, each a JetStream domain of its own, with a line between them that can be cut.

::

    near ◀── hub port ◀── Link ◀── far          both on loopback, JetStream in a folder of each
"""

import json
import socket
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stemedb.bus.nats_server import NatsServer
from stemedb.cli.link import Link
from support.nats import running_server

HOST = "127.0.0.1"

ALWAYS = {"sync_interval": "always"}
"""JetStream syncs before it acknowledges; by default it does so every two minutes."""


@dataclass(frozen=True, slots=True)
class Servers:
    """Both servers, which run."""

    near: NatsServer
    far: NatsServer
    link: Link


@asynccontextmanager
async def joined_servers(folder: Path, jetstream: Mapping[str, Any]) -> AsyncIterator[Servers]:
    """Yield servers with more settings of JetStream; they are gone when the block ends."""
    hub_port, link_port = _free_ports(2)
    link = Link(link_port, hub_port)
    # Not advertised: a leaf would learn the hub's own port and dial round the line that was cut.
    hub = {"host": HOST, "port": hub_port, "no_advertise": True}
    leaf = {"remotes": [{"url": f"nats-leaf://{HOST}:{link_port}"}]}
    with (
        _running(folder, "near", {"domain": "near", **jetstream}, hub) as near,
        _running(folder, "far", {"domain": "far", **jetstream}, leaf) as far,
    ):
        await link.heal()
        try:
            yield Servers(near, far, link)
        finally:
            await link.cut()


@contextmanager
def _running(
    folder: Path, name: str, jetstream: Mapping[str, Any], leafnodes: Mapping[str, Any]
) -> Iterator[NatsServer]:
    store = folder / f"{name}-nats"
    store.mkdir(parents=True)
    config = store / "server.conf"
    config.write_text(
        json.dumps({"server_name": name, "jetstream": jetstream, "leafnodes": leafnodes}), encoding="utf-8"
    )
    with running_server(store, config=config) as server:
        yield server


def _free_ports(count: int) -> list[int]:
    probes = [socket.socket() for _ in range(count)]
    try:
        for probe in probes:
            probe.bind((HOST, 0))
        return [probe.getsockname()[1] for probe in probes]
    finally:
        for probe in probes:
            probe.close()
