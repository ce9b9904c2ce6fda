"""The bytes of keys and values are frozen: changing one changes every map root."""

import json
from pathlib import Path

import pytest

from stemedb.crdt import decode_key, decode_stamp, decode_vote, map_entry
from stemedb.statements.model import Assertion, Epoch, Source, Text, Vote
from stemedb.types import Kind, Stamp

CASES = json.loads(Path(__file__).with_name("encodings.json").read_text(encoding="utf-8"))


def statement(case):
    match case["kind"]:
        case "assertion":
            return Assertion(
                subject=case["subject"],
                predicate=case["predicate"],
                object=Text("any"),
                confidence=1,
                source=Source(0, "any"),
                lifecycle="approved",
                agent="any",
            )
        case "vote":
            return Vote(assertion=case["assertion"], agent=case["agent"], weight=1)
        case _:
            return Epoch(name=case["name"])


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["title"])
def test_an_entry_has_the_frozen_bytes(case):
    stamp = Stamp(int(case["hlc"], 16), case["origin"])
    id_ = bytes.fromhex(case["id"])
    key, value = map_entry(Kind[case["kind"].upper()], statement(case), id_, stamp)
    assert (key.hex(), value.hex()) == (case["key"], case["value"])


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["title"])
def test_the_frozen_bytes_are_understood(case):
    key, value = decode_key(bytes.fromhex(case["key"])), bytes.fromhex(case["value"])
    stamp, id_ = Stamp(int(case["hlc"], 16), case["origin"]), bytes.fromhex(case["id"])
    match case["kind"]:
        case "vote":
            assert key == (bytes.fromhex(case["assertion"]), case["agent"])
            assert decode_vote(value) == (stamp, id_)
        case "assertion":
            assert key == (case["wire"], case["predicate"], id_)
            assert decode_stamp(value) == stamp
        case _:
            assert key == (case["name"], id_)
            assert decode_stamp(value) == stamp
