"""Canonical form, ids and duplicate members against independent readings of the same rules."""

import json
import random
from collections.abc import Callable

import rfc8785
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from stemedb.errors import InvalidStatement
from stemedb.statements import canonical_bytes, decode_canonical, dump, parse, parse_batch, sign
from stemedb.types import Kind
from support.effort import examples
from support.reference_statement import is_valid
from support.statement_json import assertion, encode, epoch, vote
from support.statement_strategies import floats, numbers, statements, texts

ORDINARY = settings(max_examples=examples(150), deadline=None)


@ORDINARY
@given(statements)
def test_the_canonical_form_is_that_of_rfc_8785(members):
    assert parse(encode(members)).canonical == rfc8785.dumps(members)


@ORDINARY
@given(numbers)
def test_numbers_are_spelled_as_rfc_8785_does(value):
    members = assertion(object={"type": "number", "value": value})
    assert parse(encode(members)).canonical == rfc8785.dumps(members)


@ORDINARY
@given(
    st.dictionaries(st.text("ab\ue000\uffff\U00010000\U0001f600", min_size=1, max_size=3), texts, max_size=6)
)
def test_metadata_is_sorted_by_utf16_code_units(metadata):
    members = assertion(metadata=metadata)
    assert parse(encode(members)).canonical == rfc8785.dumps(members)


@ORDINARY
@given(statements)
def test_canonical_bytes_parse_and_decode_to_themselves(members):
    parsed = parse(encode(members))
    assert parse(parsed.canonical) == parsed
    decoded = decode_canonical(parsed.canonical)
    assert decoded == parsed.statement
    assert canonical_bytes(decoded) == parsed.canonical


@ORDINARY
@given(statements, st.randoms(use_true_random=False), st.sampled_from([None, 1, "\t"]), st.booleans())
def test_the_id_does_not_depend_on_spelling(members, rng, indent, escaped):
    respelled = json.dumps(_shuffled(members, rng), indent=indent, ensure_ascii=escaped)
    respelled = respelled.encode("utf-8", "surrogatepass").replace(
        b"/", b"\\/" if rng.random() < 0.5 else b"/"
    )
    assert parse(respelled) == parse(encode(members))


@ORDINARY
@given(
    st.integers(-(10**6), 10**6),
    st.sampled_from(["{}", "{}.0", "{}.000", "{}e0", "{}E+0", "{}0e-1", "{}.0E-0"]),
)
def test_the_id_does_not_depend_on_the_spelling_of_a_number(number, spelling):
    assume(number != 0 or spelling != "{}0e-1")  # 00e-1 is no number in JSON
    plain = encode(assertion(object={"type": "number", "value": number}))
    respelled = plain.replace(f": {number}}}".encode(), f": {spelling.format(number)}}}".encode())
    assert parse(respelled).id == parse(plain).id


@ORDINARY
@given(statements)
def test_a_signature_does_not_change_the_id(members):
    parsed = parse(encode(members))
    signed = parse(dump(parsed.canonical, sign(parsed.id, bytes(32))))
    assert (signed.id, signed.canonical) == (parsed.id, parsed.canonical)


@ORDINARY
@given(statements, st.data())
def test_a_duplicate_member_is_found_wherever_it_is(members, data):
    """Against a parser that sees every pair: at any depth, first or last, quotes and escapes in its value or not."""
    objects = [members, *(value for value in members.values() if isinstance(value, dict) and value)]
    target = data.draw(st.sampled_from(objects), label="object")
    name = data.draw(st.sampled_from(sorted(target)), label="member")
    kind = Kind[members["kind"].upper()]
    omit = data.draw(st.booleans(), label="omit kind") and (target is not members or name != "kind")
    value = target[name]
    if isinstance(value, str) and target is members.get("metadata"):
        value = data.draw(texts, label="other value")
    raw = _encode_with_duplicate(members, target, (name, value), omit=omit, escape=data.draw(st.booleans()))
    assert _has_duplicate(raw)
    (refusal,) = parse_batch([raw], kind)
    assert isinstance(refusal, InvalidStatement)
    assert refusal.reason == "is there twice"
    assert refusal.field.endswith(name if name.isprintable() else "")


@ORDINARY
@given(statements, st.data())
def test_a_mutated_statement_is_taken_exactly_if_the_reference_takes_it(members, data):
    for _ in range(data.draw(st.integers(0, 2))):
        members = data.draw(st.sampled_from(MUTATIONS))(members, data.draw)
    raw = encode(members)
    assume(len(raw) < 60_000)
    (result,) = parse_batch([raw])
    assert isinstance(result, InvalidStatement) is not is_valid(members), result


@settings(max_examples=examples(300), deadline=None)
@given(st.binary(max_size=200), st.sampled_from([assertion(), vote(), epoch()]), st.data())
def test_no_bytes_raise_anything_but_a_refusal(junk, members, data):
    good = encode(members)
    start = data.draw(st.integers(0, len(good)))
    end = data.draw(st.integers(start, min(len(good), start + 8)))
    for result in parse_batch([junk, good[:start] + junk + good[end:], good[:start]]):
        if not isinstance(result, InvalidStatement):
            assert parse(result.canonical).id == result.id


def _shuffled(value: object, rng: random.Random) -> object:
    if not isinstance(value, dict):
        return value
    pairs = [(name, _shuffled(member, rng)) for name, member in value.items()]
    rng.shuffle(pairs)
    return dict(pairs)


def _encode_with_duplicate(members, target, duplicate, *, omit, escape) -> bytes:
    def text(value: object) -> str:
        if not isinstance(value, dict):
            return json.dumps(value, ensure_ascii=escape)
        pairs = [pair for pair in value.items() if not (omit and value is members and pair[0] == "kind")]
        if value is target:
            pairs.append(duplicate)
        return (
            "{"
            + ",".join(f"{json.dumps(name, ensure_ascii=escape)}:{text(member)}" for name, member in pairs)
            + "}"
        )

    return text(members).encode()


def _has_duplicate(raw: bytes) -> bool:
    found = []

    def hook(pairs: list[tuple[str, object]]) -> None:
        found.append(len({name for name, _ in pairs}) < len(pairs))

    json.loads(raw, object_pairs_hook=hook)
    return any(found)


scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**54), 2**54),
    st.floats(allow_nan=False, allow_infinity=False),
    texts,
    st.sampled_from(["x - at `$.agent", "x` - at `key` in `$.metadata`", "Expected `int`, got `str`"]),
)
Mutation = Callable[[dict, Callable], dict]


def _drop(members, draw):
    dropped = draw(st.sampled_from(sorted(members))) if members else ""
    return {name: value for name, value in members.items() if name != dropped}


def _replace(members, draw):
    return members | {draw(st.sampled_from(sorted(members))): draw(scalars)} if members else members


def _add(members, draw):
    optional = [
        "asserted_at",
        "supersedes",
        "relation",
        "epoch",
        "metadata",
        "cast_at",
        "name",
        "agent",
        "weight",
    ]
    return members | {draw(st.sampled_from(optional) | texts): draw(scalars | st.just([]) | st.just({}))}


def _inside(members, draw):
    inner = sorted(name for name, value in members.items() if isinstance(value, dict))
    if not inner:
        return members
    name = draw(st.sampled_from(inner))
    return members | {name: draw(st.sampled_from([_replace, _add, _replace]))(members[name], draw)}


def _rename_kind(members, draw):
    return members | {"kind": draw(st.sampled_from(["assertion", "vote", "epoch", "x"]))}


def _name(members, draw):
    bad = st.sampled_from(
        ["", " a", "a\n", "a\x00", "a\x85", "a//b", "a/", "X://b", "x://b", "é" * 600, "a" * 300]
    )
    return members | {draw(st.sampled_from(["subject", "predicate", "agent", "name"])): draw(bad)}


def _number(members, draw):
    return members | {"object": {"type": "number", "value": draw(floats | st.integers(-(2**60), 2**60))}}


MUTATIONS: list[Mutation] = [_drop, _replace, _add, _inside, _inside, _rename_kind, _name, _number]
