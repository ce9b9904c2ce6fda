"""The hash of a node, its quick variants, and why it needs no domain prefix."""

import hashlib

import pytest
from blake3 import blake3

from stemedb.merkle.hashing import EMPTY_ROOT, fold_right, hash_pairs, node_hash, private_hasher, split_row
from stemedb.statements import parse
from stemedb.types import Digest

LEFT, RIGHT = bytes(range(32)), bytes(range(32, 64))
NODE_PREIMAGE_BYTES = 64
EPOCH_START = b'{"kind":"epoch","name":"'
SMALLEST_ASSERTION = (
    b'{"kind":"assertion","subject":"a","predicate":"p","object":{"type":"text","value":"v"},"confidence":0,'
    b'"source":{"tier":0,"uri":"u:"},"lifecycle":"proposed","agent":"a"}'
)
SMALLEST_VOTE = b'{"kind":"vote","assertion":"' + b"0" * 64 + b'","agent":"a","weight":0}'


def sha256_hash(left, right):
    return Digest(hashlib.sha256(left + right).digest())


def plain_hash(left, right):
    """Equal to `node_hash`, but another object: takes the general path."""
    return node_hash(left, right)


def test_a_node_is_blake3_of_its_children_side_by_side():
    assert node_hash(LEFT, RIGHT) == blake3(LEFT + RIGHT).digest()


def test_the_empty_root_is_the_digest_of_nothing():
    assert EMPTY_ROOT.hex() == "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262"


def test_a_private_hasher_gives_the_same_digests_again_and_again():
    hasher = private_hasher(node_hash)
    assert [hasher(LEFT, RIGHT), hasher(RIGHT, LEFT), hasher(LEFT, RIGHT)] == [
        node_hash(LEFT, RIGHT),
        node_hash(RIGHT, LEFT),
        node_hash(LEFT, RIGHT),
    ]


def test_private_hashers_do_not_share_their_state():
    first, second = private_hasher(node_hash), private_hasher(node_hash)
    digest = first(LEFT, RIGHT)
    second(RIGHT, RIGHT)
    assert first(LEFT, RIGHT) == digest


def test_a_foreign_hasher_stays_as_it_is():
    assert private_hasher(sha256_hash) is sha256_hash


@pytest.mark.parametrize("pairs", [0, 1, 2, 7])
@pytest.mark.parametrize("hasher", [node_hash, plain_hash, sha256_hash])
def test_a_row_is_hashed_pair_by_pair(hasher, pairs):
    digests = [bytes([i]) * 32 for i in range(2 * pairs)]
    want = b"".join(hasher(digests[i], digests[i + 1]) for i in range(0, 2 * pairs, 2))
    assert hash_pairs(b"".join(digests), hasher) == want


@pytest.mark.parametrize("hasher", [node_hash, plain_hash, sha256_hash])
def test_folds_are_made_from_the_right(hasher):
    a, b, c = (Digest(bytes([i]) * 32) for i in range(3))
    assert fold_right([a, b, c], hasher) == [c, hasher(b, c), hasher(a, hasher(b, c))]
    assert fold_right([a], hasher) == [a]


def test_a_row_splits_into_its_digests():
    assert split_row(LEFT + RIGHT) == [LEFT, RIGHT]
    assert split_row(b"") == []


@pytest.mark.parametrize("smallest", [SMALLEST_ASSERTION, SMALLEST_VOTE])
def test_the_smallest_assertion_and_vote_are_longer_than_the_preimage_of_a_node(smallest):
    assert len(parse(smallest).canonical) > NODE_PREIMAGE_BYTES


@pytest.mark.parametrize("extra", [b"", b',"supersedes":"' + b"0" * 64 + b'","relation":"replaces"'])
def test_an_epoch_as_long_as_a_node_begins_with_more_fixed_bytes_than_can_be_found_in_a_digest(extra):
    """Of the 32 bytes that would have to be a digest, 24 are fixed: 192 bits to find by trying."""
    shortest = parse(b'{"kind":"epoch","name":"x"' + extra + b"}").canonical
    assert shortest.startswith(EPOCH_START)
    assert len(EPOCH_START) * 8 == 192


def test_an_epoch_can_be_as_long_as_the_preimage_of_a_node():
    """Why the argument from length is not enough for epochs."""
    name = b"x" * (NODE_PREIMAGE_BYTES - len(EPOCH_START) - 2)
    assert len(parse(EPOCH_START + name + b'"}').canonical) == NODE_PREIMAGE_BYTES
