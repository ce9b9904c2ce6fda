"""Frozen proof files: what was handed out stays verifiable, and the same replica hands out the same bytes."""

from pathlib import Path

import pytest

from stemedb.projection import PROOF_FORMAT, ProofFile, verify_proof_file
from stemedb.statements import public_key
from support.histories import SEED
from support.proofs import proof_files

HERE = Path(__file__).parent
SORTS = sorted(path.stem for path in HERE.glob("*.json"))


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return proof_files(tmp_path_factory.mktemp("golden") / "data")


def test_every_sort_is_frozen(made):
    assert sorted(made) == SORTS


@pytest.mark.parametrize("sort", SORTS)
def test_a_frozen_file_still_verifies(sort):
    found = verify_proof_file((HERE / f"{sort}.json").read_bytes(), trusted_key=public_key(SEED))
    assert found.claim == ("absent" if sort.startswith("absent") else "included")


@pytest.mark.parametrize("sort", SORTS)
def test_a_proof_file_is_made_to_the_byte(made, sort):
    assert made[sort].encode() == (HERE / f"{sort}.json").read_bytes()


def test_the_format_is_named_in_the_file():
    assert (
        ProofFile.decode((HERE / "assertion.json").read_bytes()).format == PROOF_FORMAT == "stemedb/proof/v1"
    )
