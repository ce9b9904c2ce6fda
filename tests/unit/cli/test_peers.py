"""What is known of the peers, as people see it: rows, a summary, frames and lines."""

import io
import json

import pytest
from rich.console import Console

from stemedb.bus.messages import ControlReply, PeerStatus
from stemedb.cli.output import Output
from stemedb.cli.peers import COLUMNS, peer_facts, peer_rows, summary
from stemedb.cli.watch import Changes, frame
from stemedb.errors import Unavailable


def peer(name="west", **changes):
    fields = {
        "replica": name,
        "status": "following",
        "key": "U" + "A" * 55,
        "trust": "first_use",
        "log_size": 1200,
        "verified": 1200,
        "lag_statements": 0,
        "lag_seconds": 0.0,
        "roots_equal": True,
        "last_seen_s": 0.25,
        "equivocations": 0,
        "evidence": (),
        "postponed": 0,
        "behind_statements": 0,
    }
    return PeerStatus.model_validate({**fields, **changes})


def reply(*peers, paused=False):
    return ControlReply(
        replica="east", version="1", paused=paused, log_size=1200, map_root="ab" * 32, peers=peers
    )


def test_rows_are_sorted_and_have_every_column():
    rows = peer_rows(reply(peer("west"), peer("north", log_size=7, lag_statements=3, lag_seconds=1.26)))
    assert [row["replica"] for row in rows] == ["north", "west"]
    assert all(tuple(row) == COLUMNS for row in rows)
    assert rows[0] == {
        "replica": "north",
        "status": "following",
        "log size": 7,
        "equal": True,
        "behind": 3,
        "seconds": "1.3",
        "it lacks": 0,
        "seen": "0.2",
    }


def test_what_is_not_known_is_not_invented():
    (row,) = peer_rows(reply(peer(last_seen_s=None, behind_statements=None, status="set_aside")))
    assert row["seen"] is None
    assert row["it lacks"] is None
    assert row["status"] == "set aside"


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (reply(), "no peer"),
        (reply(peer()), "level: all maps"),
        (reply(peer(roots_equal=False)), "some maps differ"),
        (reply(peer(lag_statements=1000), peer("north", lag_statements=234)), "behind by 1,234 statements"),
        (reply(peer(lag_statements=5), paused=True), "paused"),
        (reply(peer(status="set_aside", lag_statements=5)), "set aside: west"),
    ],
)
def test_one_line_says_how_it_stands(state, words):
    assert words in summary(state)


def drawn(shown):
    console = Console(file=io.StringIO(), width=100, highlight=False)
    console.print(frame(shown, "replica"))
    return console.file.getvalue()


def test_a_frame_shows_the_replica_and_its_peers():
    text = drawn(reply(peer(), peer("north", status="down", lag_statements=42)))
    assert "east" in text
    assert "log 1,200" in text
    assert all(column in text for column in COLUMNS)
    (line,) = [line for line in text.splitlines() if "north" in line]
    assert line.split()[:2] == ["north", "down"]
    assert "42" in line


def test_a_replica_that_does_not_answer_is_shown_as_such():
    assert "nobody there" in drawn(Unavailable("nobody there"))


def lines(*shown, as_json=False):
    out, err = io.StringIO(), io.StringIO()
    changes = Changes(Output(as_json=as_json, out=out, err=err))
    for one in shown:
        changes.show(one)
    return out.getvalue().splitlines(), err.getvalue().splitlines()


def test_a_pipe_gets_a_line_for_a_peer_only_when_something_about_it_changed():
    head, *rest = lines(
        reply(peer("a"), peer("b")),
        reply(peer("a", last_seen_s=3.0, lag_seconds=2.0), peer("b")),
        reply(peer("a"), peer("b", lag_statements=9)),
    )[0]
    assert head.split()[:3] == ["time", "replica", "status"]
    assert [line.split()[1] for line in rest] == ["a", "b", "b"]
    assert rest[2].split()[5] == "9"


def test_a_silence_is_told_once_and_so_is_the_next():
    gone = Unavailable("no sync service answers")
    out, err = lines(reply(peer()), gone, gone, reply(peer()), gone)
    assert len(out) == 2
    assert err == ["warning: no sync service answers"] * 2


def test_programs_get_every_field_with_the_time():
    ((line,), _) = lines(reply(peer()), as_json=True)
    told = json.loads(line)
    assert told.pop("time")
    (facts,) = peer_facts(reply(peer()))
    assert told == json.loads(json.dumps(facts))
