"""Writing and reading the parts that requests and replies are made of.

===========  =========================================================================================
part         bytes
===========  =========================================================================================
number       7 bits per byte, lowest first, the high bit set in all but the last; shortest form only
row          `count` fields of one width, joined; the count stands before it or follows from what was asked
entry        number: how many bytes the key shares with the key of the entry before it in the message,
             number: the rest of the key in bytes, the rest; number: the value in bytes, the value
===========  =========================================================================================

A reader believes nothing. Every number has a bound, nothing is read past the end, each part has one spelling only, and what
breaks a rule raises the error that the caller chose: the server tells a client `InvalidRequest`, a client finds
a `ProofError` in what the server said.
"""

from collections.abc import Callable, Sequence
from typing import Final

from stemedb.errors import StemeError
from stemedb.mst.block import KEY_BYTES_MAX, VALUE_BYTES_MAX

Entry = tuple[bytes, bytes]
Wrong = Callable[[str], StemeError]
"""Makes the error to raise from what is wrong."""

ENTRY_OVERHEAD_MAX: Final = 6
"""Three numbers below 2**14 stand before and within an entry."""

_MORE: Final = 0x80


class Writer:
    """Bytes in the making; `last_key` is what the next entry's key is shortened by."""

    __slots__ = ("_last_key", "out")

    def __init__(self) -> None:
        self.out = bytearray()
        self._last_key = b""

    def __len__(self) -> int:
        return len(self.out)

    def number(self, value: int) -> None:
        """Add a number. Requires ``value >= 0``."""
        while value >= _MORE:
            self.out.append(value & 0x7F | _MORE)
            value >>= 7
        self.out.append(value)

    def row(self, fields: Sequence[bytes]) -> None:
        """Add fields of one width."""
        self.out += b"".join(fields)

    def ascending(self, numbers: Sequence[int]) -> None:
        """Add how many numbers there are and each as what it exceeds its least possible value by."""
        self.number(len(numbers))
        least = 0
        for value in numbers:
            self.number(value - least)
            least = value + 1

    def entry(self, key: bytes, value: bytes) -> None:
        """Add a key and its value."""
        shared = common_prefix(self._last_key, key)
        self.number(shared)
        self.number(len(key) - shared)
        self.out += key[shared:]
        self.number(len(value))
        self.out += value
        self._last_key = key


class Reader:
    """What is left of a message."""

    __slots__ = ("_at", "_data", "_last_key", "_wrong")

    def __init__(self, data: bytes, wrong: Wrong) -> None:
        self._data = data
        self._at = 0
        self._last_key = b""
        self._wrong = wrong

    def wrong(self, reason: str) -> StemeError:
        """Return the error for what is wrong here."""
        return self._wrong(f"offset {self._at}: {reason}")

    def number(self, what: str, most: int, least: int = 0) -> int:
        """Take a number. Raises unless ``least <= number <= most``."""
        data, at = self._data, self._at
        value = shift = 0
        while True:
            if at == len(data):
                raise self.wrong(f"{what}: ends early")
            byte = data[at]
            at += 1
            value |= (byte & 0x7F) << shift
            if byte < _MORE:
                break
            shift += 7
            if value > most or shift > most.bit_length() + 7:
                raise self.wrong(f"{what}: got more than {most}")
        if shift and not byte:
            raise self.wrong(f"{what}: not in its shortest form")
        if not least <= value <= most:
            raise self.wrong(f"{what}: got {value}, want {least} to {most}")
        self._at = at
        return value

    def take(self, what: str, count: int) -> bytes:
        """Take exactly `count` bytes."""
        end = self._at + count
        if end > len(self._data):
            raise self.wrong(f"{what}: got {len(self._data) - self._at} bytes, want {count}")
        taken = self._data[self._at : end]
        self._at = end
        return taken

    def row(self, what: str, count: int, width: int) -> list[bytes]:
        """Take `count` fields of `width` bytes."""
        data = self.take(what, count * width)
        return [data[at : at + width] for at in range(0, len(data), width)]

    def ascending(self, what: str, count_max: int, end: int) -> list[int]:
        """Take strictly ascending numbers below `end`."""
        numbers: list[int] = []
        least = 0
        for _ in range(self.number(f"number of {what}", count_max)):
            value = least + self.number(what, end)
            if value >= end:
                raise self.wrong(f"{what}: got {value}, want below {end}")
            numbers.append(value)
            least = value + 1
        return numbers

    def entry(self) -> Entry:
        """Take a key and its value."""
        last = self._last_key
        shared = self.number("shared key bytes", len(last))
        rest = self.take("key", self.number("key bytes", KEY_BYTES_MAX - shared))
        if shared < len(last) and rest[:1] == last[shared : shared + 1]:
            raise self.wrong("key: shares more bytes with the one before than it says")
        self._last_key = key = last[:shared] + rest
        return key, self.take("value", self.number("value bytes", VALUE_BYTES_MAX))

    def end(self) -> None:
        """Raise if anything is left."""
        if self._at != len(self._data):
            raise self.wrong(f"{len(self._data) - self._at} bytes left over")


def common_prefix(left: bytes, right: bytes) -> int:
    """Return how many leading bytes are equal. O(log n) comparisons of slices."""
    low, high = 0, min(len(left), len(right))
    if left[:high] == right[:high]:
        return high
    while low < high:
        middle = (low + high + 1) // 2
        if left[low:middle] == right[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low
