"""Secrets that stand in commands and statements: what comes behind an option or a variable, in scripts, pipelines and strings of code.

::

    curl -u admin:… https://…        sshpass -p … ssh …          PGPASSWORD=… psql
    mysql -uroot -p…                 redis-cli -a …              --password=…   --api-key …
    CREATE USER a IDENTIFIED BY '…'  ALTER ROLE a PASSWORD '…'   app:…@tcp(db:3306)/orders
    -H "X-Api-Key: …"                -passin pass:…              echo app:… | chpasswd

Each form has literals that a file is searched for first. What the shell will put there (``$NAME``) is no secret, and so is what looks like a word where a
name is asked for.
"""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from stemedb_analysis.vocabulary import Vocabulary

REACH_BEFORE: Final = 200
"""Bytes of the line before a literal that a form may begin in."""
REACH_AFTER: Final = 400
TRIES_MAX: Final = 500
"""Of one literal in a file; one with more is a table, and its first ones tell enough."""


class Form(NamedTuple):
    """One way to write a secret into a command; the secret is the group ``secret``."""

    kind: str
    literals: tuple[tuple[bytes, tuple[bytes, ...]], ...]
    """What a file is searched for first, each with its words in lower case."""
    pattern: re.Pattern[bytes]
    is_sure: bool = True
    """Whether a word that somebody made up counts too, not only random text."""


_VALUE: Final = rb"(?P<secret>[^\s\"'`$<>{}();&|,\\]{4,128})"
_QUOTED: Final = rb"(?P<secret>[^\s\"'`\\]{4,128})"
"""Where quotes stand around it, other signs may be in it."""
_WORD: Final = re.compile(rb"[a-z0-9_]+")
# In lists of literals ``~`` is a blank.
_BOUND: Final = rb"(?=[\s\"'`;&|,)\\]|$)"


def _form(kind: str, literals: str, pattern: bytes, *, is_sure: bool = True, bound: bytes = _BOUND) -> Form:
    found = [one.replace("~", " ").encode() for one in literals.split()]
    words = tuple((one, tuple(_WORD.findall(one.lower()))) for one in found)
    return Form(kind, words, re.compile(pattern + bound), is_sure)


FORMS: Final = (
    _form("password", "sshpass", rb"\bsshpass\s+-p\s*[\"'\\]*" + _VALUE),
    _form(
        "password",
        "PGPASSWORD= MYSQL_PWD= REDISCLI_AUTH= SSHPASS= PASSWORD= PASSPHRASE= _PASS=",
        rb"(?<![\w.\-])(?:[A-Z][A-Z0-9]*_)*(?:PGPASSWORD|MYSQL_PWD|REDISCLI_AUTH|SSHPASS|PASSWORD|PASSPHRASE|PASS)=[\"']?" + _VALUE,
    ),
    _form(
        "token",
        "TOKEN= SECRET= _KEY=",
        rb"(?<![\w.\-])(?:[A-Z][A-Z0-9]*_)+(?:TOKEN|SECRET|API_KEY|ACCESS_KEY|SECRET_KEY)=[\"']?" + _VALUE,
        is_sure=False,
    ),
    _form(
        "password",
        "--password --passwd --pass --http-password --requirepass --db-password --admin-password --root-password",
        rb"(?<![\w\-])--(?:[a-z]+-)*(?:password|passwd|pass|requirepass)(?:=|\s+|[\"'],\s*[\"'])[\"']?" + _VALUE,
    ),
    _form(
        "token",
        "--token --auth-token --api-key --apikey --access-token --secret --client-secret --api-token --access-key --secret-key",
        rb"(?<![\w\-])--(?:[a-z]+-)*(?:token|api-?key|secret|access-key|secret-key)(?:=|\s+|[\"'],\s*[\"'])[\"']?" + _VALUE,
        is_sure=False,
    ),
    _form("password", "curl~", rb"\bcurl\b[^\n|;]*?\s(?:-u|--user|--proxy-user|-a)[= ]?[\"'\\]*[\w.@\-]+:" + _VALUE),
    _form("password", "mysql~ mysqldump~ mysqladmin~ mariadb~ mariadb-dump~", rb"\b(?:mysql|mariadb)(?:dump|admin|-dump|-admin|import)?\b[^\n|;]*?\s-p(?!assword\b)[\"']?(?=[^\s\"'$]*\d)" + _VALUE),
    _form("password", "redis-cli", rb"\bredis-cli\b[^\n|;]*?\s(?:-a|--pass)\s+[\"']?" + _VALUE),
    _form("password", "~login~-", rb"\b(?:docker|podman|helm|oc|az|npm)\b[^\n|;]*\blogin\b[^\n|;]*?\s-p[= ]?[\"']?" + _VALUE),
    _form("password", "openssl~enc", rb"\bopenssl\s+enc\b[^\n|;]*?\s-(?:k|pass)\s+(?:pass:)?[\"']?(?=[^\s\"'$]*\d)" + _VALUE),
    _form("token", "vault~login", rb"\bvault\s+login\s+(?:token=)?[\"']?(?P<secret>[A-Za-z0-9._\-]{20,200})", is_sure=False),
    _form("password", "smbclient rpcclient smbmap net~ads net~rpc", rb"\b(?:smbclient|rpcclient|smbmap|net\s+(?:ads|rpc))\b[^\n|;]*?\s(?:-U|--user)[= ]?[\"']?[\w.\-\\/]+%" + _VALUE),
    _form("password", "lftp~ mirror~", rb"\blftp\b[^\n|;]*?\s-u\s+[\"']?[\w.\-@]+," + _VALUE),
    _form("password", "ldapsearch ldapadd ldapmodify ldapdelete ldappasswd ldapwhoami", rb"\bldap\w+\b[^\n|;]*?\s-[ws]\s*[\"']?" + _VALUE),
    _form("password", "~-a~", rb"\bhttps?\b[^\n|;:/]*?\s-a\s+[\"']?[\w.\-@]+:" + _VALUE),
    _form("password", "-storepass -keypass -srcstorepass -deststorepass", rb"\s-(?:src|dest)?(?:store|key)pass\s+[\"']?" + _VALUE),
    _form("password", "mongo~ mongosh~ mongodump~ mongorestore~ mongoimport~ mongoexport~", rb"\bmongo(?:sh|dump|restore|import|export)?\b[^\n|;]*?\s-p[ =]?[\"']?" + _VALUE),
    _form("password", "rabbitmqctl", rb"\brabbitmqctl\b[^\n|;]*?\b(?:add_user|change_password)\s+\S+\s+[\"']?" + _VALUE),
    _form("password", "net~user~ net~use~ NET~USE~", rb"(?i:\bnet\s+(?:user\s+[\w.\-]+|use\b[^\n]*?/user:\S+)\s+)(?![/*])[\"']?" + _VALUE),
    _form("password", "pass:", rb"\s-pass(?:in|out)?\s+pass:" + _VALUE),
    _form("password", "chpasswd", rb"\becho\s+(?:-\w\s+)?[\"']?[\w\-]+:" + _VALUE + rb"[\"']?\s*\|\s*(?:sudo\s+)?chpasswd"),
    _form("password", "htpasswd", rb"\bhtpasswd\b[^\n|;]*?\s-\w*b\w*\s+\S+\s+[\w\-]+\s+[\"']?" + _VALUE),
    _form("password", "AsPlainText", rb"(?i:ConvertTo-SecureString)\s+(?:-String\s+)?[\"']" + _QUOTED + rb"[\"']\s+-AsPlainText"),
    _form("password", "IDENTIFIED identified", rb"(?i:\bidentified\s+(?:with\s+\S+\s+)?by\s+)(?:password\s+)?\\?[\"']" + _QUOTED),
    _form(
        "password",
        "PASSWORD~' password~' PASSWORD~\\\\' PASSWORD~=~' Password~'",
        rb"(?i:\b(?:create|alter)\s+(?:user|role|login)\s+[^;\n]*?\bpassword\s*=?\s*)\\?'" + _QUOTED,
    ),
    _form("url_password", "@tcp( @unix(", rb"(?<![\w/])[\w.\-]+:(?P<secret>[^\s:@\"'/`$%{}]{3,64})",
        bound=rb"(?=@(?:tcp|unix)\()"),
    _form(
        "token",
        "uthorization:",
        rb"\b[Aa]uthorization:\s*(?:Bearer|Basic|Token|SSWS|ApiKey|Apikey|apikey|GenieKey|Key|bearer|basic|token)\s+(?P<secret>[A-Za-z0-9+/=_\-.]{12,400})",
        is_sure=False,
    ),
    _form(
        "api_key",
        "-key: -Key: -KEY: -token: -Token: -TOKEN: apikey:",
        rb"(?i:\b(?:x-api-key|api-key|apikey|x-auth-token|x-[\w\-]*token|private-token|x-[\w\-]*-key)):\s*(?P<secret>[A-Za-z0-9+/=_\-.]{12,400})",
        is_sure=False,
    ),
)  # fmt: skip


class Written(NamedTuple):
    """A secret that stands in a command, at bytes ``[start, end)``."""

    form: Form
    text: str
    start: int
    end: int


def written(vocabulary: Vocabulary) -> Iterator[Written]:
    """Yield what stands where these forms have a secret in a file. O(words) for the literals, and a line for each that is found."""
    data = vocabulary.data
    for form in FORMS:
        for literal, words in form.literals:
            if not all(map(vocabulary.holds_in_any_case, words)):
                continue
            at = data.find(literal)
            done = tries = 0
            while at >= 0 and tries < TRIES_MAX:
                tries += 1
                begin = max(data.rfind(b"\n", 0, at) + 1, at - REACH_BEFORE, done)
                line = data.find(b"\n", at, at + REACH_AFTER)
                match = form.pattern.search(
                    data, begin, line if line >= 0 else min(len(data), at + REACH_AFTER)
                )
                if match and match.start() <= at + len(literal) <= match.end() + 40:
                    yield Written(form, match["secret"].decode("utf-8", "replace"), *match.span("secret"))
                    done = match.end()
                at = data.find(literal, max(at + len(literal), done))
