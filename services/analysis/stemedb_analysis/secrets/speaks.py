"""Whether a file could name a secret at all, told by its words: if not, its string literals need not be looked at.

A name that stands for a secret ends in one of few words, whatever it begins with (`names`), and the calls that take one without a name are few
(`contexts`). So the words of a file tell: ``db_password``, ``apiKey``, ``getConnection``. Where a name is cut in two (``x-api-key``), the words before
``key`` are looked at. What has the shape of a vendor's token, or stands in an address, is found without this (`detect`).
"""

from itertools import product
from typing import Final

from stemedb_analysis.secrets import shapes
from stemedb_analysis.secrets.names import kind_of_name
from stemedb_analysis.vocabulary import Vocabulary


def _byte(code: int) -> bytes:
    return bytes((code,))


_CALLS: Final = frozenset(
    b"getconnection httpbasicauth httpdigestauth usernamepasswordcredentials passwordauthentication setbasicauth basicauth basic_auth withbasicauth"
    b" basicawscredentials setsigningkey signingkey createhmac jwt jwts secretkeyspec".split()
)
"""What stands before a string that `contexts` takes for a secret by its place, in lower case."""
_ENDINGS: Final = (
    b"password passwd passphrase passwort passcode pwd pass secret key base token salt pepper auth authorization credential credentials bearer"
).split()
"""How the last words of such names end, ``pw`` besides."""
_TAILS: Final = frozenset(
    bytes(letters) for word in _ENDINGS for letters in product(*(sorted({c, c - 32}) for c in word[-3:]))
) | frozenset(
    [first + last for last in (b"pw", b"Pw", b"PW", b"pW") for first in (b"", *map(_byte, range(256)))]
)
"""The last three letters of these words, in any case: most words of a file are ruled out by them."""
_AFTER: Final = b"_0123456789"
"""What a name may have behind its last word."""
_BEFORE_KEY: Final = (
    b"secret", b"jwt", b"signing", b"encryption", b"hmac", b"crypto", b"aes", b"master", b"app", b"api", b"access", b"account", b"auth",
    b"private", b"license", b"subscription", b"storage",
)  # fmt: skip
_BEFORE_BYTES: Final = 40
_NO_WORD: Final = bytes(code for code in range(256) if not chr(code).isalnum() or code > 127)


def speaks_of_secrets(vocabulary: Vocabulary, language: str) -> bool:
    """Return whether some name in a file of code could stand for a secret. O(words)."""
    if not _CALLS.isdisjoint(vocabulary.low):
        return True
    data = vocabulary.data
    if any(literal in data for literal in shapes.SHAPES[0].literals):
        return True
    likely = [word for word in vocabulary.words if word[-3:] in _TAILS or word[-1] in _AFTER]
    # The statement ``pass`` is no name; as a key it stands in quotes.
    is_statement = language == "python" and b'pass"' not in data and b"pass'" not in data
    if any(
        word.rstrip(_AFTER)[-3:] in _TAILS and kind_of_name(word.decode())
        for word in likely
        if not (is_statement and word == b"pass")
    ):
        return True
    return not vocabulary.low.isdisjoint((b"key", b"base", b"key_base")) and _has_key_in_pieces(data.lower())


def _has_key_in_pieces(low: bytes) -> bool:
    """Return whether ``key`` or ``base`` stands behind a word, and something between, that makes it the key of something."""
    for last, before in ((b"key", _BEFORE_KEY), (b"base", (b"key",))):
        at = low.find(last)
        while at >= 0:
            head = low[max(0, at - _BEFORE_BYTES) : at]
            first = head.rstrip(_NO_WORD)
            if first != head and first.endswith(before):
                return True
            at = low.find(last, at + 1)
    return False
