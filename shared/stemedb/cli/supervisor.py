"""A few processes kept running as one: started in order, watched, restarted, and stopped together.

::

              start          ready?            exits
    ┌───────┐ ─────▶ ┌────────┐ ─────▶ ┌───────┐ ─────▶ 69, a signal, a crash: again, after a pause that doubles
    │ child │        │ starts │        │ ready │        70 or 78: everything stops, with the child's last words
    └───────┘ ◀───── └────────┘        └───────┘        too often: everything stops
               pause

A child that says 70 (bytes on disk are wrong, or a write failed) or 78 (the operator must change something) says
that starting it again cannot help. Any other end is taken for an accident: the child's own recovery is as good
after the fifth crash as after the first, so it is started again, at most `RESTARTS_MAX` times in `WINDOW_S`.

Invariants:

* Children lead process groups of their own, so the terminal's Ctrl-C reaches the supervisor alone, and it decides the order
  of going: last started, first stopped, and what does not go within `STOP_S` is killed.
* No child outlives the supervisor: if that is killed, the kernel sends its children SIGTERM (Linux).
* What a child writes goes to one file, kept for one more run as ``<name>.log.1``.
"""

import asyncio
import os
import signal
import sys
import time
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, NamedTuple

from stemedb.cli import exits
from stemedb.errors import Fatal, Refused, StemeError, Unavailable

READY_S: Final = 20.0
"""How long a child may take to become ready: recovery of a long log reads a few hundred megabytes."""
STOP_S: Final = 1.4
"""How long a service may take to stop before it is killed: what it needs is a commit and a flush."""
LAST_STOP_S: Final = 0.4
"""The same for what is stopped after the services; together they stay under the promised 2 s."""
POLL_S: Final = 0.05
PAUSE_S: Final = 0.2
PAUSE_S_MAX: Final = 5.0
RESTARTS_MAX: Final = 5
WINDOW_S: Final = 60.0
STEADY_S: Final = 10.0
"""Whoever ran this long was well, and its end is a new accident: the pause begins small again."""
TAIL_LINES: Final = 12
TAIL_BYTES: Final = 8192
FINAL_CODES: Final = frozenset({exits.FATAL, exits.REFUSED})

_PR_SET_PDEATHSIG: Final = 1
_FOLLOW: Final = f"""
import ctypes, os, sys
ctypes.CDLL(None).prctl({_PR_SET_PDEATHSIG}, {int(signal.SIGTERM)})
if os.getppid() != int(sys.argv[1]):  # the parent died before it could be followed
    sys.exit({exits.UNAVAILABLE})
os.execv(sys.argv[2], sys.argv[2:])
"""


@dataclass(frozen=True, slots=True)
class Child:
    """One process to keep running."""

    name: str
    command: Sequence[str]
    ready: Callable[[], Awaitable[bool]]
    environment: Mapping[str, str] = field(default_factory=dict)


class Event(NamedTuple):
    """Something that happened to a child; ``what`` is ready, restarting or stopped."""

    child: str
    what: str
    detail: str


class Supervisor:
    """Keeps children running until told to stop. Owns their processes; lives on one event loop."""

    def __init__(self, logs: Path, on_event: Callable[[Event], None] = lambda _event: None) -> None:
        self._logs = logs
        self._on_event = on_event
        self._processes: dict[str, asyncio.subprocess.Process] = {}
        self._suspended: dict[str, asyncio.Event] = {}
        self._stopping = False
        logs.mkdir(parents=True, exist_ok=True)

    def pid(self, name: str) -> int:
        """Return the process id of a child that has been started."""
        return self._processes[name].pid

    def log_file(self, name: str) -> Path:
        """Return the file that a child's output goes to."""
        return self._logs / f"{name}.log"

    async def keep(self, child: Child, ready: asyncio.Event) -> None:
        """Start ``child``, set ``ready`` when it first is, restart it when it dies; returns after :meth:`stop`.

        Raises what :func:`verdict` makes of an exit that a restart cannot mend.
        """
        self._rotate(child.name)
        ends: deque[float] = deque(maxlen=RESTARTS_MAX)
        pause_s = PAUSE_S
        while not self._over():
            started = time.monotonic()
            code = await self._run(child, ready)
            if self._over():
                return
            if (resumed := self._suspended.get(child.name)) is not None:
                await resumed.wait()
                self._suspended.pop(child.name, None)
                continue
            now = time.monotonic()
            if code in FINAL_CODES or (len(ends) == ends.maxlen and now - ends[0] < WINDOW_S):
                raise self.verdict(child.name, code)
            ends.append(now)
            pause_s = PAUSE_S if now - started > STEADY_S else pause_s
            self._on_event(Event(child.name, "restarting", f"{ending(code)}; again in {pause_s:.1f} s"))
            await asyncio.sleep(pause_s)
            pause_s = min(2 * pause_s, PAUSE_S_MAX)

    async def stop(self, names: Sequence[str], within_s: float = STOP_S) -> None:
        """Stop the named children together: SIGTERM, and SIGKILL for what is left after ``within_s``."""
        self._stopping = True
        self.resume(names)
        await self._end(names, within_s)
        for name in names:
            self._on_event(Event(name, "stopped", ""))

    async def suspend(self, names: Sequence[str]) -> None:
        """Stop the named children and keep them down until :meth:`resume`; how they end then is no accident."""
        for name in names:
            self._suspended[name] = asyncio.Event()
        await self._end(names, STOP_S)

    def resume(self, names: Sequence[str]) -> None:
        """Let those of the named children that are suspended be started again."""
        for name in names:
            if name in self._suspended:
                self._suspended[name].set()

    async def _end(self, names: Sequence[str], within_s: float) -> None:
        alive = [self._processes[name] for name in names if name in self._processes]
        alive = [process for process in alive if process.returncode is None]
        for process in alive:
            _signal(process, signal.SIGTERM)
        waits = [asyncio.ensure_future(process.wait()) for process in alive]
        if waits:
            await asyncio.wait(waits, timeout=within_s)
        for process, wait in zip(alive, waits, strict=True):
            if not wait.done():
                _signal(process, signal.SIGKILL)
                await wait

    def verdict(self, name: str, code: int) -> StemeError:
        """Return the error that says why everything stops: the child's exit code and its last words."""
        kind = {exits.REFUSED: Refused, exits.UNAVAILABLE: Unavailable}.get(code, Fatal)
        words = self.tail(name)
        error = kind(f"{name}: {ending(code)}" + (f": {words[-1]}" if words else ""))
        return exits.with_hint(error, f"read {self.log_file(name)}")

    def tail(self, name: str) -> list[str]:
        """Return the last lines of a child's output, oldest first."""
        try:
            with self.log_file(name).open("rb") as file:
                file.seek(max(0, file.seek(0, os.SEEK_END) - TAIL_BYTES))
                lines = file.read().decode(errors="replace").splitlines()
        except FileNotFoundError:
            return []
        return [line for line in lines if line.strip()][-TAIL_LINES:]

    def _over(self) -> bool:  # a call, since the answer changes while we wait, which no type checker sees
        return self._stopping

    async def _run(self, child: Child, ready: asyncio.Event) -> int:
        with self.log_file(child.name).open("ab") as log:
            process = await asyncio.create_subprocess_exec(
                *_following(child.command),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={**os.environ, **child.environment},
                start_new_session=True,
            )
        self._processes[child.name] = process
        if self._stopping:  # stop() ran while the process was being made, and has not seen it
            _signal(process, signal.SIGKILL)
        exited = asyncio.ensure_future(process.wait())
        try:
            if await self._wait_ready(child, exited):
                ready.set()
                self._on_event(Event(child.name, "ready", f"pid {process.pid}"))
            return await exited
        finally:
            exited.cancel()

    async def _wait_ready(self, child: Child, exited: "asyncio.Future[int]") -> bool:
        deadline = time.monotonic() + READY_S
        while time.monotonic() < deadline:
            if await child.ready():
                return True
            done, _ = await asyncio.wait([exited], timeout=POLL_S)
            if done:
                return False
        raise exits.with_hint(
            Unavailable(f"{child.name}: not ready after {READY_S:.0f} s"), f"read {self.log_file(child.name)}"
        )

    def _rotate(self, name: str) -> None:
        log = self.log_file(name)
        if log.exists():
            log.replace(log.with_suffix(".log.1"))


def ending(code: int) -> str:
    """Return how a process ended, in words: ``exited with code 70``, ``killed by SIGKILL``."""
    if code >= 0:
        return f"exited with code {code}"
    try:
        return f"killed by {signal.Signals(-code).name}"
    except ValueError:
        return f"killed by signal {-code}"


async def http_ready(host: str, port: int) -> bool:
    """Return whether ``/readyz`` of a service answers 200 right now."""
    try:
        reader, writer = await asyncio.open_connection(host, port)
    except OSError:
        return False
    try:
        writer.write(f"GET /readyz HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
        async with asyncio.timeout(1):
            status = await reader.readline()
    except (OSError, TimeoutError):
        return False
    finally:
        writer.close()
    return b" 200 " in status


async def nats_ready(host: str, port: int) -> bool:
    """Return whether a NATS server greets us on this port right now."""
    try:
        reader, writer = await asyncio.open_connection(host, port)
    except OSError:
        return False
    try:
        async with asyncio.timeout(1):
            greeting = await reader.readline()
    except (OSError, TimeoutError):
        return False
    finally:
        writer.close()
    return greeting.startswith(b"INFO ")


def _signal(process: asyncio.subprocess.Process, number: signal.Signals) -> None:
    try:
        process.send_signal(number)
    except ProcessLookupError:
        return  # it ended by itself a moment ago


def _following(command: Sequence[str]) -> Sequence[str]:
    """Return what runs ``command`` so that it is told when its parent is gone.

    A line of Python asks the kernel for it and then becomes the command; the wish survives exec. Doing the same between
    fork and exec would run Python in the copy of a process that may have threads.
    """
    if sys.platform != "linux":
        return command
    return [sys.executable, "-I", "-S", "-c", _FOLLOW, str(os.getpid()), *command]
