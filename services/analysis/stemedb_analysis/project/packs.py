r"""Policy packs: claims, acknowledgements and aliases of one project for others, signed as a whole.

::

    {"format":"stemedb/pack/1","name":"acme-baseline"}           1 line    what it is
    {"agent":…,"kind":"assertion",…}                             0 or more each a statement in its canonical form
    {"signature":{"key":"U…","value":"…"}}                       1 line    over everything above, line ends included

    signed are the 32 bytes  BLAKE3("stemedb/pack/1\0" + all lines above the signature)     Ed25519

Claims are assertions as any (``team://…``), acknowledgements those of `acknowledge`, an alias is an assertion with the predicate
``same_as``. So a pack can be published to a replica line by line, and its parts replicate.

The signature says that nobody changed the pack since the holder of the key wrote it; whose key that is, the importer says. Order, count and
name are signed with the content: nothing can be left out or put in.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from blake3 import blake3
from msgspec import structs

from stemedb.errors import InvalidInput, InvalidStatement, ProofError, TamperedPack
from stemedb.statements import Assertion, Reference, Signature, Source, canonical_bytes, parse, signing
from stemedb.types import StatementId
from stemedb_analysis.corpus import Reading, from_assertions
from stemedb_analysis.own_files import read_own
from stemedb_analysis.project import acknowledge
from stemedb_analysis.project import aliases as names
from stemedb_analysis.registry import Registry

FORMAT: Final = "stemedb/pack/1"
DIRECTORY: Final = "packs"
SUFFIX: Final = ".pack"
PACK_BYTES_MAX: Final = 8 << 20
STATEMENTS_MAX: Final = 10_000
ALIAS: Final = "same_as"
NAME: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
TIER: Final = 3


class Pack(NamedTuple):
    """A pack whose signature holds."""

    name: str
    key: str
    """Of the signer, as an nkey."""
    statements: tuple[tuple[str, Assertion], ...]
    """Each with its id in hex."""

    def authorities(self, registry: Registry) -> Reading:
        """Return what the pack demands."""
        known = self.aliases
        others = [
            (id_, _resolved(one, known))
            for id_, one in self.statements
            if one.predicate not in {acknowledge.PREDICATE, ALIAS}
        ]
        return from_assertions(others, registry)

    @property
    def acknowledgements(self) -> list[acknowledge.Acknowledgement]:
        """Return what the pack accepts."""
        return [
            acknowledge.read(one, self.name)
            for _, one in self.statements
            if one.predicate == acknowledge.PREDICATE
        ]

    def check(self, registry: Registry, place: str) -> None:
        """Raise `InvalidInput` if an alias of the pack is none by the rules of `aliases.check`."""
        names.check(self.aliases, registry, place)

    @property
    def aliases(self) -> dict[str, str]:
        """Return the paths that mean others."""
        pairs = ((one.subject, one.object) for _, one in self.statements if one.predicate == ALIAS)
        return {
            _tail(subject): _tail(target.value) for subject, target in pairs if isinstance(target, Reference)
        }


def alias(project: str, path: str, means: str, agent: str) -> Assertion:
    """Return the assertion that one path means another in a project."""
    return Assertion(
        subject=f"team://{project}/{path}",
        predicate=ALIAS,
        object=Reference(f"team://{project}/{means}"),
        confidence=1,
        source=Source(tier=TIER, uri=f"code://{project}/.stemedb/claims.toml"),
        lifecycle="approved",
        agent=agent,
    )


def encode(name: str, statements: Iterable[Assertion], seed: bytes | str) -> bytes:
    """Return a signed pack. The same parts and key always give the same bytes. Raises `ValueError` for a bad name or too many parts."""
    if not NAME.fullmatch(name):
        raise ValueError(f"got the name {name!r:.80}, want a-z, 0-9 and -, at most 64")
    lines = sorted({canonical_bytes(one) for one in statements})
    if len(lines) > STATEMENTS_MAX:
        raise ValueError(f"got {len(lines)} statements, want at most {STATEMENTS_MAX}")
    header = json.dumps({"format": FORMAT, "name": name}, separators=(",", ":")).encode()
    body = b"".join(line + b"\n" for line in [header, *lines])
    member = signing.signature_member(signing.sign(_digest(body), seed))
    return (
        body
        + json.dumps(
            {"signature": {"key": member.key, "value": member.value}}, separators=(",", ":")
        ).encode()
        + b"\n"
    )


def decode(data: bytes, place: str = "pack") -> Pack:
    """Return a pack whose signature holds. Raises `InvalidInput` if it is none, `TamperedPack` if the signature does not hold."""
    if len(data) > PACK_BYTES_MAX:
        raise InvalidInput(place, f"has {len(data)} bytes, want at most {PACK_BYTES_MAX}")
    body, _, last = data.removesuffix(b"\n").rpartition(b"\n")
    body += b"\n"
    signature = _signature(last, place)
    try:
        signing.verify(_digest(body), signature)
    except ProofError:
        raise TamperedPack(
            f"{place}: the signature does not match what is signed; somebody changed the pack"
        ) from None
    header, *lines = body.splitlines()
    name = _name(header, place)
    if len(lines) > STATEMENTS_MAX:
        raise InvalidInput(place, f"has {len(lines)} statements, want at most {STATEMENTS_MAX}")
    return Pack(
        name, signing.encode_public_key(signature[: signing.KEY_BYTES]), tuple(_statements(lines, place))
    )


def load(directory: Path, registry: Registry) -> list[Pack]:
    """Return the packs that a project has imported, by name. Raises as `decode` and `Pack.check`."""
    folder = directory / DIRECTORY
    packs = []
    for path in sorted(folder.glob(f"*{SUFFIX}")) if folder.is_dir() else ():
        pack = decode(read_own(path), str(path))
        pack.check(registry, str(path))
        packs.append(pack)
    return packs


def _statements(lines: Sequence[bytes], place: str) -> Iterable[tuple[str, Assertion]]:
    for number, line in enumerate(lines, 2):
        try:
            parsed = parse(line)
        except InvalidInput as error:
            raise InvalidInput(f"{place}, line {number}", error.message) from None
        if not isinstance(parsed.statement, Assertion):
            raise InvalidInput(f"{place}, line {number}", "is no assertion")
        yield parsed.id.hex(), parsed.statement


def _signature(line: bytes, place: str) -> bytes:
    try:
        member = json.loads(line)["signature"]
        return signing.signature_bytes(Signature(member["key"], member["value"]))
    except (ValueError, KeyError, TypeError, RecursionError, InvalidStatement):
        raise InvalidInput(place, "does not end with a signature") from None


def _name(line: bytes, place: str) -> str:
    try:
        header = json.loads(line)
    except (ValueError, RecursionError):
        header = None
    if not isinstance(header, dict) or header.get("format") != FORMAT:
        raise InvalidInput(place, f"is no policy pack: want the format {FORMAT}")
    name = header.get("name")
    if not isinstance(name, str) or not NAME.fullmatch(name):
        raise InvalidInput(place, "name: want a-z, 0-9 and -, at most 64")
    return name


def _digest(body: bytes) -> StatementId:
    return StatementId(blake3(FORMAT.encode() + b"\0" + body).digest())


def _resolved(assertion: Assertion, aliases: Mapping[str, str]) -> Assertion:
    """Return an assertion about what its path means."""
    tail = _tail(assertion.subject)
    if tail not in aliases:
        return assertion
    return structs.replace(assertion, subject=assertion.subject.removesuffix(tail) + aliases[tail])


def _tail(subject: str) -> str:
    """Return a path without scheme and first segment."""
    return subject.partition("://")[2].partition("/")[2]
