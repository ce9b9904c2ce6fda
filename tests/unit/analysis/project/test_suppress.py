"""Inline suppressions set aside what they name, and are held to their own words."""

from datetime import date

import pytest

from stemedb_analysis.model import WHOLE, Span
from stemedb_analysis.project.suppress import apply
from stemedb_analysis.scan.result import Note
from support.reporting import finding

TODAY = date(2026, 11, 20)
KNOWN = {"tls-verify", "tls/cert_verification", "other-rule"}


WRITTEN = "# stemedb:ignore whatever the file has"


def note(argument="tls-verify", text="the lab", about=5, *, line=None, bracketed=True, is_exact=True):
    return Note("ignore", argument, text, line or about, about, bracketed, 9, WRITTEN, is_exact)


def applied(*notes, findings=None):
    return apply([finding()] if findings is None else findings, {"shop/client.py": notes}, KNOWN, TODAY)


def complaints(*notes, findings=None):
    kept = applied(*notes, findings=findings).kept
    return [
        (one.observation.rule, one.observation.value)
        for one in kept
        if one.observation.path == "stemedb/suppression"
    ]


@pytest.mark.parametrize("name", ["tls-verify", "tls/cert_verification", "tls-verify, tls/cert_verification"])
def test_a_rule_or_its_path_is_set_aside_with_the_reason(name):
    done = applied(note(name))
    assert [one.acknowledged for one in done.suppressed] == ["the lab"]
    assert done.kept == []


def test_each_of_several_names_is_held_to_its_own():
    done = applied(note("other-rule, tls-verify"))
    assert [one.acknowledged for one in done.suppressed] == ["the lab"]
    assert complaints(note("other-rule, tls-verify")) == [
        ("suppression-unused", "stands where nothing is other-rule")
    ]
    assert complaints(note("other-rule, tls-verify"), findings=[]) == [
        ("suppression-unused", "stands where nothing is other-rule or tls-verify")
    ]


@pytest.mark.parametrize("bad", [note("other-rule"), note(text=""), note(text="the lab until 2026-11-19")])
def test_what_is_told_of_a_comment_is_told_where_it_stands_and_shows_it(bad):
    (one,) = [one.observation for one in applied(bad, findings=[]).kept]
    assert one.text == WRITTEN
    assert one.span == Span(5, 9, 5, 9 + len(WRITTEN))


def test_what_is_said_of_a_file_as_a_whole_is_set_aside_anywhere_in_it():
    assert applied(note(about=7), findings=[finding(span=WHOLE)]).suppressed


@pytest.mark.parametrize("about", [4, 8])
def test_only_on_the_lines_of_the_finding(about):
    done = applied(note(about=about), findings=[finding(span=Span(5, 1, 7, 9))])
    assert not done.suppressed
    assert complaints(note(about=about)) == [("suppression-unused", "stands where nothing is tls-verify")]


def test_any_line_of_a_finding_will_do():
    assert applied(note(about=6), findings=[finding(span=Span(5, 1, 7, 9))]).suppressed


def test_only_the_rule_that_is_named():
    assert complaints(note("other-rule")) == [("suppression-unused", "stands where nothing is other-rule")]


def test_one_comment_may_set_aside_several_findings_of_its_line():
    assert len(applied(note(), findings=[finding(), finding(span=Span(5, 20, 5, 30))]).suppressed) == 2


@pytest.mark.parametrize(
    "text",
    [
        "the lab until 2026-11-20",
        "until 2026-11-20: the lab",
        "until 2027-01-01, the lab",
        "(until=2026-12-01) the lab",
    ],
)
def test_until_its_last_day(text):
    (one,) = applied(note(text=text)).suppressed
    assert one.acknowledged == "the lab"


def test_the_date_may_stand_in_the_brackets():
    assert applied(note("tls-verify until 2026-11-20")).suppressed[0].acknowledged == "the lab"
    assert complaints(note("tls-verify until 2026-11-19"))[0][0] == "suppression-expired"


def test_after_its_last_day_the_finding_is_back_and_the_comment_is_one_more():
    done = applied(note(text="the lab until 2026-11-19"))
    assert not done.suppressed
    assert complaints(note(text="the lab until 2026-11-19")) == [
        ("suppression-expired", "was good until 2026-11-19")
    ]


def test_until_may_be_a_word_of_the_reason():
    assert applied(note(text="fine until we move")).suppressed[0].acknowledged == "fine until we move"


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        (note(""), "names no rule"),
        (note(" , "), "names no rule"),
        (note(bracketed=False), "names no rule"),
        (note(is_exact=False), "is spelt otherwise: write stemedb:ignore[rule] and a reason"),
        (note(text=""), "gives no reason"),
        (note(text="--- 42"), "gives no reason"),
        (note(text="until 2027-01-01"), "gives no reason"),
        (note("tls-verfy"), "unknown rule 'tls-verfy'; nearest: tls-verify"),
        (note("verify_tls"), "unknown rule 'verify_tls'; nearest: tls-verify"),
        (note(text="the lab until 2026-13-01"), "want YYYY-MM-DD"),
        (note(text="the lab until 1.1.2027"), "want YYYY-MM-DD"),
        (note("tls-verify until tomorrow"), "has the date 'tomorrow', want YYYY-MM-DD"),
        (note("tls-verify until 2027-01-01x"), "want YYYY-MM-DD"),
        (note("tls-verify until 2027-13-01"), "want YYYY-MM-DD"),
    ],
)
def test_one_that_is_malformed_sets_nothing_aside_and_says_what_is_wrong(bad, why):
    done = applied(bad)
    assert not done.suppressed
    ((rule, value),) = complaints(bad)
    assert rule == "suppression-malformed"
    assert why in value


def test_what_passes_needs_no_suppression():
    assert complaints(note(), findings=[finding("PASS", 0.1)]) == [
        ("suppression-unused", "stands where nothing is tls-verify")
    ]


def test_claims_are_not_suppressions():
    claim = note()._replace(kind="claim")
    assert complaints(claim) == []
    assert len(applied(claim).kept) == 1
