"""Signed notes: a text, a blank line, and one line for each signature.

::

    stemedb/alpha                                  ┐
    42                                             │ text: UTF-8, ends with a newline, signed as it stands
    CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=   ┘
                                                     blank line: the last one of the note, not signed
    — stemedb/alpha Az3grlgtzPICa5OS8npV…            one or more signature lines

A signature line is

    1. em dash U+2014 and one space
    2. key name: not empty, no Unicode space, no plus
    3. one space
    4. base64, standard alphabet, padded: 4 bytes of key id, then the signature (64 bytes for Ed25519)
    5. newline

and the key id is the first 4 bytes of SHA-256(name || 0A || 01 || public key), where 01 means Ed25519. A verifier
key is told to others as one word, ``name+<key id, 8 hex digits>+<base64 of 01 || public key>``.

Invariants

* `parse` then `encode` gives the same bytes: what is not in this one form is refused, non-canonical base64 too.
* Name and key id together say which key signed. Signatures by other keys are kept and ignored: witnesses may add
  theirs. A signature that claims to be by the key at hand must verify, or the whole note is refused.
* Whatever is wrong with a note or a verifier key is `ProofError`. The text means nothing before `verify` returned.

Only Ed25519 is signed or verified here; signature lines of other types are carried along. Seeds and public keys are
raw 32 bytes.

Source: C2SP signed-note v1.0.0 (c2sp.org/signed-note), RFC 8032.
"""

import re
from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from collections.abc import Sequence
from functools import lru_cache
from hashlib import sha256
from typing import Final, NamedTuple

from nacl.exceptions import BadSignatureError
from nacl.signing import SigningKey, VerifyKey

from stemedb.errors import ProofError

NOTE_BYTES_MAX: Final = 1 << 18
"""Room for a text and sixteen post-quantum signatures of 5 kB in base64, more than twice over."""

NOTE_SIGNATURES_MAX: Final = 64
"""The specification wants at least 16; a log and a few dozen witnesses are more than we shall see."""

KEY_ID_BYTES: Final = 4
PUBLIC_KEY_BYTES: Final = 32
SEED_BYTES: Final = 32
SIGNATURE_BYTES: Final = 64
ED25519: Final = b"\x01"

_LINE_START: Final = "— "
_FORBIDDEN: Final = frozenset(map(chr, range(0x20))) - {"\n"}
_SURROGATE: Final = re.compile(
    "[\ud800-\udfff]"
)  # what no UTF-8 can say; an argument of a command can hold them


class NoteSignature(NamedTuple):
    """One signature line: who says to have signed, under which key id, and the signature itself."""

    name: str
    key_id: bytes
    value: bytes


class Note(NamedTuple):
    """A text and its signatures, none of them verified."""

    text: str
    signatures: tuple[NoteSignature, ...]

    def encode(self) -> bytes:
        """Return the note's bytes."""
        lines = (f"{_LINE_START}{s.name} {encode_base64(s.key_id + s.value)}\n" for s in self.signatures)
        return f"{self.text}\n{''.join(lines)}".encode()


class VerifierKey(NamedTuple):
    """A name and the raw Ed25519 public key it signs with."""

    name: str
    public_key: bytes

    @property
    def key_id(self) -> bytes:
        """The 4 bytes that mark the key's signature lines."""
        return key_id(self.name, self.public_key)

    @property
    def text(self) -> str:
        """The key as one word: ``name+id+base64``."""
        return f"{self.name}+{self.key_id.hex()}+{encode_base64(ED25519 + self.public_key)}"

    @classmethod
    def parse(cls, text: str) -> "VerifierKey":
        """Return the key that `text` spells. Raises ProofError if it spells none, or not an Ed25519 one."""
        parts = text.split("+", 2)  # base64 may hold a plus of its own
        if len(parts) != 3:
            raise ProofError("verifier key: want name+id+base64")
        name, identifier, encoded = parts
        if not is_key_name(name):
            raise ProofError(f"verifier key: got name {name[:64]!r}, want no spaces and no plus")
        material = decode_base64("verifier key", encoded)
        if len(material) != 1 + PUBLIC_KEY_BYTES or not material.startswith(ED25519):
            raise ProofError(
                f"verifier key: got type {material[:1].hex()} with {len(material)} bytes in all, want 01 with 33"
            )
        key = cls(name, material[1:])
        if identifier != key.key_id.hex():
            raise ProofError(f"verifier key: got id {identifier[:16]!r}, want {key.key_id.hex()}")
        return key


def public_key(seed: bytes) -> bytes:
    """Return the public key of the 32-byte Ed25519 `seed`."""
    return bytes(_signing_key(seed).verify_key)


def key_id(name: str, public_key: bytes) -> bytes:
    """Return the 4-byte id of an Ed25519 key under `name`."""
    return sha256(name.encode() + b"\n" + ED25519 + public_key).digest()[:KEY_ID_BYTES]


def is_key_name(name: str) -> bool:
    """Tell whether `name` may name a key: not empty, no Unicode space, no plus, nothing a note cannot hold."""
    return bool(name) and "+" not in name and not any(c.isspace() for c in name) and _is_note_text(name)


def sign(text: str, name: str, seed: bytes) -> bytes:
    """Return the note of `text` with one signature, by `name` with the 32-byte Ed25519 `seed`.

    Requires `text` to end with a newline and to hold no other control character, and `name` to be a key name.
    Deterministic: the same arguments give the same bytes.
    """
    return cosign(Note(text, ()), name, seed).encode()


def cosign(note: Note, name: str, seed: bytes) -> Note:
    """Return `note` with one more signature, under the same conditions as `sign`.

    Raises ValueError if the note would not parse again.
    """
    if not note.text.endswith("\n") or not _is_note_text(note.text):
        raise ValueError(
            "note: want a text that ends with a newline and is UTF-8 without other control characters"
        )
    if not is_key_name(name):
        raise ValueError(f"note: got key name {name!r}, want no spaces and no plus")
    if len(note.signatures) >= NOTE_SIGNATURES_MAX:
        raise ValueError(
            f"note: got {len(note.signatures)} signatures already, want at most {NOTE_SIGNATURES_MAX}"
        )
    key = _signing_key(seed)
    value = key.sign(note.text.encode()).signature
    signed = note._replace(
        signatures=(*note.signatures, NoteSignature(name, key_id(name, bytes(key.verify_key)), value))
    )
    length = len(signed.encode())
    if length > NOTE_BYTES_MAX:
        raise ValueError(f"note: got {length} bytes, want at most {NOTE_BYTES_MAX}")
    return signed


def sign_bytes(message: bytes, seed: bytes) -> bytes:
    """Return the bare Ed25519 signature of `message`, 64 bytes, for what is no note.

    Requires a message that no note's text can be, so that neither signature passes for the other. 16 µs.
    """
    return bytes(_signing_key(seed).sign(message).signature)


def verify_bytes(message: bytes, signature: bytes, public_key: bytes) -> None:
    """Check a bare signature of `message`; raises ProofError. 40 µs."""
    try:
        VerifyKey(public_key).verify(message, signature)
    except (BadSignatureError, ValueError) as error:  # ValueError: a key or a signature of another length
        raise ProofError("signature does not verify") from error


def parse(raw: bytes) -> Note:
    """Return the note that `raw` holds, nothing verified. Raises ProofError if it is not a note."""
    if len(raw) > NOTE_BYTES_MAX:
        raise ProofError(f"note: got {len(raw)} bytes, want at most {NOTE_BYTES_MAX}")
    try:
        decoded = raw.decode()
    except UnicodeDecodeError as error:
        raise ProofError(f"note: offset {error.start}: not UTF-8") from error
    if not _is_note_text(decoded):
        raise ProofError("note: want no control characters but newlines")
    body, blank, tail = decoded.rpartition("\n\n")
    if not blank:
        raise ProofError("note: want a blank line between text and signatures")
    if not tail.endswith("\n"):
        raise ProofError("note: want a newline after at least one signature line")
    lines = tail[:-1].split("\n")
    if len(lines) > NOTE_SIGNATURES_MAX:
        raise ProofError(f"note: got {len(lines)} signatures, want at most {NOTE_SIGNATURES_MAX}")
    return Note(body + "\n", tuple(_parse_line(number, line) for number, line in enumerate(lines, 1)))


def verify(note: Note, name: str, public_key: bytes) -> None:
    """Check that `name` signed the note's text with the key whose raw public half is `public_key`.

    Raises ProofError if no signature line is by this key, or if one is and does not verify.
    """
    verify_any(note, [VerifierKey(name, public_key)])


def verify_any(note: Note, keys: Sequence[VerifierKey]) -> tuple[VerifierKey, ...]:
    """Return those of `keys` that signed the note: at least one.

    Raises ProofError if none did, or if a line by one of them does not verify.
    """
    for key in keys:
        if len(key.public_key) != PUBLIC_KEY_BYTES:
            raise ValueError(f"key {key.name}: got {len(key.public_key)} bytes, want {PUBLIC_KEY_BYTES}")
    known = {(key.name, key.key_id): key for key in keys}
    verified: dict[VerifierKey, None] = {}
    for signature in note.signatures:
        signer = known.get((signature.name, signature.key_id))
        if signer is not None:
            _verify_signature(note.text, signature, signer)
            verified[signer] = None
    if not verified:
        got = ", ".join(f"{s.name[:64]}+{s.key_id.hex()}" for s in note.signatures[:4])
        want = ", ".join(f"{name}+{identifier.hex()}" for name, identifier in known)
        raise ProofError(f"note: got signatures by {got}, want one by {want}")
    return tuple(verified)


def _verify_signature(text: str, signature: NoteSignature, key: VerifierKey) -> None:
    if len(signature.value) != SIGNATURE_BYTES:
        raise ProofError(
            f"note: signature by {key.name}: got {len(signature.value)} bytes, want {SIGNATURE_BYTES}"
        )
    try:
        VerifyKey(key.public_key).verify(text.encode(), signature.value)
    except BadSignatureError as error:
        raise ProofError(f"note: signature by {key.name} does not verify") from error


def _parse_line(number: int, line: str) -> NoteSignature:
    place = f"note: signature line {number}"
    if not line.startswith(_LINE_START):
        raise ProofError(f"{place}: want an em dash and a space first")
    name, space, encoded = line.removeprefix(_LINE_START).partition(" ")
    if not space or not is_key_name(name):
        raise ProofError(f"{place}: want a key name, a space and base64")
    blob = decode_base64(place, encoded)
    if len(blob) <= KEY_ID_BYTES:
        raise ProofError(f"{place}: got {len(blob)} bytes, want a key id of 4 and a signature")
    return NoteSignature(name, blob[:KEY_ID_BYTES], blob[KEY_ID_BYTES:])


@lru_cache(maxsize=8)  # a replica signs at each commit, and deriving its key costs as much as signing
def _signing_key(seed: bytes) -> SigningKey:
    if len(seed) != SEED_BYTES:
        raise ValueError(f"seed: got {len(seed)} bytes, want {SEED_BYTES}")
    return SigningKey(seed)


def _is_note_text(text: str) -> bool:
    return _FORBIDDEN.isdisjoint(text) and not _SURROGATE.search(text)


def encode_base64(raw: bytes) -> str:
    """Return standard, padded base64."""
    return b64encode(raw).decode("ascii")


def decode_base64(place: str, text: str) -> bytes:
    """Return the bytes of canonical base64. Raises ProofError for anything else, such as loose trailing bits."""
    try:
        raw = b64decode(text, validate=True)
    except (Base64Error, ValueError) as error:  # ValueError: a character outside ASCII
        raise ProofError(f"{place}: not base64") from error
    if encode_base64(raw) != text:
        raise ProofError(f"{place}: want canonical base64")
    return raw
