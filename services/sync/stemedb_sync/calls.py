"""The requests that sync makes: of peers, and of our own ingest. Every one has a timeout and is counted by its bytes."""

from typing import Final

from nats.aio.client import Client as NatsClient

from stemedb.bus.client import Client
from stemedb.bus.messages import StatusRequest
from stemedb.bus.messages.ingest import StatusReply
from stemedb.bus.subjects import Subjects
from stemedb.errors import InvalidInput, NotFound, ProofError, StemeError, Unavailable
from stemedb_sync.metrics import SyncMetrics

ASK_TIMEOUT_S: Final = 5.0
"""For an answer of a peer: half a MiB over a slow line."""

HAND_OVER_TIMEOUT_S: Final = 5.0
"""For an answer of our own ingest. One that was killed with a request in its hands never answers, and the next one is there in a
second or two; asking a slow one again is harmless, since it knows the statements by then."""


class Calls:
    """Requests over one connection."""

    def __init__(self, client: NatsClient, own: str, metrics: SyncMetrics) -> None:
        self._client = client
        self._metrics = metrics
        self._ingest = Client(client, own, HAND_OVER_TIMEOUT_S)

    async def ask(self, name: str, endpoint: str, data: bytes, path: str = "tail") -> bytes:
        """Ask ``sync.<endpoint>`` of replica `name`; `path` is what the bytes are counted under.

        Raises `InvalidInput`, `NotFound`, `ProofError` or `Overloaded` as the peer raised it, else `Unavailable`: what ends a process over
        there is no reason to end this one, and whoever answers chooses the code.
        """
        subject = f"{Subjects(name).base}.sync.{endpoint}"
        try:
            reply = await Client(self._client, name, ASK_TIMEOUT_S).call(subject, data)
        except (InvalidInput, NotFound, ProofError, Unavailable):
            raise
        except StemeError as error:
            raise Unavailable(f"{name}: {error.message}") from error
        self._metrics.bytes.labels(name, path, "out").inc(len(data))
        self._metrics.bytes.labels(name, path, "in").inc(len(reply))
        return reply

    async def hand_over(self, request: bytes) -> bytes:
        """Give a protobuf ``ReplicateRequest`` to our ingest; durable when it returns."""
        return await self._ingest.call(self._ingest.subjects.replicate, request)

    async def pending(self) -> int:
        """Return how many statements wait at our ingest."""
        data = await self._ingest.call(self._ingest.subjects.status, StatusRequest().encode())
        return StatusReply.decode(data).pending
