"""Restamps: a known statement arrives under another stamp, and the join of the map wants that one.

A stamp says when and where a statement was first accepted. Two replicas that accept the same statement apart give it two
stamps, and once they exchange what they have, both must end with the same one: the smaller for assertions and epochs,
the larger for votes, as `stemedb.crdt.join` decides and nothing else::

    log here    0 …  7  statement x, stamp 30 here   …  41 (end)
    arrives                 x, stamp 20 there                       join(30 here, 20 there) = 20 there
    log after   0 …  7  statement x, stamp 30 here   …  41  RESTAMP x, stamp 20 there
    ids/        x → index 7, stamp 20 there                         the index keeps its place

A restamp is an entry of the log like any other, with x once more as its leaf, so peers that follow the log learn of it, and
whoever reads the log from its beginning comes to the same map.

Invariants
    * A restamp stands after its statement, and moves its stamp strictly along the join: applying it again changes nothing.
    * Stamps are given by the replica that accepts a statement from a publisher, never by a join. So one statement has finitely
      many, every replica restamps it finitely often, and replicas that exchange what they hold come to rest.
    * Stamps that meet within one batch are joined before they are written; no restamp is needed then.
    * A statement published again without a stamp is a plain duplicate: it was accepted before.
"""

from collections.abc import Mapping, Sequence

from stemedb.crdt import join, map_entry
from stemedb.ledger.ids import Known
from stemedb.statements import Parsed
from stemedb.types import Stamp, StatementId
from stemedb.wal import Record

Item = tuple[Parsed, Stamp | None]
"""A checked statement, with the stamp it came with or ``None`` to be stamped here."""


def split_repeats(items: Sequence[Item]) -> tuple[dict[StatementId, Item], list[Item]]:
    """Return the first item of each id, and those that come after it with a stamp of their own."""
    first_of: dict[StatementId, Item] = {}
    later = [item for item in items if first_of.setdefault(item[0].id, item) is not item]
    return first_of, [item for item in later if item[1] is not None]


def fold_repeats(records: list[Record], fresh: Sequence[Item], repeats: Sequence[Item]) -> None:
    """Give those of `records`, made of `fresh` in this order, the join of their stamp and of those in `repeats`."""
    places = {item[0].id: place for place, item in enumerate(fresh)}
    for parsed, stamp in repeats:
        place = places.get(parsed.id)
        if place is not None and stamp is not None:
            record = records[place]
            hlc, origin = joined(parsed, Stamp(record.hlc, record.origin), stamp)
            records[place] = record._replace(hlc=hlc, origin=origin)


def moved_stamps(items: Sequence[Item], known: Mapping[StatementId, Known]) -> dict[StatementId, Stamp]:
    """Return the new stamps of those `known` statements whose stamp the ones in `items` move."""
    moved: dict[StatementId, Stamp] = {}
    for parsed, stamp in items:
        held = known.get(parsed.id)
        if held is None or stamp is None:
            continue
        before = moved.get(parsed.id, held.stamp)
        after = joined(parsed, before, stamp)
        if after != before:
            moved[parsed.id] = after
    return moved


def joined(parsed: Parsed, held: Stamp, offered: Stamp) -> Stamp:
    """Return which of two stamps of one statement the map wants."""
    if held == offered:
        return held
    key, value = map_entry(parsed.kind, parsed.statement, parsed.id, held)
    _, other = map_entry(parsed.kind, parsed.statement, parsed.id, offered)
    return held if join(key, value, other) == value else offered
