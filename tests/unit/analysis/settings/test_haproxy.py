"""Directives of HAProxy by section."""

from stemedb_analysis.settings.extract import extract
from stemedb_analysis.source import Source


def read(text: str) -> list[tuple[str, object]]:
    found = extract(Source(text.encode(), "haproxy.cfg"), "haproxy")
    return [(".".join(setting.path), setting.value) for setting in found.settings]


def test_directives_stand_in_their_sections() -> None:
    text = """global
    maxconn 2000 # of all
frontend web
    bind *:443 ssl crt /a.pem
    timeout client 30s
    http-response set-header X-A "b c"
backend app
    server a 10.0.0.1:80 check
backend other
    option forwardfor
"""
    assert read(text) == [
        ("global.args", ""),
        ("global.maxconn", "2000"),
        ("frontend.[0].args", "web"),
        ("frontend.[0].bind", "*:443 ssl crt /a.pem"),
        ("frontend.[0].timeout.client", "30s"),
        ("frontend.[0].http-response.set-header.X-A", "b c"),
        ("backend.[0].args", "app"),
        ("backend.[0].server", "a 10.0.0.1:80 check"),
        ("backend.[1].args", "other"),
        ("backend.[1].option.forwardfor", ""),
    ]


def test_comments_and_quoted_signs_are_told_apart() -> None:
    assert read('global\n    # user root\n    log-tag "a#b"\n') == [
        ("global.args", ""),
        ("global.log-tag", "a#b"),
    ]
