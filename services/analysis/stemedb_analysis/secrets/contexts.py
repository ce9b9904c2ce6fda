"""What a string is for where no name says it: the call that it is given to, and what stands before it.

::

    props.setProperty("db.password", "…")            the literal before it is the name
    DriverManager.getConnection(url, "root", "…")    the last argument of a call that signs in
    requests.get(u, auth=("admin", "…"))             the second of a pair
    os.environ.get("DB_PASSWORD", "…")               what holds unless the environment says otherwise
    jwt.sign(payload, "…")    createHmac("sha256", "…")    new SecretKeySpec("…".getBytes(), "AES")
    password.equals("…")      token: String::from("…")     what the call is made on, or what its result goes to

Only the bytes before the string on its own line are looked at, and only for calls of these names, so that it costs nothing elsewhere.
"""

import re
from typing import Final, NamedTuple

from stemedb_analysis.facts.model import Text
from stemedb_analysis.secrets.names import NameKind, kind_of_name

BEFORE_BYTES_MAX: Final = 160

_PAIRED: Final = frozenset(
    "set put setproperty setenv setdefault setheader header add append with env insert property param setparameter addheader set_var putstring".split()  # noqa: SIM905 - easier to read
)
_SIGN_IN: Final = frozenset(
    [
        "getconnection",
        "httpbasicauth",
        "httpdigestauth",
        "usernamepasswordcredentials",
        "passwordauthentication",
        "setbasicauth",
        "basicauth",
        "basic_auth",
        "withbasicauth",
        "basicawscredentials",
        "some",
    ]
)
BASIC_AUTHS: Final = frozenset({"setbasicauth", "basic_auth", "basicauth", "withbasicauth", "httpbasicauth"})
"""Calls that sound like a key and take a user and a password."""

_SIGNING: Final = frozenset(
    [
        "encode",
        "decode",
        "sign",
        "verify",
        "signwith",
        "setsigningkey",
        "createhmac",
        "signingkey",
        "verifywith",
    ]
)
_WRAPPING: Final = frozenset("from some string ok secret secretstr secretstring new tostring".split())  # noqa: SIM905 - easier to read
_EQUAL: Final = frozenset({"equals", "equalsignorecase", "contentequals"})

_FALLBACK: Final = frozenset({"get", "getenv", "config", "env", "str", "default"})
_FALLBACK_BEFORE: Final = re.compile(
    rb"(?:\benviron\.get|\bgetenv|\benv(?:\.str)?|\bconfig)\(\s*[\"']([\w.\-]{2,60})[\"']\s*,\s*(?:default\s*=\s*)?$"
)
_NAME_BEFORE: Final = re.compile(rb"[\"']([\w.\-]{2,60})[\"']\s*,\s*$")
_SIGN_IN_BEFORE: Final = re.compile(
    rb"(?:getConnection\s*\([^()]*,|(?:HTTP(?:Basic|Digest)Auth|UsernamePasswordCredentials|PasswordAuthentication|SetBasicAuth|basic_?auth|withBasicAuth"
    rb"|BasicAWSCredentials)\s*\()[^()]*,\s*(?:Some\(\s*)?$",
    re.IGNORECASE,
)
_PAIR_BEFORE: Final = re.compile(rb"\bauth\s*[=:]\s*[(\[]\s*[^()\[\],]+,\s*$")
_SIGNING_BEFORE: Final = re.compile(
    rb"\bjwts?\b.*\b(?:encode|decode|sign|verify|signWith)\s*\(.*,\s*$|\b(?:setSigningKey|signingKey)\s*\(\s*$|\bcreateHmac\s*\([^()]*,\s*$",
    re.IGNORECASE,
)
_KEY_BEFORE: Final = re.compile(rb"\bSecretKeySpec\s*\(\s*$")
_COMPARED_BEFORE: Final = re.compile(rb"(\w+)(?:\(\))?\.\w+\(\s*$")
_WRAPPED_BEFORE: Final = re.compile(
    rb"(\w+)[\"']?\s*(?::=|[:=])\s*(?:&?\w+(?:::|\.)|new\s+)?\w+\(\s*(?:\w+::\w+\(\s*)?$"
)


class Context(NamedTuple):
    """What the value of a string would be, under which name, and in which role it counts."""

    kind: NameKind
    name: str
    role: str


NOTHING: Final = Context("", "", "")


def context_of(text: Text, data: bytes) -> Context:
    """Return what `text` is for, `NOTHING` if nothing before it tells."""
    name = text.name.lower()
    if text.role == "argument":
        return _of_argument(name, text, data)
    if text.role in {"element", "other"} and not name:
        before = _before(text, data)
        if before.endswith((b", ", b",")) and _PAIR_BEFORE.search(before):
            return Context("password", "password", "argument")
        if before.endswith(b"(") and _KEY_BEFORE.search(before):
            return Context("signing", "key", "argument")
    return NOTHING


def _of_argument(name: str, text: Text, data: bytes) -> Context:
    if name in _PAIRED:
        match = _NAME_BEFORE.search(_before(text, data))
        if match:
            word = match[1].decode()
            return Context(kind_of_name(word), word, "argument")
    if name in _FALLBACK:
        match = _FALLBACK_BEFORE.search(_before(text, data))
        if match:
            word = match[1].decode()
            return Context(kind_of_name(word), word, "argument")
    if name in _SIGN_IN and _SIGN_IN_BEFORE.search(_before(text, data)):
        return Context("password", "password", "argument")
    if name in _SIGNING and _SIGNING_BEFORE.search(_before(text, data)):
        return Context("signing", "key", "argument")
    return _of_receiver(name, text, data)


def _of_receiver(name: str, text: Text, data: bytes) -> Context:
    if name in _EQUAL:
        match = _COMPARED_BEFORE.search(_before(text, data))
        if match:
            return Context(kind_of_name(match[1].decode()), match[1].decode(), "compared")
    if name in _WRAPPING:
        match = _WRAPPED_BEFORE.search(_before(text, data))
        if match:
            return Context(kind_of_name(match[1].decode()), match[1].decode(), "element")
    return NOTHING


def _before(text: Text, data: bytes) -> bytes:
    start = max(data.rfind(b"\n", 0, text.start) + 1, text.start - BEFORE_BYTES_MAX)
    return data[start : text.start]
