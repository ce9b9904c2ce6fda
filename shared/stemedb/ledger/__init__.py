"""The ledger: what ingest writes. The write-ahead log, the Merkle log over its statements, and the table of their ids.

Read `ledger` first: it says in which order things happen and what a crash between any two of them leaves behind.
"""

from stemedb.ledger.backup import Manifest, back_up
from stemedb.ledger.fsck import Report, check
from stemedb.ledger.ledger import Ledger, Progress, Receipt
from stemedb.ledger.reader import Entry, LedgerReader
from stemedb.ledger.rebuilding import rebuild
from stemedb.ledger.restamps import Item
from stemedb.ledger.restoring import become, settle, unpack

__all__ = [
    "Entry",
    "Item",
    "Ledger",
    "LedgerReader",
    "Manifest",
    "Progress",
    "Receipt",
    "Report",
    "back_up",
    "become",
    "check",
    "rebuild",
    "settle",
    "unpack",
]
