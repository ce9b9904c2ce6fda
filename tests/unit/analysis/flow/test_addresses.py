"""Input that becomes part of an address, and whether it chooses the host."""

import pytest

from stemedb_analysis.facts.extract import extract
from stemedb_analysis.rules import FileInfo, load
from stemedb_analysis.source import Source
from stemedb_analysis.vocabulary import Vocabulary

RULES = load()


def reached(language, code):
    source = Source(code.encode(), f"a.{language}")
    facts = extract(source, language, RULES.interest_in(language, Vocabulary(source.data)))
    return {one.path for one in RULES.observe(facts, source, FileInfo("a", language)) if one.hops}


def express(body):
    return f"const http = require('http');\napp.get('/', (req, res) => {{\n{body}\n}});\n"


@pytest.mark.parametrize(
    "body",
    [
        "res.redirect(hosts[0] + req.url);",
        "res.redirect(303, `./callback?${new URLSearchParams(req.body)}`);",
        "res.redirect(`/users/${req.query.id}`);",
        "res.redirect(`${settings.base}/?${req.query.q}`);",
        "res.redirect('https://a.example/?q=' + req.query.q);",
        "res.redirect(['./', ...req.url.split('?').slice(1)].join('?'));",
        "res.redirect('https://' + req.hostname + req.originalUrl);",
        "res.redirect(base + req.path.match(/^\\/topic\\/(\\d+)\\//)[0]);",
        "http.request({ host: HOST, path: `/f/${req.params.id}` });",
        "const o = { host: HOST };\no.path = req.query.path;\nhttp.request(o);",
    ],
)
def test_input_behind_the_host_chooses_none(body):
    assert reached("javascript", express(body)) == set()


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ("res.redirect(req.query.next);", "redirect/target"),
        ("res.redirect('/' + req.query.next);", "redirect/target"),
        ("res.redirect('https://' + req.query.host);", "redirect/target"),
        ("res.redirect(`${req.query.base}/home`);", "redirect/target"),
        ("http.request({ host: req.query.host, path: '/' });", "ssrf/target"),
        ("const o = { path: '/' };\no.host = req.query.host;\nhttp.request(o);", "ssrf/target"),
    ],
)
def test_input_that_may_be_the_host_is_told(body, path):
    assert reached("javascript", express(body)) == {path}


def test_a_pattern_settles_the_host_in_go_and_python():
    go = (
        'package main\nimport (\n"fmt"\n"net/http"\n)\nfunc f(w http.ResponseWriter, r *http.Request) {\n'
        '\thttp.Get(fmt.Sprintf("https://a.example/%s", r.FormValue("q")))\n}'
    )
    python = "from flask import request\nimport requests\ndef f():\n    requests.get('https://a.example/{}'.format(request.args['q']))\n"
    assert reached("go", go) == set()
    assert reached("python", python) == set()


@pytest.mark.parametrize(
    "code",
    [
        'package main\nimport "net/http"\nfunc f(w http.ResponseWriter, r *http.Request) {\n\thttp.Redirect(w, r, "https://"+r.Host, 301)\n}',
        'package main\nimport (\n"net/http"\n"os"\n)\nfunc f() {\n\treq, err := http.NewRequest("GET", u, nil)\n\tos.Open(req.URL.String())\n\tuse(err)\n}',
    ],
)
def test_own_host_and_own_requests_are_no_input(code):
    assert reached("go", code) == set()


@pytest.mark.parametrize(
    "code",
    [
        "from aiohttp import web\nasync def f(request: web.Request):\n    return web.FileResponse(request.app['root'])\n",
        "import requests\ndef f():\n    r = requests.request('GET', URL)\n    requests.get(r.json()['next'])\n",
        "from flask import request\nfrom zipfile import ZipFile\ndef f():\n    up = request.files['f']\n    return ZipFile(up)\n",
        "from flask import request, redirect\ndef f():\n    return redirect(request.full_path)\n",
        "from flask import request, redirect\ndef f(url):\n    return redirect('%s?%s' % (url, request.args['q']))\n",
    ],
)
def test_the_application_answers_and_uploads_are_no_input_of_that_kind(code):
    assert reached("python", code) == set()


def test_the_name_of_an_upload_is_what_the_client_wrote():
    code = "from flask import request\ndef f():\n    up = request.files['f']\n    return open(up.filename)\n"
    assert reached("python", code) == {"path/user_filename"}


@pytest.mark.parametrize(
    "says",
    [
        "res.setHeader('Content-Type', 'text/plain');",
        "res.writeHead(404, { 'Content-Type': 'text/plain;charset=UTF-8' });",
        "res.type('txt');",
        "res.set('Content-Type', 'application/json; charset=utf-8');",
    ],
)
def test_an_answer_that_is_no_page_runs_no_script(says):
    assert reached("javascript", express(f"{says}\nres.send('no ' + req.query.n);")) == set()


@pytest.mark.parametrize("says", ["", "res.type('html');", "res.setHeader('Content-Type', 'image/svg+xml');"])
def test_an_answer_that_may_be_a_page_does(says):
    assert reached("javascript", express(f"{says}\nres.send('no ' + req.query.n);")) == {"html/output"}


def test_what_an_unknown_function_returns_is_less_sure():
    def confidence(code):
        source = Source(code.encode(), "a.javascript")
        facts = extract(source, "javascript", RULES.interest_in("javascript", Vocabulary(source.data)))
        found = RULES.observe(facts, source, FileInfo("a", "javascript"))
        return next(one.confidence for one in found if one.path == "html/output")

    direct = confidence(express("res.send('<p>' + req.query.n);"))
    through = confidence(
        "const page = require('./page');\n" + express("res.send('<p>' + page.of(req.query.n));")
    )
    assert through == pytest.approx(direct * 0.8)


def test_where_an_upload_was_put_is_the_server_s_choice():
    code = "const fs = require('fs');\napp.post('/', (req, res) => {\n  const file = req.file;\n  fs.unlinkSync(%s);\n});\n"
    assert reached("javascript", code % "file.path") == set()
    assert reached("javascript", code % "file.originalname") == {"path/user_filename"}
