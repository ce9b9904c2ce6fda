"""A project's claims: the file, its errors, and whether the code bears them out."""

import pytest

from stemedb.errors import InvalidInput
from stemedb.statements import canonical_bytes
from stemedb_analysis import registry
from stemedb_analysis.corpus import from_assertions
from stemedb_analysis.project import claims
from stemedb_analysis.project.claims import Claim
from support.reporting import observation

REGISTRY = registry.shipped()
TLS = Claim("tls-on", "tls/cert_verification", "enabled", "equals", True, "We say so.")
FLOOR = Claim(
    "floor", "tls/min_version", "version", "at_least", 1.2, 'With "quotes"\nand lines.', "security", ("shop",)
)


def state(claim, *seen):
    (verdict,) = claims.verify([claim], seen)
    return verdict.state, len(verdict.places)


def test_pass_conflict_and_missing():
    good, bad = observation(value=True), observation(value=False)
    assert state(TLS, good, good) == ("PASS", 2)
    assert state(TLS, good, bad) == ("CONFLICT", 1)
    assert state(TLS, observation(path="a/b")) == ("MISSING", 0)


def test_an_import_that_nobody_makes_is_missing():
    required = TLS._replace(path="imports/structlog", predicate="allowed", value=True)
    nobody = observation(path="imports/structlog", predicate="allowed", value=False)
    assert state(required, nobody) == ("MISSING", 0)
    forbidden = required._replace(value=False)
    assert (
        state(forbidden, observation(path="imports/structlog", predicate="allowed", value=True))[0]
        == "CONFLICT"
    )


def test_a_claim_holds_where_it_says():
    bad = observation(value=False)
    assert state(TLS._replace(files=("shop",)), bad)[0] == "CONFLICT"
    assert state(TLS._replace(files=("shop/client.py",)), bad)[0] == "CONFLICT"
    assert state(TLS._replace(files=("sho",)), bad)[0] == "MISSING"


def test_what_a_test_does_bears_nothing_out():
    assert state(TLS, observation(value=False, in_test=True)) == ("MISSING", 0)


@pytest.mark.parametrize(
    "claim",
    [
        TLS,
        FLOOR,
        Claim("a", "tls/cipher", "algorithm", "none_of", ("rc4", "des"), "r", status="deprecated"),
    ],
)
def test_what_is_written_is_read_again(tmp_path, claim):
    claims.write(tmp_path / ".stemedb", claim, REGISTRY)
    assert claims.load(tmp_path / ".stemedb", REGISTRY).claims == (claim,)


def test_writing_one_claim_leaves_the_rest_as_it_is(tmp_path):
    claims.write(tmp_path, TLS, REGISTRY)
    claims.write(tmp_path, FLOOR, REGISTRY)
    path = tmp_path / claims.NAME
    path.write_text(
        path.read_text().replace('[[claim]]\nid = "floor"', '# by hand\n[[claim]]\nid = "floor"')
        + '\n[aliases]\n"a/b" = "tls/min_version"\n'
    )
    before = path.read_text()
    claims.write(tmp_path, FLOOR._replace(status="deprecated"), REGISTRY)
    assert path.read_text() == before.replace(
        '["shop"]\nstatus = "active"', '["shop"]\nstatus = "deprecated"'
    )
    claims.write(tmp_path, TLS._replace(reason="Better."), REGISTRY)
    assert "# by hand" in path.read_text()


def test_an_alias_means_a_path_of_the_registry():
    text = '[aliases]\n"our/tls" = "tls/cert_verification"\n[[claim]]\nid="a"\npath="our/tls"\npredicate="enabled"\nvalue=true\nreason="r"\n'
    assert claims.parse(text, REGISTRY).claims[0].path == "tls/cert_verification"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("[[claim", "is no TOML"),
        ("[claim]", "two brackets"),
        ("[other]", "unknown other"),
        ("[[claim]]\nid='A'", "want text"),
        ("[[claim]]\nid='A b'\npath='p'\npredicate='x'\nreason='r'", "words of a-z"),
        (
            "[[claim]]\nid='a'\npath='tls/cert_verificatoin'\npredicate='enabled'\nvalue=true\nreason='r'",
            "nearest: tls/cert_verification",
        ),
        (
            "[[claim]]\nid='a'\npath='tls/cert_verification'\npredicate='enabled'\nvalue='yes'\nreason='r'",
            "want a boolean",
        ),
        (
            "[[claim]]\nid='a'\npath='tls/cert_verification'\npredicate='enabled'\nvalue=true\nreason='r'\nstate='x'",
            "unknown state",
        ),
        (
            "[[claim]]\nid='a'\npath='tls/cert_verification'\npredicate='enabled'\nvalue=true\nreason='r'\nstatus='x'",
            "want one of active",
        ),
        (
            "[[claim]]\nid='a'\npath='tls/cert_verification'\npredicate='enabled'\nvalue=true\nreason='r'\nsupersedes='b'",
            "no claim b",
        ),
        (
            "[[claim]]\nid='a'\npath='tls/cert_verification'\npredicate='enabled'\nvalue=true\nreason='r'\n"
            * 2,
            "taken",
        ),
        ("[aliases]\na = 1", "aliases"),
    ],
)
def test_what_is_wrong_is_refused_with_its_place(text, reason):
    with pytest.raises(InvalidInput, match=reason):
        claims.parse(text, REGISTRY)


def test_a_claim_is_the_team_s_policy_and_an_assertion():
    built = claims.assertion(TLS, "shop", "ann")
    assert canonical_bytes(built)
    assert built.subject == "team://shop/tls/cert_verification"
    (authority,) = from_assertions([("00", built)], REGISTRY).authorities
    assert (authority.tier, authority.value, authority.summary) == (3, True, "We say so.")
    ended = TLS._replace(status="deprecated", status_reason="The lab is closed.")
    told = claims.assertion(ended, "shop", "ann")
    assert (told.lifecycle, told.metadata["status_reason"]) == ("deprecated", "The lab is closed.")


@pytest.mark.parametrize(
    ("arguments", "wanted"),
    [
        (("tls/cert_verification", "enabled", "", ["true"]), ("equals", True)),
        (("tls/min_version", "version", "", ["1.2"]), ("at_least", 1.2)),
        (("tls/cipher", "algorithm", "none_of", ["rc4", "des"]), ("none_of", ("rc4", "des"))),
        (("tls/min_version", "version", "present", []), ("present", True)),
    ],
)
def test_a_demand_as_it_is_typed(arguments, wanted):
    assert claims.demand(REGISTRY, *arguments) == wanted


@pytest.mark.parametrize(
    "arguments",
    [
        ("tls/cert_verification", "enabled", "", ["yes"]),
        ("tls/cert_verification", "enabled", "", []),
        ("tls/min_version", "version", "", ["new"]),
        ("tls/min_version", "version", "present", ["1"]),
        ("no/path", "version", "", ["1"]),
    ],
)
def test_a_demand_that_is_none(arguments):
    with pytest.raises(InvalidInput):
        claims.demand(REGISTRY, *arguments)
