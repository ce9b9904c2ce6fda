"""``stemedb up --replicas``: on one server, and with a server each that can be cut off."""

import re
import shlex
import signal
import time
from pathlib import Path
from typing import Any

import pytest

from support.command import REPLICA, Up, gone, stemedb
from support.waiting import eventually_sync, promised

README = Path(__file__).parents[3] / "README.md"


@pytest.fixture
def started(tmp_path):
    running = []

    def start(*options: str) -> Up:
        running.append(Up(tmp_path / "data", *options))
        return running[-1]

    try:
        yield start
    finally:
        for one in running:
            one.kill_all()


def stops_within_two_seconds(up: Up) -> None:
    began = time.monotonic()
    code, err = up.end(signal.SIGINT)
    assert time.monotonic() - began < promised(2)
    assert code == 0, err
    assert all(gone(pid) for pid in up.facts["pids"].values())


def publish(up: Up, subject: str, *, at: int) -> str:
    done = up.run("publish", subject, "is", "there", "--json", at=at)
    assert done.code == 0, done.err
    return str(done.record["id"])


def level(up: Up) -> dict[str, Any] | None:
    """Return the status of the first replica once it is level with all others."""
    status = up.run("status", "--json").record
    return (
        status
        if all(peer["roots_equal"] and not peer["lag_statements"] for peer in status["peers"])
        else None
    )


def arrives(up: Up, identity: str, *, at: int) -> None:
    eventually_sync(lambda: up.run("get", identity, at=at).code == 0)


def the_readme_is_right(up: Up) -> None:
    """Run the lines of the chapter on several replicas, with our name for ``local``."""
    (block,) = re.findall(
        r"## Several replicas.*?```sh\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL
    )
    start, watch, publish, query = (shlex.split(line, comments=True)[1:] for line in block.splitlines())
    assert start == [
        "up",
        "--replicas",
        "3",
        "--nats-per-replica",
        "--data",
        "sites",
    ]  # of which the fixture has started two
    assert up.run(*watch, "--looks", "1").code == 0
    assert up.run(*publish).code == 0
    query[-1] = query[-1].replace("local", REPLICA)
    eventually_sync(lambda: "green" in up.run(*query).out)


def test_what_is_published_at_one_replica_is_read_at_the_other(started):
    up = started("--replicas", "2", "--sync-http", "0")
    assert [facts["replica"] for facts in up.facts["replicas"]] == [REPLICA, f"{REPLICA}-2"]
    assert len(up.facts["pids"]) == 7
    identity = publish(up, "tea/first", at=0)
    arrives(up, identity, at=1)
    arrives(up, publish(up, "tea/second", at=1), at=0)
    assert up.run("get", identity, "--json", at=1).record["stamp"]["origin"] == REPLICA
    status = eventually_sync(lambda: level(up))
    (row,) = status["peers"]
    assert (row["replica"], row["lag_statements"], row["log_size"]) == (f"{REPLICA}-2", 0, status["log_size"])
    assert "behind" in up.run("status").out
    frames = up.run("watch", "--looks", "2", "--interval", "0.05", "--json").records
    assert [frame["replica"] for frame in frames] == [f"{REPLICA}-2"], "nothing changed between two looks"
    assert up.run("sync", "pause", "--json").record["paused"]
    late = publish(up, "tea/late", at=1)
    eventually_sync(lambda: up.run("sync", "now", "--json").record["peers"][0]["lag_statements"] == 1)
    assert up.run("get", late, at=0).code == 1
    assert not up.run("sync", "resume", "--json").record["paused"]
    arrives(up, late, at=0)
    assert up.run("sync", "now", f"{REPLICA}-2", "--tree").code == 0
    assert up.run("sync", "readmit", f"{REPLICA}-2").code == 0
    evidence = up.run("sync", "evidence", f"{REPLICA}-2")
    assert (evidence.code, evidence.out) == (0, "")
    assert "nothing speaks against" in evidence.err
    assert up.run("sync", "now", "nobody").code == 1
    stops_within_two_seconds(up)
    for name in (REPLICA, f"{REPLICA}-2"):
        assert stemedb("fsck", "--data", up.data, "--replica", name).code == 0


def test_a_site_with_a_server_of_its_own_goes_on_when_cut_off_and_is_healed(started):
    up = started("--replicas", "2", "--sync-http", "0", "--nats-per-replica")
    the_readme_is_right(up)
    arrives(up, publish(up, "tea/before", at=0), at=1)
    up.process.send_signal(signal.SIGUSR1)
    up.wait_for("cut")
    here, there = publish(up, "tea/here", at=0), publish(up, "tea/there", at=1)
    assert up.run("get", there, at=0).code == up.run("get", here, at=1).code == 1
    up.process.send_signal(signal.SIGUSR2)
    up.wait_for("healed")
    arrives(up, here, at=1)
    arrives(up, there, at=0)
    stops_within_two_seconds(up)
