"""Words of Python files that may be the names of what is called."""

import pytest

from stemedb_analysis.called import may_be_called


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
