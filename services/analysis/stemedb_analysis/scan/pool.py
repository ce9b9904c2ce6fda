"""Workers: processes that scan chunks of files, of which any may die or hang without the scan noticing more than one lost file.

::

    chunks ──▶ worker 1 ──┐
           ──▶ worker 2 ──┼──▶ answers, handed on in the order of the chunks
           ──▶ …        ──┘

Threads would not help, since parsers hold the interpreter's lock. Workers are forked where that is safe: they have the compiled rules
already and are ready within milliseconds. A process with threads has them forked from another that has none, which is started once and
has read the rules (`scan.warm`); where there is no forking they start afresh.

Invariants:

* A worker has at most one chunk, and is sent the next when it has answered: neither side ever waits to write while the other does.
* What is sent is bytes, not names: a worker sees the file that was read.
* A chunk that kills its worker, or takes too long, is given again file by file; the file that does it once more is reported as a fault
  and the others go on. So the answer does not depend on which files were neighbours.
* Answers wait for those before them. At most `AHEAD` chunks per worker are under way, so memory is bounded.
* No worker outlives the pool.
"""

import gc
import multiprocessing
import pickle
import resource
import signal
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from multiprocessing.connection import Connection, wait
from typing import Any, Final, NamedTuple, Self

from stemedb_analysis.scan import limits
from stemedb_analysis.scan.limits import Work
from stemedb_analysis.scan.result import FileResult

CHUNK_S: Final = 300.0
"""By the clock, for a chunk: only a worker that does nothing at all any more takes so long."""
DYING_S: Final = 10.0
"""For a process that has let go of its pipe to be gone."""
AHEAD: Final = 4
WORKER_MEMORY_BYTES_MAX: Final = 2 << 30
"""Address space of a worker: a file that makes a parser ask for more ends that worker, and not the computer."""

Chunk = list[tuple[str, bytes]]
"""Files by name, each with its bytes."""


class _Task(NamedTuple):
    number: int
    """Which chunk this is a part of."""
    part: int
    """Where in the chunk it begins."""
    files: Chunk
    alone: bool
    """One file, given by itself because its chunk came to grief."""


class _Worker:
    """A process and our end of the pipe to it."""

    def __init__(self, context: Any, make: Callable[[], Work]) -> None:
        ours, theirs = context.Pipe()
        self.pipe: Connection = ours
        self.process = context.Process(target=_serve, args=(theirs, make), daemon=True)
        self.process.start()
        theirs.close()
        self.task: _Task | None = None
        self.deadline = 0.0

    def give(self, task: _Task) -> None:
        self.task = task
        self.deadline = time.monotonic() + CHUNK_S
        with suppress(BrokenPipeError):  # it is dead, which reading from it will show
            self.pipe.send_bytes(pickle.dumps(task.files, pickle.HIGHEST_PROTOCOL))

    def end(self) -> str:
        """Stop the process, and return what had become of it."""
        # Its end of the pipe is gone a moment before the process is; one that hangs is not waited for.
        self.process.join(0 if time.monotonic() >= self.deadline else DYING_S)
        code = self.process.exitcode
        self.process.kill()
        self.process.join()
        self.process.close()
        self.pipe.close()
        if code == -signal.SIGPROF:
            return limits.too_long()
        return f"took more than {CHUNK_S:g} s" if code is None else "ended the process that read it"


class Pool:
    """So many workers; a context manager. `make` gives a worker its function, in the worker if it is started afresh."""

    def __init__(self, make: Callable[[], Work], jobs: int) -> None:
        """Requires ``jobs >= 1``. `make` must be importable by name if the process has threads."""
        if jobs < 1:
            raise ValueError(f"got {jobs} jobs, want at least 1")
        self._context = _context()
        # What is forked inherits what was made; it need not be made in every worker.
        self._make = _made(make()) if self._context.get_start_method() == "fork" else make
        self._jobs = jobs
        self._workers: list[_Worker] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for worker in self._workers:
            worker.deadline = 0.0
            worker.end()
        self._workers.clear()

    def results(self, chunks: Iterable[Chunk]) -> Iterator[list[FileResult]]:
        """Yield for each chunk the results of its files, in order."""
        source = iter(chunks)
        exhausted = False
        waiting: deque[_Task] = deque()
        unfinished: dict[int, list[FileResult | None]] = {}
        taken = handed = 0
        while True:
            while not exhausted and not waiting and len(unfinished) < AHEAD * self._jobs:
                chunk = next(source, None)
                if chunk is None:
                    exhausted = True
                    break
                unfinished[taken] = [None] * len(chunk)
                waiting.append(_Task(taken, 0, chunk, alone=False))
                taken += 1
                self._hand_out(waiting)
            self._hand_out(waiting)
            while handed in unfinished and None not in unfinished[handed]:
                yield [result for result in unfinished.pop(handed) if result is not None]
                handed += 1
            if exhausted and not unfinished:
                return
            for task, results in self._answers(waiting):
                unfinished[task.number][task.part : task.part + len(results)] = results

    def _hand_out(self, waiting: deque[_Task]) -> None:
        idle = [worker for worker in self._workers if worker.task is None]
        while waiting and (idle or len(self._workers) < self._jobs):
            if not idle:
                self._workers.append(_Worker(self._context, self._make))
                idle.append(self._workers[-1])
            idle.pop().give(waiting.popleft())

    def _answers(self, waiting: deque[_Task]) -> list[tuple[_Task, list[FileResult]]]:
        """Wait until a worker has answered or has to be given up, and return what is known then."""
        busy = [worker for worker in self._workers if worker.task is not None]
        if not busy:
            return []
        left = min(worker.deadline for worker in busy) - time.monotonic()
        ready = wait([worker.pipe for worker in busy], max(0.0, left))
        answered = []
        for worker in busy:
            task = worker.task
            assert task is not None
            if worker.pipe in ready:
                try:
                    results: list[FileResult] = pickle.loads(worker.pipe.recv_bytes())  # noqa: S301 - from our own process
                except (EOFError, ConnectionResetError):
                    answered += self._lost(worker, task, waiting)
                    continue
                worker.task = None
                answered.append((task, results))
            elif time.monotonic() >= worker.deadline:
                answered += self._lost(worker, task, waiting)
        return answered

    def _lost(
        self, worker: _Worker, task: _Task, waiting: deque[_Task]
    ) -> list[tuple[_Task, list[FileResult]]]:
        self._workers.remove(worker)
        why = worker.end()
        if task.alone:
            return [(task, [FileResult(task.files[0][0], faults=(why,))])]
        waiting.extendleft(
            _Task(task.number, part, [one], alone=True) for part, one in reversed(list(enumerate(task.files)))
        )
        return []


def _made(work: Work) -> Callable[[], Work]:
    return lambda: work


def _context() -> Any:
    """Return how processes are started: forked, from another process if threads of this one could hold a lock just then."""
    methods = multiprocessing.get_all_start_methods()
    if "fork" in methods and threading.active_count() == 1:
        return multiprocessing.get_context("fork")
    if "forkserver" not in methods:
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["stemedb_analysis.scan.warm"])
    return context


def _serve(pipe: Connection, make: Callable[[], Work]) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the parent ends us
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    with suppress(ValueError, OSError):  # where the limit is lower already
        resource.setrlimit(
            resource.RLIMIT_AS, (WORKER_MEMORY_BYTES_MAX, resource.getrlimit(resource.RLIMIT_AS)[1])
        )
    work = make()
    gc.freeze()  # what was there before the fork stays shared
    gc.disable()  # facts are tuples and form no cycles
    with suppress(EOFError, BrokenPipeError, ConnectionResetError):
        while True:
            files: Chunk = pickle.loads(pipe.recv_bytes())  # noqa: S301 - from our own process
            results = []
            for file, data in files:
                # Ends this process in the midst of whatever it does, the parsers' own code included.
                signal.setitimer(signal.ITIMER_PROF, limits.FILE_CPU_S)
                results.append(work(file, data))
            signal.setitimer(signal.ITIMER_PROF, 0)
            pipe.send_bytes(pickle.dumps(results, pickle.HIGHEST_PROTOCOL))
            gc.collect(0)
