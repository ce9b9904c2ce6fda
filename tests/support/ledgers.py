"""Small ledgers for tests: replicas with fixed keys, and statements that differ only in a number."""

import lmdb

from stemedb.ledger import Ledger, LedgerReader
from stemedb.statements import parse
from stemedb.storage.replica import ReplicaDirectory
from stemedb.wal import Reader
from support.faults import FaultyOperations

NOW_MS = 1_700_000_000_000
REALM = bytes(range(32))
SEED = bytes(range(100, 132))


def make_replica(path, name="here"):
    """Return a new replica directory whose keys are always the same."""
    return ReplicaDirectory.create(path, name, REALM, SEED, operations=FaultyOperations())


def make_parsed(number):
    """Return statement `number`, checked: an epoch, the smallest kind."""
    return parse(b'{"kind":"epoch","name":"generation %d"}' % number)


def make_items(start, end, stamp=None):
    """Return the statements ``[start, end)`` as the ledger takes them."""
    return [(make_parsed(number), stamp) for number in range(start, end)]


def fill(replica, *batches, **options):
    """Open the ledger, append each batch of numbers, close it; return the receipts."""
    ledger = Ledger.open(replica, NOW_MS, **{"operations": FaultyOperations()} | options)
    receipts = []
    for batch in batches:
        receipts += ledger.append([(make_parsed(number), None) for number in batch], NOW_MS)
    ledger.close()
    return receipts


def abandon(ledger):
    """Let go of an open ledger as the death of its process does: nothing is synced, nothing is said."""
    ledger._closed = True
    ledger._derived.close()
    ledger._signed.close()
    ledger._writer._release()


def derived_bytes(replica):
    """Return name and content of every derived file that is a function of the log alone."""
    names = [path for path in replica.log.iterdir() if path.name.isdigit() or path.name == "entries"]
    return {path.name: path.read_bytes() for path in names if path.stat().st_size}


def edit_ids(replica, edit):
    """Call `edit` with a write transaction on the id table of a closed ledger."""
    environment = lmdb.open(str(replica.ids), map_size=1 << 20)
    with environment.begin(write=True) as transaction:
        edit(transaction)
    environment.close()


def log_ids(replica):
    """Return the ids in the log, by way of a reader."""
    reader = LedgerReader(replica)
    try:
        return [entry.id for entry in reader.statements(0, reader.size)]
    finally:
        reader.close()


def wal_records(replica):
    """Return all records of the write-ahead log."""
    reader, position, records = Reader(replica.wal), None, []
    try:
        while (run := reader.read_run(position)).records:
            records += run.records
            position = run.next
    finally:
        reader.close()
    return records
