"""The registry: what loads, what is refused and with which hint, and the comparisons."""

import pytest

from stemedb.errors import InvalidInput
from stemedb_analysis.registry import COMPARISONS, check_demand, holds, parse, shipped

ROW = """
- path: tls/min_version
  predicate: version
  type: number
  unit: version
  comparison: at_least
  kind: configuration
  cwe: [326]
  title: TLS 1.2 or newer
  help: Older versions are broken.
- path: tls/cert_verification
  predicate: enabled
  type: boolean
  comparison: equals
  kind: configuration
  title: Certificates are verified
  help: Else anybody can be the other side.
"""


def test_a_concept_is_found_by_path_and_predicate():
    concept = parse(ROW).want("tls/min_version", "version")
    assert concept.title == "TLS 1.2 or newer"
    assert concept.cwe == (326,)


@pytest.mark.parametrize(
    ("path", "predicate", "named"),
    [
        ("tls/min_version", "value", "tls/min_version version"),
        ("ssl/cert_verification", "enabled", "tls/cert_verification enabled"),
        ("tls/cert_verifcation", "enabled", "tls/cert_verification enabled"),
    ],
)
def test_what_is_not_there_is_refused_with_what_is_nearest(path, predicate, named):
    with pytest.raises(InvalidInput, match=named):
        parse(ROW).want(path, predicate)


def test_what_resembles_nothing_gets_no_hint():
    with pytest.raises(InvalidInput, match=r"is not in the registry$"):
        parse(ROW).want("zoo/zebra", "stripes")


@pytest.mark.parametrize(
    ("change", "to", "message"),
    [
        ("path: tls/min_version", "path: TLS/min version", "path: got"),
        ("path: tls/min_version", "path: tls", "path: got"),
        ("predicate: version", "predicate: Version!", "predicate: got"),
        ("type: number", "type: integer", "type: got 'integer'"),
        ("comparison: at_least", "comparison: above", "comparison: got 'above'"),
        ("kind: configuration", "kind: bug", "kind: got 'bug'"),
        ("cwe: [326]", "cwe: [CWE-326]", "cwe: got"),
        ("title: TLS 1.2 or newer", "title: 3", "title: got 3"),
        ("  help: Older versions are broken.\n", "", "lacks help"),
        ("  unit: version", "  units: version", "unknown units"),
    ],
)
def test_a_row_that_breaks_a_rule_is_named(change, to, message):
    with pytest.raises(InvalidInput, match=f"registry.yaml, row 1: .*{message}"):
        parse(ROW.replace(change, to, 1))


def test_a_row_may_stand_there_once():
    with pytest.raises(InvalidInput, match="twice"):
        parse(ROW + ROW)


ANY = """
- {path: imports/*, predicate: allowed, type: boolean, comparison: equals, kind: supply_chain, title: t, help: h}
- {path: imports/pickle, predicate: allowed, type: boolean, comparison: equals, kind: supply_chain, title: own, help: h}
"""


def test_a_star_stands_for_every_path_below_that_has_no_row_of_its_own():
    registry = parse(ANY)
    assert registry.want("imports/telnetlib", "allowed").path == "imports/telnetlib"
    assert registry.want("imports/net/http", "allowed").title == "t"
    assert registry.want("imports/pickle", "allowed").title == "own"
    assert registry.tail(("py", "shop", "imports", "telnetlib"), "allowed").path == "imports/telnetlib"
    for path in ("imports", "exports/telnetlib"):
        assert (path, "allowed") not in registry


@pytest.mark.parametrize("text", ["{}", "- 3", "tls"])
def test_anything_but_a_list_of_mappings_is_refused(text):
    with pytest.raises(InvalidInput):
        parse(text)


@pytest.mark.parametrize(
    ("segments", "found"),
    [
        (("9110", "tls", "cert_verification"), "tls/cert_verification"),
        (("tls", "cert_verification"), "tls/cert_verification"),
        (("python", "shop", "tls", "cert_verification"), "tls/cert_verification"),
        (("tls", "cert_verification", "more"), None),
        (("cert_verification",), None),
    ],
)
def test_a_concept_path_is_matched_by_its_tail(segments, found):
    concept = parse(ROW).tail(segments, "enabled")
    assert (concept and concept.path) == found


@pytest.mark.parametrize(
    ("comparison", "demanded", "good", "bad"),
    [
        ("equals", True, [True], [False]),
        ("equals", "nosniff", ["nosniff"], ["", "sniff"]),
        ("at_least", 1.2, [1.2, 1.3, 2], [1.1, 0]),
        ("at_most", 60, [60, 0.5], [61, 1e9]),
        ("one_of", ("a", "b"), ["a", "b"], ["", "c"]),
        ("none_of", ("md5", "sha1"), ["sha256", ""], ["md5"]),
        ("present", True, [True, "x", 5], [False, ""]),
        ("absent", True, [False, ""], [True, "x", 5]),
    ],
)
def test_comparisons_are_between_typed_values(comparison, demanded, good, bad):
    assert all(holds(comparison, demanded, value) for value in good)
    assert not any(holds(comparison, demanded, value) for value in bad)


@pytest.mark.parametrize(
    ("comparison", "value", "message"),
    [
        ("over", 1.2, "comparison: got 'over'"),
        ("at_least", "1.2", "want a number"),
        ("at_least", True, "want a number"),
        ("at_least", float("nan"), "want a number"),
        ("at_least", (1.2,), "wants one value"),
        ("one_of", 1.2, "wants a list"),
        ("one_of", (), "wants a list"),
    ],
)
def test_a_demand_that_could_never_be_compared_is_refused(comparison, value, message):
    with pytest.raises(InvalidInput, match=message):
        check_demand(parse(ROW).want("tls/min_version", "version"), comparison, value)


def test_order_is_for_numbers():
    with pytest.raises(InvalidInput, match="at_least is for numbers"):
        check_demand(parse(ROW).want("tls/cert_verification", "enabled"), "at_least", True)


def test_the_shipped_registry_loads():
    concepts = list(shipped().values())
    assert len(concepts) > 100
    assert {concept.comparison for concept in concepts} <= set(COMPARISONS)
