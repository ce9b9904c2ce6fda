"""Whether a file could name a secret at all, told by its words: if not, its string literals need not be looked at.

A name that stands for a secret ends in one of few words, whatever it begins with (`names`), and the calls that take one without a name are few
(`contexts`). So the words of a file tell: ``db_password``, ``apiKey``, ``getConnection``. Where a name is cut in two (``x-api-key``), the words before
``key`` are looked at. What has the shape of a vendor's token, or stands in an address, is found without this (`detect`).

What stands around such a word has to tell as well (`given`).
"""

from collections.abc import Iterator
from itertools import product
from typing import Final, NamedTuple

from stemedb_analysis.secrets import shapes
from stemedb_analysis.secrets.given import (
    BEFORE_BYTES,
    QUOTED_HEAD,
    may_be_called_on,
    may_be_given_one,
    may_follow,
    may_stand_near_one,
)
from stemedb_analysis.secrets.names import kind_of_name
from stemedb_analysis.vocabulary import Vocabulary


def _byte(code: int) -> bytes:
    return bytes((code,))


_CALLS: Final = frozenset(
    b"getconnection httpbasicauth httpdigestauth usernamepasswordcredentials passwordauthentication setbasicauth basicauth basic_auth withbasicauth"
    b" basicawscredentials setsigningkey signingkey createhmac jwt jwts secretkeyspec hmac aesgcm aesgcmsiv aesccm aessiv chacha20poly1305 fernet secretbox"
    b" cmac arc4 blowfish salsa20 createcipheriv createdecipheriv createsecretkey hmacshakeyfor deskeyspec desedekeyspec signedstring"
    b" cookieparser newcookiestore verifywith hmac256 hmac384 hmac512 cryptojs jsonwebtoken jose signwith newcipher newtripledescipher new_from_slice from_secret"
    b" from_slice urlsafeserializer urlsafetimedserializer timestampsigner signer securecookie usernamepasswordtoken plaincredentials httpbasic"
    b" awsbasiccredentials newstaticcredentials newstaticcredentialsprovider networkcredential clientsecretcredential login authenticate plainauth pymysql mysqldb"
    b" sequelize passwordprotection pbekeyspec passwordauthenticator keystore kmf".split()
)
"""What stands before a string that `contexts` takes for a secret by its place, in lower case."""
_TEXT_CALLS: Final = _CALLS | frozenset(
    b"mysqli_connect mysql_connect mysql_pconnect mysqli pdo dbi imap_open odbc_connect ldap_bind ftp_login ssh2_auth_password sequel mysql_real_connect"
    b" oci_connect oci_pconnect curlopt_userpwd curlopt_proxyuserpwd redis openssl_encrypt openssl_decrypt hash_hmac sodium_crypto_secretbox"
    b" sodium_crypto_secretbox_open mcrypt_encrypt symmetricsecuritykey hmacsha1 hmacsha256 hmacsha384 hmacsha512 hmacmd5 messageencryptor messageverifier encryptor"
    b" symmetrickey pgp_sym_encrypt pgp_sym_decrypt getbytes wifi auth credentials cipher authenticationheadervalue withtoken bearerauth".split()
)
"""The same in the languages that are not parsed."""
_IN_PIECES: Final = frozenset({b"key", b"keys", b"base", b"key_base"})
"""Last words of names that only what stands before them makes secret."""
_ENDINGS: Final = (
    b"password passwd passphrase passwort passcode pwd pass secret key base token salt pepper auth authorization credential credentials bearer"
    b" kennwort losung geheimwort wachtwoord senha contrasena passe haslo cookie psk pat encrypt webhook seed value code geheimnis phrase keys secretid secret_id"
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
_JOINTS: Final = (b"-", b".", b" ", b":", b"/")
_QUOTES: Final = (b'"', b"'", b"`")


def speaks_of_secrets(vocabulary: Vocabulary, language: str) -> bool:
    """Return whether some name in a file of code could stand for a secret. O(words)."""
    data = vocabulary.data
    if vocabulary.has_escapes and (
        any(True for _ in _names_of_secrets(vocabulary)) or not _CALLS.isdisjoint(vocabulary.low)
    ):
        return True
    low = data.lower()
    if any(may_be_called_on(word, low) for word in _CALLS & vocabulary.low):
        return True
    if shapes.names_aws_key(data):
        return True
    may_be_one = may_be_given_one if language == "python" else may_stand_near_one
    if any(may_be_one(word, data) for word in _names_of_secrets(vocabulary)):
        return True
    if vocabulary.low.isdisjoint((b"key", b"base", b"key_base")):
        return False
    return any(
        may_follow({kind_of_name(name.decode("utf-8", "replace"))}, data, end)
        for name, end in _keys_in_pieces(low)
    )


def _names_of_secrets(vocabulary: Vocabulary) -> Iterator[bytes]:
    """Yield the words that could be the name of a secret, the last ones of it at least. O(words)."""
    # Most words are ruled out by their last letters.
    likely = [word for word in vocabulary.words if word[-3:] in _TAILS or word[-1] in _AFTER]
    return (word for word in likely if word.rstrip(_AFTER)[-3:] in _TAILS and kind_of_name(word.decode()))


class Spoken(NamedTuple):
    """What words of a file that is not parsed could have to do with a secret."""

    names: frozenset[bytes]
    """How names of secrets end here."""
    calls: frozenset[bytes]
    """What is called here that takes a secret without a name."""

    @property
    def is_nothing(self) -> bool:
        """Whether no word speaks of secrets."""
        return not (self.names or self.calls)


def spoken_in_text(vocabulary: Vocabulary) -> Spoken:
    """Return what a file that is not parsed has to be read for. O(words)."""
    names = set(_names_of_secrets(vocabulary))
    names |= {
        word for word in vocabulary.words if word.lower() in _IN_PIECES and b"-" + word in vocabulary.data
    }
    calls = frozenset(word for word in vocabulary.words if word.lower() in _TEXT_CALLS)
    return Spoken(frozenset(names), calls)


def _keys_in_pieces(low: bytes) -> Iterator[tuple[bytes, int]]:
    """Yield what stands in quotes, and where it ends, if it ends in ``key`` or ``base`` behind a sign and a word that makes it the key of something: ``"x-api-key"``."""
    for last, before in ((b"key", _BEFORE_KEY), (b"base", (b"key",))):
        for sign in _JOINTS:
            at = low.find(sign + last)
            while at >= 0:
                end = at + len(sign + last)
                if low[end : end + 1] in _QUOTES and low.endswith(before, 0, at):
                    head = QUOTED_HEAD.search(low, max(0, at - BEFORE_BYTES), at)
                    if head:
                        yield head[1] + low[at:end], end
                at = low.find(sign + last, at + 1)
