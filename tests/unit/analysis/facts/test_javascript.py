"""JavaScript and TypeScript: what the facts say of how names, values and statements are written."""

import pytest

from stemedb_analysis.facts.extract import extract
from stemedb_analysis.facts.model import Interest
from stemedb_analysis.source import Source
from support.facts_text import assigns, calls, facts, steps


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("const c = require('node:crypto'); c.createHash('md5')", "crypto.createHash('md5')"),
        ("const {createHash} = require('crypto'); createHash('md5')", "crypto.createHash('md5')"),
        ("const {createHash: h} = require('crypto'); h('md5')", "crypto.createHash('md5')"),
        ("const h = require('crypto').createHash; h('md5')", "crypto.createHash('md5')"),
        ("import c from 'crypto'; c.createHash('md5')", "crypto.createHash('md5')"),
        ("import * as c from 'crypto'; c.createHash('md5')", "crypto.createHash('md5')"),
        ("import {createHash as h} from 'crypto'; h('md5')", "crypto.createHash('md5')"),
        (
            "async function f() { const c = await import('crypto'); c.createHash('md5') }",
            "crypto.createHash('md5')",
        ),
        ("require('crypto').createHash('md5')", "crypto.createHash('md5')"),
        ("const c = require('crypto'); c?.createHash?.('md5')", "crypto.createHash('md5')"),
        (
            "const c = require('crypto'); const {createHash} = c; createHash('md5')",
            "crypto.createHash('md5')",
        ),
        ("function f(crypto) { crypto.createHash('md5') }", "?.createHash('md5')"),
        ("import crypto from 'crypto'; const f = crypto => crypto.createHash('md5')", "?.createHash('md5')"),
        ("const https = require('https'); new https.Agent({a: 1})", "https.Agent({'a': 1})@new"),
        ("const a = require('axios').create(); a.get(u)", "axios.AxiosInstance.get(u)"),
        ("const axios = require('axios'); const a = axios.create(); a(u)", "axios.AxiosInstance(u)"),
        (
            "const { promisify } = require('util'); const c = require('crypto'); const h = promisify(c.scrypt); h(p)",
            "crypto.scrypt(p)",
        ),
        (
            "const util = require('util'); const run = util.promisify(require('child_process').exec); run(x)",
            "child_process.exec(x)",
        ),
        ("const fs = require('fs'); const read = fs.readFile.bind(fs); read(x)", "fs.readFile(x)"),
        ("const app = require('express')(); app.use(x)", "express.use(x)"),
        (
            "class A { constructor() { this.db = mysql.createPool() } f() { this.db.query(1) } }",
            "mysql.createPool.query(1)",
        ),
        ("class A { db = mysql.createPool(); f() { this.db.query(1) } }", "mysql.createPool.query(1)"),
        ("class A { g() {} f() { this.g(1) } }", ".A.g(1)"),
        ("function open() {} open(1)", ".open(1)"),
        ("$.ajax(u)", "$.ajax(u)"),
        ("import x from '#inner'; x.f(1)", "#inner.f(1)"),
    ],
)
def test_names_are_resolved(source, expected):
    assert expected in calls(source, "javascript")


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (
            "import {Request} from 'express'; function f(req: Request) { req.param(1) }",
            "express.Request.param(1)",
        ),
        (
            "import {Db} from 'd'; class A { constructor(private db: Db) {} f() { this.db.query(1) } }",
            "d.Db.query(1)",
        ),
        ("import {Db} from 'd'; class A { private db: Db; f() { this.db.query(1) } }", "d.Db.query(1)"),
        ("import {Db} from 'd'; const x: Db = make(); x.query(1)", "d.Db.query(1)"),
        ("import q = require('q'); q.f(1)", "q.f(1)"),
        ("enum E { A = 'x' } f(E.A)", "f('x'~constant)"),
        ("(x as any).f(1)", "x.f(1)"),
        ("x!.f(y satisfies T)", "x.f(y)"),
    ],
)
def test_types_tell_names(source, expected):
    assert expected in calls(source, "typescript")


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("f(null, undefined, true, 1, 1.5, 0x10, 's', 10n)", "f(None, None, True, 1, 1.5, 16, 's', 10)"),
        (r"f('a\n\x41\u{42}')", r"f('a\nAB')"),
        ("f(`a${x}b`, 'a' + x, `c`)", "f(<'a' x 'b'>, <'a' x>, 'c')"),
        ("f({a: 1, 'b': [2], ...r, c, d() {}})", "f({'a': 1, 'b': [2], (): r, 'c': c})"),
        ("db.query`a ${x} b ${y}`", "db.query(['a ', ' b '], x, y)"),
        ("f(['a', 'b'].join(':'), ['a'].join(x))", "f('a:b', list.join(x))"),
        ("f(process.env.A || 'x', process.env.B ?? 3, a || 'x')", "f('x'~default, 3~default, (a 'x'))"),
        ("const o = {a: read(), b: 1}; f(o)", "f({'a': read(), 'b': 1}~constant)"),
        ("const o = Object.freeze({a: 1}); f({...o, b: 2, a: 3})", "f({'b': 2, 'a': 3})"),
        ("const o = {a: 1}; o.b = x; f(o)", "f({'a': 1, (): ?}~constant)"),
        ("const o = {a: {b: 1}}; f(o.a.b)", "f(1~constant)"),
        ("const o = {a: 1}; o.a = 2; f(o.a)", "f(o.a)"),
        ("f(Object.assign({}, {a: 1}, more, {a: 2}))", "f({(): more, 'a': 2})"),
        ("const o = {rejectUnauthorized: false}; f(o)", "f({'rejectUnauthorized': False}~constant)"),
        ("let v = 1; v = 2; f(v)", "f(v)"),
        ("let v = 1; if (c) { v = 1 } f(v)", "f(1~constant)"),
        ("let v = 1; v++; f(v)", "f(v)"),
        ("let v; f(v, v.w)", "f(v, v.w)"),
        ("function g(v = W) {} const W = 1; f(W)", "f(1~constant)"),
        ("let v; v = 1; f(v)", "f(1~constant)"),
        ("function g(v = false) { f(v) }", "f(False~default)"),
        ("f(!0, 60 * 1000, -1)", "f(True, 60000, -1)"),
        ("f(a ? 'x' : y, a || 'b', a ?? 'c')", "f(('x' y), (a 'b'), (a 'c'))"),
        ("f(x['k'], x.y, ...z)", "f(x['k'], x.y, *=z)"),
        ("f(() => 1, function () {})", "f((), ())"),
    ],
)
def test_values_are_lowered(source, expected):
    assert expected in calls(source, "javascript")


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (
            "process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0'",
            "process.env.NODE_TLS_REJECT_UNAUTHORIZED|NODE_TLS_REJECT_UNAUTHORIZED = '0'",
        ),
        ("process.env['A'] = '0'", "process.env.A|A = '0'"),
        ("f({secure: false})", "|secure = False"),
        ("const debug = true", "debug|debug = True"),
        ("class A { static debug = true }", "A.debug|debug = True"),
        ("document.getElementById('x').innerHTML = y", "document.getElementById.innerHTML|innerHTML = y"),
        ("x = <div dangerouslySetInnerHTML={{__html: y}} />", "|__html = y"),
        ("x = <a href={y}/>", "a.href|href = y"),
    ],
)
def test_assignments_are_found(source, expected):
    assert expected in assigns(source, "javascript")


@pytest.mark.parametrize(
    "source", ["// md5(1)", "/* md5(1) */", "x = 'md5(1)'", "x = `md5(1)`", "x = /md5(1)/"]
)
def test_comments_and_strings_are_no_calls(source):
    assert calls(source, "javascript") == []


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("function f(a) { let x = a; x += 'b'; run(x) }", ["assign x a", "augment x 'b'", "call run(x)"]),
        ("function f(a) { if (false) { run(a) } else { run(1) } }", ["call run(1)"]),
        ("const f = a => run(a)", ["return run(a)"]),
        ("function f(a) { q(a, b => { run(b) }) }", ["call q(a, ())", "call run(b)"]),
        ("function f(a) { const {b, c: d} = a; run(d) }", ["assign b a.b", "assign d a.c", "call run(d)"]),
        ("function f(a) { for (const x of a) run(x) }", ["assign x a", "call run(x)"]),
        ("function f(a) { el.innerHTML = a }", ["assign el.innerHTML a"]),
        ("function f(a) { if (a) run(1); else run(2) }", ["call run(1) if a", "call run(2) if (a)"]),
        ("function f(a) { switch (a) { case 1: run(a) } }", ["call run(a) if (a 0)"]),
        ("function f(a) { switch ('x') { case 'x': run(1); break; default: run(a) } }", ["call run(1)"]),
    ],
)
def test_bodies_are_told_step_by_step(source, expected):
    assert steps(source, "javascript") == expected


def test_decorators_are_calls():
    [first, second] = facts("class A { @Get('/x') f() {} @Auth g() {} }", "typescript").calls
    assert (first.name, first.role, second.name, second.role) == ("Get", "decorator", "Auth", "decorator")


def test_functions_have_the_names_that_they_are_given():
    found = facts("const f = (a, {b, c: d}) => 1; class K { m(x) {} } x.y = function () {}", "javascript")
    assert [(one.name, one.params) for one in found.functions] == [
        ("f", ("a", "b", "d")),
        ("K.m", ("x",)),
        ("y", ()),
    ]


def test_markup_is_read_in_tsx_and_casts_in_ts():
    assert calls("const x = <A b={f(1)}/>", "typescript", "x.tsx") == ["f(1)"]
    assert calls("const x = <T>f(1)", "typescript", "x.ts") == ["f(1)"]


def test_types_are_no_texts():
    assert facts("type A = 'abcdefghij'; 'use strict and more'", "typescript").texts == ()


def test_errors_stay_local():
    found = facts("x = ];\nrequire('crypto').createHash('md5')\n", "javascript")
    assert "crypto.createHash" in [one.name for one in found.calls]
    assert found.faults


def test_a_module_that_is_called_as_it_is_taken_in_is_asked_for_by_its_name() -> None:
    interest = Interest(calls=frozenset({"koa-helmet"}), keys=frozenset(), sinks=frozenset())
    source = Source(
        b"app.use(require('koa-helmet')({ hsts: false })); require('other')(1); require('koa-helmet').on(2)"
    )
    assert [call.name for call in extract(source, "javascript", interest).calls] == ["koa-helmet"]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("!p && false", "False"),
        ("p || true", "True"),
        ("p && true", "(p True)"),
        ("p || false", "(p False)"),
    ],
)
def test_a_constant_on_the_right_may_decide(value, expected):
    """Whatever stands on the left, ``x && false`` does not hold."""
    assert f"f({{'a': {expected}}})" in calls(f"f({{ a: {value} }})", "javascript")
