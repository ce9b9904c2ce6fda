"""Rows over configuration: how names are compared, and where what is seen stands."""

import time

import yaml

from stemedb_analysis.model import Observation
from stemedb_analysis.registry import shipped
from stemedb_analysis.rules.match import OBSERVATIONS_MAX
from stemedb_analysis.rules.model import FileInfo
from stemedb_analysis.rules.parse import parse_rules
from stemedb_analysis.rules.ruleset import RuleSet
from stemedb_analysis.rules.words import Words
from stemedb_analysis.settings.extract import extract
from stemedb_analysis.settings.kinds import format_of, kind_of
from stemedb_analysis.source import Source

RULE = """
- id: a
  title: t
  help: h
  observes: tls/cert_verification enabled
  match:
    yaml, json, toml, ini, properties, env:
      - {row}
  examples: {{}}
  near_misses: {{}}
"""


def seen(row: str, text: str, file: str = "a.yaml") -> list[Observation]:
    rules = parse_rules(yaml.safe_load(RULE.format(row=row)), "f", shipped(), {})
    source = Source(text.encode(), file)
    format_ = format_of(file, source.data)
    facts = extract(source, format_)
    return RuleSet(rules, Words({})).observe(
        facts, source, FileInfo(file, format_, kind_of(file, format_, facts))
    )


def test_hyphens_underscores_and_case_do_not_matter() -> None:
    row = "{setting: '**/verify_ssl', as: bool}"
    for key in ("verify_ssl", "verifySsl", "VERIFY-SSL", "verifyssl"):
        assert [one.value for one in seen(row, f"a:\n  {key}: false\n")] == [False]
    assert seen(row, "verify: {ssl: false}\n") == []


def test_names_that_differ_in_signs_only_are_one_pattern() -> None:
    assert len(seen("{setting: '**/{verify_ssl,verify-ssl}', as: bool}", "verify_ssl: false\n")) == 1


def test_a_dotted_name_is_the_path_of_its_parts() -> None:
    for row in ("{setting: '**/ssl/verify', as: bool}", "{setting: '**/ssl.verify', as: bool}"):
        assert len(seen(row, "ssl.verify: false\n")) == 1
        assert len(seen(row, "ssl:\n  verify: false\n")) == 1
        assert len(seen(row, "x.ssl.verify=false\n", "a.properties")) == 1


def test_a_dot_leads_nowhere_where_it_is_a_part_of_a_name() -> None:
    text = '{"dependencies": {"ssl.verify": false}}'
    row = "{setting: '**/ssl/verify', as: bool}"
    assert len(seen(row, text, "other.json")) == 1
    assert seen(row, text, "package.json") == []


def test_a_block_is_seen_where_it_begins() -> None:
    text = "services:\n  # the web\n  web:\n    image: x\n  db:\n    image: y\n    ssl: on\n"
    row = "{block: 'services/*', has: [image], lacks: [ssl], value: false}"
    assert [(one.span.line, one.text) for one in seen(row, text)] == [(3, "web:")]


def test_a_block_that_is_merged_is_seen_where_it_is_written() -> None:
    text = "x-base: &base\n  image: x\nservices:\n  web:\n    <<: *base\n    user: a\n"
    row = "{block: 'services/*', has: [image], lacks: [ssl], value: false}"
    assert [one.span.line for one in seen(row, text)] == [4]


def test_texts_are_seen_whatever_their_key_is_called() -> None:
    row = "{text: 'sslmode=disable', screen: 'sslmode=', value: false}"
    assert len(seen(row, "anything: 'postgres://h/d?sslmode=disable'\n")) == 1
    assert seen(row, "# anything: 'postgres://h/d?sslmode=disable'\na: 'sslmode'\n") == []


def test_a_condition_may_name_several_paths_and_begin_further_up() -> None:
    row = "{setting: '**/ssl', as: bool, where: {'../{mode,other}': {matches: strict}}}"
    assert len(seen(row, "mode: strict\na:\n  ssl: false\n")) == 1
    assert len(seen(row, "other: strict\na:\n  ssl: false\n")) == 1
    assert seen(row, "mode: lax\na:\n  ssl: false\n") == []


def test_work_grows_with_the_file_and_not_with_its_square() -> None:
    """Each of many blocks asks for what is in it, beside it, around it and at the top, and none goes through all the others."""
    row = (
        "{block: 'services/*', where: {image: web, ../../version: 2, /version: 2}, lacks: [user],"
        " unless: {setting: '**/never'}, value: false}"
    )
    text = "version: 2\nservices:\n" + "".join(f"  s{one}:\n    image: web\n" for one in range(4000))
    before = time.process_time()
    assert len(seen(row, text)) == OBSERVATIONS_MAX + 1
    assert time.process_time() - before < 4
