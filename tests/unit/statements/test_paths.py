"""Concept paths: grammar, wire form, order, prefixes and aliases."""

import itertools
import random

import pytest

from stemedb.errors import InvalidPath
from stemedb.statements import Aliases, ConceptPath, is_well_formed, limits, subject_key


@pytest.mark.parametrize(
    ("text", "scheme", "segments"),
    [
        ("rfc://9110/tls/cert_verification", "rfc", ("9110", "tls", "cert_verification")),
        ("pkg://pypi/blake3/1.0.11", "pkg", ("pypi", "blake3", "1.0.11")),
        ("coffee", "custom", ("coffee",)),
        ("coffee/strength", "custom", ("coffee", "strength")),
        ("custom://coffee/strength", "custom", ("coffee", "strength")),
        ("a+b.c-d1://x", "a+b.c-d1", ("x",)),
        ("rfc://../.", "rfc", ("..", ".")),
        ("Käse/ 半 /%2F", "custom", ("Käse", " 半 ", "%2F")),
        ("mailto:alice", "custom", ("mailto:alice",)),
        ("s" * 32 + "://x", "s" * 32, ("x",)),
        ("a://b:c/d", "a", ("b:c", "d")),
        ("x" * 1_015, "custom", ("x" * 1_015,)),
        ("x://" + "é" * 510, "x", ("é" * 510,)),
    ],
)
def test_a_path_is_a_scheme_and_segments(text, scheme, segments):
    path = ConceptPath.parse(text)
    assert path == (scheme, segments)
    assert ConceptPath.parse(path.wire) == path
    assert subject_key(text) == path.wire == str(path)
    assert is_well_formed(text)


@pytest.mark.parametrize(
    "text",
    [
        *("", "/", "a/", "/a", "a//b", "a://", "a:///b", "a://b//c", "a://b://c"),
        *("://a", "A://a", "1a://a", "a b://c", "é://a", "s" * 33 + "://a"),
        *("a\n", "a/\x00", "a/\x7f", "a/\x85b", "\ud800", "x://a\udfff/b"),
        *("a/" * 64 + "a", "x://" + "a/" * 64 + "a"),
        *("a" * 1_016, "a" + "é" * 508, "x://" + "a" * 1_021, "x://" + "é" * 511),
    ],
)
def test_what_is_no_path_is_refused(text):
    assert not is_well_formed(text)
    with pytest.raises(InvalidPath):
        ConceptPath.parse(text)


def test_the_two_grammars_agree():
    """The regular expression and the parser, over every short text of the characters that matter."""
    for length in range(7):
        for characters in itertools.product("aA:/\n", repeat=length):
            text = "".join(characters)
            try:
                ConceptPath.parse(text)
            except InvalidPath:
                assert not is_well_formed(text), text
            else:
                assert is_well_formed(text), text
                assert subject_key(text) == ConceptPath.parse(text).wire


def test_as_many_segments_as_the_bound_are_taken():
    segments = "/".join(["a"] * limits.PATH_SEGMENTS_MAX)
    for text in (segments, f"x://{segments}"):
        assert is_well_formed(text)
        assert len(ConceptPath.parse(text).segments) == limits.PATH_SEGMENTS_MAX


def test_leaf_and_parent_walk_to_the_root():
    path: ConceptPath | None = ConceptPath.parse("rfc://9110/tls/cert")
    walked = []
    while path is not None:
        walked.append((path.wire, path.leaf))
        path = path.parent
    assert walked == [("rfc://9110/tls/cert", "cert"), ("rfc://9110/tls", "tls"), ("rfc://9110", "9110")]


@pytest.mark.parametrize(
    ("prefix", "path", "expected"),
    [
        ("a/b", "a/b", True),
        ("a/b", "a/b/c", True),
        ("a/b", "custom://a/b/c/d", True),
        ("a/b", "a/bc", False),
        ("a/b/c", "a/b", False),
        ("rfc://a", "pkg://a/b", False),
        ("rf://a", "rfc://a", False),
    ],
)
def test_a_prefix_ends_at_a_segment(prefix, path, expected):
    assert ConceptPath.parse(prefix).is_prefix_of(ConceptPath.parse(path)) is expected


def paths(*texts: str) -> list[ConceptPath]:
    return [ConceptPath.parse(text) for text in texts]


def test_aliases_are_transitive_symmetric_and_represented_by_the_smallest():
    a, b, c, d, e = paths("rfc://2818/tls", "code://tls", "std://tls", "x://1", "x://2")
    aliases = Aliases([(a, c), (b, c), (e, d)])
    assert aliases.expand(a) == aliases.expand(b) == aliases.expand(c) == {a, b, c}
    assert {aliases.resolve(path) for path in (a, b, c)} == {b}
    assert aliases.resolve(e) == aliases.resolve(d) == d


def test_circles_and_repetitions_of_aliases_are_harmless():
    a, b, c = paths("a", "b", "c")
    aliases = Aliases([(a, b), (b, c), (c, a), (a, b), (b, b)])
    assert aliases.expand(c) == {a, b, c}
    assert aliases.resolve(c) == a


def test_a_path_without_aliases_stands_for_itself():
    (alone,) = paths("a/b")
    assert Aliases().resolve(alone) == alone
    assert Aliases().expand(alone) == {alone}


def test_aliases_are_the_connected_components_whatever_the_order():
    """Against a search through the graph of pairs."""
    rng = random.Random(7)
    everything = paths(*(f"p{i}" for i in range(40)))
    for _ in range(30):
        pairs = [(rng.choice(everything), rng.choice(everything)) for _ in range(rng.randrange(40))]
        aliases = Aliases(pairs)
        for path in everything:
            reached = {path}
            while grown := {q for pair in pairs if reached & set(pair) for q in pair} - reached:
                reached |= grown
            assert aliases.expand(path) == reached
            assert aliases.resolve(path) == min(reached)
