import pytest

from stemedb.errors import InvalidInput
from stemedb_analysis.kept import cache_folder
from stemedb_analysis.registry import shipped
from stemedb_analysis.rules import load
from stemedb_analysis.rules.load import FILE_BYTES_MAX, read_documents, unique, user_rules

RULE = """
- id: own-rule
  title: Nothing is printed
  help: Write to the log.
  observes: log/secrets present
  match: {python: [{call: print, value: true}]}
  examples: {python: ["print(1)"]}
  near_misses: {python: ["# print(1)", "t = 'print(1)'", "def print(x): ..."]}
"""


@pytest.fixture
def project(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    folder = tmp_path / "project/.stemedb/rules"
    folder.mkdir(parents=True)
    folder.joinpath("own.yaml").write_text(RULE)
    return tmp_path / "project"


def test_a_projects_rules_join_the_shipped_ones(project):
    rules = load(project).rules
    assert rules["own-rule"].file == ".stemedb/rules/own.yaml"
    assert "tls-certificate-verification" in rules
    assert ("log/secrets", "present") in load(project).observable


def test_what_is_kept_is_what_was_read(project):
    first = load(project)
    kept = sorted(cache_folder().iterdir())
    assert len(kept) == 2
    again = load(project)
    assert {rule.id: rule.rows for rule in again.rules.values()} == {
        rule.id: rule.rows for rule in first.rules.values()
    }
    assert sorted(cache_folder().iterdir()) == kept


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b'{"other.yaml": []}', b"\xff\xfe"])
def test_a_damaged_cache_is_read_past(project, damage):
    load(project)
    for place in cache_folder().iterdir():
        place.write_bytes(damage)
    assert "own-rule" in load(project).rules


def test_a_changed_file_is_read_anew(project):
    load(project)
    project.joinpath(".stemedb/rules/own.yaml").write_text(RULE.replace("own-rule", "other-rule"))
    assert "other-rule" in load(project).rules


def test_without_a_place_for_the_cache_rules_load_all_the_same(project, tmp_path, monkeypatch):
    blocked = tmp_path / "file"
    blocked.write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(blocked))
    assert "own-rule" in load(project).rules


def test_samples_come_only_when_they_are_wanted(project):
    assert load(project).rules["own-rule"].examples == ()
    assert [sample.code for sample in load(project, samples=True).rules["own-rule"].examples] == ["print(1)"]


def test_an_id_in_two_files_is_refused(project):
    project.joinpath(".stemedb/rules/second.yaml").write_text(RULE)
    with pytest.raises(InvalidInput, match=r"second\.yaml: own-rule: is in \.stemedb/rules/own\.yaml too"):
        load(project)
    rule = load(samples=False).rules["tls-min-version"]
    with pytest.raises(InvalidInput, match=r"is in code/tls_versions\.yaml too"):
        unique([rule, rule])


def test_broken_yaml_is_named_with_its_file():
    with pytest.raises(InvalidInput, match=r"own\.yaml: is no YAML"):
        read_documents({"own.yaml": b"a: [1"})


def test_a_file_too_long_is_refused(tmp_path):
    tmp_path.joinpath("long.yaml").write_bytes(b"#" * (FILE_BYTES_MAX + 2))
    with pytest.raises(InvalidInput, match=r"long\.yaml: got more than"):
        user_rules(tmp_path, shipped())


def test_no_folder_means_no_rules(tmp_path):
    assert user_rules(tmp_path / "none", shipped()) == ([], [])
