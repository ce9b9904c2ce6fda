"""Comparisons: the lines that belong to one, as far as they are told without parsing."""

import pytest

from stemedb_analysis.compared import comparisons_with


@pytest.mark.parametrize(
    "code",
    [
        "if len(password) < 12 {",
        "if len(password // why\n) < 12 {",
        "if len(password // why\n\n) < 12 {",
        "if len(\n  password\n\r\n  # so\n) < 12 {",
    ],
)
def test_a_comparison_over_lines_is_one_whatever_lies_between(code):
    data = f"a = 1\n{code}\nb = 2\n".encode()
    (lines,) = comparisons_with(b"password", data, data.lower(), (b"<",))
    assert b"< 12" in lines


def test_a_statement_ends_with_its_line():
    data = b"password = read()\n\nif count < 12 {\n"
    (lines,) = comparisons_with(b"password", data, data, (b"<", b"="))
    assert b"count" not in lines
