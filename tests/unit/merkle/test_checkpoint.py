"""Checkpoints: the specification's example, round trips, and what is not one."""

import base64

import pytest

from stemedb.errors import ProofError
from stemedb.merkle import EMPTY_ROOT, LEAVES_MAX, Checkpoint, log_origin, map_origin, note

SEED = b"\x03" * 32
PUBLIC = note.public_key(SEED)
ROOT = bytes(range(32))
ROOT_LINE = base64.b64encode(ROOT).decode()

# The example of the C2SP specification; the key behind it is not published.
C2SP_CHECKPOINT = (
    "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n"
    "— example.com/behind-the-sofa "
    "Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"
).encode()


def test_the_example_of_the_specification_is_understood():
    checkpoint = Checkpoint.parse(note.parse(C2SP_CHECKPOINT).text)
    assert checkpoint.origin == "example.com/behind-the-sofa"
    assert checkpoint.size == 20852163
    assert checkpoint.root.hex() == "0ac5186a91863e8e1d90c808014aa89bf5da8e3ee1d9f07630f0378f68f1ab62"
    assert checkpoint.text == note.parse(C2SP_CHECKPOINT).text


def test_origins_name_the_replica_and_what_is_signed():
    assert (log_origin("alpha"), map_origin("alpha")) == ("stemedb/alpha", "stemedb/alpha/map")


@pytest.mark.parametrize(
    "checkpoint",
    [
        Checkpoint("stemedb/alpha", 0, EMPTY_ROOT),
        Checkpoint("stemedb/alpha/map", 7, ROOT),
        Checkpoint("stemedb/alpha", LEAVES_MAX, ROOT, ("one", "two words")),
    ],
)
def test_what_is_signed_opens_as_it_was(checkpoint):
    assert Checkpoint.open(checkpoint.sign(SEED), checkpoint.origin, PUBLIC) == checkpoint


def test_a_checkpoint_of_another_key_or_origin_does_not_open():
    raw = Checkpoint("stemedb/alpha", 7, ROOT).sign(SEED)
    with pytest.raises(ProofError, match="want one by stemedb/alpha"):
        Checkpoint.open(raw, "stemedb/alpha", note.public_key(b"\x04" * 32))
    with pytest.raises(ProofError, match="want one by stemedb/beta"):
        Checkpoint.open(raw, "stemedb/beta", PUBLIC)


def test_a_key_that_signs_for_another_origin_is_not_believed():
    raw = note.sign(Checkpoint("stemedb/beta", 7, ROOT).text, "stemedb/alpha", SEED)
    with pytest.raises(ProofError, match="got origin 'stemedb/beta', want 'stemedb/alpha'"):
        Checkpoint.open(raw, "stemedb/alpha", PUBLIC)


def test_a_log_checkpoint_does_not_pass_for_the_map():
    raw = Checkpoint(log_origin("alpha"), 7, ROOT).sign(SEED)
    with pytest.raises(ProofError):
        Checkpoint.open(raw, map_origin("alpha"), PUBLIC)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "got 0 whole lines, want origin, size and root"),
        ("o\n7\n", "got 2 whole lines"),
        (f"o\n7\n{ROOT_LINE}", "got 2 whole lines"),
        (f"o\n7\n{ROOT_LINE}\nx", "got 3 whole lines"),
        (f"\n7\n{ROOT_LINE}\n", "line 1 is empty"),
        (f"o\n7\n{ROOT_LINE}\n\n", "line 4 is empty"),
        (f"o\n7\n{ROOT_LINE}\n\nx\n", "line 4 is empty"),
        (f"o\n07\n{ROOT_LINE}\n", "got size '07'"),
        (f"o\n-7\n{ROOT_LINE}\n", "got size '-7'"),
        (f"o\n+7\n{ROOT_LINE}\n", "got size '+7'"),
        (f"o\n7 \n{ROOT_LINE}\n", "got size '7 '"),
        (f"o\n1_0\n{ROOT_LINE}\n", "got size '1_0'"),
        (f"o\n٧\n{ROOT_LINE}\n", "got size '٧'"),
        (f"o\n{LEAVES_MAX + 1}\n{ROOT_LINE}\n", "want a decimal of at most 2^63"),
        (f"o\n{'9' * 5000}\n{ROOT_LINE}\n", "got size '99999999999999999999999999999999'"),
        (f"o\n7\n{ROOT_LINE.rstrip('=')}\n", "checkpoint root: not base64"),
        ("o\n7\nAAAA\n", "got a root of 3 bytes, want 32"),
    ],
)
def test_a_text_that_is_no_checkpoint_is_refused_with_the_reason(text, message):
    with pytest.raises(ProofError) as refusal:
        Checkpoint.parse(text)
    assert message in str(refusal.value)


@pytest.mark.parametrize(
    "arguments",
    [
        ("", 7, ROOT),
        ("two\nlines", 7, ROOT),
        ("o", -1, ROOT),
        ("o", LEAVES_MAX + 1, ROOT),
        ("o", 7, ROOT[:-1]),
        ("o", 7, ROOT, ("",)),
        ("o", 7, ROOT, ("a\nb",)),
    ],
)
def test_a_checkpoint_that_cannot_be_written_is_misuse(arguments):
    with pytest.raises(ValueError, match="checkpoint: got"):
        Checkpoint(*arguments)
