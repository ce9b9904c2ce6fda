"""The hybrid logical clock: one integer that is close to wall time and never contradicts causality.

A wall clock steps back, stands still, and differs from site to site. A logical clock orders cause before effect and
says nothing of the time of day. The hybrid keeps both: its reading is the largest wall clock *heard of* so far, and a
counter that moves when that does not::

    wall clock of A   10        11    11              |  wall clock of B is behind:      3         4
    reading of A     10.0      11.0  11.1 ──message───┼──────────────────────────────▶ 11.2      11.3

A reading is one unsigned integer of 64 bits, so comparing readings is comparing integers:

| bits   | what    | meaning                                                                 |
|--------|---------|-------------------------------------------------------------------------|
| 63..16 | ms      | Unix time in milliseconds, 0 <= ms < 2**48 (until the year 10889)        |
| 15..0  | counter | readings already given in this millisecond, 0 <= counter < 2**16        |

Packing makes the two rules of the paper one: *the next reading is the larger of ``last + 1`` and the wall clock with
counter 0*. When a counter is used up, ``last + 1`` carries into the milliseconds; the clock then runs ahead of the
wall by one millisecond for every 65,536 readings it gave too many, and waits there until the wall has caught up.

Invariants:

1. Every reading is larger than every reading this clock gave or received before, whatever the wall clock does.
2. A reading made after a receive is larger than what was received: cause before effect.
3. Apart from carries, the milliseconds of a reading never exceed the largest wall clock of any replica heard of, and
   what is received is at most ``DRIFT_MS_MAX`` ahead of the receiver's wall clock. What is further ahead is refused
   *and leaves no trace*: a single broken clock cannot drag the others into the future.
4. A clock made from the largest reading in a log goes on above it: a restart never goes back.

What it does not do: it reads no clock (``now_ms`` is an argument), it is not thread-safe (one writer owns it), and it
says nothing of concurrency: two readings always compare, even when neither caused the other (see ``vector`` for that).

Source: Kulkarni, Demirbas, Madappa, Avva, Leone, *Logical Physical Clocks*, OPODIS 2014.
"""

from typing import Final

from stemedb.errors import ClockDrift
from stemedb.types import Hlc

COUNTER_BITS: Final = 16
MS_BITS: Final = 48
COUNTER_MAX: Final = (1 << COUNTER_BITS) - 1
MS_MAX: Final = (1 << MS_BITS) - 1
HLC_MAX: Final = (1 << (MS_BITS + COUNTER_BITS)) - 1

NEW: Final = Hlc(0)
"""What the clock of a new replica starts from; no reading ever is 0."""

DRIFT_MS_MAX: Final = 60_000
"""How far ahead of the local wall clock a received reading may be, in milliseconds.

Machines that synchronise at all are within a second of each other; a minute leaves room for one that has just woken
up, and is short enough that the future it can push us into is over before anybody notices.
"""


def pack(ms: int, counter: int) -> Hlc:
    """Return the reading of `ms` and `counter`.

    Requires ``0 <= ms <= MS_MAX`` and ``0 <= counter <= COUNTER_MAX``; raises ``ValueError``.
    """
    _check_ms(ms)
    if not 0 <= counter <= COUNTER_MAX:
        raise ValueError(f"counter: got {counter}, want 0..{COUNTER_MAX}")
    return Hlc(ms << COUNTER_BITS | counter)


def unpack(reading: Hlc) -> tuple[int, int]:
    """Return the milliseconds and the counter of `reading`.

    Requires ``0 <= reading <= HLC_MAX``; raises ``ValueError``.
    """
    _check_reading(reading)
    return reading >> COUNTER_BITS, reading & COUNTER_MAX


def check_drift(remote: Hlc, now_ms: int) -> None:
    """Raise ``ClockDrift`` if `remote` is more than ``DRIFT_MS_MAX`` ahead of the wall clock `now_ms`.

    This is the test of ``HybridLogicalClock.receive`` on its own, for batches that must be refused as a whole
    before any of them is absorbed. Requires ``0 <= remote <= HLC_MAX`` and ``0 <= now_ms <= MS_MAX``.
    """
    _check_ms(now_ms)
    remote_ms, _ = unpack(remote)
    if remote_ms > now_ms + DRIFT_MS_MAX:
        raise ClockDrift(
            f"stamp is {remote_ms - now_ms} ms ahead of the local clock: "
            f"got {remote_ms}, want at most {now_ms + DRIFT_MS_MAX}"
        )


class HybridLogicalClock:
    """One replica's clock: mutable, owned by the single writer of its log.

    `last` is the largest reading known to have been given or received, ``NEW`` for a new replica; after a restart it is the
    largest stamp in the log. Requires ``0 <= last <= HLC_MAX``; raises ``ValueError``.
    """

    __slots__ = ("_last",)

    def __init__(self, last: Hlc = NEW) -> None:
        _check_reading(last)
        self._last = last

    def __repr__(self) -> str:
        ms, counter = unpack(self._last)
        return f"HybridLogicalClock(ms={ms}, counter={counter})"

    @property
    def last(self) -> Hlc:
        """The largest reading given or received so far."""
        return self._last

    def tick(self, now_ms: int) -> Hlc:
        """Return a new reading, larger than all before: for a local event or a message to send.

        `now_ms` is the wall clock in Unix milliseconds and may step back. Requires ``0 <= now_ms <= MS_MAX``.
        """
        return self.ticks(now_ms, 1)

    def ticks(self, now_ms: int, count: int) -> Hlc:
        """Reserve `count` readings that follow one another as integers and return the first.

        The readings are ``first, first + 1, ..., first + count - 1``; ``last`` becomes the final one. A batch that
        uses up the counter carries into the milliseconds. Requires ``count >= 1`` and ``0 <= now_ms <= MS_MAX``.
        """
        if count < 1:
            raise ValueError(f"count: got {count}, want at least 1")
        _check_ms(now_ms)
        first = max(self._last + 1, now_ms << COUNTER_BITS)
        self._last = _checked(first + count - 1)
        return Hlc(first)

    def receive(self, remote: Hlc, now_ms: int) -> Hlc:
        """Absorb the reading of a received message and return a new one, larger than it and than all before.

        Raises ``ClockDrift`` if `remote` is more than ``DRIFT_MS_MAX`` milliseconds ahead of `now_ms`; the clock is
        then as it was. Requires ``0 <= remote <= HLC_MAX`` and ``0 <= now_ms <= MS_MAX``.
        """
        check_drift(remote, now_ms)
        self._last = _checked(max(self._last + 1, remote + 1, now_ms << COUNTER_BITS))
        return self._last


def _check_ms(ms: int) -> None:
    if not 0 <= ms <= MS_MAX:
        raise ValueError(f"ms: got {ms}, want 0..{MS_MAX}")


def _check_reading(reading: int) -> None:
    if not 0 <= reading <= HLC_MAX:
        raise ValueError(f"reading: got {reading}, want 0..{HLC_MAX}")


def _checked(reading: int) -> Hlc:
    _check_reading(reading)
    return Hlc(reading)
