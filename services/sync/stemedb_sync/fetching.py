"""Fetching statements from a peer by their place in its log, for what its pages only name."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from google.protobuf.message import DecodeError

from stemedb.bus import messages
from stemedb.errors import ProofError
from stemedb.statements import statement_id
from stemedb.types import Stamp
from stemedb.v1 import base_pb2, sync_pb2
from stemedb_sync.page import Page
from stemedb_sync.store import Arrival

ORIGIN_GRACE_S: Final = 0.05
"""A statement that another live peer stamped comes from there in full; this long it is not fetched from somebody else."""


class Fetching:
    """Fetches from one peer."""

    def __init__(
        self,
        own: str,
        *,
        ask: Callable[[str, bytes], Awaitable[bytes]],
        still_missing: Callable[[Sequence[bytes]], Awaitable[set[bytes]]],
        live_origins: Callable[[], frozenset[str]],
    ) -> None:
        """`still_missing` returns which of the ids our ledger does not hold by now; the others are as in `tail.World`."""
        self._own = own
        self._ask = ask
        self._still_missing = still_missing
        self._live_origins = live_origins

    async def of_page(self, page: Page, missing: list[int]) -> list[Arrival]:
        """Return the statements at these offsets of `page`, unless they come from elsewhere in the meantime.

        Raises `ProofError` for bytes that are not those of the ids in the page.
        """
        elsewhere = self._live_origins()
        if any(page.origins[offset] in elsewhere for offset in missing):
            await asyncio.sleep(ORIGIN_GRACE_S)
            lacking = await self._still_missing([page.ids[offset] for offset in missing])
            missing = [offset for offset in missing if page.ids[offset] in lacking]
        fetched: list[Arrival] = []
        while missing:
            indices = [page.start + offset for offset in missing]
            found, done = await self.at(indices)
            for arrival in found:
                if statement_id(arrival.canonical) != page.ids[arrival.index - page.start]:
                    raise ProofError(
                        f"statement {arrival.index}: its bytes are not those of the id in the log"
                    )
            fetched += found
            missing = missing[done:]
        return fetched

    async def at(self, indices: list[int]) -> tuple[list[Arrival], int]:
        """Ask once for the statements at `indices` of the peer's log; return them and how many indices that answers."""
        request = sync_pb2.FetchRequest(replica=self._own, indices=indices)
        data = await self._ask("fetch", request.SerializeToString())
        try:
            reply = sync_pb2.FetchReply.FromString(data)
        except DecodeError as error:
            raise ProofError(f"not a FetchReply: {error}") from None
        positions = list(reply.positions)
        if (
            len(positions) != len(reply.statements)
            or positions != list(range(len(positions)))
            or not positions
        ):
            raise ProofError(
                f"fetch: got {len(positions)} statements for {len(indices)} entries of its own log"
            )
        if len(positions) > len(indices) or (len(positions) < len(indices)) != reply.cut:
            raise ProofError(f"fetch: got {len(positions)} of {len(indices)} statements")
        arrivals = [
            Arrival(index, given.canonical, given.signature, _stamp(given.stamp))
            for index, given in zip(indices, reply.statements, strict=False)
        ]
        return arrivals, len(positions)


def _stamp(given: base_pb2.Stamp) -> Stamp:
    """Return a stamp from a peer; raises `ProofError` for one that nobody can have given."""
    try:
        return messages.Stamp(ms=given.ms, counter=given.counter, origin=given.origin).core
    except ValueError as error:
        raise ProofError(f"fetch: not a stamp: {error}") from None
