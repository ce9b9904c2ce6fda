"""What happens to a peer whose entries and checkpoints do not fit: proofs are asked for, evidence kept, nobody else disturbed."""

import asyncio
from contextlib import asynccontextmanager

import pytest
import structlog

from stemedb.bus.lifetime import Lifetime
from stemedb.bus.metrics import registry
from stemedb.bus.worker import Worker
from stemedb.errors import Corruption, InvalidRequest, Unavailable
from stemedb.ledger import Ledger
from stemedb.merkle import Checkpoint, Frontier, MemoryNodeStore, MerkleLog, evidence, log_origin
from stemedb.merkle.note import public_key
from stemedb.types import LogSize
from stemedb.v1 import sync_pb2
from stemedb_sync import tail
from stemedb_sync.accusing import BAD_PAGES_MAX
from stemedb_sync.digest import seal
from stemedb_sync.following import Following
from stemedb_sync.metrics import SyncMetrics
from stemedb_sync.pacing import RESTAMPS_MIN
from stemedb_sync.peer import Peer
from stemedb_sync.peers import STALE_S, Peers
from stemedb_sync.settings import SyncSettings
from stemedb_sync.store import Store
from support.ledgers import NOW_MS, make_replica
from support.waiting import eventually

SEED = bytes(range(32, 64))


def log_of(*numbers):
    log = MerkleLog(MemoryNodeStore())
    log.append([bytes([number]) * 32 for number in numbers])
    return log


def checkpoint(log, size=None):
    size = LogSize(log.size if size is None else size)
    return Checkpoint(log_origin("west"), size, log.root(size))


def consistency(log, old):
    proof = b"".join(log.consistency_proof(LogSize(old)))
    return sync_pb2.ConsistencyReply(old_root=log.root(LogSize(old)), proof=proof).SerializeToString()


HISTORY = log_of(*range(6))
CONTINUED = log_of(*range(9))
REWRITTEN = log_of(0, 99, *range(2, 9))


class Calls:
    """A peer that answers nothing but what the test lets it say."""

    def __init__(self):
        self.answers = {}
        self.asked = []

    async def ask(self, name, endpoint, data, path="tail"):
        self.asked.append((endpoint, data))
        answer = self.answers.get(endpoint)
        if callable(answer):
            return answer(data)
        if answer is None:
            raise Unavailable(f"no answer of {name} on {endpoint}")
        return answer

    async def hand_over(self, request):
        raise Unavailable("no ingest")

    async def pending(self):
        return 0


class World:
    """One replica that follows west, of which it has verified six entries."""

    def __init__(self, path):
        self.replica = make_replica(path, "here")
        self.path = path
        self.calls = Calls()
        self.sequence = 0

    @asynccontextmanager
    async def following(self):
        Ledger.open(self.replica, NOW_MS).close()
        self.registry = registry("sync", "here", "1")
        async with Worker("test") as worker:
            store = await worker.run(Store.open, self.replica)
            peers = Peers("here", self.replica.realm_id, None)
            self.lifetime = Lifetime()
            following = Following(
                SyncSettings(replica="here"),
                peers,
                store,
                worker,
                calls=self.calls,
                metrics=SyncMetrics.register(self.registry, list),
                lifetime=self.lifetime,
                log=structlog.get_logger(),
            )
            try:
                await following.restore()
                yield following
            finally:
                await following.close()
                await worker.run(store.close)

    def digest(self, of, sequence=None, nonce=b""):
        self.sequence += 1
        digest = sync_pb2.Digest(
            replica="west",
            realm=bytes.fromhex(self.replica.realm_id)[:8],
            key=public_key(SEED),
            checkpoint=of.sign(SEED),
            sequence=self.sequence if sequence is None else sequence,
            nonce=nonce,
        )
        return seal(digest, SEED)

    async def verified(self, following):
        """Let west be known, with its first six entries verified."""
        await following.hear(self.digest(checkpoint(HISTORY)))
        peer = following.peers.by_name["west"]
        frontier = Frontier().extend([bytes([number]) * 32 for number in range(6)])
        peer.advance(frontier, peer.latest, peer.latest_note)
        return peer

    def equivocations(self):
        return self.registry.get_sample_value("stemedb_sync_equivocations_total", {"peer": "west"})

    def finding(self, peer):
        (name,) = peer.evidence
        return evidence.verify((self.path / "sync" / "evidence" / name).read_bytes())


@pytest.fixture
def world(tmp_path):
    return World(tmp_path)


@pytest.mark.parametrize(
    ("later", "kind"), [(checkpoint(REWRITTEN, 6), "fork"), (checkpoint(HISTORY, 4), "rollback")]
)
async def test_a_broken_promise_in_a_digest_is_kept_as_evidence_once(world, later, kind):
    async with world.following() as following:
        peer = await world.verified(following)
        for _ in range(3):
            await following.hear(world.digest(later))
        assert (peer.reason, peer.equivocations, world.equivocations()) == (kind, 1, 1)
        assert world.finding(peer).kind == kind


async def test_a_memory_of_a_peer_set_aside_survives_a_restart(world):
    async with world.following() as following:
        await world.verified(following)
        await following.hear(world.digest(checkpoint(REWRITTEN, 6)))
    async with world.following() as following:
        peer = following.peers.by_name["west"]
        assert peer.is_set_aside
        assert world.equivocations() == 1
        await following.readmit("west")
        assert (peer.is_set_aside, peer.verified, peer.equivocations) == (False, 0, 1)


@pytest.mark.parametrize("later", [checkpoint(REWRITTEN, 6), checkpoint(HISTORY, 4)])
async def test_a_peer_readmitted_before_its_next_digest_is_followed_by_what_it_says_now(world, later):
    async with world.following() as following:
        peer = await world.verified(following)
        await following.hear(world.digest(later))
        assert peer.is_set_aside
        await following.readmit("west")
        await following.hear(world.digest(later))
        assert (peer.is_set_aside, peer.equivocations, peer.latest) == (False, 1, later)


def stale(world):
    return world.registry.get_sample_value(
        "stemedb_sync_failures_total", {"peer": "west", "reason": "stale_digest"}
    )


async def test_an_old_digest_replayed_is_counted_and_accuses_nobody(world):
    old = world.digest(checkpoint(HISTORY, 4))
    async with world.following() as following:
        await following.hear(old)
        peer = await world.verified(following)
        for count in (1, 2):
            await following.hear(old)
            assert (peer.is_set_aside, peer.latest.size, stale(world)) == (False, 6, count)
        await following._keeping.save_now(peer)
    async with world.following() as following:
        await following.hear(old)  # the first thing heard after a restart
        peer = following.peers.by_name["west"]
        assert (peer.is_set_aside, peer.digest, stale(world)) == (False, None, 1)


async def test_a_digest_whose_order_was_forged_is_refused(world):
    async with world.following() as following:
        peer = await world.verified(following)
        replayed = sync_pb2.SignedDigest.FromString(world.digest(checkpoint(HISTORY, 4)))
        digest = sync_pb2.Digest.FromString(replayed.body)
        digest.sequence = 1 << 60
        replayed.body = digest.SerializeToString()
        await following.hear(replayed.SerializeToString())
        labels = {"peer": "west", "reason": "bad_signature"}
        assert world.registry.get_sample_value("stemedb_sync_failures_total", labels) == 1
        assert (peer.is_set_aside, peer.latest.size) == (False, 6)


async def test_what_a_peer_signed_before_it_was_readmitted_accuses_it_no_more(world):
    before = world.digest(checkpoint(HISTORY))
    async with world.following() as following:
        peer = await world.verified(following)
        await following.hear(world.digest(checkpoint(REWRITTEN, 6)))
        await following.readmit("west")
        await following.hear(before)
        assert (peer.is_set_aside, peer.latest) == (False, checkpoint(REWRITTEN, 6))
    async with world.following() as following:
        peer = following.peers.by_name["west"]
        await following.hear(before)
        assert not peer.is_set_aside


async def test_a_peer_that_lost_its_clock_is_asked_and_believed_from_its_answer_on(world):
    def answer(data):
        nonce = sync_pb2.DigestRequest.FromString(data).nonce
        return world.digest(checkpoint(CONTINUED), sequence=2, nonce=nonce)

    world.sequence = 1000
    async with world.following() as following:
        peer = await world.verified(following)
        world.calls.answers["digest"] = answer
        await following.hear(world.digest(checkpoint(HISTORY), sequence=1))
        assert not world.calls.asked
        peer.stale_since_s -= STALE_S
        await following.hear(world.digest(checkpoint(HISTORY), sequence=1))
        await eventually(lambda: peer.latest == checkpoint(CONTINUED))
        await following.hear(world.digest(checkpoint(CONTINUED), sequence=3))
        assert peer.digest.sequence == 3


async def test_an_answer_that_was_made_before_the_question_is_refused(world):
    async with world.following() as following:
        peer = await world.verified(following)
        world.calls.answers["digest"] = world.digest(
            checkpoint(HISTORY, 4), sequence=1 << 60, nonce=bytes(16)
        )
        await following.now("west", tree=False)
        assert (peer.is_set_aside, peer.latest.size, stale(world)) == (False, 6, 1)


async def test_an_answer_that_gossip_overtook_accuses_nobody(world):
    async with world.following() as following:
        peer = await world.verified(following)
        overtaking = []

        async def ask(name, endpoint, data, path="tail"):
            nonce = sync_pb2.DigestRequest.FromString(data).nonce
            answer = world.digest(checkpoint(HISTORY), nonce=nonce)
            overtaking.append(world.digest(checkpoint(CONTINUED)))
            await following.hear(overtaking[0])
            return answer

        world.calls.ask = ask
        await following.now("west", tree=False)
        assert overtaking
        assert (peer.is_set_aside, peer.latest) == (False, checkpoint(CONTINUED))


class Healed:
    """Compares maps with nobody but takes note; with west in vain."""

    def __init__(self):
        self.names = []

    async def heal(self, peer):
        self.names.append(peer.name)
        if peer.name == "west":
            raise Unavailable("west is away")

    def consider(self, own, peer, now_s):
        pass

    async def close(self):
        pass


async def test_a_peer_that_is_away_keeps_nobody_from_being_compared_with_on_request(world):
    async with world.following() as following:
        west = await world.verified(following)
        following.peers.by_name["zenith"] = Peer("zenith", west.key, "first_use")
        following.healing = healed = Healed()
        with pytest.raises(Unavailable, match="west is away"):
            await following.now(None, tree=True)
        assert healed.names == ["west", "zenith"]


async def examine(following, peer, log, attempt=1):
    target = checkpoint(log)
    return await following._contradicts(peer, target, target.sign(SEED), attempt)


async def test_a_rewritten_log_proves_its_own_rewriting(world):
    async with world.following() as following:
        peer = await world.verified(following)
        world.calls.answers["consistency"] = consistency(REWRITTEN, 6)
        assert await examine(following, peer, REWRITTEN)
        assert peer.reason == "rewrite"
        assert world.finding(peer).is_proof


def refuse(data):
    raise InvalidRequest("new_size", "no such log")


@pytest.mark.parametrize(
    "answer",
    [None, refuse, b"\xff\xff", b"", consistency(CONTINUED, 6), consistency(REWRITTEN, 5)],
    ids=["silence", "refusal", "nonsense", "nothing", "they agree", "another size"],
)
async def test_pages_that_lead_nowhere_without_proof_are_tried_again_before_the_peer_is_set_aside(
    world, answer
):
    log = CONTINUED if answer == consistency(CONTINUED, 6) else REWRITTEN
    async with world.following() as following:
        peer = await world.verified(following)
        world.calls.answers["consistency"] = answer
        for attempt in range(1, BAD_PAGES_MAX):
            assert not await examine(following, peer, log, attempt)
        assert not peer.is_set_aside
        assert await examine(following, peer, log, BAD_PAGES_MAX)
        assert peer.reason == "unproven"
        assert not world.finding(peer).is_proof


async def test_a_log_that_is_shorter_than_it_was_takes_everything_over_again(world):
    async with world.following() as following:
        peer = await world.verified(following)
        peer.own_size = 50
        await following._keeping.save_now(peer)
    async with world.following() as following:
        assert following.peers.by_name["west"].verified == 0


async def test_a_stranger_is_counted_and_not_followed(world):
    async with world.following() as following:
        await following.hear(b"\xff\xff")
        assert following.peers.by_name == {}
        labels = {"peer": "unknown", "reason": "bad_digest"}
        assert world.registry.get_sample_value("stemedb_sync_failures_total", labels) == 1


async def test_our_own_disk_failing_in_a_tail_ends_the_service(world, monkeypatch):
    async def broken(self):
        raise Corruption("wal", 0, "rot")

    monkeypatch.setattr(tail.Tail, "_follow", broken)
    async with world.following() as following:
        await following.hear(world.digest(checkpoint(HISTORY)))
        await asyncio.wait_for(world.lifetime.wait(), 60)
        assert isinstance(world.lifetime.failure, Corruption)


async def test_a_pause_lasts_through_a_restart_until_somebody_resumes(world):
    async with world.following() as following:
        assert not following.is_paused
        await following.pause(True)
    async with world.following() as following:
        assert following.is_paused
        await world.verified(following)
        assert following._tails["west"].is_paused
        assert world.registry.get_sample_value("stemedb_sync_paused") == 1
        await following.pause(False)
        assert not following._tails["west"].is_paused
    async with world.following() as following:
        assert not following.is_paused


async def test_a_flood_of_restamps_is_counted_and_slows_its_peer_down(world, monkeypatch):
    waited = []

    async def wait(name, count):
        waited.append((name, count))

    async with world.following() as following:
        peer = await world.verified(following)
        monkeypatch.setattr(following.allowance, "wait", wait)
        for _ in range(3):
            await following._restamp(peer, RESTAMPS_MIN // 2)
        labels = {"peer": "west", "reason": "restamp_flood"}
        assert world.registry.get_sample_value("stemedb_sync_failures_total", labels) == 1
        assert waited == [("west", RESTAMPS_MIN // 2)]
