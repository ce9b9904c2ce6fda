"""Whether input reaches a sink, told by small handlers in their own languages."""

import pytest

from stemedb_analysis.facts.extract import extract
from stemedb_analysis.rules import FileInfo, load
from stemedb_analysis.source import Source
from stemedb_analysis.vocabulary import Vocabulary

RULES = load()


def observe(language, code):
    source = Source(code.encode(), f"a.{language}")
    facts = extract(source, language, RULES.interest_in(language, Vocabulary(source.data)))
    return RULES.observe(facts, source, FileInfo("a", language))


def reached(language, code):
    """The tail paths that input was followed to."""
    return {one.path for one in observe(language, code) if one.hops}


def flask(body):
    return (
        "from flask import request\nimport os, re, shlex, subprocess\ndef handler(cur):\n    q = request.args['q']\n"
        + "".join(f"    {line}\n" for line in body.split("\n"))
    )


@pytest.mark.parametrize(
    "body",
    [
        "os.system(q)",
        "os.system('ls ' + q)",
        "os.system(f'ls {q}')",
        "os.system('ls {}'.format(q))",
        "os.system('ls %s' % q)",
        "a = q\nb = a.strip().lower()\nos.system(b)",
        "parts = ['ls']\nparts.append(q)\nos.system(' '.join(parts))",
        "d = {'x': q}\nos.system(d['x'])",
        "cmd = 'ls '\ncmd += q\nos.system(cmd)",
        "if flag:\n    q = 'safe'\nos.system(q)",
        "for one in q.split(','):\n    os.system(one)",
        "a, b = q, 1\nos.system(a)",
    ],
)
def test_input_is_followed_through(body):
    assert reached("python", flask(body)) == {"exec/shell"}


@pytest.mark.parametrize(
    "body",
    [
        "os.system('ls')",
        "q = 'safe'\nos.system(q)",
        "os.system('ls ' + shlex.quote(q))",
        "os.system('ls ' + str(int(q)))",
        "if q not in ALLOWED:\n    return None\nos.system(q)",
        "if q in {'a', 'b'}:\n    os.system(q)",
        "if not re.fullmatch(r'[a-z]{1,8}', q):\n    raise ValueError(q)\nos.system('ls ' + q)",
        "if q.isalnum():\n    os.system('ls ' + q)",
        "if False:\n    os.system(q)",
        "subprocess.run(['ls', q])",
        "os.system(COMMANDS[q])",
        "os.system('echo ' + str(len(q)))",
    ],
)
def test_input_that_is_made_harmless_is_no_path(body):
    assert "exec/shell" not in reached("python", flask(body))


def test_a_sanitizer_clears_only_its_kind_of_harm():
    assert reached("python", flask("p = shlex.quote(q)\nopen(p).read()")) == {"path/user_filename"}


@pytest.mark.parametrize(
    ("address", "is_reached"),
    [
        ("'https://' + q + '/x'", True),
        ("'https://a.example' + q", True),
        ("'https://%s/x' % q", True),
        ("'https://{}/x'.format(q)", True),
        ("q + '/x'", True),
        ("'https://a.example/' + q", False),
        ("'https://a.example/%s' % q", False),
        ("f'{BASE}/items/{q}'", False),
    ],
)
def test_input_behind_the_host_of_an_address_chooses_no_host(address, is_reached):
    code = f"import requests\n{flask(f'requests.get({address})')}"
    assert ("ssrf/target" in reached("python", code)) is is_reached


def test_hops_lead_from_the_source_to_the_sink():
    (seen,) = [one for one in observe("python", flask("cmd = 'ls ' + q\nos.system(cmd)")) if one.hops]
    assert [hop.line for hop in seen.hops] == sorted(hop.line for hop in seen.hops)
    assert seen.hops[0].line == 4
    assert "request.args" in seen.hops[0].text
    assert (seen.hops[-1].line, seen.hops[-1].text) == (6, "os.system(cmd)")
    assert seen.span.line == 6


def test_text_put_together_from_who_knows_what_is_less_sure_and_has_no_hops():
    (seen,) = observe("python", "def f(cur, name):\n    cur.execute('SELECT * FROM t WHERE n = ' + name)\n")
    assert (seen.path, seen.hops) == ("sql/parameterized", ())
    assert seen.confidence < 0.8


def test_constants_and_capitals_put_into_a_statement_are_nothing():
    code = "TABLE = 'users'\ndef f(cur):\n    cur.execute(f'SELECT * FROM {TABLE} WHERE id = %s', (1,))\n"
    assert [one for one in observe("python", code) if one.path == "sql/parameterized"] == []


@pytest.mark.parametrize(
    ("language", "code", "path"),
    [
        ("javascript", "app.get('/', (req, res) => { const n = req.query.n; res.send('<b>' + n); });", "html/output"),
        ("typescript", "import { Request, Response } from 'express';\nr.get('/', (req: Request, res: Response) => { res.redirect(req.query.to as string); });", "redirect/target"),
        ("go", 'package m\nimport ("net/http"\n"os")\nfunc h(w http.ResponseWriter, r *http.Request) { b, e := os.ReadFile(r.FormValue("f")); use(b, e) }', "path/user_filename"),
        ("java", 'import org.springframework.web.bind.annotation.*;\nclass A { @GetMapping("/") void f(@RequestParam String h) throws Exception { Runtime.getRuntime().exec("ping " + h); } }', "exec/shell"),
        ("rust", "use axum::extract::Query;\nasync fn f(Query(p): Query<P>) -> String { reqwest::get(&p.url).await.unwrap().text().await.unwrap() }", "ssrf/target"),
    ],
)  # fmt: skip
def test_frameworks_of_other_languages_bring_input_too(language, code, path):
    assert path in reached(language, code)


@pytest.mark.parametrize(
    "code",
    [
        "",
        "def f(",
        "x = " + "(" * 500 + ")" * 500,
        "a = a = a\n" * 300,
        "def f(a):\n" + "    a = a + a\n" * 500,
    ],
)
def test_awkward_code_ends(code):
    observe("python", f"from flask import request\nimport os\n{code}\nos.system(request.args['x'])\n")
