"""``stemedb verify`` on evidence against a replica, and the lines of ``stemedb sync`` that are not right."""

import json

import pytest

from stemedb.bus.messages import ControlReply, PeerStatus
from stemedb.cli import sync
from stemedb.merkle import Checkpoint, evidence, log_origin
from stemedb.merkle.note import public_key
from stemedb.statements import encode_public_key
from stemedb.types import Digest, LogSize
from support.command import stemedb

SEED = bytes(range(32))
KEY = encode_public_key(public_key(SEED))
OTHER_KEY = encode_public_key(public_key(bytes(32)))


@pytest.fixture
def fork(tmp_path):
    notes = [
        Checkpoint(log_origin("west"), LogSize(5), Digest(bytes([number]) * 32)).sign(SEED)
        for number in (1, 2)
    ]
    file = tmp_path / "west-1.json"
    file.write_bytes(evidence.make("fork", "west", public_key(SEED), earlier=notes[0], later=notes[1]))
    return file


def test_evidence_is_verified_with_the_key_that_one_knows(fork):
    done = stemedb("verify", fork, "--key", KEY)
    assert done.code == 0
    assert "✓ it signed two different logs of 5 statements" in done.out
    assert "file's own" not in done.err
    told = stemedb("verify", fork, "--key", KEY, "--json").record
    assert (told["claim"], told["replica"], told["pinned"], told["is_proof"]) == ("fork", "west", True, True)
    assert told["later"] == {"size": 5, "root": "02" * 32}


def test_without_a_key_the_reader_is_told_whose_word_it_is(fork):
    done = stemedb("verify", fork)
    assert done.code == 0
    assert "file's own" in done.err


def test_evidence_against_somebody_else_is_refused(fork):
    done = stemedb("verify", fork, "--key", OTHER_KEY)
    assert done.code == 1
    assert done.err.startswith("error: evidence: ")


def test_evidence_that_was_changed_is_refused(fork):
    content = json.loads(fork.read_bytes())
    fork.write_bytes(fork.read_bytes().replace(b'"west"', b'"east"', 1))
    done = stemedb("verify", fork, "--key", content["key"])
    assert (done.code, done.out) == (1, "")


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("readmit", "name the peer"),
        ("evidence", "name the peer"),
        ("pause west", "all peers"),
        ("resume --tree", "goes with `sync now`"),
        ("dance", "dance"),
    ],
)
def test_a_line_that_is_not_right_is_refused_before_anybody_is_asked(line, words):
    done = stemedb("sync", *line.split())
    assert done.code == 2
    assert words in done.err


@pytest.mark.parametrize("command", ["sync now", "watch"])
def test_nobody_there_is_said_so(command):
    assert stemedb(*command.split()).code == 69


def answering(monkeypatch, evidence):
    async def answer(*_arguments, **_options):
        peer = PeerStatus.model_validate(
            {
                "replica": "west",
                "status": "set_aside",
                "reason": "fork",
                "key": KEY,
                "trust": "pinned",
                "log_size": 5,
                "verified": 5,
                "lag_statements": 0,
                "lag_seconds": 0.0,
                "roots_equal": False,
                "equivocations": 1,
                "evidence": evidence,
                "postponed": 0,
            }
        )
        return ControlReply(replica="east", version="1", paused=False, log_size=5, peers=(peer,))

    monkeypatch.setattr(sync, "_ask", answer)


def test_evidence_against_a_peer_is_found_in_the_data_directory_and_verified(monkeypatch, tmp_path, fork):
    answering(monkeypatch, ("west-1.json",))
    folder = tmp_path / "sync" / "evidence"
    folder.mkdir(parents=True)
    fork.rename(folder / fork.name)
    done = stemedb("sync", "evidence", "west", "--data", tmp_path)
    assert done.code == 0
    assert done.out.startswith(f"{folder / fork.name}: fork\n")
    assert "✓ both checkpoints of replica west verify" in done.out
    told = stemedb("sync", "evidence", "west", "--data", tmp_path, "--json").record
    assert told == {"file": str(folder / fork.name), "kind": "fork", "replica": "west", "key": KEY}


def test_evidence_that_is_kept_elsewhere_is_asked_for(monkeypatch, tmp_path):
    answering(monkeypatch, ("west-1.json",))
    done = stemedb("sync", "evidence", "west", "--data", tmp_path)
    assert done.code == 1
    assert "--data" in done.err


def test_a_peer_without_evidence_and_an_unknown_one_are_told_apart(monkeypatch, tmp_path):
    answering(monkeypatch, ())
    done = stemedb("sync", "evidence", "west", "--data", tmp_path)
    assert (done.code, done.out) == (0, "")
    assert "nothing speaks against west" in done.err
    assert stemedb("sync", "evidence", "north", "--data", tmp_path).code == 1
