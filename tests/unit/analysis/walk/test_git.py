"""What git knows: the index, revisions, changes; with contents from its own objects."""

import pytest

from stemedb.errors import InvalidRequest, Refused
from stemedb_analysis.walk import locate, read_changes, read_revision, read_staged, reader
from support.trees import git, plant, repository


def named(inputs):
    return {one.file: one.reason or (one.data.decode(), one.lines) for one in inputs}


def test_staged_files_come_from_the_index_with_the_lines_that_change(tmp_path):
    root = repository(tmp_path, {"a.py": "1\n2\n3\n", "b.py": "b\n", "c.py": "c\n", "gone.py": ""})
    plant(root, {"a.py": "1\nTWO\n3\nfour\n", "new.py": "n\n", "b.py": "changed\n"})
    (root / "gone.py").unlink()
    git(root, "add", "a.py", "new.py", "gone.py")
    plant(root, {"a.py": "later, not staged\n"})
    place = locate([root])
    assert named(read_staged(place)) == {
        "a.py": ("1\nTWO\n3\nfour\n", ((2, 3), (4, 5))),
        "new.py": ("n\n", ((1, 2),)),
    }
    assert reader(place, "")("a.py") == b"1\nTWO\n3\nfour\n"


def test_staged_files_before_the_first_commit(tmp_path):
    plant(tmp_path, {"a.py": "a\n"})
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", "a.py")
    assert named(read_staged(locate([tmp_path]))) == {"a.py": ("a\n", ((1, 2),))}


def test_a_revision_is_read_whatever_lies_in_the_working_tree(tmp_path):
    root = repository(
        tmp_path, {"a.py": "old\n", "sub/b.py": "b\n", "vendor/c.py": "c", "yarn.lock": "", "x.png": "p"}
    )
    plant(root, {"a.py": "new\n", "untracked.py": ""})
    place = locate([root])
    assert named(read_revision(place, "HEAD")) == {
        "a.py": ("old\n", None),
        "sub/b.py": ("b\n", None),
        "vendor/c.py": "vendored",
        "yarn.lock": "lock file",
        "x.png": "no known language",
    }
    assert reader(place, "HEAD")("a.py") == b"old\n"
    assert reader(place, "HEAD")("nowhere.py") == b""


def test_a_revision_of_a_part_of_the_project(tmp_path):
    root = repository(tmp_path, {"a.py": "", "sub/b.py": "b\n"})
    assert list(named(read_revision(locate([root / "sub"]), "main"))) == ["sub/b.py"]


def test_changes_since_a_revision_hold_the_working_tree_and_what_is_not_tracked_yet(tmp_path):
    root = repository(tmp_path, {"a.py": "1\n2\n", "same.py": "s\n", ".gitignore": "out.py\n"})
    plant(root, {"a.py": "1\n2\n3\n", "new.py": "n\n", "out.py": "o\n"})
    assert named(read_changes(locate([root]), "HEAD")) == {
        "a.py": ("1\n2\n3\n", ((3, 4),)),
        "new.py": ("n\n", None),
    }


def test_ranges_compare_two_commits_and_three_dots_start_where_they_parted(tmp_path):
    root = repository(tmp_path, {"a.py": "1\n"})
    git(root, "checkout", "-q", "-b", "side")
    plant(root, {"b.py": "b\n"})
    git(root, "add", "b.py")
    git(root, "commit", "-q", "-m", "side")
    git(root, "checkout", "-q", "main")
    plant(root, {"a.py": "1\nmain\n"})
    git(root, "commit", "-q", "-a", "-m", "main")
    place = locate([root])
    assert named(read_changes(place, "main..side")) == {"a.py": ("1\n", ()), "b.py": ("b\n", ((1, 2),))}
    assert named(read_changes(place, "main...side")) == {"b.py": ("b\n", ((1, 2),))}
    assert named(read_changes(place, "main...")) == {}


def test_a_moved_file_counts_as_new(tmp_path):
    root = repository(tmp_path, {"a.py": "1\n2\n"})
    git(root, "mv", "a.py", "b.py")
    assert named(read_staged(locate([root]))) == {"b.py": ("1\n2\n", ((1, 3),))}


def test_links_and_names_with_quotes_and_line_ends(tmp_path):
    strange = 'we"ird\n\tname é.py'
    root = repository(tmp_path, {strange: "1\n"})
    (root / "link.py").symlink_to("nowhere")
    plant(root, {strange: "1\n2\n"})
    git(root, "add", "-A")
    assert named(read_staged(locate([root]))) == {"link.py": "symbolic link", strange: ("1\n2\n", ((2, 3),))}


def test_a_diff_that_looks_like_a_header_is_read_as_lines(tmp_path):
    root = repository(tmp_path, {"a.py": "x\n"})
    plant(root, {"a.py": "x\n++ b/evil.py\n@@ -1 +1 @@\n-- a/other.py\n", "z.py": "z\n"})
    git(root, "add", "-A")
    assert named(read_staged(locate([root])))["a.py"][1] == ((2, 5),)
    assert named(read_staged(locate([root])))["z.py"][1] == ((1, 2),)


@pytest.mark.parametrize("revision", ["--output=x", "-p", "", "nothing", "HEAD..nothing"])
def test_a_revision_that_is_none_is_refused(tmp_path, revision):
    root = repository(tmp_path, {"a.py": ""})
    with pytest.raises(InvalidRequest, match="revision"):
        list(read_changes(locate([root]), revision))


def test_a_place_without_git_is_refused(tmp_path, monkeypatch):
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    with pytest.raises(Refused, match="not a git repository"):
        list(read_staged(locate([tmp_path])))


def test_a_repository_s_own_programs_are_not_run(tmp_path):
    root = repository(tmp_path, {"a.py": "1\n", ".gitattributes": "*.py diff=evil\n"})
    mark = tmp_path / "ran"
    for key in ("diff.external", "diff.evil.command", "diff.evil.textconv", "core.fsmonitor"):
        git(root, "config", key, f"touch {mark}; false")
    plant(root, {"a.py": "1\n2\n"})
    assert named(read_changes(locate([root]), "HEAD"))["a.py"] == ("1\n2\n", ((2, 3),))
    assert not mark.exists()
