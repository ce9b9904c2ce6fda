"""What a value looks like: a secret, a placeholder, a reference to where the secret is, or plain words.

::

    changeme   <your-key>   xxxx-xxxx   ${TOKEN}   process.env.X   vault:db/pass   /run/secrets/db       placeholder or reference
    c29tZSByYW5kb20gdGV4dA   9f86d081884c7d65   s3cr3t!Pa55                                             random, or made up by a person
    user_password   auth.token.invalid   Please enter your password                                     words

Entropy is measured against the alphabet that the value is written in: hexadecimal text cannot have more than 4 bits a character, so 3 is much
for it and little for base64.
"""

import math
import re
from collections import Counter
from typing import Final

from stemedb_analysis.secrets.words import TEXT_WORDS

RANDOM_LENGTH_MIN: Final = 12
"""Shorter texts have too little entropy to tell them from words."""

VALUE_LENGTH_MAX: Final = 512
"""Longer values of a name such as ``token`` are data."""

_REFERENCE: Final = re.compile(
    r"\$\{|\$\(|^\$[A-Za-z_]|\{\{|\}\}|<%|%\(|%[sd]\b|%[A-Z_]+%|\{[A-Za-z_.:0-9]*\}|#\{|^@[\w.\-:/]+@?$|^!|^ENC\[|^ENC\(|process\.env|os\.environ|getenv|"
    r"^(?:vault|env|ssm|op|sm|secret|secrets|file|arn|kms|awssm|gcpsm|keyring|ref|sops|bao)[:/]|^env\.|^secrets\.|secretsmanager|^projects/[^/]+/secrets|^__\w+__$|^:\w+$"
)
_PLACEHOLDER: Final = re.compile(
    r"change[-_ ]?(?:me|it|this)|(?<![a-z])your(?:[-_ ]|[A-Z])|example|placeholder|(?<![a-z])(?:replace|insert|todo|fixme|dummy|sample|fake|hidden)(?![a-z])|redacted|masked|censored|"
    r"not[-_ ]?(?:a|the)?[-_ ]?(?:real|secret|set|used)|undefined|^null$|^none$|^nil$|^n/?a$|^tbd$|^test(?:ing|ed)?[-_]?(?:key|token|secret|password|pass|value)?\d*$|"
    r"^(?:my|some|the|a|an|any)[-_ ]?(?:api[-_ ]?)?(?:key|token|secret|password|pass|pw)\d*$|^foo|^bar$|^baz|lorem|^mock|^stub|deadbeef|cafebabe|"
    r"<[^<>]+>|^\[[^\]]*\]$|\.\.\.|…|\*{3,}|x{4,}|_{4,}|-{4,}|0{6,}|(?:0123456789|1234567890)abcdef|abcdefgh|^abc(?:123|def)?$|^asdf|^qwer",
    re.IGNORECASE,
)
_SECRET_IN_WORDS: Final = re.compile(r"super|secret|s3cr3t|key|pass|dev", re.IGNORECASE)
_IDENTIFIER: Final = re.compile(r"[A-Za-z][A-Za-z]*(?:[_\-.:/#][A-Za-z]+)*\d?")
_PATH: Final = re.compile(r"^(?:\.{0,2}/|~/|[A-Za-z]:\\)|^/?(?:[\w.\-]+/){2,}[\w.\-]*$|\.(?:json|ya?ml|txt|pem|key|crt|cer|p12|pfx|jks|env|py|js|ts|html?|go|java)$")  # fmt: skip
_DRAWN: Final = re.compile(
    r"(?=.*[a-z].*[a-z])(?=.*[A-Z].*[A-Z])(?=.*\d.*\d)(?=[A-Za-z0-9]{2,}/?[A-Za-z0-9+/]*$)[A-Za-z0-9+/]{32,}={0,2}"
)
"""Base64 as machines write it: its slashes make no path."""

_CODE: Final = re.compile(
    r"^[A-Za-z_][\w.]*\(|^[\w.]+\[|=>|^https?://|^\w+://|^\{|^function\b|^\^|\\[dwsb.]|\(\?|^data:|\[[^\]]*[\^\-][^\]]*\][+*?{]|\[\w-\w\][)|(\[]|^[\w-]+=\x22|^(?:rgb|#)[\da-f]{3,}$|^(?:required|nullable|sometimes|string|confirmed|present|filled|min:\d+|max:\d+)\||^(?:[a-z_]\w*\.)+[a-z_]\w*:[A-Za-z_]\w*$|^[a-z][a-z.+\-]*@[a-z\-]+(?:\.[a-z\-]+)+$"
)
_SELECTOR: Final = re.compile(
    r"^[#.][a-z]+(?:(?:--?|__?)[a-z]+)*$|^[a-z]*\[[\w\-]+[~|^$*]?=|^[a-z]+[#.][a-z\-]+$"
)
"""Of CSS: ``#csrf-token``, ``input[name="password"]``."""

_HASHED: Final = re.compile(
    r"(?:^|:)\$(?:2[abxy]?|argon2\w*|5|6|1|apr1|scrypt|pbkdf2[\w\-]*)\$|^\{(?:SHA|SSHA|MD5|CRYPT)|^(?:pbkdf2|bcrypt|sha\d+|argon2)[:$]"
)
_PUBLIC_KEY: Final = re.compile(
    r"MII[BC]I[jD]AN|MIGfMA0GCSq|MF[kw]w[ED][QwY]|M[CF]owBQYDK2V|ssh-(?:rsa|ed25519) |AAAA[BCE]3NzaC1"
)
"""How a public key begins, in the encodings that are in use."""
_VARIABLE: Final = re.compile(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+")
_WORD_RUN: Final = re.compile(r"[A-Z]?[a-z]{3,}|[A-Z]{4,}")
_VOWEL: Final = re.compile(r"[aeiouyAEIOUY]")
_HEX: Final = re.compile(r"[0-9a-fA-F]+")


def is_stand_in(value: str) -> bool:
    """Return whether `value` stands for a secret that is elsewhere or yet to come."""
    return bool(
        _REFERENCE.search(value)
        or _PLACEHOLDER.search(value)
        or _HASHED.search(value)
        or len(set(value)) <= 2
    )


_ALGORITHM: Final = re.compile(
    r"(?:HS|RS|ES|PS)(?:256|384|512)K?|EdDSA|[Nn]one|base64(?:url)?|hex|utf-?8|latin1|binary"
)
"""Of tokens, or an encoding: it stands beside the key."""


_IN_BRACES: Final = re.compile(r"\w*\{[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\}")
"""How Windows writes what tells an interface or an account from others."""
_OBJECT_ID: Final = re.compile(r"(?:urn:oid:)?\d+(?:\.\d+){3,}|0x[0-9a-fA-F]{40}")
"""Of what is registered, and of accounts and contracts on chains."""
PUBLISHED: Final = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2U"
"""How the key begins that the emulator of Azure Storage is published with."""


def is_no_secret(value: str) -> bool:
    """Return whether `value` is a path, an address, code, prose, a public key or the name of a variable rather than something secret."""
    return bool(
        value.startswith(PUBLISHED)
        or _OBJECT_ID.fullmatch(value)
        or _PUBLIC_KEY.match(value)
        or _IN_BRACES.fullmatch(value)
        or _ALGORITHM.fullmatch(value)
        or _VARIABLE.fullmatch(value)
        or (_PATH.search(value) and not _DRAWN.fullmatch(value))
        or _CODE.search(value)
        or _SELECTOR.search(value)
        or len(value) > VALUE_LENGTH_MAX
        or "\n" in value
    )


def is_words(value: str) -> bool:
    """Return whether `value` is made of words as people and programs write them: ``user_password``, ``auth.token``."""
    return value.lower() in TEXT_WORDS or _IDENTIFIER.fullmatch(value) is not None


def is_random(value: str) -> bool:
    """Return whether `value` looks as if a machine had drawn it."""
    size = len(value)
    if size < RANDOM_LENGTH_MIN or any(character.isspace() for character in value):
        return False
    digits = sum(character.isdigit() for character in value)
    letters = sum(character.isalpha() for character in value)
    bits = entropy(value)
    if _HEX.fullmatch(value):
        return bits >= 2.8 and digits > 0 and letters > 0
    if letters == 0:
        return False
    words = sum(len(run) for run in _WORD_RUN.findall(value) if _VOWEL.search(run))
    if words > 0.5 * size or (not digits and value.lower() == value):
        return False
    return bits >= min(3.4, math.log2(size) - 0.6)


def is_made_up(value: str) -> bool:
    """Return whether `value` looks like a password that a person made up: letters with digits or signs, no spaces."""
    if any(character.isspace() for character in value) or not 4 <= len(value) <= 64:
        return False
    has_letter = any(character.isalpha() for character in value)
    has_digit = any(character.isdigit() for character in value)
    has_sign = any(not character.isalnum() and character not in "_-.:/ " for character in value)
    return (has_letter and (has_digit or has_sign)) or (has_digit and len(value) >= 6 and not has_letter)


_NAME_WORDS: Final = frozenset(
    [
        "secret",
        "key",
        "token",
        "api",
        "password",
        "auth",
        "client",
        "access",
        "private",
        "jwt",
        "session",
        "db",
        "app",
        "my",
        "the",
        "user",
        "id",
        "name",
        "value",
        "webhook",
        "signing",
        "master",
        "root",
        "admin",
        "service",
        "database",
        "redis",
        "postgres",
        "mysql",
        "login",
        "account",
        "credentials",
    ]
)


def is_name_of_one(value: str) -> bool:
    """Return whether `value` is what a secret is called: ``secret-key``, ``db_password``, ``stripe.api-key``."""
    words = re.split(r"[-_./]", re.sub(r"([a-z0-9])([A-Z])", r"\1-\2", value).lower())
    return len(words) > 1 and words[-1] in _NAME_WORDS and all(word.isalpha() for word in words)


def is_plain_password(value: str) -> bool:
    """Return whether `value` is what a person types who knows no better: a word or some, without digits and signs."""
    return 4 <= len(value) <= 40 and _PLAIN.fullmatch(value) is not None


_PLAIN: Final = re.compile(r"[^\W\d_]+(?:[-_. ][^\W\d_]+){0,4}")


def is_weak_signing_key(value: str) -> bool:
    """Return whether `value` is a signing key that somebody typed: ``super-secret-key``, ``dev``."""
    return (
        3 <= len(value) <= 80
        and (_SECRET_IN_WORDS.search(value) is not None or is_made_up(value))
        and value.lower() not in TEXT_WORDS - {"secret"}
    )


def entropy(value: str) -> float:
    """Return the bits of entropy per character, from the frequencies of the characters."""
    size = len(value)
    return -sum(count / size * math.log2(count / size) for count in Counter(value).values()) if size else 0.0
