"""``make smoke``: does the deployment that runs here do its job? One claim, from a publisher to Prometheus.

Publishes at the replica east with `nats pub`'s bare message, waits for it at west, and asks Prometheus whether it was counted at both and
whether they are level. Changes nothing but by that one claim; ends with 1 and the reason where something does not hold.
"""

import asyncio
import json
import sys
import time
import uuid

from stemedb.bus.messages import QueryRequest
from stemedb.errors import StemeError
from support.deployment import ROOT, Deployment, settings_of
from support.publishing import assertion
from support.waiting import eventually

FOUND_S = 30.0
SCRAPED_S = 60.0
"""Prometheus looks every few seconds, and needs a second look for what is derived."""


async def smoke(deployment: Deployment) -> None:
    """Raise ``AssertionError`` or ``StemeError`` where the deployment does not do its job."""
    subject = f"smoke://test/{uuid.uuid4().hex}"
    started = time.monotonic()
    async with await deployment.client("publisher", "east") as client:
        await client.nats.publish(client.subjects.assert_, json.dumps(assertion(0, subject=subject)).encode())
        await client.nats.flush()
    told("published at east", subject)

    async with await deployment.client("reader", "west") as client:

        async def found() -> bool:
            return bool((await client.query(QueryRequest(subject=subject))).claims)

        await eventually(found, deadline_s=FOUND_S)
    told("found at west", f"{(time.monotonic() - started) * 1000:.0f} ms later")

    for what, query, wanted in (
        ("scraped", 'min(up{job=~"stemedb|nats"})', 1),
        ("counted at both", 'min(sum by (replica) (stemedb_log_size{replica=~"east|west"}) > bool 0)', 1),
        ("behind by", 'sum(stemedb_sync_lag_statements{replica=~"east|west"})', 0),
        ("roots equal", 'min(stemedb_sync_roots_equal{replica=~"east|west"})', 1),
    ):
        (value,) = await eventually(
            lambda query=query, wanted=wanted: says(deployment, query, wanted), deadline_s=SCRAPED_S
        )
        told(f"Prometheus: {what}", f"{value:g}   {query}")


def says(deployment: Deployment, query: str, wanted: float) -> list[float]:
    """Return the one value that Prometheus answers once it is `wanted`, else nothing."""
    values = [value for _, value in deployment.prometheus(query)]
    return values if values == [wanted] else []


def told(what: str, detail: str) -> None:
    print(f"  ✓ {what:<28} {detail}", flush=True)


def main() -> int:
    """Run it against the deployment of this directory."""
    try:
        asyncio.run(smoke(Deployment(settings_of(ROOT / ".env"))))
    except (AssertionError, StemeError, OSError) as error:
        print(f"  ✗ {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
