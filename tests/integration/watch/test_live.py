"""With three replicas, analysis and traffic, every query of every panel has data, and nothing is told that is not so."""

import asyncio
import itertools

import pytest

from stemedb.bus.client import Client
from stemedb.bus.messages import QueryRequest, ScanRequest
from support.boards import alerts, annotation_queries, panel_queries, rules, variable_queries
from support.fleet import claims
from support.promql import FILLED, filled
from support.publishing import line, lines
from support.waiting import eventually
from support.watching import prometheus_binary, watched

pytestmark = pytest.mark.skipif(
    prometheus_binary() is None,
    reason="prometheus is not installed; the queries' metrics and labels are checked without it (tests/unit/watch)",
)

DATA_S = 120.0
BAD = "import requests\n\n\ndef fetch(url):\n    return requests.get(url, verify=False, timeout=5)\n"
VALUES = FILLED | {"$__rate_interval": "15s"}
"""The range of rates: some looks at once a second, on a computer that is busy."""


async def traffic(world, turn):
    """Use every path once: intake, append, refusal, query."""
    for place, site in enumerate(world.sites.values()):
        first = (turn * len(world.sites) + place) * 20
        async with await Client.connect(world.nats_url, site.name) as client:
            await client.append(lines(claims(first, first + 10)))
            jetstream = client.nats.jetstream()
            for claim in claims(first + 10, first + 20):
                await jetstream.publish(client.subjects.assert_, line(claim))
            await jetstream.publish(client.subjects.assert_, b"no statement")
            await client.query(QueryRequest(subject="pkg://pypi/package-1"))


async def scanned(world, turn):
    """Have the analysis look at code that it has something to say about."""
    (world.code / f"fetching_{turn}.py").write_text(BAD, encoding="utf-8")
    async with await Client.connect(world.nats_url, "east") as client:
        await client.scan(ScanRequest(project="demo", path="."))


async def test_every_panel_has_data_and_no_alert_fires(tmp_path):
    async with watched(tmp_path) as world:
        ask = world.prometheus
        without_data = {shown.where: filled(shown.expr, VALUES) for shown in panel_queries()}
        turns = itertools.count()

        async def all_have_data():
            # A rate needs looks before and after a rise, so the traffic goes on until every panel has seen some.
            turn = next(turns)
            await traffic(world, turn)
            await scanned(world, turn)
            for where, expr in list(without_data.items()):
                if await asyncio.to_thread(ask.numbers, expr):
                    del without_data[where]
            return not without_data

        try:
            await eventually(all_have_data, deadline_s=DATA_S)
        except AssertionError:
            pytest.fail("no data: " + "; ".join(f"{where}: {expr}" for where, expr in without_data.items()))

        for shown in annotation_queries():
            marks = ask.numbers(filled(shown.expr, VALUES))
            assert bool(marks) == shown.where.endswith("Starts"), f"{shown.where}: {marks}"
        for where, series, label in variable_queries():
            values = ask.get(f"label/{label}/values", **{"match[]": filled(series)})
            assert values == sorted(world.sites), where
        loaded = {rule["name"]: rule for group in ask.get("rules")["groups"] for rule in group["rules"]}
        assert set(loaded) == {rule.get("alert") or rule["record"] for rule in rules()}
        assert {rule["health"] for rule in loaded.values()} == {"ok"}
        assert [name for name in alerts() if loaded[name]["state"] == "firing"] == []
