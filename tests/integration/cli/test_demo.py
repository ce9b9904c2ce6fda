"""``stemedb demo`` as a check: it holds, and it notices when something does not."""

import json

import pytest

from stemedb.cli import drill, linting, replication, story
from stemedb.errors import Fatal
from support.command import stemedb
from support.waiting import promised


def test_the_story_of_one_replica_holds(monkeypatch):
    """With one kill, of index, to be quick."""
    monkeypatch.setattr(story, "KILLS", (("index",),))
    done = stemedb("demo", "--replicas", "1", "--json")
    assert done.code == 0, done.err
    figures = done.record
    assert figures["claims"] > 100
    assert figures["acknowledged_while_killing"] >= drill.BETWEEN_KILLS
    assert figures["lenses"] == {"authority": "CC0-1.0", "votes": "GPL-3.0-only", "skeptic": None}
    assert figures["seconds"] < promised(story.PROMISE_S)


def test_the_story_of_three_replicas_holds(monkeypatch):
    """With one kill and a short partition, to be quick; the whole is `make demo`."""
    monkeypatch.setattr(story, "KILLS", (("index",),))
    monkeypatch.setattr(replication, "CUT_LOOKS", 2)
    done = stemedb("demo", "--json")
    assert done.code == 0, done.err
    figures = done.record
    assert story.DEFAULT_REPLICAS == 3
    assert figures["lag_when_cut"][0] < figures["lag_when_cut"][1]
    assert figures["written_while_cut"] > 0
    assert figures["copies_damaged"] > 0
    assert figures["seconds"] < promised(story.PROMISE_S)


def test_what_the_last_step_publishes_is_everywhere_before_the_sites_stop(monkeypatch):
    """The log of every site is counted afterwards, so a claim of the last moment may not be on its way still."""

    async def publish_at_the_last_site(lint):
        for number in range(50):
            claim = {**linting.NEW_DEMAND, "subject": f"law://invented/at/the/last/moment/{number}"}
            reply = await lint.fleet.clients[-1].append(json.dumps(claim).encode())
            lint.promised.add(reply.receipts[0].id)

    monkeypatch.setattr(story, "KILLS", (("index",),))
    monkeypatch.setattr(replication, "CUT_LOOKS", 2)
    monkeypatch.setattr(linting.Linting, "tell", publish_at_the_last_site)
    done = stemedb("demo", "--json")
    assert done.code == 0, done.err


def test_the_demo_leaves_a_directory_alone_that_is_not_empty(tmp_path):
    (tmp_path / "precious").write_text("x")
    done = stemedb("demo", "--keep", tmp_path)
    assert done.code == 78
    assert [path.name for path in tmp_path.iterdir()] == ["precious"]


def test_an_acknowledged_statement_that_is_missing_or_twice_is_noticed():
    drill.account({"a", "b"}, ["c", "b", "a"], "the log")
    with pytest.raises(Fatal, match="1 acknowledged statements are missing from the log, such as b"):
        drill.account({"a", "b"}, ["a", "c"], "the log")
    with pytest.raises(Fatal, match="1 statements are twice in the map"):
        drill.account({"a"}, ["a", "a"], "the map")
