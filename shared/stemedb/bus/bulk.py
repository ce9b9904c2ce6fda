"""Many small publishes in one write.

An acknowledgement is an empty message to the reply subject of what it acknowledges, and a group commit has thousands of
them. ``Client.publish`` costs 2 µs and wakes the flusher each time; joined into one buffer they cost 0.3 µs. Measured
with one message per statement, two cores, publisher and server beside: 58,000 messages/s read and acknowledged one by one,
106,000 with this.

``Client._send_command`` is not public, which is why it is called here and nowhere else, with a test that the
acknowledgements arrive. It queues bytes for the flusher exactly as ``publish`` does, so while the bus is away they wait for it
and are bounded by the client's ``pending_size``.
"""

from collections.abc import Iterable

from nats.aio.client import Client

CHUNK_COUNT = 2048
"""Publishes per buffer: 150 KB, far below the client's own limit on pending bytes."""


async def publish_empty(client: Client, subjects: Iterable[str]) -> None:
    """Publish an empty message to each of `subjects`, in order. Subjects must come from the server: not validated."""
    commands = [b"PUB %b 0\r\n\r\n" % subject.encode() for subject in subjects]
    for start in range(0, len(commands), CHUNK_COUNT):
        await client._send_command(b"".join(commands[start : start + CHUNK_COUNT]))  # noqa: SLF001 - see above
    if commands:
        await client._flush_pending()  # noqa: SLF001 - see above
