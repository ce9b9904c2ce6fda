"""A digest as it travels: signed as a whole, by the key that signs the replica's checkpoints.

::

    SignedDigest    body         the bytes of a Digest, as its sender encoded them: nothing is encoded again to be verified
                    signature    Ed25519 over "stemedb/v1/digest" LF || body

The checkpoint inside has a signature of its own, which outlives the digest: it is what evidence is made of. That one alone would not
do. Whoever overheard an old checkpoint could wrap it into a digest with a large sequence number, and an honest replica would look as
if it had rolled back its log. So the order of digests is signed too:

    sequence    grows from digest to digest; one that is not larger than the last is no news (see `peers`)
    nonce       of whoever asked, in an answer: it was made after the question, whatever its sequence says

The prefix keeps the two kinds of signature apart: no checkpoint begins with it, since no replica's name holds a slash.
"""

from typing import Final

from google.protobuf.message import DecodeError

from stemedb.bus.subjects import Subjects
from stemedb.errors import InvalidInput, ProofError
from stemedb.merkle.note import sign_bytes, verify_bytes
from stemedb.types import DIGEST_BYTES
from stemedb.v1 import sync_pb2

PREFIX: Final = b"stemedb/v1/digest\n"

DIGEST_BYTES_MAX: Final = 16 * 1024
"""A note of some 200 bytes and a vector of at most `peers.PEERS_MAX` names."""

NONCE_BYTES: Final = 16
"""Enough that no two questions share one."""

NONCE_BYTES_MAX: Final = 64
"""Of somebody else's question: it goes back as it came."""


def seal(digest: sync_pb2.Digest, seed: bytes) -> bytes:
    """Return `digest` signed with the 32-byte `seed`."""
    body = digest.SerializeToString()
    return bytes(
        sync_pb2.SignedDigest(body=body, signature=sign_bytes(PREFIX + body, seed)).SerializeToString()
    )


def open_unverified(data: bytes) -> tuple[sync_pb2.SignedDigest, sync_pb2.Digest]:
    """Return a digest whose signature nobody looked at, in its envelope; raises `ProofError` if `data` holds none.

    Its replica's name is one, and its key has the length of one.
    """
    if len(data) > DIGEST_BYTES_MAX:
        raise ProofError(f"a digest of {len(data)} bytes, want at most {DIGEST_BYTES_MAX}")
    try:
        signed = sync_pb2.SignedDigest.FromString(data)
        digest = sync_pb2.Digest.FromString(signed.body)
        Subjects(digest.replica)
    except (DecodeError, InvalidInput) as error:
        raise ProofError(f"not a digest: {error}") from None
    if len(digest.key) != DIGEST_BYTES:
        raise ProofError(f"{digest.replica}: a key of {len(digest.key)} bytes, want {DIGEST_BYTES}")
    return signed, digest


def verify(signed: sync_pb2.SignedDigest, key: bytes) -> None:
    """Check that the holder of `key` made this digest; raises `ProofError`."""
    verify_bytes(PREFIX + signed.body, signed.signature, key)
