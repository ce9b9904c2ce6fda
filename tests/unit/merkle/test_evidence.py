"""Evidence: what it proves, and that every neighbour of a good file proves nothing."""

import json

import pytest

from stemedb.errors import ProofError
from stemedb.merkle import Checkpoint, MemoryNodeStore, MerkleLog, log_origin
from stemedb.merkle.evidence import EVIDENCE_BYTES_MAX, Consistency, make, verify
from stemedb.merkle.note import public_key
from stemedb.statements import encode_public_key
from stemedb.types import LogSize

SEED = bytes(range(32))
KEY = public_key(SEED)


def log_of(*numbers):
    log = MerkleLog(MemoryNodeStore())
    log.append([bytes([number]) * 32 for number in numbers])
    return log


def note(log, size=None, seed=SEED, replica="west"):
    size = log.size if size is None else size
    return Checkpoint(log_origin(replica), LogSize(size), log.root(LogSize(size))).sign(seed)


FIRST = log_of(*range(6))
SECOND = log_of(0, 1, 99, *range(3, 11))
SHOWN = Consistency(SECOND.root(LogSize(6)), SECOND.consistency_proof(LogSize(6)))
FILES = {
    "fork": make("fork", "west", KEY, earlier=note(FIRST), later=note(SECOND, 6)),
    "rewrite": make("rewrite", "west", KEY, earlier=note(FIRST), later=note(SECOND), consistency=SHOWN),
    "rollback": make("rollback", "west", KEY, earlier=note(FIRST), later=note(FIRST, 4)),
    "unproven": make("unproven", "west", KEY, earlier=note(FIRST), later=note(SECOND)),
}


@pytest.mark.parametrize("kind", FILES)
def test_a_file_tells_what_it_establishes(kind):
    finding = verify(FILES[kind])
    assert (finding.kind, finding.replica, finding.key) == (kind, "west", encode_public_key(KEY))
    assert finding.earlier.size == 6
    assert finding.is_proof == (kind in {"fork", "rewrite"})
    assert not finding.is_pinned
    assert verify(FILES[kind], trusted_key=finding.key).is_pinned
    assert any("word of the witness" in sentence for sentence in finding.established) != finding.is_proof


@pytest.mark.parametrize("kind", FILES)
def test_another_key_than_the_trusted_one_is_refused(kind):
    with pytest.raises(ProofError, match="about key"):
        verify(FILES[kind], trusted_key=encode_public_key(public_key(bytes(32))))


@pytest.mark.parametrize("kind", FILES)
def test_every_changed_byte_is_refused(kind):
    raw = FILES[kind]
    for offset in range(len(raw)):
        broken = raw[:offset] + bytes([raw[offset] ^ 1]) + raw[offset + 1 :]
        with pytest.raises(ProofError):
            verify(broken)


@pytest.mark.parametrize("kind", FILES)
def test_every_truncation_and_any_addition_is_refused(kind):
    raw = FILES[kind]
    for neighbour in [raw[:end] for end in range(0, len(raw), 7)] + [raw[:-1], raw + b"\n", b" " + raw]:
        with pytest.raises(ProofError):
            verify(neighbour)


def rewritten(changes):
    content = json.loads(FILES["rewrite"]) | changes
    content = {name: value for name, value in content.items() if value is not None}
    return json.dumps(content, separators=(",", ":")).encode() + b"\n"


GOOD = json.loads(FILES["rewrite"])


@pytest.mark.parametrize(
    "changes",
    [
        {"kind": "fork"},
        {"kind": "rollback"},
        {"kind": "unproven"},
        {"kind": "else"},
        {"format": "stemedb/evidence/v2"},
        {"replica": "east"},
        {"key": encode_public_key(public_key(bytes(32)))},
        {"key": "U"},
        {"earlier": GOOD["later"]},
        {"earlier": GOOD["later"], "later": GOOD["earlier"]},
        {"later": 5},
        {"root": None},
        {"root": None, "proof": None},
        {"root": FIRST.root().hex()},
        {"root": GOOD["root"].upper()},
        {"root": GOOD["root"][2:]},
        {"root": 5},
        {"proof": "x"},
        {"proof": [5]},
        {"proof": GOOD["proof"][1:]},
        {"proof": GOOD["proof"][::-1]},
        {"proof": [*GOOD["proof"], "00" * 32]},
        {"proof": ["00" * 32] * 200},
        {"more": "x"},
    ],
    ids=",".join,
)
def test_every_changed_member_is_refused(changes):
    with pytest.raises(ProofError):
        verify(rewritten(changes))


@pytest.mark.parametrize(
    ("kind", "earlier", "later", "consistency"),
    [
        ("fork", note(FIRST), note(FIRST), None),
        ("fork", note(FIRST), note(SECOND), None),
        ("rollback", note(FIRST, 4), note(FIRST), None),
        ("unproven", note(FIRST), note(FIRST, 4), None),
        ("rewrite", note(FIRST), note(SECOND), None),
        ("fork", note(FIRST), note(SECOND, 6), SHOWN),
        ("fork", note(FIRST), note(SECOND, 6, seed=bytes(32)), None),
        ("fork", note(FIRST), note(SECOND, 6, replica="east"), None),
        (
            "rewrite",
            note(SECOND, 6),
            note(SECOND),
            Consistency(SECOND.root(LogSize(6)), SECOND.consistency_proof(LogSize(6))),
        ),
    ],
)
def test_evidence_that_does_not_hold_is_never_made(kind, earlier, later, consistency):
    with pytest.raises(ProofError):
        make(kind, "west", KEY, earlier=earlier, later=later, consistency=consistency)


@pytest.mark.parametrize(
    "raw", [b"", b"[]\n", b"{}\n", b"\xff", b"[" * 5000, b" " * (EVIDENCE_BYTES_MAX + 1)]
)
def test_what_is_no_evidence_at_all_is_refused(raw):
    with pytest.raises(ProofError, match="evidence"):
        verify(raw)
