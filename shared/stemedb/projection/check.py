"""Checking the map against the log it was made from: every node read, every entry accounted for.

Two questions, since neither answers the other:

    1. is the file sound?      every node is read and compared with its digest, and the shape is the canonical one
    2. is it the right map?    the map is made again from the log beside it, and the two roots are compared; where they
                               differ, an exact diff names the entries

The second map is a scratch file in ``index/``, so that memory stays bounded however large the log is; it takes the disk space of a
compacted map while the check runs. A running index service is not disturbed: the check reads one commit and compares with
the log at that commit's size.
"""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from typing import Final

from stemedb.crdt import AssertionKey, VoteKey, decode_key
from stemedb.errors import Corruption, InvalidInput, WrongReplica
from stemedb.ledger import LedgerReader
from stemedb.mst import Tree
from stemedb.mst.check import check as check_tree
from stemedb.mst.diff import Change, diff
from stemedb.projection.bodies import SHORT_HEX
from stemedb.projection.map import FILE_NAME, Projection
from stemedb.projection.rebuild import Progress, build, remove
from stemedb.storage.replica import ReplicaDirectory
from stemedb.types import Digest, LogSize

SCRATCH_NAME: Final = f".{FILE_NAME}.check"

PROBLEMS_MAX: Final = 20
"""Entries named one by one; whoever has more wrong than that rebuilds and does not read on."""


@dataclass(frozen=True, slots=True)
class Report:
    """What the check found; a map that is merely behind the log is sound."""

    applied: LogSize
    log_size: LogSize
    keys: int
    root: Digest
    problems: tuple[str, ...]

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong."""
        return not self.problems


def check(replica: ReplicaDirectory, progress: Progress | None = None) -> Report:
    """Return what is wrong with the map; nothing is changed. O(log).

    Raises NotFound without a map, Corruption or Refused of one that does not open, and both where the log cannot be read.
    """
    with Projection.open(replica) as projection, closing(LedgerReader(replica)) as reader:
        tree = projection.file.snapshot()
        problems = list(_problems(projection, tree, reader, replica, progress))
        checked = (projection.applied, reader.size, projection.keys, projection.root)
        if (
            projection.file.trailing_bytes and not projection.file.refresh()
        ):  # else a commit was being written
            problems.insert(0, _trailing(projection))
        return Report(*checked, tuple(problems))


def _problems(
    projection: Projection,
    tree: Tree,
    reader: LedgerReader,
    replica: ReplicaDirectory,
    progress: Progress | None,
) -> Iterator[str]:
    try:
        projection.check_history(reader)
    except WrongReplica as error:
        yield error.message
        return
    try:
        check_tree(tree)
    except Corruption as error:
        yield error.message
        return
    scratch = replica.index / SCRATCH_NAME
    try:
        with build(replica, scratch, projection.applied, progress) as made:
            changes = diff(tree, made.file.snapshot())
            for change in islice(changes, PROBLEMS_MAX):
                yield _describe(change)
            if next(changes, None) is not None:
                yield f"and more than {PROBLEMS_MAX} entries in all: `stemedb rebuild` makes the map anew"
    finally:
        remove(scratch)


def _trailing(projection: Projection) -> str:
    file = projection.file
    return (
        f"{file.path}: offset {file.file_bytes}: {file.trailing_bytes} bytes after the last whole commit are of one that was not"
        f" finished or is damaged: the next start of the index cuts them off and applies the log again from {projection.applied}"
    )


def _describe(change: Change) -> str:
    try:
        match decode_key(change.key):
            case AssertionKey(subject, predicate, id):
                entry = f"assertion {id.hex()[:SHORT_HEX]} about {subject} {predicate}"
            case VoteKey(assertion, agent):
                entry = f"vote of {agent} on {assertion.hex()[:SHORT_HEX]}"
            case epoch:
                entry = f"epoch {epoch.id.hex()[:SHORT_HEX]} named {epoch.name}"
    except InvalidInput:
        entry = f"key {change.key.hex()[:SHORT_HEX]}"
    if change.old is None:
        return f"{entry}: missing in the map"
    if change.new is None:
        return f"{entry}: in the map, but not made by the log"
    return f"{entry}: got {change.old.hex()} in the map, want {change.new.hex()}"
