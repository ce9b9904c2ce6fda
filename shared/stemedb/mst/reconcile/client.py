"""Finding the differences from a remote map: the asking side, without any I/O.

::

    Reconciliation(tree, root, nonce)
         │
         ├─ requests() ──▶ [bytes, …] ──── the caller sends them, in any order or at once ────▶ peers
         │                                                                                       │
         ├─ fold(index, reply) ◀────────────────── each reply as it comes ───────────────────────┘
         │        until no request of the round is open, then again from requests()
         ▼
      finished ──▶ outcome: missing, surplus, proven, traffic

Breadth first: all regions that still differ are asked about together, so a round is one request (more only if one would
grow too large), and two levels of the tree are passed per round: the request carries our digests of one level, the reply the
remote's of the next. A hundred differences in a million keys take four rounds, five if one of them lies high in the tree.

*Convergence.* Let A pull from B's root and take over what is missing, and B from A's, each joining value by value. The join being
commutative, associative and idempotent, both then hold, key by key, the join of what the two had, the same map, the same root.
If a map moved meanwhile, or an outcome was not complete, each pull has still moved the puller up in the semilattice: repeated
while writes pause it ends there, and a pull from an equal root sends nothing.

*What is believed.* Nothing before the end. Differences found under short digests are applied to the snapshot in memory and must
give the announced root; if they do not, or if answers contradict one another before, everything is repeated at full width, and
whoever fails there has lied. Only an outcome that is cut short by a limit is not proven; what it holds is still of use to
who can judge entries by themselves.

*What is known of keys that only we hold.* For one side's pull they do not matter, the peer pulls them itself. They are known
exactly all the same, since the proof needs them: leaf by leaf, or as whole regions that are read only when iterated over.

Bounds: bytes and number of the replies, entries (`ClientLimits`), the number of keys that the peer announced. Work and memory per
byte received are bounded, as regions of one round are disjoint parts of our own tree. A reply that breaks a rule raises
`ProofError`, after which the reconciliation is dead; `NotFound` says that the peer has no such root any more: begin anew with its new one.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from heapq import merge
from operator import itemgetter
from typing import Final, NamedTuple

from stemedb.errors import ProofError
from stemedb.mst.diff import Change
from stemedb.mst.node import EMPTY_ROOT
from stemedb.mst.reconcile.carve import held
from stemedb.mst.reconcile.descent import Descent
from stemedb.mst.reconcile.region import Ask, Contradiction, Region
from stemedb.mst.reconcile.replay import entries_in, root_after
from stemedb.mst.reconcile.request import ITEMS_MAX, Path, encode_item, encode_request
from stemedb.mst.reconcile.short import FULL_BYTES, SHORT_BYTES, Shortener
from stemedb.mst.reconcile.summary import read_head
from stemedb.mst.reconcile.wire import Reader
from stemedb.mst.tree import Tree
from stemedb.types import Digest

ROUNDS_MAX: Final = 512
"""Rounds before the peer is taken for one that plays for time: an honest one fills its replies."""

_HEAD_BYTES: Final = 64
"""More than the fields of a request before its items."""


class ClientLimits(NamedTuple):
    """What one reconciliation may take. Past the last two it ends early and is not proven; the others are errors."""

    request_bytes: int = 256 << 10
    reply_bytes: int = 1 << 20
    rounds: int = ROUNDS_MAX
    requests_per_round: int = 16
    differences: int = 200_000
    traffic_bytes: int = 64 << 20


USUAL: Final = ClientLimits()


@dataclass(frozen=True, slots=True)
class Traffic:
    """What went over the wire, in bytes and messages."""

    rounds: int
    requests: int
    sent_bytes: int
    received_bytes: int


class Outcome:
    """The end of a reconciliation.

    `missing` is what the remote has and we lack or have with another value, as changes from ours to the remote's in key order.
    `proven` says that this and the surplus are the exact difference of the two maps.
    """

    __slots__ = ("_regions", "_surplus", "_tree", "missing", "proven", "traffic", "width")

    def __init__(self, tree: Tree, descent: Descent, *, proven: bool, traffic: Traffic, width: int) -> None:
        self._tree = tree
        self.missing: list[Change] = sorted(descent.missing, key=itemgetter(0))
        self._surplus = sorted(descent.surplus, key=itemgetter(0))
        self._regions = sorted(descent.surplus_regions, key=lambda region: region.low or b"")
        self.proven = proven
        self.traffic = traffic
        self.width = width

    def surplus(self) -> Iterator[Change]:
        """Yield what only we hold, in key order, reading as it goes."""
        return merge(self._surplus, self._of_regions(), key=itemgetter(0))

    def changes(self) -> Iterator[Change]:
        """Yield all differences from our map to the remote one, in key order."""
        return merge(self.missing, self.surplus(), key=itemgetter(0))

    def _of_regions(self) -> Iterator[Change]:
        for region in self._regions:
            for key, value in entries_in(self._tree.store, region):
                yield Change(key, value, None)


class Reconciliation:
    """One run against one remote root. Single owner; the tree must stay a snapshot while it lasts."""

    def __init__(
        self,
        tree: Tree,
        root: Digest,
        nonce: bytes,
        *,
        keys_max: int | None = None,
        width: int = SHORT_BYTES,
        limits: ClientLimits = USUAL,
    ) -> None:
        """Begin. Requires 16 random bytes as `nonce`, drawn for this run, and ``1 <= width <= 32``.

        `keys_max` is how many keys the remote map has, where that is known: a server that sends more is caught early.
        """
        self._tree = tree
        self._root = root
        self._nonce = nonce
        self._keys_max = keys_max
        self._limits = limits
        self._rounds = self._requests = self._sent = self._received = 0
        self._open: dict[int, list[Ask]] = {}
        self._contradicted = False
        self._outcome: Outcome | None = None
        self._begin(width)

    @property
    def finished(self) -> bool:
        """Whether there is an outcome."""
        return self._outcome is not None

    @property
    def outcome(self) -> Outcome:
        """What was found. Requires `finished`."""
        if self._outcome is None:
            raise ValueError("the reconciliation is not finished")
        return self._outcome

    def requests(self) -> list[bytes]:
        """Return the requests of the next round, none if finished. Requires every reply of the last one folded."""
        if self._open:
            raise ValueError(f"{len(self._open)} requests of this round are still open")
        if self.finished:
            return []
        if self._rounds == self._limits.rounds:
            raise ProofError(f"reconciliation: not done after {self._rounds} rounds")
        descent = self._descent
        queue = sorted(descent.asks, key=lambda ask: ask.region.path)
        descent.asks = []
        raws: list[bytes] = []
        while queue and len(raws) < self._limits.requests_per_round:
            raw, taken = self._pack(queue)
            self._open[len(raws)] = queue[:taken]
            del queue[:taken]
            raws.append(raw)
        descent.asks = queue
        self._rounds += 1
        self._requests += len(raws)
        self._sent += sum(map(len, raws))
        return raws

    def fold(self, index: int, reply: bytes) -> None:
        """Take the reply to request `index` of this round.

        Raises `NotFound` if the peer does not have the root any more, `ProofError` if the reply is none that an honest server
        could give; the reconciliation is then over. Raises ``ValueError`` unless that request is open.
        """
        if index not in self._open:
            raise ValueError(f"request {index} of this round is not open")
        asks = self._open[index]
        self._received += len(reply)
        if len(reply) > self._limits.reply_bytes:
            raise ProofError(
                f"subtree reply: got {len(reply)} bytes, want at most {self._limits.reply_bytes}"
            )
        reader, answered = read_head(reply, len(asks))
        try:
            if not self._contradicted:
                self._take(asks, answered, reader)
        except Contradiction:
            if self._width == FULL_BYTES:
                raise
            self._contradicted = True
        del self._open[index]
        if not self._open:
            self._advance()

    def _begin(self, width: int) -> None:
        self._width = width
        self._contradicted = False
        self._shorten = Shortener(self._nonce, width)
        self._descent = Descent(self._tree, self._shorten)
        if self._root == self._tree.root_digest:
            self._descent.asks.clear()
            self._finish(proven=True)
        elif self._root == EMPTY_ROOT:
            self._descent.asks.clear()
            self._descent.surplus_regions.append(Region((), 0, None, None, held(self._tree.root)))
            self._finish(proven=True)

    def _take(self, asks: list[Ask], answered: int, reader: Reader) -> None:
        descent = self._descent
        for ask in asks[:answered]:
            descent.fold(ask, reader)
        reader.end()
        descent.asks += asks[answered:]
        found = len(descent.missing)
        if self._keys_max is not None and found > self._keys_max:
            raise ProofError(
                f"reconciliation: got {found} entries, want at most the {self._keys_max} announced"
            )

    def _advance(self) -> None:
        """Decide what follows a round."""
        if self._contradicted:
            self._begin(FULL_BYTES)
            return
        descent, limits = self._descent, self._limits
        differences = len(descent.missing) + len(descent.surplus)
        traffic = self._sent + self._received
        if differences > limits.differences or traffic > limits.traffic_bytes:
            self._finish(proven=False)
        elif not descent.asks:
            self._prove()

    def _prove(self) -> None:
        descent = self._descent
        got = root_after(self._tree, descent.missing, descent.surplus, descent.surplus_regions)
        if got == self._root:
            self._finish(proven=True)
        elif self._width < FULL_BYTES:
            self._begin(FULL_BYTES)
        else:
            raise ProofError(
                f"reconciliation: the differences lead to root {got.hex()[:8]}, want {self._root.hex()[:8]}"
            )

    def _finish(self, *, proven: bool) -> None:
        traffic = Traffic(self._rounds, self._requests, self._sent, self._received)
        self._outcome = Outcome(self._tree, self._descent, proven=proven, traffic=traffic, width=self._width)

    def _pack(self, queue: list[Ask]) -> tuple[bytes, int]:
        """Return a request of as many asks as fit, at least one, and how many these are."""
        items: list[bytes] = []
        size = _HEAD_BYTES
        before: Path = ()
        for ask in queue[:ITEMS_MAX]:
            item = encode_item(ask.item(self._tree.store, self._shorten), before)
            size += len(item)
            if items and size > self._limits.request_bytes:
                break
            items.append(item)
            before = ask.region.path
        return encode_request(self._width, self._nonce, self._root, items), len(items)
