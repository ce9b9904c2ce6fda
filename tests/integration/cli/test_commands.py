"""Every command that talks to a replica, against one that ``stemedb up`` runs."""

import json
import os
import signal
import subprocess
import sys

import pytest

from support.command import Up, stemedb, stemedb_process

CLAIM = {
    "kind": "assertion",
    "subject": "coffee/strength",
    "predicate": "is",
    "object": {"type": "text", "value": "strong"},
    "confidence": 0.9,
    "source": {"tier": 4, "uri": "test:cup"},
    "lifecycle": "proposed",
    "agent": "tester",
}


def claim(**changes: object) -> bytes:
    return json.dumps({**CLAIM, **changes}).encode()


def publish(up: Up, *arguments: object, stdin: bytes = b"") -> dict:
    done = up.run("publish", "--json", *arguments, stdin=stdin)
    assert done.code == 0, done.err
    return done.record


def test_a_claim_from_arguments_is_durable_and_found(up):
    receipt = publish(
        up, "tea/colour", "is", "green", "--tier", 2, "--source", "test:leaf", "--confidence", 0.7, "--agent", "me",
        "--lifecycle", "approved", "--meta", "note=first", "--digest", "sha256:00ff",
    )  # fmt: skip
    got = up.run("get", receipt["id"], "--json").record
    assert got["index"] == receipt["index"]
    assert got["stamp"] == receipt["stamp"]
    assert got["statement"] == {
        "kind": "assertion",
        "subject": "tea/colour",
        "predicate": "is",
        "object": {"type": "text", "value": "green"},
        "confidence": 0.7,
        "source": {"tier": 2, "uri": "test:leaf", "digest": "sha256:00ff"},
        "lifecycle": "approved",
        "agent": "me",
        "metadata": {"note": "first"},
    }


@pytest.mark.parametrize(
    ("type_", "text", "value"),
    [
        ("number", "-3", -3),
        ("number", "2.5", 2.5),
        ("boolean", "true", True),
        ("reference", "tea/leaf", "tea/leaf"),
    ],
)
def test_values_have_types(up, type_, text, value):
    receipt = publish(up, "--type", type_, "--", "tea/value", type_, text)
    got = up.run("get", receipt["id"], "--json").record
    assert got["statement"]["object"] == {"type": type_, "value": value}


def test_publishing_the_same_from_a_file_and_standard_input_is_one_statement(up, tmp_path):
    file = tmp_path / "claim.json"
    file.write_text(json.dumps(CLAIM, indent=2))
    first = publish(up, "--file", file)
    second = publish(up, stdin=claim())
    third = publish(up, "--file", "-", stdin=claim())
    assert [receipt["duplicate"] for receipt in (first, second, third)] == [False, True, True]
    assert first["id"] == second["id"] == third["id"]
    assert first["stamp"] == third["stamp"]


def test_many_statements_have_an_outcome_each_and_a_bad_one_spoils_nothing(up):
    body = b"\n".join([claim(agent="a"), b'{"kind":"epoch"}', claim(agent="b")])
    done = up.run("publish", "--json", stdin=body)
    assert done.code == 1
    assert [row["line"] for row in done.records] == [1, 2, 3]
    assert done.records[1]["error"]["field"] == "name"
    assert {"id", "index", "stamp", "duplicate"} <= done.records[2].keys()


def test_too_many_statements_at_once_are_sent_to_import(up):
    done = up.run("publish", stdin=b"\n".join(claim(agent=f"a{number}") for number in range(2100)))
    assert done.code == 2
    assert "stemedb import" in done.err


def test_a_rejected_statement_is_one_line_with_the_field(up):
    done = up.run("publish", stdin=claim(confidence=7))
    assert done.code == 1
    assert done.out == ""
    assert done.err.startswith("error: confidence: ")


def test_a_signed_claim_bears_its_signature(up, tmp_path):
    key = tmp_path / "me.nk"
    public = stemedb("keygen", key, "--json").record["public"]
    receipt = publish(up, "tea/signed", "is", "true", "--sign-with", key)
    statement = up.run("get", receipt["id"], "--json").record["statement"]
    assert statement["agent"] == public
    assert statement["signature"]["key"] == public
    again = publish(up, "--sign-with", key, stdin=claim(subject="tea/signed", agent=public))
    assert up.run("get", again["id"], "--json").record["statement"]["signature"]["key"] == public


def test_an_agent_that_is_a_key_must_sign(up, tmp_path):
    public = stemedb("keygen", tmp_path / "me.nk", "--json").record["public"]
    done = up.run("publish", stdin=claim(agent=public))
    assert done.code == 1
    assert "signature" in done.err


def test_contradicting_claims_stand_side_by_side_until_a_lens_decides(up):
    weak = publish(up, "tea/origin", "is", "Assam", "--tier", 5, "--agent", "a")
    strong = publish(up, "tea/origin", "is", "Ceylon", "--tier", 1, "--agent", "b")
    for agent in ("c", "d", "e"):
        assert up.run("vote", weak["id"], "1", "--agent", agent).code == 0
    assert up.run("vote", "--agent", "c", "--", strong["id"], "-1").code == 0
    size = up.run("status", "--json").record["log_size"]
    query = ("query", "tea/origin", "--json", "--wait-size", size)
    found = up.run(*query)
    assert {row["id"] for row in found.records} == {weak["id"], strong["id"]}
    winners = {
        lens: up.run(*query, "--lens", lens).record["resolution"]["winner"]
        for lens in ("authority", "votes", "skeptic")
    }
    assert winners == {"authority": strong["id"], "votes": weak["id"], "skeptic": None}
    plain = up.run("query", "tea/origin", "--lens", "votes")
    head, row = plain.out.splitlines()
    assert head.split() == ["subject", "predicate", "value", "score", "disagreement", "claims", "id"]
    assert row.split()[2] == "Assam"


def test_epochs_can_be_opened_and_superseded(up):
    old = up.run("epoch", "before", "--json").record["id"]
    new = up.run("epoch", "after", "--supersedes", old, "--relation", "replaces", "--json").record["id"]
    statement = up.run("get", new, "--json").record["statement"]
    assert statement == {"kind": "epoch", "name": "after", "supersedes": old, "relation": "replaces"}


def test_import_reports_bad_lines_with_their_numbers_and_goes_on(up, tmp_path):
    file, rejects = tmp_path / "claims.ndjson", tmp_path / "rejects.ndjson"
    good = [claim(subject=f"import/{number}") for number in range(1200)]
    lines = [*good[:3], b"", b"not json", claim(confidence="high"), *good[3:]]
    file.write_bytes(b"\n".join(lines))
    done = up.run("import", file, "--rejects", rejects, "--json")
    assert done.code == 1
    assert (done.record["new"], done.record["known"], done.record["rejected"]) == (1200, 0, 2)
    assert f"{file}:5: not JSON" in done.err
    assert f"{file}:6: confidence: " in done.err
    kept = [json.loads(line) for line in rejects.read_text().splitlines()]
    assert [(row["line"], row["original"]) for row in kept] == [
        (5, "not json"),
        (6, claim(confidence="high").decode()),
    ]
    again = up.run("import", file, "--json").record
    assert (again["new"], again["known"]) == (0, 1200)
    below = up.run("query", "custom://import", "--below", "--all", "--json", "--wait-size", again["log_size"])
    assert len({row["id"] for row in below.records}) == 1200


def test_installed_packages_are_imported_once(up):
    first = up.run("import", "--installed-packages", "--json").record
    again = up.run("import", "--installed-packages", "--json").record
    assert first["new"] > 100
    assert (again["new"], again["rejected"]) == (0, 0)
    assert again["known"] == first["new"]
    found = up.run(
        "query", "pkg://pypi/pytest", "--below", "-p", "license", "--json", "--wait-size", again["log_size"]
    )
    assert {row["statement"]["object"]["value"] for row in found.records} == {"MIT"}


def test_a_limit_is_kept_and_said(up):
    for number in range(3):
        publish(up, f"limit/{number}", "is", "x")
    size = up.run("status", "--json").record["log_size"]
    done = up.run("query", "limit", "--below", "-n", 2, "--wait-size", size)
    assert len(done.out.splitlines()) == 3
    assert "there are more" in done.err


def test_long_claims_are_shown_though_they_do_not_fit_one_message(up):
    for number in range(40):
        value = {"type": "text", "value": f"{number}" + "x" * 32_000}
        assert up.run("publish", stdin=claim(subject=f"long/{number}", object=value)).code == 0
    size = up.run("status", "--json").record["log_size"]
    done = up.run("query", "long", "--below", "--json", "--wait-size", size)
    assert done.code == 0, done.err
    assert len({row["id"] for row in done.records}) == 40


def test_a_proof_is_verified_offline_and_a_forged_one_refused(up, tmp_path):
    receipt = publish(up, "proof/subject", "is", "proven")
    file = tmp_path / "claim.proof"
    done = up.run("prove", receipt["id"], "--out", file, "--wait-size", receipt["log_size"])
    assert done.code == 0
    shown = stemedb_process("verify", file)
    assert shown.code == 0
    assert "proven" in shown.out
    record = stemedb("verify", file, "--json").record
    assert record["holds"]
    assert record["claim"] == "included"
    assert record["id"] == receipt["id"]
    assert record["index"] == receipt["index"]
    assert not record["pinned"]
    assert stemedb("verify", file, "--key", record["key"], "--json").record["pinned"]
    stranger = stemedb("keygen", tmp_path / "other.nk", "--json").record["public"]
    assert stemedb("verify", file, "--key", stranger).code == 1
    forged = file.read_text().replace("proven", "forged")
    refused = stemedb("verify", "-", stdin=forged.encode())
    assert (refused.code, refused.out) == (1, "")
    assert refused.err.startswith("error: ")


def test_absence_is_proven_as_well(up):
    never = claim(subject="never/said")
    proof = up.run("prove", "--statement", "-", stdin=never)
    assert proof.code == 0
    assert stemedb("verify", "-", "--json", stdin=proof.out.encode()).record["claim"] == "absent"


def test_status_shows_log_map_services_and_disk(up):
    receipt = publish(up, "status/subject", "is", "x")
    facts = up.run("status", "--json").record
    assert facts["log_size"] >= receipt["log_size"]
    assert {"log_root", "clock", "pending", "map_root", "map_keys", "map_lag"} <= facts.keys()
    served = {(row["service"], row["endpoint"]) for row in facts["endpoints"]}
    assert {("ingest", "append"), ("index", "query"), ("index", "prove")} <= served
    assert facts["disk"]["wal"] > 0
    plain = up.run("status")
    assert facts["replica"] in plain.out
    assert "append" in plain.out


def test_what_is_not_there_is_not_found(up):
    for command in ("get", "prove"):
        done = up.run(command, "0" * 64)
        assert (done.code, done.out) == (1, "")
        assert done.err.startswith("error: ")
    assert up.run("query", "nothing/here", "--json").out == ""


def test_an_unknown_lens_is_a_usage_error_that_names_the_known_ones(up):
    done = up.run("query", "tea", "--lens", "kaleidoscope")
    assert done.code == 2
    assert "authority" in done.err


def test_a_replica_that_nobody_runs_is_unavailable(up):
    done = up.run("status", "--replica", "nobody")
    assert done.code == 69
    assert "nobody" in done.err


def test_a_second_up_on_the_same_directory_is_refused(up):
    done = up.run("up", "--nats", "nats://127.0.0.1:0", "--ingest-http", 0, "--index-http", 0)
    assert done.code == 78
    assert "up.lock" in done.err
    assert f"pid {up.process.pid}" in done.err


def test_a_port_in_use_is_refused_before_anything_is_started(up, tmp_path):
    done = up.run("up", "--data", tmp_path / "other", "--ingest-http", 0, "--index-http", 0)
    assert done.code == 78
    assert "is in use" in done.err
    assert "--nats" in done.err


def test_a_directory_of_another_replica_is_refused(up):
    done = up.run("up", "--replica", "other")
    assert done.code == 78
    assert "holds replica cli-test" in done.err


def test_fsck_and_dump_may_look_while_it_runs(up):
    receipt = publish(up, "look/subject", "is", "x")
    up.run("query", "look/subject", "--wait-size", receipt["log_size"])
    assert receipt["id"] in up.run("dump", "wal", "--start", receipt["index"]).out
    assert receipt["id"] in up.run("dump", "tree").out
    for command in ("rebuild", "compact"):
        done = up.run(command)
        assert done.code == 78, f"{command} must not meet a running writer"


def test_watching_ends_cleanly_with_ctrl_c(up):
    watching = subprocess.Popen(
        [sys.executable, "-m", "stemedb.cli", "watch", "--interval", "0.05"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, **up.env},
    )
    assert watching.stderr is not None
    said = watching.stderr.readline().decode()
    assert "no sync service answers" in said, "a replica alone has none, which is said once"
    watching.send_signal(signal.SIGINT)
    assert watching.communicate(timeout=10) == (b"", b"")
    assert watching.returncode == 0
