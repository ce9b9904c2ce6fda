r"""Evidence: a file that shows that a replica broke the promise of its checkpoints. Anybody can check it, offline.

::

    {"format": "stemedb/evidence/v1",
     "kind": "fork" | "rewrite" | "rollback" | "unproven",
     "replica": "west", "key": "U…",
     "earlier": "<signed note>", "later": "<signed note>",
     "root": "<hex>", "proof": ["<hex>", …]}          only for a rewrite

| kind | sizes | what the file proves by itself |
|---|---|---|
| fork | equal | both notes verify, the roots differ: two histories of one size were signed |
| rewrite | earlier < later | a consistency proof leads from `root` at the earlier size to the later note's root, and `root` is not the earlier note's: the log that the later note is about begins with other statements |
| rollback | later < earlier | both notes verify. That the smaller one came later is the word of the witness |
| unproven | earlier < later | both notes verify. That the replica could not show one to continue the other is the word of the witness |

The encoding is canonical, and `verify` insists on it: keys in the order above, no spaces, one newline at the end. So a
file that was changed anywhere either proves the same with other bytes of a signature, which Ed25519 rules out, or is refused.

What it does not show: who used the key, or why. A restored backup and a forger look the same.
"""

import json
from dataclasses import dataclass
from typing import Any, Final, Literal, get_args

from stemedb.errors import ProofError
from stemedb.merkle.checkpoint import Checkpoint, log_origin
from stemedb.merkle.proofs import verify_consistency
from stemedb.merkle.shape import PROOF_DIGESTS_MAX
from stemedb.statements import decode_public_key, encode_public_key
from stemedb.types import DIGEST_BYTES

FORMAT: Final = "stemedb/evidence/v1"
EVIDENCE_BYTES_MAX: Final = 64 * 1024
"""Two notes of some hundred bytes and a proof of at most 64 digests are a tenth of that."""

Kind = Literal["fork", "rewrite", "rollback", "unproven"]
_MEMBERS: Final = ("format", "kind", "replica", "key", "earlier", "later")
_PROOF_MEMBERS: Final = ("root", "proof")


@dataclass(frozen=True, slots=True)
class Consistency:
    """A consistency proof: the root of the first `earlier.size` statements of the later log, and the way to its root."""

    root: bytes
    proof: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Finding:
    """What a file of evidence establishes."""

    kind: Kind
    replica: str
    key: str
    """The public nkey that both notes verify with."""
    is_pinned: bool
    """Whether the caller named that key; otherwise it is the file's own."""
    earlier: Checkpoint
    later: Checkpoint
    established: tuple[str, ...]
    """For a person, one sentence each."""

    @property
    def is_proof(self) -> bool:
        """Whether the file alone proves that the key was used for two histories."""
        return self.kind in {"fork", "rewrite"}


def make(
    kind: Kind,
    replica: str,
    public_key: bytes,
    *,
    earlier: bytes,
    later: bytes,
    consistency: Consistency | None = None,
) -> bytes:
    """Return the file. `earlier` and `later` are signed notes; `public_key` is the raw Ed25519 key.

    Raises `ProofError` if it would not show what `kind` says: evidence that does not hold is never written.
    """
    content: dict[str, Any] = {
        "format": FORMAT,
        "kind": kind,
        "replica": replica,
        "key": encode_public_key(public_key),
        "earlier": earlier.decode("utf-8", "replace"),
        "later": later.decode("utf-8", "replace"),
    }
    if consistency is not None:
        content["root"] = consistency.root.hex()
        content["proof"] = [digest.hex() for digest in consistency.proof]
    raw = _encode(content)
    verify(raw)
    return raw


def verify(raw: bytes, *, trusted_key: str | None = None) -> Finding:
    """Return what the file `raw` establishes; raises `ProofError` if it does not hold.

    With `trusted_key`, a public nkey, both notes must be by that key; without it they must be by the one in the file.
    """
    content = _decode(raw)
    kind, replica, key = content["kind"], content["replica"], content["key"]
    if trusted_key is not None and key != trusted_key:
        raise ProofError(f"evidence: it is about key {key[:16]}…, want {trusted_key[:16]}…")
    try:
        public_key = decode_public_key(key)
    except ValueError as error:
        raise ProofError(f"evidence: key: {error}") from None
    origin = log_origin(replica)
    earlier = Checkpoint.open(content["earlier"].encode(), origin, public_key)
    later = Checkpoint.open(content["later"].encode(), origin, public_key)
    facts = _judge(kind, earlier, later, content)
    return Finding(
        kind, replica, key, trusted_key is not None, earlier, later, (_signed(replica, key), *facts)
    )


def _judge(kind: Kind, earlier: Checkpoint, later: Checkpoint, content: dict[str, Any]) -> tuple[str, ...]:
    if ("root" in content) != (kind == "rewrite"):
        raise ProofError(
            f"evidence: a {kind} comes {'with' if kind == 'rewrite' else 'without'} root and proof"
        )
    if kind == "fork":
        if earlier.size != later.size or earlier.root == later.root:
            raise ProofError("evidence: a fork is two roots of one size")
        return (f"it signed two different logs of {earlier.size} statements",)
    if kind == "rollback":
        if later.size >= earlier.size:
            raise ProofError(
                f"evidence: got sizes {earlier.size} and then {later.size}, want the later one smaller"
            )
        return (
            f"it signed a log of {earlier.size} statements and one of {later.size}",
            "that the smaller one came later is the word of the witness",
        )
    if later.size <= earlier.size:
        raise ProofError(
            f"evidence: got sizes {earlier.size} and then {later.size}, want the later one larger"
        )
    if kind == "unproven":
        return (
            f"it signed a log of {earlier.size} statements and one of {later.size}",
            "that it could not show the first to begin the second is the word of the witness",
        )
    root = _digest("root", content["root"])
    proof = [_digest("proof", text) for text in content["proof"]]
    verify_consistency(earlier.size, later.size, root, later.root, proof)
    if root == earlier.root:
        raise ProofError("evidence: the proof shows that the two logs agree")
    return (
        f"it signed a log of {earlier.size} statements, and later one of {later.size} that begins with other statements",
    )


def _signed(replica: str, key: str) -> str:
    return f"both checkpoints of replica {replica} verify with key {key}"


def _encode(content: dict[str, Any]) -> bytes:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _decode(raw: bytes) -> dict[str, Any]:
    if len(raw) > EVIDENCE_BYTES_MAX:
        raise ProofError(f"evidence: got {len(raw)} bytes, want at most {EVIDENCE_BYTES_MAX}")
    try:
        content: dict[str, Any] = json.loads(raw)
        canonical = isinstance(content, dict) and _encode(content) == raw
    except (ValueError, RecursionError) as error:
        raise ProofError(f"evidence: not JSON: {error}") from None
    if not canonical:
        raise ProofError("evidence: not in its one encoding")
    names = tuple(content)
    if names not in {_MEMBERS, (*_MEMBERS, *_PROOF_MEMBERS)} or content["format"] != FORMAT:
        raise ProofError(f"evidence: want format {FORMAT} with its members in order, got {names[:8]}")
    if not all(isinstance(content[name], str) for name in _MEMBERS) or content["kind"] not in get_args(Kind):
        raise ProofError("evidence: a member has the wrong type, or the kind is unknown")
    proof = content.get("proof", [])
    if not isinstance(content.get("root", ""), str) or not isinstance(proof, list):
        raise ProofError("evidence: root or proof has the wrong type")
    if len(proof) > PROOF_DIGESTS_MAX:
        raise ProofError(f"evidence: got {len(proof)} digests, want at most {PROOF_DIGESTS_MAX}")
    return content


def _digest(place: str, text: Any) -> bytes:
    try:
        digest = bytes.fromhex(text)
    except (TypeError, ValueError):
        raise ProofError(f"evidence: {place}: not hex") from None
    if len(digest) != DIGEST_BYTES or digest.hex() != text:
        raise ProofError(f"evidence: {place}: want {DIGEST_BYTES} bytes as lower-case hex")
    return digest
