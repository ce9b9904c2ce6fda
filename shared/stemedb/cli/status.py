"""``stemedb status``: is everything there, how far is it, how far are its peers, how large is it.

What the services say of themselves comes over the bus: ``ingest.status``, ``index.root``, ``sync.control``, and the statistics
that every NATS micro service answers with. What is on disk is looked up in the data directory, if it is here. A replica
without a sync service is one that has no peers: nothing is missing.
"""

import asyncio
import json
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import typer

from stemedb.cli import exits
from stemedb.cli.output import Output, bytes_text
from stemedb.cli.peers import COLUMNS, peer_facts, peer_rows, summary
from stemedb.cli.reading import stamp_text
from stemedb.cli.session import Session
from stemedb.errors import StemeError, Unavailable

if TYPE_CHECKING:
    from stemedb.bus.client import Client
    from stemedb.bus.messages import ControlReply

ANSWER_S: Final = 0.3
"""How long to collect the answers to one question to all services; those of one computer take a millisecond."""
STORES: Final = ("wal", "log", "ids", "index", "sync", "nats")


def status(context: typer.Context) -> None:
    """Show how far log and map are, how far the peers are, how the services are, and what is on disk."""
    session = Session.of(context)
    facts, missing, peers = asyncio.run(_ask(session))
    sizes = {store: disk_bytes(session.home / store) for store in STORES if (session.home / store).is_dir()}
    output = session.output
    if output.as_json:
        output.record({**facts, "disk": sizes})
    else:
        shown = {name: value for name, value in facts.items() if name not in {"endpoints", "peers"}}
        if sizes:
            shown["disk"] = " · ".join(f"{store} {bytes_text(size)}" for store, size in sizes.items())
        output.record(shown, title=f"replica {session.replica} at {session.nats_url}")
        if peers is not None:
            _show_peers(output, peers)
        endpoints = facts["endpoints"]
        assert isinstance(endpoints, list)
        if endpoints:
            output.text()
            output.records(endpoints, ("service", "endpoint", "requests", "errors", "mean_ms"))
    if missing:
        raise exits.with_hint(
            Unavailable("; ".join(error.message for error in missing)),
            "start what is missing, or look into run/*.log of the data directory for why it ended",
        )


def disk_bytes(directory: Path) -> int:
    """Return how many bytes the files below ``directory`` occupy: runways and holes make that another number than
    the sum of their lengths.
    """
    total = 0
    for path in directory.rglob("*"):
        try:
            total += path.stat().st_blocks * 512
        except FileNotFoundError:
            continue  # a service replaced it while we looked
    return total


def _show_peers(output: Output, reply: "ControlReply") -> None:
    output.text()
    if reply.peers:
        output.records(peer_rows(reply), COLUMNS)
    output.note(summary(reply))


async def _ask(session: Session) -> "tuple[dict[str, object], list[StemeError], ControlReply | None]":
    from stemedb.bus.messages import ControlRequest

    peers: ControlReply | None = None
    missing: list[StemeError] = []
    facts: dict[str, object] = {"replica": session.replica}
    async with await session.connect() as client:
        try:
            ingest = await client.status()
        except Unavailable as error:
            missing.append(error)
        else:
            facts |= {
                "log_size": ingest.size,
                "log_root": ingest.root,
                "clock": stamp_text(ingest.clock),
                "pending": ingest.pending,
            }
        try:
            index = await client.root()
        except Unavailable as error:
            missing.append(error)
        else:
            facts |= {
                "map_root": index.root,
                "map_keys": index.keys,
                "map_applied": index.applied,
                "map_lag": index.log_size - index.applied,
            }
        with suppress(Unavailable):  # it has no peers, or sync is away, which the peers' tables tell
            peers = await client.control(ControlRequest(action="peers"))
            facts["peers"] = peer_facts(peers)
        facts["endpoints"] = [
            row
            for reply in await _everyone(client, "$SRV.STATS")
            for row in _endpoints(reply, session.replica)
        ]
    return facts, missing, peers


async def _everyone(client: "Client", subject: str) -> list[Mapping[str, Any]]:
    """Return what all services answer to a question of the micro protocol within `ANSWER_S`."""
    inbox = client.nats.new_inbox()
    replies: list[Mapping[str, Any]] = []
    subscription = await client.nats.subscribe(inbox)
    try:
        await client.nats.publish(subject, b"", reply=inbox)
        async with asyncio.timeout(ANSWER_S):
            async for message in subscription.messages:
                replies += [json.loads(message.data)] if message.data else []
    except TimeoutError:
        pass  # the way this question ends: nobody knows how many there are to answer
    finally:
        await subscription.unsubscribe()
    return replies


def _endpoints(reply: Mapping[str, Any], replica: str) -> list[dict[str, object]]:
    service = str(reply.get("name", ""))
    if not service.startswith("stemedb-") or reply.get("metadata", {}).get("replica") != replica:
        return []
    rows: list[dict[str, object]] = []
    for endpoint in reply.get("endpoints") or ():
        own = endpoint.get("data") or {}
        requests = endpoint.get("num_requests", 0)
        mean_ms = 1000 * own.get("seconds", 0.0) / requests if requests else 0.0
        rows.append(
            {
                "service": service.removeprefix("stemedb-"),
                "endpoint": endpoint.get("name"),
                "requests": requests,
                "errors": own.get("errors", endpoint.get("num_errors", 0)),
                "mean_ms": round(mean_ms, 3),
            }
        )
    return rows
