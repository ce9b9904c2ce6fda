"""What sync answers: peers in protobuf, the operator in JSON.

Peers' requests are stateless and bounded. What one peer may have in progress at once is bounded too, so that a greedy one is told
to wait and the others are not. Handlers see bytes and messages, never the bus, so tests call them directly.
"""

from collections import Counter
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, Final

from stemedb.bus.endpoints import PROTOBUF, Answer, Call
from stemedb.bus.messages import ControlReply, ControlRequest
from stemedb.errors import InvalidRequest, NotFound, Overloaded
from stemedb.v1 import sync_pb2
from stemedb_sync.digest import NONCE_BYTES_MAX
from stemedb_sync.following import Following
from stemedb_sync.gossip import Gossip
from stemedb_sync.metrics import UNKNOWN, SyncMetrics
from stemedb_sync.serving import Serving, parse_request

PER_PEER_MAX: Final = 8
"""Requests of one peer in progress at once: twice what a tail has in flight."""


class Handlers:
    """The endpoints of one sync service."""

    def __init__(
        self,
        replica: str,
        version: str,
        *,
        serving: Callable[[Callable[[Serving, Any], bytes], Any], Awaitable[bytes]],
        subtrees: Callable[[sync_pb2.SubtreeRequest], Awaitable[bytes]],
        gossip: Gossip,
        following: Following,
        metrics: SyncMetrics,
    ) -> None:
        """`serving` runs a method of `Serving` with a request on its thread, `subtrees` answers a question about our map on its own."""
        self._replica = replica
        self._version = version
        self._serving = serving
        self._subtrees = subtrees
        self._gossip = gossip
        self._following = following
        self._metrics = metrics
        self._in_progress: Counter[str] = Counter()

    async def digest(self, call: Call) -> Answer:
        """Answer where we stand, with the nonce of whoever asks."""
        nonce = parse_request(sync_pb2.DigestRequest, call.data).nonce
        if len(nonce) > NONCE_BYTES_MAX:
            raise InvalidRequest("nonce", f"got {len(nonce)} bytes, want at most {NONCE_BYTES_MAX}")
        return Answer(await self._gossip.digest(nonce), PROTOBUF)

    async def range(self, call: Call) -> Answer:
        """Answer a page of our log."""
        return await self._answer(partial(self._serving, Serving.range), sync_pb2.RangeRequest, call, "tail")

    async def fetch(self, call: Call) -> Answer:
        """Answer statements by log index or id."""
        request = parse_request(sync_pb2.FetchRequest, call.data)
        path = "tree" if request.ids else "tail"
        return await self._answer(partial(self._serving, Serving.fetch), sync_pb2.FetchRequest, call, path)

    async def consistency(self, call: Call) -> Answer:
        """Answer the proof that our log of one size begins that of another."""
        serve = partial(self._serving, Serving.consistency)
        return await self._answer(serve, sync_pb2.ConsistencyRequest, call, "tail")

    async def subtree(self, call: Call) -> Answer:
        """Answer a question about our map."""
        return await self._answer(self._subtrees, sync_pb2.SubtreeRequest, call, "tree")

    async def control(self, request: ControlRequest) -> ControlReply:
        """Do what the operator wants and answer the state."""
        following = self._following
        if request.peer is not None and request.peer not in following.peers.by_name:
            raise NotFound(
                f"no peer {request.peer!r}; known: {', '.join(sorted(following.peers.by_name)) or 'none'}"
            )
        if request.action == "now":
            await following.now(request.peer, tree=bool(request.tree))
        elif request.action in {"pause", "resume"}:
            await following.pause(request.action == "pause")
        elif request.action == "readmit":
            if request.peer is None:
                raise InvalidRequest("peer", "name the peer to readmit")
            await following.readmit(request.peer)
        state, tree = self._gossip.log_state, self._gossip.map_state
        return ControlReply(
            replica=self._replica,
            version=self._version,
            paused=following.is_paused,
            log_size=state.size if state else 0,
            map_root=tree.root.hex() if tree else None,
            peers=following.overview.statuses(),
        )

    async def _answer(
        self, serve: Callable[[Any], Awaitable[bytes]], kind: type, call: Call, path: str
    ) -> Answer:
        request = parse_request(kind, call.data)
        who = request.replica if request.replica in self._following.peers.by_name else UNKNOWN
        if self._in_progress[who] >= PER_PEER_MAX:
            raise Overloaded(f"{PER_PEER_MAX} requests of {who} are in progress; send fewer at a time")
        self._in_progress[who] += 1
        try:
            data = await serve(request)
        finally:
            self._in_progress[who] -= 1
        self._metrics.bytes.labels(who, path, "in").inc(len(call.data))
        self._metrics.bytes.labels(who, path, "out").inc(len(data))
        return Answer(data, PROTOBUF)
