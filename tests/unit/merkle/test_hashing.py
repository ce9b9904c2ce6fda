"""The hash of a node, its quick variants, and why it needs no domain prefix."""

import hashlib

import pytest
from blake3 import blake3

from stemedb.merkle.hashing import EMPTY_ROOT, fold_path, fold_right, hash_pairs, node_hash, split_row
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


@pytest.mark.parametrize("hasher", [node_hash, plain_hash, sha256_hash])
def test_a_path_is_folded_on_the_side_that_its_index_tells(hasher):
    a, b, c, d = (Digest(bytes([i]) * 32) for i in range(4))
    want = hasher(d, hasher(hasher(b, a), c))
    assert fold_path(a, 0b01, [b, c], [d], hasher) == want
    assert fold_path(a, 0b10, [b, c], [], hasher) == hasher(c, hasher(a, b))
    assert fold_path(a, 0, [], [], hasher) == a


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
