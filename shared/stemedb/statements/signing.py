"""Signatures: who stands behind a statement, and which signatures a replica asks for.

::

    seed (32 bytes) ──Ed25519──▶ public key ──────────────┐
                       │                                  ▼
    statement id ──────┴──▶ signature (64 bytes)    key "U…" (nkey), value (base64url)

The message that is signed is the statement's id, 32 bytes. Since the id is the digest of the canonical bytes, and the
signature is not in them, the same claim by two signers is one statement; the signature that came first is kept.

Byte format of a signature as it is stored (big lengths first)::

    offset  size  what
         0    32  Ed25519 public key
        32    64  Ed25519 signature (RFC 8032: R, then S)

Text of keys, as NATS writes them (base32 without padding)::

    public key  1 byte 0xA0 ("U")              32 bytes of key   CRC-16/XMODEM, little-endian     56 characters
    seed        2 bytes 0x95 0x00 ("SU")       32 bytes of seed  CRC-16/XMODEM, little-endian     58 characters

Invariants

* Each signature and key has one text: what decodes is what encodes back to the same text.
* An agent that is itself an nkey speaks only through its own signature; nobody can sign in its name.

What it does not do: it keeps no keys and draws no randomness; ``new_seed`` is handed its 32 random bytes. And it puts no
mark of ours before the 32 bytes that are signed, so a key that signs for another purpose too may be made to sign a
statement there: an nkey that logs in to NATS signs whatever nonce the server sends. Keep keys for statements apart.

Sources: RFC 8032 (Ed25519), the NATS nkeys format.
"""

import base64
import binascii
from dataclasses import dataclass
from typing import Final

from nacl.exceptions import BadSignatureError
from nacl.signing import SigningKey, VerifyKey

from stemedb.errors import InvalidStatement, ProofError
from stemedb.statements.model import Epoch, Parsed, Signature
from stemedb.types import StatementId

KEY_BYTES: Final = 32
SIGNATURE_BYTES: Final = 96
"""A public key and a signature by it."""

PUBLIC_KEY_LENGTH: Final = 56
SEED_LENGTH: Final = 58
SIGNATURE_VALUE_LENGTH: Final = 86

_USER: Final = 20 << 3
_SEED: Final = 18 << 3
_USER_PREFIX: Final = bytes((_USER,))
_USER_SEED_PREFIX: Final = bytes((_SEED | _USER >> 5, (_USER & 31) << 3))


@dataclass(frozen=True, slots=True)
class SigningPolicy:
    """Which signatures a replica asks for: of every statement or of none, by any key or by those listed.

    ``keys`` are public nkeys; ``None`` means any. With ``keys`` and not ``required``, an unsigned statement is taken
    and one that is signed by a stranger is not.
    """

    required: bool = False
    keys: frozenset[str] | None = None

    def check(self, parsed: Parsed) -> None:
        """Verify what `parsed` is signed with. Raises `InvalidStatement`, with the field ``signature``."""
        agent = "" if isinstance(parsed.statement, Epoch) else parsed.statement.agent
        agent_key = is_public_key(agent)
        if not parsed.signature:
            if self.required:
                raise InvalidStatement("signature", "missing; this replica takes signed statements only")
            if agent_key:
                raise InvalidStatement("signature", "missing; an agent that is an nkey must sign")
            return
        key = encode_public_key(parsed.signature[:KEY_BYTES])
        if self.keys is not None and key not in self.keys:
            raise InvalidStatement("signature.key", f"got {key}, which this replica does not trust")
        if agent_key and agent != key:
            raise InvalidStatement("signature.key", f"got {key}, want the agent's own {agent}")
        try:
            verify(parsed.id, parsed.signature)
        except ProofError as error:
            raise InvalidStatement("signature.value", error.message) from None


def sign(statement_id: StatementId, seed: bytes | str) -> bytes:
    """Return the 96 bytes of a signature over a statement's id.

    Requires ``len(statement_id) == 32`` and a seed of 32 bytes or its nkey text. Deterministic.
    """
    if len(statement_id) != KEY_BYTES:
        raise ValueError(f"got {len(statement_id)} bytes to sign, want the 32 bytes of a statement id")
    key = SigningKey(decode_seed(seed) if isinstance(seed, str) else seed)
    return key.verify_key.encode() + key.sign(statement_id).signature


def verify(statement_id: StatementId, signature: bytes) -> None:
    """Check the 96 bytes of a signature against a statement's id. Raises `ProofError` if it does not hold."""
    if len(signature) != SIGNATURE_BYTES:
        raise ProofError(f"signature: got {len(signature)} bytes, want {SIGNATURE_BYTES}")
    try:
        VerifyKey(signature[:KEY_BYTES]).verify(statement_id, signature[KEY_BYTES:])
    except BadSignatureError:
        raise ProofError(f"signature does not match statement {statement_id.hex()[:16]}…") from None


def signature_member(signature: bytes) -> Signature:
    """Return the 96 bytes of a signature as the member of a statement."""
    if len(signature) != SIGNATURE_BYTES:
        raise ValueError(f"got a signature of {len(signature)} bytes, want {SIGNATURE_BYTES}")
    value = base64.urlsafe_b64encode(signature[KEY_BYTES:]).rstrip(b"=").decode()
    return Signature(encode_public_key(signature[:KEY_BYTES]), value)


def signature_bytes(member: Signature) -> bytes:
    """Return the 96 bytes of a statement's signature member. Raises `InvalidStatement` if it is not well-formed."""
    try:
        key = decode_public_key(member.key)
    except ValueError as error:
        raise InvalidStatement("signature.key", str(error)) from None
    try:
        value = base64.b64decode(member.value + "==", altchars=b"-_", validate=True)
    except ValueError:
        raise InvalidStatement("signature.value", "not base64url") from None
    raw = key + value
    if len(raw) != SIGNATURE_BYTES or signature_member(raw) != member:
        raise InvalidStatement(
            "signature.value", "got another spelling than base64url of 64 bytes without padding"
        )
    return raw


def new_seed(rng_bytes32: bytes) -> str:
    """Return the nkey text (``SU…``) of a seed made of 32 random bytes."""
    return encode_seed(rng_bytes32)


def public_key(seed: bytes | str) -> str:
    """Return the public nkey (``U…``) of a seed of 32 bytes or of its nkey text."""
    raw = decode_seed(seed) if isinstance(seed, str) else seed
    return encode_public_key(SigningKey(raw).verify_key.encode())


def is_public_key(text: str) -> bool:
    """Whether `text` is a public nkey of a user, checksum included."""
    # The guard is what an ordinary agent's name costs.
    if len(text) != PUBLIC_KEY_LENGTH or text[0] != "U":
        return False
    try:
        decode_public_key(text)
    except ValueError:
        return False
    return True


def encode_public_key(raw: bytes) -> str:
    """Return the nkey text of a public key. Requires ``len(raw) == 32``."""
    return _encode(_USER_PREFIX, raw)


def decode_public_key(text: str) -> bytes:
    """Return the 32 bytes of a public nkey. Raises `ValueError` with what is wrong with it."""
    return _decode(_USER_PREFIX, text, PUBLIC_KEY_LENGTH)


def encode_seed(raw: bytes) -> str:
    """Return the nkey text of a seed. Requires ``len(raw) == 32``."""
    return _encode(_USER_SEED_PREFIX, raw)


def decode_seed(text: str) -> bytes:
    """Return the 32 bytes of an nkey seed. Raises `ValueError`, which never quotes the seed."""
    return _decode(_USER_SEED_PREFIX, text, SEED_LENGTH)


def _encode(prefix: bytes, raw: bytes) -> str:
    if len(raw) != KEY_BYTES:
        raise ValueError(f"got a key of {len(raw)} bytes, want {KEY_BYTES}")
    body = prefix + raw
    return base64.b32encode(body + _checksum(body)).rstrip(b"=").decode()


def _decode(prefix: bytes, text: str, length: int) -> bytes:
    if len(text) != length:
        raise ValueError(f"got an nkey of {len(text)} characters, want {length}")
    try:
        whole = base64.b32decode(text + "=" * (-length % 8))
    except ValueError:
        raise ValueError("nkey is not base32") from None
    body, checksum = whole[:-2], whole[-2:]
    if not body.startswith(prefix):
        raise ValueError("nkey is of another type than a user's")
    if checksum != _checksum(body):
        raise ValueError("nkey has a wrong checksum")
    raw = body[len(prefix) :]
    if _encode(prefix, raw) != text:
        raise ValueError("nkey has another spelling than its own")
    return raw


def _checksum(body: bytes) -> bytes:
    return binascii.crc_hqx(body, 0).to_bytes(2, "little")
