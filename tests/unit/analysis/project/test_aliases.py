"""Aliases: what they may mean, and how the file is changed around them."""

import tomllib

import pytest

from stemedb.errors import InvalidInput
from stemedb_analysis import registry
from stemedb_analysis.project import aliases

REGISTRY = registry.shipped()


@pytest.mark.parametrize(
    ("table", "reason"),
    [
        (
            {"our/tls": "tls/min_versoin"},
            "means tls/min_versoin, which is not in the registry; the nearest: tls/min_version",
        ),
        ({"our/tls": "transport/min_version"}, "the nearest: tls/min_version"),
        ({"tls/min_version": "tls/cert_verification"}, "is in the registry itself"),
        ({"imports/telnetlib": "tls/cert_verification"}, "is in the registry itself"),
        ({"a/b": "c/d", "c/d": "tls/min_version"}, "which is an alias itself"),
        ({"Our TLS": "tls/min_version"}, "want segments"),
        ({"a/b": 3}, "want paths"),
        ([], "want paths"),
    ],
)
def test_what_means_nothing_is_refused_with_the_nearest(table, reason):
    with pytest.raises(InvalidInput, match=reason):
        aliases.check(table, REGISTRY, "claims.toml")


def test_a_path_of_the_registry_may_be_meant_that_only_a_star_covers():
    assert aliases.check({"our/telnet": "imports/telnetlib"}, REGISTRY, "claims.toml")


DOCUMENT = """# ours
[aliases]   # names
# the first
"a/b" = "tls/min_version"

# about the claim
[[claim]]
id = "x"
"""


def test_an_alias_is_added_behind_the_others_and_all_else_stays():
    text = aliases.added(DOCUMENT, "c/d", "crypto/hash")
    assert text == DOCUMENT.replace('"tls/min_version"\n', '"tls/min_version"\n"c/d" = "crypto/hash"\n')
    assert aliases.removed(text, "c/d") == DOCUMENT


def test_an_alias_that_is_there_is_given_another_meaning_in_its_place():
    text = aliases.added(DOCUMENT, "a/b", "crypto/hash")
    assert text == DOCUMENT.replace('"tls/min_version"', '"crypto/hash"')
    assert aliases.added(text, "a/b", "crypto/hash") == text


@pytest.mark.parametrize(
    "text", ["", "# nothing\n", '[[claim]]\nid = "x"\n', "[aliases]\n", "[aliases]\n\n[[claim]]\nid = 1"]
)
def test_a_table_that_is_not_there_or_empty_is_begun(text):
    made = aliases.added(text, "a/b", "tls/min_version")
    assert tomllib.loads(made)["aliases"] == {"a/b": "tls/min_version"}
    assert tomllib.loads(aliases.removed(made, "a/b")).get("aliases") == {}


@pytest.mark.parametrize(
    "text", ['aliases = {"a/b" = "tls/min_version"}\n', 'aliases."a/b" = "tls/min_version"\n']
)
def test_what_is_written_in_another_way_is_left_to_people(text):
    for change in (lambda: aliases.removed(text, "a/b"), lambda: aliases.added(text, "c/d", "crypto/hash")):
        with pytest.raises(InvalidInput, match="by hand"):
            change()
