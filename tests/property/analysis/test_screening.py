"""Screened or not, a file says the same."""

import random
from functools import cache

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from stemedb_analysis.facts.extract import extract
from stemedb_analysis.facts.model import LANGUAGES, Interest
from stemedb_analysis.rules.load import load
from stemedb_analysis.rules.model import GROUPS, FileInfo
from stemedb_analysis.scan import file as scanning
from stemedb_analysis.secrets.detect import observe as observe_secrets
from stemedb_analysis.source import Source
from stemedb_analysis.vocabulary import Vocabulary
from stemedb_analysis.walk.languages import language_of
from support.analysis_samples import samples as bodies
from support.effort import FACTOR
from support.layouts import relaid

PIECES_MAX = 4
RULES_STEP = max(1, 6 // FACTOR)
LAYOUTS = min(400, 40 * FACTOR)


@cache
def shipped():
    """The shipped rules, loaded once."""
    return load()


@cache
def pieces(language):
    """The samples of all rules in one language."""
    return [
        sample.code
        for rule in load(samples=True).rules.values()
        for sample in (*rule.examples, *rule.near_misses)
        if GROUPS.get(language, language) == sample.language
    ]


def everything(ruleset, language: str) -> Interest:
    """All that could be asked, and every function with a body."""
    return ruleset.interest._replace(text_bytes_min=4, sinks=None)


def both_ways(code: str, language: str, ruleset) -> tuple[list, list]:
    """What is observed in a file that is screened, and in one of which everything is worked out."""
    source, info = Source(code.encode(), "f"), FileInfo("f", language)
    vocabulary = Vocabulary(source.data)
    asked = ruleset.interest_in(language, vocabulary)
    if scanning.speaks_of_secrets(vocabulary, language):
        asked = asked._replace(texts=True)
    found = []
    for interest in (asked, everything(ruleset, language)):
        facts = extract(source, language, interest)
        found.append([*ruleset.observe(facts, source, info), *observe_secrets(facts, source, info)])
    return found[0], found[1]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_samples_of_a_rule_say_the_same_to_it_alone(language):
    """Where no other rule asks for more. Of the rules a part, another for each language; `make fuzz` takes all of them."""
    first = LANGUAGES.index(language)
    for rule in list(load(samples=True).rules.values())[first % RULES_STEP :: RULES_STEP]:
        samples = [one for one in (*rule.examples, *rule.near_misses) if one.language == language]
        if samples:
            alone = shipped().only(rule)
            for sample in samples:
                screened, unscreened = both_ways(sample.code, language, alone)
                assert screened == unscreened, sample.code


@pytest.mark.parametrize("language", LANGUAGES)
@settings(max_examples=min(200, 20 * FACTOR), deadline=None)
@given(data=st.data())
def test_compositions_of_samples_say_the_same(language, data):
    """What one piece writes may wake rules of another, and must not change what they say."""
    chosen = data.draw(st.lists(st.sampled_from(pieces(language)), min_size=1, max_size=PIECES_MAX))
    screened, unscreened = both_ways("\n".join(chosen), language, shipped())
    assert screened == unscreened


@pytest.mark.parametrize("language", LANGUAGES)
@settings(max_examples=LAYOUTS, deadline=None, derandomize=FACTOR == 1)  # any layout is for `make fuzz`
@given(data=st.data())
def test_other_layouts_of_samples_say_the_same(language, data):
    """A line may end, and a comment stand, wherever two tokens meet; the words of a file tell the same."""
    code = data.draw(st.sampled_from(pieces(language)))
    changed = relaid(code, language, random.Random(data.draw(st.integers(0, 2**32))))
    assume(changed is not None)
    screened, unscreened = both_ways(changed, language, shipped())
    assert screened == unscreened


def test_whole_programs_say_the_same():
    """The labelled bodies, in which input takes its ways."""
    for sample in bodies():
        language = language_of(sample.file, sample.code.encode())
        if language in LANGUAGES:
            screened, unscreened = both_ways(sample.code, language, shipped())
            assert screened == unscreened, sample.name
