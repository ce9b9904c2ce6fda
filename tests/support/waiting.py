"""Waiting for a condition with a deadline, instead of sleeping and hoping."""

import asyncio
import os
import time
from collections.abc import Awaitable, Callable
from typing import Any

DEADLINE_S = 150.0
"""Nothing is waited for longer than it needs; a busy computer must not fail a test."""
STEP_S = 0.01
LOAD_MAX = 20.0
"""Beyond this a busy computer is no excuse."""


async def eventually(condition: Callable[[], Awaitable[Any] | Any], *, deadline_s: float = DEADLINE_S) -> Any:
    """Return what `condition` returns as soon as that is true; fail when it is not by the deadline."""
    end = time.monotonic() + deadline_s
    while True:
        value = condition()
        if isinstance(value, Awaitable):
            value = await value
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"not true after {deadline_s:g} s: {condition}")
        await asyncio.sleep(STEP_S)


def eventually_sync(condition: Callable[[], Any], *, deadline_s: float = DEADLINE_S) -> Any:
    """As ``eventually``, without an event loop."""
    end = time.monotonic() + deadline_s
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"not true after {deadline_s:g} s: {condition}")
        time.sleep(STEP_S)


def promised(seconds: float) -> float:
    """Return how long something may take here and now that takes `seconds` where nothing else runs.

    A promise about time is one about a computer with nothing else to do. Where each core has several processes waiting for it, as when the
    whole suite runs on a small one, a share of it is what they get.
    """
    waiting = os.getloadavg()[0] / (os.cpu_count() or 1)
    return seconds * min(max(1.0, 2 * waiting), LOAD_MAX)
