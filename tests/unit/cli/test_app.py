"""The command line as a whole: options anywhere, errors in two lines, exit codes as in the table."""

import json
import os
import subprocess
import sys
import time

import pytest
from typer.testing import CliRunner

from stemedb.bus.settings import ServiceSettings
from stemedb.cli import app as command_line
from stemedb.cli import exits, session
from stemedb.cli.app import application, main, read
from stemedb.cli.up import INDEX_HTTP_PORT, INGEST_HTTP_PORT, nats_port
from stemedb.errors import (
    Corruption,
    Fatal,
    InvalidPath,
    InvalidRequest,
    InvalidStatement,
    Locked,
    NotFound,
    Overloaded,
    ProofError,
    Refused,
    StemeError,
    Unavailable,
    UnsupportedFormat,
    WrongReplica,
)

NOBODY = "nats://127.0.0.1:1"
"""A port that nobody listens on."""


@pytest.mark.parametrize(
    ("line", "hoisted"),
    [
        ("query x --json", "--json query x"),
        ("query --nats URL x", "--nats URL query x"),
        ("query --nats=URL x --replica r", "--nats=URL --replica r query x"),
        ("--data D fsck --json", "--data D --json fsck"),
        ("vote ID -- --json", "vote ID -- --json"),
        ("query --nats", "--nats query"),
        ("query --lens votes", "query --lens votes"),
        ("", ""),
    ],
)
def test_global_options_may_stand_anywhere(line, hoisted):
    assert read(line.split())[0] == hoisted.split()


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (InvalidStatement("source.tier", "bad"), 1),
        (InvalidPath("path", "bad"), 1),
        (InvalidRequest("lens", "bad"), 2),
        (ProofError("bad"), 1),
        (NotFound("bad"), 1),
        (Unavailable("bad"), 69),
        (Overloaded("bad"), 69),
        (Refused("bad"), 78),
        (Locked("bad"), 78),
        (WrongReplica("bad"), 78),
        (UnsupportedFormat("bad"), 78),
        (Fatal("bad"), 70),
        (Corruption("file", 4096, "bad"), 70),
    ],
)
def test_every_error_has_its_exit_code_and_two_lines(monkeypatch, capsys, error, code):
    def fail(*_arguments: object, **_options: object) -> None:
        raise error

    monkeypatch.setattr(command_line, "application", lambda _command: fail)
    monkeypatch.setattr(command_line, "names", lambda _app: set())
    assert main(["query"]) == code
    out, err = capsys.readouterr()
    first, *rest = err.splitlines()
    assert out == ""
    assert first == f"error: {error.message}"
    assert len(rest) <= 1
    assert all(line.startswith("hint: ") for line in rest)


def test_every_kind_of_error_has_an_exit_code_of_the_table():
    def leaves(kind: type[StemeError]) -> list[type[StemeError]]:
        return [kind, *(leaf for sub in kind.__subclasses__() for leaf in leaves(sub))]

    for kind in leaves(StemeError):
        error = kind.__new__(kind)
        assert exits.exit_code(error) in exits.EXIT_CODES
        assert exits.exit_code(error) != exits.OK


def test_a_hint_of_its_own_comes_before_that_of_the_kind():
    assert exits.hint(exits.with_hint(Refused("no"), "do this")) == "do this"


def test_the_exit_codes_are_in_the_help():
    result = CliRunner().invoke(application(), ["--help"])
    assert result.exit_code == 0
    for code in exits.EXIT_CODES:
        assert f" {code}  " in result.output


@pytest.mark.parametrize(
    ("line", "word"),
    [
        ("frobnicate", "no such command"),
        ("query --frobnicate", "no such option"),
        ("publish a b", "want all three or none"),
        ("publish a b c --type number", "want a number"),
        ("publish a b maybe --type boolean", "want true or false"),
        ("publish a b c --file x", "want one of the two"),
        ("publish a b c --meta novalue", "want KEY=TEXT"),
        ("publish a b c --confidence 2", "confidence"),
        ("import", "want either FILES or --installed-packages"),
        ("import x --installed-packages", "want either FILES or --installed-packages"),
        ("query --below", "wants a SUBJECT"),
        ("get xyz", "want 64 hexadecimal digits"),
        ("vote xyz 1", "want 64 hexadecimal digits"),
        ("prove xyz", "want 64 hexadecimal digits"),
        ("query x --lifecycle drunk", "lifecycle"),
        ("prove", "want either an ID or --statement FILE"),
    ],
)
def test_a_wrong_command_line_is_usage(capsys, line, word):
    assert main(line.split()) == exits.USAGE
    out, err = capsys.readouterr()
    assert out == ""
    assert word in err.lower() or word in err
    assert "Traceback" not in err
    assert err.splitlines()[-1].startswith("hint: see `stemedb ")


@pytest.mark.parametrize(
    "line",
    [
        "publish a b c",
        "query x",
        "get " + "0" * 64,
        "prove " + "0" * 64,
        "status",
        "import --installed-packages",
    ],
)
def test_a_missing_server_is_unavailable_and_says_what_to_do(capsys, line, monkeypatch):
    monkeypatch.setattr(session, "CONNECT_S", 0.2)
    assert main([*line.split(), "--nats", NOBODY]) == exits.UNAVAILABLE
    err = capsys.readouterr().err
    assert NOBODY in err
    assert "stemedb up" in err


def test_a_statement_is_looked_at_before_it_is_sent(capsys):
    assert main(["publish", "a//b", "p", "v", "--nats", NOBODY]) == exits.WRONG
    assert capsys.readouterr().err.startswith("error: subject: ")


def test_an_account_without_a_name_must_say_who_speaks(capsys, monkeypatch):
    def nobody() -> str:
        raise KeyError("getpwuid(): uid not found: 12345")

    monkeypatch.setattr("getpass.getuser", nobody)
    assert main(["publish", "a", "b", "c", "--nats", NOBODY]) == exits.USAGE
    assert capsys.readouterr().err.startswith("error: --agent: missing")


def test_a_missing_file_is_one_line(capsys, tmp_path):
    assert main(["verify", str(tmp_path / "nothing")]) == exits.REFUSED
    assert "No such file" in capsys.readouterr().err


def test_what_is_not_a_proof_is_refused(capsys, tmp_path):
    file = tmp_path / "x.proof"
    file.write_bytes(b'{"format": "stemedb/proof/v1"}')
    assert main(["verify", str(file), "--json"]) == exits.WRONG
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("error: proof file: ")


def test_a_bad_replica_name_is_refused_before_anything_is_sent(capsys):
    assert main(["status", "--replica", "Not.A.Name", "--nats", NOBODY]) == exits.WRONG
    assert "Not.A.Name" in capsys.readouterr().err


def test_defaults_are_those_of_the_services():
    settings = ServiceSettings.model_fields
    assert settings["nats_url"].default == session.DEFAULT_NATS_URL
    assert settings["replica"].default == session.DEFAULT_REPLICA
    assert settings["data_dir"].default == session.DEFAULT_DATA
    assert INGEST_HTTP_PORT != INDEX_HTTP_PORT


@pytest.mark.parametrize(
    "url", ["nats://192.0.2.1:4222", "nats://127.0.0.1", "nonsense", "nats://127.0.0.1:99999"]
)
def test_up_listens_on_loopback_only(url):
    with pytest.raises(Refused) as refused:
        nats_port(url)
    assert exits.exit_code(refused.value) == exits.REFUSED


def test_up_takes_its_port_from_the_url():
    assert nats_port("nats://localhost:14222") == 14222
    assert nats_port("nats://127.0.0.1:0") > 0


def test_environment_variables_are_options(monkeypatch, capsys):
    monkeypatch.setenv("STEMEDB_NATS_URL", NOBODY)
    monkeypatch.setattr(session, "CONNECT_S", 0.2)
    assert main(["status"]) == exits.UNAVAILABLE
    assert NOBODY in capsys.readouterr().err


def test_keygen_writes_a_secret_that_only_the_owner_reads(capsys, tmp_path):
    file = tmp_path / "me.nk"
    assert main(["keygen", str(file), "--json"]) == exits.OK
    public = json.loads(capsys.readouterr().out)["public"]
    seed = file.read_text().strip()
    assert file.stat().st_mode & 0o777 == 0o600
    assert public.startswith("U")
    assert seed.startswith("SU")
    assert seed not in public


def test_keygen_never_overwrites(capsys, tmp_path):
    file = tmp_path / "me.nk"
    file.write_text("precious")
    assert main(["keygen", str(file)]) == exits.REFUSED
    assert file.read_text() == "precious"


def test_help_is_quick_and_imports_nothing_heavy():
    """The command must not load what it does not use: NATS, pydantic, LMDB, NaCl."""
    program = (
        "import sys; from stemedb.cli import main; code = main(['--help']);"
        "heavy = {'nats', 'pydantic', 'lmdb', 'nacl', 'blake3', 'structlog', 'prometheus_client'} & set(sys.modules);"
        "sys.exit(f'imported {heavy}' if heavy else code)"
    )
    started = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", program], check=False, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    assert "Look after" in done.stdout
    assert time.monotonic() - started < 30


def test_a_command_waits_for_no_other():
    """A command's line loads its own module, and none that brings the other commands."""
    program = (
        "import sys; from stemedb.cli import main; code = main(['keygen', '--help']);"
        "others = {f'stemedb.cli.{name}' for name in ('demo', 'story', 'query', 'watch')} & set(sys.modules);"
        "sys.exit(f'imported {others}' if others else code)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], check=False, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr


def test_a_command_of_another_distribution_needs_none_of_ours():
    assert command_line.names(application("scan")).isdisjoint(command_line.OURS)


def test_an_unknown_word_meets_every_command():
    assert command_line.names(application("frobnicate")) > command_line.OURS


def test_a_reader_that_has_seen_enough_is_no_error():
    reading, writing = os.pipe()
    os.close(reading)
    command = [sys.executable, "-m", "stemedb.cli", "--help"]
    done = subprocess.run(command, check=False, stdout=writing, stderr=subprocess.PIPE, timeout=60)
    os.close(writing)
    assert (done.returncode, done.stderr) == (0, b"")
