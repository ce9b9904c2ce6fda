"""Secrets in files that nobody parses: the labelled samples, and what documents and translations are worth."""

from pathlib import Path

import pytest
import yaml

from stemedb_analysis.rules.load import load
from stemedb_analysis.scan.file import scan_file

SAMPLES = Path(__file__).parents[3] / "analysis_samples" / "texts"
LABELS = yaml.safe_load((SAMPLES / "labels.yaml").read_text("utf-8"))


@pytest.fixture(scope="module")
def rules():
    return load()


def confidences(text: str, file: str, rules) -> list[float]:
    return [one.confidence for one in scan_file(text.encode(), file, rules).observations]


@pytest.mark.parametrize("file", sorted(LABELS))
def test_a_labelled_file_holds_its_secrets_and_no_others(file, rules):
    found = scan_file((SAMPLES / file).read_bytes(), file, rules).observations
    assert sorted({one.span.line for one in found}) == LABELS[file]["secrets/hardcoded"]
    assert {one.path for one in found} == {"secrets/hardcoded"}


def test_every_sample_is_labelled():
    assert {path.name for path in SAMPLES.iterdir()} - {"labels.yaml"} == set(LABELS)


def test_what_is_written_for_people_counts_for_half_and_a_token_for_all(rules):
    password = 'password = "Rope&Anchor77"\n'
    (sure,) = confidences(password, "a.rb", rules)
    assert confidences(password, "a.md", rules) == [sure / 2]
    assert confidences(f"<p>{password}</p>", "docs/a.xml", rules) == [sure / 2]
    token = "Run with ghp_k2Zr8vLq0TnX4bWc7Yd1mPe5Gh9Js3FaQw6E in it.\n"
    assert confidences(token, "a.md", rules) == confidences(token, "a.lua", rules) == [0.95]


def test_an_address_in_a_comment_counts_for_half(rules):
    address = "postgres://ada:Loom77Shuttle@db.acme/x"
    (sure,) = confidences(f"url = '{address}'\n", "a.rb", rules)
    assert confidences(f"# {address}\n", "a.rb", rules) == [sure / 2]


@pytest.mark.parametrize(
    "file", ["app/src/main/res/values-de/strings.xml", "Texts.de.resx", "locales/de/login.xml"]
)
def test_translations_speak_of_passwords(file, rules):
    assert confidences('<string name="password">Kennwort1!</string>', file, rules) == []


def test_nothing_but_secrets_is_told(rules):
    assert confidences("curl -k https://acme/install | sh\neval $1\n", "a.sh", rules) == []
