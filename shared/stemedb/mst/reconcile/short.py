"""Short digests: what stands for a digest or an entry on the wire.

A reconciliation compares far more digests than it finds differences, so their width is most of its traffic::

    short(digest)       = the first `width` bytes of BLAKE3(digest, keyed)        a subtree, or an entries block
    short(key, value)   = the first `width` bytes of BLAKE3(length of key ‖ key ‖ value, keyed)          an entry
    short(no subtree)   = zeros
    key                 = BLAKE3(nonce)

The asking side draws the nonce anew for every reconciliation. Whoever publishes statements beforehand cannot know it, so nobody
can search for two different subtrees that will look alike: what is left is chance, 2**-48 per comparison at the usual
six bytes. Chance is not relied on either. The last word is the equality of full roots, and a reconciliation that fails it
is repeated at full width, where a short digest is as good as the digest it stands for.
"""

from collections.abc import Sequence
from typing import Final

from blake3 import blake3

from stemedb.mst.node import ABSENT
from stemedb.types import DIGEST_BYTES, Digest

NONCE_BYTES: Final = 16
SHORT_BYTES: Final = 6
"""The usual width. Finding a hundred differences compares some 2**13 digests, so one such reconciliation in 2**35 is
misled and repeated; finding a million, one in 2**23. Eight bytes would cost a third more traffic and buy nothing."""

FULL_BYTES: Final = DIGEST_BYTES
"""The width without collisions."""


class Shortener:
    """Gives short digests of one width under one nonce."""

    __slots__ = ("_template", "absent", "width")

    def __init__(self, nonce: bytes, width: int) -> None:
        """Require ``len(nonce) == NONCE_BYTES`` and ``1 <= width <= FULL_BYTES``; raise ``ValueError``."""
        if len(nonce) != NONCE_BYTES:
            raise ValueError(f"nonce: got {len(nonce)} bytes, want {NONCE_BYTES}")
        if not 1 <= width <= FULL_BYTES:
            raise ValueError(f"width: got {width}, want 1 to {FULL_BYTES}")
        self._template = blake3(key=blake3(nonce).digest())
        self.width = width
        self.absent = bytes(width)

    def digests(self, digests: Sequence[Digest]) -> list[bytes]:
        """Return the short digest of each. Requires every digest known or ABSENT."""
        shorts = self._hash(digests)
        if ABSENT in digests:
            shorts = [
                self.absent if digest == ABSENT else short
                for digest, short in zip(digests, shorts, strict=True)
            ]
        return shorts

    def digest(self, digest: Digest) -> bytes:
        """Return the short digest of one."""
        return self.digests((digest,))[0]

    def entries(self, keys: Sequence[bytes], values: Sequence[bytes]) -> list[bytes]:
        """Return the short digest of each entry."""
        return self._hash(
            [len(key).to_bytes(2, "little") + key + value for key, value in zip(keys, values, strict=True)]
        )

    def _hash(self, texts: Sequence[bytes]) -> list[bytes]:
        hasher, width = self._template.copy(), self.width
        reset, update, digest = hasher.reset, hasher.update, hasher.digest
        shorts = []
        for text in texts:
            reset()
            update(text)
            shorts.append(digest(length=width))
        return shorts
