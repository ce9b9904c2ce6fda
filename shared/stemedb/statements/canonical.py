"""The canonical form of a statement and its id: the same claim has the same bytes everywhere.

::

    statement ──without signature──▶ RFC 8785 JSON ──BLAKE3──▶ id (32 bytes)

    {"agent":"pip","confidence":1,"kind":"assertion","lifecycle":"approved","object":{"type":"text",…},…}

Invariants

* Canonical bytes are those of RFC 8785 (JCS): members sorted, no white space, one spelling for each number and each
  string. ``kind`` is in them and ``signature`` is not, so a signature can be over the id.
* ``canonical_bytes(decode_canonical(c)) == c``, and ``parse(c)`` takes every ``c`` that we give out.
* No preimage of an id can be that of a Merkle node, which is two digests, 64 bytes. An assertion or a vote is always
  longer. An epoch may have 64 bytes too, but its first 24 are fixed (``{"kind":"epoch","name":"``), and a digest that
  begins with them takes 2^192 attempts to find.

msgspec's sorted encoder writes the same bytes as RFC 8785 except for

1. floats that are integral (``1.0`` for ``1``): such floats are made integers before;
2. floats below 1e-5 or from 1e15 (their exponents are written otherwise) and
3. metadata keys beyond the Basic Multilingual Plane, which JCS sorts by UTF-16 and msgspec by code point:
   both take the slow path through the ``rfc8785`` package. A property test holds the two paths equal.

What it does not do: it checks no rule about statements; that is ``parse``.

Sources: RFC 8785 (JSON Canonicalization Scheme), RFC 7493 (I-JSON, the bound on integers).
"""

from collections.abc import Callable
from typing import Final

import msgspec
import rfc8785
from blake3 import blake3
from msgspec import UNSET, structs

from stemedb.errors import InvalidStatement
from stemedb.statements import limits
from stemedb.statements.model import Assertion, Number, Statement, Vote
from stemedb.statements.signing import signature_member
from stemedb.types import StatementId

_LIKE_JCS_START: Final = 1e-5
_LIKE_JCS_END: Final = 1e15
_BMP_LAST: Final = "\uffff"

_encode: Final = msgspec.json.Encoder(order="sorted").encode
_decode: Final[Callable[[bytes], Statement]] = msgspec.json.Decoder(Statement).decode


def canonical_bytes(statement: Statement) -> bytes:
    """Return the RFC 8785 form of a statement: ``kind`` included, signature excluded.

    Raises `ValueError` for what no JSON can be and only code can build: a number that is not finite, a lone surrogate.
    """
    if statement.signature is not UNSET:
        statement = structs.replace(statement, signature=UNSET)
    # The tests are written out because this runs once per statement, and mostly all of them say no.
    if type(statement) is Assertion:
        share = statement.confidence
        if type(share) is float and not _LIKE_JCS_START <= share < 1:
            statement = structs.replace(statement, confidence=_integer_if_integral(share))
        value = statement.object.value
        if type(value) is float:
            statement = structs.replace(statement, object=Number(_integer_if_integral(value)))
        encoded = _encode(statement)
        if (
            _spelled_like_jcs(statement.confidence)
            and (type(value) is not float or _spelled_like_jcs(value))
            and (
                encoded.isascii() or not statement.metadata or max(map(max, statement.metadata)) <= _BMP_LAST
            )
        ):
            return encoded
    elif type(statement) is Vote:
        if type(statement.weight) is float:
            statement = structs.replace(statement, weight=_integer_if_integral(statement.weight))
        if _spelled_like_jcs(statement.weight):
            return _encode(statement)
    else:
        return _encode(statement)
    return rfc8785.dumps(msgspec.to_builtins(statement))


def statement_id(canonical: bytes) -> StatementId:
    """Return the id of the statement that has these canonical bytes."""
    return StatementId(blake3(canonical).digest())


def decode_canonical(canonical: bytes) -> Statement:
    """Return the statement of canonical bytes that were accepted before: types are checked, rules are not.

    Raises `InvalidStatement` if the bytes are no statement at all.
    """
    try:
        return _decode(canonical)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InvalidStatement("", f"no canonical statement: {error}"[: limits.REASON_LENGTH_MAX]) from None


def dump(canonical: bytes, signature: bytes) -> bytes:
    """Return the full JSON of a statement: its canonical bytes with the signature put back as the last member.

    Requires ``signature`` to be 96 bytes, or empty for an unsigned statement. The result parses to the same id.
    """
    if not signature:
        return canonical
    return b'%b,"signature":%b}' % (canonical[:-1], _encode(signature_member(signature)))


def _integer_if_integral(value: float) -> int | float:
    # -0.0 becomes 0, as JCS writes it. Past INTEGER_MAX the float itself says how it is written.
    return int(value) if value.is_integer() and abs(value) <= limits.INTEGER_MAX else value


def _spelled_like_jcs(value: float) -> bool:
    return (
        type(value) is int
        or _LIKE_JCS_START <= value < _LIKE_JCS_END
        or -_LIKE_JCS_END < value <= -_LIKE_JCS_START
    )
