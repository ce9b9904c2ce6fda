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
from typing import Final

from stemedb_analysis.facts.model import LANGUAGES, Facts, Setting, Text
from stemedb_analysis.model import Observation
from stemedb_analysis.plain.comments import comments
from stemedb_analysis.plain.languages import DOCUMENTS, PLAIN
from stemedb_analysis.rules.model import TEST_FACTOR, FileInfo
from stemedb_analysis.secrets import commands, rules, shapes
from stemedb_analysis.secrets.contexts import BASIC_AUTHS, context_of
from stemedb_analysis.secrets.judged import (
    AMBIGUOUS,
    DEFAULT,
    DEFAULT_KEYED,
    MADE_UP,
    RANDOM,
    TYPED_KEY,
    Found,
    judged,
)
from stemedb_analysis.secrets.names import kind_of_name
from stemedb_analysis.secrets.redact import MARK, redacted_line
from stemedb_analysis.secrets.values import (
    PUBLISHED,
    is_made_up,
    is_no_secret,
    is_random,
    is_stand_in,
    is_words,
)
from stemedb_analysis.secrets.words import DEFAULTS, SPOKEN
from stemedb_analysis.source import Source

FOUND_MAX: Final = 200
"""Of one file; a file with more is a list of test vectors or a dump."""

EXAMPLE_FACTOR: Final = 0.3
"""In a file whose name says that it is an example."""

ADDRESS_BYTES_MAX: Final = 300
"""Of what stands before a host."""

DOCUMENT_FACTOR: Final = 0.5
"""Of what is told by its name, in what is written for people: it may show how one is written. A vendor's token there is one all the same."""
WORDS_IN_DOCUMENT_FACTOR: Final = 0.3
"""The same of words and default passwords: most of them do."""
_DOCUMENT: Final = re.compile(
    r"(?:^|/)(?:x?docs?|docbkx|docbook|documentation|manual|javadoc|site|usermanual)/", re.IGNORECASE
)
_MAY_BE_DOCUMENT: Final = frozenset({"xml", "template"})

_EXAMPLE: Final = re.compile(
    r"(?:^|[./_\-])(?:example|examples|sample|samples|template|templates|tmpl|dist|fixtures?|testdata|mocks?)(?=[./_\-]|$)",
    re.IGNORECASE,
)
_EXAMPLE_KEYS: Final = frozenset({"example", "examples", "x-example", "x-examples"})
_TRANSLATION: Final = re.compile(
    r"(?:^|/)(?:locales?|i18n|lang|languages?|translations?|messages)(?:/|[._])"
    r"|(?:^|/)values(?:-[\w\-]+)?/strings\.xml$|\.resx$"
    r"|(?:^|/)(?:\w*(?:text|messages?|strings|bundle))(?:_[a-z]{2,3}(?:_\w+)?)?\.properties$",
    re.IGNORECASE,
)
_AWS_SECRET: Final = re.compile(r"(?=[^a-z]*[a-z])(?=[^A-Z]*[A-Z])(?=[^0-9]*[0-9])[A-Za-z0-9/+]{40}")
_FOR_TESTS: Final = re.compile(
    rb"(?i)(?<![a-z0-9])_?(?:test|example|sample|dummy|fake|mock)_?(?=[\w.]*(?:key|pem|cert|secret))[\w.]*(?:\s*:\s*[&'\w\[\]; ]+)?\s*:?=\s*[^\n=;]{0,40}\n?[^\n=;]{0,8}\Z"
)
"""Before a key, a name that says what it is there for: ``testKeyPEM := []byte(``."""
NAME_BYTES_MAX: Final = 120
_MARKER: Final = re.compile(r"-----BEGIN [A-Z ]+-----")
_SURE: Final = frozenset({rules.TOKEN, rules.PRIVATE_KEY})
"""Rules that need no name."""
_ROLES: Final = frozenset({"assigned", "argument", "element", "compared"})
_JWT_SAMPLE: Final = (b"John Doe", b"1234567890", b"example")
_LOCAL: Final = re.compile(r"localhost|127\.|0\.0\.0\.0|\[::1\]|host\.docker", re.IGNORECASE)
_SAMPLE_HOST: Final = re.compile(
    r"(?:[\w.\-]*\.)?(?:example(?:\.\w+)*|[\w.\-]+\.(?:example|test|invalid)|host(?:name)?(?:\.com)?|server|foo(?:\.\w+)?|bar(?:\.\w+)?)(?=[:/?#]|$)",
    re.IGNORECASE,
)


_NAMED_HOST: Final = re.compile(r"(?:[\w\-]+\.)+(?:example|test|invalid)(?=[:/?#]|$)", re.IGNORECASE)
"""A host under a name that is kept for examples, and yet somebody's own."""
SHOWN: Final = 0.5
SHOWN_LENGTH_MIN: Final = 8
"""Of a password that somebody made up, at such a host."""

_SHOWN: Final = re.compile(
    rb"(?i)(?<![\w.\-])(?:example(?![\w.\-])|e\.g\.|such as|for instance|usage|format|syntax|looks? like)\b[^\n]*$"
)
_PROSE: Final = re.compile(r"(?<=\s)[A-Za-z]{2,}(?=[\s.,:])")
COMMENT_FACTOR: Final = 0.5
"""Of an address or a header outside of strings: somebody used it once, and may have changed the password since, or it shows how one looks."""
PROSE_WORDS: Final = 4
"""A string with so many words between blanks tells something to people."""


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
    for one in (
        *_shaped(source.data),
        *addresses,
        *_named(facts, source, file),
        *_in_commands(facts, source, file),
    ):
        if len(found) > FOUND_MAX:  # one more tells that there are more
            break
        if not any(start < one.end and one.start < end for start, end in taken):
            found[(one.start, one.end)] = one
            taken.append((one.start, one.end))
    factor = (TEST_FACTOR if file.in_test else 1.0) * (EXAMPLE_FACTOR if _EXAMPLE.search(file.file) else 1.0)
    is_document = _is_document(file)
    return [
        _observation(one, source, file, taken, factor * (_in_document(one) if is_document else 1.0))
        for _, one in sorted(found.items())
    ]


def _is_document(file: FileInfo) -> bool:
    return file.language in DOCUMENTS or (
        file.language in _MAY_BE_DOCUMENT and _DOCUMENT.search(file.file) is not None
    )


def _in_document(one: Found) -> float:
    if one.rule in _SURE:
        return 1.0
    return DOCUMENT_FACTOR if one.confidence >= MADE_UP else WORDS_IN_DOCUMENT_FACTOR


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
            if (
                not is_stand_in(body)
                and len(set(body)) > 8
                and not shapes.LEFT_OUT.match(data, match.end(), match.end() + shapes.KEY_BYTES_MAX)
            ):
                confidence = 0.6 if b"ENCRYPTED" in match["label"] or b"ENCRYPTED" in match["body"] else 0.95
                if _FOR_TESTS.search(data, max(0, match.start() - NAME_BYTES_MAX), match.start()):
                    confidence *= TEST_FACTOR
                yield Found(rules.PRIVATE_KEY, "private_key", match.start(), match.end("secret"), confidence)
    yield from _encoded(data)
    for shape in shapes.likely(data):
        for match in shape.find(data):
            group = "secret" if "secret" in shape.pattern.groupindex else 0
            secret = match[group].decode()
            if _is_sample(shape.kind, secret) or shapes.IN_EXAMPLE.search(
                data, max(0, match.start() - shapes.EXAMPLE_BYTES_MAX), match.start()
            ):
                continue
            yield Found(rules.TOKEN, shape.kind, match.start(group), match.end(group), shape.confidence)


def _encoded(data: bytes) -> Iterator[Found]:
    """Yield private keys that are written in base64 without their marker."""
    for literal, pattern in shapes.ENCODED_KEYS:
        if literal not in data:
            continue
        for match in pattern.finditer(data):
            if literal == shapes.ENCODED_KEYS[0][0]:
                head = base64.b64decode(match[0][:64] + b"=" * (-len(match[0][:64]) % 4))
                if b"PRIVATE KEY" not in head:
                    continue
            if len(set(match[0])) > 16:
                yield Found(rules.PRIVATE_KEY, "private_key", match.start(), match.end(), 0.95)


def _is_sample(kind: str, secret: str) -> bool:
    body = secret.rpartition("_")[2] if kind.startswith(("github", "stripe", "npm")) else secret
    if (
        re.search(r"example|xxxx|0{8}|1234567890|abcdefgh|(.)\1{7}", secret, re.IGNORECASE)
        or len(set(body)) < 8
    ):
        return True
    if secret.startswith(PUBLISHED):
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
    if file.language in PLAIN:
        line = source.slice(begin, end if end > 0 else len(source.data))
        if len(_PROSE.findall(line)) >= PROSE_WORDS and file.language in DOCUMENTS:
            return 0.0
        is_told = any(first <= one.start < last for first, last in comments(source.data, file.language))
        return COMMENT_FACTOR if is_told else 1.0
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
    # A host that is an example makes a password one, but not what a machine drew.
    is_shown = _SAMPLE_HOST.match(place) is not None and not is_random(text)
    if is_reference or (low in SPOKEN and (name in SPOKEN or not name)):
        return
    if is_shown:
        if _NAMED_HOST.match(place) and len(text) >= SHOWN_LENGTH_MIN and is_made_up(text):
            yield Found(rules.URL, "url_password", *span, SHOWN)
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
    if file.language in PLAIN and _TRANSLATION.search(file.file):
        return
    has_aws = shapes.names_aws_key(source.data)
    for text in facts.texts:
        yield from _text(text, source, has_aws=has_aws)


def _text(text: Text, source: Source, *, has_aws: bool) -> Iterator[Found]:
    value, name, role = text.value, text.name, str(text.role)
    kind = kind_of_name(name) if role in _ROLES and name and name.lower() not in BASIC_AUTHS else ""
    if kind in {"", "drawn"} or (role == "argument" and kind == "key"):
        # What a call is named tells less than what it does with the string.
        context = context_of(text, source.data)
        if context.kind:
            kind, name, role = context
    if not kind or "${" in value:
        fallback = _FALLBACK.search(value) if "${" in value else None
        if fallback:
            kind, name, role, value = kind_of_name(fallback[1]), fallback[1], "argument", fallback[2]
    if kind:
        yield from judged(kind, name, value, role, _place(source, text.start, text.end, value))
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
    fallback = _FALLBACK.fullmatch(value)
    if fallback:
        kind, value = kind or kind_of_name(fallback[1]), fallback[2]
    if file.kind == "redis" and name == "user":
        for word in _ACL_PASSWORD.findall(value):
            yield from judged(
                "password", "password", word, "argument", _place(source, setting.start, setting.end, word)
            )
    if kind:
        role = (
            "argument"
            if file.language in {"env", "ini", "nats", "properties", "dockerfile"} or name.isupper()
            else "key"
        )
        yield from judged(kind, name, value, role, _place(source, setting.start, setting.end, value))


_FALLBACK: Final = re.compile(r"\$\{([\w.\-]+):-?(?![?+])([^{}\s]+)\}")
"""``${DB_PASSWORD:-hunter2}``, ``${db.password:hunter2}``: what holds where nobody sets the variable."""

_ACL_PASSWORD: Final = re.compile(r"(?:^|\s)>(\S+)")


def _in_commands(facts: Facts, source: Source, file: FileInfo) -> Iterator[Found]:
    written = list(commands.written(source.vocabulary))
    told = list(comments(source.data, file.language)) if written and file.language in PLAIN else ()
    for one in written:
        if any(first <= one.start < last for first, last in told):
            continue
        value, place = one.text, (one.start, one.end)
        if file.language in LANGUAGES and (
            _MEMBER.fullmatch(value) or _is_shown(facts, source, one.start, one.end)
        ):
            continue
        if (
            is_stand_in(value)
            or value.startswith(("%", "@", "-", "=", "*", "[", ".", "/"))
            or is_no_secret(value)
        ):
            continue
        if is_random(value):
            rule = rules.URL if one.form.kind == "url_password" else rules.ASSIGNED
            factor = COMMENT_FACTOR if _is_told(facts, source, file, one.start, one.end) else 1.0
            yield Found(rule, one.form.kind, *place, RANDOM * factor)
        elif one.form.is_sure and value.lower() in DEFAULTS - AMBIGUOUS:
            yield Found(rules.DEFAULT, "password", *place, DEFAULT_KEYED)
        elif one.form.is_sure and is_made_up(value) and not is_words(value) and not value.isdigit():
            yield Found(rules.ASSIGNED, one.form.kind, *place, TYPED_KEY)


_MEMBER: Final = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+")
"""What stands behind an option's name in code is more code: ``apikey: config.APIKey``."""
_SHOWN_IN: Final = re.compile(r"(?i)(?:example|usage|help|synopsis)s?(?:text)?$")
"""What a text is called that shows people how a command is given."""


def _is_shown(facts: Facts, source: Source, start: int, end: int) -> bool:
    """Return whether bytes ``[start, end)`` stand in a text of several lines that shows how a command is given."""
    told = next((one for one in facts.texts if one.start <= start and end <= one.end), None)
    if told is None or "\n" not in told.value:
        return False
    before = source.slice(max(0, told.start - NAME_BYTES_MAX), told.start)
    return bool(_SHOWN_IN.search(told.name) or _SHOWN_NAME.search(before))


def _is_told(facts: Facts, source: Source, file: FileInfo, start: int, end: int) -> bool:
    """Return whether bytes ``[start, end)`` of code stand outside of its strings, in a comment or in documentation."""
    if file.language not in LANGUAGES or any(one.start <= start and end <= one.end for one in facts.texts):
        return False
    line = source.data[source.data.rfind(b"\n", 0, start) + 1 : start]
    return not any(quote in line for quote in (b'"', b"'", b"`"))


_SHOWN_NAME: Final = re.compile(r"(?i)(?:example|usage|help|synopsis)s?(?:text)?\s*:?=[^\n;]*$")


def _place(source: Source, start: int, end: int, value: str) -> tuple[int, int]:
    """Return where `value` stands between `start` and `end`: the secret alone, without name and quotes, if it is written as it is."""
    raw = source.data[start:end]
    at = raw.rfind(value.encode())
    return (start + at, start + at + len(value.encode())) if at >= 0 and value else (start, end)
