"""What watches a deployment, in the images that do: rules hold, every panel has data, and an alert arrives where it is read."""

import asyncio
import itertools
import json
import math

import pytest
import yaml

from stemedb.bus.messages import QueryRequest
from support.boards import RULES, panel_queries
from support.deployment import ROOT, docker
from support.promql import FILLED, filled
from support.publishing import assertion, line, lines
from support.uploading import archive, scanned, upload
from support.waiting import eventually

pytestmark = [pytest.mark.docker, pytest.mark.timeout(900)]

DEADLINE_S = 240.0
BAD = "import requests\n\n\ndef fetch(url):\n    return requests.get(url, verify=False, timeout=5)\n"
VALUES = FILLED | {"$__rate_interval": "1m"}


def promtool(*arguments):
    """Run the promtool of the image that is deployed, over the files of the repository."""
    image = yaml.safe_load((ROOT / "compose.yaml").read_bytes())["services"]["prometheus"]["image"]
    scratch = ("--tmpfs", "/scratch:mode=1777", "--env", "TMPDIR=/scratch")
    mounts = ("--volume", f"{RULES.parent}:/etc/prometheus:ro", "--network", "none")
    return docker("run", "--rm", *scratch, *mounts, "--entrypoint", "promtool", image, *arguments)


def test_the_deployed_version_accepts_the_configuration(engine):
    assert "SUCCESS" in promtool("check", "config", "/etc/prometheus/prometheus.yml")


@pytest.mark.parametrize("name", sorted(path.name for path in (RULES / "tests").glob("*.test.yml")))
def test_the_deployed_version_agrees_with_every_test_of_the_rules(engine, name):
    assert "SUCCESS" in promtool("test", "rules", f"/etc/prometheus/rules/tests/{name}")


async def traffic(deployment, turn):
    """Use every path once: intake, append, refusal, query, scan."""
    for place, replica in enumerate(("east", "west")):
        first = 1_000_000 + (turn * 2 + place) * 20
        claims = [assertion(number, agent="watched") for number in range(first, first + 20)]
        async with await deployment.client("publisher", replica) as client:
            await client.append(lines(claims[:10]))
            jetstream = client.nats.jetstream()
            for claim in claims[10:]:
                await jetstream.publish(client.subjects.assert_, line(claim))
            await jetstream.publish(client.subjects.assert_, b"no statement")
            await client.query(QueryRequest(subject=claims[0]["subject"]))
    code = {f"fetching_{number}.py": BAD for number in range(turn + 1)}
    async with await deployment.client("operator", "east") as client:
        place = await upload(client, f"watched-{turn}.tar.gz", archive(code))
        await scanned(client, project="watched", object=place, deadline_s=DEADLINE_S)


async def test_every_panel_has_data(healthy):
    without_data = {shown.where: filled(shown.expr, VALUES) for shown in panel_queries()}
    turns = itertools.count()

    async def all_have_data():
        # A rate needs looks before and after a rise, so the traffic goes on until every panel has seen some.
        await traffic(healthy, next(turns))
        for where, expr in list(without_data.items()):
            found = await asyncio.to_thread(healthy.prometheus, expr)
            if not all(math.isnan(value) for _, value in found):  # a quantile of nothing is no number
                del without_data[where]
        return not without_data

    try:
        await eventually(all_have_data, deadline_s=DEADLINE_S)
    except AssertionError:
        pytest.fail("no data: " + "; ".join(f"{where}: {expr}" for where, expr in without_data.items()))


async def test_an_alert_arrives_in_the_log_with_what_to_do_about_it(healthy):
    async with await healthy.client("operator", "east") as client:
        place = await upload(client, "damaged.tar.gz", b"no archive")
        done = await scanned(client, project="damaged", object=place, deadline_s=DEADLINE_S)
    assert done.state == "failed"

    def told():
        events = [json.loads(text) for text in docker("logs", healthy.container("alert-log")).splitlines()]
        return next((event for event in events if event.get("alert") == "StemedbScansFail"), None)

    event = await eventually(lambda: asyncio.to_thread(told), deadline_s=DEADLINE_S)
    assert (event["status"], event["severity"], event["replica"]) == ("firing", "warning", "east")
    assert event["summary"] == "Scans of the analysis at east fail"
    assert event["description"] == "1 scans in 15 minutes ended without a result."
    assert event["runbook_url"] == "services/README.md#stemedbscansfail"
