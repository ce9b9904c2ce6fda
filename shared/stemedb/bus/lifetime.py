"""When a service ends, and why: one object that every part may tell.

A service ends because it was asked to (a signal), or because something failed where no caller waits for the result: a
callback of the bus, a task beside the main one. Both end in the same place: ``wait`` returns, the composition root
unwinds its contexts in reverse order (stop accepting, finish, flush, close), and ``runtime.run`` turns the failure
into one line and an exit code.
"""

import asyncio

from stemedb.errors import StemeError


class Lifetime:
    """The end of one service. Owned by ``runtime.run``; only the event loop's thread may call it."""

    def __init__(self) -> None:
        self._ended = asyncio.Event()
        self.failure: StemeError | None = None

    @property
    def ending(self) -> bool:
        """Whether the service is going down: take no new work."""
        return self._ended.is_set()

    def stop(self) -> None:
        """Ask the service to end in an orderly way. Asking twice is the same as once."""
        self._ended.set()

    def fail(self, error: StemeError) -> None:
        """End the service because of `error`; the first failure is the one that is reported."""
        if self.failure is None:
            self.failure = error
        self._ended.set()

    async def wait(self) -> None:
        """Return when the service should end."""
        await self._ended.wait()
