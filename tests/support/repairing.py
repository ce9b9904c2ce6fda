"""Two replicas in one process that repair their maps from each other without a bus."""

import os

from stemedb.bus.columns import unpack
from stemedb.clocks import pack
from stemedb.clocks.hlc import DRIFT_MS_MAX
from stemedb.ledger import Ledger, LedgerReader
from stemedb.projection import Projection
from stemedb.statements import parse
from stemedb.storage.replica import ReplicaDirectory
from stemedb.types import Stamp
from stemedb.v1 import bulk_pb2, ingest_pb2, sync_pb2
from stemedb_sync.repair import Repair, World
from stemedb_sync.serving import Serving
from stemedb_sync.subtrees import Subtrees
from support.statement_json import assertion, encode

NOW_MS = 1_700_000_000_000
REALM = bytes(range(32))


def claim(number):
    """Return assertion `number`, checked."""
    return parse(encode(assertion(subject=f"pkg://pypi/{number:05}")))


def at(ms, origin="there"):
    """Return a stamp so many milliseconds after `NOW_MS`."""
    return Stamp(pack(NOW_MS + ms, 0), origin)


class Site:
    """One replica in this process: ledger, map, and what its sync answers."""

    def __init__(self, folder, name):
        self.replica = ReplicaDirectory.create(folder / name, name, REALM)
        self.ledger = Ledger.open(self.replica, NOW_MS)
        self.reader = LedgerReader(self.replica)
        self.map = Projection.open(self.replica, writable=True)
        self.damage = []
        self.subtrees = Subtrees.open(self.replica, self.damage.append)
        self.serving = Serving.open(self.replica)

    def put(self, *statements, stamp=None):
        self.ledger.append([(statement, stamp) for statement in statements], NOW_MS)
        self.catch_up()

    def catch_up(self):
        self.map.catch_up(self.reader)

    def close(self):
        for one in (self.serving, self.subtrees, self.map, self.reader, self.ledger):
            one.close()

    async def answer(self, endpoint, data):
        if endpoint == "subtree":
            return self.subtrees.answer(sync_pb2.SubtreeRequest.FromString(data))
        return self.serving.fetch(sync_pb2.FetchRequest.FromString(data))

    async def replicate(self, data):
        rows = unpack(bulk_pb2.ReplicateRequest.FromString(data).columns)
        reply, items = bulk_pb2.ReplicateReply(), []
        for row, canonical in enumerate(rows.canonicals):
            stamp = Stamp(rows.clocks[row], rows.origins[row])
            if stamp.hlc >> 16 > NOW_MS + DRIFT_MS_MAX:
                reply.positions.append(row)
                reply.errors.append(ingest_pb2.StatementError(code="clock_drift"))
            else:
                items.append((parse(canonical)._replace(signature=rows.signatures.get(row, b"")), stamp))
        self.ledger.append(items, NOW_MS)
        self.catch_up()
        reply.size = self.ledger.size
        return reply.SerializeToString()

    def repairs_from(self, peer, *, ask=None, limits=None, count_max=2000, may_restamp=lambda *_: True):
        async def run(function, *arguments):
            return function(*arguments)

        async def pace(_count):
            pass

        async def usual(_name, endpoint, data):
            return await peer.answer(endpoint, data)

        world = World(
            ask=ask or usual,
            replicate=self.replicate,
            run=run,
            snapshot=self.subtrees.snapshot,
            applied=self.subtrees.applied,
            bodies=self.subtrees.bodies,
            nonce=os.urandom,
            pace=pace,
            may_restamp=may_restamp,
            damaged=self.damage.append,
        )
        return Repair(self.replica.name, count_max, world, limits).run("west")
