"""From where on something is worth a look, and from where on it is an alarm. The only place that says so.

A pair of `Bounds` is a yellow and a red line in a panel, and a warning and a critical alert. Where there is no critical one the value
alone is never a reason to get up at night. Every number has its reason beside it; change it here, run ``make dashboards``,
and rules and panels follow.
"""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Bounds:
    """Two lines that a value may cross: upwards, unless `is_floor`."""

    warning: float
    critical: float | None = None
    is_floor: bool = False


LAG_S: Final = Bounds(30, 300)
"""Seconds behind a peer. Level replicas are some 10 ms apart and a restart takes seconds: half a minute is no hiccup."""

SILENT_S: Final = Bounds(10, 60)
"""Since a peer's last digest. One comes every 3 s; from 10 s on sync calls the peer down, after a minute it is no restart."""

SUCCESS_AGE_S: Final = Bounds(300)
"""Since everything the peer had signed was verified and durable here, which happens many times a minute."""

ROOTS_QUIET_S: Final = 120
"""Maps differ although logs are level and nothing is written. The tree path heals that within some 5 s."""

ROOTS_UNSEEN_EQUAL_S: Final = 3600
"""While writes never pause, roots are equal only for moments. Not one of them in an hour is too few."""

INDEX_LAG_STATEMENTS: Final = Bounds(20_000, 200_000)
"""Log entries that the map lacks: some one and some ten seconds of index's work."""

COMMIT_P99_S: Final = Bounds(0.25, 1.0)
"""A group commit takes 1 ms when idle and some 50 ms when full; a quarter of a second is a disk in trouble."""

REJECTED_RATIO: Final = Bounds(0.05)
"""Share of statements that are refused. A publisher with a mistake refuses far more than one in twenty."""

REJECTED_COUNT_MIN: Final = 20
"""In a quarter of an hour; fewer say nothing about a share."""

INTAKE_BACKLOG_S: Final = Bounds(60, 600)
"""How long the intake takes to drain at the present pace."""

INTAKE_FULL_RATIO: Final = Bounds(0.8, 0.95)
"""Of the stream's bound in bytes; at 1 publishers are refused."""

DISK_FREE_RATIO: Final = Bounds(0.15, 0.05, is_floor=True)
"""Left of the disk. A compaction of the map needs room for a second copy of it."""

DISK_FULL_WITHIN_S: Final = 24 * 3600
"""At the pace of the last six hours: a day, so that it is found in working hours."""

CLOCK_OFFSET_S: Final = Bounds(0.3, 5.0)
"""Between the clocks of two replicas. Stamps order claims: beyond this "first" means little."""

MEMORY_BYTES: Final = Bounds(400 << 20, 480 << 20)
"""Resident memory of one service, whose container has 512 MiB."""

RESTARTS: Final = Bounds(2)
"""Of one service in a quarter of an hour."""

TREE_ROUNDS_PER_HOUR: Final = Bounds(30)
"""The tree path is for repair. So many comparisons in an hour mean that something keeps breaking below the logs."""

SCAN_P99_S: Final = Bounds(4.0, 8.0)
"""Of one scan, cached files included; the last bucket of the histogram ends at 8.2 s, so more cannot be told apart."""
