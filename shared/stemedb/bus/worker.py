"""The one thread that touches a store's files.

File work blocks, so it may not run on the event loop; a store has one owner, so it may not run on two threads. A
``Worker`` is that owner: jobs run one at a time, in the order in which they were given.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import ParamSpec, Self, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


class Worker:
    """A single-writer thread; use as an async context manager, so that it ends when its store does."""

    def __init__(self, name: str) -> None:
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix=name)

    async def run(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run ``work(*args, **kwargs)`` on the thread and return what it returns, or raise what it raises.

        Cancelling the caller does not stop work that has begun: a commit is whole or not begun.
        """
        loop = asyncio.get_running_loop()
        return await asyncio.shield(loop.run_in_executor(self._pool, lambda: work(*args, **kwargs)))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # Begun work is finished, work not begun is dropped: its caller is gone.
        await asyncio.to_thread(self._pool.shutdown, wait=True, cancel_futures=True)
