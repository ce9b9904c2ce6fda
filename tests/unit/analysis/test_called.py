"""Words of Python files that may be the names of what is called."""

import pytest

from stemedb_analysis.called import is_called, is_key, is_set, may_be_called, other_names


@pytest.mark.parametrize(
    "code",
    [
        "x.run(1)", "x.run (1)", "from a import run", "from a import run as r", "r = x.run", "r = x.run if x else None", "call(x.run, 1)",
        "[a.run]", "@a.run\ndef f(): ...", "r = a.run; r()", "def f(r: run = None): r()", "def f(r: Optional[a.run]=None): r()", "x.run[0](1)",
        "def f(a, r: 'run'): r()", "run", "rerun = 1\nx.run()", "r = x.run  # comment", "a = run or stop",
    ],
)  # fmt: skip
def test_what_is_called_or_named_anew_may_be_called(code):
    """However it is written."""
    assert may_be_called(code.encode(), b"run", is_whole=False)


@pytest.mark.parametrize(
    "code",
    [
        "# the run of it",
        "f(run=1)",
        "f(a,\n  run=1)",
        "run.stop()",
        "rerun(1)",
        "run_all(1)",
        "{run: 1}",
        "walk()",
    ],
)
def test_members_keywords_keys_and_prose_are_not_called(code):
    """Nor is a part of a longer word."""
    assert not may_be_called(code.encode(), b"run", is_whole=False)


def test_a_whole_name_is_no_member():
    """`compile` is not `re.compile`."""
    assert may_be_called(b"compile(x)", b"compile", is_whole=True)
    assert not may_be_called(b"re.compile(x)", b"compile", is_whole=True)


@pytest.mark.parametrize(
    ("code", "names"),
    [
        ("from app import get as g", {b"g"}),
        ("import { Get as Fetch } from 'x'", {b"Fetch"}),
        ("g = app.get", {b"g"}),
        ("self.g = app.get  # kept", {b"g"}),
        ("g := app::get;", {b"g"}),
        ("g = app.get(1)", set()),
        ("get = app.getter", set()),
        ("what they get\n", set()),
    ],
)
def test_other_names_are_those_of_imports_and_assignments(code, names):
    """In the same line; what is called gives something else."""
    word = b"Get" if b"Get" in code.encode() else b"get"
    assert other_names(code.encode(), word) == names


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("x = input()", True),
        ("x = input ('?')", True),
        ("x.input()", False),
        ("raw_input()", False),
        ("f(input)", False),
    ],
)
def test_a_function_is_called_by_its_own_name(code, expected):
    """Not as a member of something, nor as a part of a longer name."""
    assert is_called(code.encode(), b"input") is expected


@pytest.mark.parametrize(
    ("code", "key", "value"),
    [
        ("f(verify=False)", True, True),
        ("f(verify = False)", True, True),
        ("{'verify': False}", True, True),
        ('x["verify"] = 1', True, True),
        ("verify: bool = False", False, True),
        ("self.verify = False", False, True),
        ("self.verify |= 1", False, True),
        ("if verify == 1: ...", False, False),
        ("verify(x)", False, False),
        ("# we verify it", False, False),
        ("unverify = 1", False, False),
    ],
)
def test_a_value_goes_by_a_key_or_by_any_name(code, key, value):
    """As a keyword and in quotes; or however it is assigned."""
    assert (is_key(code.encode(), b"verify"), is_set(code.encode(), b"verify")) == (key, value)
