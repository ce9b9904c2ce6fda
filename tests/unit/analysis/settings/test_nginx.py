"""nginx directives by block."""

from stemedb_analysis.facts.model import Facts
from stemedb_analysis.settings.extract import extract
from stemedb_analysis.source import Source


def facts(text: str) -> Facts:
    return extract(Source(text.encode(), "nginx.conf"), "nginx")


def read(text: str) -> list[tuple[str, object]]:
    return [(".".join(setting.path), setting.value) for setting in facts(text).settings]


def test_directives_stand_in_their_blocks() -> None:
    text = """user nginx;
http {
  server_tokens off; # autoindex on;
  server { listen 443 ssl;
    add_header X-Frame-Options "DENY" always;
    location ~ \\.php$ { proxy_pass https://x; }
    if ($host = x) { return 301 https://$host$request_uri; } }
  server { listen ${PORT}; }
}"""
    assert read(text) == [
        ("user", "nginx"),
        ("http.server_tokens", "off"),
        ("http.server.[0].listen", "443 ssl"),
        ("http.server.[0].add_header.X-Frame-Options", "DENY"),
        ("http.server.[0].location.[0].args", "~ \\.php$"),
        ("http.server.[0].location.[0].proxy_pass", "https://x"),
        ("http.server.[0].if.[0].args", "($host = x)"),
        ("http.server.[0].if.[0].return", "301 https://$host$request_uri"),
        ("http.server.[1].listen", "${PORT}"),
    ]
    assert facts(text).faults == ()


def test_missing_semicolons_and_braces_are_faults() -> None:
    found = facts("server { listen 80 }\n} autoindex on;\nhttp {")
    assert [setting.value for setting in found.settings] == ["80", "on"]
    assert [fault.reason for fault in found.faults] == [
        "a semicolon is missing",
        "a brace closes nothing",
        "a brace is not closed",
    ]


def test_blocks_of_lua_are_passed_over() -> None:
    text = "server { content_by_lua_block { if x { y; } } autoindex on; }"
    assert read(text) == [("server.[0].autoindex", "on")]
