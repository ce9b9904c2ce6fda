"""Version vectors: how much of every peer's log one replica has taken in.

A vector maps the name of a peer to a log size. Because a log only grows, the vectors of a replica only grow, and two
vectors tell whether one replica has seen all that the other has::

              north  south  west
        A  =    7      4      -          A before B: B has taken in all that A has, and more
        B  =    7      5      2          B after A
        C  =    9      -      -          C and A are concurrent: each has something the other lacks

Invariants:

1. A vector never changes; every operation returns another one.
2. A size of 0 and no entry are the same, and only the latter is stored: equal knowledge is an equal vector.
3. ``merge`` is the pointwise maximum: commutative, associative, idempotent, and its result dominates both.

What it does not do: it does not prove anything. That the peer's log of that size is the same log everybody sees is
the business of checkpoints and consistency proofs.

Complexity: comparing is linear in the peers, and making a vector sorts them, which at a few dozen is the same.

Source: Parker et al., *Detection of Mutual Inconsistency in Distributed Systems*, IEEE TSE 1983.
"""

from collections.abc import Iterator, Mapping
from enum import Enum

from stemedb.types import LogSize


class Order(Enum):
    """How one vector stands to another."""

    EQUAL = "equal"
    BEFORE = "before"
    AFTER = "after"
    CONCURRENT = "concurrent"


class VersionVector(Mapping[str, LogSize]):
    """An immutable mapping of peer names to log sizes; peers at 0 are left out.

    Requires every size to be ``>= 0``; raises ``ValueError``.
    """

    __slots__ = ("_sizes",)

    def __init__(self, sizes: Mapping[str, int] | None = None) -> None:
        kept: dict[str, LogSize] = {}
        for peer, size in sorted((sizes or {}).items()):
            if size < 0:
                raise ValueError(f"log size of {peer}: got {size}, want at least 0")
            if size > 0:
                kept[peer] = LogSize(size)
        self._sizes = kept

    def __getitem__(self, peer: str) -> LogSize:
        return self._sizes[peer]

    def __iter__(self) -> Iterator[str]:
        return iter(self._sizes)

    def __len__(self) -> int:
        return len(self._sizes)

    def __eq__(self, other: object) -> bool:
        return self._sizes == other._sizes if isinstance(other, VersionVector) else NotImplemented

    def __hash__(self) -> int:
        return hash(tuple(self._sizes.items()))

    def __repr__(self) -> str:
        return f"VersionVector({self._sizes!r})"

    def size_of(self, peer: str) -> LogSize:
        """Return how much of `peer`'s log is taken in, 0 for one never heard of."""
        return self._sizes.get(peer, LogSize(0))

    def dominates(self, other: "VersionVector") -> bool:
        """Return whether everything in `other` is in this vector too: equal or after it."""
        return all(self.size_of(peer) >= size for peer, size in other.items())

    def compare(self, other: "VersionVector") -> Order:
        """Return how this vector stands to `other`; ``BEFORE`` means that `other` has more."""
        match self.dominates(other), other.dominates(self):
            case True, True:
                return Order.EQUAL
            case True, False:
                return Order.AFTER
            case False, True:
                return Order.BEFORE
            case _:
                return Order.CONCURRENT

    def merge(self, other: "VersionVector") -> "VersionVector":
        """Return the pointwise maximum: what is known when both are."""
        peers = self.keys() | other.keys()
        return VersionVector({peer: max(self.size_of(peer), other.size_of(peer)) for peer in peers})

    def advance(self, peer: str, size: int) -> "VersionVector":
        """Return the vector in which `peer` stands at `size` or where it stood, if that is further.

        News may arrive late and out of order, so a smaller size is old news and changes nothing.
        Requires ``size >= 0``; raises ``ValueError``.
        """
        return self.merge(VersionVector({peer: size}))
