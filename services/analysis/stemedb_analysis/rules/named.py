"""Whether what a fact stands under names what is observed: then somebody else chose it, and here it is only spelt out.

::

    case "md5": return md5.New()               a choice: the one who asks for MD5 is the one to talk to
    table.put("DES", new DESEngine())          a table of what there is
    func newRC4(key []byte) …                  a maker, or the thing itself: what is called by its name is chosen by who calls it
    class ARCFOUR128 { void init() { … } }
    class NtlmEngine { byte[] lmHash() { … } }  a protocol or format, which says what it is made of

    String encryptDes(String text)             no maker: this uses it

A name is the thing itself if nothing else is in it than algorithms, modes and numbers.
"""

import re
from functools import lru_cache
from typing import Final

from stemedb_analysis.facts.model import Facts
from stemedb_analysis.model import Typed
from stemedb_analysis.rules.asked import lines_around, named_around
from stemedb_analysis.source import Source

BEFORE_BYTES_MAX: Final = 160
"""Of the fact's own line."""

_SPELT: Final = {
    "3des": r"triple[-_]?des|des[-_]?ede3?|3[-_]?des|des[-_]?[23]|tdes",
    "des": r"des(?:[-_]?ede3?)?",
    "rc4": r"rc[-_]?4|arc[-_]?4|arc[-_]?four",
    "blowfish": r"blowfish|bf",
    "cast5": r"cast[-_]?5|cast[-_]?128",
    "md5": r"md[-_]?5",
    "sha1": r"sha(?:[-_]?1(?!\d)|(?![-_]?\d))",
    "1.0": r"tls[-_ ]?v?(?:[-_ ]?1(?:[-_.]?0)?(?![-_.]?\d))|1\.0",
    "1.1": r"tls[-_ ]?v?[-_ ]?1[-_.]?1|1\.1",
    "pkcs1v15": r"rsa[-_]?1[-_.]5|pkcs[-_]?1(?:[-_]?v[-_]?1[-_]?5)?(?!\d)",
}
"""How names spell what is observed under another name; others are spelt as they are."""
_CHOICE: Final = re.compile(
    r"\b(?:if|elif|case|when|match|switch)\b|=>|\b(?:put|set|add|register\w*|insert)\(|\[[\"'][\w.\-]+[\"']\]\s*=|^\s*[\"']?[\w.\-]+[\"']?\s*:(?!:)"
)
"""A line that chooses, or fills a table."""
_MAKER: Final = re.compile(
    r"(?i)^(?:new|create|make|get|build|of|for|from|default|init)(?![a-z])|^(?:new|create|make|get|build)(?=[A-Z])"
)
_PARTS: Final = re.compile(
    r"(?i)(?:cipher|triple|des|v(?=\d)|ede|tdes|arc|four|rc|blowfish|cast|idea|seed|skipjack|twofish|md|sha|ripemd|whirlpool|hmac|cmac|mac|ecb|cbc|ctr|cfb|ofb|gcm|pbe|pkcs|rsa|with|and|bits?|digest|engine|base|encryption|checksum|crc|wrap|aes|crypt|encoder|decoder|codec|[\d_])+"
)
"""What there is in the name of an algorithm and nothing else."""
_PROTOCOL: Final = re.compile(
    r"(?i)ntlm|lan_?man(?:ager)?|lm_?hash|kerberos|krb5|(?-i:GSS)|spnego|ms_?chap|(?-i:CHAP)|cram_?md5|scram|sasl|digest_?(?:md5|auth|scheme)|snmp|(?-i:SMB)|radius"
    r"|native_?pass|caching_?sha2|pdf|standard_?security_?handler|seven_?z|7z|zip_?crypto|keepass|openpgp|rfc_?\d{4}"
)
"""How the names go of what implements a protocol or a format that says which algorithms it takes: who writes it has no choice."""
_WITHIN: Final = re.compile(r"(?i)with.*and|pbe_?with|^[a-z0-9_]+(?-i:W|w)ith(?=[A-Z\d])")
"""How the names of schemes go that are put together of several."""


def is_named(facts: Facts, source: Source, start: int, function: int, value: Typed) -> bool:
    """Return whether the choice, the table or the maker that byte `start` stands in names `value`, or belongs to a protocol that says it. O(`LINES_MAX`)."""
    spelt = str(value)
    function = named_around(facts, function)
    if 0 <= function < len(facts.functions):
        if _PROTOCOL.search(facts.functions[function].name):
            return True
        *owners, name = facts.functions[function].name.split(".")
        if _speaks_of(name, spelt) and (_MAKER.search(name) or _is_thing(name)):
            return True
        if any(_speaks_of(owner, spelt) and _is_thing(owner) for owner in owners):
            return True
    if isinstance(value, bool):
        return False  # a word for it is a word for anything
    data = source.data
    begin = max(data.rfind(b"\n", 0, start) + 1, start - BEFORE_BYTES_MAX)
    lines = [data[begin:start], *lines_around(data, start)]
    return any(
        _CHOICE.search(line) is not None and _speaks_of(line, spelt)
        for line in (one[:BEFORE_BYTES_MAX].decode("utf-8", "replace") for one in lines)
    )


def _is_thing(name: str) -> bool:
    return _PARTS.fullmatch(name) is not None or _WITHIN.search(name) is not None


def _speaks_of(text: str, value: str) -> bool:
    """Return whether `value` stands in `text` as a word, or as a part of a name that capitals set off."""
    for match in _pattern(value).finditer(text):
        before, behind = text[match.start() - 1 : match.start()], text[match.end() : match.end() + 1]
        is_begun = not before.isalpha() or (before.islower() and not match[0][0].islower())
        if is_begun and not behind.islower():
            return True
    return False


@lru_cache(maxsize=256)
def _pattern(value: str) -> re.Pattern[str]:
    return re.compile(_SPELT.get(value, re.escape(value)), re.IGNORECASE)
