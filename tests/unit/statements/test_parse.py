"""What `parse` takes, what it makes of it, and how a body is split."""

import gc
import json

import pytest

from stemedb.errors import InvalidStatement
from stemedb.statements import (
    BODY_STATEMENTS_MAX,
    Assertion,
    Number,
    canonical_bytes,
    decode_canonical,
    dump,
    limits,
    parse,
    parse_batch,
    sign,
    split_body,
    statement_id,
)
from stemedb.types import Kind
from support.statement_json import ID, OTHER_ID, assertion, encode, epoch, vote

FULL = assertion(
    asserted_at=1_760_000_000_000,
    supersedes=[ID, OTHER_ID],
    relation="corrects",
    epoch=ID,
    metadata={"file": "pyproject.toml", "line": "12"},
)


@pytest.mark.parametrize(
    ("members", "kind"), [(FULL, Kind.ASSERTION), (vote(cast_at=0), Kind.VOTE), (epoch(), Kind.EPOCH)]
)
def test_a_statement_is_parsed_into_its_kind_id_and_canonical_bytes(members, kind):
    parsed = parse(encode(members))
    assert parsed.kind is kind
    assert json.loads(parsed.canonical) == members
    assert parsed.id == statement_id(parsed.canonical)
    assert parsed.signature == b""
    assert decode_canonical(parsed.canonical) == parsed.statement


@pytest.mark.parametrize("members", [FULL, vote(), epoch()])
def test_the_kind_may_be_left_out_where_the_channel_says_it(members):
    kind = Kind[members["kind"].upper()]
    without = {name: value for name, value in members.items() if name != "kind"}
    assert parse(encode(without), kind) == parse(encode(members)) == parse(encode(members), kind)


def test_the_word_kind_elsewhere_is_not_taken_for_the_member():
    members = assertion(predicate="kind", metadata={"kind": "x"})
    without = {name: value for name, value in members.items() if name != "kind"}
    assert parse(encode(without), Kind.ASSERTION) == parse(encode(members))


def test_a_duplicate_is_not_hidden_by_an_omitted_kind():
    """The four quotes of the duplicate are as many as those of the kind that is missing."""
    without = encode(assertion(kind=..., predicate="kind"))
    with pytest.raises(InvalidStatement, match="predicate: is there twice"):
        parse(without[:-1] + b',"predicate":"kind"}', Kind.ASSERTION)
    with pytest.raises(InvalidStatement, match=r"metadata\.kind: is there twice"):
        parse(without[:-1] + b',"metadata":{"kind":"x","kind":"y"}}', Kind.ASSERTION)


def test_a_kind_spelled_with_escapes_is_the_kind():
    spelled = encode(epoch()).replace(b'"kind"', rb'"\u006bind"')
    assert parse(spelled) == parse(spelled, Kind.EPOCH) == parse(encode(epoch()))


def test_values_at_their_bounds_are_taken():
    for members in (
        assertion(subject="s" * 1_015, predicate="p" * 128, agent="a" * 256),
        assertion(subject="x://" + "é" * 510),
        assertion(subject="s://" + "a/" * 63 + "a"),
        assertion(object={"type": "text", "value": "é" * (limits.TEXT_BYTES_MAX // 2)}),
        assertion(object={"type": "text", "value": ""}),
        assertion(object={"type": "number", "value": limits.INTEGER_MAX}, confidence=0),
        assertion(object={"type": "number", "value": -limits.INTEGER_MAX}, confidence=1),
        assertion(object={"type": "number", "value": 1e21}),
        assertion(object={"type": "boolean", "value": False}),
        assertion(object={"type": "reference", "value": "r" * 2048}),
        assertion(source={"tier": 5, "uri": "u" * 2048, "digest": "sha-512:" + "ab" * 64}),
        assertion(asserted_at=limits.TIME_MS_MAX),
        assertion(supersedes=[f"{i:064x}" for i in range(64)], relation="retracts"),
        assertion(metadata={f"{i:0128}": "" for i in range(64)}),
        assertion(metadata={}),
        vote(weight=-1),
        vote(weight=1.0, cast_at=0),
        epoch(name="n" * 256, supersedes=ID, relation="replaces"),
    ):
        parse(encode(members))


def test_free_text_may_hold_any_character():
    text = "".join(map(chr, range(0x100))) + "\u2028\ufffe😀"
    parsed = parse(encode(assertion(object={"type": "text", "value": text}, metadata={"note": text})))
    assert isinstance(parsed.statement, Assertion)
    assert parsed.statement.object.value == parsed.statement.metadata["note"] == text


def test_a_signed_statement_may_fill_the_bound_with_its_signature():
    parsed = parse(encode(assertion(metadata={f"{i:02}": "v" * 4_000 for i in range(16)} | {"pad": ""})))
    room = limits.STATEMENT_BYTES_MAX - len(dump(parsed.canonical, bytes(96)))
    fills = parse(parsed.canonical.replace(b'"pad":""', b'"pad":"%b"' % (b"v" * room)))
    signed = dump(fills.canonical, sign(fills.id, bytes(32)))
    assert len(signed) == limits.STATEMENT_BYTES_MAX
    assert parse(signed).id == fills.id


def test_a_statement_of_exactly_the_bound_is_taken():
    raw = encode(epoch())
    assert parse(raw[:-1] + b" " * (limits.STATEMENT_BYTES_MAX - len(raw)) + b"}").id == parse(raw).id


@pytest.mark.parametrize("members", [FULL, vote(), epoch()])
def test_a_signature_is_put_back_and_parses_to_the_same(members):
    unsigned = parse(encode(members))
    signature = sign(unsigned.id, bytes(range(32)))
    signed = parse(dump(unsigned.canonical, signature))
    assert (signed.kind, signed.id, signed.canonical) == unsigned[:3]
    assert signed.signature == signature
    assert parse(dump(signed.canonical, signed.signature)) == signed
    assert dump(unsigned.canonical, b"") == unsigned.canonical


def test_canonical_bytes_of_a_built_statement_are_those_of_the_parsed_one():
    parsed = parse(encode(FULL))
    assert canonical_bytes(parsed.statement) == parsed.canonical


def test_a_number_of_no_json_has_no_canonical_form():
    good = parse(encode(assertion(object={"type": "number", "value": 0.5}))).statement
    assert isinstance(good, Assertion)
    for value in (float("nan"), float("inf")):
        changed = Assertion(
            **{name: getattr(good, name) for name in good.__struct_fields__} | {"object": Number(value)}
        )
        with pytest.raises(ValueError, match="not representable in JCS"):
            canonical_bytes(changed)


@pytest.mark.parametrize("junk", [b"", b"\xff", b"{}", b'{"kind":"epoch"}', b"[" * 5000, b'{"z":' * 5000])
def test_decode_canonical_raises_a_typed_error_on_what_is_no_statement(junk):
    with pytest.raises(InvalidStatement, match="no canonical statement"):
        decode_canonical(junk)


def test_a_batch_keeps_its_order_and_leaves_no_cycles():
    raws = [encode(epoch()), b"{", encode(vote())]
    gc.collect()
    gc.disable()
    try:
        first, second, third = parse_batch(raws)
        assert (first, third) == (parse(raws[0]), parse(raws[2]))
        assert isinstance(second, InvalidStatement)
        assert second.__traceback__ is None
        assert second.__context__ is None
        assert parse_batch([]) == []
    finally:
        gc.enable()


ONE = encode(epoch(name="one"))
TWO = encode(epoch(name="two"))
PRETTY = json.dumps(assertion(), indent=2).encode()


@pytest.mark.parametrize(
    ("body", "statements"),
    [
        (ONE, [ONE]),
        (ONE + b"\n", [ONE]),
        (ONE + b"\n" + TWO, [ONE, TWO]),
        (ONE + b"\r\n\r\n \n" + TWO + b"\n\n", [ONE + b"\r", TWO]),
        (PRETTY, [PRETTY]),
        (b"\n" + PRETTY + b"\n", [PRETTY]),
        (ONE + b"\nnot json\n" + TWO, [ONE, b"not json", TWO]),
        (b"not json\n" + ONE + b"\n" + TWO, [b"not json", ONE, TWO]),
        (b"\xff\n" + ONE, [b"\xff", ONE]),
        (b"not\njson", [b"not\njson"]),
        (PRETTY[:-1], [PRETTY[:-1]]),
        (b"[" * 5000 + b"\n" + ONE, [b"[" * 5000, ONE]),
        (b'{"a":' * 5000 + b"\n" + ONE, [b'{"a":' * 5000, ONE]),
        (ONE + TWO, [ONE + TWO]),
        (b"[\n" + ONE + b",\n" + TWO + b"\n]", [b"[\n" + ONE + b",\n" + TWO + b"\n]"]),
        (b'{"supersedes": [\n"a",\n"b"\n]', [b'{"supersedes": [\n"a",\n"b"\n]']),
    ],
)
def test_a_body_is_one_value_or_one_statement_per_line(body, statements):
    split = split_body(body)
    assert [part.strip() for part in split] == [part.strip() for part in statements]


@pytest.mark.parametrize("body", [b"", b" ", b"\n\n", b"\r\n \t\n"])
def test_a_blank_body_is_refused(body):
    with pytest.raises(InvalidStatement, match="the body is empty"):
        split_body(body)


def test_a_message_of_a_mebibyte_cannot_hold_too_many_statements():
    smallest = b'{"name":"x"}\n'
    parse(smallest, Kind.EPOCH)
    assert (1 << 20) // len(smallest) < BODY_STATEMENTS_MAX


def test_a_body_of_too_many_lines_is_refused():
    lines = [ONE] * BODY_STATEMENTS_MAX
    assert len(split_body(b"\n".join(lines))) == BODY_STATEMENTS_MAX
    with pytest.raises(InvalidStatement, match="got 100001 lines, want at most 100000"):
        split_body(b"\n".join([*lines, TWO]))
