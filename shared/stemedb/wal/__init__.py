"""The write-ahead log: the one place where a statement becomes durable, and the truth everything else is rebuilt from.

Read `record` and `segment` for the bytes, `recovery` for what a crash can do, then `writer` and `reader`.
"""

from stemedb.wal.committed import Committed
from stemedb.wal.reader import Reader, Run, after
from stemedb.wal.record import RESTAMP, Position, Record
from stemedb.wal.recovery import Cut
from stemedb.wal.writer import Writer

__all__ = ["RESTAMP", "Committed", "Cut", "Position", "Reader", "Record", "Run", "Writer", "after"]
