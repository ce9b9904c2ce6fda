"""Records for tests: small, different from one another, and the same on every run."""

from stemedb.types import Hlc
from stemedb.wal import Record

SIGNATURE = bytes(range(96))


def make_record(number: int, *, size: int = 20) -> Record:
    """Return record `number`: payload of `size` bytes or a few more, accepted at clock reading ``1000 + number``."""
    canonical = b'{"n":%d}' % number
    return Record(
        kind=1 + number % 3,
        hlc=Hlc(900 + number),
        origin=("here", "elsewhere-1")[number % 2],
        accepted=Hlc(1000 + number),
        canonical=canonical + b"." * (size - len(canonical)),
        signature=SIGNATURE if number % 4 == 3 else b"",
    )


def make_records(start: int, end: int, *, size: int = 20) -> list[Record]:
    """Return the records ``[start, end)``."""
    return [make_record(number, size=size) for number in range(start, end)]
