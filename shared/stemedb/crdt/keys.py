"""The keys of the map: three kinds of entry in one ordered key space, laid out so that questions are ranges.

Everything known of one subject stands together, below it everything known of one predicate, and the paths below a
path follow one another. A key is raw bytes and is compared as such; text is UTF-8, whose byte order is the order of
code points. ``00`` ends a text: validated names hold no control characters, so it occurs in none of them, and being
the smallest byte it makes a name sort before every longer name that begins with it::

    a rfc://7519/aud 00 must_validate 00 <id>        ┐ subject_range("rfc://7519/aud")
    a rfc://7519/aud 00 status        00 <id>        ┘
    a rfc://7519/aud/audience …                      ─ with those above: prefix_ranges("rfc://7519/aud")
    a rfc://7519/audit …                             ─ not below rfc://7519/aud
    e 2031-post-quantum 00 <id>                      ─ epochs_range()
    v <assertion id> agent                           ─ votes_range(<assertion id>)

Key of an assertion:

| # | bytes | what      | encoding                                                                |
|---|-------|-----------|-------------------------------------------------------------------------|
| 1 | 1     | kind      | ``61``, the letter a                                                    |
| 2 | n     | subject   | wire form of the concept path in UTF-8; a bare name became ``custom://…`` |
| 3 | 1     | end       | 00                                                                      |
| 4 | m     | predicate | UTF-8, as published                                                     |
| 5 | 1     | end       | 00                                                                      |
| 6 | 32    | id        | of the statement                                                        |

Key of a vote:

| # | bytes | what      | encoding                                                                |
|---|-------|-----------|-------------------------------------------------------------------------|
| 1 | 1     | kind      | ``76``, the letter v                                                    |
| 2 | 32    | assertion | id of the assertion voted on                                            |
| 3 | n     | agent     | UTF-8, to the end of the key                                            |

Key of an epoch:

| # | bytes | what      | encoding                                                                |
|---|-------|-----------|-------------------------------------------------------------------------|
| 1 | 1     | kind      | ``65``, the letter e                                                    |
| 2 | n     | name      | UTF-8                                                                   |
| 3 | 1     | end       | 00                                                                      |
| 4 | 32    | id        | of the statement                                                        |

Invariants:

1. The layouts are injective: two entries have the same key only if they are the same entry, and ``decode_key`` is the
   inverse of the three functions that make keys.
2. A range holds exactly what it names; bounds are half-open, ``start <= key < end``.

What it does not do: it resolves no aliases; who asks for a subject and its aliases asks for several ranges.
"""

from typing import Final, NamedTuple

from stemedb.errors import InvalidInput
from stemedb.statements.paths import ConceptPath, is_well_formed
from stemedb.types import DIGEST_BYTES, StatementId

ID_BYTES: Final = DIGEST_BYTES
KEY_BYTES_MAX: Final = 4096
"""The longest key: what the tree takes. The bounds on names in a statement keep every key below it."""

_END: Final = b"\x00"
_AFTER_END: Final = b"\x01"
_SLASH: Final = b"/"
_AFTER_SLASH: Final = b"0"
_SCHEME_END: Final = "://"


class AssertionKey(NamedTuple):
    """The parts of an assertion's key; `subject` is in wire form."""

    subject: str
    predicate: str
    id: StatementId


class VoteKey(NamedTuple):
    """The parts of a vote's key."""

    assertion: StatementId
    agent: str


class EpochKey(NamedTuple):
    """The parts of an epoch's key."""

    name: str
    id: StatementId


MapKey = AssertionKey | VoteKey | EpochKey


class KeyRange(NamedTuple):
    """Half-open bounds in the key space: ``start <= key < end``."""

    start: bytes
    end: bytes


def assertion_key(subject: str, predicate: str, id: StatementId) -> bytes:  # noqa: A002 - the field's own word
    """Return the key of an assertion.

    Requires a predicate without NUL and ``len(id) == 32``, raises ``ValueError``; raises ``InvalidPath`` if `subject`
    is no concept path.
    """
    return _subject(subject) + _END + _text(predicate) + _END + _id(id)


def vote_key(assertion_id: StatementId, agent: str) -> bytes:
    """Return the key of `agent`'s vote on an assertion.

    Requires ``len(assertion_id) == 32`` and an agent without NUL; raises ``ValueError``.
    """
    return b"v" + _id(assertion_id) + _text(agent)


def epoch_key(name: str, id: StatementId) -> bytes:  # noqa: A002 - the field's own word
    """Return the key of an epoch. Requires a name without NUL and ``len(id) == 32``; raises ``ValueError``."""
    return b"e" + _text(name) + _END + _id(id)


def decode_key(key: bytes) -> MapKey:
    """Return the parts of `key`; raises ``InvalidInput`` with what is wrong if it is the key of no entry."""
    if len(key) > KEY_BYTES_MAX:
        raise InvalidInput("key", f"got {len(key)} bytes, want at most {KEY_BYTES_MAX}")
    match key[:1]:
        case b"a":
            names, id_ = _names_and_id(key)
            subject, end, predicate = names.partition(_END)
            if not end or _END in predicate:
                raise InvalidInput("key", f"assertion {_short(key)}: want a subject, 00 and a predicate")
            wire = _name(subject, "subject")
            if _SCHEME_END not in wire or not is_well_formed(wire):
                raise InvalidInput(
                    "key", f"assertion {_short(key)}: subject: got {wire!r}, want scheme://path"
                )
            return AssertionKey(wire, _name(predicate, "predicate"), id_)
        case b"v":
            assertion = key[1 : 1 + ID_BYTES]
            agent = key[1 + ID_BYTES :]
            if not agent or _END in agent:
                raise InvalidInput("key", f"vote {_short(key)}: want a 32-byte id and an agent without 00")
            return VoteKey(StatementId(assertion), _name(agent, "agent"))
        case b"e":
            names, id_ = _names_and_id(key)
            if _END in names:
                raise InvalidInput("key", f"epoch {_short(key)}: want a name without 00")
            return EpochKey(_name(names, "name"), id_)
        case _:
            raise InvalidInput("key", f"got first byte {key[:1].hex() or 'none'}, want a, v or e")


def subject_range(subject: str, predicate: str | None = None) -> KeyRange:
    """Return the bounds of all assertions about exactly `subject`, or of those that also have `predicate`.

    Raises ``InvalidPath`` if `subject` is no concept path, ``ValueError`` for a NUL in `predicate`.
    """
    stem = _subject(subject)
    if predicate is not None:
        stem += _END + _text(predicate)
    return KeyRange(stem + _END, stem + _AFTER_END)


def prefix_ranges(prefix: str) -> tuple[KeyRange, ...]:
    """Return the bounds of all assertions about `prefix` and about every path below it, in key order.

    A path gives two ranges, since between a path and what is below it others may stand: ``rfc://7519`` itself, then
    ``rfc://7519/…``, but never ``rfc://7519-draft`` or ``rfc://75190``. A scheme alone, written ``rfc://``, gives one.
    Raises ``InvalidPath`` if `prefix` is neither.
    """
    if prefix.endswith(_SCHEME_END):
        # A scheme is checked as part of a path, so a path is made of it and its one-letter segment cut off again.
        stem = _subject(f"{prefix}x")[:-1]
        return (KeyRange(stem, stem[:-1] + _AFTER_SLASH),)
    stem = _subject(prefix)
    return (
        KeyRange(stem + _END, stem + _AFTER_END),
        KeyRange(stem + _SLASH, stem + _AFTER_SLASH),
    )


def votes_range(assertion_id: StatementId) -> KeyRange:
    """Return the bounds of all votes on an assertion. Requires ``len(assertion_id) == 32``; raises ``ValueError``."""
    start = b"v" + _id(assertion_id)
    # The id itself is no key, since an agent is never empty; the number after it ends the range, and after
    # ff…ff that number would be the next letter.
    return KeyRange(start, (int.from_bytes(start, "big") + 1).to_bytes(len(start), "big"))


def epochs_range(name: str | None = None) -> KeyRange:
    """Return the bounds of all epochs, or of those with exactly `name`. Raises ``ValueError`` for a NUL in it."""
    if name is None:
        return KeyRange(b"e", b"f")
    stem = b"e" + _text(name)
    return KeyRange(stem + _END, stem + _AFTER_END)


def _subject(subject: str) -> bytes:
    """Return the key of an assertion up to the end of its subject."""
    return b"a" + ConceptPath.parse(subject).wire.encode("utf-8")


def _text(name: str) -> bytes:
    if not name or "\x00" in name:
        raise ValueError(f"name: got {name!r}, want text without NUL")
    return name.encode("utf-8")


def _id(value: bytes) -> bytes:
    if len(value) != ID_BYTES:
        raise ValueError(f"id: got {len(value)} bytes, want {ID_BYTES}")
    return value


def _names_and_id(key: bytes) -> tuple[bytes, StatementId]:
    """Return what stands between the kind and the last 00, and the id behind that."""
    end = len(key) - ID_BYTES - 1
    if end < 1 or key[end] != 0:
        raise InvalidInput("key", f"{_short(key)}: got {len(key)} bytes, want names, 00 and a 32-byte id")
    return key[1:end], StatementId(key[end + 1 :])


def _name(text: bytes, what: str) -> str:
    if not text:
        raise InvalidInput("key", f"{what}: got nothing, want a name")
    try:
        return text.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InvalidInput(
            "key", f"{what}: got {_short(text)}, want UTF-8: {error.reason} at {error.start}"
        ) from error


def _short(value: bytes) -> str:
    return value[:8].hex()
