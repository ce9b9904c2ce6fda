"""Ignore files mean what git says that they mean."""

import shutil
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stemedb_analysis.walk import locate, read_tree
from support.trees import git, plant

names = st.sampled_from(["a", "b", "ab", "a b", "x.py", "y.py", "a.py"])
parts = st.sampled_from(
    [
        "a",
        "b",
        "*",
        "**",
        "?",
        "a*",
        "*a*b",
        "*.py",
        "[ab]",
        "[!a]",
        "[a-b]*",
        "[[:alpha:]]",
        "x.py",
        "\\a",
        "ab",
        "a b",
        "[",
        "a\\",
        "[]a]",
        "[/[ab]",
        "[!/]",
    ]
)
patterns = st.builds(
    lambda negated, anchored, middle, directory: f"{negated}{anchored}{'/'.join(middle)}{directory}",
    st.sampled_from(["", "", "!"]),
    st.sampled_from(["", "/"]),
    st.lists(parts, min_size=1, max_size=3),
    st.sampled_from(["", "", "/"]),
)
lists = st.lists(patterns, max_size=4).map("\n".join)
files = st.lists(st.lists(names, min_size=1, max_size=3).map("/".join), min_size=1, max_size=8)


def _without_clashes(paths: list[str]) -> dict[str, str]:
    return {
        f"{path}/f.py": "x"
        for path in paths
        if not any(part.endswith(".py") and part != path.split("/")[-1] for part in path.split("/"))
    }


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(paths=files, top=lists, nested=lists)
def test_the_walk_passes_over_what_git_ignores(paths, top, nested):
    planted = _without_clashes(paths)
    if not planted:
        return
    root = Path(tempfile.mkdtemp())
    try:
        plant(root, planted)
        (root / ".gitignore").write_text(top)
        if (root / "a").is_dir():
            (root / "a/.gitignore").write_text(nested)
        git(root, "init", "-q")
        shown = git(root, "ls-files", "-z", "--others", "--exclude-standard").split("\0")
        wanted = sorted(name for name in shown if name.endswith("/f.py"))
        found = [
            one.file for one in read_tree(locate([root])) if not one.reason and one.file.endswith("/f.py")
        ]
        assert sorted(found) == wanted
    finally:
        shutil.rmtree(root)
