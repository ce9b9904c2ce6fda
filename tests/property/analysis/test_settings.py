"""Whatever a configuration file holds, its reader returns, in bounds and with places inside of the file."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stemedb_analysis.facts.model import Facts
from stemedb_analysis.settings.collector import FAULTS_MAX, SETTINGS_MAX
from stemedb_analysis.settings.extract import FORMATS, extract
from stemedb_analysis.source import Source

SEEDS = {
    "apache": b'ServerTokens Full\n<VirtualHost *:443>\n Header always set A "b c" \\\n d\n <IfModule x>\n SSLEngine on\n </IfModule>\n</VirtualHost>\n',
    "haproxy": b'global\n maxconn 1 # c\nfrontend a\n bind *:80 ssl\n http-response set-header A "b c"\n option x\n',
    "dockerfile": b'# escape=`\nARG V=1\nFROM a:${V} AS b\nRUN x \\\n # c\n y <<EOF\nz\nEOF\nENV A="1" B=2\nCOPY --chmod=7 ["a", "b"]\n',
    "env": b"export A=1 # c\nB=\"x\ny\"\nC='z'\nD=\n",
    "ini": b"[a]\nb = c\n d\ne f g\nhost all all 0.0.0.0/0 trust\n[b]\nx: 'y' ; z\n",
    "json": b'{"a": [1, "\\u00e9", null, {"b": -1e3}], // c\n "d": {},}',
    "nats": b"port: 4222\nauthorization { user: a, password: $PW } # c\nroutes = [ nats://a:1, 'b' ]\ninclude \"x.conf\"\n",
    "nginx": b"http { server { listen 80; add_header A 'b' always; location ~ \\.x$ { a \"b;c\"; } } }\n",
    "properties": b"a.b=c\\\n  d\ne : f\n\\u00e9=g\n",
    "requirements": b"a[b]==1 --hash=x \\\n --hash=y\nc @ git+https://x@y\n-r z # c\n",
    "toml": b'a.b = 1\n[c."d"]\ne = [1, {f = "g"}]\n[[h]]\ni = """\nj"""\nk = 1979-05-27\n',
    "yaml": b"a: &x {b: 1}\nc: [*x, 'y', \"z\\n\"]\nd:\n  <<: *x\n---\ne: |\n  f\n{{ if }}\n- g\n",
}  # fmt: skip
TOKENS = st.sampled_from(
    [b"{", b"}", b"[", b"]", b":", b"=", b'"', b"'", b"\\", b"\n", b"\r\n", b" ", b"\t", b"#", b"&x", b"*x", b"<<", b"|",
     b"-", b"---", b"\x00", b"\xff", b"\xef\xbb\xbf", b"\xf0\x9f\x98\x80", b"{{", b"}}", b";", b"<<EOF", b"FROM ", b"$"]
)  # fmt: skip


def check(facts: Facts, data: bytes) -> None:
    assert len(facts.settings) <= SETTINGS_MAX
    assert len(facts.faults) <= FAULTS_MAX
    for one in (*facts.settings, *facts.texts):
        assert 0 <= one.start <= one.end <= len(data)
    for setting in facts.settings:
        assert all(isinstance(part, str) for part in setting.path)
        assert setting.value is None or isinstance(setting.value, bool | int | float | str)


@pytest.mark.parametrize("format_", FORMATS)
@settings(max_examples=25)
@given(data=st.data())
def test_mutated_files_never_raise(format_: str, data: st.DataObject) -> None:
    raw = bytearray(SEEDS[format_])
    for _ in range(data.draw(st.integers(0, 6))):
        at = data.draw(st.integers(0, len(raw)))
        raw[at : at + data.draw(st.integers(0, 3))] = data.draw(TOKENS)
    source = Source(bytes(raw), "x")
    check(extract(source, format_), source.data)


@pytest.mark.parametrize("format_", FORMATS)
@settings(max_examples=12)
@given(raw=st.binary(max_size=200))
def test_arbitrary_bytes_never_raise(format_: str, raw: bytes) -> None:
    source = Source(raw, "x")
    check(extract(source, format_), source.data)


@pytest.mark.parametrize("format_", FORMATS)
def test_every_beginning_of_a_file_is_read(format_: str) -> None:
    seed = SEEDS[format_]
    for end in range(len(seed) + 1):
        check(extract(Source(seed[:end], "x"), format_), seed)


@pytest.mark.parametrize("format_", FORMATS)
@pytest.mark.parametrize(
    "unit", [b"[", b"{", b"a: ", b"- ", b"\\\n", b"a=b ", b'"', b"a\n b\n", b"<<EOF\n", b"x"]
)
def test_repetition_costs_no_more_than_its_length(format_: str, unit: bytes) -> None:
    source = Source(unit * (20_000 // len(unit)), "x")
    check(extract(source, format_), source.data)
