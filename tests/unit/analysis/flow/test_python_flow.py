"""Python: ways of input that this language has of its own."""

import pytest

from stemedb_analysis.facts.extract import extract
from stemedb_analysis.rules import FileInfo, load
from stemedb_analysis.source import Source
from stemedb_analysis.vocabulary import Vocabulary

RULES = load()


def reached(code):
    """The tail paths that input was followed to, in order."""
    source = Source(code.encode(), "a.py")
    facts = extract(source, "python", RULES.interest_in("python", Vocabulary(source.data)))
    found = RULES.observe(facts, source, FileInfo("a.py", "python"))
    return sorted({one.path for one in found if one.hops})


HEAD = "from flask import Flask, request\nimport os\nimport requests\napp = Flask(__name__)\n"


def test_members_carry_what_the_constructor_was_given():
    code = (
        "class R:\n    def __init__(self, conn, q):\n        self.conn = conn\n        self.q = q\n"
        "    def bad(self):\n        os.system('ls ' + self.q)\n    def fine(self):\n        self.conn.execute('SELECT ' + self.conn.name)\n"
        "def f(conn):\n    r = R(conn, request.args['q'])\n    r.bad()\n    r.fine()\n"
    )
    assert reached(HEAD + code) == ["exec/shell"]


def test_a_class_without_a_constructor_carries_as_a_whole():
    code = (
        "from dataclasses import dataclass\n@dataclass\nclass Q:\n    name: str\n    def go(self):\n        os.system(self.name)\n"
        "def f():\n    Q(request.args['q']).go()\n"
    )
    assert reached(HEAD + code) == ["exec/shell"]


@pytest.mark.parametrize(("target", "expected"), [("a", []), ("b", ["exec/shell"])])
def test_tuples_are_told_apart_by_element(target, expected):
    code = (
        "def two():\n    return 'fixed', request.args['q']\n"
        f"def f():\n    a, b = two()\n    os.system({target})\n"
        f"def g():\n    a, b = 'fixed', request.args['q']\n    os.system({target})\n"
    )
    assert reached(HEAD + code) == expected


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("f'https://api.example/x/{q}'", []),
        ("'https://api.example/x?q=' + q", []),
        ("f'{app.base}/x/{q}'", []),
        ("f'https://{q}.example/x'", ["ssrf/target"]),
        ("'https://%s/x' % q", ["ssrf/target"]),
        ("q + '/x'", ["ssrf/target"]),
    ],
)
def test_an_address_with_a_fixed_host_leads_nowhere_else(address, expected):
    code = f"def f():\n    q = request.args['q']\n    return requests.get({address}, timeout=3)\n"
    assert reached(HEAD + code) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("f'ls {q:d}'", []),
        ("f'ls {q:>8}'", ["exec/shell"]),
        ("'ls %d' % q", []),
        ("'ls %d %s' % (1, q)", ["exec/shell"]),
    ],
)
def test_a_number_format_lets_numbers_pass_only(text, expected):
    assert reached(HEAD + f"def f():\n    q = request.args['q']\n    os.system({text})\n") == expected


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ("log.info('%s', q)", ["log/output"]),
        ("log.info('%r', q)", []),
        ("log.info('%d of %s', 3, q)", ["log/output"]),
        ("log.info('%s of %d', 3, q)", []),
        ("log.info('%s', q.encode('unicode_escape'))", []),
    ],
)
def test_what_is_logged_goes_by_the_letters_of_the_format(call, expected):
    code = f"import logging\nlog = logging.getLogger(__name__)\ndef f():\n    q = request.args['q']\n    {call}\n"
    assert reached(HEAD + code) == expected


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("{'n': request.args['n']}", []),
        ("{'n': request.get_json()['n']}", ["nosql/query"]),
        ("{'n': str(request.get_json()['n'])}", []),
        ("json.loads(request.args['q'])", ["nosql/query"]),
    ],
)
def test_a_text_is_no_query_document_until_it_is_read_as_one(query, expected):
    code = f"import json\nimport pymongo\ndef f(db):\n    return db.t.find_one({query})\n"
    assert reached(HEAD + code) == expected


@pytest.mark.parametrize(
    ("rule", "expected"), [("<name>", ["exec/shell"]), ("<int:name>", []), ("<uuid:name>", [])]
)
def test_what_a_route_converts_is_harmless(rule, expected):
    code = f"@app.get('/x/{rule}')\ndef f(name):\n    os.system(f'ls {{name}}')\n    return ''\n"
    assert reached(HEAD + code) == expected


def test_fields_and_choices_of_a_model_are_known_by_their_types():
    code = (
        "import os\nfrom enum import Enum\nfrom fastapi import FastAPI\nfrom pydantic import BaseModel\napp = FastAPI()\n"
        "class Kind(str, Enum):\n    a = 'a'\nclass Item(BaseModel):\n    size: int\n    name: str\n"
        "@app.post('/x')\ndef f(item: Item, kind: Kind):\n    os.system(f'ls {item.size} {kind}')\n"
    )
    assert reached(code) == []
    assert reached(code.replace("{kind}", "{item.name}")) == ["exec/shell"]


def test_the_contents_of_a_file_are_no_name_of_one():
    assert (
        reached(HEAD + "import zipfile\ndef f():\n    return zipfile.ZipFile(request.files['p'].stream)\n")
        == []
    )
    assert reached(HEAD + "def f():\n    return open(request.files['p'].filename)\n") == [
        "path/user_filename"
    ]


def test_a_trace_harms_answers_alone():
    code = "import traceback\nfrom flask import jsonify\ndef f(e):\n    os.system(traceback.format_exc())\n    return jsonify(t=traceback.format_exc())\n"
    assert reached(HEAD + code) == ["error/detail"]


@pytest.mark.parametrize(
    ("value", "expected"),
    [("request.query.get('q')", ["exec/shell"]), ("Model.query.get(request.args['q'])", [])],
)
def test_what_an_address_holds_is_not_what_a_table_holds(value, expected):
    assert reached(HEAD + f"def f(request):\n    os.system('ls ' + str({value}))\n") == expected


def test_a_port_behind_a_fixed_host_lets_input_choose_no_host():
    code = "def f(port):\n    path = request.args['q']\n    requests.get(f'http://backend:{port}/{path}', timeout=3)\n"
    assert reached(HEAD + code) == []
