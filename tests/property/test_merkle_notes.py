"""Notes and checkpoints under garbage: refused with the one typed error, or the very bytes that were signed."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stemedb.errors import ProofError
from stemedb.merkle import LEAVES_MAX, Checkpoint, VerifierKey, note
from stemedb.merkle.note import NoteSignature

SEED = b"\x05" * 32
KEY = VerifierKey("stemedb/alpha", note.public_key(SEED))
CHECKPOINT = Checkpoint(KEY.name, 7, bytes(range(32)), ("extension",))
RAW = CHECKPOINT.sign(SEED)

lines = st.text(st.characters(min_codepoint=0x20, exclude_categories=["Cs"]), max_size=30)
texts = st.lists(lines, min_size=1, max_size=5).map(lambda parts: "".join(f"{part}\n" for part in parts))
names = lines.filter(note.is_key_name)
signatures = st.builds(
    NoteSignature, names, st.binary(min_size=4, max_size=4), st.binary(min_size=1, max_size=80)
)
pieces = st.sampled_from(
    [
        b"\n",
        b"\n\n",
        b" ",
        "— ".encode(),
        b"\xe2\x80",
        b"a",
        b"stemedb/alpha",
        b"7",
        b"AAAAAAA=",
        b"=",
        b"\0",
        b"+",
    ]
)
garbage = st.binary(max_size=300) | st.lists(pieces | st.binary(max_size=3), max_size=40).map(b"".join)


@given(texts, names, st.binary(min_size=32, max_size=32), st.lists(signatures, max_size=3))
def test_every_note_survives_a_round_trip_and_verifies(text, name, seed, others):
    signed = note.parse(note.sign(text, name, seed))
    assert signed.text == text
    whole = signed._replace(signatures=(*others, *signed.signatures))
    assert note.parse(whole.encode()) == whole
    note.verify(note.parse(whole.encode()), name, note.public_key(seed))


@given(names, st.binary(min_size=32, max_size=32))
def test_every_verifier_key_survives_a_round_trip(name, public_key):
    key = VerifierKey(name, public_key)
    assert VerifierKey.parse(key.text) == key


@given(
    st.builds(
        Checkpoint,
        lines.filter(bool),
        st.integers(0, LEAVES_MAX),
        st.binary(min_size=32, max_size=32),
        st.lists(lines.filter(bool), max_size=3).map(tuple),
    )
)
def test_every_checkpoint_survives_a_round_trip(checkpoint):
    assert Checkpoint.parse(checkpoint.text) == checkpoint


@given(garbage)
def test_garbage_is_refused_or_is_a_note_that_encodes_to_the_same_bytes(raw):
    with contextlib.suppress(ProofError):
        assert note.parse(raw).encode() == raw


@given(garbage)
def test_garbage_never_opens_as_a_checkpoint(raw):
    with pytest.raises(ProofError):
        Checkpoint.open(raw, KEY.name, KEY.public_key)


@given(garbage)
def test_a_garbled_text_is_refused_or_is_a_checkpoint_that_spells_the_same(raw):
    text = raw.decode(errors="replace") + "\n"
    with contextlib.suppress(ProofError):
        assert Checkpoint.parse(text).text == text


@given(garbage)
def test_a_garbled_verifier_key_is_refused(raw):
    with pytest.raises(ProofError):
        VerifierKey.parse(raw.decode(errors="replace"))


@given(st.data())
def test_a_changed_checkpoint_opens_as_what_was_signed_or_not_at_all(data):
    """Only signature lines can change without harm: those of keys that nobody knows."""
    start = data.draw(st.integers(0, len(RAW) - 1))
    end = data.draw(st.integers(start, len(RAW)))
    changed = RAW[:start] + data.draw(garbage) + RAW[end:]
    with contextlib.suppress(ProofError):
        assert Checkpoint.open(changed, KEY.name, KEY.public_key) == CHECKPOINT
