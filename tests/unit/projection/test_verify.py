"""Proof files: what each sort establishes, and that nothing beside the very file does."""

import json
import re

import pytest

from stemedb.errors import ProofError
from stemedb.merkle import VerifierKey, note
from stemedb.projection import ProofFile, verify_proof_file
from stemedb.projection.proof import PROOF_BYTES_MAX
from stemedb.statements import encode_public_key, public_key
from support.histories import SEED, parsed
from support.proofs import (
    AGENT_SEED,
    CLAIM_ID,
    EPOCH,
    NEVER,
    NEVER_VOTE,
    NEW_VOTE,
    OLD_VOTE,
    OTHER_VOTE,
    neighbours,
    proof_files,
    small_replica,
)

KEY = public_key(SEED)
VKEY = VerifierKey("stemedb/alpha", note.public_key(SEED)).text
SORTS = (
    "assertion",
    "living-vote",
    "replaced-vote",
    "epoch",
    "absent-statement",
    "absent-vote",
    "absent-other-vote",
    "absent-entry",
)


SAYS_LESS = {("assertion", "statement.signature"), ("absent-statement", "statement")}
"""What may be taken out; tests of its own say what is left then."""

OTHER_TRUTHS = {("absent-entry", "map"), ("absent-other-vote", "statement")}
"""Parts that are the question itself: with those of another file that has the same answer the file is true again."""


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    return {
        sort: file.encode() for sort, file in proof_files(tmp_path_factory.mktemp("proofs") / "data").items()
    }


def verified(files, sort, **options):
    return verify_proof_file(files[sort], **options)


def test_an_assertion_is_proven_with_its_signer_place_and_stamp(files):
    found = verified(files, "assertion")
    assert (found.claim, found.id, found.living, found.index) == ("included", CLAIM_ID, True, 0)
    assert found.signer == public_key(AGENT_SEED)
    assert found.stamp is not None
    assert found.stamp.origin == "alpha"
    assert found.log is not None
    assert (found.log.size, found.map.size) == (65, 65)
    words = "\n".join(found.established)
    assert f"signed by {public_key(AGENT_SEED)}" in words
    assert "entry 0 of the log of alpha, which has 65 entries" in words
    assert "holds it, first accepted 2027-01-15T08:00:00.000Z by alpha" in words


def test_the_last_vote_of_an_agent_is_the_living_one(files):
    found = verified(files, "living-vote")
    assert (found.claim, found.id, found.living, found.index) == ("included", parsed(NEW_VOTE).id, True, 64)
    assert found.signer is None
    assert any("no signature of it" in sentence for sentence in found.established)


def test_a_replaced_vote_is_in_the_log_and_not_living(files):
    found = verified(files, "replaced-vote")
    assert (found.claim, found.id, found.living) == ("included", parsed(OLD_VOTE).id, False)
    assert found.stamp is None
    assert f"holds another vote of its agent, {parsed(NEW_VOTE).id.hex()[:12]}" in found.established[-1]


def test_an_epoch_is_proven(files):
    assert verified(files, "epoch").id == parsed(EPOCH).id


@pytest.mark.parametrize(
    ("sort", "statement", "words"),
    [
        ("absent-statement", NEVER, "holds no assertion"),
        ("absent-vote", NEVER_VOTE, "holds no vote of nobody on"),
        ("absent-other-vote", OTHER_VOTE, "holds another vote of its agent"),
    ],
)
def test_the_absence_of_a_statement_is_proven(files, sort, statement, words):
    found = verified(files, sort)
    assert (found.claim, found.id, found.living, found.index) == ("absent", parsed(statement).id, False, None)
    assert found.log is None
    assert found.parsed is not None
    assert found.parsed.canonical == parsed(statement).canonical
    assert words in found.established[-1]


def test_the_absence_of_an_entry_needs_no_statement(files):
    found = verified(files, "absent-entry")
    assert (found.claim, found.id, found.parsed) == ("absent", parsed(NEVER).id, None)
    assert "about pkg://pypi/blake3/1.0.11 license" in found.established[-1]


def test_proving_an_entry_that_is_there_gives_its_inclusion(tmp_path):
    with small_replica(tmp_path / "data") as (projection, reader):
        view = projection.view(reader)
        assert view.prove_entry("pkg://pypi/blake3/1.0.11", "license", CLAIM_ID) == view.prove(CLAIM_ID)


@pytest.mark.parametrize("sort", SORTS)
@pytest.mark.parametrize("key", [KEY, VKEY], ids=["nkey", "vkey"])
def test_a_pinned_key_makes_the_proof_stand_on_its_own(files, sort, key):
    found = verified(files, sort, trusted_key=key)
    assert found.pinned
    assert "the key you trust" in found.established[0]
    assert not verified(files, sort).pinned
    assert "only this file says" in verified(files, sort).established[0]


@pytest.mark.parametrize(
    ("key", "reason"),
    [
        (encode_public_key(bytes(32)), "replica.key: got U"),
        (VerifierKey("stemedb/alpha", bytes(32)).text, "replica.key: got U"),
        (VerifierKey("stemedb/beta", note.public_key(SEED)).text, "want stemedb/beta"),
        ("UNOTAKEY", "trusted key: "),
        ("stemedb/alpha+00000000+AAAA", "verifier key: "),
        ("", "trusted key: "),
    ],
)
def test_another_key_than_the_pinned_one_is_refused(files, key, reason):
    with pytest.raises(ProofError, match=re.escape(reason)):
        verified(files, "assertion", trusted_key=key)


@pytest.mark.parametrize("sort", SORTS)
def test_every_neighbour_of_a_proof_file_is_refused(files, sort):
    for place, changed in neighbours(json.loads(files[sort])):
        if sort == "absent-entry" and place == "map.key":
            continue  # the key is the question there: another one that is absent too is another true answer
        if (sort, place) in SAYS_LESS and value_at(changed, place) is None:
            continue
        if changed == json.loads(files[sort]):
            continue
        with pytest.raises(ProofError):
            raise AssertionError(f"{place}: {verify_proof_file(json.dumps(changed).encode()).established}")


def value_at(value, place):
    for name in place.split("."):
        value = value[name]
    return value


def without(raw, *place):
    value = json.loads(raw)
    *path, last = place
    inner = value
    for name in path:
        inner = inner[name]
    inner[last] = None
    return json.dumps(value).encode()


def test_without_its_signature_a_file_proves_no_signer(files):
    found = verify_proof_file(without(files["assertion"], "statement", "signature"))
    assert (found.id, found.living, found.signer) == (CLAIM_ID, True, None)


def test_an_absence_without_its_statement_is_that_of_the_entry(files):
    assert verify_proof_file(without(files["absent-statement"], "statement")) == verified(
        files, "absent-entry"
    )


def test_an_absent_vote_cannot_do_without_its_statement(files):
    with pytest.raises(ProofError, match="statement: "):
        verify_proof_file(without(files["absent-vote"], "statement"))


def test_parts_of_two_proof_files_do_not_make_a_third(files):
    values = {sort: json.loads(files[sort]) for sort in SORTS}
    for sort, value in values.items():
        for other in values.values():
            for part in ("claim", "statement", "stamp", "log", "map"):
                mixed = {**value, part: other[part]}
                if mixed not in values.values() and (sort, part) not in OTHER_TRUTHS:
                    with pytest.raises(ProofError):
                        raise AssertionError(
                            f"{sort} {part}: {verify_proof_file(json.dumps(mixed).encode())}"
                        )


@pytest.mark.parametrize(
    "raw", [b"", b"null", b"[]", b"{", b"\xff", b" " * (PROOF_BYTES_MAX + 1)], ids=range(6)
)
def test_what_is_no_proof_file_is_a_proof_error(raw):
    with pytest.raises(ProofError, match="proof file: "):
        verify_proof_file(raw)


def test_any_spelling_of_the_same_json_verifies(files):
    again = json.dumps(json.loads(files["assertion"])).encode()
    assert verify_proof_file(again) == verify_proof_file(files["assertion"])
    assert ProofFile.decode(again).encode() == files["assertion"]
