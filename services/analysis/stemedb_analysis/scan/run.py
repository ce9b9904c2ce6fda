"""A whole scan: inputs in, observations out, in the order of the inputs whatever the number of processes.

::

    inputs ─▶ passed over? ─yes─▶ counted
                 │ no
              in the cache? ─yes─▶ its result
                 │ no
              a worker ─▶ its result, into the cache

A few small files are scanned in this process, if that can be interrupted (`scan.limits`): starting another takes longer than they do.
"""

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from typing import Final, NamedTuple

from stemedb_analysis.scan.cache import Cache
from stemedb_analysis.scan.limits import Work, can_interrupt, limited
from stemedb_analysis.scan.pool import Chunk, Pool
from stemedb_analysis.scan.result import FileResult, Scan, Tally
from stemedb_analysis.walk.inputs import NO_LANGUAGE, WORTH_A_NAME, Input, LineRanges

INLINE_BYTES_MAX: Final = 96 << 10
"""What is scanned without workers: some 30 ms of work, as much as it takes to have two of them at work."""
CHUNK_BYTES: Final = 192 << 10
CHUNK_FILES_MAX: Final = 64
"""A chunk is some 50 ms of work: long against the way to a worker and back, short against the end of a scan when all but one are idle."""
JOBS_MAX: Final = 64


class _Miss(NamedTuple):
    """A file that has to be scanned."""

    number: int
    input: Input
    key: bytes


def run(
    inputs: Iterable[Input],
    make: Callable[[], Work],
    *,
    jobs: int,
    cache: Cache,
    whole: bool,
    tally: Tally | None = None,
) -> Scan:
    """Scan what a walk hands on; `make` returns the function that scans one file.

    `whole` says that the walk covers the project, so that the cache may forget what it does not meet; who hands in a `tally` can watch it
    grow. Requires ``jobs >= 1``.
    """
    collected = _Collected(cache, tally or Tally())
    misses = collected.misses(inputs)
    first: list[_Miss] = []
    size = 0
    for miss in misses:
        first.append(miss)
        size += len(miss.input.data)
        if size > INLINE_BYTES_MAX or not can_interrupt():
            break
    else:
        if first:
            work = limited(make())
            for miss in first:
                collected.take(miss, work(miss.input.file, miss.input.data))
        return collected.finish(whole=whole)
    sent: deque[_Miss] = deque()
    with Pool(make, min(jobs, JOBS_MAX)) as pool:
        for results in pool.results(_chunks(chain(first, misses), sent)):
            for result in results:
                collected.take(sent.popleft(), result)
    return collected.finish(whole=whole)


def default_jobs() -> int:
    """Return how many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class _Collected:
    """What has been seen so far; what has nothing to say is counted and let go."""

    def __init__(self, cache: Cache, tally: Tally) -> None:
        self._cache = cache
        self._tally = tally
        self._kept: list[tuple[int, FileResult]] = []
        self._changed: dict[str, LineRanges] = {}
        self._timings: dict[str, float] = {}

    def misses(self, inputs: Iterable[Input]) -> Iterator[_Miss]:
        """Count what was passed over, take what is known, and yield the rest."""
        for number, one in enumerate(inputs):
            if one.reason:
                self._tally.skip(one.file, one.reason, by_name=one.reason in WORTH_A_NAME)
                continue
            miss = _Miss(number, one, self._cache.key(one.file, one.data))
            known = self._cache.get(miss.key)
            if known is None:
                yield miss
            else:
                self._tally.cached += not known.skipped
                self._add(miss, known)

    def take(self, miss: _Miss, result: FileResult) -> None:
        """Take what was made of a file."""
        for phase, seconds in result.timings:
            self._timings[phase] = self._timings.get(phase, 0.0) + seconds
        if not result.has_failed:  # what failed once may not fail again
            self._cache.put(miss.key, result._replace(timings=()))
        self._add(miss, result)

    def finish(self, *, whole: bool) -> Scan:
        """Return the scan, and let the cache keep it."""
        self._cache.save(whole=whole)
        self._kept.sort(key=lambda pair: pair[0])
        return Scan(
            [observation for _, result in self._kept for observation in result.observations],
            {result.file: result.notes for _, result in self._kept if result.notes},
            self._changed,
            self._tally,
            self._timings,
        )

    def _add(self, miss: _Miss, result: FileResult) -> None:
        if result.skipped:
            self._tally.skip(result.file, result.skipped, by_name=result.skipped != NO_LANGUAGE)
            return
        if result.has_failed:
            self._tally.fail(result)
            return
        self._tally.add(result, len(miss.input.data))
        if miss.input.lines is not None:
            self._changed[result.file] = miss.input.lines
        if result.observations or result.notes:
            self._kept.append((miss.number, result))


def _chunks(misses: Iterable[_Miss], sent: deque[_Miss]) -> Iterator[Chunk]:
    """Yield files in chunks; `sent` holds those that are under way, in order."""
    chunk: Chunk = []
    size = 0
    for miss in misses:
        sent.append(miss)
        chunk.append((miss.input.file, miss.input.data))
        size += len(miss.input.data)
        if size >= CHUNK_BYTES or len(chunk) == CHUNK_FILES_MAX:
            yield chunk
            chunk, size = [], 0
    if chunk:
        yield chunk
