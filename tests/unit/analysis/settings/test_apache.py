"""Directives of Apache httpd by section."""

from stemedb_analysis.facts.model import Facts
from stemedb_analysis.settings.extract import extract
from stemedb_analysis.source import Source


def facts(text: str) -> Facts:
    return extract(Source(text.encode(), "httpd.conf"), "apache")


def read(text: str) -> list[tuple[str, object]]:
    return [(".".join(setting.path), setting.value) for setting in facts(text).settings]


def test_directives_stand_in_their_sections() -> None:
    text = """# ServerTokens Min
ServerTokens Full
<VirtualHost *:443>
  Header always set Strict-Transport-Security "max-age=1; preload"
  <Directory "/srv/www">
    Options Indexes \\
      FollowSymLinks
  </Directory>
</VirtualHost>
<VirtualHost *:80>
  Redirect permanent / https://a.io/
</VirtualHost>
"""
    assert read(text) == [
        ("ServerTokens", "Full"),
        ("VirtualHost.[0].args", "*:443"),
        ("VirtualHost.[0].Header.Strict-Transport-Security", "max-age=1; preload"),
        ("VirtualHost.[0].Directory.[0].args", "/srv/www"),
        ("VirtualHost.[0].Directory.[0].Options", "Indexes FollowSymLinks"),
        ("VirtualHost.[1].args", "*:80"),
        ("VirtualHost.[1].Redirect", "permanent / https://a.io/"),
    ]


def test_conditions_are_looked_through() -> None:
    assert read("<IfModule ssl>\n  SSLEngine on\n</IfModule>\n") == [("SSLEngine", "on")]


def test_headers_that_are_taken_away_are_no_settings_of_them() -> None:
    assert read("Header unset X-Frame-Options\n") == [("Header", "unset X-Frame-Options")]


def test_sections_that_do_not_pair_are_faults() -> None:
    assert [fault.reason for fault in facts("</Files>\n<Location />\nA b\n").faults] == [
        "a section is closed that is not open",
        "a section is not closed",
    ]


def test_a_section_begins_at_its_mark() -> None:
    found = facts("A b\n  <Location />\n  C d\n</Location>\n")
    assert [(block.path, block.start) for block in found.blocks] == [(("Location", "[0]"), 6)]
