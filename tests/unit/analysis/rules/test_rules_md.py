"""The rule that RULES.md shows is one: typed in as it stands, it loads and lives up to its samples beside the shipped ones."""

import re
from pathlib import Path

import stemedb_analysis
from stemedb_analysis.rules.load import load
from stemedb_analysis.rules.test import run_rule

RULES_MD = Path(stemedb_analysis.__file__).parents[1] / "RULES.md"


def test_the_ast_grep_rule_in_the_guide_is_one(tmp_path):
    *_, shown = re.findall(r"```yaml\n(.*?)```", RULES_MD.read_text(encoding="utf-8"), re.DOTALL)
    folder = tmp_path / ".stemedb" / "rules"
    folder.mkdir(parents=True)
    folder.joinpath("own.yaml").write_text(shown)
    assert "programs-from-requests" in load(tmp_path).rules


def test_the_rule_in_the_guide_passes_its_own_samples(tmp_path):
    shown = re.search(r"```yaml\n(.*?)```", RULES_MD.read_text(encoding="utf-8"), re.DOTALL)
    folder = tmp_path / ".stemedb" / "rules"
    folder.mkdir(parents=True)
    folder.joinpath("own.yaml").write_text(shown[1])
    ruleset = load(tmp_path, samples=True)
    rule = ruleset.rules["tls-certificates-in-http-clients"]
    assert len(rule.near_misses) == 3
    assert run_rule(ruleset, rule) == []
