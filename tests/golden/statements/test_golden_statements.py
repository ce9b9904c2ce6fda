"""Canonical bytes and ids, frozen: a change here makes every statement ever published another one."""

import json
from pathlib import Path

import pytest
import rfc8785
from blake3 import blake3

from stemedb.statements import canonical_bytes, decode_canonical, dump, parse

CASES = [
    pytest.param(case, id=f"{file.stem}: {case['case']}")
    for file in sorted(Path(__file__).parent.glob("*.json"))
    for case in json.loads(file.read_text("utf-8"))
]


@pytest.mark.parametrize("case", CASES)
def test_a_statement_has_the_frozen_bytes_and_id(case):
    parsed = parse(case["published"].encode())
    assert parsed.canonical.decode() == case["canonical"]
    assert parsed.id.hex() == case["id"]
    assert parsed.signature.hex() == case.get("signature", "")
    assert parse(dump(parsed.canonical, parsed.signature)) == parsed
    assert canonical_bytes(decode_canonical(parsed.canonical)) == parsed.canonical


@pytest.mark.parametrize("case", CASES)
def test_the_frozen_bytes_are_those_of_rfc_8785_and_blake3(case):
    members = json.loads(case["published"])
    members.pop("signature", None)
    assert rfc8785.dumps(members) == case["canonical"].encode()
    assert blake3(case["canonical"].encode()).hexdigest() == case["id"]
