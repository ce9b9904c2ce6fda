"""Keeping the memory of the process flat: what is not needed any more goes back to the kernel.

Two things would otherwise stay resident for ever:

* what a large batch needed. The allocator keeps freed memory for itself; after catching up with a million statements that was
  measured as 70 MB. `give_back` asks it to let go, where it is one that can be asked (glibc).
* the mapped id table. It is read at random, 75 bytes for each statement ever taken in, until all of it is resident. `mapped_bytes`
  tells how much that is, so that its owner can map it anew.
"""

import ctypes
import os
from pathlib import Path

MAPPED_BYTES_MAX = 72 << 20
"""Resident pages of mapped files, some 35 MB of them code, above which the reading thread lets the id table go. The ledger's own
bound is that of a writer and leaves no room for a cache of nodes."""

LARGE_BATCH = 2048
"""Entries in a batch after which there is something to give back; far above what a commit holds in ordinary running."""

_STATM = Path("/proc/self/statm")


def give_back() -> None:
    """Return freed memory to the kernel; takes milliseconds. Does nothing where the C library knows no such call."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)


def mapped_bytes() -> int:
    """Return how many bytes of mapped files are resident in this process."""
    shared_pages = int(_STATM.read_bytes().split()[2])
    return shared_pages * os.sysconf("SC_PAGE_SIZE")
