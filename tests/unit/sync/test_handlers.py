"""The endpoints without a bus: bounded per peer, counted, and what an operator can do."""

import asyncio
from types import SimpleNamespace

import pytest

from stemedb.bus.endpoints import PROTOBUF, Call
from stemedb.bus.messages import ControlRequest
from stemedb.bus.metrics import registry
from stemedb.errors import InvalidRequest, NotFound, Overloaded
from stemedb.types import Digest, LogSize
from stemedb.v1 import sync_pb2
from stemedb_sync.handlers import PER_PEER_MAX, Handlers
from stemedb_sync.metrics import SyncMetrics
from stemedb_sync.serving import LogState, MapState, Serving


class Following:
    """Notes what it is told."""

    def __init__(self):
        self.peers = SimpleNamespace(by_name={"west": None})
        self.overview = SimpleNamespace(statuses=lambda: ())
        self.is_paused = False
        self.told = []

    async def now(self, name, *, tree):
        self.told.append(("now", name, tree))

    async def pause(self, paused):
        self.is_paused = paused

    async def readmit(self, name):
        self.told.append(("readmit", name))


class World:
    """Handlers over a serving thread that answers when it is let."""

    def __init__(self):
        self.registry = registry("sync", "here", "1")
        self.following = Following()
        self.gate = asyncio.Event()
        self.methods = []
        gossip = SimpleNamespace(
            log_state=LogState(LogSize(7), b"note"),
            map_state=MapState(Digest(b"r" * 32), 5, LogSize(7)),
            digest=self.digest,
        )
        metrics = SyncMetrics.register(self.registry, list)
        self.handlers = Handlers(
            "here",
            "1",
            serving=self.serve,
            subtrees=lambda request: self.serve("subtrees", request),
            gossip=gossip,
            following=self.following,
            metrics=metrics,
        )

    async def digest(self, nonce):
        return b"digest with " + nonce

    async def serve(self, method, request):
        self.methods.append((method, request))
        await self.gate.wait()
        return b"answer"

    def bytes(self, peer, path, direction):
        labels = {"peer": peer, "path": path, "direction": direction}
        return self.registry.get_sample_value("stemedb_sync_bytes_total", labels)


def range_call(replica):
    return Call(sync_pb2.RangeRequest(replica=replica, start=1, end=2).SerializeToString(), {})


async def test_requests_go_to_the_serving_thread_and_are_counted_by_peer_and_path():
    world = World()
    world.gate.set()
    call = range_call("west")
    answer = await world.handlers.range(call)
    assert (answer.data, answer.content_type) == (b"answer", PROTOBUF)
    assert (world.methods[0][0], world.methods[0][1].start) == (Serving.range, 1)
    assert (world.bytes("west", "tail", "in"), world.bytes("west", "tail", "out")) == (len(call.data), 6)
    await world.handlers.fetch(
        Call(sync_pb2.FetchRequest(replica="west", ids=bytes(32)).SerializeToString(), {})
    )
    assert world.bytes("west", "tree", "out") == 6
    await world.handlers.subtree(Call(sync_pb2.SubtreeRequest(replica="west").SerializeToString(), {}))
    assert world.bytes("west", "tree", "out") == 12
    await world.handlers.consistency(Call(b"", {}))
    assert world.bytes("unknown", "tail", "out") == 6


async def test_one_peer_may_have_so_many_requests_in_progress_and_others_are_served_beside():
    world = World()
    asked = [asyncio.create_task(world.handlers.range(range_call("west"))) for _ in range(PER_PEER_MAX)]
    while len(world.methods) < PER_PEER_MAX:  # noqa: ASYNC110 - tasks of this loop
        await asyncio.sleep(0)
    with pytest.raises(Overloaded, match="west"):
        await world.handlers.range(range_call("west"))
    other = asyncio.create_task(world.handlers.range(range_call("stranger")))
    world.gate.set()
    await asyncio.gather(*asked, other)
    await world.handlers.range(range_call("west"))


async def test_what_is_no_request_is_refused():
    with pytest.raises(InvalidRequest, match="RangeRequest"):
        await World().handlers.range(Call(b"\xff\xff", {}))


@pytest.mark.parametrize(
    ("request_", "told"),
    [
        ({"action": "peers"}, []),
        ({"action": "now"}, [("now", None, False)]),
        ({"action": "now", "peer": "west", "tree": True}, [("now", "west", True)]),
        ({"action": "readmit", "peer": "west"}, [("readmit", "west")]),
    ],
)
async def test_the_operator_is_obeyed_and_told_the_state(request_, told):
    world = World()
    reply = await world.handlers.control(ControlRequest.model_validate(request_))
    assert world.following.told == told
    assert (reply.replica, reply.log_size, reply.map_root) == ("here", 7, (b"r" * 32).hex())


async def test_pausing_and_resuming_show_in_the_answer():
    world = World()
    for action, paused in (("pause", True), ("resume", False)):
        assert (await world.handlers.control(ControlRequest(action=action))).paused is paused


async def test_a_peer_must_be_named_and_known():
    world = World()
    with pytest.raises(InvalidRequest):
        await world.handlers.control(ControlRequest(action="readmit"))
    with pytest.raises(NotFound, match="known: west"):
        await world.handlers.control(ControlRequest(action="readmit", peer="nobody"))


async def test_a_digest_is_answered_with_the_nonce_of_whoever_asks():
    world = World()
    request = sync_pb2.DigestRequest(replica="west", nonce=b"nonce").SerializeToString()
    assert (await world.handlers.digest(Call(request, {}))).data == b"digest with nonce"
    assert (await world.handlers.digest(Call(b"", {}))).data == b"digest with "


@pytest.mark.parametrize("data", [sync_pb2.DigestRequest(nonce=bytes(65)).SerializeToString(), b"\xff\xff"])
async def test_a_question_with_too_much_in_it_is_refused(data):
    with pytest.raises(InvalidRequest):
        await World().handlers.digest(Call(data, {}))
