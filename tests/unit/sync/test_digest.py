"""A digest is what its replica signed, to the last bit, or it is nothing."""

import pytest

from stemedb.errors import ProofError
from stemedb.merkle import EMPTY_ROOT, Checkpoint, log_origin, note
from stemedb.types import LogSize
from stemedb.v1 import sync_pb2
from stemedb_sync.digest import DIGEST_BYTES_MAX, PREFIX, open_unverified, seal, verify

SEED, OTHER_SEED = bytes(range(32)), bytes(32)
KEY = note.public_key(SEED)


def digest(**fields):
    return sync_pb2.Digest(**({"replica": "west", "key": KEY, "sequence": 7} | fields))


def test_what_was_sealed_is_opened_and_verifies():
    signed, opened = open_unverified(seal(digest(vector={"east": 5}), SEED))
    verify(signed, KEY)
    assert opened == digest(vector={"east": 5})


def test_no_changed_bit_verifies():
    sealed = seal(digest(), SEED)
    for place in range(len(sealed)):
        for bit in range(8):
            changed = bytearray(sealed)
            changed[place] ^= 1 << bit
            with pytest.raises(ProofError):
                verify(open_unverified(bytes(changed))[0], KEY)


def test_another_key_verifies_nothing():
    signed, _ = open_unverified(seal(digest(), OTHER_SEED))
    with pytest.raises(ProofError):
        verify(signed, KEY)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff\xff",
        bytes(DIGEST_BYTES_MAX + 1),
        sync_pb2.SignedDigest(body=b"\xff\xff").SerializeToString(),
        seal(digest(replica="a.b"), SEED),
        seal(digest(replica=""), SEED),
        seal(digest(key=KEY[:-1]), SEED),
    ],
)
def test_what_is_no_digest_is_refused_before_any_signature_is_looked_at(data):
    with pytest.raises(ProofError):
        open_unverified(data)


def test_neither_signature_passes_for_the_other():
    """A checkpoint's text never begins as a digest does, so a signature of one says nothing about the other."""
    for name in ("digest", "v1", "west"):
        text = Checkpoint(log_origin(name), LogSize(0), EMPTY_ROOT).sign(SEED)
        assert not text.startswith(PREFIX)
    assert PREFIX.split(b"\n")[0].count(b"/") == 2
    assert log_origin("west").count("/") == 1
