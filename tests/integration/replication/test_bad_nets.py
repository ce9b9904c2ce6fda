"""Nets that lose, repeat, delay and reorder what they carry, or stall: late is allowed, wrong is not."""

import json
import re
from contextlib import AsyncExitStack, asynccontextmanager

from support.effort import examples
from support.fleet import claims, fleet_at, identity, meshed_fleet, status
from support.nats import running_server
from support.proxy import Proxy
from support.publishing import vote
from support.waiting import eventually

SEED = 20_261
LEAF_PORT = re.compile(r"leafnode connections on 127\.0\.0\.1:(\d+)")


async def test_messages_lost_repeated_and_out_of_order_delay_replicas_and_nothing_else(tmp_path):
    async with meshed_fleet(["a", "b"], tmp_path, seed=SEED) as (fleet, mesh):
        mesh.worsen(loss=0.1, duplicate=0.3, jitter_s=0.05)
        for number in range(examples(12)):
            start = number * 20
            await fleet.publish("a", claims(start, start + 15))
            await fleet.publish("b", claims(start + 10, start + 20))
            await fleet.publish("b", [vote(identity(claims(start, start + 1)[0]), f"judge-{number % 3}")])
        await eventually(lambda: all(link.lost and link.repeated for link in mesh.links.values()))
        mesh.heal()
        await fleet.settled()
        for site in fleet.sites.values():
            metrics = site.services["sync"].metrics()
            assert all(value == 0 for key, value in metrics.items() if "equivocations_total" in key)


@asynccontextmanager
async def leaf_joined(folder):
    """Yield a hub and a leaf, each with a replica, and the line between their servers."""
    async with AsyncExitStack() as stack:
        hub_config, leaf_config = folder / "hub.conf", folder / "leaf.conf"
        # Not advertised: the leaf would learn the hub's own port and dial round the line.
        hub_config.write_text(
            json.dumps({"leafnodes": {"host": "127.0.0.1", "port": -1, "no_advertise": True}}),
            encoding="utf-8",
        )
        hub = stack.enter_context(running_server(folder / "hub-nats", config=hub_config))
        found = LEAF_PORT.search(hub.log.read_text(encoding="utf-8"))
        line = await stack.enter_async_context(Proxy.to(int(found[1])))
        remote = {"url": f"nats-leaf://127.0.0.1:{line.port}"}
        domain = {"jetstream": {"domain": "leaf"}, "server_name": "leaf"}
        leaf_config.write_text(
            json.dumps({"leafnodes": {"remotes": [remote], "reconnect": 1}} | domain), encoding="utf-8"
        )
        leaf = stack.enter_context(running_server(folder / "leaf-nats", config=leaf_config))
        fleet = await stack.enter_async_context(fleet_at({"a": hub.url, "b": leaf.url}, folder))
        yield fleet, line


async def test_leaf_nodes_whose_line_is_cut_stalls_or_crawls_meet_again(tmp_path):
    async with leaf_joined(tmp_path) as (fleet, line):
        await fleet.publish("a", claims(0, 20))
        await fleet.settled()

        await line.cut()
        await status(fleet["a"], "b", "down")
        await fleet.publish("a", claims(100, 120))
        await fleet.publish("b", claims(110, 130))
        line.heal()
        await fleet.settled()

        line.back.open.clear()  # what the hub sends waits on the line; what the leaf sends arrives
        await status(fleet["b"], "a", "down")
        await fleet.publish("a", claims(200, 220))
        await fleet.publish("b", claims(210, 230))
        line.heal()
        await fleet.settled()

        line.forth.delay_s = line.back.delay_s = 0.02
        line.forth.bytes_per_s = line.back.bytes_per_s = 200_000
        await fleet.publish("a", claims(300, 400))
        await fleet.publish("b", claims(350, 450))
        await fleet.settled()
