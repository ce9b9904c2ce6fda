"""The ledger's signed checkpoint: ``log/checkpoint``, a C2SP signed note of size and root.

It is overwritten in place after every append, by one small write without a sync: replacing the file by renaming would cost more
than the rest of a commit, since file systems flush on it. So a reader may, rarely, meet a half-written note. It checks the signature and
reads again.

It is not derived. A checkpoint is a promise to those who saw it, so a log that contradicts it is refused, and computing the
derived files again leaves it alone.
"""

import os
from typing import Final

from stemedb.errors import Corruption, NotFound, ProofError
from stemedb.merkle import Checkpoint, log_origin
from stemedb.merkle.note import public_key
from stemedb.storage.files import SYSTEM, Operations, fdatasync, open_for_writing, pwrite_all, truncate
from stemedb.storage.replica import ReplicaDirectory

FILE_NAME: Final = "checkpoint"
READ_ATTEMPTS_MAX: Final = 16  # the writer is inside the one write for about a microsecond per commit


class CheckpointFile:
    """The file, open for the ledger's writer."""

    def __init__(self, replica: ReplicaDirectory, operations: Operations = SYSTEM) -> None:
        """Open the file, making it if it is missing."""
        self._replica = replica
        self._operations = operations
        self._path = replica.log / FILE_NAME
        self._fd = open_for_writing(self._path)
        self._length = os.fstat(self._fd).st_size

    def write(self, checkpoint: Checkpoint) -> bytes:
        """Sign `checkpoint`, write the note, and return it. Not durable; raises `DurabilityLost`."""
        note = checkpoint.sign(self._replica.seed)
        if len(note) < self._length:  # only after damage: a note grows with the digits of the size
            truncate(self._fd, 0, self._path, self._operations)
        pwrite_all(self._fd, note, 0, self._path, self._operations)
        self._length = len(note)
        return note

    def sync(self) -> None:
        """Make the note durable; raises `DurabilityLost`."""
        fdatasync(self._fd, self._path, self._operations)

    def close(self) -> None:
        """Close the file; closing twice does nothing."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1


def read_note(replica: ReplicaDirectory) -> bytes:
    """Return the newest signed note, verified; raises `NotFound` if there is none yet, `Corruption` if it does not verify."""
    path = replica.log / FILE_NAME
    for _ in range(READ_ATTEMPTS_MAX):
        try:
            note = path.read_bytes()
        except FileNotFoundError:
            note = b""
        if not note:
            raise NotFound(f"{replica.path}: the ledger has no checkpoint yet: start ingest")
        try:
            Checkpoint.open(note, log_origin(replica.name), public_key(replica.seed))
        except ProofError as error:
            reason = str(error)
        else:
            return note
    raise Corruption(path, 0, f"{reason}: remove the file if you trust the write-ahead log")


def read_checkpoint(replica: ReplicaDirectory, *, strict: bool) -> Checkpoint | None:
    """Return the checkpoint, ``None`` if there is none.

    One that does not verify raises `Corruption` if `strict`, and counts as none otherwise: after a crash of the
    operating system the file may be torn.
    """
    try:
        note = read_note(replica)
    except NotFound:
        return None
    except Corruption:
        if strict:
            raise
        return None
    return Checkpoint.open(note, log_origin(replica.name), public_key(replica.seed))
