"""``run``: from the settings to the exit code, the same for every service.

::

    settings ─▶ logs ─▶ uvloop ─▶ main(settings, lifetime) ─▶ exit code
                                    ▲
                        SIGTERM, SIGINT ─▶ lifetime.stop()

``main`` is the composition root. It opens its parts as nested contexts, waits for the lifetime to end, and closes them
in reverse order. It has ``DRAIN_S`` for that; then it is cancelled, and after ``CANCEL_S`` more the process ends
without it: a supervisor that sends SIGTERM sees the process gone within two seconds, whatever hangs.

Failures end here. ``StemeError`` becomes one line on standard error with what to do about it, and an exit code from
``exit_codes``. So does a path that is not there, is something else or may not be used (``PATH_ERRORS``): that is the
operator's to change. Anything else is our own bug: its traceback is logged, and it counts as fatal.
"""

import asyncio
import gc
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from typing import TypeVar

import uvloop
from prometheus_client import disable_created_metrics

from stemedb.bus import exit_codes, logs
from stemedb.bus.lifetime import Lifetime
from stemedb.bus.settings import ServiceSettings
from stemedb.errors import Fatal, Refused, StemeError

S = TypeVar("S", bound=ServiceSettings)

PATH_REMEDY = "set STEMEDB_DATA_DIR to a directory that this user may read and write"

DRAIN_S = 1.2
"""What an orderly end may take: a group commit and a flush are some tens of milliseconds."""

CANCEL_S = 0.2
"""What unwinding after a cancellation may take; together with ``DRAIN_S`` well below two seconds."""

PATH_ERRORS = (FileNotFoundError, FileExistsError, NotADirectoryError, IsADirectoryError, PermissionError)
"""What the system says of a path that was given wrongly. Other errors of a disk come typed from ``storage``."""

GC_THRESHOLDS = (50_000, 20, 100)
"""A batch holds thousands of short-lived messages; the default of 700 would scan them all again and again."""


def run(service: str, settings_type: type[S], main: Callable[[S, Lifetime], Awaitable[None]]) -> int:
    """Run a service until it ends and return its exit code; ``sys.exit`` it."""
    try:
        settings = settings_type.load()
    except Refused as error:
        return _report(service, error)
    logs.configure(settings.log_level, settings.log_format)
    disable_created_metrics()  # type: ignore[no-untyped-call]  # a second series per counter, which nobody reads
    gc.freeze()  # what imports made lives as long as the process and need not be scanned
    gc.set_threshold(*GC_THRESHOLDS)
    try:
        uvloop.run(_supervised(service, settings, main))
    except StemeError as error:
        return _report(service, error)
    return exit_codes.OK


def first_failure(error: BaseException) -> BaseException:
    """Return what really failed inside nested exception groups: the gravest, by the order of ``exit_codes``."""
    if not isinstance(error, BaseExceptionGroup):
        return error
    leaves = [first_failure(inner) for inner in error.exceptions]
    return next((leaf for leaf in leaves if isinstance(leaf, Fatal)), leaves[0])


async def _supervised(service: str, settings: S, main: Callable[[S, Lifetime], Awaitable[None]]) -> None:
    lifetime = Lifetime()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, lifetime.stop)
    log = logs.logger(service=service, replica=settings.replica)
    body = asyncio.ensure_future(main(settings, lifetime))
    ending = asyncio.ensure_future(lifetime.wait())
    try:
        await asyncio.wait((body, ending), return_when=asyncio.FIRST_COMPLETED)
        if lifetime.ending:
            log.info("stopping")
            await asyncio.wait((body,), timeout=DRAIN_S)
        if not body.done():
            log.warning("drain cut short", after_s=DRAIN_S)
            body.cancel()
            await asyncio.wait((body,), timeout=CANCEL_S)
            _leave_at_once(service, lifetime)
    finally:
        ending.cancel()
    failure = None if body.cancelled() else body.exception()
    if lifetime.failure is not None:
        raise lifetime.failure
    if failure is not None:
        cause = first_failure(failure)
        if isinstance(cause, StemeError):
            raise cause
        if isinstance(cause, PATH_ERRORS) and cause.filename is not None:
            raise Refused(f"{cause.filename}: {cause.strerror}; {PATH_REMEDY}") from cause
        log.error("unexpected error", exc_info=(type(cause), cause, cause.__traceback__))
        raise Fatal(f"unexpected {type(cause).__name__}: {cause}; the log has the traceback") from cause
    log.info("stopped")


def _leave_at_once(service: str, lifetime: Lifetime) -> None:
    # A thread may hang in a system call, and the interpreter's own way out would wait for it. Nothing that was
    # acknowledged depends on what is skipped here, as after kill -9.
    code = exit_codes.OK if lifetime.failure is None else _report(service, lifetime.failure)
    sys.stdout.flush()
    os._exit(code)


def _report(service: str, error: StemeError) -> int:
    print(f"stemedb {service}: {exit_codes.one_line(error)}", file=sys.stderr, flush=True)  # noqa: T201 - the one line
    return exit_codes.exit_code(error)
