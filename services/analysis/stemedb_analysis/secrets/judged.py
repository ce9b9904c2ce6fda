"""What a literal under the name of a secret is: a name that stands for a secret × how the value looks.

::

    DB_PASSWORD    s3cr3t!Pa55       a password that somebody made up
    SECRET_KEY     super-secret      a signing key that somebody typed
    API_TOKEN      c29tZSByYW5k…     random, whatever its name
    gateway_key    7f3a…             random and long, under a name that says little
    db_password    db-password       a name: nothing

The confidences are here, all of them, so that they can be compared.
"""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from stemedb_analysis.secrets import rules
from stemedb_analysis.secrets.names import snake
from stemedb_analysis.secrets.values import (
    is_made_up,
    is_name_of_one,
    is_no_secret,
    is_plain_password,
    is_random,
    is_stand_in,
    is_weak_signing_key,
    is_words,
)
from stemedb_analysis.secrets.words import DEFAULTS, TEXT_WORDS

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
DRAWN: Final = 0.8

PHRASE_LENGTH_MIN: Final = 12
"""Of words that are a signing key; shorter ones may be anything."""

DRAWN_LENGTH_MIN: Final = 24
"""Of what counts under a name that says little, such as ``gateway_key``."""
_UUID: Final = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")

AUTHORIZATION: Final = re.compile(
    r"(?:Bearer|Basic|Token|SSWS|token|bearer|basic|ApiKey|Apikey|GenieKey|Key)\s+(\S{12,})"
)
_KEYED: Final = frozenset({"element", "key"})
AMBIGUOUS: Final = frozenset({"password", "user", "default", "pass", "manager"})


class Found(NamedTuple):
    """A secret at bytes ``[start, end)``."""

    rule: str
    kind: str
    start: int
    end: int
    confidence: float


DJANGO_PLACEHOLDER: Final = "django-insecure-"
"""Begins the key that Django writes into a new project."""


def judged(kind: str, name: str, value: str, role: str, place: tuple[int, int]) -> Iterator[Found]:
    """Yield what a literal `value` under a name of `kind` is, if it is a secret."""
    header = AUTHORIZATION.fullmatch(value)
    if header:
        value = header[1]
    is_field = role == "assigned" and snake(value) == snake(name.rpartition(".")[2])
    if is_field and (kind == "password" or value.isupper()):
        return  # PASSWORD = "password", kinds["SECRET"] = "SECRET"
    # The key that Django writes into a new project is a concept of its own.
    if (
        value.startswith(DJANGO_PLACEHOLDER)
        or is_stand_in(value)
        or is_no_secret(value)
        or (kind != "signing" and any(c.isspace() for c in value))
    ):
        return
    if kind == "drawn":
        if _is_drawn(name, value, role):
            yield Found(rules.ASSIGNED, _label(kind, name), *place, DRAWN)
    elif is_random(value) and not (role in _KEYED and is_name_of_one(value)):
        yield Found(rules.ASSIGNED, _label(kind, name), *place, RANDOM)
    elif kind == "password":
        yield from _password(value, role, place)
    elif kind == "signing":
        yield from _signing(name, value, role, place)
    elif is_made_up(value) and len(value) >= TOKEN_LENGTH_MIN and not is_words(value):
        yield Found(rules.ASSIGNED, _label(kind, name), *place, TYPED_TOKEN)


def _is_drawn(name: str, value: str, role: str) -> bool:
    """Return whether a machine drew `value`, whose name says little. In data a ``key`` is the other half of a value."""
    return (
        is_random(value)
        and len(value) >= DRAWN_LENGTH_MIN
        and not _UUID.fullmatch(value)
        and not (role == "key" and snake(name) in {"key", "keys"})
    )


def _signing(name: str, value: str, role: str, place: tuple[int, int]) -> Iterator[Found]:
    """Yield what a signing key that somebody typed is."""
    is_keyed = role in _KEYED
    if is_name_of_one(value) and (is_keyed or snake(value) in snake(name)):
        return
    if is_keyed and value[:1].isupper() and any(c.isspace() for c in value):
        return  # a label
    if is_weak_signing_key(value):
        if not (is_keyed and snake(value) == snake(name)):
            yield Found(rules.ASSIGNED, "signing_key", *place, TYPED_KEY)
    elif (
        not is_keyed
        and not snake(name).endswith("salt")  # known to whoever knows the hash
        and len(value) >= PHRASE_LENGTH_MIN
        and is_plain_password(value)
        and not is_words_about(value)
    ):
        yield Found(rules.ASSIGNED, "signing_key", *place, LETTERS)


def _password(value: str, role: str, place: tuple[int, int]) -> Iterator[Found]:
    """Yield what a password in plain letters is. As the value of a key it may be a label or a message, so there it must look made up."""
    low = value.lower()
    if low in DEFAULTS:
        if role not in _KEYED or low not in AMBIGUOUS:
            yield Found(rules.DEFAULT, "password", *place, DEFAULT_KEYED if role in _KEYED else DEFAULT)
    elif is_made_up(value):
        yield Found(rules.ASSIGNED, "password", *place, MADE_UP)
    elif (
        role not in _KEYED
        and is_plain_password(value)
        and not is_words_about(value)
        and not is_name_of_one(value)
    ):
        yield Found(rules.ASSIGNED, "password", *place, LETTERS)


def is_words_about(value: str) -> bool:
    """Return whether a word under the name of a password speaks of it rather than being it: ``required``, ``Passwort``."""
    words = re.split(r"[-_. ]", value.lower())
    if len(words) > 1:
        return any(word in TEXT_WORDS for word in words)
    return is_words(value) and (value.lower() != value or value in TEXT_WORDS)


def _label(kind: str, name: str) -> str:
    if kind == "password":
        return "password"
    if kind == "signing":
        return "signing_key"
    low = name.lower()
    return "token" if "token" in low or "auth" in low else "api_key" if "key" in low else "secret"
