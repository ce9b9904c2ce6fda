"""Lines of ignore files as expressions; that git reads them so is for `tests/property/test_ignore_as_git.py`."""

import re

import pytest

from stemedb_analysis.walk.patterns import parse


def fits(line: str, path: str) -> bool:
    pattern = parse(line)
    return pattern is not None and re.fullmatch(pattern.expression, path, re.DOTALL) is not None


@pytest.mark.parametrize(
    ("line", "path"),
    [
        ("[/[ab]", "a"),
        ("[/[ab]", "["),
        ("a/[/b]", "a/b"),
        ("x[!/]y", "xay"),
        ("a/**/z", "a/b/c/z"),
        ("*.log", "a/b.log"),
    ],
)
def test_a_line_fits_what_git_says(line, path):
    """A slash in a bracket parts no names."""
    assert fits(line, path)


@pytest.mark.parametrize(
    ("line", "path"),
    [
        ("[/[ab]", "/"),
        ("[/[ab]", "b/a"),
        ("x[/]y", "x/y"),
        ("x[!a]y", "x/y"),
        ("a/[", "a/["),
        ("[/x", "[/x"),
        ("/build", "a/build"),
    ],
)
def test_a_line_fits_nothing_else(line, path):
    """A bracket never stands for a slash, and one that is not closed for nothing."""
    assert not fits(line, path)
