"""Rows screened by the words of a file."""

import pytest

from stemedb_analysis.facts.extract import extract, unwritten
from stemedb_analysis.facts.model import LANGUAGES, Interest
from stemedb_analysis.rules.load import load
from stemedb_analysis.rules.screen import Screen, alternatives, needs_of
from stemedb_analysis.source import Source
from stemedb_analysis.vocabulary import Vocabulary


@pytest.mark.parametrize(
    ("pattern", "words", "parts"),
    [
        ("requests.get", {b"requests", b"get"}, ()),
        ("*.execute", {b"execute"}, ()),
        ("*Cipher.getInstance", {b"getInstance"}, (b"Cipher",)),
        ("?.request.args", {b"request", b"args"}, ()),
        ("java.lang.Runtime.exec", {b"Runtime", b"exec"}, ()),
        ("java.lang", {b"lang"}, ()),
    ],
)
def test_a_name_needs_its_words(pattern, words, parts):
    """What a language adds by itself is not needed, save as the last part, which is always written."""
    needs = needs_of(pattern, frozenset({"java", "lang"}))
    assert (needs.words, needs.parts) == (words, parts)


@pytest.mark.parametrize(
    ("pattern", "parts"),
    [
        ("argv", ["argv"]),
        (r"input\(|get_(?:a|b)|[|]", [r"input\(", "get_(?:a|b)", "[|]"]),
        (r"\bevent\b|\benv?", [r"event(?<!\wevent)\b", r"\benv?"]),
    ],
)
def test_an_expression_falls_into_its_alternatives(pattern, parts):
    """Those of a group stay together; what no letter stands before is looked for by its own letters."""
    assert alternatives(pattern) == parts


def live(yaml_rows: str, code: str) -> bool:
    """Whether the first row of a shipped rule could fit."""
    rule = load().rules[yaml_rows]
    rows = [row for row in rule.rows if "python" in row.languages]
    return bool(Screen(rows, unwritten("python")).live(Vocabulary(code.encode())))


def test_a_row_is_dead_where_a_word_of_its_name_is_missing():
    """Both the module and the function must be named."""
    assert live("tls-certificate-verification", "import requests as r\nr.get(u, verify=False)")
    assert not live("hash-algorithm", "import requests as r\nr.get(u, verify=False)")


def test_a_row_is_dead_where_what_it_compares_with_is_missing():
    """A path in another place needs no parser."""
    assert live("predictable-temporary-path", "open('/tmp/x')")
    assert not live("predictable-temporary-path", "open('/srv/x')")


@pytest.mark.parametrize("language", LANGUAGES)
def test_names_are_made_of_words_that_the_file_writes(language):
    """The promise that screens rest on, held over the samples of all rules."""
    known = {word.encode() for word in unwritten(language)}
    for rule in load(samples=True).rules.values():
        for sample in (*rule.examples, *rule.near_misses):
            if sample.language != language:
                continue
            source = Source(sample.code.encode(), "sample")
            facts = extract(source, language, Interest())
            names = [one.name for one in (*facts.calls, *facts.imports, *facts.functions)]
            names += [one.target for one in facts.assigns] + [one.key for one in facts.assigns]
            names += [name for one in facts.functions for name in one.decorators]
            unknown = Vocabulary(" ".join(names).encode()).words - Vocabulary(source.data).words - known
            assert not unknown, (rule.id, sample.code)
