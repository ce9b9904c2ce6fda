"""A tree of code that is put into the object store for analysis, and the scan of it."""

import io
import tarfile
from typing import Any

from stemedb.bus.client import Client
from stemedb.bus.messages import ScanEvent, ScanRequest
from support.waiting import eventually

BUCKET = "code"
"""The one that the deployed NATS server lets analysis read."""


def archive(files: dict[str, str]) -> bytes:
    """Return a compressed tar archive of text files."""
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w:gz") as tar:
        for name, text in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(text.encode())
            tar.addfile(member, io.BytesIO(text.encode()))
    return made.getvalue()


async def scanned(client: Client, *, deadline_s: float, **request: Any) -> ScanEvent:
    """Ask for a scan and return the event that ends it."""
    events: list[ScanEvent] = []

    async def heard(message: Any) -> None:
        events.append(ScanEvent.decode(message.data))

    subscription = await client.nats.subscribe(client.subjects.scanned, cb=heard)
    await client.nats.flush()
    try:
        name = (await client.scan(ScanRequest(**request))).scan
        return await eventually(
            lambda: next((one for one in events if one.scan == name and one.state != "running"), None),
            deadline_s=deadline_s,
        )
    finally:
        await subscription.unsubscribe()


async def upload(client: Client, name: str, content: bytes) -> str:
    """Put an archive into the object store and return the place by which a scan names it."""
    store = await client.nats.jetstream().create_object_store(BUCKET)
    await store.put(name, content)
    return f"{BUCKET}/{name}"
