"""Signed notes: the published vectors byte for byte, and every way in which a note can be wrong."""

import base64

import pytest

from stemedb.errors import ProofError
from stemedb.merkle import note
from stemedb.merkle.note import Note, NoteSignature, VerifierKey

# The example key and note of the Go implementation that the format comes from.
GO_SEED = base64.b64decode("AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz")[1:]
GO_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
GO_TEXT = (
    "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
)
GO_NOTE = (
    GO_TEXT + "\n— PeterNeumann "
    "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
).encode()

# The example key of the C2SP specification and a note by it.
C2SP_KEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
C2SP_NOTE = (
    "This is an example message.\n\n— example.com/foo "
    "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n"
).encode()

# The poem that opens the specification: its key is not published, its form is.
C2SP_POEM = (
    "Ognuno sta solo sul cuor della terra\ntrafitto da un raggio di sole:\n\ned è subito sera.\n\n"
    "— quasimodo.example/salvatore "
    "NnugSzTjtVAewIS+Z/iJhUPeFDkO/5QQ2i5ddnGITLlC+EhfLW9oJKONrMouFSQU0xMcXxj99ihAQwaqP3ZekRwNtIc=\n"
).encode()

SEED, OTHER_SEED = b"\x01" * 32, b"\x02" * 32
PUBLIC, OTHER_PUBLIC = note.public_key(SEED), note.public_key(OTHER_SEED)
BLOB = base64.b64encode(bytes(68)).decode()


def line(name="a", blob=BLOB):
    return f"— {name} {blob}\n"


def test_the_go_example_is_signed_byte_for_byte():
    assert note.sign(GO_TEXT, "PeterNeumann", GO_SEED) == GO_NOTE


@pytest.mark.parametrize(("raw", "key"), [(GO_NOTE, GO_KEY), (C2SP_NOTE, C2SP_KEY)])
def test_published_notes_verify_with_their_published_keys(raw, key):
    verifier = VerifierKey.parse(key)
    note.verify(note.parse(raw), verifier.name, verifier.public_key)


@pytest.mark.parametrize("raw", [GO_NOTE, C2SP_NOTE, C2SP_POEM])
def test_a_parsed_note_encodes_to_the_same_bytes(raw):
    assert note.parse(raw).encode() == raw


def test_the_text_is_split_off_at_the_last_blank_line():
    parsed = note.parse(C2SP_POEM)
    assert parsed.text.endswith("sole:\n\ned è subito sera.\n")
    assert parsed.signatures[0].name == "quasimodo.example/salvatore"
    assert parsed.signatures[0].key_id.hex() == "367ba04b"


@pytest.mark.parametrize("text", [GO_KEY, C2SP_KEY])
def test_a_verifier_key_is_spelled_as_it_was_read(text):
    assert VerifierKey.parse(text).text == text


def test_a_verifier_key_may_hold_a_plus_in_its_base64():
    for number in range(1000):
        key = VerifierKey("a", note.public_key(number.to_bytes(32)))
        if key.text.count("+") > 2:
            assert VerifierKey.parse(key.text) == key
            return
    pytest.fail("no such key among a thousand")


def test_no_part_of_a_verifier_key_and_no_changed_character_is_a_verifier_key():
    wrong = {GO_KEY[i:j] for i in range(len(GO_KEY)) for j in range(i + 1, len(GO_KEY) + 1)} - {GO_KEY}
    wrong |= {GO_KEY[:i] + chr(ord(c) + 1) + GO_KEY[i + 1 :] for i, c in enumerate(GO_KEY)}
    for text in wrong:
        with pytest.raises(ProofError, match="verifier key"):
            VerifierKey.parse(text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "want name+id+base64"),
        ("a+b", "want name+id+base64"),
        ("+c74f20a3+AQ==", "got name ''"),
        ("a b+c74f20a3+AQ==", "got name 'a b'"),
        ("\ud800+c74f20a3+AQ==", r"got name '\ud800'"),
        ("a+c74f20a3+é", "not base64"),
        ("a+c74f20a3+AQ==", "got type 01 with 1 bytes in all, want 01 with 33"),
        ("a+c74f20a3+" + base64.b64encode(b"\x02" + bytes(32)).decode(), "got type 02 with 33 bytes"),
        ("a" + GO_KEY.removeprefix("PeterNeumann"), "got id 'c74f20a3', want"),
        (GO_KEY.replace("c74f20a3", "C74F20A3"), "got id 'C74F20A3', want c74f20a3"),
    ],
)
def test_a_refused_verifier_key_says_why(text, message):
    with pytest.raises(ProofError) as refusal:
        VerifierKey.parse(text)
    assert message in str(refusal.value)


def test_a_note_changed_in_any_byte_is_not_believed():
    raw = note.sign("stemedb\n1\n", "a", SEED)
    for position in range(len(raw)):
        changed = raw[:position] + bytes([raw[position] ^ 1]) + raw[position + 1 :]
        with pytest.raises(ProofError):
            note.verify(note.parse(changed), "a", PUBLIC)


def test_a_note_cut_at_any_byte_is_not_a_note():
    raw = note.sign("stemedb\n1\n", "a", SEED)
    for length in range(len(raw)):
        with pytest.raises(ProofError):
            note.parse(raw[:length])


def test_signatures_by_others_are_kept_and_ignored():
    raw = note.cosign(note.parse(note.sign("text\n", "a", SEED)), "witness", OTHER_SEED).encode()
    signed = note.parse(raw)
    assert [s.name for s in signed.signatures] == ["a", "witness"]
    note.verify(signed, "a", PUBLIC)
    note.verify(signed, "witness", OTHER_PUBLIC)
    with pytest.raises(
        ProofError, match=r"got signatures by a\+[0-9a-f]{8}, witness\+[0-9a-f]{8}, want one by b"
    ):
        note.verify(signed, "b", PUBLIC)


def test_a_refusal_is_short_however_long_the_names_of_the_signers():
    signed = Note("text\n", (NoteSignature("s" * 50_000, bytes(4), bytes(64)),) * 5)
    with pytest.raises(ProofError) as refusal:
        note.verify(note.parse(signed.encode()), "a", PUBLIC)
    assert len(str(refusal.value)) < 500


def test_a_known_name_with_an_unknown_key_is_ignored_and_so_is_the_reverse():
    signed = note.parse(note.sign("text\n", "a", SEED))
    forged = NoteSignature("a", b"\0\0\0\0", bytes(64))
    borrowed = NoteSignature("b", note.key_id("a", PUBLIC), bytes(64))
    note.verify(signed._replace(signatures=(forged, borrowed, *signed.signatures)), "a", PUBLIC)
    with pytest.raises(ProofError, match="want one by a"):
        note.verify(signed._replace(signatures=(forged, borrowed)), "a", PUBLIC)


@pytest.mark.parametrize("value", [bytes(64), bytes(63), bytes(65), b"\0"])
def test_one_bad_signature_by_the_known_key_condemns_the_note(value):
    signed = note.parse(note.sign("text\n", "a", SEED))
    bad = NoteSignature("a", note.key_id("a", PUBLIC), value)
    for signatures in ((bad, *signed.signatures), (*signed.signatures, bad)):
        with pytest.raises(ProofError, match="signature by a"):
            note.verify(signed._replace(signatures=signatures), "a", PUBLIC)


def test_of_several_keys_those_that_signed_are_named():
    signed = note.cosign(note.parse(note.sign("text\n", "a", SEED)), "w", OTHER_SEED)
    a, w, absent = VerifierKey("a", PUBLIC), VerifierKey("w", OTHER_PUBLIC), VerifierKey("x", PUBLIC)
    assert note.verify_any(signed, [absent, w, a]) == (a, w)
    assert note.verify_any(signed, [absent, w]) == (w,)
    with pytest.raises(ProofError, match="want one by x"):
        note.verify_any(signed, [absent])


def test_sixteen_post_quantum_signatures_fit_in_a_note():
    raw = note.sign("text\n", "a", SEED)
    large = NoteSignature("b" * 100, bytes(4), bytes(5000))
    signed = note.parse(raw)
    whole = signed._replace(signatures=(*signed.signatures, *[large] * 16)).encode()
    note.verify(note.parse(whole), "a", PUBLIC)


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b"", "want a blank line"),
        (b"text\n", "want a blank line"),
        (b"text\n\n", "want a newline after at least one signature line"),
        (f"text\n{line()}".encode(), "want a blank line"),
        (f"text\n\n{line()}".rstrip().encode(), "want a newline after"),
        (f"text\n\n{line()}\n".encode(), "want a newline after"),
        (f"text\r\n\n{line()}".encode(), "control characters"),
        (f"te\0xt\n\n{line()}".encode(), "control characters"),
        (f"te\txt\n\n{line()}".encode(), "control characters"),
        (b"te\xffxt\n\n" + line().encode(), "offset 2: not UTF-8"),
        (f"text\n\n- a {BLOB}\n".encode(), "signature line 1: want an em dash"),
        (f"text\n\n{line()}—a {BLOB}\n".encode(), "signature line 2: want an em dash"),
        (f"text\n\n—\u00a0a {BLOB}\n".encode(), "want an em dash"),
        ("text\n\n— a\n".encode(), "want a key name, a space and base64"),
        (f"text\n\n— {BLOB}\n".encode(), "want a key name, a space and base64"),
        (f"text\n\n—  {BLOB}\n".encode(), "want a key name, a space and base64"),
        (f"text\n\n{line('a+b')}".encode(), "want a key name, a space and base64"),
        (f"text\n\n— a\u2003b {BLOB}\n".encode(), "want a key name, a space and base64"),
        (f"text\n\n— a\u0085b {BLOB}\n".encode(), "want a key name, a space and base64"),
        (f"text\n\n{line('a', ' ' + BLOB)}".encode(), "not base64"),
        (f"text\n\n{line('a', BLOB + ' ')}".encode(), "not base64"),
        (f"text\n\n{line('a', BLOB.rstrip('='))}".encode(), "not base64"),
        (f"text\n\n{line('a', 'é===')}".encode(), "not base64"),
        (f"text\n\n{line('a', 'AAAAAAB=')}".encode(), "want canonical base64"),
        (f"text\n\n{line('a', 'AAAAAA==')}".encode(), "got 4 bytes, want a key id of 4 and a signature"),
        (f"text\n\n{line('a', '')}".encode(), "got 0 bytes, want a key id of 4 and a signature"),
        (f"text\n\n{line() * 65}".encode(), "got 65 signatures, want at most 64"),
        (b"x" * (note.NOTE_BYTES_MAX + 1), "got 262145 bytes, want at most 262144"),
    ],
)
def test_what_is_not_a_note_is_refused_with_the_reason(raw, message):
    with pytest.raises(ProofError) as refusal:
        note.parse(raw)
    assert message in str(refusal.value)


@pytest.mark.parametrize("text", ["", "no newline", "a\rb\n", "a\0\n", "a\tb\n", "\udcff\n"])
def test_a_text_that_no_note_can_hold_is_not_signed(text):
    with pytest.raises(ValueError, match="want a text that ends with a newline"):
        note.sign(text, "a", SEED)


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\u00a0b", "a\nb", "a\x01", "\udcff"])
def test_a_name_that_no_line_can_hold_does_not_sign(name):
    with pytest.raises(ValueError, match="key name"):
        note.sign("text\n", name, SEED)


def test_a_note_that_would_not_parse_again_is_not_signed():
    with pytest.raises(ValueError, match="want at most 262144"):
        note.sign("x" * note.NOTE_BYTES_MAX + "\n", "a", SEED)
    full = Note("text\n", (NoteSignature("b", bytes(4), bytes(64)),) * note.NOTE_SIGNATURES_MAX)
    with pytest.raises(ValueError, match="got 64 signatures already"):
        note.cosign(full, "a", SEED)


@pytest.mark.parametrize("length", [0, 31, 33])
def test_keys_of_another_length_are_misuse(length):
    with pytest.raises(ValueError, match="want 32"):
        note.sign("text\n", "a", bytes(length))
    with pytest.raises(ValueError, match="want 32"):
        note.verify(note.parse(GO_NOTE), "a", bytes(length))


def test_a_bare_signature_verifies_under_its_key_and_message_alone():
    signature = note.sign_bytes(b"message", SEED)
    note.verify_bytes(b"message", signature, PUBLIC)
    for message, value, key in (
        (b"massage", signature, PUBLIC),
        (b"message", bytes([signature[0] ^ 1]) + signature[1:], PUBLIC),
        (b"message", signature[:-1], PUBLIC),
        (b"message", b"", PUBLIC),
        (b"message", signature, OTHER_PUBLIC),
        (b"message", signature, PUBLIC[:-1]),
    ):
        with pytest.raises(ProofError, match="does not verify"):
            note.verify_bytes(message, value, key)
