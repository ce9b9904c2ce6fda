"""``stemedb dump``: what is on disk, record by record or entry by entry, with no service and no server.

It reads what is durable and changes nothing, so it may be run beside a running replica. One line per record for a person, one
JSON object per record with ``--json``; the statement is the canonical text, as its id was made from it. A restamp has none: it
gives another stamp to the statement with its id, which stands further up.
"""

from collections.abc import Iterator
from enum import StrEnum
from itertools import islice
from typing import TYPE_CHECKING, Annotated, Any

import typer

from stemedb.cli.output import Output
from stemedb.cli.reading import short, stamp_text, time_text
from stemedb.cli.session import Session
from stemedb.errors import InvalidRequest

if TYPE_CHECKING:
    from stemedb.bus.messages import Stamp
    from stemedb.storage.replica import ReplicaDirectory


class Store(StrEnum):
    """What can be dumped."""

    WAL = "wal"
    TREE = "tree"


def dump(
    context: typer.Context,
    store: Annotated[Store, typer.Argument(help="The write-ahead log, or the map.")],
    start: Annotated[int, typer.Option(min=0, help="First record or entry, from 0.")] = 0,
    end: Annotated[int | None, typer.Option(min=0, help="Where to stop, this one not included.")] = None,
) -> None:
    """Show what is on disk: the records of the write-ahead log, or the entries of the map."""
    session = Session.of(context)
    if end is not None and end < start:
        raise InvalidRequest("--end", f"got {end}, want at least --start {start}")
    replica = session.directory()
    rows = _wal(replica) if store is Store.WAL else _tree(replica)
    show = _show_record if store is Store.WAL else _show_entry
    for row in islice(rows, start, end):
        if session.output.as_json:
            session.output.record(row)
        else:
            show(session.output, row)


def _wal(replica: "ReplicaDirectory") -> Iterator[dict[str, Any]]:
    """Yield the durable records in order. Raises `Corruption` where one is damaged."""
    from stemedb.clocks.hlc import unpack
    from stemedb.ledger.derived import entry_id
    from stemedb.statements import signature_member
    from stemedb.types import Kind
    from stemedb.wal import RESTAMP, Reader

    reader = Reader(replica.wal)
    try:
        index, position = 0, None
        while (run := reader.read_run(position)).records:
            for offset, record in zip(run.offsets, run.records, strict=True):
                signature = signature_member(record.signature) if record.signature else None
                yield {
                    "index": index,
                    "segment": run.segment,
                    "offset": offset,
                    "kind": "restamp" if record.kind == RESTAMP else Kind(record.kind).wire,
                    "id": entry_id(record).hex(),
                    "accepted_ms": unpack(record.accepted)[0],
                    "stamp": _stamp(record.hlc, record.origin).model_dump(),
                    "signer": signature.key if signature else None,
                    "statement": (
                        None if record.kind == RESTAMP else record.canonical.decode(errors="backslashreplace")
                    ),
                }
                index += 1
            position = run.next
    finally:
        reader.close()


def _tree(replica: "ReplicaDirectory") -> Iterator[dict[str, Any]]:
    """Yield the entries of the map's last commit in key order. Raises `Corruption` where a node is damaged."""
    from stemedb.crdt import AssertionKey, VoteKey, decode_key, decode_stamp, decode_vote
    from stemedb.projection import Projection

    with Projection.open(replica) as projection:
        for number, (key, value) in enumerate(projection.file.snapshot().items()):
            match decode_key(key):
                case AssertionKey(subject, predicate, identity):
                    what: dict[str, Any] = {"kind": "assertion", "subject": subject, "predicate": predicate}
                    stamp = decode_stamp(value)
                case VoteKey(assertion, agent):
                    stamp, identity = decode_vote(value)
                    what = {"kind": "vote", "assertion": assertion.hex(), "agent": agent}
                case epoch:
                    what, identity, stamp = (
                        {"kind": "epoch", "name": epoch.name},
                        epoch.id,
                        decode_stamp(value),
                    )
            yield {
                "number": number,
                **what,
                "id": identity.hex(),
                "stamp": _stamp(stamp.hlc, stamp.origin).model_dump(),
            }


def _show_record(output: Output, row: dict[str, Any]) -> None:
    signer = f" signed by {row['signer']}" if row["signer"] else ""
    output.text(
        f"{row['index']} {row['segment']:08d}:{row['offset']} {time_text(row['accepted_ms'])}"
        f" stamp {_stamp_text(row)} {row['id']}{signer} {row['statement'] or 'restamped'}"
    )


def _show_entry(output: Output, row: dict[str, Any]) -> None:
    match row["kind"]:
        case "assertion":
            what = f"{row['subject']} {row['predicate']}"
        case "vote":
            what = f"on {short(row['assertion'])} by {row['agent']}"
        case _:
            what = row["name"]
    output.text(f"{row['number']} {row['kind']} {row['id']} stamp {_stamp_text(row)} {what}")


def _stamp(hlc: int, origin: str) -> "Stamp":
    from stemedb.bus.messages import Stamp
    from stemedb.types import Hlc
    from stemedb.types import Stamp as CoreStamp

    return Stamp.of(CoreStamp(Hlc(hlc), origin))


def _stamp_text(row: dict[str, Any]) -> str:
    from stemedb.bus.messages import Stamp

    return stamp_text(Stamp(**row["stamp"])).replace(" ", "/")
