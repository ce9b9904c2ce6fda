"""Histories of statements for tests of the map: small worlds in which everything that can collide does.

Few subjects with tricky neighbours, few agents and few values make duplicates, contending claims, overridden votes and
supersessions common; stamps of other replicas come out of order, as they do after synchronising.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from stemedb.clocks.hlc import pack
from stemedb.crdt import join, map_entry
from stemedb.ledger import Ledger, LedgerReader
from stemedb.projection.map import FILE_NAME
from stemedb.statements import Assertion, Epoch, Parsed, Statement, Vote, decode_canonical, parse
from stemedb.storage.replica import ReplicaDirectory
from stemedb.types import Kind, Stamp, StatementId
from support.statement_json import assertion, encode, epoch, vote

NOW_MS = 1_800_000_000_000
REPLICA = "alpha"
REALM = bytes(range(32))
SEED = bytes(range(32, 64))

SUBJECTS = (
    "rfc://7519",
    "rfc://7519/aud",
    "rfc://7519/aud/x",
    "rfc://7519-draft",
    "rfc://75190",
    "coffee",
    "custom://coffee",
)
PREDICATES = ("license", "status", "a")
LIFECYCLES = ("proposed", "under_review", "approved", "deprecated", "rejected")
AGENTS = ("alice", "bob", "zoë")

KINDS = {Assertion: Kind.ASSERTION, Vote: Kind.VOTE, Epoch: Kind.EPOCH}

Item = tuple[Parsed, Stamp | None]


def make_replica(path: Path) -> ReplicaDirectory:
    """Return a new replica with fixed keys, so that roots and signatures are the same on every run."""
    return ReplicaDirectory.create(path, REPLICA, realm=REALM, seed=SEED)


def parsed(value: dict[str, Any]) -> Parsed:
    """Return the statement that a JSON value is."""
    return parse(encode(value))


def write(replica: ReplicaDirectory, *batches: Sequence[Item]) -> None:
    """Append `batches` to the ledger, one group commit each, and close it."""
    ledger = Ledger.open(replica, NOW_MS)
    try:
        for number, batch in enumerate(batches):
            ledger.append(list(batch), NOW_MS + number)
    finally:
        ledger.close()


def damage_first_node(replica: ReplicaDirectory) -> None:
    """Change one byte of the node with the smallest keys; compact and commit before, so that it is needed and not new."""
    path = replica.index / FILE_NAME
    sound = path.read_bytes()
    place = sound.index(b"license")
    path.write_bytes(sound[:place] + b"m" + sound[place + 1 :])


def statements_of(reader: LedgerReader, size: int) -> dict[StatementId, Statement]:
    """Return the statements of the first `size` entries, each once: an id that comes again only moves its stamp."""
    found: dict[StatementId, Statement] = {}
    for _, id_, record in reader.statements(0, size):
        if id_ not in found:
            found[id_] = decode_canonical(record.canonical)
    return found


def naive_map(reader: LedgerReader, size: int) -> dict[bytes, bytes]:
    """Return the map of the first `size` entries, by definition: every entry's statement and stamp, joined."""
    statements = statements_of(reader, size)
    entries: dict[bytes, bytes] = {}
    for _, id_, record in reader.statements(0, size):
        statement = statements[id_]
        kind = KINDS[type(statement)]
        key, value = map_entry(kind, statement, id_, Stamp(record.hlc, record.origin))
        entries[key] = join(key, entries[key], value) if key in entries else value
    return entries


@st.composite
def histories(draw: st.DrawFn, *, size_max: int = 40) -> list[Item]:
    """Draw statements in the order in which they are published, each with the stamp it came with, if it came from elsewhere."""
    items: list[Item] = []
    claims: list[str] = []
    for _ in range(draw(st.integers(0, size_max) | st.integers(size_max // 2, size_max))):
        kind = draw(st.sampled_from(("assertion",) * 4 + ("vote",) * 3 + ("epoch", "again")))
        if kind == "again" and items:
            item = draw(st.sampled_from(items))[0]
        elif kind == "vote" and claims:
            item = parsed(_vote(draw, claims))
        elif kind == "epoch":
            item = parsed(epoch(name=draw(st.sampled_from(("e1", "e2")))))
        else:
            item = parsed(_assertion(draw, claims))
            claims.append(item.id.hex())
        items.append((item, draw(st.none() | _stamps)))
    return items


_stamps = st.builds(
    lambda ms, counter, origin: Stamp(pack(NOW_MS - ms, counter), origin),
    st.integers(0, 3),
    st.integers(0, 2),
    st.sampled_from(("alpha", "beta", "beta-2")),
)


def _assertion(draw: st.DrawFn, claims: list[str]) -> dict[str, Any]:
    changes: dict[str, Any] = {
        "subject": draw(st.sampled_from(SUBJECTS)),
        "predicate": draw(st.sampled_from(PREDICATES)),
        "object": {"type": "number", "value": draw(st.integers(0, 3))},
        "lifecycle": draw(st.sampled_from(LIFECYCLES)),
        "agent": draw(st.sampled_from(AGENTS)),
        "confidence": draw(st.sampled_from((0.25, 0.5, 1))),
    }
    if claims and draw(st.integers(0, 4)) == 0:
        changes |= {"supersedes": [draw(st.sampled_from(claims))], "relation": "corrects"}
    return assertion(**changes)


def _vote(draw: st.DrawFn, claims: list[str]) -> dict[str, Any]:
    return vote(
        assertion=draw(st.sampled_from(claims)),
        agent=draw(st.sampled_from(AGENTS)),
        weight=draw(st.sampled_from((-1, -0.5, 0.5, 1))),
    )
