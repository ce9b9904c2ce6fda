"""Bytes into statements: the one gate that everything passes before it is believed to be a statement.

::

    body ──split_body──▶ bytes ──msgspec──▶ typed ──rules──▶ checked ──canonical──▶ Parsed(kind, id, canonical, …)
                           │                  │                │
                           └─── duplicates ───┴────────────────┴─────────▶ InvalidStatement(field, reason)

Invariants

* Every input ends in a `Parsed` or in an `InvalidStatement` with the field (``source.tier``, ``metadata.licence``,
  ``supersedes[0]``; empty for the whole) and a reason. No input raises anything else.
* What is accepted does not depend on spelling: order of members, white space, escapes, ``1.0`` or ``1e0`` for ``1``.
  Two spellings are refused because readers differ over them: an integer written out beyond ``INTEGER_MAX`` (a double may
  still be larger, with an exponent), and a fraction or exponent in a tier or a time (``5.0``), which are integers.
* A duplicate member is refused. JSON decoders keep the last one and say nothing, and readers that keep the first would
  see another claim under the same id.

How duplicates are found without a second parse: a decoder drops a duplicate together with its quotes. So the number of
quotes that delimit strings in the input must be the number in the canonical form, plus those of the signature, minus
those of an omitted ``kind``; the canonical form has every member once. Escaped quotes are discounted on both sides.
Only if the numbers differ is the input parsed again, to name the member.

What it does not do: it verifies no signature (``signing``) and asks nobody whether the ids exist.
"""

import json
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Final, NoReturn

import msgspec
from msgspec import UNSET

from stemedb.errors import InvalidPath, InvalidStatement
from stemedb.statements import limits
from stemedb.statements.canonical import canonical_bytes, statement_id
from stemedb.statements.model import Assertion, Epoch, Parsed, Reference, Statement, Text, Vote
from stemedb.statements.paths import CONTROL_CHARACTERS, ConceptPath, is_well_formed
from stemedb.statements.refusal import explain, quoted
from stemedb.statements.signing import PUBLIC_KEY_LENGTH, SIGNATURE_VALUE_LENGTH, signature_bytes
from stemedb.types import Kind

_KIND_OF: Final[dict[type, Kind]] = {Assertion: Kind.ASSERTION, Vote: Kind.VOTE, Epoch: Kind.EPOCH}

_decode_any: Final[Callable[[bytes], Statement]] = msgspec.json.Decoder(Statement).decode
_decode_one: Final[dict[Kind, Callable[[bytes], Statement]]] = {
    Kind.ASSERTION: msgspec.json.Decoder(Assertion).decode,
    Kind.VOTE: msgspec.json.Decoder(Vote).decode,
    Kind.EPOCH: msgspec.json.Decoder(Epoch).decode,
}
_skip_value: Final = msgspec.json.Decoder(msgspec.Raw).decode
_UNDECODABLE: Final = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)

_KIND_QUOTES: Final = b'"kind":"assertion"'.count(b'"')
_SIGNATURE_MEMBER: Final = b',"signature":{"key":"","value":""}'
_SIGNATURE_QUOTES: Final = _SIGNATURE_MEMBER.count(b'"')
_SIGNATURE_MEMBER_BYTES: Final = len(_SIGNATURE_MEMBER) + PUBLIC_KEY_LENGTH + SIGNATURE_VALUE_LENGTH

_CONTROL: Final = re.compile(f"[{CONTROL_CHARACTERS}]")


def parse(raw: bytes, kind: Kind | None = None) -> Parsed:
    """Return the statement in `raw`, checked, with its id and canonical bytes.

    `kind` is what the channel it came through says it is: the member ``kind`` may then be left out, and must agree if
    it is there. Without it the member is required. Raises `InvalidStatement`.
    """
    if len(raw) > limits.STATEMENT_BYTES_MAX:
        raise InvalidStatement("", f"got {len(raw)} bytes, want at most {limits.STATEMENT_BYTES_MAX}")
    try:
        statement, omitted = _decode(raw, kind)
    except _UNDECODABLE as error:
        refusal = explain(error, raw, kind)
    else:
        return _checked(raw, statement, omitted)
    raise refusal  # here, so that a refusal that is kept does not keep the decoder's error and frames with it


def parse_batch(raws: Sequence[bytes], kind: Kind | None = None) -> list[Parsed | InvalidStatement]:
    """Return for each input what `parse` gives or raises, in the same order."""
    results: list[Parsed | InvalidStatement] = []
    add = results.append
    for raw in raws:
        try:
            add(parse(raw, kind))
        except InvalidStatement as error:
            add(error.with_traceback(None))  # a traceback would hold this list in a cycle
    return results


def split_body(body: bytes) -> list[bytes]:
    """Return the statements of a message body, unparsed: one JSON value, or one on each line (NDJSON).

    A body is one statement if it is one JSON value, over however many lines. It is one statement too, and a malformed
    one, if no line of it is a JSON object. Otherwise each line that is not blank is one. Raises `InvalidStatement` if
    the body is blank or has more than ``BODY_STATEMENTS_MAX`` lines.
    """
    lines = [line for line in body.split(b"\n") if line and not line.isspace()]
    if not lines:
        raise InvalidStatement("", "the body is empty")
    many = len(lines) > 1 and (
        _is_json_object(lines[0]) or (not _is_json(body) and any(map(_is_json_object, lines)))
    )
    if not many:
        return [body]
    if len(lines) > limits.BODY_STATEMENTS_MAX:
        raise InvalidStatement("", f"got {len(lines)} lines, want at most {limits.BODY_STATEMENTS_MAX}")
    return lines


def _is_json_object(line: bytes) -> bool:
    return line.lstrip().startswith(b"{") and _is_json(line)


def _is_json(text: bytes) -> bool:
    try:
        _skip_value(text)
    except (msgspec.DecodeError, RecursionError):
        return False
    return True


def _decode(raw: bytes, kind: Kind | None) -> tuple[Statement, bool]:
    """Return the statement and whether its ``kind`` was left out."""
    if kind is None:
        return _decode_any(raw), False
    if b'"kind"' in raw:
        try:
            statement = _decode_any(raw)
        except _UNDECODABLE:
            pass  # either it is bad, or the word is elsewhere in it: the decoder of the one kind knows
        else:
            if _KIND_OF[type(statement)] is kind:
                return statement, False
    return _decode_one[kind](raw), True


def _checked(raw: bytes, statement: Statement, omitted: bool) -> Parsed:
    canonical = canonical_bytes(statement)
    # The encoder escapes the control characters below space. So where there is no backslash, no DEL and nothing beyond
    # ASCII, no name has a control character, and one look at the bytes spares one at each name.
    escaped = b"\\" in canonical
    if escaped or b"\x7f" in canonical or not canonical.isascii():
        _check_characters(statement)
    if type(statement) is Assertion:
        _check_assertion(statement)
    elif type(statement) is Vote:
        _check_ends("agent", statement.agent)
    elif type(statement) is Epoch:
        _check_ends("name", statement.name)
        _check_relation(statement)
    strings = _string_quotes(canonical) if escaped else canonical.count(b'"')
    signature = b""
    if statement.signature is not UNSET:
        signature = signature_bytes(statement.signature)
        strings += _SIGNATURE_QUOTES
    if omitted:
        strings -= _KIND_QUOTES
    if strings != (_string_quotes(raw) if b"\\" in raw else raw.count(b'"')):
        _refuse_duplicate(raw)
    size = len(canonical) + (_SIGNATURE_MEMBER_BYTES if signature else 0)
    if size > limits.STATEMENT_BYTES_MAX:
        raise InvalidStatement(
            "", f"got {size} bytes in canonical form, want at most {limits.STATEMENT_BYTES_MAX}"
        )
    return Parsed(_KIND_OF[type(statement)], statement_id(canonical), canonical, signature, statement)


def _check_assertion(assertion: Assertion) -> None:
    if not is_well_formed(assertion.subject):
        _refuse_subject(assertion.subject)
    _check_ends("predicate", assertion.predicate)
    _check_ends("agent", assertion.agent)
    value = assertion.object.value
    if type(value) is float and limits.INTEGER_MAX < abs(value) < limits.INTEGER_LITERAL_END:
        raise InvalidStatement(
            "object.value",
            f"got {value:.17g}, want at most {limits.INTEGER_MAX} either way where it is an integer",
        )
    supersedes = assertion.supersedes
    if (supersedes is UNSET) is not (assertion.relation is UNSET):
        _check_relation(assertion)
    if supersedes is not UNSET and len(set(supersedes)) != len(supersedes):
        position = next(i for i, superseded in enumerate(supersedes) if superseded in supersedes[:i])
        raise InvalidStatement(f"supersedes[{position}]", "is there twice")


def _refuse_subject(subject: str) -> NoReturn:
    try:
        ConceptPath.parse(subject)
    except InvalidPath as error:
        reason = error.reason
    else:
        raise AssertionError("the two grammars of concept paths differ")
    raise InvalidStatement("subject", reason)


def _check_ends(field: str, name: str) -> None:
    if name != name.strip():
        raise InvalidStatement(field, "begins or ends with white space")


def _check_relation(statement: Assertion | Epoch) -> None:
    if statement.supersedes is UNSET and statement.relation is not UNSET:
        raise InvalidStatement("supersedes", "missing; it must be there together with relation")
    if statement.supersedes is not UNSET and statement.relation is UNSET:
        raise InvalidStatement("relation", "missing; it must be there together with supersedes")


def _check_characters(statement: Statement) -> None:
    """Refuse control characters in names, and text that is too long in bytes; only free text may hold any character."""
    for field, name in _names(statement):
        if _CONTROL.search(name):
            raise InvalidStatement(field, "has a control character")
    if type(statement) is Assertion and type(statement.object) is Text:
        size = len(statement.object.value.encode())
        if size > limits.TEXT_BYTES_MAX:
            raise InvalidStatement("object.value", f"got {size} bytes, want at most {limits.TEXT_BYTES_MAX}")


def _names(statement: Statement) -> Iterator[tuple[str, str]]:
    if isinstance(statement, Epoch):
        yield "name", statement.name
    else:
        yield "agent", statement.agent
    if type(statement) is Assertion:
        yield "predicate", statement.predicate
        if type(statement.object) is Reference:
            yield "object.value", statement.object.value
        yield "source.uri", statement.source.uri
        if statement.metadata is not UNSET:
            for key in statement.metadata:
                yield f"metadata.{quoted(key)}", key


def _string_quotes(text: bytes) -> int:
    """Return how many quotes of JSON text begin or end a string."""
    unescaped = text.replace(
        b"\\\\", b""
    )  # from the left, as a reader goes: what is left before a quote escapes it
    return unescaped.count(b'"') - unescaped.count(b'\\"')


def _refuse_duplicate(raw: bytes) -> None:
    """Raise if some object in `raw` has a member twice; say nothing if ``kind`` was merely spelled with escapes."""
    duplicate = _first_duplicate(json.loads(raw.decode(), object_pairs_hook=_Members), "")
    if duplicate is not None:
        raise InvalidStatement(duplicate, "is there twice")


class _Members(list[tuple[str, object]]):
    """The members of one JSON object in their order, duplicates too."""


def _first_duplicate(value: object, place: str) -> str | None:
    if not isinstance(value, _Members):
        return None
    seen: set[str] = set()
    for name, member in value:
        path = f"{place}.{quoted(name)}" if place else quoted(name)
        if name in seen:
            return path
        seen.add(name)
        inner = _first_duplicate(member, path)
        if inner is not None:
            return inner
    return None
