"""Each format tells the same findings, and text from the code stays text."""

import json
import re
from html.parser import HTMLParser

import pytest

from stemedb_analysis.model import Hop, Opinion, Span
from stemedb_analysis.report import as_json, github, html, markdown, sarif, table
from support.reporting import AUTHORITY, HOSTILE, item, report

RENDERS = [as_json.render, sarif.render, markdown.render, github.render, html.render]
QUIET = item("inline", acknowledged="the lab", statement="1")
KNOWN = item(state="unchanged", statement="2")


def plain(made, **options):
    return "\n".join(table.plain(table.rows(made, **options)))


@pytest.mark.parametrize("render", [*RENDERS, plain])
def test_a_finding_is_told_with_its_citation_and_so_is_the_coverage(render):
    text = render(report(item()))
    for wanted in ("RFC 9110 §4.3.4", "shop/client.py", "Certificates are verified", "too large"):
        assert wanted in text or json.dumps(wanted)[1:-1] in text


@pytest.mark.parametrize("render", [markdown.render, html.render, plain])
def test_the_measured_precision_stands_beside_the_rule_with_what_it_rests_on(render):
    assert "tls-verify, precision 0.97 of 37 (3 its own)" in render(report(item()))


def test_explaining_tells_of_the_look_alikes_too():
    assert "of 37 (3 its own); 16 look-alikes spared (4 its own)" in plain(report(item()), explain=True)


def test_the_measured_precision_is_in_json_for_programs():
    (found,) = json.loads(as_json.render(report(item())))["findings"]
    assert found["precision"] == 0.973
    assert found["measured"] == {
        "labelled": {"right": 33, "wrong": 1, "spared": 12},
        "own": {"right": 3, "wrong": 0, "spared": 4},
        "basis": "labelled",
    }


@pytest.mark.parametrize("render", [*RENDERS, plain])
def test_an_empty_report_is_one_too(render):
    assert render(report())


def test_the_table_marks_the_place_below_the_code():
    lines = plain(report(item())).split("\n")
    code = next(number for number, line in enumerate(lines) if "return requests.get" in line)
    assert lines[code] == "     5 │ \treturn requests.get(url, verify=False)"
    assert lines[code + 1] == "       │ \t       " + "─" * 31
    assert "✗ wants true  standard  RFC 9110 §4.3.4" in lines[code + 2]


def test_the_table_shows_the_worst_first_and_not_what_is_known_or_set_aside():
    text = plain(report(HOSTILE, QUIET, KNOWN, item()))
    assert text.index(" BLOCK ") < text.index(" FLAG ")
    assert text.count(" BLOCK  ") == 1
    assert "1 BLOCK, 1 FLAG, 3 passed, 1 unchanged, 1 suppressed" in text


def test_a_list_that_does_not_name_the_value_is_no_praise_of_it_in_any_format():
    silent = Opinion(AUTHORITY._replace(id="rfc1", citation="RFC 1 §1", comparison="none_of", value=("sha1",)), True, 0.8, False)  # fmt: skip
    made = item()
    made = made._replace(finding=made.finding._replace(opinions=(*made.finding.opinions, silent)))
    for render in [*RENDERS, plain]:
        assert "RFC 1 §1" not in render(report(made))
    explained = plain(report(made), explain=True)
    assert "· does not speak of false  standard  RFC 1 §1" in explained
    assert "agrees" not in explained


def test_explaining_adds_what_took_no_part():
    assert "join: 1 paths met" not in plain(report(item()))
    assert "join: 1 paths met" in plain(report(item()), explain=True)


def test_a_file_that_changed_since_is_quoted_from_the_observation():
    text = plain(report(item(), files={"shop/client.py": "other\n" * 9}))
    assert "requests.get(url, verify=False)" in text
    assert "other" not in text


def test_json_has_everything_of_a_finding():
    hops = (Hop(4, 11, "url"),)
    (found,) = as_json.document(report(item(hops=hops)))["findings"]
    assert found["verdict"] == "BLOCK"
    assert (found["line"], found["column"], found["end_line"], found["end_column"]) == (5, 9, 5, 40)
    assert found["hops"] == [{"line": 4, "column": 11, "text": "url"}]
    assert found["authorities"][0]["citation"] == AUTHORITY.citation
    assert found["suppressed"] is None
    assert len(found["fingerprint"]) == 16


def test_json_is_the_same_each_time():
    assert as_json.render(report(item(), HOSTILE)) == as_json.render(report(item(), HOSTILE))


def test_workflow_commands_escape_what_would_end_them():
    text = github.render(report(item(file="a,b:c%.py", text="x")))
    command, *rest = text.splitlines()
    assert command.startswith("::error file=a%2Cb%3Ac%25.py,line=5,")
    assert all(not line.startswith("::") for line in rest)


def test_markdown_cannot_be_made_markup_by_the_code():
    files = {"shop/client.py": "\n\n\n\n```\n<script>\n"}
    text = markdown.render(report(item(text="```", span=Span(5, 1, 5, 4), path="a`b|c"), files=files))
    assert "````text\n" in text
    assert "`` a`b|c enabled = false ``" in text


class Page(HTMLParser):
    """Keeps tags with their attributes, and refuses a page that is not well nested."""

    VOID = frozenset({"meta", "input", "br", "rect"})
    LOOSE = frozenset({"th", "td", "tr", "li", "p", "option", "thead", "tbody"})

    def __init__(self, text):
        super().__init__()
        self.tags, self.stack, self.words = [], [], []
        self.feed(text)
        self.close()
        assert not [tag for tag in self.stack if tag not in self.LOOSE]

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.stack.append(tag)

    def handle_endtag(self, tag):
        while self.stack and self.stack[-1] != tag and self.stack[-1] in self.LOOSE:
            self.stack.pop()
        assert self.stack
        assert self.stack.pop() == tag

    def handle_data(self, data):
        self.words.append(data)


def test_html_keeps_text_from_the_code_as_text():
    page = Page(html.render(report(HOSTILE, item())))
    assert [tag for tag, _ in page.tags].count("script") == 1
    assert "img" not in [tag for tag, _ in page.tags]
    assert "</script><script>alert(1)</script>" in "".join(page.words)


def test_html_needs_nothing_from_elsewhere():
    text = html.render(report(item(), HOSTILE))
    for _, attributes in Page(text).tags:
        assert not attributes.keys() & {"src", "srcset", "style", "onclick", "onload"}
        assert attributes.get("href", "https://").startswith("https://")
    assert "@import" not in text
    assert "url(" not in text.partition("<style>")[2].partition("</style>")[0]


def test_html_runs_only_the_script_and_style_that_its_policy_names():
    text = html.render(report(item()))
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', text)
    assert policy is not None
    for name in ("style", "script"):
        body = re.search(f"<{name}>(.*?)</{name}>", text, re.DOTALL)
        assert body is not None
        assert html._hash(body[1]).replace("'", "&#x27;") in policy[1].replace("&#x27;", "'")


def test_html_links_no_address_but_of_the_web():
    made = item()
    opinion = made.finding.opinions[0]
    bad = opinion._replace(authority=AUTHORITY._replace(url="javascript:alert(1)"))
    page = Page(html.render(report(made._replace(finding=made.finding._replace(opinions=(bad,))))))
    assert not [attributes for tag, attributes in page.tags if tag == "a"]


def test_html_shows_the_trend_against_the_baseline():
    text = html.render(report(item(), KNOWN, is_compared=True, gone=[("r", "a/b", "x.py", 2)]))
    assert "Against the baseline: 3 → 2 (-1)" in text
    assert "1 new · 1 unchanged · 2 gone" in text


def test_html_hides_what_is_known_or_set_aside_until_it_is_asked_for():
    page = Page(html.render(report(QUIET, item())))
    hidden = [attributes for tag, attributes in page.tags if tag == "details" and "data-known" in attributes]
    assert len(hidden) == 1
    assert "hidden" in hidden[0]
