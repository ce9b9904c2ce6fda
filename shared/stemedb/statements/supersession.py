"""Supersession: which claims later claims have taken the place of.

Statements never change. Who was wrong, knows more or takes something back says so in a *new* assertion that names the
old ones, and readers follow the names. The claims and their names form a graph; time runs to the right::

    A ◀── B ◀── C          a chain: C is its head, A, B, C is the history of C
          ▲
          └──── D          a fork: B was superseded twice, and neither C nor D knows of the other
    X ◀── Y                a second head, unless Y retracts X

What the four relations mean to a reader, decided here and nowhere else:

| relation | what is superseded | the superseding claim itself                                           |
|----------|--------------------|------------------------------------------------------------------------|
| corrects | no longer stands   | stands: the value was wrong, this is the right one                     |
| refines  | no longer stands   | stands: the same, said more precisely                                  |
| replaces | no longer stands   | stands: the world has changed                                          |
| retracts | no longer stands   | does not stand: it says what no longer holds and puts nothing forward  |

* A claim that is superseded once stays superseded. Superseding the superseder does not bring it back, so no claim that
  arrives later can; to bring a value back, claim it anew.
* The lifecycle of the superseding claim does not matter: an assertion with lifecycle *rejected* that supersedes a
  proposal is how a proposal comes to be rejected.
* Who may supersede whom is not asked here. A replica's signing policy says whose statements are taken in.

Epochs supersede epochs, and one that is superseded is *retired*, whatever the relation and whether or not its own
statement has arrived: the claims made in it name it by its id.

Invariants:

1. Every answer is a function of the set of claims: order and repetition do not matter.
2. Named ids that are not among the claims are *dangling*: allowed, reported, and without effect. They may be on
   their way from another replica.
3. A cycle cannot come from honest hashes, since each id would have to be known before the other. It is refused as
   corrupt input, naming the claims; nothing here recurses, so chains of any length work.

Complexity: building is O(n log n) in claims and names, each answer is linear in what it looks at.
"""

from collections.abc import Iterable
from heapq import heapify, heappop, heappush
from typing import Final, NamedTuple

from msgspec import UNSET

from stemedb.errors import InvalidInput, NotFound
from stemedb.statements.claims import Claim, EpochEntry
from stemedb.statements.model import Relation
from stemedb.types import Stamp, StatementId

RETRACTS: Final[Relation] = "retracts"
CYCLE_SHOWN_MAX: Final = 4
"""How many claims of a cycle an error names: enough to find it, few enough for one line."""


class Link(NamedTuple):
    """What supersession knows of a statement: which others it supersedes, and how."""

    id: StatementId
    supersedes: tuple[StatementId, ...]
    relation: Relation | None
    stamp: Stamp


class Fork(NamedTuple):
    """A claim whose history parts for good.

    `ends` are the at least two different places at which the ways from it end, sorted by id: each is a head or the
    claim of a later fork. Ways that meet again in one claim are no fork.
    """

    claim: StatementId
    ends: tuple[StatementId, ...]


def build(claims: Iterable[Claim]) -> "Graph":
    """Return the supersession graph of `claims`; raises ``InvalidInput`` if they form a cycle."""
    return Graph(
        Link(
            id_,
            ()
            if claim.supersedes is UNSET
            else tuple(StatementId(bytes.fromhex(h)) for h in claim.supersedes),
            None if claim.relation is UNSET else claim.relation,
            stamp,
        )
        for id_, claim, stamp in claims
    )


def build_epochs(epochs: Iterable[EpochEntry]) -> "Graph":
    """Return the supersession graph of `epochs`; raises ``InvalidInput`` if they form a cycle."""
    return Graph(
        Link(
            id_,
            () if epoch.supersedes is UNSET else (StatementId(bytes.fromhex(epoch.supersedes)),),
            None if epoch.relation is UNSET else epoch.relation,
            stamp,
        )
        for id_, epoch, stamp in epochs
    )


def retired(epochs: Iterable[EpochEntry]) -> frozenset[StatementId]:
    """Return the ids of all superseded epochs, dangling ones too; raises ``InvalidInput`` if there is a cycle."""
    graph = build_epochs(epochs)
    return graph.superseded().union(graph.dangling())


class Graph:
    """The supersession graph of a set of statements: immutable once built.

    One statement given twice with different stamps counts from the smaller. Raises ``InvalidInput`` for a cycle.
    """

    __slots__ = ("_links", "_order", "_successors")

    def __init__(self, links: Iterable[Link]) -> None:
        self._links: dict[StatementId, Link] = {}
        for link in links:
            known = self._links.get(link.id)
            if known is None or link.stamp < known.stamp:
                self._links[link.id] = link
        self._successors: dict[StatementId, list[StatementId]] = {}
        for link in self._links.values():
            for old in dict.fromkeys(link.supersedes):
                self._successors.setdefault(old, []).append(link.id)
        for successors in self._successors.values():
            successors.sort(key=self._by_age)
        self._order = self._sorted(self._links.keys())
        if len(self._order) < len(self._links):
            raise InvalidInput("supersedes", self._cycle())

    def __len__(self) -> int:
        return len(self._links)

    def __contains__(self, id_: object) -> bool:
        return id_ in self._links

    def order(self) -> tuple[StatementId, ...]:
        """Return all statements, every one after those it supersedes, otherwise by stamp, then by id."""
        return self._order

    def heads(self) -> tuple[StatementId, ...]:
        """Return what nothing supersedes, retractions included, in the order of ``order``."""
        return tuple(id_ for id_ in self._order if id_ not in self._successors)

    def standing(self) -> tuple[StatementId, ...]:
        """Return the heads that put a value forward: those that are not retractions."""
        return tuple(id_ for id_ in self.heads() if self._links[id_].relation != RETRACTS)

    def superseded(self) -> frozenset[StatementId]:
        """Return the statements that another one here supersedes."""
        return frozenset(self._links.keys() & self._successors.keys())

    def dangling(self) -> tuple[StatementId, ...]:
        """Return the ids that are superseded but not here, sorted."""
        return tuple(sorted(self._successors.keys() - self._links.keys()))

    def superseded_by(self, id_: StatementId) -> tuple[StatementId, ...]:
        """Return what directly supersedes `id_`, by stamp, then by id; `id_` may be dangling."""
        return tuple(self._successors.get(id_, ()))

    def history(self, id_: StatementId) -> tuple[StatementId, ...]:
        """Return `id_` and everything it supersedes, directly or through others, oldest first and `id_` last.

        Every statement comes after those it supersedes; those that are not bound so stand by stamp, then by id.
        Raises ``NotFound`` if `id_` is not here. O(n log n) in the length of the history.
        """
        if id_ not in self._links:
            raise NotFound(f"no claim {id_.hex()} here to tell the history of")
        reached, pending = {id_}, [id_]
        while pending:
            for old in self._links[pending.pop()].supersedes:
                if old in self._links and old not in reached:
                    reached.add(old)
                    pending.append(old)
        return self._sorted(reached)

    def forks(self) -> tuple[Fork, ...]:
        """Return the claims whose history parts for good, in the order of ``order``.

        Walking from the heads back, the *end* of a claim is itself if it is a head, the end of what supersedes it if
        that is one and the same, and otherwise the claim itself, since the ways part there.
        """
        end: dict[StatementId, StatementId] = {}
        forks: list[Fork] = []
        for id_ in reversed(self._order):
            ends = {end[successor] for successor in self._successors.get(id_, ())}
            if len(ends) > 1:
                forks.append(Fork(id_, tuple(sorted(ends))))
            end[id_] = ends.pop() if len(ends) == 1 else id_
        return tuple(reversed(forks))

    def _by_age(self, id_: StatementId) -> tuple[Stamp, StatementId]:
        return self._links[id_].stamp, id_

    def _sorted(self, ids: Iterable[StatementId]) -> tuple[StatementId, ...]:
        """Return `ids` in topological order (Kahn), those of or behind a cycle left out."""
        waiting_for = {}
        for id_ in ids:
            waiting_for[id_] = 0
        for id_ in waiting_for:
            waiting_for[id_] = sum(old in waiting_for for old in dict.fromkeys(self._links[id_].supersedes))
        ready = [self._by_age(id_) for id_, count in waiting_for.items() if not count]
        heapify(ready)
        order: list[StatementId] = []
        while ready:
            _, id_ = heappop(ready)
            order.append(id_)
            for successor in self._successors.get(id_, ()):
                if successor in waiting_for:
                    waiting_for[successor] -= 1
                    if not waiting_for[successor]:
                        heappush(ready, self._by_age(successor))
        return tuple(order)

    def _cycle(self) -> str:
        """Describe a cycle, given that there is one: from what could not be sorted, walk back until a step repeats."""
        stuck = self._links.keys() - set(self._order)
        at = min(stuck)
        steps: dict[StatementId, int] = {}
        while at not in steps:
            steps[at] = len(steps)
            at = min(old for old in self._links[at].supersedes if old in stuck)
        ring = list(steps)[steps[at] :]
        shown = [id_.hex()[:12] for id_ in ring[:CYCLE_SHOWN_MAX]]
        if len(ring) > CYCLE_SHOWN_MAX:
            shown.append("…")
        return f"{len(ring)} statements supersede one another in a circle: {' supersedes '.join([*shown, shown[0]])}"
