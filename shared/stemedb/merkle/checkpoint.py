"""Checkpoints: what a replica signs about its log, and about its map.

A checkpoint is a signed note (`stemedb.merkle.note`) with this text, every line ended by a newline:

    1. origin: ``stemedb/<replica>`` for the log, ``stemedb/<replica>/map`` for the map
    2. size: decimal, no leading zeros; leaves of the log, or for the map how many of them it has applied
    3. root: base64 of 32 bytes
    4. extension lines, none of ours; not empty, passed on as they are

The origin is also the name of the signing key. Signing a size and a root promises that every later one will be
consistent with it: two checkpoints by one origin that are not are proof of equivocation. This module signs
what it is given; keeping the promise is the ledger's part.

Source: C2SP tlog-checkpoint v1.0.0 (c2sp.org/tlog-checkpoint).
"""

import re
from dataclasses import dataclass
from typing import Final

from stemedb.errors import ProofError
from stemedb.merkle import note
from stemedb.merkle.shape import LEAVES_MAX
from stemedb.types import DIGEST_BYTES, Digest, LogSize

ORIGIN_PREFIX: Final = "stemedb/"

_SIZE: Final = re.compile(r"0|[1-9][0-9]{0,18}")  # 19 digits hold 2^63 and bound the conversion


def log_origin(replica: str) -> str:
    """Return the origin of the log of `replica`."""
    return f"{ORIGIN_PREFIX}{replica}"


def map_origin(replica: str) -> str:
    """Return the origin of the map of `replica`."""
    return f"{ORIGIN_PREFIX}{replica}/map"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The root of `origin` at `size`.

    Requires 0 <= size <= 2^63, a root of 32 bytes, and an origin and extensions that are non-empty lines; raises
    ValueError otherwise.
    """

    origin: str
    size: LogSize
    root: Digest
    extensions: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not 0 <= self.size <= LEAVES_MAX:
            raise ValueError(f"checkpoint: got size {self.size}, want 0 <= size <= 2^63")
        if len(self.root) != DIGEST_BYTES:
            raise ValueError(f"checkpoint: got a root of {len(self.root)} bytes, want {DIGEST_BYTES}")
        for line in (self.origin, *self.extensions):
            if not line or "\n" in line:
                raise ValueError(f"checkpoint: got line {line[:64]!r}, want one non-empty line")

    @property
    def text(self) -> str:
        """The text that is signed."""
        lines = (self.origin, str(self.size), note.encode_base64(self.root), *self.extensions)
        return "".join(f"{line}\n" for line in lines)

    def sign(self, seed: bytes) -> bytes:
        """Return the signed note, the origin being the key's name. Deterministic.

        Requires the origin to be a key name (no space, no plus) and `seed` to have 32 bytes.
        """
        return note.sign(self.text, self.origin, seed)

    @classmethod
    def parse(cls, text: str) -> "Checkpoint":
        """Return the checkpoint that a note's text spells, nothing verified. Raises ProofError if it spells none."""
        *lines, rest = text.split("\n")
        if rest or len(lines) < 3:
            raise ProofError(f"checkpoint: got {len(lines)} whole lines, want origin, size and root")
        if "" in lines:
            raise ProofError(f"checkpoint: line {lines.index('') + 1} is empty")
        origin, size_line, root_line, *extensions = lines
        if not _SIZE.fullmatch(size_line) or int(size_line) > LEAVES_MAX:
            raise ProofError(f"checkpoint: got size {size_line[:32]!r}, want a decimal of at most 2^63")
        root = note.decode_base64("checkpoint root", root_line)
        if len(root) != DIGEST_BYTES:
            raise ProofError(f"checkpoint: got a root of {len(root)} bytes, want {DIGEST_BYTES}")
        return cls(origin, LogSize(int(size_line)), Digest(root), tuple(extensions))

    @classmethod
    def open(cls, raw: bytes, origin: str, public_key: bytes) -> "Checkpoint":
        """Return the checkpoint in the signed note `raw`, verified to be by `origin` and about `origin`.

        `public_key` is the raw Ed25519 key of the origin. Raises ProofError for anything that does not hold.
        """
        signed = note.parse(raw)
        note.verify(signed, origin, public_key)
        checkpoint = cls.parse(signed.text)
        if checkpoint.origin != origin:
            raise ProofError(f"checkpoint: got origin {checkpoint.origin[:64]!r}, want {origin!r}")
        return checkpoint
