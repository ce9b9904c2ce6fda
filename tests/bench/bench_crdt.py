"""Map entries per statement, and one resolution of a hundred claims."""

import os
from collections.abc import Iterator

from msgspec.structs import replace

from bench.harness import Context, Figure, best_of
from stemedb.clocks import pack
from stemedb.crdt import MapItem, decode_key, join, map_entries
from stemedb.statements import Assertion, Source, Text, Vote
from stemedb.statements.claims import Ballot, Claim
from stemedb.statements.lenses import LENSES
from stemedb.types import Kind, Stamp, StatementId

BATCH = 10_000
CLAIMS = 100
BALLOTS = 100
REPEATS = 9


def figures(_context: Context) -> Iterator[Figure]:
    """Measure assertions and votes as map entries, taking keys apart, joining, and the lenses."""
    for kind, items in ((Kind.ASSERTION, _assertions(BATCH)), (Kind.VOTE, _votes(BATCH))):
        spent = best_of(REPEATS, lambda items=items: map_entries(items))
        yield Figure(f"crdt: map entry of one {kind.wire}", spent / BATCH * 1e6, "µs", 1.5, floor="hash")
    entries = map_entries(_assertions(BATCH))
    spent = best_of(REPEATS, lambda: [decode_key(key) for key, _ in entries])
    yield Figure("crdt: take a key apart", spent / BATCH * 1e6, "µs", floor="hash")
    spent = best_of(REPEATS, lambda: [join(key, value, value) for key, value in entries])
    yield Figure("crdt: join of two values", spent / BATCH * 1e6, "µs", floor="hash")
    claims = [Claim(id_, statement, stamp) for _, statement, id_, stamp in _assertions(CLAIMS)]
    chained = [_superseding(claim, claims[n - 1] if n % 2 else None) for n, claim in enumerate(claims)]
    ballots = [Ballot(id_, statement, stamp) for _, statement, id_, stamp in _votes(BALLOTS, claims)]
    for name in ("authority", "consensus", "votes", "skeptic"):
        spent = best_of(REPEATS * 5, lambda name=name: LENSES[name].resolve(claims, ballots))
        yield Figure(f"lens: {name} over {CLAIMS} claims", spent * 1e6, "µs", 500)
    spent = best_of(REPEATS * 5, lambda: LENSES["authority"].resolve(chained))
    yield Figure(f"lens: authority over {CLAIMS} claims, half of them superseded", spent * 1e6, "µs", 500)


def _assertions(count: int) -> list[MapItem]:
    return [
        (
            Kind.ASSERTION,
            Assertion(
                subject=f"pkg://pypi/package-{n}/1.{n}",
                predicate="license",
                object=Text("MIT" if n % 3 else "Apache-2.0"),
                confidence=n % 11 / 10,
                source=Source(n % 6, "https://example.org"),
                lifecycle="approved",
                agent=f"agent-{n % 40}",
            ),
            StatementId(os.urandom(32)),
            _stamp(n),
        )
        for n in range(count)
    ]


def _votes(count: int, claims: list[Claim] | None = None) -> list[MapItem]:
    targets = [claim.id for claim in claims] if claims else [os.urandom(32)]
    return [
        (
            Kind.VOTE,
            Vote(assertion=targets[n % len(targets)].hex(), agent=f"agent-{n}", weight=0.5),
            StatementId(os.urandom(32)),
            _stamp(n),
        )
        for n in range(count)
    ]


def _stamp(n: int) -> Stamp:
    return Stamp(pack(1_900_000_000_000 + n, 0), "north")


def _superseding(claim: Claim, old: Claim | None) -> Claim:
    if old is None:
        return claim
    statement = replace(claim.statement, supersedes=(old.id.hex(),), relation="corrects")
    return claim._replace(statement=statement)
