"""Complaints about facts that load."""

import pytest

from stemedb_analysis.corpus import Fact, facts, lint
from stemedb_analysis.model import Authority, Typed
from stemedb_analysis.rules.load import load
from stemedb_analysis.rules.own import all_rules

BASE = Authority(
    id="a",
    path="net/client_timeout",
    predicate="seconds",
    comparison="at_most",
    value=30,
    tier=1,
    confidence=1.0,
    citation="RFC 1 §2",
    url="https://www.rfc-editor.org/rfc/rfc1#section-2",
    summary="Short.",
)


def fact(id_: str = "a", source: str = "rfc://1", *, checked: bool = True, **changes: object) -> Fact:
    authority = BASE._replace(id=id_, **changes)
    return Fact(authority, source, checked, "" if checked else "not seen", f"x.yaml, row {id_}")


def whats(*given: Fact) -> list[str]:
    return [complaint.what for complaint in lint(given)]


def test_two_facts_that_can_hold_together_are_fine() -> None:
    assert whats(fact(), fact("b", value=60)) == []


def test_the_same_said_twice_by_one_source_is_a_duplicate() -> None:
    assert whats(fact(), fact("b")) == ["duplicate"]
    assert whats(fact(), fact("b", source="rfc://2")) == []


@pytest.mark.parametrize(
    ("left", "right", "clash"),
    [
        (("equals", 1), ("equals", 2), True),
        (("equals", 1), ("equals", 1), False),
        (("at_least", 10), ("at_most", 5), True),
        (("at_least", 5), ("at_most", 5), False),
        (("equals", 3), ("at_least", 5), True),
        (("one_of", (1, 2)), ("one_of", (3,)), True),
        (("one_of", (1, 2)), ("one_of", (2, 3)), False),
        (("one_of", (1, 2)), ("none_of", (1, 2)), True),
        (("one_of", (1, 2)), ("none_of", (1,)), False),
        (("equals", 1), ("one_of", (2,)), True),
        (("equals", 1), ("none_of", (1,)), True),
        (("one_of", (1, 2)), ("at_least", 3), True),
        (("present", True), ("absent", True), True),
        (("none_of", (1,)), ("none_of", (2,)), False),
    ],
)
def test_facts_of_one_tier_that_exclude_each_other_are_told(
    left: tuple[str, Typed], right: tuple[str, Typed], clash: bool
) -> None:
    one = fact(source="rfc://1", comparison=left[0], value=left[1])
    other = fact("b", source="rfc://2", comparison=right[0], value=right[1])
    assert whats(one, other) == (["contradiction"] if clash else [])
    assert whats(other, one) == (["contradiction"] if clash else [])


def test_a_weaker_tier_may_disagree() -> None:
    assert whats(fact(value=10), fact("b", comparison="at_least", value=20, tier=2)) == []


def test_what_no_rule_observes_is_told_if_rules_are_given() -> None:
    assert [c.what for c in lint([fact()], {("net/client_timeout", "seconds")})] == []
    assert [c.what for c in lint([fact()], {("tls/cipher", "algorithm")})] == ["unobservable"]


def test_citations_and_addresses_are_looked_at() -> None:
    assert whats(fact(citation="RFC 1")) == ["citation"]
    assert whats(fact(citation="§2")) == ["citation"]
    assert whats(fact(url="http://example.org")) == ["url"]
    assert whats(fact(url="see above")) == ["url"]


def test_an_unchecked_citation_is_told_and_not_held_against_the_corpus() -> None:
    (complaint,) = lint([fact(checked=False)])
    assert complaint.what == "unchecked"
    assert not complaint.serious


def test_every_doctored_copy_of_the_shipped_corpus_is_noticed() -> None:
    shipped = facts()
    assert len([c for c in lint([*shipped, *shipped]) if c.what == "duplicate"]) >= len(shipped)


def test_a_fact_that_no_rule_observes_says_why_it_stands_and_no_longer_once_one_does() -> None:
    reason = "speaks of documentation"
    seen = [("net/client_timeout", "seconds")]
    marked = fact()._replace(unobserved_reason=reason)
    assert [one.what for one in lint([fact()], [])] == ["unobservable"]
    assert lint([marked], []) == []
    assert [one.what for one in lint([marked], seen)] == ["observable"]
    assert lint([fact()], seen) == []


def test_the_shipped_corpus_has_no_complaint_and_cites_no_place_unseen() -> None:
    observable = {(rule.path, rule.predicate) for rule in all_rules(load()).values()}
    assert lint(facts(), observable) == []
