"""Every way a statement can be wrong: each is refused with its field and a reason, and raises nothing else."""

import pytest

from stemedb.errors import InvalidStatement
from stemedb.statements import limits, parse, parse_batch, sign, signature_member
from stemedb.statements.limits import STATEMENT_BYTES_MAX
from stemedb.types import Kind, StatementId
from support.statement_json import ID, OTHER_ID, assertion, encode, epoch, vote

GOOD = encode(assertion())
MEMBER = signature_member(sign(StatementId(bytes(32)), bytes(32)))
KEY, VALUE = MEMBER.key, MEMBER.value


def raw(text: str) -> bytes:
    """An assertion with `text` written over the text value, quotes and all."""
    return GOOD.replace(b'"Apache-2.0"', text.encode())


def number(text: str) -> bytes:
    return encode(assertion(object={"type": "number", "value": "@"})).replace(b'"@"', text.encode())


def signed(**member: object) -> bytes:
    return encode(epoch(signature={"key": KEY, "value": VALUE} | member))


def source(**member: object) -> bytes:
    return encode(assertion(source={"tier": 2, "uri": "https://x.example"} | member))


def value(kind: str, content: object) -> bytes:
    return encode(assertion(object={"type": kind, "value": content}))


def growing(length: int, **members: object) -> bytes:
    """A statement of `length` bytes without white space, 12 bytes longer in canonical form: 1e15 is written out."""
    metadata = {f"{i:02}": "v" * 4_000 for i in range(16)}
    whole = assertion(object={"type": "number", "value": "@"}, metadata=metadata | {"pad": ""}, **members)
    raw = encode(whole).replace(b": ", b":").replace(b", ", b",").replace(b'"@"', b"1e15")
    return raw.replace(b'"pad":""', b'"pad":"%b"' % (b"v" * (length - len(raw))))


MALFORMED = [
    (b"", "", "not json: input was truncated"),
    (b"   ", "", "not json: input was truncated"),
    (b"{", "", "not json: input was truncated"),
    (GOOD[:-1], "", "not json: input was truncated"),
    (GOOD + b"x", "", "not json: trailing characters"),
    (GOOD + GOOD, "", "not json: trailing characters"),
    (GOOD[:-1] + b",}", "", "not json: trailing comma"),
    (b"\xef\xbb\xbf" + GOOD, "", "not json: invalid character (byte 0)"),
    (GOOD.decode().encode("utf-16"), "", "not json: invalid character (byte 0)"),
    (GOOD.replace(b'"', b"'"), "", "not json:"),
    (raw("'x'"), "", "not json: invalid character"),
    (raw('"\n"'), "", "not json: invalid character"),
    (raw('"\\x"'), "", "not json: invalid escape character"),
    (raw("TRUE"), "", "not json: invalid character"),
    (raw("// comment\n1"), "", "not json: invalid character"),
    (b"null", "", "got null, want object"),
    (b"[]", "", "got array, want object"),
    (b'"x"', "", "got string, want object"),
    (b"7", "", "got integer, want object"),
    (b"{}", "kind", "missing"),
]

UTF8 = [
    (GOOD.replace(b"Apache", bad), "", "not utf-8: ")
    for bad in (
        b"\xff",
        b"\x80",
        b"\xc3",
        b"\xe2\x82",
        b"\xc0\x80",  # overlong NUL
        b"\xe0\x80\xaf",  # overlong slash
        b"\xf0\x80\x80\x80",  # overlong
        b"\xed\xa0\x80",  # a surrogate
        b"\xed\xa0\xbd\xed\xb8\x80",  # a pair of them (CESU-8)
        b"\xf4\x90\x80\x80",  # beyond U+10FFFF
    )
] + [
    (encode(assertion(metadata={"@": ""})).replace(b"@", b"\xff"), "", "not utf-8: invalid start byte"),
    (GOOD.replace(b'"kind"', b'"\xff":1,"kind"'), "", "not utf-8: invalid start byte"),
    (raw(r'"\ud800"'), "", "lone surrogate"),
    (raw(r'"\udc00"'), "", "lone surrogate"),
    (raw(r'"\ud83d\ud83d\ude00"'), "", "lone surrogate"),
    (raw(r'"\ud83dx"'), "", "lone surrogate"),
    (encode(assertion(metadata={"@": ""})).replace(b"@", rb"\ud800"), "", "lone surrogate"),
]

NESTED = [
    (b"[" * 60_000, "", "got array, want object"),
    (b'{"a":' * 10_000, "", "nested too deeply"),
    (b'{"kind":"assertion","a":' + b"[" * 60_000, "a", "unknown member"),
    (b'{"a":' + b"[" * 30_000 + b"]" * 30_000 + b',"kind":"epoch"}', "", "nested too deeply"),
    (GOOD[:-1] + b',"metadata":' + b'{"a":' * 10_000, "metadata", "got object, want string"),
    (raw("[" * 30_000 + "]" * 30_000), "object.value", "got array, want string"),
]

NUMBERS = [
    (number("NaN"), "", "NaN and Infinity are no json numbers"),
    (number("Infinity"), "", "NaN and Infinity are no json numbers"),
    (number("-Infinity"), "", "not json: "),
    (number("1e999"), "object.value", "number out of range"),
    (number("-1e999"), "object.value", "number out of range"),
    (number("9" * 5_000), "object.value", "integer value out of range"),
    (number("9" * 400 + ".5"), "object.value", "number out of range"),
    (number("9007199254740992"), "object.value", "want integer <= 9007199254740991"),
    (number("-9007199254740992"), "object.value", "want integer >= -9007199254740991"),
    (number("9007199254740992.0"), "object.value", "got 9007199254740992, want at most 9007199254740991"),
    (number("-9.007199254740992e15"), "object.value", "got -9007199254740992, want at most"),
    (number("123e18"), "object.value", "got 1.23e+20, want at most 9007199254740991"),
    (number("18446744073709551616"), "object.value", "want integer <= 9007199254740991"),
    (number("1" + "0" * 30), "object.value", "want integer <= 9007199254740991"),
    (number("01"), "", "not json: invalid number"),
    (number("+1"), "", "not json: invalid character"),
    (number(".5"), "", "not json: invalid character"),
    (number("5."), "", "not json: invalid number"),
    (number("0x10"), "", "not json: "),
    (number("true"), "object.value", "got boolean, want number"),
    (encode(assertion(confidence=1.1)), "confidence", "want number <= 1"),
    (encode(assertion(confidence=2)), "confidence", "want integer <= 1"),
    (encode(assertion(confidence=-0.001)), "confidence", "want number >= 0"),
    (GOOD.replace(b"0.95", b"NaN"), "", "NaN and Infinity are no json numbers"),
    (GOOD.replace(b"0.95", b"1e400"), "confidence", "number out of range"),
    (encode(vote(weight=1.5)), "weight", "want number <= 1"),
    (encode(vote(weight=-2)), "weight", "want integer >= -1"),
    (encode(assertion(asserted_at=-1)), "asserted_at", "want integer >= 0"),
    (encode(assertion(asserted_at=2**48)), "asserted_at", "want integer <= 281474976710655"),
    (encode(assertion(asserted_at=10**30)), "asserted_at", "want integer <= 281474976710655"),
    (encode(assertion(asserted_at=1.5)), "asserted_at", "got number, want integer"),
    (encode(vote(cast_at=-5)), "cast_at", "want integer >= 0"),
]

TYPES = [
    (encode(assertion(subject=1)), "subject", "got integer, want string"),
    (encode(assertion(predicate=["a"])), "predicate", "got array, want string"),
    (encode(assertion(object="text")), "object", "got string, want object"),
    (encode(assertion(object={"value": "x"})), "object.type", "missing"),
    (encode(assertion(object={"type": "text"})), "object.value", "missing"),
    (
        encode(assertion(object={"type": "date", "value": "x"})),
        "object.type",
        "got 'date', want text or number",
    ),
    (value("text", 1), "object.value", "got integer, want string"),
    (value("number", "1"), "object.value", "got string, want number"),
    (value("boolean", 1), "object.value", "got integer, want boolean"),
    (value("boolean", "true"), "object.value", "got string, want boolean"),
    (value("reference", {}), "object.value", "got object, want string"),
    (encode(assertion(confidence="0.9")), "confidence", "got string, want "),
    (encode(assertion(confidence=True)), "confidence", "got boolean, want "),
    (encode(assertion(source="rfc")), "source", "got string, want object"),
    (source(tier="2"), "source.tier", "got string, want integer"),
    (source(tier=6), "source.tier", "want integer <= 5"),
    (source(tier=-1), "source.tier", "want integer >= 0"),
    (source(tier=2.5), "source.tier", "got number, want integer"),
    (
        source(digest="sha256"),
        "source.digest",
        "want an algorithm, a colon and pairs of lower-case hexadecimal",
    ),
    (source(digest="sha256:ABCD"), "source.digest", "want an algorithm"),
    (source(digest="sha256:abc"), "source.digest", "want an algorithm"),
    (source(digest="sha256:ab\n"), "source.digest", "want an algorithm"),
    (encode(assertion(lifecycle="final")), "lifecycle", "got 'final', want proposed or under_review or"),
    (encode(assertion(lifecycle=1)), "lifecycle", "got integer, want string"),
    (encode(assertion(agent=None)), "agent", "got null, want string"),
    (encode(assertion(supersedes=ID, relation="refines")), "supersedes", "got string, want array"),
    (encode(assertion(supersedes=[1], relation="refines")), "supersedes[0]", "got integer, want string"),
    (encode(assertion(metadata=[])), "metadata", "got array, want object"),
    (encode(assertion(metadata={"a": "x", "files": 3})), "metadata.files", "got integer, want string"),
    (encode(assertion(metadata={"k" * 128: "v" * 4_096, "b": 3})), "metadata.b", "got integer, want string"),
    (encode(assertion(metadata={"nested": {"a": "b"}})), "metadata.nested", "got object, want string"),
    (encode(vote(weight="up")), "weight", "got string, want "),
    (encode(epoch(name=2026)), "name", "got integer, want string"),
    (encode(assertion(kind="claim")), "kind", "got 'claim', want assertion or vote or epoch"),
    (encode(assertion(kind=1)), "kind", "want string"),
]

NULLS = [
    (encode(assertion(**{name: None})), name, "got null, want ")
    for name in (
        "asserted_at",
        "supersedes",
        "relation",
        "epoch",
        "metadata",
        "signature",
        "subject",
        "object",
    )
] + [
    (encode(assertion(kind=None)), "kind", "want string"),
    (source(digest=None), "source.digest", "got null, want string"),
    (encode(assertion(metadata={"a": None})), "metadata.a", "got null, want string"),
    (encode(vote(cast_at=None)), "cast_at", "got null, want integer"),
    (encode(epoch(supersedes=None)), "supersedes", "got null, want string"),
]

MISSING = [
    (encode(assertion(**{name: ...})), name, "missing")
    for name in ("kind", "subject", "predicate", "object", "confidence", "source", "lifecycle", "agent")
] + [
    (encode(assertion(source={"uri": "x"})), "source.tier", "missing"),
    (encode(assertion(source={"tier": 1})), "source.uri", "missing"),
    (encode(vote(assertion=...)), "assertion", "missing"),
    (encode(vote(agent=...)), "agent", "missing"),
    (encode(vote(weight=...)), "weight", "missing"),
    (encode(epoch(name=...)), "name", "missing"),
    (encode(epoch(signature={"key": KEY})), "signature.value", "missing"),
    (encode(assertion(supersedes=[ID])), "relation", "missing; it must be there together with supersedes"),
    (encode(assertion(relation="refines")), "supersedes", "missing; it must be there together with relation"),
    (encode(epoch(supersedes=ID)), "relation", "missing"),
    (encode(epoch(relation="replaces")), "supersedes", "missing"),
]

UNKNOWN = [
    (encode(assertion(lifecycel="approved")), "lifecycel", "unknown member"),
    (encode(assertion(id=ID)), "id", "unknown member"),
    (encode(assertion(**{"x" * 5_000: 1})), "x" * 63 + "…", "unknown member"),
    (encode(assertion(**{"a\u0000b": 1})), r"a\x00b", "unknown member"),
    (source(page=3), "source.page", "unknown member"),
    (encode(assertion(object={"type": "text", "value": "x", "lang": "en"})), "object.lang", "unknown member"),
    (signed(algorithm="ed25519"), "signature.algorithm", "unknown member"),
    (encode(vote(comment="no")), "comment", "unknown member"),
    (encode(epoch(agent="alice")), "agent", "unknown member"),
]

TOO_LONG = [
    (b" " * (STATEMENT_BYTES_MAX + 1 - len(GOOD)) + GOOD, "", "got 65537 bytes, want at most 65536"),
    (encode(assertion(subject="a" * 1_025)), "subject", "want string of length <= 1024"),
    (encode(assertion(subject="a" * 1_016)), "subject", "got more than 1015 bytes"),
    (encode(assertion(subject="x://" + "é" * 511)), "subject", "got more than 1024 bytes"),
    (encode(assertion(subject="a/" * 64 + "a")), "subject", "got 65 segments, want at most 64"),
    (encode(assertion(predicate="p" * 129)), "predicate", "want string of length <= 128"),
    (value("text", "x" * 32_769), "object.value", "want string of length <= 32768"),
    (value("text", "é" * 16_385), "object.value", "got 32770 bytes, want at most 32768"),
    (value("reference", "x" * 2_049), "object.value", "want string of length <= 2048"),
    (source(uri="x" * 2_049), "source.uri", "want string of length <= 2048"),
    (source(digest="sha256:" + "ab" * 80), "source.digest", "want string of length <= 161"),
    (encode(assertion(agent="a" * 257)), "agent", "want string of length <= 256"),
    (encode(vote(agent="a" * 257)), "agent", "want string of length <= 256"),
    (encode(epoch(name="a" * 257)), "name", "want string of length <= 256"),
    (encode(assertion(metadata={str(i): "" for i in range(65)})), "metadata", "want object of length <= 64"),
    (
        encode(assertion(metadata={"k" * 129: ""})),
        "metadata." + "k" * 63 + "…",
        "want string of length <= 128",
    ),
    (encode(assertion(metadata={"k": "v" * 4_097})), "metadata.k", "want string of length <= 4096"),
    (
        encode(assertion(supersedes=[f"{i:064x}" for i in range(65)], relation="refines")),
        "supersedes",
        "want array of length <= 64",
    ),
    # Numbers grow in canonical form, so input within the bound may come out beyond it, with its signature or without.
    (growing(STATEMENT_BYTES_MAX), "", "got 65548 bytes in canonical form, want at most 65536"),
    (
        growing(STATEMENT_BYTES_MAX, signature={"key": KEY, "value": VALUE}),
        "",
        "got 65548 bytes in canonical form, want at most 65536",
    ),
]

TOO_SHORT = [
    (encode(assertion(subject="")), "subject", "want string of length >= 1"),
    (encode(assertion(predicate="")), "predicate", "want string of length >= 1"),
    (encode(assertion(agent="")), "agent", "want string of length >= 1"),
    (value("reference", ""), "object.value", "want string of length >= 1"),
    (source(uri=""), "source.uri", "want string of length >= 1"),
    (encode(assertion(metadata={"": "x"})), "metadata.", "want string of length >= 1"),
    (encode(assertion(supersedes=[], relation="refines")), "supersedes", "want array of length >= 1"),
    (encode(epoch(name="")), "name", "want string of length >= 1"),
]

PATHS = [
    (encode(assertion(subject=subject)), "subject", reason)
    for subject, reason in (
        ("rfc://", "segment 0 is empty"),
        ("rfc:///a", "segment 0 is empty"),
        ("rfc://a//b", "segment 1 is empty"),
        ("rfc://a/", "segment 1 is empty"),
        ("/a", "segment 0 is empty"),
        ("a/", "segment 1 is empty"),
        ("/", "segment 0 is empty"),
        ("://a", "got scheme '', want lower-case"),
        ("RFC://a", "got scheme 'RFC', want lower-case"),
        ("9p://a", "got scheme '9p', want lower-case"),
        ("a b://c", "got scheme 'a b', want lower-case"),
        ("s" * 33 + "://a", "want lower-case"),
        ("rfc://a/b\nc", "segment 1 has a control character"),
        ("rfc://a\u0000", "segment 0 has a control character"),
        ("rfc://a\u007f", "segment 0 has a control character"),
        ("rfc://a\u0085", "segment 0 has a control character"),
    )
]

IDS = [
    (encode(vote(assertion=bad)), "assertion", "want 64 lower-case hexadecimal digits")
    for bad in (
        "",
        "abc",
        ID.upper(),
        ID[:-1],
        ID + "0",
        ID[:-1] + "g",
        ID[:-1] + "\n",
        "0x" + ID[2:],
        ID + "\n",
    )
] + [
    (encode(assertion(epoch="2026")), "epoch", "want 64 lower-case hexadecimal digits"),
    (
        encode(epoch(supersedes="old", relation="replaces")),
        "supersedes",
        "want 64 lower-case hexadecimal digits",
    ),
    (
        encode(assertion(supersedes=[ID, "x"], relation="refines")),
        "supersedes[1]",
        "want 64 lower-case hexadecimal",
    ),
    (encode(assertion(supersedes=[ID, OTHER_ID, ID], relation="refines")), "supersedes[2]", "is there twice"),
    (
        encode(assertion(supersedes=[ID], relation="denies")),
        "relation",
        "got 'denies', want corrects or refines",
    ),
]

NAMES = [
    (encode(assertion(predicate="a\u0000b")), "predicate", "has a control character"),
    (encode(assertion(predicate="a\u007f")), "predicate", "has a control character"),
    (encode(assertion(predicate="a\u009f")), "predicate", "has a control character"),
    (encode(assertion(predicate=" license")), "predicate", "begins or ends with white space"),
    (encode(assertion(predicate="license\u00a0")), "predicate", "begins or ends with white space"),
    (encode(assertion(agent="alice ")), "agent", "begins or ends with white space"),
    (encode(assertion(agent="al\tice")), "agent", "has a control character"),
    (encode(vote(agent="al\u001bice")), "agent", "has a control character"),
    (encode(vote(agent=" ")), "agent", "begins or ends with white space"),
    (encode(epoch(name="a\nb")), "name", "has a control character"),
    (encode(epoch(name=" a")), "name", "begins or ends with white space"),
    (source(uri="https://x\r\nhost: y"), "source.uri", "has a control character"),
    (value("reference", "rfc://a\u0000"), "object.value", "has a control character"),
    (encode(assertion(metadata={"a\nb": ""})), r"metadata.a\nb", "has a control character"),
]

DUPLICATES = [
    (GOOD[:-1] + b',"agent":"mallory"}', "agent", "is there twice"),
    (GOOD[:-1] + b',"kind":"assertion"}', "kind", "is there twice"),
    (b'{"kind":"vote",' + GOOD[1:], "kind", "is there twice"),
    (GOOD[:-1] + b',"kind":"vote"}', "kind", "is there twice"),
    (GOOD[:-1] + b',"confidence":1}', "confidence", "is there twice"),
    (b'{"confidence":1,' + GOOD[1:], "confidence", "is there twice"),
    (GOOD[:-1] + rb',"\u0061gent":"mallory"}', "agent", "is there twice"),
    (GOOD.replace(b'"tier": 2', b'"tier": 2, "tier": 2'), "source.tier", "is there twice"),
    (GOOD.replace(b'"type": "text"', b'"type":"text","type":"text"'), "object.type", "is there twice"),
    (raw(r'"a","value":"\"\\\"\\"'), "object.value", "is there twice"),
    (GOOD[:-1] + b',"metadata":{"a":"1","b":"2","a":"3"}}', "metadata.a", "is there twice"),
    (GOOD[:-1] + b',"metadata":{"a":"1"},"metadata":{"a":"1"}}', "metadata", "is there twice"),
    (
        signed(value=VALUE).replace(b'"key"', f'"key":"{KEY}","key"'.encode()),
        "signature.key",
        "is there twice",
    ),
]

SIGNATURES = [
    (encode(epoch(signature=VALUE)), "signature", "got string, want object"),
    (signed(key="alice"), "signature.key", "want a public nkey"),
    (signed(key=KEY.lower()), "signature.key", "want a public nkey"),
    (signed(key="U" + "A" * 55), "signature.key", "nkey has a wrong checksum"),
    (signed(key=KEY[:-1] + ("A" if KEY[-1] != "A" else "B")), "signature.key", "nkey has a wrong checksum"),
    (signed(key="S" + KEY[1:]), "signature.key", "want a public nkey"),
    (signed(value=VALUE[:-1]), "signature.value", "want base64url of 64 bytes without padding"),
    (signed(value=VALUE + "=="), "signature.value", "want base64url of 64 bytes without padding"),
    (signed(value="+" + VALUE[1:]), "signature.value", "want base64url of 64 bytes without padding"),
    # The last of 86 characters has four bits to spare: another character there would be the same 64 bytes.
    (signed(value=VALUE[:-1] + "_"), "signature.value", "another spelling than base64url"),
]

AT = "x - at `$.agent"
ECHOES = [
    # The sender quotes the decoder, whose messages quote the sender.
    (encode(assertion(lifecycle=AT)), "lifecycle", f"got '{AT}', want proposed or"),
    (encode(assertion(lifecycle=AT + "`")), "lifecycle", f"got '{AT}`', want proposed or"),
    (encode(assertion(lifecycle=AT * 3_000)), "lifecycle", "got 'x - at `$.agentx"),
    (encode(assertion(relation=AT, supersedes=[ID])), "relation", f"got '{AT}', want corrects or"),
    (encode(assertion(kind=AT)), "kind", f"got '{AT}', want assertion or"),
    (value(AT, 1), "object.type", f"got '{AT}', want text or"),
    (encode(assertion(**{AT: 1})), AT, "unknown member"),
    (encode(assertion(**{AT * 3_000: 1})), (AT * 5)[:63] + "…", "unknown member"),
    (source(**{AT: 1}), f"source.{AT}", "unknown member"),
    (encode(assertion(metadata={AT: 1})), f"metadata.{AT}", "got integer, want string"),
    (
        encode(vote(**{"Object missing required field `agent`": 1})),
        "Object missing required field `agent`",
        "unk",
    ),
]

ALL = (
    MALFORMED + UTF8 + NESTED + NUMBERS + TYPES + NULLS + MISSING + UNKNOWN + TOO_LONG + TOO_SHORT + PATHS + IDS
    + NAMES + DUPLICATES + SIGNATURES + ECHOES
)  # fmt: skip


def shown(case: object) -> str:
    return case[:60].decode("ascii", "replace") if isinstance(case, bytes) else ""


@pytest.mark.parametrize(("body", "field", "reason"), ALL, ids=shown)
def test_bad_input_is_refused_with_its_field_and_reason(body, field, reason):
    with pytest.raises(InvalidStatement) as refused:
        parse(body)
    assert refused.value.field == field
    assert reason in refused.value.reason
    assert len(refused.value.reason) <= limits.REASON_LENGTH_MAX
    assert len(refused.value.field) <= limits.FIELD_LENGTH_MAX
    assert refused.value.message.isprintable()


@pytest.mark.parametrize("kind", Kind)
def test_bad_input_is_refused_where_the_channel_says_the_kind(kind):
    bad = [body for body, field, reason in ALL if (field, reason) != ("kind", "missing") or body == b"{}"]
    assert [type(result) for result in parse_batch(bad, kind)] == [InvalidStatement] * len(bad)


def test_a_kind_that_differs_from_the_channels_is_refused():
    refusals = [parse_batch([encode(vote())], kind)[0] for kind in (Kind.ASSERTION, Kind.EPOCH)]
    assert [str(refusal) for refusal in refusals] == [
        "kind: got 'vote', want assertion",
        "kind: got 'vote', want epoch",
    ]


def test_the_rest_of_a_batch_goes_on():
    bodies = [body for bad, _, _ in ALL for body in (bad, GOOD)]
    results = parse_batch(bodies)
    assert [isinstance(result, InvalidStatement) for result in results] == [True, False] * len(ALL)
    assert results[1::2] == [parse(GOOD)] * len(ALL)
