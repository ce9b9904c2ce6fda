"""A peer that speaks the protocol well and lies: an honest replica made of a list, and one lie laid over it.

::

    digest    signed by its own key, every `BEAT_S`: log size and root, map root, how far it has followed the others
    range, fetch, consistency, subtree    honest answers from the list, unless `lies` has another one for the endpoint

A lie is a function from the request's bytes to the answer's, or ``None`` for no answer at all. It knows the realm's
secret, as a replica that was taken over would.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import nats
from blake3 import blake3
from nats.aio.client import Client as NatsClient
from nats.aio.msg import Msg

from stemedb.bus.client import Client
from stemedb.bus.subjects import GOSSIP, Subjects
from stemedb.crdt.entries import map_entry
from stemedb.ledger import Entry
from stemedb.merkle import Checkpoint, Frontier, log_origin
from stemedb.merkle.hashing import node_hash
from stemedb.merkle.note import public_key
from stemedb.mst import Tree, memory_tree
from stemedb.mst.reconcile import answer
from stemedb.statements import parse
from stemedb.types import LogSize, Stamp
from stemedb.v1 import base_pb2, ingest_pb2, sync_pb2
from stemedb.wal import Record
from stemedb_sync.digest import seal
from stemedb_sync.page import encode
from support.publishing import line
from support.reference_merkle import consistency
from support.replicas import REALM

BEAT_S = 0.05

Lie = Callable[[bytes], bytes | None]


def entries_of(name: str, statements: Sequence[Mapping[str, Any]]) -> list[Entry]:
    """Return a log of `name` with these statements, stamped by it now."""
    now = (time.time_ns() // 1_000_000) << 16
    log = []
    for index, statement in enumerate(statements):
        parsed = parse(line(dict(statement)))
        record = Record(int(parsed.kind), now + index, name, now + index, parsed.canonical, b"")
        log.append(Entry(index, parsed.id, record))
    return log


def map_of(log: Sequence[Entry]) -> Tree:
    """Return the map that a log makes."""
    tree = memory_tree(REALM)
    for entry in log:
        parsed = parse(entry.record.canonical)
        stamp = Stamp(entry.record.hlc, entry.record.origin)
        tree.insert(*map_entry(parsed.kind, parsed.statement, parsed.id, stamp))
    return tree


@dataclass(slots=True)
class Liar:
    """One such peer on a bus; lives on one event loop."""

    name: str
    log: list[Entry] = field(default_factory=list)
    tree: Tree | None = None
    """What it says its map is; ``None``: the map of its log."""
    lies: dict[str, Lie] = field(default_factory=dict)
    signs_with: bytes = b""
    """The seed it signs with while claiming its own key; empty: its own."""
    checkpoint: Checkpoint | None = None
    """What it signs; ``None``: its log."""
    digest_padding: int = 0
    """Bytes of nonsense in each digest."""
    sizes: dict[str, int] = field(default_factory=dict)
    """How far it says to have followed the others."""
    asked: list[str] = field(default_factory=list)
    _sequence: int = 0

    @property
    def seed(self) -> bytes:
        """What its key is made of."""
        return blake3(self.name.encode()).digest()

    def now_signs(self, log: Sequence[Entry]) -> None:
        """Sign another log from now on, whatever was signed before."""
        self.log = list(log)
        self.checkpoint = None

    def digest(self, nonce: bytes = b"") -> bytes:
        """Return its next digest."""
        root = Frontier().extend([entry.id for entry in self.log]).root
        honest = Checkpoint(log_origin(self.name), LogSize(len(self.log)), root)
        checkpoint = self.checkpoint or honest
        tree = self.tree or map_of(self.log)
        self._sequence = max(self._sequence + 1, time.time_ns() // 1_000_000 << 20)
        digest = sync_pb2.Digest(
            replica=self.name,
            version="0",
            realm=blake3(REALM).digest()[:8],
            key=public_key(self.seed),
            checkpoint=checkpoint.sign(self.signs_with or self.seed),
            map_root=tree.root_digest,
            map_keys=len(tree),
            applied=checkpoint.size,
            sent_ms=time.time_ns() // 1_000_000,
            vector=self.sizes | {f"nobody-{number}": number for number in range(self.digest_padding // 20)},
            sequence=self._sequence,
            nonce=nonce,
        )
        return seal(digest, self.signs_with or self.seed)

    async def on_request(self, message: Msg) -> None:
        """Answer, or lie, or keep silent."""
        endpoint = message.subject.rsplit(".", 1)[1]
        self.asked.append(endpoint)
        lie = self.lies.get(endpoint)
        reply = lie(message.data) if lie else self._honest(endpoint, message.data)
        if reply is not None:
            await message.respond(reply)

    def _honest(self, endpoint: str, data: bytes) -> bytes | None:
        if endpoint == "range":
            wanted = sync_pb2.RangeRequest.FromString(data)
            return encode(
                self.log[wanted.start : wanted.end],
                self.name,
                bytes_max=1 << 19,
                inline_all=wanted.inline_all,
            )
        if endpoint == "fetch":
            return self.fetched([entry.record.canonical for entry in self.log], data)
        if endpoint == "subtree":
            return self.subtree(data)
        if endpoint == "consistency":
            return self.consistency(data)
        if endpoint == "digest":
            return self.digest(sync_pb2.DigestRequest.FromString(data).nonce)
        return None

    def fetched(self, canonicals: Sequence[bytes], data: bytes) -> bytes:
        """Return `canonicals` as the answer to a fetch by indices, the statement at each taken from there."""
        request = sync_pb2.FetchRequest.FromString(data)
        reply = sync_pb2.FetchReply(positions=range(len(request.indices)))
        for index in request.indices:
            record = self.log[index].record
            stamp = base_pb2.Stamp(ms=record.hlc >> 16, counter=record.hlc & 0xFFFF, origin=record.origin)
            reply.statements.append(ingest_pb2.CanonicalStatement(canonical=canonicals[index], stamp=stamp))
        return bytes(reply.SerializeToString())

    def consistency(self, data: bytes) -> bytes:
        """Return the proof within the log it shows now, which need not be the one it showed before."""
        request = sync_pb2.ConsistencyRequest.FromString(data)
        ids = [entry.id for entry in self.log]
        proof = consistency(request.old_size, ids[: request.new_size], node_hash)
        old_root = Frontier().extend(ids[: request.old_size]).root
        return bytes(sync_pb2.ConsistencyReply(old_root=old_root, proof=b"".join(proof)).SerializeToString())

    def subtree(self, data: bytes) -> bytes:
        """Return the honest answer from the map it shows, as bad as that may be."""
        request = sync_pb2.SubtreeRequest.FromString(data)
        tree = self.tree or map_of(self.log)
        reply = sync_pb2.SubtreeReply(root=tree.root_digest, offset=1, keys=len(tree), applied=len(self.log))
        if request.question:
            reply.answer = answer(tree, request.question)
        return bytes(reply.SerializeToString())

    @asynccontextmanager
    async def at_large(self, url: str, victims: Sequence[str]) -> AsyncIterator[None]:
        """Speak on the bus at `url`, and claim to be level with the logs of `victims`, for as long as the block runs."""
        client = await nats.connect(url)
        await client.subscribe(f"{Subjects(self.name).base}.sync.>", cb=self.on_request)
        speaking = asyncio.create_task(self._speak(client, victims))
        try:
            yield
        finally:
            speaking.cancel()
            await asyncio.gather(speaking, return_exceptions=True)
            await client.close()

    async def _speak(self, client: NatsClient, victims: Sequence[str]) -> None:
        while True:
            for name in victims:
                self.sizes[name] = (await Client(client, name).status()).size
            await client.publish(GOSSIP, self.digest())
            await asyncio.sleep(BEAT_S)


def with_canonical(entry: Entry, canonical: bytes) -> Entry:
    """Return `entry` with other bytes under the same id."""
    return entry._replace(record=entry.record._replace(canonical=canonical))


def sized(liar: Liar, size: int) -> Checkpoint:
    """Return a checkpoint of `liar` for a log of `size` entries that nobody has."""
    return Checkpoint(log_origin(liar.name), LogSize(size), blake3(liar.name.encode()).digest())
