"""The detector: three ways to a secret, the surest first.

::

    bytes ──── shapes of vendors, private keys, passwords in addresses ────┐
    texts ──── a name that stands for a secret × how the value looks ──────┼─▶ one observation for each place, redacted
    settings ─ the same, with the key as name; default credentials ────────┘

Invariants

1. No secret leaves this module: `Observation.text` is the line with every secret of the file's line redacted. The span is exactly the secret's,
   so that whoever shows the file can do the same.
2. One place is observed once: a vendor's shape beats an address, an address a name.
3. Comments count for shapes and keys, since what is there is out all the same, and for half for addresses; names count only where they are assigned.

Files that are examples by their name (``.env.example``, ``config.sample.yml``) count for little, test files for half.
"""

import base64
import binascii
import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from stemedb_analysis.facts.model import LANGUAGES, Facts, Setting, Text
from stemedb_analysis.model import Observation
from stemedb_analysis.rules.model import TEST_FACTOR, FileInfo
from stemedb_analysis.secrets import rules, shapes
from stemedb_analysis.secrets.contexts import BASIC_AUTHS, context_of
from stemedb_analysis.secrets.names import kind_of_name, snake
from stemedb_analysis.secrets.redact import MARK, redacted_line
from stemedb_analysis.secrets.values import (
    is_made_up,
    is_no_secret,
    is_random,
    is_stand_in,
    is_weak_signing_key,
    is_words,
)
from stemedb_analysis.secrets.words import DEFAULTS, SPOKEN, TEXT_WORDS
from stemedb_analysis.source import Source

FOUND_MAX: Final = 200
"""Of one file; a file with more is a list of test vectors or a dump."""

EXAMPLE_FACTOR: Final = 0.3
"""In a file whose name says that it is an example."""

ADDRESS_BYTES_MAX: Final = 300
"""Of what stands before a host."""

TOKEN_LENGTH_MIN: Final = 8
"""Of tokens; shorter ones are words or numbers."""

# How sure a name and the look of a value make.
RANDOM: Final = 0.9
MADE_UP: Final = 0.85
TYPED_KEY: Final = 0.75
DEFAULT: Final = 0.7
TYPED_TOKEN: Final = 0.65
DEFAULT_KEYED: Final = 0.55
LETTERS: Final = 0.5

_EXAMPLE: Final = re.compile(
    r"(?:^|[./_\-])(?:example|examples|sample|samples|template|templates|tmpl|dist|fixtures?|testdata|mocks?)(?=[./_\-]|$)",
    re.IGNORECASE,
)
_EXAMPLE_KEYS: Final = frozenset({"example", "examples", "x-example", "x-examples"})
_TRANSLATION: Final = re.compile(
    r"(?:^|/)(?:locales?|i18n|lang|languages?|translations?|messages)(?:/|[._])", re.IGNORECASE
)
_AUTHORIZATION: Final = re.compile(r"(?:Bearer|Basic|Token|token|ApiKey|Key)\s+(\S{12,})")
_AWS_SECRET: Final = re.compile(r"[A-Za-z0-9/+]{40}")
_KEYED: Final = frozenset({"element", "key"})
_AMBIGUOUS: Final = frozenset({"password", "user", "default", "pass", "manager"})
_MARKER: Final = re.compile(r"-----BEGIN [A-Z ]+-----")
_ROLES: Final = frozenset({"assigned", "argument", "element", "compared"})
_JWT_SAMPLE: Final = (b"John Doe", b"1234567890", b"example")
_LOCAL: Final = re.compile(r"localhost|127\.|0\.0\.0\.0|\[::1\]|host\.docker", re.IGNORECASE)
_SAMPLE_HOST: Final = re.compile(
    r"(?:[\w.\-]*\.)?(?:example(?:\.\w+)*|[\w.\-]+\.(?:example|test|invalid)|host(?:name)?(?:\.com)?|server|foo(?:\.\w+)?|bar(?:\.\w+)?)(?=[:/?#]|$)",
    re.IGNORECASE,
)


_SHOWN: Final = re.compile(
    rb"(?i)\b(?:example|e\.g\.|such as|for instance|usage|format|syntax|looks? like)\b[^\n]*$"
)
_PROSE: Final = re.compile(r"(?<=\s)[A-Za-z]{2,}(?=[\s.,:])")
COMMENT_FACTOR: Final = 0.5
"""Of an address outside of strings: somebody used it once, and may have changed the password since."""
PROSE_WORDS: Final = 4
"""A string with so many words between blanks tells something to people."""


class Found(NamedTuple):
    """A secret at bytes ``[start, end)``."""

    rule: str
    kind: str
    start: int
    end: int
    confidence: float


def observe(facts: Facts, source: Source, file: FileInfo) -> list[Observation]:
    """Return the secrets of one file, by place. O(bytes) for shapes, O(texts + settings) for names."""
    found: dict[tuple[int, int], Found] = {}
    taken: list[tuple[int, int]] = []
    addresses = (
        one._replace(confidence=one.confidence * factor)
        for one in _in_addresses(source.data)
        for factor in (_meant(one, facts, source, file),)
        if factor
    )
    for one in (*_shaped(source.data), *addresses, *_named(facts, source, file)):
        if len(found) >= FOUND_MAX:
            break
        if not any(start < one.end and one.start < end for start, end in taken):
            found[(one.start, one.end)] = one
            taken.append((one.start, one.end))
    factor = (TEST_FACTOR if file.in_test else 1.0) * (EXAMPLE_FACTOR if _EXAMPLE.search(file.file) else 1.0)
    return [_observation(found[place], source, file, taken, factor) for place in sorted(found)]


def holds_address(data: bytes) -> bool:
    """Return whether an address with a password in it stands anywhere: whether it is in a string then matters. O(bytes)."""
    return next(_in_addresses(data), None) is not None


def _observation(
    one: Found, source: Source, file: FileInfo, secrets: list[tuple[int, int]], factor: float
) -> Observation:
    is_key = one.rule == rules.PRIVATE_KEY
    rule = next(rule for rule in rules.RULES if rule.id == one.rule)
    span = source.span(one.start, one.end)
    marker = _MARKER.match(source.slice(one.start, one.start + 80)) if is_key else None
    return Observation(
        rule.path,
        rule.predicate,
        True if is_key else one.kind,
        file.file,
        span,
        marker[0] + MARK if marker else redacted_line(source.data, one.start, secrets),
        round(one.confidence * factor, 4),
        rule.id,
        file.language,
        source.statement(one.start, one.end),
        file.in_test,
    )


# Shapes


def _shaped(data: bytes) -> Iterator[Found]:
    if shapes.PRIVATE_KEY_LITERAL in data:
        for match in shapes.PRIVATE_KEY.finditer(data):
            body = match["secret"].decode()
            if not is_stand_in(body) and len(set(body)) > 8:
                confidence = 0.6 if b"ENCRYPTED" in match["label"] or b"ENCRYPTED" in match["body"] else 0.95
                yield Found(rules.PRIVATE_KEY, "private_key", match.start(), match.end("secret"), confidence)
    for shape in shapes.likely(data):
        for match in shape.find(data):
            group = "secret" if "secret" in shape.pattern.groupindex else 0
            secret = match[group].decode()
            if _is_sample(shape.kind, secret):
                continue
            yield Found(rules.TOKEN, shape.kind, match.start(group), match.end(group), shape.confidence)


def _is_sample(kind: str, secret: str) -> bool:
    body = secret.rpartition("_")[2] if kind.startswith(("github", "stripe", "npm")) else secret
    if (
        re.search(r"example|xxxx|0{8}|1234567890|abcdefgh|(.)\1{7}", secret, re.IGNORECASE)
        or len(set(body)) < 8
    ):
        return True
    if kind == "jwt":
        payload = secret.split(".")[1]
        try:
            decoded = base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4))
        except (binascii.Error, ValueError):
            return True
        return any(word in decoded for word in _JWT_SAMPLE)
    return kind == "slack_token" and secret.count("-") < 2


# Addresses


def _in_addresses(data: bytes) -> Iterator[Found]:
    at = data.find(shapes.URL_LITERAL)
    while at >= 0:
        begin = at + len(shapes.URL_LITERAL)
        if data.find(b"@", begin, begin + ADDRESS_BYTES_MAX) >= 0:
            match = shapes.URL.match(data, begin)
            if match:
                yield from _address(match["user"], match["secret"], match["host"], match.span("secret"))
        at = data.find(shapes.URL_LITERAL, begin)
    for literal in shapes.CONNECTION_LITERALS:
        at = data.find(literal)
        while at >= 0:
            yield from _connection(data, at, at + len(literal))
            at = data.find(literal, at + 1)


def _meant(one: Found, facts: Facts, source: Source, file: FileInfo) -> float:
    """Return how surely an address is there to be used: in prose and translations it shows how one is written, in a comment it was used once."""
    if _TRANSLATION.search(file.file):
        return 0.0
    begin = source.data.rfind(b"\n", 0, one.start) + 1
    end = source.data.find(b"\n", one.end)
    if _SHOWN.search(source.data[begin : one.start]):
        return 0.0
    if file.language not in LANGUAGES:
        return 1.0
    told = next((text.value for text in facts.texts if text.start <= one.start and one.end <= text.end), None)
    line = source.slice(begin, end if end > 0 else len(source.data))
    if len(_PROSE.findall(line if told is None else told)) >= PROSE_WORDS:
        return 0.0
    return COMMENT_FACTOR if told is None else 1.0


def _connection(data: bytes, at: int, begin: int) -> Iterator[Found]:
    """Yield the password behind the literal at ``[at, begin)``, if it is a part of a connection string."""
    start = max(data.rfind(b"\n", 0, at) + 1, at - ADDRESS_BYTES_MAX)
    if not shapes.CONNECTION_BEFORE.search(data[start:at]):
        return
    match = shapes.CONNECTION.match(data, begin)
    if match and shapes.CONNECTION_OTHERS.search(
        data[start : match.end() + ADDRESS_BYTES_MAX].partition(b"\n")[0]
    ):
        yield from _address(b"", match["secret"], b"", match.span("secret"))


def _address(user: bytes, secret: bytes, host: bytes, span: tuple[int, int]) -> Iterator[Found]:
    text, name = secret.decode("utf-8", "replace"), user.decode("utf-8", "replace").lower()
    low, place = text.lower(), host.decode("utf-8", "replace")
    is_reference = is_stand_in(text) or text.startswith(("$", "{", "%", "+", "[")) or low.startswith("port")
    is_sample = (low in SPOKEN and (name in SPOKEN or not name)) or _SAMPLE_HOST.match(place) is not None
    if is_reference or is_sample:
        return
    is_local = _LOCAL.match(place) is not None
    if low in DEFAULTS or low in SPOKEN or low == name:
        yield Found(rules.DEFAULT, "url_password", *span, 0.45 if is_local else DEFAULT)
    else:
        yield Found(rules.URL, "url_password", *span, 0.6 if is_local else RANDOM)


# Names


def _named(facts: Facts, source: Source, file: FileInfo) -> Iterator[Found]:
    if facts.settings:
        if not _TRANSLATION.search(file.file):
            for setting in facts.settings:
                yield from _setting(setting, source, file)
        return
    has_aws = any(literal in source.data for literal in shapes.SHAPES[0].literals)
    for text in facts.texts:
        yield from _text(text, source, has_aws=has_aws)


def _text(text: Text, source: Source, *, has_aws: bool) -> Iterator[Found]:
    value, name, role = text.value, text.name, str(text.role)
    kind = kind_of_name(name) if role in _ROLES and name and name.lower() not in BASIC_AUTHS else ""
    if not kind:
        kind, name, role = context_of(text, source.data)
    if kind:
        yield from _judged(kind, name, value, role, _place(source, text.start, text.end, value))
    elif has_aws and _AWS_SECRET.fullmatch(value) and is_random(value):
        yield Found(rules.TOKEN, "aws_secret_access_key", *_place(source, text.start, text.end, value), 0.9)


def _setting(setting: Setting, source: Source, file: FileInfo) -> Iterator[Found]:
    value = setting.value
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str) or not value:
        return
    if not _EXAMPLE_KEYS.isdisjoint(part.lower() for part in setting.path):
        return  # the description of an interface shows how its values look
    name = next((part for part in reversed(setting.path) if not part.startswith("[")), "")
    kind = kind_of_name(name.rpartition(":")[2] if name.startswith("//") else name)
    if kind:
        role = (
            "argument"
            if file.language in {"env", "ini", "nats", "properties", "dockerfile"} or name.isupper()
            else "key"
        )
        yield from _judged(kind, name, value, role, _place(source, setting.start, setting.end, value))


def _judged(kind: str, name: str, value: str, role: str, place: tuple[int, int]) -> Iterator[Found]:
    """Yield what a literal `value` under a name of `kind` is, if it is a secret."""
    header = _AUTHORIZATION.fullmatch(value)
    if header:
        value = header[1]
    is_field = role == "assigned" and snake(value) == snake(name.rpartition(".")[2])
    if is_field and (
        kind == "password" or value.isupper()
    ):  # PASSWORD = "password", kinds["SECRET"] = "SECRET"
        return
    if is_stand_in(value) or is_no_secret(value) or (kind != "signing" and any(c.isspace() for c in value)):
        return
    if is_random(value):
        yield Found(rules.ASSIGNED, _label(kind, name), *place, RANDOM)
    elif kind == "password":
        yield from _password(value, role, place)
    elif kind == "signing":
        if is_weak_signing_key(value):
            yield Found(rules.ASSIGNED, "signing_key", *place, TYPED_KEY)
    elif is_made_up(value) and len(value) >= TOKEN_LENGTH_MIN and not is_words(value):
        yield Found(rules.ASSIGNED, _label(kind, name), *place, TYPED_TOKEN)


def _password(value: str, role: str, place: tuple[int, int]) -> Iterator[Found]:
    """Yield what a password in plain letters is. As the value of a key it may be a label or a message, so there it must look made up."""
    low = value.lower()
    if low in DEFAULTS:
        if role not in _KEYED or low not in _AMBIGUOUS:
            yield Found(rules.DEFAULT, "password", *place, DEFAULT_KEYED if role in _KEYED else DEFAULT)
    elif is_made_up(value):
        yield Found(rules.ASSIGNED, "password", *place, MADE_UP)
    elif role not in _KEYED and 4 <= len(value) <= 32 and value.isalpha() and not is_words_about(value):
        yield Found(rules.ASSIGNED, "password", *place, LETTERS)


def is_words_about(value: str) -> bool:
    """Return whether a word under the name of a password speaks of it rather than being it: ``required``, ``Passwort``."""
    return is_words(value) and (value.lower() != value or value in TEXT_WORDS)


def _label(kind: str, name: str) -> str:
    if kind == "password":
        return "password"
    if kind == "signing":
        return "signing_key"
    low = name.lower()
    return "token" if "token" in low or "auth" in low else "api_key" if "key" in low else "secret"


def _place(source: Source, start: int, end: int, value: str) -> tuple[int, int]:
    """Return where `value` stands between `start` and `end`: the secret alone, without name and quotes, if it is written as it is."""
    raw = source.data[start:end]
    at = raw.rfind(value.encode())
    return (start + at, start + at + len(value.encode())) if at >= 0 and value else (start, end)
