"""What reports say of rules, kept beside the results of scans: an unchanged project needs no rules, only their names.

Reading the rules takes longer than everything else that a scan of an unchanged project does. So what a report says of them is kept under
the same stamp as the results, in the user's cache directory, and is read from there as long as the stamp holds.
"""

import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from stemedb_analysis.report.model import Card
from stemedb_analysis.scan.cache import directory

if TYPE_CHECKING:
    from stemedb_analysis.rules.ruleset import RuleSet

NAME_BYTES: Final = 16
_decode: Final = msgspec.msgpack.Decoder(list[Card]).decode
_encode: Final = msgspec.msgpack.Encoder().encode


def cards_of(ruleset: "RuleSet", project: Path | None = None) -> dict[str, Card]:
    """Return what reports say of each rule; of the own ones of the `project` too."""
    from stemedb_analysis.rules.own import all_rules

    return {
        rule.id: Card(rule.id, rule.title, rule.help, rule.path, rule.predicate, rule.tags, rule.measured)
        for rule in all_rules(ruleset, project).values()
    }


def kept_cards(stamp: bytes, make: Callable[[], dict[str, Card]]) -> Mapping[str, Card]:
    """Return the cards that were kept under this stamp; else make them, and keep them. Raises what `make` raises."""
    path = _path(stamp)
    if path is not None:
        with suppress(OSError, msgspec.DecodeError):
            return {card.id: card for card in _decode(path.read_bytes())}
    made = make()
    if path is not None:
        temporary = path.with_name(f"{path.name}.{os.getpid()}")
        with suppress(OSError):
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            temporary.write_bytes(_encode(list(made.values())))
            temporary.replace(path)
    return made


def _path(stamp: bytes) -> Path | None:
    home = directory()
    return None if home is None else home / "cards" / stamp.hex()[: 2 * NAME_BYTES]
