"""Computing the derived files of a ledger again from its write-ahead log."""

from stemedb.ledger.ledger import Ledger, Progress
from stemedb.storage.replica import ReplicaDirectory
from stemedb.types import LogSize


def rebuild(replica: ReplicaDirectory, progress: Progress | None = None) -> LogSize:
    """Compute ``log/`` and ``ids/`` again and return how many statements they hold; durable when it returns.

    Needs the writer's lock: stop ingest first. A crash in between is repaired by the next opening. Readers in other
    processes go over to the new files by themselves. Raises `Locked`, or `Corruption` if the write-ahead log is damaged or contradicts
    its signed checkpoint. O(log).
    """
    ledger = Ledger.open(replica, 0, rebuild=True, progress=progress)
    try:
        return ledger.size
    finally:
        ledger.close()
