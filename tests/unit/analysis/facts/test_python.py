"""Python: what the facts say of how names, values and statements are written."""

import pytest

from stemedb_analysis.facts.model import Interest
from support.facts_text import assigns, calls, facts, steps


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("import hashlib\nhashlib.md5(b'x')", "hashlib.md5(b'x')"),
        ("from hashlib import md5 as h\nh(x)", "hashlib.md5(x)"),
        ("import xml.etree.ElementTree as ET\nET.parse(f)", "xml.etree.ElementTree.parse(f)"),
        ("import os.path\nos.system(c)", "os.system(c)"),
        ("import hashlib\nmd5 = hashlib.md5\nmd5(x)", "hashlib.md5(x)"),
        ("from hashlib import *\nmd5(b'x')", "hashlib.md5(b'x')"),
        ("from . import db\ndb.execute(q)", ".db.execute(q)"),
        ("import requests\ns = requests.Session()\ns.get(u)", "requests.Session.get(u)"),
        ("import requests\nwith requests.Session() as s:\n  s.get(u)", "requests.Session.get(u)"),
        ("import requests\ndef f(s: requests.Session):\n  s.get(u)", "requests.Session.get(u)"),
        (
            "import requests\ndef f(s: 'requests.Session | None' = None):\n  s.get(u)",
            "requests.Session.get(u)",
        ),
        (
            "from typing import Optional as O, Optional\nimport requests\ndef f(s: Optional[requests.Session]):\n  s.get(u)",
            "requests.Session.get(u)",
        ),
        ("import sqlite3\nsqlite3.connect(f).cursor().execute(q)", "sqlite3.connect.cursor.execute(q)"),
        ("def f(thing, q):\n  thing.execute(q)", "?.execute(q)"),
        ("def f(conn, q):\n  c = conn.cursor()\n  c.execute(q)", "?.cursor.execute(q)"),
        ("import hashlib\ndef f(hashlib):\n  hashlib.md5()", "?.md5()"),
        ("from hashlib import md5\ndef f(md5):\n  md5(1)", "?(1)"),
        ("import hashlib\ndef f():\n  hashlib = Fake()\n  hashlib.md5()", "Fake.md5()"),
        ("def open(x): pass\nopen(1)", ".open(1)"),
        ("open(1)", "open(1)"),
        (
            "try:\n  import simplejson as json\nexcept ImportError:\n  json = None\njson.loads(x)",
            "simplejson.loads(x)",
        ),
        ("'a {}'.format(x).encode()", "str.format.encode()"),
        ("import m\nasync def f():\n  (await m.open()).read()", "m.open.read()"),
        (
            "import django.db.models as models\nclass A(models.Model): pass\nA.objects.raw(q)",
            "django.db.models.Model.objects.raw(q)",
        ),
        ("import v\nclass A(v.View):\n  def f(self): self.send(1)", "v.View.send(1)"),
        ("class A:\n  def g(self): pass\n  def f(self): self.g(1)", ".A.g(1)"),
        (
            "import r\nclass A:\n  def __init__(self): self.s = r.Session()\n  def f(self): self.s.get(1)",
            "r.Session.get(1)",
        ),
        ("import r\nclass A:\n  s: r.Session\n  def f(self): self.s.get(1)", "r.Session.get(1)"),
        (
            "import r\nclass A:\n  s = None\n  def f(self):\n    self.s = r.Session()\n    self.s.get(1)",
            "r.Session.get(1)",
        ),
        ("import m\nif (x := m.open()):\n  x.read(1)", "m.open.read(1)"),
        ("import m\nx = None\nx = m.A()\nx.f(1)", "m.A.f(1)"),
        ("import m\nx = m.A()\nx.f()\nx = m.B()\nx.f(1)", "m.B.f(1)"),
    ],
)
def test_names_are_resolved(source, expected):
    assert expected in calls(source, "python")


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("f(None, True, 1, 1.5, 's', b'b')", "f(None, True, 1, 1.5, 's', b'b')"),
        ("f(0x10, 1_000, -1, 60 * 60, 2 ** 10, 1 << 4)", "f(16, 1000, -1, 3600, 1024, 16)"),
        (r"f('a\n\x41', r'\d', 'a' 'b')", r"f('a\nA', '\\d', 'ab')"),
        ("f([1, (2,)], {'a': 1}, {3})", "f([1, [2]], {'a': 1}, [3])"),
        (
            "f(f'a{x}b', 'a' + x, 'a %s' % x, 'a {}'.format(x))",
            "f(<'a' x 'b'>, <'a' x>, <'a %s' x>, <'a {}' x>)",
        ),
        ("f(x[1], x.y, g().z, x or y, x if c else y)", "f(x[1], x.y, g()['z'], (x y), (x y))"),
        ("f(*a, k=1, **b)", "f(*=a, k=1, **=b)"),
        ("o = {'verify': False}\nf(**o)", "f(verify=False~constant)"),
        ("V = False\nf(V)", "f(False~constant)"),
        ("V = ['a']\ndef g():\n  f(V)", "f(['a']~constant)"),
        ("V = 1\nV = 2\nf(V)", "f(V)"),
        ("V = 1\nif c:\n  V = 1\nf(V)", "f(1~constant)"),
        ("V = 1\nV += 1\nf(V)", "f(V)"),
        ("V = 1\ndef g():\n  global V\n  V = 2\nf(V)", "f(V)"),
        ("V = 1\ndef g(V):\n  f(V)", "f(V)"),
        ("V = 1\nfor V in x:\n  f(V)", "f(V)"),
        ("def g(v=False):\n  f(v)", "f(False~default)"),
        ("import ssl\nM = ssl.CERT_NONE\nf(M)", "f(ssl.CERT_NONE~constant)"),
        ("A = 'DES'\nf(A + '/ECB')", "f('DES/ECB'~constant)"),
        ("class C:\n  D = 1\n  def g(self): f(self.D, C.D)", "f(1~constant, 1~constant)"),
        ("x = []\nf(x)", "f(x)"),
        ("n = 100\nf('a' if 7 * 18 + n > 200 else p)", "f('a')"),
        ("f(lambda: 1)", "f(())"),
        ("f(not x, not True)", "f((x), False)"),
        ("f(dict(verify=False))", "f({'verify': False})"),
        ("f('ключ')", "f('ключ')"),
    ],
)
def test_values_are_lowered(source, expected):
    assert expected in calls(source, "python")


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("DEBUG = True", "DEBUG|DEBUG = True"),
        (
            "import flask\napp = flask.Flask(n)\napp.config['DEBUG'] = True",
            "flask.Flask.config.DEBUG|DEBUG = True",
        ),
        ("f({'verify': False})", "|verify = False"),
        (
            "import ssl\nc = ssl.SSLContext()\nc.verify_mode = ssl.CERT_NONE",
            "ssl.SSLContext.verify_mode|verify_mode = ssl.CERT_NONE",
        ),
        ("def f(timeout=None): pass", "f.timeout|timeout = None~default"),
        ("T = 5\ndef f(timeout=T): pass", "f.timeout|timeout = 5~default"),
        ("class C:\n  debug: bool = True", "C.debug|debug = True"),
        ("def f(x):\n  x.debug = 1", "?.debug|debug = 1"),
        ("a = b = 1", "b|b = 1"),
    ],
)
def test_assignments_are_found(source, expected):
    assert expected in assigns(source, "python")


@pytest.mark.parametrize(
    "source",
    ["# md5(1)", "'''md5(1)'''", "x = 'md5(1)'", "def f():\n  '''md5(1)'''"],
)
def test_comments_and_strings_are_no_calls(source):
    assert calls(source, "python") == []


def test_documentation_is_no_text():
    assert facts("'''Words of a module.'''\ndef f():\n  '''And of a function.'''", "python").texts == ()


@pytest.mark.parametrize(
    ("source", "role", "name"),
    [
        ("token = 'abcdefgh'", "assigned", "token"),
        ("c['token'] = 'abcdefgh'", "assigned", "token"),
        ("f('abcdefgh')", "argument", "f"),
        ("f(key='abcdefgh')", "argument", "key"),
        ("x = {'abcdefgh': 1}", "key", ""),
        ("x = {'k': 'abcdefgh'}", "element", "k"),
        ("x = ['abcdefgh']", "element", ""),
        ("x == 'abcdefgh'", "compared", "x"),
        ("def f():\n  return 'abcdefgh'", "returned", ""),
    ],
)
def test_texts_have_roles(source, role, name):
    [text] = facts(source, "python").texts
    assert (text.value, text.role, text.name) == ("abcdefgh", role, name)


def test_decorators_are_calls_and_belong_to_their_function():
    found = facts("import app\n@app.route('/x')\n@csrf_exempt\nasync def f(a, *b, c=1, **d): pass", "python")
    assert [(one.name, one.role) for one in found.calls] == [
        ("app.route", "decorator"),
        ("csrf_exempt", "decorator"),
    ]
    [function] = found.functions
    assert function.decorators == ("app.route", "csrf_exempt")
    assert function.params == ("a", "b", "c", "d")


def test_functions_know_what_they_stand_in():
    found = facts("class A:\n  def f(self):\n    g(1)\n    return lambda: h(2)", "python")
    assert [(one.name, one.parent) for one in found.functions] == [("A.f", -1), ("A.f.lambda", 0)]
    assert [(one.name, one.function) for one in found.calls] == [("g", 0), ("h", 1)]


def test_results_tell_where_a_call_goes():
    found = facts("f()\nx = g()\nawait_ = h() + 1", "python")
    assert [one.result for one in found.calls] == ["discarded", "x", ""]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("def f(a):\n  x = a\n  x += 'b'\n  run(x)", ["assign x a", "augment x 'b'", "call run(x)"]),
        ("def f(a):\n  if False:\n    run(a)\n  else:\n    run(1)", ["call run(1)"]),
        (
            "from typing import TYPE_CHECKING\ndef f(a):\n  if TYPE_CHECKING:\n    run(a)\n  run(2)",
            ["call run(2)"],
        ),
        ("def f(a):\n  while 0:\n    run(a)\n  run(3)", ["call run(3)"]),
        ("N = 1\ndef f(a):\n  if N > 5:\n    run(a)\n  run(4)", ["call run(4)"]),
        ("def f(a):\n  if a.ok():\n    run(a)", ["call ?.ok()", "call run(a) if ?.ok()"]),
        ("def f(a):\n  for x in a:\n    run(x)", ["assign x a", "call run(x)"]),
        ("def f(a):\n  with open(a) as h:\n    run(h)", ["assign h open(a)", "call run(h)"]),
        ("def f(a):\n  x, y = a\n  run(y)", ["assign x a", "assign y a", "call run(y)"]),
        ("def f(a):\n  d['k'] = a\n  run(d)", ["assign d.k a", "call run(d)"]),
        ("def f(a):\n  def g():\n    run(a)\n  return g", ["call run(a)", "return .f.g"]),
        ("run(1)", ["call run(1)"]),
        ("def f(a='x'):\n  run(a)", ["call run(a)"]),
        (
            "def f(a):\n  try:\n    run(a)\n  except E:\n    pass\n  finally:\n    end()",
            ["call run(a)", "call end()"],
        ),
    ],
)
def test_bodies_are_told_step_by_step(source, expected):
    assert steps(source, "python") == expected


def test_only_what_is_asked_for_is_worked_out():
    interest = Interest(frozenset({"md5"}), frozenset({"debug"}), frozenset({"run"}), 100)
    source = "from hashlib import md5 as h\nh(1); g(2)\nDEBUG = 1\nOTHER = 2\ndef f():\n  run(1)\ndef g():\n  walk(2)\n"
    found = facts(source, "python", interest)
    assert [one.name for one in found.calls] == ["hashlib.md5"]
    assert [one.key for one in found.assigns] == ["DEBUG"]
    assert [found.functions[body.function].name for body in found.bodies] == ["f"]
    assert found.texts == ()


def test_errors_stay_local():
    found = facts("import hashlib\ndef f():\n  x = (\n\ndef g():\n  hashlib.md5(1)\n", "python")
    assert "hashlib.md5" in [one.name for one in found.calls]
    assert found.faults


def test_syntax_that_the_host_may_not_know_is_read():
    source = "type A[T] = list[T]\ndef f[T](x: T): g(x)\nx = f'{a!r:>{w}} {\"q\"}'\nmatch x:\n  case {'a': y}: h(y)\n"
    assert {"g(x)", "h(y)"} <= set(calls(source, "python"))


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_line_ends_and_byte_order_marks_do_not_matter(end):
    source = ("\ufeffimport hashlib", "x = hashlib.md5(", "  b'1')", "")
    assert calls(end.join(source), "python") == ["hashlib.md5(b'1')"]


def test_a_member_may_stand_on_the_line_behind_its_dot():
    """In parentheses, with a comment between."""
    assert "hashlib.md5('x')" in calls("import hashlib\n(hashlib.  # why\n  md5('x'))\n", "python")
