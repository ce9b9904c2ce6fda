"""One dispute under every lens, frozen: formulas, scores and rankings are part of what readers rely on."""

import json
from pathlib import Path

import pytest

from stemedb.clocks import pack
from stemedb.statements import parse
from stemedb.statements.claims import Ballot, Claim, EpochEntry
from stemedb.statements.lenses import LENSES, lens
from stemedb.types import Kind, Stamp

SCENARIO = json.loads(Path(__file__).with_name("scenario.json").read_text(encoding="utf-8"))


def entries(kind, make):
    for entry in SCENARIO[kind.wire]:
        parsed = parse(json.dumps(entry["statement"]).encode(), kind)
        assert parsed.id.hex() == entry["id"]
        yield make(parsed.id, parsed.statement, Stamp(pack(entry["ms"], 0), entry["origin"]))


def resolve(case):
    return lens(case["name"], **case["params"]).resolve(
        list(entries(Kind.ASSERTION, Claim)),
        list(entries(Kind.VOTE, Ballot)),
        list(entries(Kind.EPOCH, EpochEntry)),
    )


@pytest.mark.parametrize("case", SCENARIO["cases"], ids=lambda case: case["name"])
def test_the_resolution_is_the_frozen_one(case):
    assert resolve(case).as_dict() == case["resolution"]


def test_every_lens_is_frozen():
    assert {case["name"].partition("(")[0] for case in SCENARIO["cases"]} == set(LENSES)
