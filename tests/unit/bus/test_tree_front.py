"""A tree file behind an event loop: durable edits, reads that wait for none, one closing."""

import asyncio
import threading

import pytest

from stemedb.bus.tree_front import PAGE_ENTRIES_MAX, TreeFront
from stemedb.errors import Locked, NotFound
from stemedb.mst import memory_tree, verify_proof
from stemedb.storage.tree_file import TreeFile

REALM = bytes(range(32))


@pytest.fixture
def path(tmp_path):
    return tmp_path / "map.mst"


async def test_an_edit_is_durable_and_seen_when_its_call_returns(path):
    async with TreeFront.open(path, REALM, create=True) as front:
        commit = await front.merge([(b"a", b"1"), (b"b", b"2"), (b"c", b"3")], meta=b"three")
        with TreeFile.open(path, REALM) as other:
            assert other.last == front.last == commit
        assert (await front.apply([(b"b", None)], b"two")).count == 2
        assert [await front.get(key) for key in (b"a", b"b")] == [b"1", None]
        assert await front.page(b"a", None, 10) == [(b"a", b"1"), (b"c", b"3")]
        assert await front.page(None, b"c", 10) == [(b"a", b"1")]
        assert await front.page(None, None, 1) == [(b"a", b"1")]
        assert (await front.merge([(b"a", b"9")], join=lambda _key, old, new: min(old, new))).count == 2
        assert await front.get(b"a") == b"1"


async def test_edits_apply_whole_and_in_the_order_of_the_calls(path):
    wanted = memory_tree(REALM)
    async with TreeFront.open(path, REALM, create=True) as front:
        batches = [
            [(bytes([i, j]), bytes([i])) for j in range(20)] + [(b"same", bytes([i]))] for i in range(20)
        ]
        await asyncio.gather(*(front.merge(batch) for batch in batches))
        for batch in batches:
            wanted.merge(batch)
        assert front.last.digest == wanted.root_digest
        assert await front.get(b"same") == bytes([19])


async def test_a_read_neither_waits_for_an_edit_nor_sees_half_of_it(path):
    begun, go_on = threading.Event(), threading.Event()

    def slow(_key, _old, new):
        begun.set()
        assert go_on.wait(10)
        return new

    async with TreeFront.open(path, REALM, create=True) as front:
        await front.merge([(b"a", b"1"), (b"b", b"1")])
        edit = asyncio.create_task(front.merge([(b"a", b"2"), (b"b", b"2")], slow))
        await asyncio.to_thread(begun.wait, 10)
        assert await front.page(None, None, 2) == [(b"a", b"1"), (b"b", b"1")]
        go_on.set()
        await edit
        assert await front.page(None, None, 2) == [(b"a", b"2"), (b"b", b"2")]


async def test_an_edit_whose_caller_was_cancelled_is_seen_when_it_is_done(path):
    begun, go_on = threading.Event(), threading.Event()

    def slow(_key, _old, new):
        begun.set()
        assert go_on.wait(10)
        return new

    async with TreeFront.open(path, REALM, create=True) as front:
        await front.merge([(b"a", b"1")])
        edit = asyncio.create_task(front.merge([(b"a", b"2")], slow))
        await asyncio.to_thread(begun.wait, 10)
        edit.cancel()
        go_on.set()
        await front.merge([(b"b", b"1")])
        assert await front.get(b"a") == b"2"


async def test_a_proof_holds_for_the_commit_it_comes_with(path):
    async with TreeFront.open(path, REALM, create=True) as front:
        await front.merge([(bytes([i]), b"v") for i in range(100)])
        commit, proof = await front.prove(b"\x07")
        await front.apply([(b"\x07", None)])
        assert verify_proof(commit.digest, b"\x07", proof) == b"v"


async def test_compaction_shrinks_the_file_and_leaves_older_snapshots_readable(path):
    async with TreeFront.open(path, REALM, create=True) as front:
        for i in range(10):
            await front.merge([(bytes([j]), bytes([i])) for j in range(200)])
        before, old = path.stat().st_size, front.snapshot
        digest = front.last.digest
        assert (await front.compact()).digest == digest
        assert path.stat().st_size < before
        assert len(list(old.items())) == 200
        assert await front.get(b"\x05") == bytes([9])


async def test_misuse_and_failures_reach_the_caller_and_the_file_is_let_go(path):
    with pytest.raises(NotFound):
        async with TreeFront.open(path, REALM):
            pass
    async with TreeFront.open(path, REALM, create=True) as front:
        with pytest.raises(Locked):
            async with TreeFront.open(path, REALM):
                pass
        with pytest.raises(ValueError, match="limit: got"):
            await front.page(None, None, PAGE_ENTRIES_MAX + 1)
        with pytest.raises(ValueError, match="value: got"):
            await front.merge([(b"k", bytes(5000))])
    TreeFile.open(path, REALM, writable=True).close()
