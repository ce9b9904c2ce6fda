"""One small replica with every kind of thing that can be proven about it, and every neighbour of a proof file."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from stemedb.ledger import LedgerReader
from stemedb.projection import Projection, ProofFile
from stemedb.statements import sign, signature_member
from support.histories import make_replica, parsed, write
from support.statement_json import assertion, epoch, vote

AGENT_SEED = bytes(range(64, 96))


def signed(value: dict[str, Any]) -> dict[str, Any]:
    """Return the statement with a signature of a fixed agent."""
    member = signature_member(sign(parsed(value).id, AGENT_SEED))
    return {**value, "signature": {"key": member.key, "value": member.value}}


CLAIM = signed(assertion(metadata={"note": 'quotes " and \\ and ü and 🪨'}))
CONTENDER = assertion(object={"type": "text", "value": "MIT"}, agent="bob")
CLAIM_ID = parsed(CLAIM).id
OLD_VOTE = vote(assertion=CLAIM_ID.hex(), weight=-1)
NEW_VOTE = vote(assertion=CLAIM_ID.hex(), weight=1)
EPOCH = epoch()
NEVER = assertion(object={"type": "text", "value": "never published"})
NEVER_VOTE = vote(assertion=CLAIM_ID.hex(), agent="nobody")
OTHER_VOTE = vote(assertion=CLAIM_ID.hex(), weight=0)
FILLERS = [assertion(subject=f"pkg://pypi/filler-{n}", confidence=n / 100) for n in range(60)]


@contextmanager
def small_replica(path: Path) -> Iterator[tuple[Projection, LedgerReader]]:
    """Yield the map, level with the log, and a reader of the log."""
    replica = make_replica(path)
    write(
        replica,
        [(parsed(value), None) for value in (CLAIM, CONTENDER, OLD_VOTE, EPOCH)],
        [(parsed(value), None) for value in FILLERS],
        [(parsed(NEW_VOTE), None)],
    )
    with closing(LedgerReader(replica)) as reader, Projection.open(replica, writable=True) as projection:
        projection.catch_up(reader)
        yield projection, reader


def proof_files(path: Path) -> dict[str, ProofFile]:
    """Return one proof file of each sort."""
    with small_replica(path) as (projection, reader):
        view = projection.view(reader)
        return {
            "assertion": view.prove(CLAIM_ID),
            "living-vote": view.prove(parsed(NEW_VOTE).id),
            "replaced-vote": view.prove(parsed(OLD_VOTE).id),
            "epoch": view.prove(parsed(EPOCH).id),
            "absent-statement": view.prove_statement(parsed(NEVER)),
            "absent-vote": view.prove_statement(parsed(NEVER_VOTE)),
            "absent-other-vote": view.prove_statement(parsed(OTHER_VOTE)),
            "absent-entry": view.prove_entry("pkg://pypi/blake3/1.0.11", "license", parsed(NEVER).id),
        }


def neighbours(value: Any, place: tuple[str | int, ...] = ()) -> Iterator[tuple[str, Any]]:
    """Yield every JSON value that differs from `value` in one place, with the name of the place."""
    for replacement in _replacements(value):
        yield _name(place), replacement
    if isinstance(value, dict):
        for name, member in value.items():
            yield f"{_name(place)} without {name}", {n: m for n, m in value.items() if n != name}
            for where, changed in neighbours(member, (*place, name)):
                yield where, {**value, name: changed}
        yield f"{_name(place)} with more", {**value, "more": 1}
    elif isinstance(value, list):
        for index, member in enumerate(value):
            yield f"{_name(place)} without {index}", value[:index] + value[index + 1 :]
            yield f"{_name(place)} with {index} twice", value[: index + 1] + value[index:]
            for where, changed in neighbours(member, (*place, index)):
                yield where, [*value[:index], changed, *value[index + 1 :]]
        if len(value) > 1:
            yield f"{_name(place)} reversed", value[::-1]


def _replacements(value: Any) -> Iterator[Any]:
    if value is None:
        yield from ("", 0, [], {})
    elif isinstance(value, bool):
        yield not value
    elif isinstance(value, int):
        yield from (value + 1, value - 1, -value - 1, value + (1 << 64), str(value), float(value), None)
    elif isinstance(value, str):
        step = max(1, len(value) // 12)
        for index in (*range(0, len(value), step), len(value) - 1):
            yield value[:index] + ("A" if value[index] != "A" else "B") + value[index + 1 :]
            yield value[:index] + value[index + 1 :]
            yield value[:index] + "\n" + value[index:]
        yield from (value + "0", value + "\n", value.upper() + "", value + "é", value + "\ud800", 0, None)
    else:
        yield from (None, 0, "")


def _name(place: tuple[str | int, ...]) -> str:
    return ".".join(map(str, place)) or "file"
