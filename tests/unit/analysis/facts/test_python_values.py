"""Python: what names, look-ups and comparisons stand for."""

import pytest

from support.facts_text import calls, facts


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("import os\nf(os.environ.get('V', 'x'))", "f('x'~fallback)"),
        ("import os\nf(int(os.getenv('V', '30')))", "f(30~fallback)"),
        ("import os\nf(os.environ.get('V', 'ON').lower() == 'on')", "f(True~fallback)"),
        ("import os\nf(os.environ.get('V', ''))", "f(os.environ.get('V', ''))"),
        ("import os\nf(os.environ.get('V'))", "f(os.environ.get('V'))"),
        ("def g(k):\n  o = dict(a=k)\n  f(o)", "f({'a': k})"),
        ("import m\nclass A:\n  p = m.P()\n  def g(self):\n    f(self.p)", "f(m.P())"),
        ("import m\nclass A:\n  p = m.P()\nclass B(A):\n  def g(self):\n    f(self.p)", "f(m.P())"),
        ("T = {'a': 1, 'b': 2}\nf(T['b'])", "f(2~constant)"),
        ("T = ['x', 'y']\nf(T[-1])", "f('y'~constant)"),
        ("T = {'a': 1, **more}\nf(T['a'])", "f({'a': 1, '**': more}['a'])"),
        ("T = {'a': 1}\nf(T['b'])", "f({'a': 1}~constant['b'])"),
        ("T = ['x']\nf(T[3])", "f(['x']~constant[3])"),
        ("def g(a):\n  x = a()\n  x = a(1)\n  f(x)", "f(x)"),
        ("def g():\n  for x in y():\n    f(x)", "f(x)"),
        ("def g(a):\n  x = [a]\n  x.append(1)\n  f(x)", "f(x)"),
    ],
)
def test_a_name_stands_for_what_it_got_once(source, expected):
    assert expected in calls(source, "python")


def test_what_the_environment_may_change_is_told_from_a_constant():
    found = facts("import os\nf(os.environ.get('V', 'x'), 'x')", "python")
    assert [arg.value.origin for call in found.calls if call.name == "f" for arg in call.args] == [
        "fallback",
        "literal",
    ]


def test_a_dict_that_is_added_to_may_hold_anything():
    found = facts("def g(a):\n  c = {'sub': a}\n  c['exp'] = a\n  f(c)", "python")
    value = next(call for call in found.calls if call.name == "f").args[0].value
    assert [key.value for key, _ in value.value] == ["sub", "**"]


@pytest.mark.parametrize(
    ("source", "sign"),
    [("ok = token == given", "=="), ("if len(password) < 8: pass", "<"), ("x = signature != other", "!=")],
)
def test_a_comparison_of_interest_is_a_call_by_its_sign(source, sign):
    assert [call.name for call in facts(source, "python").calls if call.name == sign] == [sign]


@pytest.mark.parametrize(
    "source", ["ok = a == b", "# token == given", "t = 'token == given'", "a < token < b"]
)
def test_other_comparisons_are_no_facts(source):
    assert [call.name for call in facts(source, "python").calls if call.name in {"==", "<"}] == []


def test_what_is_added_is_an_assignment_without_a_value():
    found = facts("import ssl\nc = ssl.create_default_context()\nc.options |= ssl.OP_ALL", "python")
    one = next(one for one in found.assigns if one.key == "options")
    assert (one.target, one.value.kind) == ("ssl.create_default_context.options", "other")


def test_a_switch_of_an_unknown_call_is_a_key():
    found = facts("f = dict(verify_ssl=False)", "python").assigns
    assert [(one.key, one.value.value) for one in found if one.key == "verify_ssl"] == [("verify_ssl", False)]


def test_a_construction_is_known_by_the_base_that_it_does_not_remake():
    source = "import m\nclass A(m.Server): pass\nclass B(m.Server):\n  def __init__(self): pass\nA()\nB()"
    assert [(call.name, call.base) for call in facts(source, "python").calls] == [
        (".A", "m.Server"),
        (".B", ""),
    ]


def test_calls_of_generated_stubs_go_by_one_name():
    source = "from acme import a_pb2_grpc\ns = a_pb2_grpc.BedStub(c)\ns.Water(x)\ns.close()"
    assert [call.name for call in facts(source, "python").calls if call.name == "()"] == ["()"]
