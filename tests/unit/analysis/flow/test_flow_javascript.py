"""Whether input reaches a sink in JavaScript and TypeScript, by the ways that only they have."""

import time

import pytest

from stemedb_analysis.facts.extract import extract
from stemedb_analysis.rules import FileInfo, load
from stemedb_analysis.source import Source
from stemedb_analysis.vocabulary import Vocabulary

RULES = load()


def reached(code, language="javascript"):
    """The tail paths that input was followed to."""
    source = Source(code.encode(), f"a.{language}")
    facts = extract(source, language, RULES.interest_in(language, Vocabulary(source.data)))
    return {one.path for one in RULES.observe(facts, source, FileInfo("a", language)) if one.hops}


def handler(body):
    return (
        "const { exec } = require('child_process');\nconst path = require('path');\nconst fs = require('fs');\n"
        f"app.get('/', (req, res) => {{\n{body}\n}});\n"
    )


@pytest.mark.parametrize(
    "body",
    [
        "const ok = isAllowed(req.query.q); if (!ok) { return; } exec('ls ' + req.query.q, done);",
        "const ok = NAMES.includes(q.name); if (ok) { exec('ls ' + q.name, done); }",
        "let ok = false; const one = req.query.q; for (const name of NAMES) { if (one === 'all') { ok = true; } } if (ok) { exec('ls ' + one, done); }",
    ],
)
def test_a_name_that_holds_the_answer_to_a_test_is_a_test(body):
    assert reached(handler(f"const q = req.query; {body}")) == set()


@pytest.mark.parametrize(
    "body",
    [
        "const ok = isAllowed(req.query.other); if (!ok) { return; } exec('ls ' + req.query.q, done);",
        "let ok = isAllowed(req.query.q); ok = isOpen(); if (!ok) { return; } exec('ls ' + req.query.q, done);",
        "const ok = isAllowed(req.query.q); exec('ls ' + req.query.q, done);",
    ],
)
def test_an_answer_that_is_about_something_else_or_that_nobody_asks_is_none(body):
    assert reached(handler(body)) == {"exec/shell"}


def test_what_a_route_cut_out_of_an_address_is_a_text_and_no_document():
    code = (
        "const m = require('mongoose');\napp.get('/:id', (req, res) => {{ Users.findOne({{ id: {} }}); }});\n"
    )
    assert reached(code.format("req.params.id")) == set()
    assert reached(code.format("req.body.id")) == {"nosql/query"}


def test_what_is_asked_of_tables_is_no_document():
    code = "const m = require('mongodb');\napp.get('/', (req, res) => { users.findOne({ where: { id: req.body.id } }); });\n"
    assert reached(code) == set()


@pytest.mark.parametrize(
    "body",
    [
        "exec('ls ' + req.query.q, done);",
        "const { q } = req.query; exec(`ls ${q}`, done);",
        "const { q: name = '.' } = req.query; exec(`ls ${name}`, done);",
        "const { query } = req; const { q } = query; exec(`ls ${q}`, done);",
        "const { body: { name } } = req; exec(`ls ${name}`, done);",
        "const q = req.query.q || '.'; exec('ls ' + q, done);",
        "const q = req.query.q ? req.query.q : '.'; exec('ls ' + q, done);",
        "const all = req.body.names.map((one) => `'${one}'`).join(' '); exec('ls ' + all, done);",
        "const all = req.body.names.map(function (one) { return `'${one}'`; }).join(' '); exec('ls ' + all, done);",
        "req.body.names.forEach((one) => { exec('ls ' + one, done); });",
        "for (const one of req.body.names) { exec('ls ' + one, done); }",
        "const parts = ['ls']; parts.push(req.query.q); exec(parts.join(' '), done);",
        "const q = String(req.query.q).trim(); exec(['ls', q].join(' '), done);",
        "const options = { shell: true, command: req.query.q }; exec(options.command, done);",
        "const url = new URL(req.url, 'http://a.example'); exec('ls ' + url.searchParams.get('q'), done);",
        "const { query } = require('url').parse(req.url, true); exec('ls ' + query.q, done);",
        "const { q } = JSON.parse(req.body); exec('ls ' + q, done);",
        "const { q } = JSON.parse(req.body); handlers[q]();\n exec('ls ' + q, done);",
        "const clean = (s) => s.replace(/a/g, 'b'); exec('ls ' + req.query.q.replace(/a/g, 'b'), done);",
    ],
)
def test_input_is_followed_through(body):
    assert "exec/shell" in reached(handler(body))


@pytest.mark.parametrize(
    "body",
    [
        "exec(req.query.long ? 'ls -l' : 'ls', done);",
        "const all = req.body.names.map(() => '?').join(' '); exec('ls ' + all, done);",
        "const all = req.body.names.map(Number).join(' '); exec('ls ' + all, done);",
        "const all = req.body.names.map((one) => Number(one)).join(' '); exec('ls ' + all, done);",
        "const all = req.body.names.map((one) => { return parseInt(one, 10); }).join(' '); exec('ls ' + all, done);",
        "const q = req.query.q.replace(/[^a-z0-9_-]/gi, ''); exec('ls ' + q, done);",
        "const q = req.query.q.replace(/\\W+/g, ''); exec('ls ' + q, done);",
        "const { q } = req.query; if (!ALLOWED.has(q)) return; exec('ls ' + q, done);",
        "const { q } = req.query; if (!Object.hasOwn(TOOLS, q)) return; exec('ls ' + q, done);",
        "const { names } = req.body; if (!names.every((one) => /^\\w+$/.test(one))) return; exec('ls ' + names.join(' '), done);",
        "const q = NAMES.find((one) => one === req.query.q); exec('ls ' + q, done);",
        "const n = Number(req.query.n); exec(`ls ${n}`, done);",
        "const n = +req.query.n; exec(`ls ${n}`, done);",
        "const n = req.query.n * 2; exec(`ls ${n}`, done);",
        "exec(TOOLS[req.query.q], done);",
        "async.map(req.body.names, one, function (err, all) { exec('ls ' + err, done); });",
        "exec('ls ' + req.query.q.length, done);",
    ],
)
def test_input_that_is_made_harmless_is_no_path(body):
    assert "exec/shell" not in reached(handler(body))


@pytest.mark.parametrize(
    ("code", "path"),
    [
        (
            "const { exec } = require('child_process');\nwss.on('connection', (ws) => { ws.on('message', (data) => { exec('ls ' + data); }); });",
            "exec/shell",
        ),
        (
            "const { exec } = require('child_process');\nio.on('connection', (socket) => { socket.on('list', ({ dir }) => { exec('ls ' + dir); }); });",
            "exec/shell",
        ),
        ("window.addEventListener('message', (event) => { eval(event.data); });", "code/eval"),
        (
            "const { exec } = require('child_process');\nconst { promisify } = require('util');\nconst run = promisify(exec);\napp.get('/', async (req, res) => { await run('ls ' + req.query.q); });",
            "exec/shell",
        ),
        (
            "const fs = require('fs');\nexports.handler = async (event) => fs.readFileSync('/data/' + event.queryStringParameters.name);",
            "path/user_filename",
        ),
        (
            "const { exec } = require('child_process');\nfunction list(dir) { return exec('ls ' + dir); }\napp.get('/', (req, res) => { list(req.query.dir); });",
            "exec/shell",
        ),
        (
            "import { exec } from 'child_process';\nrouter.post('/', async (ctx) => { exec('ls ' + ctx.request.body.dir); });",
            "exec/shell",
        ),
        (
            "import { exec } from 'child_process';\napp.get('/', async (c) => { exec('ls ' + c.req.query('dir')); });",
            "exec/shell",
        ),
        (
            "import { exec } from 'child_process';\nexport async function GET(request) { const { searchParams } = new URL(request.url); exec('ls ' + searchParams.get('dir')); }",
            "exec/shell",
        ),
        (
            "import { exec } from 'child_process';\nexport async function POST(request) { const { dir } = await request.json(); exec('ls ' + dir); }",
            "exec/shell",
        ),
    ],
)
def test_input_comes_from_many_places(code, path):
    assert path in reached(code)


def test_fields_carry_input_from_one_method_to_another():
    code = (
        "const pg = require('pg');\nclass Search {\n  constructor() { this.filter = '1 = 1'; }\n"
        "  by(name) { this.filter = `name = '${name}'`; return this; }\n"
        "  run() { return pool.query('SELECT * FROM t WHERE ' + this.filter); }\n}\n"
        "app.get('/', (req, res) => { res.json(new Search().by(req.query.name).run()); });\n"
    )
    assert "sql/parameterized" in reached(code)


def test_values_beside_a_statement_are_no_part_of_it():
    code = (
        "const pg = require('pg');\napp.get('/', (req, res) => {\n"
        "  const query = { text: 'SELECT * FROM t WHERE id = $1', values: [req.query.id] };\n  pool.query(query);\n"
        "  pool.query({ text: 'SELECT 1 WHERE $1', values: [req.query.id] });\n  pool.query`SELECT ${req.query.id}`;\n});\n"
    )
    assert "sql/parameterized" not in reached(code)


def test_a_statement_among_options_is_one():
    code = (
        "const pg = require('pg');\napp.get('/', (req, res) => {\n"
        "  const text = `SELECT * FROM t WHERE id = ${req.query.id}`;\n  pool.query({ text });\n});\n"
    )
    assert "sql/parameterized" in reached(code)


def test_decorated_parameters_are_input():
    code = (
        "import { exec } from 'child_process';\nimport { Controller, Get, Query } from '@nestjs/common';\n@Controller()\n"
        "export class A {\n  @Get()\n  list(@Query('dir') dir: string) { exec('ls ' + dir); }\n}\n"
    )
    assert "exec/shell" in reached(code, "typescript")


@pytest.mark.parametrize(
    "chain",
    [
        "own" + "".join(f".step{n}(x)" for n in range(60)),
        "helper(" * 30 + "x" + ")" * 30,
        "x" + ".map((one) => one)" * 40,
        "path.join(" * 30 + "x" + ", 'a')" * 30,
    ],
)
def test_long_chains_cost_their_length(chain):
    code = f"const own = require('./own');\nconst {{ helper }} = require('./own');\nconst x = req.query.x;\nconst y = {chain};\nexec('ls ' + y, done);"
    began = time.process_time()
    reached(handler(code))
    assert time.process_time() - began < 2.0


@pytest.mark.parametrize(
    "code",
    [
        "app.get('/', (req, res) => { reply.type('text/html'); return `<p>${req.query.n}</p>`; });",
        "server.route({ handler: (request, h) => `<p>${request.query.n}</p>` });",
        "exports.handler = async (event) => ({ statusCode: 200, headers: { 'Content-Type': 'text/html' }, body: `<p>${event.body}</p>` });",
        "export default { render() { return h('div', { innerHTML: this.$route.query.n }); } };",
        "document.getElementById('a').innerHTML = location.hash;",
        "window.onmessage = (event) => { out.innerHTML = event.data.html; };",
    ],
)
def test_what_becomes_a_page_is_known_without_a_call(code):
    assert "html/output" in reached(code)


@pytest.mark.parametrize(
    "code",
    [
        "app.get('/', (req, res) => { reply.type('text/plain'); return `<p>${req.query.n}</p>`; });",
        "app.get('/', (req, res) => { const page = `<p>${req.query.n}</p>`; return page.length; });",
        "exports.handler = async (event) => ({ statusCode: 200, headers: { 'Content-Type': 'text/plain' }, body: `<p>${event.body}</p>` });",
    ],
)
def test_text_that_is_no_page_is_none(code):
    assert "html/output" not in reached(code)


def test_what_a_made_function_is_called_with_did_not_make_it():
    assert "template/source" in reached(
        "const ejs = require('ejs'); app.get('/', (req, res) => { res.end(ejs.compile(req.body.t)({})); });"
    )
    assert "template/source" not in reached(
        "const ejs = require('ejs'); app.get('/', (req, res) => { res.end(ejs.compile(TEXT)(req.query)); });"
    )


def test_a_member_of_an_object_hides_no_function_of_its_name():
    assert "ssrf/target" in reached(
        "export default { async fetch(request) { return fetch(request.headers.get('x')); } };"
    )


def test_what_a_filter_let_through_is_harmless():
    kept = "req.body.names.filter((one) => KNOWN.has(one))"
    assert "exec/shell" not in reached(handler(f"exec('ls ' + {kept}.join(' '), done);"))
    assert "exec/shell" in reached(
        handler("exec('ls ' + req.body.names.filter((one) => one.length).join(' '), done);")
    )
