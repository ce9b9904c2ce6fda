"""The configuration of the NATS server, as it writes and as people write it."""

import pytest

from stemedb_analysis.facts.model import Facts
from stemedb_analysis.settings.extract import extract
from stemedb_analysis.settings.kinds import format_of
from stemedb_analysis.source import Source


def facts(text: str) -> Facts:
    return extract(Source(text.encode(), "nats.conf"), "nats")


def read(text: str) -> list[tuple[str, object]]:
    return [(".".join(setting.path), setting.value) for setting in facts(text).settings]


def test_keys_have_a_colon_an_equals_sign_or_a_blank() -> None:
    text = """# a server
listen: 0.0.0.0:4222 # everywhere
http_port = 8222 // monitoring
server_name "n1"
max_payload: 8MB, ping_interval: "2m"
debug: off; trace: false
include './users.conf'
"""
    assert read(text) == [
        ("listen", "0.0.0.0:4222"),
        ("http_port", 8222),
        ("server_name", "n1"),
        ("max_payload", "8MB"),
        ("ping_interval", "2m"),
        ("debug", False),
        ("trace", False),
        ("include", "./users.conf"),
    ]
    assert facts(text).faults == ()


def test_maps_and_lists_nest() -> None:
    text = """tls { cert_file: "a.pem", verify: true }
authorization: {
  users = [
    {user: a, password: $A_PASSWORD, permissions: {publish: ["x.>", y], subscribe: []}}
    {user: b, password: "s#3}"}
  ]
}
cluster {}
"""
    assert read(text) == [
        ("tls.cert_file", "a.pem"),
        ("tls.verify", True),
        ("authorization.users.[0].user", "a"),
        ("authorization.users.[0].password", "$A_PASSWORD"),
        ("authorization.users.[0].permissions.publish.[0]", "x.>"),
        ("authorization.users.[0].permissions.publish.[1]", "y"),
        ("authorization.users.[0].permissions.subscribe", "[]"),
        ("authorization.users.[1].user", "b"),
        ("authorization.users.[1].password", "s#3}"),
        ("cluster", "{}"),
    ]
    assert facts(text).faults == ()


def test_a_text_in_parentheses_runs_over_lines_and_addresses_keep_their_slashes() -> None:
    text = "motd: (\n one {\n two\n)\nroutes = [ nats-route://a:6222, nats-route://b:6222 ]\n"
    assert read(text) == [
        ("motd", " one {\n two"),
        ("routes.[0]", "nats-route://a:6222"),
        ("routes.[1]", "nats-route://b:6222"),
    ]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("tls { a: 1", "not closed"),
        ("a: 1 }\nb: 2", "closes nothing"),
        ("= 1\nb: 2", "no key"),
        ("a: " + "{ a: " * 80, "nested deeper"),
    ],
)
def test_what_is_broken_is_a_fault_and_never_raises(text: str, reason: str) -> None:
    assert any(reason in fault.reason for fault in facts(text).faults)


@pytest.mark.parametrize("size", range(0, 120, 7))
def test_a_file_that_is_cut_anywhere_is_read_to_its_end(size: int) -> None:
    facts('authorization { users = [ {user: a, password: "x y"} ] }\nmotd: (\na\n)\nlisten: 4222\n'[:size])


@pytest.mark.parametrize(
    ("file", "head", "want"),
    [
        ("nats.conf", b"", "nats"),
        ("deploy/nats-server.conf", b"", "nats"),
        ("server.conf", b"jetstream { store_dir: /data }\nauthorization { user: a }\n", "nats"),
        ("redis.conf", b"port 6379\n", "ini"),
        ("app.conf", b"[cluster]\nname = a\n", "ini"),
        ("nginx.conf", b"http { server { listen 80; } }", "nginx"),
    ],
)
def test_the_format_is_told_by_the_name_or_by_keys_of_its_own(file: str, head: bytes, want: str) -> None:
    assert format_of(file, head) == want
