"""Waiting for a condition with a deadline, instead of sleeping and hoping."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

DEADLINE_S = 60.0
"""Nothing is waited for longer than it needs; a busy computer must not fail a test."""
STEP_S = 0.01


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
