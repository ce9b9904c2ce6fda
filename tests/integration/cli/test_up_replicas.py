"""``stemedb up --replicas``: on one server, and with a server each that can be cut off."""

import signal
import time

import pytest

from support.command import REPLICA, Up, gone, stemedb
from support.waiting import eventually_sync


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
    assert time.monotonic() - began < 2
    assert code == 0, err
    assert all(gone(pid) for pid in up.facts["pids"].values())


def publish(up: Up, subject: str, *, at: int) -> str:
    done = up.run("publish", subject, "is", "there", "--json", at=at)
    assert done.code == 0, done.err
    return str(done.record["id"])


def arrives(up: Up, identity: str, *, at: int) -> None:
    eventually_sync(lambda: up.run("get", identity, at=at).code == 0, deadline_s=20)


def test_what_is_published_at_one_replica_is_read_at_the_other(started):
    up = started("--replicas", "2", "--sync-http", "0")
    assert [facts["replica"] for facts in up.facts["replicas"]] == [REPLICA, f"{REPLICA}-2"]
    assert len(up.facts["pids"]) == 7
    identity = publish(up, "tea/first", at=0)
    arrives(up, identity, at=1)
    arrives(up, publish(up, "tea/second", at=1), at=0)
    assert up.run("get", identity, "--json", at=1).record["stamp"]["origin"] == REPLICA
    stops_within_two_seconds(up)
    for name in (REPLICA, f"{REPLICA}-2"):
        assert stemedb("fsck", "--data", up.data, "--replica", name).code == 0


def test_a_site_with_a_server_of_its_own_goes_on_when_cut_off_and_is_healed(started):
    up = started("--replicas", "2", "--sync-http", "0", "--nats-per-replica")
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
