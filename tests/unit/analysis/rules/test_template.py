"""The rule that `stemedb rules new` begins: it loads once all of it is filled in."""

import pytest
import yaml

from stemedb.errors import InvalidInput
from stemedb_analysis.registry import shipped
from stemedb_analysis.rules import load, template

BEGUN = template.begin("my-rule", shipped().want("tls/cert_verification", "enabled"))


def write(root, text):
    folder = root / ".stemedb" / "rules"
    folder.mkdir(parents=True, exist_ok=True)
    folder.joinpath("my-rule.yaml").write_text(text)


def test_what_is_begun_is_refused_with_the_first_place_until_all_is_filled_in(tmp_path):
    write(tmp_path, BEGUN)
    with pytest.raises(InvalidInput, match=r"my-rule\.yaml: my-rule: title: still says FILL_IN; write"):
        load(tmp_path, samples=True)
    text = BEGUN
    for blank, filled in (
        ("FILL_IN what holds", "What holds"),
        ("FILL_IN what", "What"),
        ("FILL_IN_LIBRARY", "lib"),
    ):
        text = text.replace(blank, filled)
        write(tmp_path, text)
        with pytest.raises(InvalidInput, match="FILL_IN"):
            load(tmp_path)
    write(tmp_path, text.replace("FILL_IN_FUNCTION", "connect"))
    assert "my-rule" in load(tmp_path, samples=True).rules


@pytest.mark.parametrize(
    ("path", "predicate"), [("crypto/hash", "algorithm"), ("net/client_timeout", "seconds")]
)
def test_what_is_begun_is_yaml_for_every_type(path, predicate):
    (rule,) = yaml.safe_load(template.begin("a", shipped().want(path, predicate)))
    assert rule["observes"] == f"{path} {predicate}"


def test_a_rule_of_another_kind_is_looked_through_too():
    with pytest.raises(InvalidInput, match=r"own\.yaml: x: rule: pattern: still says"):
        template.check_filled({"id": "x", "rule": {"pattern": "FILL_IN($A)"}}, "own.yaml")
