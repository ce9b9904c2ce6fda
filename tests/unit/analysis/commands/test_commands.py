"""The linter on the command line: verdicts, exit codes, formats, and the files of a project."""

import json
import os

import pytest

from stemedb.bus.messages import AppendReply
from stemedb.statements import signing
from stemedb_analysis.corpus import facts
from stemedb_analysis.project import packs
from stemedb_analysis.project.claims import Claim, assertion
from stemedb_analysis.scan import file as scanning
from support.command import NOWHERE, stemedb
from support.trees import git, plant, repository

BAD = "import requests\n\n\ndef fetch(url):\n    return requests.get(url, verify=False, timeout=5)\n"
GOOD = BAD.replace("verify=False", "verify=True")
RULE = "tls-certificate-verification"


@pytest.fixture
def run(tmp_path, monkeypatch):
    """The command in a project of its own, with a cache of its own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("STEMEDB_AGENT", "ann")
    root = tmp_path / "shop"
    root.mkdir()
    (root / ".stemedb").mkdir()
    monkeypatch.chdir(root)

    def run_in(*arguments):
        return stemedb(
            *arguments, env={**NOWHERE, "XDG_CACHE_HOME": str(tmp_path / "cache"), "STEMEDB_AGENT": "ann"}
        )

    run_in.root = root
    return run_in


def verdicts(done):
    return [
        (one["verdict"], one["path"], one["file"], one["line"]) for one in json.loads(done.out)["findings"]
    ]


def test_a_finding_that_blocks_ends_with_1_and_is_told_with_its_citation(run):
    plant(run.root, {"a.py": BAD})
    done = run("scan")
    assert done.code == 1
    assert "BLOCK" in done.out
    assert "a.py:5:12" in done.out
    assert "RFC 9110" in done.out
    assert "scanned 1 file (5 lines): 1 python" in done.out


def test_a_file_that_brings_the_scan_to_grief_passes_nothing(run, monkeypatch):
    """Beside one that is well, it is named, and the scan is no success."""
    scan_file = scanning.scan_file

    def failing(data, file, ruleset, *, profile=False):
        if file == "b.py":
            raise RecursionError("too deep")
        return scan_file(data, file, ruleset, profile=profile)

    monkeypatch.setattr(scanning, "scan_file", failing)
    plant(run.root, {"a.py": GOOD, "b.py": GOOD})
    done = run("scan")
    assert done.code == 4
    assert "scan failed: b.py" in done.out + done.err
    (run.root / "b.py").unlink()
    assert run("scan").code == 0


def test_one_fault_is_one_finding_and_what_it_implies_passes(run):
    plant(
        run.root,
        {
            "a.py": "import hashlib\n\n\ndef hash_password(password):\n    return hashlib.md5(password).hexdigest()\n",
            "b.py": "import jwt\n\n\ndef read(token, key):\n    return jwt.decode(token, key, verify=False)\n",
        },
    )
    done = run("scan", "--format", "json")
    assert verdicts(done) == [
        ("BLOCK", "password/hash", "a.py", 5),
        ("BLOCK", "jwt/signature_verification", "b.py", 5),
    ]


def test_explaining_shows_what_is_contradicted_and_passes_all_the_same_and_why(run):
    tls = "import ssl\n\nc = ssl.create_default_context()\nc.minimum_version = ssl.TLSVersion.TLSv1_2\n"
    plant(
        run.root,
        {
            "tests/test_a.py": tls,
            "a.py": "import hashlib\n\n\ndef hash_password(password):\n    return hashlib.md5(password).hexdigest()\n",
        },
    )
    run("claims", "create", "floor", "tls/min_version", "version", "--value", "1.3", "-r", "partners agreed")
    told = run("scan").out
    assert "tests/test_a.py:4" not in told
    assert "of those that passed 2 are contradicted: --explain shows by whom, and why they pass" in told
    explained = run("scan", "--explain").out
    assert explained.count(" PASS ") == 2
    assert "tests/test_a.py:4" in explained
    assert "passes: 0.24 is below 0.30" in explained
    assert "✗ wants at least 1.3  team_policy  shop: .stemedb/claims.toml, floor" in explained
    assert "score 0.24 = 0.5 team_policy × confidence 1 × 1 approved × 0.475 as observed" in explained
    assert "passes: the finding about password/hash at this place says it" in explained
    document = json.loads(run("scan", "--explain", "--format", "json").out)
    assert [(one["path"], one["verdict"], one["score"]) for one in document["passed"]] == [
        ("crypto/hash", "PASS", 0.855),
        ("tls/min_version", "PASS", 0.2375),
    ]
    assert document["summary"]["passed"] == 2
    assert "passed" not in json.loads(run("scan", "--format", "json").out)


def test_out_of_a_work_tree_code_hosts_are_given_names_that_open_where_one_stands(run):
    plant(run.root, {"a.py": BAD, "sub/": "", "sub/b.py": BAD})
    assert "file=a.py,line=5" in run("scan", "--format", "github").out
    base = json.loads(run("scan", "--format", "sarif").out)["runs"][0]["originalUriBaseIds"]["SRCROOT"]
    assert base["uri"] == f"file://{run.root}/"
    (run.root / ".stemedb").rmdir()
    assert "file=sub/b.py,line=5" in run("scan", "sub/b.py", "--format", "github").out
    os.chdir(run.root / "sub")
    assert "file=../a.py,line=5" in run("scan", "../a.py", "--format", "github").out
    sarif = json.loads(run("scan", "../a.py", "--format", "sarif").out)["runs"][0]
    assert sarif["artifacts"][0]["location"]["uri"] == "a.py"
    assert sarif["originalUriBaseIds"]["SRCROOT"]["uri"] == f"file://{run.root}/"


def test_exit_codes(run):
    plant(run.root, {"good.py": GOOD, "bad.py": BAD, "empty/": ""})
    assert run("scan", "good.py").code == 0
    assert run("scan", "bad.py").code == 1
    assert run("scan", "bad.py", "--no-exit-code").code == 0
    assert run("scan", "bad.py", "--exit-code").code == 1
    assert run("scan", "nowhere").code == 2
    assert run("scan", "--format", "nothing").code == 2
    assert run("scan", "--staged", "--diff", "HEAD").code == 2
    assert run("scan", "--baseline").code == 2
    assert run("scan", "empty").code == 3
    assert run("scan", "good.py", "--output", "no/such/directory").code == 4


def test_a_fault_of_ours_is_not_a_verdict(run, monkeypatch):
    plant(run.root, {"a.py": GOOD})
    monkeypatch.setattr("stemedb_analysis.commands.scanning.examine", lambda *_, **__: 1 / 0)
    done = run("scan")
    assert done.code == 4
    assert "ZeroDivisionError" in done.err


def test_a_rule_that_fails_on_a_file_costs_that_file_and_is_told(run, monkeypatch):
    plant(run.root, {"a.py": BAD, "b.py": BAD})
    from stemedb_analysis.scan import file  # noqa: PLC0415 - the parsers are not for every test

    whole = file.scan_file

    def broken(data, name, *arguments, **options):
        if name == "a.py":
            raise RuntimeError("oh")
        return whole(data, name, *arguments, **options)

    monkeypatch.setattr(file, "scan_file", broken)
    done = run("scan", "--format", "json")
    assert [one[2] for one in verdicts(done)] == ["b.py"]
    assert "RuntimeError: oh" in done.out


@pytest.mark.parametrize("form", ["table", "json", "sarif", "markdown", "github", "html"])
def test_every_format_goes_to_standard_output_or_to_a_file(run, form):
    plant(run.root, {"a.py": BAD})
    shown = run("scan", "--format", form)
    written = run("scan", "--format", form, "--output", "out.txt")
    assert (shown.code, written.code) == (1, 1)
    known = ", 1 of them known from an earlier scan"
    assert (run.root / "out.txt").read_text().replace(known, "") == shown.out.replace(known, "")
    assert "1 BLOCK" in (shown.err if form != "table" else shown.out)


def test_json_is_what_the_global_option_means(run):
    plant(run.root, {"a.py": BAD})
    assert verdicts(run("scan", "--json"))[0] == ("BLOCK", "tls/cert_verification", "a.py", 5)


@pytest.mark.parametrize("jobs", [1, 2])
def test_the_same_at_any_number_of_jobs_and_with_the_cache(run, jobs):
    plant(run.root, {f"{number:02}.py": BAD + "#" * 6000 for number in range(20)})
    first = run("scan", "--json", "--jobs", jobs)
    assert run("scan", "--json", "--jobs", jobs).out == first.out
    assert run("scan", "--json", "--no-cache", "--jobs", "3").out == first.out


def test_an_inline_suppression_sets_aside_with_its_reason(run):
    plant(run.root, {"a.py": BAD.replace("timeout=5)", f"timeout=5)  # stemedb:ignore[{RULE}] the lab")})
    done = run("scan", "--json")
    assert done.code == 0
    (one,) = json.loads(done.out)["findings"]
    assert one["suppressed"] == {"by": "inline", "reason": "the lab"}


def test_a_baseline_lets_only_what_is_new_count(run):
    plant(run.root, {"a.py": BAD})
    assert run("baseline").code == 0
    plant(run.root, {"a.py": "\n\n" + BAD})
    assert run("scan", "--baseline").code == 0
    assert run("scan").code == 1
    plant(run.root, {"b.py": BAD})
    done = run("diff", "--json")
    assert done.code == 1
    assert [(one["file"], one["state"]) for one in json.loads(done.out)["findings"]] == [
        ("a.py", "unchanged"),
        ("b.py", "new"),
    ]
    (run.root / "a.py").unlink()
    (run.root / "b.py").unlink()
    plant(run.root, {"c.py": GOOD})
    assert json.loads(run("diff", "--json").out)["gone"][0]["file"] == "a.py"


def test_what_somebody_answers_for_blocks_no_more(run):
    plant(run.root, {"a.py": BAD, "b.py": BAD})
    assert run("ack", "tls/cert_verification", "--reason", "the lab", "--file", "a.py").code == 0
    found = json.loads(run("scan", "--json").out)["findings"]
    assert [(one["file"], one["suppressed"]) for one in found] == [
        ("a.py", {"by": "acknowledged", "reason": "the lab (ann)"}),
        ("b.py", None),
    ]
    assert run("ack", found[1]["fingerprint"], "-r", "here too", "--until", "2999-01-01").code == 0
    assert run("scan").code == 0
    assert run("ack", "tls/cert_verificatoin", "-r", "a typo").code == 2
    assert run("ack", RULE, "-r", "...").code == 2
    assert run("ack", RULE, "-r", "fine", "--until", "soon").code == 2
    assert run("ack", RULE, "-r", "fine", "--until", "2020-01-01").code == 2


def test_what_nobody_needs_to_answer_for_any_more_is_told_by_whole_scans_alone(run):
    plant(run.root, {"a.py": BAD, "lib/b.py": GOOD, "lib/c.py": BAD})
    assert run("ack", RULE, "-r", "the lab", "--file", "./a.py").code == 0
    assert run("ack", RULE, "-r", "the lab", "--file", "lib/").code == 0
    assert run("scan").code == 0
    plant(run.root, {"a.py": GOOD})
    done = run("scan")
    assert f"this one covers nothing: rule {RULE} in a.py" in done.out
    assert '"file":"a.py"' in done.out  # the line of the file, as it is there
    assert "covers nothing" not in run("scan", "lib").out
    file = run.root / ".stemedb" / "acknowledgements.ndjson"
    file.write_text(file.read_text().replace('"file":"lib"', '"file":"lib","until":"2026-01-01"'))
    done = run("scan", "lib")
    assert done.code == 1
    assert f"this one was good until 2026-01-01: rule {RULE} in lib" in done.out


@pytest.mark.parametrize(
    ("file", "near"),
    [
        ("shop/clinet.py", "shop/client.py"),
        ("shpo", "shop"),
        ("/etc/passwd", "from the project's root"),
        ("..", "from the project's root"),
    ],
)
def test_a_file_that_is_not_there_is_not_answered_for(run, file, near):
    plant(run.root, {"shop/client.py": BAD})
    done = run("ack", RULE, "-r", "the lab", "--file", file)
    assert done.code == 2
    assert near in done.err
    assert not (run.root / ".stemedb" / "acknowledgements.ndjson").exists()


def test_a_file_may_be_named_from_where_one_stands(run, monkeypatch):
    plant(run.root, {"shop/client.py": BAD})
    monkeypatch.chdir(run.root / "shop")
    assert run("ack", RULE, "-r", "the lab", "--file", "client.py", "--project", "..").code == 0
    assert '"file":"shop/client.py"' in (run.root / ".stemedb" / "acknowledgements.ndjson").read_text()


def test_a_module_that_is_lacking_can_be_answered_for(run):
    plant(run.root, {"a.py": "import json\n"})
    assert (
        run(
            "claims", "create", "logs", "imports/structlog", "allowed", "--value", "true", "--reason", "r"
        ).code
        == 0
    )
    assert run("ack", "imports/structlog", "-r", "later").code == 0
    (one,) = json.loads(run("scan", "--json").out)["findings"]
    assert (one["file"], one["suppressed"]["reason"]) == (".", "later (ann)")


def test_rules_that_are_code_or_made_by_a_policy_can_be_acknowledged_by_their_name(run):
    """As reports name them."""
    plant(run.root, {"a.py": "import json\n", ".env": "DB_PASSWORD=k3y-X9vT2-b7Qp\n"})
    run("claims", "create", "logs", "imports/structlog", "allowed", "--value", "true", "--reason", "r")
    assert run("ack", "secret-assigned", "-r", "dev", "--file", ".env").code == 0
    assert run("ack", "imports-structlog", "-r", "later").code == 0
    assert all(one["suppressed"] for one in json.loads(run("scan", "--json").out)["findings"])
    assert run("ack", "no-such-rule", "-r", "x").code == 2


def test_staged_files_and_changes_only(run):
    repository(run.root, {"old.py": BAD})
    plant(run.root, {"new.py": BAD, "old.py": BAD + "\n\nx = 1\n"})
    git(run.root, "add", "new.py")
    assert [one[2] for one in verdicts(run("scan", "--staged", "--json"))] == ["new.py"]
    assert [one[2] for one in verdicts(run("scan", "--diff", "HEAD", "--json"))] == ["new.py"]
    assert [one[2] for one in verdicts(run("scan", "--revision", "HEAD", "--json"))] == ["old.py"]
    git(run.root, "commit", "-q", "-m", "second")
    assert [one[2] for one in verdicts(run("scan", "--diff", "HEAD~1..HEAD", "--json"))] == ["new.py"]
    assert run("scan", "--diff", "--output=x").code == 2


def test_a_change_of_data_alone_passes_where_that_is_allowed(run):
    repository(run.root, {"old.py": BAD})
    plant(run.root, {"numbers.csv": "1,2\n"})
    git(run.root, "add", "numbers.csv")
    assert run("scan", "--staged").code == 3
    assert run("scan", "--staged", "--empty-ok").code == 0
    plant(run.root, {"new.py": BAD})
    git(run.root, "add", "new.py")
    assert run("scan", "--staged", "--empty-ok").code == 1


def test_claims_from_making_to_verifying(run):
    plant(run.root, {"a.py": GOOD})
    assert run("verify").code == 2
    create = (
        "claims",
        "create",
        "tls-on",
        "tls/cert_verification",
        "enabled",
        "--value",
        "true",
        "-r",
        "we say so",
    )
    assert run(*create).code == 0
    assert run(*create).code == 2
    assert run("verify", "--json").record["state"] == "PASS"
    plant(run.root, {"a.py": BAD})
    done = run("verify", "--json")
    assert (done.code, done.record["state"], done.record["places"]) == (1, "CONFLICT", ["a.py:5"])
    assert run("claims", "supersede", "tls-on", "tls-off", "--value", "false", "-r", "for now").code == 0
    assert [one["id"] for one in run("claims", "list", "--json").records] == ["tls-off"]
    assert run("claims", "verify").code == 0
    assert "RFC 9110" in run("claims", "explain", "tls-off").out
    assert run("claims", "update", "tls-off", "-r", "better").code == 0
    assert run("claims", "deprecate", "tls-off").code == 2
    assert run("claims", "deprecate", "tls-off", "-r", "...").code == 2
    assert run("claims", "deprecate", "tls-off", "-r", "The lab is closed.").code == 0
    ended = run("claims", "list", "--all", "--json").records[-1]
    assert (ended["status"], ended["status_reason"]) == ("deprecated", "The lab is closed.")
    assert run("claims", "verify").code == 1
    assert [json.loads(line)["lifecycle"] for line in run("claims", "export").out.splitlines()] == [
        "deprecated"
    ] * 2
    assert run("claims", "explain", "tls-of").code == 1


def test_verify_still_checks_proofs(run):
    plant(run.root, {"proof.json": "{}"})
    assert run("verify", "proof.json").code == 1


def test_markers_wait_until_they_are_formalised_or_rejected(run):
    plant(run.root, {"a.py": "# @stemedb:claim[tls] always verified\n# @stemedb:claim[x] nonsense\n" + GOOD})
    rows = run("markers", "list", "--json").records
    assert [(one["category"], one["text"], one["line"]) for one in rows] == [
        ("tls", "always verified", 1),
        ("x", "nonsense", 2),
    ]
    assert (
        run(
            "markers", "formalise", "a.py:1", "tls-on", "tls/cert_verification", "enabled", "--value", "true"
        ).code
        == 0
    )
    assert run("markers", "reject", rows[1]["id"][:8], "-r", "means nothing").code == 0
    assert run("markers", "list", "--json").out == ""
    assert [one["state"] for one in run("markers", "list", "--all", "--json").records] == [
        "formalised as tls-on",
        "rejected: means nothing",
    ]
    assert run("verify").code == 0
    assert run("markers", "reject", "a.py:9", "-r", "no").code == 1
    again = run("markers", "reject", "a.py:1", "-r", "changed my mind")
    assert again.code == 2
    assert "formalised as tls-on" in again.err


def test_a_name_of_our_own_for_a_path_is_added_used_listed_and_removed(run):
    plant(run.root, {"a.py": BAD})
    wrong = run("claims", "alias", "add", "our/tls", "tls/cert_verificatoin")
    assert wrong.code == 2
    assert "the nearest: tls/cert_verification" in wrong.err
    assert run("claims", "alias", "add", "tls/min_version", "tls/cert_verification").code == 2
    assert not (run.root / ".stemedb/claims.toml").exists()
    assert run("claims", "alias", "add", "our/tls", "tls/cert_verification").code == 0
    assert run("claims", "alias", "list", "--json").record == {
        "path": "our/tls", "means": "tls/cert_verification", "from": "claims.toml",
    }  # fmt: skip
    used = '\n[[claim]]\nid = "on"\npath = "our/tls"\npredicate = "enabled"\nvalue = true\nreason = "r"\n'
    path = run.root / ".stemedb/claims.toml"
    path.write_text(path.read_text() + used)
    assert run("claims", "create", "too", "our/tls", "enabled", "--value", "true", "-r", "r").code == 0
    assert [one["state"] for one in run("claims", "verify", "--json").records] == ["CONFLICT", "CONFLICT"]
    held = run("claims", "alias", "remove", "our/tls")
    assert held.code == 2
    assert "our/tls enabled: is not in the registry" in held.err
    path.write_text(path.read_text().replace(used, ""))
    assert "nearest: our/tls" in run("claims", "alias", "remove", "our/tsl").err
    assert run("claims", "alias", "remove", "our/tls").code == 0
    assert run("claims", "alias", "list", "--json").records == []


def test_a_pack_carries_policy_to_another_project(run, tmp_path):
    plant(run.root, {"a.py": GOOD})
    run("claims", "create", "floor", "tls/min_version", "version", "--value", "1.3", "-r", "partners")
    run("ack", "tls/cert_verification", "-r", "the lab")
    key = run("keygen", tmp_path / "seed").out.strip()
    assert run("pack", "export", tmp_path / "p.pack", "--sign-with", tmp_path / "seed").code == 0
    plant(tmp_path / "other", {".stemedb/": "", "a.py": BAD})
    other = ("--project", tmp_path / "other")
    assert run("pack", "import", tmp_path / "p.pack", *other).code == 78
    assert run("pack", "import", tmp_path / "p.pack", "--key", "U" + "A" * 55, *other).code == 78
    done = run("pack", "import", tmp_path / "p.pack", "--key", key, "--json", *other)
    assert (done.record["authorities"], done.record["acknowledgements"]) == (1, 1)
    assert (
        json.loads(run("scan", tmp_path / "other", "--json").out)["findings"][0]["suppressed"]["by"]
        == "acknowledged"
    )


def test_a_pack_that_somebody_changed_is_no_basis_of_a_verdict_and_its_author_is_to_be_asked(run, tmp_path):
    """A file of the project that is not right is 2, as CI.md has it; a proof of a replica has nothing to do with it."""
    plant(run.root, {"a.py": GOOD})
    run("claims", "create", "floor", "tls/min_version", "version", "--value", "1.3", "-r", "partners")
    key = run("keygen", tmp_path / "seed").out.strip()
    run("pack", "export", tmp_path / "p.pack", "--sign-with", tmp_path / "seed")
    run("baseline")
    plant(run.root, {".stemedb/packs/": ""})
    changed = (tmp_path / "p.pack").read_bytes().replace(b"1.3", b"1.0")
    (tmp_path / "p.pack").write_bytes(changed)
    (run.root / ".stemedb/packs/p.pack").write_bytes(changed)
    for arguments, code in (
        (("scan",), 2),
        (("diff",), 2),
        (("coverage",), 1),
        (("pack", "import", tmp_path / "p.pack", "--key", key), 1),
    ):
        done = run(*arguments)
        assert done.code == code, arguments
        assert "p.pack: the signature does not match" in done.err
        assert "ask its author for a new export" in done.err
        assert "stemedb prove" not in done.err


def test_a_key_that_nobody_trusts_says_what_to_do(run, tmp_path):
    run("claims", "create", "floor", "tls/min_version", "version", "--value", "1.3", "-r", "partners")
    key = run("keygen", tmp_path / "seed").out.strip()
    run("pack", "export", tmp_path / "p.pack", "--sign-with", tmp_path / "seed")
    unknown = run("pack", "import", tmp_path / "p.pack")
    assert unknown.code == 78
    assert f"--key {key}" in unknown.err
    assert "compare" in unknown.err
    other = run("pack", "import", tmp_path / "p.pack", "--key", "U" + "A" * 55)
    assert other.code == 78
    assert "ask its author which key is theirs" in other.err


def test_coverage_tells_what_met_and_what_did_not(run):
    plant(run.root, {"a.py": BAD})
    rows = {(one["path"], one["predicate"]): one["state"] for one in run("coverage", "--json").records}
    assert rows["tls/cert_verification", "enabled"] == "met"
    assert "not observed here" in rows.values()


def test_what_a_pack_demands_and_nothing_can_observe_is_told_with_the_nearest(run):
    typo = Claim("a", "tls/cert_verificatoin", "enabled", "equals", True, "r")
    made = packs.encode("acme", [assertion(typo, "acme", "ann")], signing.new_seed(bytes(range(32))))
    plant(run.root, {"a.py": GOOD, ".stemedb/packs/": ""})
    (run.root / ".stemedb/packs/acme.pack").write_bytes(made)
    rows = {one["path"]: one for one in run("coverage", "--json").records}
    row = rows["team://acme/tls/cert_verificatoin"]
    assert (row["state"], row["nearest"][0]) == ("not in the registry", "tls/cert_verification enabled")
    join = json.loads(run("scan", "--format", "json").out)["join"]
    assert join["unknown"] == ["team://acme/tls/cert_verificatoin enabled"]
    assert join["unknown_claims"][0]["nearest"][0] == "tls/cert_verification enabled"


def test_loading_the_corpus_tells_a_person_how_many_and_a_program_all(run, monkeypatch):
    async def taken(_session, body):
        lines = body.split(b"\n")
        outcomes = [
            {
                "receipt": {
                    "id": f"{n:064x}",
                    "index": n,
                    "duplicate": n > 0,
                    "stamp": {"ms": 1, "counter": 0, "origin": "east"},
                    "restamped": False,
                }
            }
            for n in range(len(lines))
        ]
        return AppendReply.model_validate({"outcomes": outcomes, "size": len(lines), "root": "0" * 64})

    monkeypatch.setattr("stemedb.cli.publish._append", taken)
    count = len(facts())
    lines = run("corpus", "load").out.splitlines()
    assert lines[0].split() == ["tier", "source", "documents", "facts", "new"]
    assert ["1", "standard", "rfc"] in [line.split()[:3] for line in lines]
    assert lines[-1].split() == ["all", "–", "45", str(count), "1"]
    assert len(lines) < 12
    assert len(run("corpus", "load", "--json").records) == count


def test_rules_of_the_project_are_begun_checked_and_tested(run):
    assert run("rules", "validate", "--json").record["of_the_project"] == 0
    assert run("rules", "new", "my-rule", "tls/cert_verification", "enabled").code == 0
    assert run("rules", "new", "my-rule", "tls/cert_verification", "enabled").code == 2
    assert run("rules", "new", "other", "tls/cert_verificatoin", "enabled").code == 2
    path = run.root / ".stemedb/rules/my-rule.yaml"
    plant(run.root, {"a.py": "import some_library\n\nsome_library.some_function()\n"})
    for begun, code in (("validate", 1), ("test", 1)):
        done = run("rules", begun)
        assert done.code == code
        assert "my-rule: title: still says FILL_IN" in done.err
    assert run("scan").code == 2
    text = (
        path.read_text()
        .replace("FILL_IN_LIBRARY", "some_library")
        .replace("FILL_IN_FUNCTION", "some_function")
    )
    path.write_text(text.replace("FILL_IN what", "What"))
    assert run("rules", "validate", "--json").record["of_the_project"] == 1
    assert run("rules", "test", "my-rule").code == 0
    assert "my-rule" in [one["rule"] for one in run("rules", "list", "--json").records]
    assert verdicts(run("scan", "--json"))[0][:2] == ("FLAG", "tls/cert_verification")
    assert "my-rule, precision 1.00 of 1 (all its own), too few to block" in run("scan").out
    path.write_text(path.read_text().replace("tls/cert_verification", "tls/nothing"))
    assert run("rules", "validate").code == 1
    assert run("scan").code == 2


def test_the_corpus_can_be_listed_and_checked(run):
    assert len(run("corpus", "list", "--json").records) >= 80
    assert run("corpus", "lint", "--json").code in {0, 1}


def test_a_replica_that_does_not_answer_is_no_verdict(run):
    plant(run.root, {"a.py": BAD})
    assert run("scan", "--replica", "nobody").code == 4
    assert run("scan").code == 1


def test_a_profile_names_what_took_the_time(run):
    plant(run.root, {"a.py": BAD})
    assert "facts python" in run("scan", "--profile").err


def test_the_rules_of_a_profile_take_no_more_than_their_phase(run):
    """What is loaded once is nobody's time."""
    plant(run.root, {"a.py": BAD})
    rows = [line.split(maxsplit=4) for line in run("scan", "--profile").err.splitlines() if "ms/kLoC" in line]
    taken = {row[4]: float(row[0]) for row in rows}
    rules = sum(spent for name, spent in taken.items() if name.startswith("rule "))
    assert rules <= taken["rules and flow"] + 0.1 * len(rows)
    assert taken["facts python"] < 100


def test_a_file_of_long_lines_is_named(run):
    """A person may have written it; what is minified by its name is only counted."""
    dense = "x = " + "f(" * 3000 + ")" * 3000
    plant(run.root, {"a.py": BAD, "dense.js": dense, "lib.min.js": dense})
    found = json.loads(run("scan", "--format", "json").out)["coverage"]
    assert found["skipped_files"] == [{"file": "dense.js", "reason": "minified by its long lines"}]
    assert found["skipped"]["minified"] == 1


def test_explaining_prints_formula_and_thresholds(run):
    plant(run.root, {"a.py": BAD})
    out = run("scan", "--explain").out
    assert "tier weight × authority confidence" in out
    assert "join:" in out


def test_a_file_that_nobody_parses_is_looked_at_for_secrets_only(run):
    bad = 'it "glpat-K2Zr8vLq0TnX4bWc7Yd1"\n'
    plant(run.root, {"a.rb": bad, "b.rb": "eval(params[:x])\n", "c.csv": "1,2\n"})
    for known in ("", ", 2 of them known from an earlier scan"):
        done = run("scan")
        assert done.code == 1
        assert f"scanned 2 files (2 lines){known}" in done.out
        assert "of these, 2 files looked at for secrets only: 2 ruby" in done.out
        assert "1 no known language" in done.out
        assert "glpat-K2Zr8vLq0TnX4bWc7Yd1" not in done.out
    document = json.loads(run("scan", "--format", "json").out)
    assert verdicts(run("scan", "--format", "json")) == [("BLOCK", "secrets/hardcoded", "a.rb", 1)]
    assert document["coverage"]["secrets_only"] == {"ruby": 2}
    assert document["coverage"]["languages"] == {}
    plant(run.root, {"a.rb": f"# stemedb:ignore[secrets/hardcoded] of a fixture\n{bad}"})
    assert run("scan").code == 0


def test_staged_and_changed_lines_count_in_texts_too(run):
    token = "export A=glpat-K2Zr8vLq0TnX4bWc7Yd{}\n"
    repository(run.root, {"a.sh": token.format(1)})
    plant(run.root, {"a.sh": token.format(1) + token.format(2)})
    git(run.root, "add", "a.sh")
    assert verdicts(run("scan", "--staged", "--json")) == [("BLOCK", "secrets/hardcoded", "a.sh", 2)]
    assert verdicts(run("scan", "--diff", "HEAD", "--json")) == [("BLOCK", "secrets/hardcoded", "a.sh", 2)]
