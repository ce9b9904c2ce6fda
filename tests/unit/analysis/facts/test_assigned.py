"""What a variable may hold where branches set it to different constants."""

import pytest

from support.facts_text import calls


def inside(statements: str) -> str:
    return f"class A {{ void f(String a) {{ {statements} }} }}"


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ('String s = "x"; if (c) { s = "y"; } g(s);', "g(('x'~constant 'y'~constant))"),
        ('String s; if (c) { s = "x"; } else { s = "y"; } g(s);', "g(('x'~constant 'y'~constant))"),
        ('String s; switch (c) { case 1: s = "x"; break; default: s = "y"; } g(s);', "g(('x'~constant 'y'~constant))"),
        ('String s = c ? "x" : "y"; g(s);', "g(('x'~constant 'y'~constant))"),
        ('String s = "x"; s = "y"; g(s);', "g('y'~constant)"),
        ('String s = "x"; g(s); s = "y";', "g('x'~constant)"),
        ('String s = "x"; if (c) { s = a; } g(s);', "g(s)"),
        ("boolean s = true; if (c) { s = false; } g(s);", "g(s)"),
        ('String s = switch (c) { case 1 -> "x"; default -> "y"; }; g(s);', "g(('x'~constant 'y'~constant))"),
        ('g(System.getenv().getOrDefault("A", "x"));', "g('x'~default)"),
        ('g(Map.of("k", "x").get("k"));', "g('x')"),
        ('String[] s = {"x", "y"}; g(s[1]);', "g('y'~constant)"),
    ],
)  # fmt: skip
def test_a_variable_is_what_branches_may_have_set_it_to(source, expected):
    assert expected in calls(inside(source), "java")
