"""Keys as NATS writes them, Ed25519 as RFC 8032 has it, and what a policy asks for."""

import nkeys
import pytest
from nacl.signing import SigningKey

from stemedb.errors import InvalidStatement, ProofError
from stemedb.statements import (
    Parsed,
    Signature,
    SigningPolicy,
    decode_public_key,
    decode_seed,
    dump,
    encode_public_key,
    is_public_key,
    new_seed,
    parse,
    public_key,
    sign,
    signature_bytes,
    signature_member,
    verify,
)
from stemedb.types import StatementId
from support.statement_json import assertion, encode, epoch, vote

ALICE, BOB = new_seed(bytes(range(32))), new_seed(bytes(range(1, 33)))
ID = StatementId(bytes(range(100, 132)))

# RFC 8032, 7.1, test 1 (of the empty message) and test SHA(abc) are facts about the primitive.
RFC8032_SEED = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
RFC8032_KEY = bytes.fromhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")
RFC8032_SIGNATURE = bytes.fromhex(
    "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
)


def test_the_primitive_is_that_of_rfc_8032():
    assert decode_public_key(public_key(RFC8032_SEED)) == RFC8032_KEY
    assert SigningKey(RFC8032_SEED).sign(b"").signature == RFC8032_SIGNATURE
    verify(StatementId(b""), RFC8032_KEY + RFC8032_SIGNATURE)


def test_a_signature_is_key_and_ed25519_over_the_id():
    signature = sign(ID, RFC8032_SEED)
    assert signature == RFC8032_KEY + SigningKey(RFC8032_SEED).sign(ID).signature
    verify(ID, signature)


@pytest.mark.parametrize("raw", [bytes(32), bytes(range(32)), b"\xff" * 32])
def test_keys_are_written_as_nkeys_does(raw):
    seed = new_seed(raw)
    pair = nkeys.from_seed(bytearray(seed.encode()))
    assert pair.seed.decode() == seed
    assert pair.public_key.decode() == public_key(seed) == public_key(raw)
    assert decode_seed(seed) == raw
    assert encode_public_key(decode_public_key(public_key(raw))) == public_key(raw)
    assert pair.sign(ID) == sign(ID, seed)[32:]


def test_a_flip_of_any_bit_of_a_signature_or_an_id_is_noticed():
    signature = sign(ID, ALICE)
    for offset in range(len(signature)):
        flipped = bytearray(signature)
        flipped[offset] ^= 1 << offset % 8
        with pytest.raises(ProofError, match="does not match"):
            verify(ID, bytes(flipped))
    for offset in range(len(ID)):
        other = bytearray(ID)
        other[offset] ^= 1 << offset % 8
        with pytest.raises(ProofError):
            verify(StatementId(bytes(other)), signature)


@pytest.mark.parametrize("length", [0, 64, 95, 97])
def test_a_signature_of_another_length_does_not_hold(length):
    with pytest.raises(ProofError, match=f"got {length} bytes, want 96"):
        verify(ID, bytes(length))


def test_misuse_is_a_value_error():
    with pytest.raises(ValueError, match="want the 32 bytes of a statement id"):
        sign(StatementId(b"canonical bytes, not an id"), ALICE)
    with pytest.raises(ValueError, match="want 96"):
        signature_member(b"x")
    with pytest.raises(ValueError, match="want 32"):
        encode_public_key(b"x")


def test_a_signature_member_is_its_bytes_in_text():
    signature = sign(ID, ALICE)
    member = signature_member(signature)
    assert member.key == public_key(ALICE)
    assert len(member.value) == 86
    assert signature_bytes(member) == signature


@pytest.mark.parametrize(
    ("key", "value", "field"),
    [
        ("U" + "A" * 55, None, "signature.key"),
        ("short", None, "signature.key"),
        ("U" + "1" * 55, None, "signature.key"),
        ("A" + public_key(ALICE)[1:], None, "signature.key"),
        (None, "A" * 85 + "B", "signature.value"),
        (None, "A" * 87, "signature.value"),
        (None, "A" * 85 + "!", "signature.value"),
        (None, "é" * 86, "signature.value"),
        (None, "A" * 80, "signature.value"),
    ],
)
def test_a_signature_member_has_one_spelling(key, value, field):
    good = signature_member(sign(ID, ALICE))
    with pytest.raises(InvalidStatement) as refused:
        signature_bytes(Signature(key or good.key, value or good.value))
    assert refused.value.field == field


def test_a_seed_is_never_quoted_in_an_error():
    with pytest.raises(ValueError, match="wrong checksum") as refused:
        decode_seed(ALICE[:-1] + ("A" if ALICE[-1] != "A" else "B"))
    assert ALICE[2:20] not in str(refused.value)


@pytest.mark.parametrize(
    "text", ["", "alice", "U" * 56, public_key(ALICE).lower(), ALICE, public_key(ALICE) + "A"]
)
def test_what_is_no_public_key_is_told_apart(text):
    assert is_public_key(public_key(ALICE))
    assert not is_public_key(text)


def signed(members: dict, seed: str) -> Parsed:
    parsed = parse(encode(members))
    return parse(dump(parsed.canonical, sign(parsed.id, seed)))


OPTIONAL, REQUIRED = SigningPolicy(), SigningPolicy(required=True)
ALICE_ONLY = SigningPolicy(required=True, keys=frozenset({public_key(ALICE)}))
ALICE_OR_UNSIGNED = SigningPolicy(keys=frozenset({public_key(ALICE)}))


@pytest.mark.parametrize("members", [assertion(), vote(), epoch()])
def test_policies_over_unsigned_statements(members):
    unsigned = parse(encode(members))
    OPTIONAL.check(unsigned)
    ALICE_OR_UNSIGNED.check(unsigned)
    for policy in (REQUIRED, ALICE_ONLY):
        with pytest.raises(InvalidStatement, match="signature: missing"):
            policy.check(unsigned)


@pytest.mark.parametrize("members", [assertion(), vote(), epoch()])
def test_policies_over_signed_statements(members):
    for policy in (OPTIONAL, REQUIRED, ALICE_ONLY, ALICE_OR_UNSIGNED):
        policy.check(signed(members, ALICE))
    for policy in (ALICE_ONLY, ALICE_OR_UNSIGNED):
        with pytest.raises(InvalidStatement, match=r"signature\.key: got U.* does not trust"):
            policy.check(signed(members, BOB))


@pytest.mark.parametrize("policy", [OPTIONAL, REQUIRED])
def test_a_signature_of_another_statement_is_refused_under_every_policy(policy):
    foreign = sign(parse(encode(epoch(name="other"))).id, ALICE)
    forged = parse(dump(parse(encode(epoch())).canonical, foreign))
    with pytest.raises(InvalidStatement, match=r"signature\.value: signature does not match"):
        policy.check(forged)


@pytest.mark.parametrize("members", [assertion(agent=public_key(ALICE)), vote(agent=public_key(ALICE))])
def test_an_agent_that_is_a_key_must_sign_itself(members):
    OPTIONAL.check(signed(members, ALICE))
    with pytest.raises(InvalidStatement, match="signature: missing; an agent that is an nkey must sign"):
        OPTIONAL.check(parse(encode(members)))
    with pytest.raises(InvalidStatement, match=r"signature\.key: got U.*, want the agent's own U"):
        OPTIONAL.check(signed(members, BOB))
