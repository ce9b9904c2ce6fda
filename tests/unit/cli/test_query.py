"""How claims and resolutions look to a program, a person and a pipe."""

import io
import json
import re

import pytest

from stemedb.bus.messages import QueryReply
from stemedb.cli import reading
from stemedb.cli.output import Output
from stemedb.cli.query import show_page
from stemedb.errors import InvalidRequest

ID = "ab" * 32
STAMP = {"ms": 1_700_000_000_123, "counter": 0, "origin": "alpha"}
HOSTILE = "\x1b[31mred\x07"
CLAIM = {
    "id": ID,
    "index": 7,
    "stamp": STAMP,
    "statement": {
        "kind": "assertion",
        "subject": "tea/colour",
        "predicate": "is",
        "object": {"type": "text", "value": HOSTILE},
        "confidence": 0.7,
        "source": {"tier": 2, "uri": "test:leaf"},
        "lifecycle": "approved",
        "agent": "me",
    },
}
ROW = {
    "id": ID,
    "value": {"type": "number", "value": 3},
    "score": 0.5,
    "claims": 2,
    "agent": HOSTILE,
    "tier": "vendor",
}
RESOLUTION = {
    "lens": "authority",
    "formula": "strongest tier first, then " + "something that goes on and on, " * 8,
    "winner": ID,
    "value": {"type": "number", "value": 3},
    "score": 0.5,
    "disagreement": 0.25,
    "ranked": 12,
    "ranking": [ROW] * 12,
    "explanation": ["claims: 12"],
}
BASE = {"truncated": False, "applied": 8, "root": ID}
CLAIMS = QueryReply.model_validate({**BASE, "claims": [CLAIM]})
GROUP = {"subject": "tea/colour", "predicate": "is", "claims": 12, "resolution": RESOLUTION}
GROUPS = QueryReply.model_validate({**BASE, "groups": [GROUP]})
TOO_MANY = QueryReply.model_validate({**BASE, "groups": [{**GROUP, "resolution": None}]})


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def shown(page: QueryReply, *, lens: bool, as_json: bool = False, terminal: bool = False) -> str:
    out = Terminal() if terminal else io.StringIO()
    show_page(Output(as_json=as_json, out=out, err=io.StringIO()), page, lens=lens)
    return out.getvalue()


def test_a_program_gets_the_claim_as_it_is():
    (line,) = shown(CLAIMS, lens=False, as_json=True).splitlines()
    assert json.loads(line) == CLAIM


def test_a_pipe_gets_one_line_for_each_claim_with_the_whole_id():
    head, line = shown(CLAIMS, lens=False).splitlines()
    assert head.startswith("subject")
    assert line.split()[0] == "tea/colour"
    assert line.endswith(ID)
    assert "2023-11-14T22:13:20.123Z" in line


def test_a_person_gets_the_whole_id_to_copy():
    text = shown(CLAIMS, lens=False, terminal=True)
    assert ID in text
    assert "vendor" in text


def test_a_person_sees_winner_ranking_formula_and_what_was_left_out():
    text = re.sub(r"\x1b\[[0-9;]*m", "", shown(GROUPS, lens=True, terminal=True))
    assert "authority: 3" in text
    assert "disagreement 0.25" in text
    assert "… and 4 more" in text
    assert "strongest tier first" in text
    assert "claims: 12" in text
    assert max(map(len, text.splitlines())) < 120


def test_a_pipe_gets_one_line_for_each_group():
    assert shown(GROUPS, lens=True).splitlines()[1].split() == [
        "tea/colour",
        "is",
        "3",
        "0.5",
        "0.25",
        "12",
        ID,
    ]


@pytest.mark.parametrize("terminal", [True, False])
def test_a_group_that_is_too_large_is_shown_as_unresolved(terminal):
    text = shown(TOO_MANY, lens=True, terminal=terminal)
    assert ("too many to resolve" if terminal else "–") in text


@pytest.mark.parametrize("terminal", [True, False])
@pytest.mark.parametrize(("page", "lens"), [(CLAIMS, False), (GROUPS, True)])
def test_nothing_said_in_a_claim_can_steer_a_terminal(page, lens, terminal):
    text = shown(page, lens=lens, terminal=terminal)
    assert "\x1b[31mred" not in text
    assert "\x07" not in text


def test_times_and_stamps_in_words():
    assert reading.time_text(0) == "1970-01-01T00:00:00.000Z"
    assert reading.time_text(2**48 - 1) == f"{2**48 - 1} ms after 1970"
    (claim,) = CLAIMS.claims
    assert reading.stamp_text(claim.stamp) == "2023-11-14T22:13:20.123Z alpha"
    assert (
        reading.stamp_text(claim.stamp.model_copy(update={"counter": 5}))
        == "2023-11-14T22:13:20.123Z+5 alpha"
    )


@pytest.mark.parametrize(
    ("type_", "value", "text"),
    [("text", "a", "a"), ("number", 1.5, "1.5"), ("boolean", False, "false"), ("reference", "a/b", "→ a/b")],
)
def test_values_in_words(type_, value, text):
    assert reading.value_text({"type": type_, "value": value}) == text


def test_tiers_in_words():
    assert reading.tier_text(0) == "regulatory"
    assert reading.tier_text(17) == "17"


def test_ids_are_taken_in_either_case_and_nothing_else():
    assert reading.identity(f" {ID.upper()}\n") == ID
    for text in ("", ID[:-1], ID + "a", ID[:-1] + "g", "０" * 64):
        with pytest.raises(InvalidRequest, match="want 64 hexadecimal digits"):
            reading.identity(text)


def test_counts_in_words():
    assert [reading.counted(count, "claim") for count in (0, 1, 1234)] == [
        "0 claims",
        "1 claim",
        "1,234 claims",
    ]
