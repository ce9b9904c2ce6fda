"""The literals of a file that is not parsed, each with the name that it goes by: only those whose name could stand for a secret.

::

    password = "v"     :password => 'v'    "password": "v"      val password: String = "v"     $db['password'] = 'v'      assigned, or an element
    PASSWORD=v         set PASSWORD=v      export TOKEN=v       PASSWORD := v                  machine a password v       without quotes
    <password>v</…>    key="password" value="v"                 <key>password</key><string>v</string>                     an element of XML
    setPassword("v")   put("password", "v")                     define('PASSWORD', 'v')        ENV["TOKEN"] || "v"        an argument
    variable "password" { default = "v" }                       password == "v"                                           a default, compared

The words of the file tell where to look: each place where one of them ends a name is looked at, a few hundred bytes from there, and nothing else is. What it
gives are facts as those of code, so the same judgement follows. In a comment a name stands for nothing; where comments are is worked out if there is a name.

What it does not do: it joins no strings, follows no variables and knows no grammar. A literal that the language fills in (``"#{password}"``) is none.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator
from typing import Final, Literal, NamedTuple

from stemedb_analysis.facts.model import Facts, Text
from stemedb_analysis.plain.comments import comments
from stemedb_analysis.plain.inserts import values_of_column
from stemedb_analysis.plain.languages import BARE, DOCUMENTS
from stemedb_analysis.secrets.contexts import CALLS_WITH_DEFAULT, CALLS_WITH_NAME
from stemedb_analysis.secrets.names import NAME_LENGTH_MAX, kind_of_name

PLACES_MAX: Final = 20_000
"""Names of one file that are looked at; one with more is a table."""
TEXTS_MAX: Final = 5000
REACH: Final = 500
"""Bytes behind a name in which its value begins."""
LINE_REACH: Final = 300
"""Bytes of the line before a name that are looked at."""
CALL_REACH: Final = 300
"""Bytes behind a call in which its arguments are."""
CALL_LITERALS_MAX: Final = 6

Role = Literal["assigned", "argument", "element", "compared"]

_NAME_BYTES: Final = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-"
_WORD: Final = re.compile(rb"[A-Za-z0-9_]")
_LITERAL: Final = (
    rb'(?:"{3}(?P<triple>[^"]{1,512})"{3}|"(?P<double>(?:[^"\\\r\n]|\\.){1,600})"|'
    rb"'(?P<single>(?:[^'\\\r\n]|\\.){1,600})'|`(?P<tick>[^`\r\n]{1,600})`|%[qQ]?[(\[{|](?P<percent>[^\s()\[\]{}|]{4,300})[)\]}|])"
)
_GROUPS: Final = ("triple", "double", "single", "tick", "percent")
_QUOTES: Final = frozenset({b'"', b"'", b"`"})
_PREFIX: Final = rb"(?:\$?@\$?|\$|L|u8|N|R|b|f|s)?"
_WRAPPED: Final = (
    rb"(?:(?:new\s+)?[\w.:\\]*(?:GetBytes|getBytes|toByteArray|[Ss]ecret|[Pp]assword|SecureString|String|Data|str|strdup|[Ss]ensitive|base64_decode|hex2bin|"
    rb"FromBase64String|decode64|Text|utf8|bytes|literal|c_str|TEXT|_T|AsPlainText|secureString|from|parse|unsafeFromString)\s*[(\[]\s*){0,2}"
)
_VALUE: Final = _WRAPPED + _PREFIX + _LITERAL

_AFTER: Final = re.compile(
    rb"(?P<close>\\?[\"'`]?[\])}]{0,3}[\"'`]?[?!]?)"
    rb"(?:\s*:\s*[A-Za-z_&\[][\w.<>\[\]?!&:]{0,60}(?=\s*:?=)|\s+[Aa]s\s+\w{1,30}|\s*\[[^\]\n]{0,20}\]|\s*\{\s*get\b[^{}\n]{0,40}\}|\s+[A-Za-z]\w{1,20}(?:\(\w{1,5}\))?(?=\s*:?=\s*N?'))?"
    rb"[ \t]*(?:\r?\n[ \t]*)?"
    rb"(?P<op>===?|!==?|=>|->|<-|<<-|::?=|\?\?=|\|\|=|//=|\+?=(?![=~>])|:(?!:)|,\s*default\w*\s*[:=]|,|\(|\|\||\?\?|\?:|\{|(?:or|to|do|eq|ne|-eq|-ne|-ceq|-Value)\b|//(?=\s*[\"'])|\.(?:[Ee]quals|eql\?|isEqualToString|compareTo|contentEquals)[(:]|)\s*"
    + _VALUE
)
"""What may stand between a name and its literal: the end of a key, a type, a sign."""
_OTHERWISE: Final = re.compile(
    rb"(?P<close>[\"'`]?\]{0,2})[ \t]*(?::\s*[\w.<>\[\]?!]{1,60}\s*)?(?P<op>::?=|=(?![=~>])|=>|:(?!:))[^=;\r\n]{1,120}?(?:\|\||\?\?|\?:|\bor|\bor[Ee]lse\s*\(|\bgetOrElse\s*\(|,|\))\s*\{?\s*"
    + _LITERAL
)
"""``password = ENV["X"] || "v"``: what holds where nobody says otherwise."""
_CALLED_OTHERWISE: Final = re.compile(
    rb"(?i:env|config|conf|params?|propert(?:y|ies)|options?|settings?|args?|secrets?|fetch|lookup|get)"
)

_BARE_SHELL: Final = re.compile(
    rb"(?P<op>=)(?P<value>\$\{\w+:?-[^{}\s\"'`]{1,300}\}|[^\s\"'`$;&|<>(){}#,\\]{1,300})(?=[\s;&|)\"']|$)"
)
_BARE_LINE: Final = re.compile(
    rb"[\"'`*\]]{0,3}[ \t]*(?P<op>[:?+]?=|:|[ \t])[ \t]*(?:\*\*[ \t]*)?`?(?P<value>\$\{\w+:?-[^{}\s\"'`]{1,300}\}|[^\s\"'`,;<>(){}|$&\\][^\s\"'`,;<>(){}|]{2,300})[\"'`]?[ \t]*(?=\r?\n|$|[#;]|//|\\$)"
)
_BEFORE_LINE: Final = re.compile(
    rb"(?i)[ \t>*\-\"'`@|]*(?:\d+\.[ \t]+)?(?:(?:export|set|setx|setenv|local|readonly|declare|typeset|env|arg|define|let|sys\.setenv\()(?:[ \t]+-{1,2}\w+)*[ \t]+\"?)*[\"'`*]{0,3}"
)
"""What may stand before a name that begins its line."""
_WORDS_BEFORE: Final = re.compile(_BEFORE_LINE.pattern + rb"(?:[\w'\-]{1,20}[ \t]+){0,4}[\"'`*]{0,3}")
"""The same in prose: *the password of the router: …*"""
_NETRC: Final = re.compile(rb"\s+(?P<value>\S{1,200})")
_PGPASS: Final = re.compile(rb"(?m)^[^:#\s]+:(?:\d+|\*):[^:\n]+:[^:\n]+:(?P<value>[^\s:]{1,200})$")

_AUTH_USER_PASS: Final = re.compile(
    rb"<auth-user-pass>\s*\S+[ \t]*\r?\n(?P<value>\S{1,200})\s*</auth-user-pass>"
)
_WHOLE: Final = re.compile(rb"\s*(?P<value>[^\s:=<>#\"'{}\[\]]{8,200})\s*")
"""A file that holds one secret and nothing else."""
_ELEMENT: Final = re.compile(
    rb"(?:\s[^<>]{0,200})?>(?:\s|<!\[CDATA\[)*(?P<value>[^<>\s][^<>]{0,300}?)\s*(?:\]\]>)?</"
)
_ATTRIBUTE: Final = re.compile(
    rb"[\"'](?:\s+[\w:.\-]{1,40}\s*=\s*(?:\"[^\"<>]{0,200}\"|'[^'<>]{0,200}')){0,4}?\s+(?:\w+:)?(?:[Vv]alue|val|content|[Dd]efault|defaultValue)\s*=\s*(?:\"(?P<value>[^\"<>\r\n]{1,300})\"|'(?P<value2>[^'<>\r\n]{1,300})')"
)
_CONTENT: Final = re.compile(
    rb"(?:[\"'][^<>]{0,200}>|</(?:key|name|\w+:name)>)\s*(?:<(?:value|string|val|\w+:value)(?:\s[^<>]{0,80})?>\s*)?(?:<!\[CDATA\[)?(?P<value>[^<>\s][^<>]{0,300}?)\s*(?:\]\]>)?</"
)
_HCL_DEFAULT: Final = re.compile(
    rb"\"\s*\{[^{}]{0,400}?\bdefault\s*=\s*\"(?P<value>(?:[^\"\\\n]|\\.){1,400})\""
)
_SIGNS: Final[dict[bytes, Role]] = {
    **dict.fromkeys((b"==", b"===", b"!=", b"!==", b"eq", b"ne", b"-eq", b"-ne", b"-ceq"), "compared"),
    **dict.fromkeys(
        (b"=", b":=", b"::=", b"<-", b"<<-", b"+=", b"??=", b"||=", b"//=", b"-Value"), "assigned"
    ),
    **dict.fromkeys((b":", b"=>", b"->", b"to"), "element"),
    **dict.fromkeys((b"||", b"??", b"?:", b"or", b"//"), "argument"),
}
_PLAIN_SIGNS: Final = frozenset({b"=", b":", b":=", b"=>"})
"""What parts a name from its value in what is written for people; all else is prose there."""
_ENTITIES: Final = re.compile(rb"&lt;|(?:&[#\w]+;)+$")
_SHOWN_LINE: Final = re.compile(rb"\s*(?:echo|printf)\b[^|>\n]*$")
_ARGUMENT: Final = re.compile(_PREFIX + _LITERAL)
_CALLER: Final = re.compile(rb"([A-Za-z_]\w*)[?!]?\s*\(\s*(?:(?:\$?\w+|\"\w*\"|'\w*')\s*,\s*)?$")
_CALLER_BARE: Final = re.compile(
    rb"\b(putenv|setenv|env|fetch|set|define|buildConfigField|resValue)\s+(?:[\"']\w*[\"']\s*,\s*)?$"
)
_VALUE_BEFORE: Final = re.compile(
    rb"@?(?:\"(?P<double>(?:[^\"\\\n]|\\.)*+)\"|'(?P<single>[^'\n]*+)')\s*,?\s*for(?:HTTPHeaderField|Key|Header|Name)\s*:\s*@?[\"']$"
)
"""``setValue("v", forHTTPHeaderField: "X-Api-Key")``: the value stands before its name."""
_VALUE_BEFORE_BYTES: Final = 300
_CALLER_BYTES: Final = 60

_KNOWN_CALLERS: Final = (
    CALLS_WITH_DEFAULT
    | CALLS_WITH_NAME
    | frozenset(
        [
            "define", "fetch", "getorelse", "get_env", "env", "setx", "putenv", "setenv", "fetch_env", "getenvordefault", "setattribute", "setrequestproperty",
            "qputenv", "qenvironmentvariable", "setobject", "setvalue", "forkey", "setex", "defaultvalue", "getpropertyordefault", "findproperty", "addwithvalue",
            "defaultrequestheaders", "bodyparameter", "addqueryparameter", "buildconfigfield", "resvalue", "manifestplaceholders", "curl_setopt", "attribute",
            "default", "override", "store", "write", "save", "pair", "to", "tuple", "entry", "of", "mapof", "sys", "headers", "opt", "setting", "setparam",
        ]
    )
)  # fmt: skip
"""Calls that take a name and its value."""
_BLANK_AFTER: Final = frozenset({"clojure", "lisp", "tcl", "cmake", "groovy", "ruby", "powershell", "c", "cpp", "objectivec", "nim", "shell", "elixir"})  # fmt: skip
"""Languages in which a blank may be all that parts a name from its value."""
_DEFINES: Final = re.compile(rb"(?:#[ \t]*define|setenv|\bset|\bset\(|\(def|\(defvar|\(setq|:|-)[ \t]*$")
_FILLED: Final = re.compile(rb"#\{|\\\(|\$\{(?!\w+:?-)|\{\{")
_FILLED_BY_NAME: Final = re.compile(rb"(?<![\\$])\$[A-Za-z_({]")
_FILLS_NAMES: Final = frozenset({"php", "shell", "kotlin", "groovy", "dart", "perl", "powershell", "tcl", "make", "julia", "scala"})  # fmt: skip
_MARKUP: Final = frozenset({"xml", "html", "vue", "svelte", "template", "markdown", "restructuredtext"})


class _Value(NamedTuple):
    """What a name gets, at bytes ``[start, end)``."""

    role: Role
    start: int
    end: int


def read(data: bytes, language: str, words: frozenset[bytes], calls: frozenset[bytes]) -> Facts:
    """Return the literals of a file: those under names that end with one of `words`, and the arguments of `calls`. O(places of these words)."""
    if language == "notebook":
        data = data.replace(b'\\"', b" '")  # what is quoted in a cell, at the same place
    found: dict[tuple[int, int], Text] = {}
    spans = _Comments(data, language)
    for at, name, value in _named(data, language, words):
        if len(found) >= TEXTS_MAX:
            break
        if spans.hold(at) or (language in _MARKUP and _ENTITIES.match(data, value.start, value.end)):
            continue
        text = data[value.start : value.end].decode("utf-8", "replace")
        if language == "notebook":
            text = text.rstrip()
        if text.startswith('\\"') and text.endswith('\\"'):
            text = text[2:-2]
        role = "element" if language in DOCUMENTS and value.role != "compared" else value.role
        found.setdefault(
            (value.start, value.end), Text(text, role, name, *_whole(data, value.start, value.end))
        )
    for start, end in _given(data, calls):
        if len(found) >= TEXTS_MAX:
            break
        if (start, end) not in found and not spans.hold(start):
            text = data[start:end].decode("utf-8", "replace")
            found[(start, end)] = Text(text, "other", "", *_whole(data, start, end))
    return Facts(language, texts=tuple(found[place] for place in sorted(found)))


def _whole(data: bytes, start: int, end: int) -> tuple[int, int]:
    """Return where the literal ``[start, end)`` is with its quotes, if it has any."""
    is_quoted = data[start - 1 : start] in _QUOTES and data[start - 1 : start] == data[end : end + 1]
    return (start - 1, end + 1) if is_quoted else (start, end)


class _Comments:
    """The comments of one file, worked out when they are first asked for; places are asked for in any order."""

    def __init__(self, data: bytes, language: str) -> None:
        self._data = data
        self._language = language
        self._spans: list[tuple[int, int]] | None = None

    def hold(self, at: int) -> bool:
        """Return whether the byte `at` is in a comment. O(log comments)."""
        if self._spans is None:
            self._spans = list(comments(self._data, self._language))
        index = bisect_right(self._spans, (at, len(self._data))) - 1
        return index >= 0 and self._spans[index][0] <= at < self._spans[index][1]


def _named(data: bytes, language: str, words: frozenset[bytes]) -> Iterator[tuple[int, str, _Value]]:
    """Yield where each name stands that could be a secret's, with its value."""
    left = PLACES_MAX
    for word in sorted(words):
        at = data.find(word)
        while at >= 0 and left:
            left -= 1
            end = at + len(word)
            if not (_WORD.match(data, end) or (at and _WORD.match(data, at - 1))):
                begin = _begin(data, at)
                name = data[begin:end].decode("ascii", "replace").lstrip("-.")
                if kind_of_name(name):
                    yield from ((begin, name, value) for value in _values(data, language, begin, end))
            at = data.find(word, end)
    if language == "credentials":
        for match in (*_PGPASS.finditer(data), *_AUTH_USER_PASS.finditer(data)):
            yield match.start("value"), "password", _Value("argument", *match.span("value"))
        if whole := _WHOLE.fullmatch(data):
            yield whole.start("value"), "password", _Value("element", *whole.span("value"))


def _begin(data: bytes, at: int) -> int:
    """Return where the name begins whose last word begins at `at`."""
    head = data[max(0, at - NAME_LENGTH_MAX) : at]
    return at - len(head) + len(head.rstrip(_NAME_BYTES))


def _values(data: bytes, language: str, begin: int, end: int) -> Iterator[_Value]:
    value = _value(data, language, begin, end)
    if value is not None:
        yield value
    elif language == "sql":
        yield from (_Value("element", *place) for place in values_of_column(data, begin, end))


def _value(data: bytes, language: str, begin: int, end: int) -> _Value | None:
    before = data[max(0, begin - _CALLER_BYTES) : begin]
    if language in _MARKUP or before.endswith(b"<"):
        found = _in_markup(data, before, end)
        if found is not None:
            return found
    if language == "netrc":
        match = _NETRC.match(data, end, end + REACH)
        return _Value("argument", *match.span("value")) if match else None
    if before.endswith((b'"', b"'")) and (
        match := _VALUE_BEFORE.search(data, max(0, begin - _VALUE_BEFORE_BYTES), begin)
    ):
        group = "double" if match["double"] is not None else "single"
        return None if _is_filled(match[group], group, language) else _Value("argument", *match.span(group))
    found = _quoted(data, language, before, begin, end)
    if found is None and language in BARE:
        found = _bare(data, language, begin, end)
    return found


def _quoted(data: bytes, language: str, before: bytes, begin: int, end: int) -> _Value | None:
    match = _AFTER.match(data, end, end + REACH)
    if match is None:
        if language == "hcl" and (default := _HCL_DEFAULT.match(data, end, end + REACH)):
            return _Value("assigned", *default.span("value"))
        return _otherwise(data, language, end)
    group = next(one for one in _GROUPS if match[one] is not None)
    if _is_filled(match[group], group, language) or _closes(data, begin, match, group):
        return None
    if language in DOCUMENTS and match["op"] not in _PLAIN_SIGNS:
        return None
    role = _role(match, before, data, begin, language)
    return _Value(role, *match.span(group)) if role else None


def _closes(data: bytes, begin: int, match: re.Match[bytes], group: str) -> bool:
    """Return whether the name stands in a string itself, so that the quote behind it ends that string and begins none."""
    quote = data[match.start(group) - 1 : match.start(group)]
    if group != "double" or quote in match["close"]:
        return False
    line = max(data.rfind(b"\n", max(0, begin - LINE_REACH), begin) + 1, begin - LINE_REACH, 0)
    before = data[line:begin]
    return (before.count(quote) - before.count(b"\\" + quote)) % 2 == 1


def _otherwise(data: bytes, language: str, end: int) -> _Value | None:
    match = _OTHERWISE.match(data, end, end + REACH)
    if match is None:
        return None
    group = next(one for one in _GROUPS if match[one] is not None)
    between = data[match.end("op") : match.start(group)]
    is_filled = _is_filled(match[group], group, language)
    return (
        None if is_filled or not _CALLED_OTHERWISE.search(between) else _Value("argument", *match.span(group))
    )


def _role(match: re.Match[bytes], before: bytes, data: bytes, begin: int, language: str) -> Role | None:
    op, close = match["op"], match["close"]
    role: Role | None = _SIGNS.get(op)
    if role == "assigned" and language in _MARKUP:
        role = "element"
    if op.startswith(b"."):
        role = "compared"
    elif op in {b"{", b"do"}:
        role = "argument" if b")" in close else "assigned" if language == "cpp" and not close else None
    elif op.startswith(b",") and len(op) > 1:
        role = "argument"
    elif op == b"(":
        role = None if close else "argument"
    elif op == b",":
        role = _paired(before, close, data, begin)
    elif not op:
        role = _behind_a_blank(before, close, data, begin, language)
    return role


def _behind_a_blank(before: bytes, close: bytes, data: bytes, begin: int, language: str) -> Role | None:
    """Return the role of a literal that nothing but a blank parts from its name."""
    if language not in _BLANK_AFTER or (close and language != "tcl"):
        return None
    if language in {"groovy", "ruby"}:
        return None if before.rpartition(b"\n")[2].strip() else "element"
    if language == "elixir":
        return "assigned" if before.endswith(b"@") else None
    is_option = b"-" in (data[begin : begin + 1], data[begin - 1 : begin])
    return "assigned" if is_option or _DEFINES.search(before) else None


def _paired(before: bytes, close: bytes, data: bytes, begin: int) -> Role | None:
    """Return the role of the literal behind a name and a comma: a call takes them both, or they are a pair."""
    is_quoted = close[:1] in {b'"', b"'", b"`"} or close[:2] in {b'\\"', b"\\'"}
    if not is_quoted:
        name = data[begin : begin + 8]
        return (
            "argument"
            if name.startswith((b"CURLOPT_", b"MYSQL")) or before.endswith((b"{", b"define("))
            else None
        )
    head = before.rstrip(b"\"'`:@\\")
    caller = _CALLER.search(head) or _CALLER_BARE.search(head)
    if caller:
        low = caller[1].decode().lower()
        return (
            "argument"
            if low in _KNOWN_CALLERS or low.startswith(("default", "set", "add", "put", "get", "env"))
            else None
        )
    return "element" if head.rstrip()[-1:] in {b"{", b"[", b"("} else None


def _is_filled(value: bytes, group: str, language: str) -> bool:
    """Return whether the language puts something into the literal when the program runs."""
    if group == "single" and language != "groovy":
        return False
    return _FILLED.search(value) is not None or (
        language in _FILLS_NAMES and b":-" not in value and _FILLED_BY_NAME.search(value) is not None
    )


def _in_markup(data: bytes, before: bytes, end: int) -> _Value | None:
    tag = before.rpartition(b"<")[2]
    if before.endswith(b"<") or (b"<" in before and tag.endswith(b":") and tag[:-1].isalnum()):
        match = _ELEMENT.match(data, end, end + REACH)
        return _Value("element", *match.span("value")) if match else None
    is_key = before.endswith((b"<key>", b"<name>"))
    if not is_key and not before.rstrip(b"\"'").endswith(b"="):
        return None
    match = _ATTRIBUTE.match(data, end, end + REACH) or _CONTENT.match(data, end, end + REACH)
    if match is None:
        return None
    group = "value" if "value2" not in match.re.groupindex or match["value"] is not None else "value2"
    return _Value("element", *match.span(group))


def _bare(data: bytes, language: str, begin: int, end: int) -> _Value | None:
    line = max(data.rfind(b"\n", max(0, begin - LINE_REACH), begin) + 1, begin - LINE_REACH, 0)
    if (
        language == "shell"
        and data[begin : begin + 1] != b"-"
        and (match := _BARE_SHELL.match(data, end, end + REACH))
    ):
        stop = data.find(b"\n", end, end + REACH)
        is_shown = _SHOWN_LINE.match(data, line, stop if stop >= 0 else end + REACH)
        return None if is_shown else _Value("argument", *match.span("value"))
    starts = _WORDS_BEFORE if language in DOCUMENTS else _BEFORE_LINE
    if not starts.fullmatch(data, line, begin):
        return None
    match = _BARE_LINE.match(data, end, end + REACH)
    if match is None or (match["op"].isspace() and language != "credentials"):
        return None
    return _Value("argument" if language in {"batch", "make"} else "element", *match.span("value"))


def _given(data: bytes, calls: frozenset[bytes]) -> Iterator[tuple[int, int]]:
    """Yield the literals that stand behind one of `calls`, on the same line or the next ones."""
    left = PLACES_MAX
    for word in sorted(calls):
        at = data.find(word)
        while at >= 0 and left:
            left -= 1
            end = at + len(word)
            place = end
            for _ in range(CALL_LITERALS_MAX):
                match = _ARGUMENT.search(data, place, end + CALL_REACH)
                if match is None:
                    break
                group = next(one for one in _GROUPS if match[one] is not None)
                yield match.span(group)
                place = match.end()
            at = data.find(word, end)
