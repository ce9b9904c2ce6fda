"""The canonical form: what the fast path may do, and what its bytes promise the Merkle log."""

import struct
import sys

import msgspec
import pytest
import rfc8785

from stemedb.statements import (
    Assertion,
    Number,
    Vote,
    canonical_bytes,
    decode_canonical,
    dump,
    parse,
    sign,
)
from support.statement_json import assertion, encode, epoch, vote

# RFC 8785, appendix B: doubles by their bits and how they are written.
RFC8785_NUMBERS = [
    (0x0000000000000000, "0"),
    (0x8000000000000000, "0"),
    (0x0000000000000001, "5e-324"),
    (0x8000000000000001, "-5e-324"),
    (0x7FEFFFFFFFFFFFFF, "1.7976931348623157e+308"),
    (0xFFEFFFFFFFFFFFFF, "-1.7976931348623157e+308"),
    (0x4340000000000000, "9007199254740992"),
    (0xC340000000000000, "-9007199254740992"),
    (0x4430000000000000, "295147905179352830000"),
    (0x44B52D02C7E14AF5, "9.999999999999997e+22"),
    (0x44B52D02C7E14AF6, "1e+23"),
    (0x44B52D02C7E14AF7, "1.0000000000000001e+23"),
    (0x444B1AE4D6E2EF4E, "999999999999999700000"),
    (0x444B1AE4D6E2EF4F, "999999999999999900000"),
    (0x444B1AE4D6E2EF50, "1e+21"),
    (0x3EB0C6F7A0B5ED8C, "9.999999999999997e-7"),
    (0x3EB0C6F7A0B5ED8D, "0.000001"),
    (0x41B3DE4355555553, "333333333.3333332"),
    (0x41B3DE4355555554, "333333333.33333325"),
    (0x41B3DE4355555555, "333333333.3333333"),
    (0x41B3DE4355555556, "333333333.3333334"),
    (0x41B3DE4355555557, "333333333.33333343"),
    (0xBECBF647612F3696, "-0.0000033333333333333333"),
    (0x43143FF3C1CB0959, "1424953923781206.2"),
]


def number(value: float) -> Assertion:
    good = decode_canonical(parse(encode(assertion())).canonical)
    assert isinstance(good, Assertion)
    return msgspec.structs.replace(good, object=Number(value))


@pytest.mark.parametrize(("bits", "text"), RFC8785_NUMBERS)
def test_numbers_are_written_as_the_appendix_of_rfc_8785_has_them(bits, text):
    """Also those that no published statement may have: the encoder alone does not refuse them."""
    (value,) = struct.unpack(">d", bits.to_bytes(8, "big"))
    assert b'"object":{"type":"number","value":%s}' % text.encode() in canonical_bytes(number(value))


def test_a_weight_and_a_confidence_have_one_spelling_each():
    for weight, text in ((1.0, b"1"), (-1.0, b"-1"), (-0.0, b"0"), (1e-7, b"1e-7"), (0.25, b"0.25")):
        assert b'"weight":%s}' % text in canonical_bytes(Vote(assertion="ab" * 32, agent="a", weight=weight))
        if weight >= 0:
            assertion_bytes = parse(encode(assertion(confidence=weight))).canonical
            assert b'"confidence":%s,' % text in assertion_bytes


def test_strings_are_escaped_as_rfc_8785_has_it():
    text = '\u20ac$\u000f\nA\'B"\\\\"/\u007f\u2028\u0000😀'
    parsed = parse(encode(assertion(object={"type": "text", "value": text})))
    assert '"value":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/\u007f\u2028\\u0000😀"'.encode() in parsed.canonical


@pytest.mark.parametrize(
    ("members", "smallest"),
    [
        (
            assertion(
                subject="s", predicate="p", agent="a", confidence=0, source={"tier": 0, "uri": "u"}, lifecycle="approved",
                object={"type": "number", "value": 0},
            ),
            True,
        ),
        (vote(agent="a", weight=0), True),
        (epoch(name="e"), False),
    ],
)  # fmt: skip
def test_no_preimage_of_an_id_is_that_of_a_merkle_node(members, smallest):
    """A node's preimage is two digests, 64 bytes. Assertions and votes are always longer. An epoch of 64 bytes begins
    with 24 fixed ones, and no digest that does can be found.
    """
    canonical = parse(encode(members)).canonical
    if smallest:
        assert len(canonical) > 64
    else:
        assert canonical.startswith(b'{"kind":"epoch","name":"')


@pytest.fixture
def no_second_parse(monkeypatch):
    def second_parse(raw: bytes) -> None:
        raise AssertionError(f"parsed twice: {raw!r}")

    monkeypatch.setattr(sys.modules["stemedb.statements.parse"], "_refuse_duplicate", second_parse)


@pytest.mark.usefixtures("no_second_parse")
def test_what_has_no_duplicate_is_not_parsed_twice():
    text = 'quotes " and \\ backslashes \\" \\\\" and é\n'
    parsed = parse(encode(assertion(object={"type": "text", "value": text})))
    parse(dump(parsed.canonical, sign(parsed.id, bytes(32))))
    parse(encode(assertion(kind=..., metadata={"kind": text})), parsed.kind)


@pytest.fixture
def no_slow_path(monkeypatch):
    def slow_path(plain: object) -> bytes:
        raise AssertionError(f"took the slow path: {plain!r}")

    monkeypatch.setattr(rfc8785, "dumps", slow_path)


@pytest.mark.usefixtures("no_slow_path")
def test_ordinary_statements_take_the_fast_path():
    for members in (
        assertion(confidence=1.0, metadata={"ключ": "é😀", "b": ""}),
        assertion(confidence=0.0, object={"type": "number", "value": -17.0}),
        assertion(object={"type": "number", "value": 0.1}),
        assertion(object={"type": "number", "value": 9007199254740991}),
        vote(weight=-1.0),
        vote(weight=0.5),
        epoch(),
    ):
        parse(encode(members))
