"""When a stretch of a peer's log is leapt over, what is proven first, and what happens when it cannot be."""

import asyncio

import pytest

from stemedb.errors import Unavailable
from stemedb.merkle import Checkpoint, Frontier, MemoryNodeStore, MerkleLog
from stemedb.types import Digest, LogSize
from stemedb.v1 import sync_pb2
from stemedb_sync.healing import Standing
from stemedb_sync.leap import LEAP_ENTRIES_MIN, TRAFFIC_PER_ENTRY, Leap, is_worth_it
from stemedb_sync.peer import Peer
from stemedb_sync.repair import RepairReport

SIZE = LEAP_ENTRIES_MIN + 7
ROOT = b"m" * 32


def log_of(size, salt=b""):
    log = MerkleLog(MemoryNodeStore())
    log.append([salt.ljust(28, b"-") + number.to_bytes(4, "big") for number in range(size)])
    return log


LOG, OTHER = log_of(SIZE), log_of(SIZE, b"other")
OWN = Standing("here", log_size=9, map_root=b"o" * 32, applied=9, keys=SIZE)


def peer(*, verified=0, size=SIZE, map_root=ROOT, applied=SIZE, keys=SIZE):
    made = Peer("west", b"k" * 32, "pinned")
    made.frontier = LOG.frontier(LogSize(verified)) if verified else Frontier()
    made.latest = Checkpoint("stemedb/west", LogSize(size), LOG.root(LogSize(min(size, SIZE))))
    made.latest_note = b"note"
    made.digest = sync_pb2.Digest(map_root=map_root, applied=applied, map_keys=keys)
    return made


@pytest.mark.parametrize(
    ("own", "changes"),
    [
        (OWN, {}),
        (OWN, {"keys": SIZE + SIZE // 16}),
        (OWN, {"keys": 0}),
        (OWN._replace(map_root=ROOT), {"keys": 10 * SIZE}),
        (OWN._replace(map_root=ROOT), {"verified": 7}),
    ],
)
def test_a_far_log_whose_map_is_nearly_ours_is_leapt_over(own, changes):
    assert is_worth_it(own, peer(**changes))


@pytest.mark.parametrize(
    ("own", "changes"),
    [
        (OWN, {"verified": 8}),  # close
        (OWN, {"verified": 7}),  # far, but what is new there is news
        (OWN, {"keys": SIZE + SIZE // 8}),  # many are missing here
        (OWN, {"applied": SIZE - 1}),  # its map does not hold all of its log yet
        (OWN, {"map_root": b""}),
        (OWN._replace(applied=8), {}),  # nor ours
        (OWN._replace(map_root=ROOT), {"verified": 8}),
    ],
)
def test_any_other_log_is_read(own, changes):
    assert not is_worth_it(own, peer(**changes))


def test_a_peer_set_aside_or_one_over_whose_log_a_leap_failed_is_not_leapt_over():
    one = peer()
    one.leap_failed = one.reading
    assert not is_worth_it(OWN, one)
    one.reading += 1
    assert is_worth_it(OWN, one)
    one.set_aside("fork", 0)
    assert not is_worth_it(OWN, one)


class World:
    """A peer with `LOG`, and a map that can be compared."""

    def __init__(self):
        self.log, self.compared, self.failures, self.done = LOG, [], [], []
        self.report = RepairReport(proven=True, applied=SIZE)
        self.spoil = lambda reply: None
        self.leap = Leap(
            "here",
            ask=self.ask,
            compare=self.compare,
            failed=lambda peer, reason, message: self.failures.append(reason),
            done=self.leapt,
        )

    async def ask(self, name, endpoint, data):
        assert (name, endpoint) == ("west", "consistency")
        if self.log is None:
            raise Unavailable("away")
        wanted = sync_pb2.ConsistencyRequest.FromString(data)
        old, new = LogSize(wanted.old_size), LogSize(wanted.new_size)
        reply = sync_pb2.ConsistencyReply(
            old_root=self.log.root(old),
            proof=b"".join(self.log.consistency_proof(old, new)),
            frontier=b"".join(self.log.frontier(new).digests),
        )
        self.spoil(reply)
        return reply.SerializeToString()

    async def compare(self, name, traffic_bytes):
        self.compared.append(traffic_bytes)
        return self.report

    async def leapt(self, one, start):
        self.done.append(start)

    async def over(self, one, own=OWN):
        leaping = self.leap.consider(own, one)
        await asyncio.gather(*self.leap._tasks)
        return leaping


async def test_maps_are_compared_within_a_bound_and_the_log_goes_on_from_the_signed_size():
    world, one = World(), peer()
    reading = one.reading
    assert await world.over(one)
    assert (one.verified, one.frontier, one.note) == (SIZE, LOG.frontier(), b"note")
    assert (world.compared, world.done, world.failures) == ([SIZE * TRAFFIC_PER_ENTRY], [0], [])
    assert one.reading != reading, "what the tail had on its way is dropped"
    assert not one.is_leaping


async def test_with_equal_roots_nothing_is_compared():
    world, one = World(), peer(verified=7)
    assert await world.over(one, OWN._replace(map_root=ROOT))
    assert (one.verified, world.compared, world.done) == (SIZE, [], [7])


@pytest.mark.parametrize(
    "changes", [{"proven": False}, {"applied": SIZE - 1}, {"refused": {"clock_drift": 1}}]
)
async def test_a_comparison_that_did_not_bring_everything_leaves_the_log_to_the_tail(changes):
    world, one = World(), peer()
    for name, value in changes.items():
        setattr(world.report, name, value)
    await world.over(one)
    assert (one.verified, one.leap_failed, world.done) == (0, one.reading, [])
    assert one.wake.is_set()
    assert not await world.over(one), "once in a reading"


def lies():
    def frontier(reply):
        reply.frontier = reply.frontier[:-32]

    def other_frontier(reply):
        reply.frontier = reply.frontier[32:] + reply.frontier[:32]

    def proof(reply):
        reply.proof = bytes(len(reply.proof))

    return [frontier, other_frontier, proof]


@pytest.mark.parametrize("spoil", lies())
async def test_a_frontier_or_a_proof_that_does_not_verify_moves_nothing(spoil):
    world, one = World(), peer(verified=7)
    world.spoil = spoil
    await world.over(one, OWN._replace(map_root=ROOT))
    assert (one.verified, world.failures) == (7, ["bad_proof"])


async def test_a_log_that_does_not_go_on_from_what_was_verified_is_not_leapt_over():
    world, one = World(), peer(verified=7)
    world.log = OTHER
    one.latest = Checkpoint("stemedb/west", LogSize(SIZE), OTHER.root())
    await world.over(one, OWN._replace(map_root=ROOT))
    assert (one.verified, world.failures) == (7, ["bad_proof"])


async def test_a_peer_that_does_not_answer_is_read_by_the_tail():
    world, one = World(), peer()
    world.log = None
    await world.over(one)
    assert (one.verified, one.is_leaping, world.failures) == (0, False, ["unavailable"])


async def test_a_peer_that_is_readmitted_meanwhile_is_not_advanced():
    world, one = World(), peer()

    def readmitted(_):
        one.readmit(0, 0.0)

    world.spoil = readmitted
    await world.over(one)
    assert (one.verified, world.done) == (0, [])


async def test_giving_up_leaves_no_task():
    world, one = World(), peer()
    assert world.leap.consider(OWN, one)
    await world.leap.close()
    assert (world.leap._tasks, one.verified, one.is_leaping) == (set(), 0, False)
    assert Digest(one.frontier.root) == Frontier().root
