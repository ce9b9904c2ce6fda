"""Layouts: what lies between tokens changes no name."""

import pytest

from stemedb_analysis.facts.layout import HASH, SLASHES, flat
from support.facts_text import assigns, calls


@pytest.mark.parametrize(
    ("between", "text", "expected"),
    [
        (SLASHES, "a.b", "a.b"),
        (SLASHES, "a\n  .b // why. not\n  .c", "a.b.c"),
        (SLASHES, "require(  // of node\n  'fs' /* a, b */\n)", "require('fs')"),
        (SLASHES, "import { a as b,\n c } from 'x'", "import{a as b,c}from'x'"),
        (SLASHES, "f('http://a',\n  `// no comment`)", "f('http://a',`// no comment`)"),
        (SLASHES, "f('a /* b */',\n c)", "f('a /* b */',c)"),
        (HASH, "a. # why\n  b", "a.b"),
        (HASH, "app.config[\n  'A # B'  # why\n]", "app.config['A # B']"),
        (HASH, "a \\\n . b", "a.b"),
        (HASH, "x if y\n else z", "x if y else z"),
    ],
)
def test_what_is_written_over_lines_is_read_as_one(between, text, expected):
    assert flat(text, between) == expected


def test_a_line_is_left_as_it_is():
    assert flat("a  .  b") == "a  .  b"


@pytest.mark.parametrize(
    ("language", "source", "expected"),
    [
        ("javascript", "const c = require( // of node\n'crypto'\n); c.createHash('md5')", "crypto.createHash('md5')"),
        ("javascript", "const c = require(/* webpack: no */ 'crypto'); c.createHash('md5')", "crypto.createHash('md5')"),
        ("javascript", "const { createHash, // why\n x } = require('crypto'); createHash('md5')", "crypto.createHash('md5')"),
        ("javascript", "import { // why\n createHash as h // so\n} from 'crypto';\nh('md5')", "crypto.createHash('md5')"),
        ("javascript", "import c // why\nfrom 'crypto';\nc. // it\n createHash('md5')", "crypto.createHash('md5')"),
        ("typescript", "import type { A } from 'x';\nimport /* b */ c from 'crypto';\nc.createHash('md5')", "crypto.createHash('md5')"),
        ("python", "import hashlib as h\nh. \\\n md5(x)", "hashlib.md5(x)"),
        ("python", "import hashlib as h\n(h  # why. not\n . md5(x))", "hashlib.md5(x)"),
        ("go", 'package a\nimport "crypto/md5"\nfunc f() { md5. // why\n New() }', "crypto/md5.New()"),
        ("go", 'package a\nimport "crypto/tls"\nvar c = &tls. // why\n Config{MaxVersion: 1}', "crypto/tls.Config(MaxVersion=1)@literal"),
        ("java", "import a.B;\nclass C { void f() { B // why. so\n .of(1); } }", "a.B.of(1)"),
        ("rust", 'use log::info;\nfn f() { info!("{}", // why\n a.b()); }', "log.info('{}', a.b())@macro"),
    ],
)  # fmt: skip
def test_names_are_known_in_any_layout(language, source, expected):
    assert expected in calls(source, language)


@pytest.mark.parametrize(
    ("language", "source", "plain"),
    [
        ("python", "app.config[  # why\n    'DEBUG'\n] = True", "app.config['DEBUG'] = True"),
        ("javascript", "axios.defaults. // why\ntimeout = 500;", "axios.defaults.timeout = 500;"),
        ("go", "package a\nfunc f() { c. // why\n D = 1 }", "package a\nfunc f() { c.D = 1 }"),
        ("java", "class A { void f() { b\n .c // why\n = 1; } }", "class A { void f() { b.c = 1; } }"),
        ("rust", "fn f() { a\n .b // why\n = 1; }", "fn f() { a.b = 1; }"),
    ],
)
def test_what_is_assigned_to_is_known_in_any_layout(language, source, plain):
    assert assigns(plain, language)
    assert assigns(source, language) == assigns(plain, language)
