"""Claims from synthetic dist-info folders: what is claimed, what is left out, and that it never varies."""

from hashlib import sha256
from pathlib import Path

import pytest

from stemedb.cli import packages
from stemedb.statements import Reference, Text, canonical_bytes, parse

METADATA = """Metadata-Version: 2.4
Name: Blake_3.Demo
Version: 1.0.11+local
Summary: A hash, fast
License-Expression: Apache-2.0 OR MIT
License: ignored beside the expression
Requires-Python: >=3.9
Requires-Dist: numpy>=2
Requires-Dist: numpy>=2
Requires-Dist: tqdm; extra == "progress"
Provides-Extra: progress
Author-email: "A. Person" <a@example.org>, B. Person <b@example.org>
Maintainer: C. Person
Keywords: hash,merkle,
Classifier: Programming Language :: Python :: 3
Project-URL: Home Page, https://example.org/
Project-URL: Bug Tracker, https://example.org/bugs
Project-URL: Funding, https://example.org/money

The description: it is not a claim.
License: neither is this
"""


def dist_info(
    folder: Path, text: str | bytes, name: str = "demo-1.dist-info", file: str = "METADATA"
) -> Path:
    directory = folder / name
    directory.mkdir(parents=True)
    (directory / file).write_bytes(text if isinstance(text, bytes) else text.encode())
    return folder


def said(folder: Path) -> list[tuple[str, object]]:
    return [
        (claim.predicate, claim.object.value)
        for package in packages.installed([str(folder)])
        for claim in packages.claims(package)
    ]


def test_metadata_becomes_one_claim_per_thing_said(tmp_path):
    assert said(dist_info(tmp_path, METADATA)) == [
        ("license", "Apache-2.0 OR MIT"),
        ("summary", "A hash, fast"),
        ("requires_python", ">=3.9"),
        ("requires", "numpy>=2"),
        ("requires", 'tqdm; extra == "progress"'),
        ("provides_extra", "progress"),
        ("classifier", "Programming Language :: Python :: 3"),
        ("author", "A. Person"),
        ("author", "B. Person"),
        ("maintainer", "C. Person"),
        ("keyword", "hash"),
        ("keyword", "merkle"),
        ("homepage", "https://example.org/"),
        ("issue_tracker", "https://example.org/bugs"),
        ("url", "https://example.org/money"),
    ]


def test_claims_name_the_package_and_the_file_they_come_from(tmp_path):
    (package,) = packages.installed([str(dist_info(tmp_path, METADATA))])
    claim = next(packages.claims(package))
    assert claim.subject == "pkg://pypi/blake-3-demo/1.0.11+local"
    assert claim.source.uri == "pkg:pypi/blake-3-demo@1.0.11+local#METADATA"
    assert claim.source.digest == f"sha256:{sha256(METADATA.encode()).hexdigest()}"
    assert (claim.source.tier, claim.lifecycle, claim.agent) == (4, "approved", packages.AGENT)


def test_every_claim_is_a_statement_that_a_replica_takes(tmp_path):
    folder = dist_info(tmp_path, METADATA)
    for package in packages.installed([str(folder)]):
        for claim in packages.claims(package):
            assert parse(canonical_bytes(claim)).statement == claim


def test_addresses_are_references_and_the_rest_is_text(tmp_path):
    (package,) = packages.installed([str(dist_info(tmp_path, METADATA))])
    kinds = {claim.predicate: type(claim.object) for claim in packages.claims(package)}
    assert kinds["homepage"] is Reference
    assert kinds["summary"] is Text


def test_importing_twice_gives_the_same_bytes(tmp_path):
    first = dist_info(tmp_path / "a", METADATA)
    second = dist_info(tmp_path / "elsewhere", METADATA, name="renamed.dist-info")
    bytes_of = [
        [canonical_bytes(c) for p in packages.installed([str(f)]) for c in packages.claims(p)]
        for f in (first, second)
    ]
    assert bytes_of[0] == bytes_of[1] != []


def test_a_package_in_two_directories_is_claimed_once(tmp_path):
    folders = [dist_info(tmp_path / name, METADATA) for name in ("a", "b")]
    assert len(packages.installed(map(str, folders))) == 1


@pytest.mark.parametrize(
    ("line", "license_"),
    [
        ("License: MIT", ["MIT"]),
        ("License: UNKNOWN", []),
        ("License: Permission is hereby granted\n        free of charge", []),
        ("License: " + "x" * (packages.LICENSE_LENGTH_MAX + 1), []),
        ("Summary: no license at all", []),
        ("License:", []),
    ],
)
def test_a_free_text_license_counts_only_as_a_name(tmp_path, line, license_):
    text = f"Name: demo\nVersion: 1\n{line}\n"
    found = [value for predicate, value in said(dist_info(tmp_path, text)) if predicate == "license"]
    assert found == license_


def test_keywords_may_be_separated_by_spaces(tmp_path):
    folder = dist_info(tmp_path, "Name: demo\nVersion: 1\nKeywords: hash  merkle\n")
    assert said(folder) == [("keyword", "hash"), ("keyword", "merkle")]


def test_egg_info_is_read_as_well(tmp_path):
    folder = dist_info(tmp_path, "Name: old\nVersion: 0.1\nLicense: BSD\n", "old-0.1.egg-info", "PKG-INFO")
    (package,) = packages.installed([str(folder)])
    assert package.uri == "pkg:pypi/old@0.1#PKG-INFO"


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"Version: 1\n",
        b"Name: demo\n",
        b"Name:\nVersion: 1\n",
        b"Name: d\xe9mo\nVersion: 1\n",
        b"Name: de/\x00mo\nVersion: 1\nLicense: MIT\n",
        b"Name: demo\nVersion: " + b"9" * 1024 + b"\nLicense: MIT\n",
    ],
    ids=["empty", "no name", "no version", "blank name", "latin-1", "control character", "too long"],
)
def test_broken_metadata_makes_no_claim_and_does_no_harm(tmp_path, text):
    dist_info(tmp_path, text, "broken-1.dist-info")
    dist_info(tmp_path, "Name: sound\nVersion: 1\nLicense: MIT\n", "sound-1.dist-info")
    assert said(tmp_path) == [("license", "MIT")]


def test_what_is_too_long_for_a_statement_is_left_out(tmp_path):
    text = f"Name: demo\nVersion: 1\nSummary: {'x' * 40_000}\nHome-page: https://{'x' * 3000}\nLicense: MIT\n"
    assert said(dist_info(tmp_path, text)) == [("license", "MIT")]


def test_this_interpreters_own_packages_are_found():
    names = {package.name for package in packages.installed()}
    assert {"pytest", "msgspec"} <= names
