"""Whatever the bytes are, the facts layer answers: no exception, in bounded time, the same each time, with places inside of the file."""

import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stemedb_analysis.facts.extract import extract
from stemedb_analysis.facts.model import LANGUAGES, Facts, Interest
from stemedb_analysis.source import Source

CPU_S_MAX = 30.0
"""For the worst of the sources below; they take two seconds at most on an idle computer."""
SAMPLES = Path(__file__).parents[2] / "golden" / "facts"
PIECES = (
    b"(", b")", b"{", b"}", b"[", b'"', b"'", b"`", b"${", b"\n", b"\r\n", b".", b"=", b"\\", b"\0", b"\xff", b"\xef\xbb\xbf", b"/*", b"#", b"//",
    b"<", b"::", b"=>", b"async ", b"class ", b"import ", b"lambda ", b"fn ", b"if ", b"else ", b"@", b'f"{', b"\xf0\x9f\x92\xa9", b":=",
)  # fmt: skip
EVERYTHING = Interest(text_bytes_min=0)


def sample(language: str) -> bytes:
    return (SAMPLES / f"{'typescript' if language == 'javascript' else language}.txt").read_bytes()


def check(data: bytes, language: str) -> Facts:
    source = Source(data, "x.py")
    began = time.process_time()
    found = extract(source, language, EVERYTHING)
    assert time.process_time() - began < CPU_S_MAX
    for fact in (*found.calls, *found.assigns, *found.imports, *found.texts, *found.functions):
        assert 0 <= fact.start <= fact.end <= len(source.data)
    for fact in (*found.calls, *found.assigns, *found.texts):
        assert -1 <= fact.function < len(found.functions)
    return found


@settings(max_examples=25, deadline=None)
@given(data=st.binary(max_size=300), language=st.sampled_from(LANGUAGES))
def test_any_bytes_are_read(data, language):
    check(data, language)


@st.composite
def mutated(draw):
    language = draw(st.sampled_from(LANGUAGES))
    data = bytearray(sample(language))
    for _ in range(draw(st.integers(1, 8))):
        at = draw(st.integers(0, len(data)))
        match draw(st.integers(0, 2)):
            case 0:
                del data[at : at + draw(st.integers(1, 60))]
            case 1:
                data[at:at] = draw(st.sampled_from(PIECES))
            case 2:
                start = draw(st.integers(0, len(data)))
                data[at:at] = data[start : start + draw(st.integers(1, 80))]
    return language, bytes(data)


@settings(max_examples=25, deadline=None)
@given(case=mutated())
def test_damaged_sources_are_read_the_same_way_twice(case):
    language, data = case
    assert check(data, language) == check(data, language)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "data",
    [
        b"x = " + b"(" * 3000 + b")" * 3000,
        b"[" * 5000,
        b"f(" * 3000,
        b"a" + b".b()" * 3000,
        b"x = a" + b' + "b"' * 3000,
        b"x = " + b'{"a":' * 1000 + b"1" + b"}" * 1000,
        b'x = "' + b"a" * 500_000 + b'"',
        b"\0" * 10_000,
        b'"' * 5000,
        b"`${" * 2000,
        b"".join(b" " * depth + b"if x:\n" for depth in range(300)),
        b"if a:\n  eval(1)\n" + b"elif b:\n  eval(2)\n" * 2000,
        b"function f(){ if(a){eval(1)}" + b" else if(b){eval(2)}" * 1000 + b"}",
        b"x = " + b"a => " * 1000 + b"eval(1)",
        b"@a\n" * 2000 + b"def f(): pass",
        b"\n".join(b"x%d = x%d.y()" % (number, number + 1) for number in range(2000)) + b"\nf(x0)",
        b"\n".join(b"x%d = [x%d, x%d]" % (number + 1, number, number) for number in range(60)) + b"\nf(x60)",
        b"\n".join(b"x = f(x, %d)" % number for number in range(1000)),
        b"f(" + b'{"verify": f(' * 500 + b")}" * 500,
    ],
    ids=lambda data: data[:12].decode("latin-1"),
)
def test_pathological_sources_cost_a_bounded_time(data, language):
    check(data, language)
