"""Imports that a policy forbids or requires, found without a rule of anybody."""

import pytest

from stemedb_analysis.commands.scanning import Wanted, report
from stemedb_analysis.judge.imports import demanded, unmet
from stemedb_analysis.model import PROJECT
from stemedb_analysis.project.claims import load as claims_of
from stemedb_analysis.project.claims import verify
from stemedb_analysis.registry import shipped
from stemedb_analysis.report import as_json, github, html, markdown, sarif, table
from stemedb_analysis.rules import load
from stemedb_analysis.scan.file import scan_file
from support.observing import authority

FORBIDS = authority("imports/telnetlib", "allowed", False)
REQUIRES = authority("imports/structlog", "allowed", True)


@pytest.mark.parametrize(
    ("file", "code", "module"),
    [
        ("a.py", "import telnetlib\n", "telnetlib"),
        ("a.py", "from xml.etree import ElementTree as E\n", "xml.etree"),
        ("a.js", "const _ = require('lodash');\n", "lodash"),
        ("a.ts", "import { x } from '@Scope/Kit/part';\n", "scope/kit"),
        ("a.go", 'package a\n\nimport "github.com/pkg/errors"\n', "github.com/pkg/errors"),
        ("A.java", "import java.util.logging.Logger;\nclass A {}\n", "java.util.logging"),
        ("a.rs", "use openssl::ssl::SslConnector;\nfn f() {}\n", "openssl"),
    ],
)
def test_a_module_that_somebody_speaks_of_is_found_in_every_language(file, code, module):
    found = [
        one
        for one in scan_file(code.encode(), file, load(imports=[module])).observations
        if one.path.startswith("imports/")
    ]
    assert [(one.path, one.predicate, one.value, one.confidence) for one in found] == [
        (f"imports/{module}", "allowed", True, 0.95)
    ]


@pytest.mark.parametrize(
    "code",
    ["# import telnetlib\n", "import telnetlib3\n", "text = 'import telnetlib'\n", "import my.telnetlib\n"],
)
def test_what_is_no_import_of_it_is_not(code):
    found = scan_file(code.encode(), "a.py", load(imports=["telnetlib"])).observations
    assert not [one for one in found if one.path.startswith("imports/")]


def test_only_what_somebody_speaks_of_is_looked_for():
    assert demanded([FORBIDS, REQUIRES, authority()]) == {"telnetlib", "structlog"}
    assert not [
        one for one in scan_file(b"import telnetlib\n", "a.py", load()).observations if "imports" in one.path
    ]


def test_a_required_module_that_nothing_imports_is_told_where_the_project_lists_what_it_needs(tmp_path):
    (tmp_path / "pyproject.toml").write_text("[project]\n")
    (missing,) = unmet([FORBIDS, REQUIRES], [], {"python"}, tmp_path)
    assert (missing.path, missing.value, missing.file) == ("imports/structlog", False, "pyproject.toml")
    seen = scan_file(b"import structlog\n", "a.py", load(imports=["structlog"])).observations
    assert unmet([REQUIRES], seen, {"python"}, tmp_path) == []
    assert unmet([REQUIRES._replace(languages=("go",))], [], {"python"}, tmp_path) == []
    in_test = [one._replace(in_test=True) for one in seen]
    assert len(unmet([REQUIRES], in_test, {"python"}, tmp_path)) == 1


def test_without_such_a_list_it_is_told_of_the_project_itself(tmp_path):
    (missing,) = unmet([REQUIRES], [], {"python"}, tmp_path)
    assert (missing.path, missing.value, missing.file) == ("imports/structlog", False, PROJECT)


@pytest.fixture
def lacking(tmp_path):
    """Return how a project of one file, and of what else is written there, is reported that lacks a module."""
    (tmp_path / ".stemedb").mkdir()
    (tmp_path / ".stemedb" / "claims.toml").write_text(
        '[[claim]]\nid = "logs"\npath = "imports/structlog"\npredicate = "allowed"\ncomparison = "equals"\nvalue = true\nreason = "r"\n'
    )
    (tmp_path / "a.py").write_text("import telnetlib\n")

    def made(*files):
        for name in files:
            (tmp_path / name).write_text("# stands alone\nsome==1\n")
        return report(Wanted(paths=(tmp_path,), cache=False))

    return made


def test_a_scan_and_the_claims_agree_on_a_module_that_is_lacking(lacking, tmp_path):
    made = lacking()
    (item,) = made.report.items
    assert (item.observation.file, item.finding.verdict) == (PROJECT, "FLAG")
    (verdict,) = verify(claims_of(tmp_path / ".stemedb", shipped()).active, made.scan.observations)
    assert verdict.state == "MISSING"


def _plain(made):
    return "\n".join(table.plain(table.rows(made)))


@pytest.mark.parametrize("files", [(), ("requirements.txt",)])
@pytest.mark.parametrize(
    "render", [as_json.render, sarif.render, markdown.render, github.render, html.render, _plain]
)
def test_what_is_said_of_the_whole_marks_no_line_and_is_a_sentence(lacking, files, render):
    text = render(lacking(*files).report)
    assert "structlog is required, and nothing imports it" in text
    assert "stands alone" not in text
    assert "some==1" not in text


def test_a_module_that_is_forbidden_is_told_in_a_sentence(tmp_path):
    (tmp_path / ".stemedb").mkdir()
    (tmp_path / ".stemedb" / "claims.toml").write_text(
        '[[claim]]\nid = "telnet"\npath = "imports/telnetlib"\npredicate = "allowed"\ncomparison = "equals"\nvalue = false\nreason = "r"\n'
    )
    (tmp_path / "a.py").write_text("import telnetlib\n")
    made = report(Wanted(paths=(tmp_path,), cache=False)).report
    assert "telnetlib is imported, and may not be" in _plain(made)
    (rule,) = sarif.log(made)["runs"][0]["tool"]["driver"]["rules"]
    assert rule["shortDescription"]["text"] == "telnetlib is imported, and may not be."


def test_what_has_no_file_has_a_place_in_sarif_all_the_same_and_one_alert_for_ever(lacking):
    """Code hosts refuse a whole log in which one result has no location, or an empty one."""
    (result,) = sarif.log(lacking().report)["runs"][0]["results"]
    physical = result["locations"][0]["physicalLocation"]
    assert physical["region"] == {"startLine": 1}
    assert physical["artifactLocation"]["uri"] == sarif.NO_FILE
    assert " " not in sarif.NO_FILE
    assert (
        result["partialFingerprints"]["primaryLocationLineHash"]
        == f"{result['partialFingerprints']['stemedbStatement/v1']}:1"
    )


def test_an_annotation_of_the_project_names_no_file(lacking):
    assert "::warning title=FLAG%3A structlog" in github.render(lacking().report)


def test_an_own_claim_of_a_module_asks_nothing_of_a_project_whose_imports_nobody_reads(tmp_path):
    assert unmet([REQUIRES], [], {"yaml", "dockerfile"}, tmp_path) == []


def test_a_claim_forbids_and_requires_by_itself(tmp_path):
    (tmp_path / ".stemedb").mkdir()
    (tmp_path / ".stemedb" / "claims.toml").write_text(
        "\n".join(
            f'[[claim]]\nid = "{name}"\npath = "imports/{name}"\npredicate = "allowed"\ncomparison = "equals"\nvalue = {value}\nreason = "r"\n'
            for name, value in (("telnetlib", "false"), ("structlog", "true"), ("json", "true"))
        )
    )
    (tmp_path / "pyproject.toml").write_text("[project]\nname = 'a'\n")
    (tmp_path / "a.py").write_text("import json\nimport telnetlib\n")
    for _ in range(2):  # the second time from the cache
        made = report(Wanted(paths=(tmp_path,)))
        found = {
            (item.observation.path, item.observation.value, item.observation.file, item.finding.verdict)
            for item in made.report.items
            if item.observation.path.startswith("imports/")
        }
        assert found == {
            ("imports/telnetlib", True, "a.py", "FLAG"),
            ("imports/structlog", False, "pyproject.toml", "FLAG"),
        }
