"""Imports that a policy forbids or requires, found without a rule of anybody."""

import pytest

from stemedb_analysis.commands.scanning import Wanted, report
from stemedb_analysis.judge.imports import demanded, unmet
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
