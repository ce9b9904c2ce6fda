"""What a string is for where no name says it: the call that it is given to, and what stands around it.

::

    props.setProperty("db.password", "…")            the literal before it is the name
    add_argument("--api-key", default="…")           so is that of an option
    DriverManager.getConnection(url, "root", "…")    the last argument of a call that signs in
    requests.get(u, auth=("admin", "…"))             the second of a pair
    hmac.new(b"…", text)    AESGCM(bytes.fromhex("…"))    jwt.sign(payload, "…")    new SecretKeySpec("…".getBytes(), "AES")
    "…".equals(password)    compare_digest(token, "…")    what it is compared with
    token: String::from("…")    key = "…".toCharArray()   what it goes to

Only the bytes before the string on its own line are looked at, and of a few lines before where it is an argument on a line of its own; and
only for strings that could be secrets, so that it costs nothing elsewhere.
"""

import re
from collections.abc import Iterable
from typing import Final, NamedTuple

from stemedb_analysis.facts.model import Text
from stemedb_analysis.secrets.names import NameKind, kind_of_name

BEFORE_BYTES_MAX: Final = 160
BEFORE_LINES_MAX: Final = 4
AFTER_BYTES_MAX: Final = 80

_GOES_ON: Final = (b"(", b",")

BASIC_AUTHS: Final = frozenset({"setbasicauth", "basic_auth", "basicauth", "withbasicauth", "httpbasicauth"})
"""Calls that sound like a key and take a user and a password."""

LENGTH_MIN: Final = 4
LENGTH_MAX: Final = 512
"""Of a value that is looked at."""

CALLS_WITH_DEFAULT: Final = frozenset(
    [
        "get",
        "getenv",
        "getordefault",
        "getproperty",
        "getstring",
        "setdefault",
        "env",
        "var",
        "string",
        "str",
        "envor",
        "getenvor",
        "getenvordefault",
        "config",
        "lookup",
        "option",
        "value",
        "getvalue",
        "putifabsent",
        "stringvar",
        "field",
        "environ",
    ]
)
"""Calls that take a name and what holds where nobody says otherwise."""

CALLS_WITH_NAME: Final = frozenset(
    [
        "set",
        "put",
        "setproperty",
        "setenv",
        "setheader",
        "header",
        "add",
        "append",
        "with",
        "insert",
        "property",
        "param",
        "setparameter",
        "addheader",
        "set_var",
        "putstring",
        "setrequestheader",
        "insert_header",
        "header_str",
        "addproperty",
    ]
)
"""Calls that take a name and its value."""

_WRAPPED: Final = (
    rb"(?:(?:new\s+)?(?:&?\[\]byte|Buffer\.from|bytes\.fromhex|bytearray|bytes|hex\.\w+|base64\.\w+|b64decode|unhexlify|binascii\.\w+|str|String|SecretStr|"
    rb"String::from|Secret::new|SecretString::(?:from|new)|Uint8Array\.from|Base64\.getDecoder\(\)\.decode|Decoders\.BASE64\.decode|Some|"
    rb"(?:System\.Text\.)?Encoding\.\w+\.GetBytes|(?:System\.)?Convert\.FromBase64String|Data|base64_decode|hex2bin|"
    rb"new\s+TextEncoder\(\)\.encode|TextEncoder\(\)\.encode|Hex\.decode\w*|enc\.\w+\.parse|CryptoJS\.enc\.\w+\.parse|&?\w+::from)\s*\(\s*)*"
)
_ONE: Final = rb"[^(),]*(?:\([^()]*\))?[^(),]*,\s*"
"""One argument before the string."""


def _pattern(*alternatives: bytes) -> re.Pattern[bytes]:
    return re.compile(rb"(?:" + rb"|".join(alternatives) + rb")" + _WRAPPED + rb"$")


_WRAPPED_ALONE: Final = re.compile(rb"\s*" + _WRAPPED)
_KEY_BEFORE: Final = _pattern(
    rb"\b(?:hmac|HMAC)(?:\.(?:new|HMAC|digest))?\s*\(\s*(?:key\s*=\s*)?",
    rb"\b(?:AESGCM|AESGCMSIV|AESCCM|AESSIV|AESOCB3|ChaCha20Poly1305|Fernet|SecretBox|CMAC|Poly1305|algorithms\.\w+)\s*\(\s*(?:key\s*=\s*)?",
    rb"\b(?:AES|DES3?|ARC[24]|Blowfish|CAST|ChaCha20|ChaCha20_Poly1305|Salsa20)\.new\s*\(\s*(?:key\s*=\s*)?",
    rb"\b(?:createCipheriv|createDecipheriv|createHmac)\s*\(" + _ONE,
    rb"\b(?:createSecretKey|hmacShaKeyFor|setSigningKey|signingKey|DESKeySpec|DESedeKeySpec|SecretKeySpec|SignedString|cookieParser|NewCookieStore|verifyWith)\s*\(\s*",
    rb"\bHMAC(?:256|384|512)\s*\(\s*",
    rb"\bCryptoJS\.(?:(?:AES|DES|TripleDES|RC4|Rabbit)\.(?:encrypt|decrypt)|Hmac\w+)\s*\(" + _ONE,
    rb"(?i:\bjwts?\b|\bjsonwebtoken|\bjose)\w*(?:\.\w+)*\.(?:encode|decode|sign|verify|signWith|signAsync|verifyAsync)\s*\("
    + _ONE,
    rb"\bsignWith\s*\(" + _ONE,
    rb"\bhmac\.New\s*\(" + _ONE,
    rb"\b(?:aes|des|rc4|blowfish|twofish|chacha20poly1305|cast5)\.New\w*\s*\(\s*",
    rb"\b(?:new_from_slice|from_secret|from_base64_secret|from_slice)\s*\(\s*",
    rb"\bhmac::Key::new\s*\(" + _ONE,
    rb"\b(?:URLSafe(?:Timed)?Serializer|JSONWebSignatureSerializer|TimestampSigner|Signer)\s*\(\s*",
    rb"\b(?:openssl_(?:en|de)crypt|hash_hmac|sodium_crypto_secretbox(?:_open)?)\s*\(" + _ONE + _ONE,
    rb"\bJWT::(?:encode|decode)\s*\(" + _ONE,
    rb"\b(?:OpenSSL::HMAC\.\w+|mcrypt_(?:en|de)crypt|HMAC\s*\(\s*EVP_\w+)\s*\(" + _ONE,
    rb"\b(?:SymmetricSecurityKey|HMACSHA\d+|HMACMD5|Message(?:Encryptor|Verifier)\.new|Encryptor\.new)\s*\(\s*",
    rb"\bSymmetricKey\s*\(\s*data:\s*",
    rb"\b(?:cipher|aes|rijndael|des|tripledes|algorithm|hmac)\w*\.[kK]ey\s*=\s*",
    rb"(?i:\bbyte\[\]\s+\w*key\w*\s*=\s*)",
    rb"\bpgp_sym_(?:en|de)crypt\s*\(" + _ONE,
    rb"\b(?:securecookie\.New|csrf\.Protect|sessions\.NewFilesystemStore)\s*\(\s*",
)
_PASSWORD_BEFORE: Final = _pattern(
    rb"\bgetConnection\s*\(" + _ONE + rb"[^(),]+(?:\([^()]*\))?,\s*",
    rb"\b(?:put|setProperty|addToEnvironment)\s*\(\s*(?:\w+\.)*[A-Z_]*(?:CREDENTIALS|PASSWORD|PASSWD|SECRET)(?:_CONFIG)?\s*,\s*",
    rb"(?i:\b(?:key_?store|trust_?store|ks)\w*\.load|\b(?:kmf|key_?manager\w*)\.init|\.loadKeyMaterial|\.loadTrustMaterial)\s*\("
    + _ONE,
    rb"(?i:\b(?:HTTP(?:Basic|Digest)Auth|UsernamePasswordCredentials?|UsernamePasswordToken|UsernamePasswordAuthenticationToken|PasswordAuthentication|"
    rb"SetBasicAuth|basic_?auth|withBasicAuth|basicAuthentication|BasicAWSCredentials|AwsBasicCredentials\.create|PlainCredentials|httpBasic|"
    rb"NewStaticCredentials(?:Provider)?|NewStaticV4|setCredentials|withCredentials|PasswordCredential|NetworkCredential)\s*\()[^()]*,\s*(?:password\s*=\s*)?",
    rb"\bClientSecretCredential\s*\(" + _ONE + _ONE,
    rb"\b(?:\w*(?:smtp|ftp|imap|mail|client|server|conn|session|telnet|redmine|jenkins|api)\w*)(?:\.|->)(?:login|authenticate)\s*\(\s*[^(),]+,\s*",
    rb"\bPlainAuth\s*\(" + _ONE + _ONE,
    rb"\b(?:mysqli?_p?connect|new\s+mysqli|new\s+PDO|DBI\s*->\s*connect(?:_cached)?|imap_open|odbc_connect|ldap_bind|ftp_login|ssh2_auth_password|"
    rb"DB::connect|Sequel\.connect)\s*\(" + _ONE + _ONE,
    rb"\bmysql_real_connect\s*\(" + _ONE + _ONE + _ONE,
    rb"\boci_p?connect\s*\(" + _ONE,
    rb"\bCURLOPT_(?:PROXY)?USERPWD\s*,\s*",
    rb"(?i:redis|\bred)\w*\s*(?:->|:)\s*auth\s*\(\s*",
    rb"\bbasic_auth\s+[^(),]+,\s*",
    rb"\bWiFi\.begin\s*\(\s*[^(),]+,\s*",
    rb"\bAws::Credentials\.new\s*\(" + _ONE,
    rb"\bssh\.Password\s*\(\s*",
    rb"\b(?:pymysql|MySQLdb|mysql\.connector|mariadb)\.connect\s*\(\s*[^(),]+,\s*[^(),]+,\s*",
    rb"\bnew\s+Sequelize\s*\(\s*[^(),]+,\s*[^(),]+,\s*",
    rb"\b(?:PasswordProtection|PBEKeySpec|PasswordAuthenticator)\s*\(\s*",
    rb"(?i:\b\w*(?:store|ks|keys|trust)\w*)\.load\s*\(" + _ONE,
    rb"\bkmf\.init\s*\(" + _ONE,
    rb"\bauth\s*[=:]\s*[(\[]\s*[^()\[\],]+,\s*",
    rb"\bCredentials::new\s*\(\s*[^(),]+,\s*",
)
_TOKEN_BEFORE: Final = _pattern(
    rb"\bAuthenticationHeaderValue\s*\(\s*\"(?:Bearer|Basic|Token)\"\s*,\s*",
    rb"\.(?:withToken|bearerAuth|setBearerAuth|bearer_auth|auth_bearer)\s*\(\s*",
)
_NAME_BEFORE: Final = re.compile(
    rb"[\"'`]-{0,2}([\w.\-]{2,60})[\"'`]\s*(?:,\s*(?:[^\"'()]|\([^()]*\))*?\bdefault\s*[=:]|,)\s*"
    + _WRAPPED
    + rb"$"
)
_COMPARED_BEFORE: Final = re.compile(
    rb"(?:compare_digest|timingSafeEqual|ConstantTimeCompare|isEqual|equals|EqualFold|equalsIgnoreCase|constant_time_eq|contentEquals)\s*\(\s*"
    + _WRAPPED
    + rb"([\w.]+)[^,\"']*,\s*"
    + _WRAPPED
    + rb"$"
)
_EQUALS_BEFORE: Final = re.compile(
    rb"(\w+)(?:\(\))?\.(?:equals|equalsIgnoreCase|contentEquals|eq|ct_eq)\(\s*" + _WRAPPED + rb"$"
)
_EQUALS_AFTER: Final = re.compile(
    rb"[\"'`]?\s*(?:\.getBytes\(\)\s*)?\.(?:equals|equalsIgnoreCase|contentEquals)\(\s*([\w.]+)|[\"'`]?\s*===?\s*([\w.]+)"
)
_GIVEN_BEFORE: Final = re.compile(
    rb"(?<![\w.\-])([\w.\-]+)[\"'\]]*\s*(?::\s*&?[\w\[\].<>&' ]+?\s*)?(?::=|=(?![=>])|:)\s*(?:(?:\w+\.)?(?:quote_plus|quote|urlencode|encodeURIComponent|must\w*|Must\w*|SecretStr|Secret|Password|strdup|decode|Zeroizing::new|Masked)\s*\(\s*)?"
    + _WRAPPED
    + rb"$"
)
_OTHERWISE_BEFORE: Final = re.compile(
    rb"(?<![\w.\-])([\w.\-]+)[\"'\]]*\s*(?::\s*[\w\[\].<>&' ]+?\s*)?(?::=|=(?![=>])|:)\s*[^=;\"']*?(?:[\"'][\w.\-]*[\"'][^=;\"']*?)?(?:\|\||\bor\b|\?\?|[:?]|unwrap_or(?:_else)?\((?:\|_\|)?|orElse\(|getOrElse\()\s*"
    + _WRAPPED
    + rb"$"
)
_ENVIRONMENT_BEFORE: Final = re.compile(
    rb"(?:env::var|[gG]etenv|environ\.get|LookupEnv|Deno\.env\.get|System\.getProperty|env\.get)\s*\(\s*[\"'`]([\w.\-]+)[\"'`]\)[^\"'`;]*$"
    rb"|(?:process|import\.meta|Bun)\.env\.(\w+)[^\"'`;]*?(?:\|\||\?\?)\s*" + _WRAPPED + rb"$"
)
_HINTS: Final = (
    b"aes arc4 auth bearer bind cipher connect cookie cred crypt curlopt fernet geheim hmac imap_open init jwt kennwort key load login mysql pass pdo pepper"
    b" protect pw rc4 salt secret senha sequelize serializer sign slice spec token wifi"
).split()


def _any_of(words: Iterable[bytes]) -> bytes:
    """Return an expression for any of some words, by their first letters: so it is found ten times as fast."""
    first: dict[bytes, list[bytes]] = {}
    for word in words:
        first.setdefault(word[:1], []).append(word[1:])
    return b"|".join(letter + b"(?:" + b"|".join(rest) + b")" for letter, rest in first.items())


_HINT: Final = re.compile(_any_of(_HINTS) + rb"|des3?\b")
"""In lower case, what stands before a string whose place tells what it is for."""


_GIVING_END: Final = re.compile(rb"(?:[=:(?|]|\bor)\s*$")
"""How what is before a string ends if the string is given to something; one of a list is not."""
GIVING_BYTES: Final = 16

_WRAPPERS: Final = frozenset({"", "from", "some", "ok", "new", "str", "string", "bytes", "fromhex"})
"""What a string may be an argument of and still go to what the whole is given to."""


class Context(NamedTuple):
    """What the value of a string would be, under which name, and in which role it counts."""

    kind: NameKind
    name: str
    role: str


NOTHING: Final = Context("", "", "")


def context_of(text: Text, data: bytes) -> Context:
    """Return what `text` is for, `NOTHING` if nothing around it tells."""
    if not LENGTH_MIN <= len(text.value) <= LENGTH_MAX or text.role in {"key", "returned"}:
        return NOTHING
    before = _before(text, data)
    if not _HINT.search(before.lower()):
        return _compared_after(text, data)
    if _KEY_BEFORE.search(before):
        return Context("signing", "key", "argument")
    if any(character.isspace() for character in text.value):
        return NOTHING  # a sentence: of those only keys count
    if _TOKEN_BEFORE.search(before):
        return Context("key", "token", "argument")
    if _PASSWORD_BEFORE.search(before):
        return Context("password", "password", "argument")
    found = _of_name_before(text, before)
    if found.kind:
        return found
    return _of_target(text, before) or _compared_after(text, data)


def _of_target(text: Text, before: bytes) -> Context | None:
    """Return what the string goes to or is called on; ``None`` if that is not seen."""
    if text.role == "assigned":
        return None
    if not _GIVING_END.search(before, max(0, len(before) - GIVING_BYTES)):
        return None
    match = _EQUALS_BEFORE.search(before) or _GIVEN_BEFORE.search(before)
    if match is None and (text.role != "argument" or text.name.lower() in _WRAPPERS):
        match = _OTHERWISE_BEFORE.search(before)
    if match is None:
        return None
    name = match[1].decode("utf-8", "replace")
    return Context(kind_of_name(name), name, "compared" if match.re is _EQUALS_BEFORE else "element")


def _of_name_before(text: Text, before: bytes) -> Context:
    match = _COMPARED_BEFORE.search(before)
    if match:
        word = match[1].decode("utf-8", "replace")
        return Context(kind_of_name(word), word, "compared")
    match = _ENVIRONMENT_BEFORE.search(before)
    if match:
        name = (match[1] or match[2]).decode()
        return Context(kind_of_name(name), name, "argument")
    match = _NAME_BEFORE.search(before)
    if match is None:
        return NOTHING
    word = match[1].decode()
    is_first = before[: match.start()].rstrip()[-1:] in {b"(", b"{", b"["}
    called = text.name.lower() if text.role == "argument" else ""
    is_known = called in CALLS_WITH_DEFAULT or called in CALLS_WITH_NAME or called.startswith("default")
    if not (is_known or is_first or called in {"of", "entry"}):
        return NOTHING  # one of a list of strings
    role = "argument" if is_known else "element"
    return Context(kind_of_name(word), word, role)


def _compared_after(text: Text, data: bytes) -> Context:
    if text.role != "other":
        return NOTHING
    match = _EQUALS_AFTER.match(data, text.end, text.end + AFTER_BYTES_MAX) or _EQUALS_AFTER.match(
        data, text.end - 1, text.end + AFTER_BYTES_MAX
    )
    if match is None:
        return NOTHING
    name = (match[1] or match[2]).decode("utf-8", "replace")
    return Context(kind_of_name(name), name, "compared")


def _holds_argument(line: bytes) -> bool:
    """Return whether a line before a string opens no call but one that gives the string itself."""
    return b"(" not in line or _WRAPPED_ALONE.fullmatch(line) is not None


def _before(text: Text, data: bytes) -> bytes:
    start, end = data.rfind(b"\n", 0, text.start) + 1, text.start
    for lines in range(BEFORE_LINES_MAX):
        line = data[start:end]
        begins = not lines and not line.strip()
        above = data[max(0, start - BEFORE_BYTES_MAX) : start].rstrip()
        # Arguments on lines of their own belong to the call that is opened above them.
        if start == 0 or not (begins or (_holds_argument(line) and above[-1:] in _GOES_ON)):
            break
        start, end = data.rfind(b"\n", 0, start - 1) + 1, start
    return data[max(start, text.start - BEFORE_BYTES_MAX) : text.start]
