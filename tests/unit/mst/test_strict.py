"""Nodes from outside that are malformed, too large or misplaced."""

import re

import pytest
from blake3 import blake3

from stemedb.errors import ProofError
from stemedb.mst import MapProof, verify_proof
from stemedb.mst.block import encode_entries, encode_links
from stemedb.mst.node import ABSENT
from stemedb.mst.strict import OUTSIDE_WIDTH_MAX, parse_node


def digest(data):
    return blake3(data).digest()


def block(level, entries):
    return encode_entries(level, [key for key, _ in entries], [value for _, value in entries])


def high(level, entries, children):
    """A node above level 0 as an outsider gets it, and its digest."""
    body = block(level, entries)
    links = encode_links(level, digest(body), children)
    return links + body, digest(links)


AB = [(b"a", b"1"), (b"b", b"2")]
LEAF = block(0, AB)
HIGH, HIGH_DIGEST = high(2, AB, [ABSENT, digest(LEAF), ABSENT])
LINKS = len(HIGH) - len(block(2, AB))


def test_well_formed_nodes_are_read_as_they_were_written():
    leaf = parse_node(LEAF)
    assert (leaf.level, leaf.keys, leaf.values, leaf.digests) == (0, [b"a", b"b"], [b"1", b"2"], None)
    assert leaf.digest == digest(LEAF)
    node = parse_node(HIGH)
    assert (node.level, node.keys) == (2, [b"a", b"b"])
    assert node.digests == [ABSENT, digest(LEAF), ABSENT]
    assert node.digest == HIGH_DIGEST


def test_wide_lengths_are_read():
    entries = [(b"k" * 300, b"v"), (b"l", b"w" * 4096)]
    assert parse_node(block(0, entries)).keys == [b"k" * 300, b"l"]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "node: empty"),
        (b"\0\0\1", "entries block: got 3 bytes"),
        (b"\0\0\0\0", "entries block: a node without keys"),
        (b"\x81\0\0\0", "links block: a node without keys"),
        (LEAF[:-1], "entries block: got 11 bytes, want 12"),
        (LEAF + b"\0", "entries block: got 13 bytes, want 12"),
        (b"\0\0\xff\0", "entries block: got 4 bytes, want at least 259"),
        (b"\0\4" + LEAF[2:], "unknown flags 0x04"),
        (b"\1" + LEAF[1:], "links block missing"),
        (b"\x41" + LEAF[1:], "level: got 65, want at most 64"),
        (b"\0\1\1\0\1\0\1av", "key lengths in the wide form though all are short"),
        (b"\0\2\1\0\1\1\0av", "value lengths in the wide form though all are short"),
        (block(0, AB[::-1]), "key 1 is not above the one before it"),
        (block(0, [AB[0], AB[0]]), "key 1 is not above the one before it"),
        (block(0, [(b"k" * 4097, b"")]), "key length: got 4097, want at most 4096"),
        (block(0, [(b"k", b"v" * 4097)]), "value length: got 4097, want at most 4096"),
        (
            block(0, [(i.to_bytes(2, "big"), b"") for i in range(OUTSIDE_WIDTH_MAX + 1)]),
            "width: got 1025 keys, want at most 1024",
        ),
        (HIGH[:100], "links block: got 100 bytes, want at least"),
        (HIGH[:1] + b"\1" + HIGH[2:], "reserved byte: got 1"),
        (HIGH[:LINKS], "entries block: got 0 bytes"),
        (b"\x83" + HIGH[1:], "blocks disagree"),
        (high(65, AB, [ABSENT] * 3)[0], "level: got 65"),
        (encode_links(2, digest(LEAF), [ABSENT] * 3) + LEAF, "blocks disagree"),
        (encode_links(2, digest(b""), [ABSENT] * 3) + block(2, AB), "does not have the digest"),
        (
            high(2, AB, [ABSENT] * 4)[0],
            "blocks disagree: links of level 2 width 3, entries of level 2 width 2",
        ),
    ],
)
def test_malformed_nodes_are_refused_with_the_reason(data, reason):
    with pytest.raises(ProofError, match=re.escape(reason)):
        parse_node(data)


def test_a_child_must_stand_below_its_parent():
    child, child_digest = high(2, [(b"aa", b"")], [ABSENT, ABSENT])
    root, root_digest = high(2, AB, [ABSENT, child_digest, ABSENT])
    with pytest.raises(ProofError, match="proof node 1: level: got 2, want below 2"):
        verify_proof(root_digest, b"aa", MapProof((root, child)))


@pytest.mark.parametrize("key", [b"a", b"b", b"0", b"c"])
def test_the_keys_of_a_child_must_lie_between_those_of_its_parent(key):
    child = block(0, [(key, b"")])
    root, root_digest = high(2, AB, [ABSENT, digest(child), ABSENT])
    with pytest.raises(ProofError, match="proof node 1: keys outside the interval"):
        verify_proof(root_digest, b"aa", MapProof((root, child)))


def test_bounds_are_inherited_over_several_levels():
    leaf = block(0, [(b"z", b"")])
    middle, middle_digest = high(1, [(b"aa", b"")], [ABSENT, digest(leaf)])
    root, root_digest = high(2, AB, [ABSENT, middle_digest, ABSENT])
    with pytest.raises(ProofError, match="proof node 2: keys outside the interval"):
        verify_proof(root_digest, b"ab", MapProof((root, middle, leaf)))
