"""YAML that people write for the linter, read safely."""

import pytest

from stemedb.errors import InvalidInput
from stemedb_analysis.yaml_text import LEVELS_MAX, read_yaml


def test_a_document_is_what_it_says() -> None:
    assert read_yaml("a: [1, two]", "x.yaml") == {"a": [1, "two"]}
    assert read_yaml(b"- 1\n- {a: b}\n", "x.yaml") == [1, {"a": "b"}]


def test_no_yaml_is_refused_with_its_line() -> None:
    with pytest.raises(InvalidInput, match=r"x\.yaml: is no YAML: .*line 2"):
        read_yaml("a: b\n  c: [", "x.yaml")


@pytest.mark.parametrize(
    "text",
    ["[" * 200_000, "{a: " * 200_000, "- " * 200_000 + "x", "? " * 200_000 + "x", "a:\n" + "-\t- " * 100_000],
    ids=["lists", "mappings", "blocks", "keys", "tabs"],
)
def test_nesting_that_would_end_the_process_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match=f"nested deeper than {LEVELS_MAX}|is no YAML"):
        read_yaml(text, "x.yaml")


def test_many_brackets_that_are_not_within_one_another_are_read() -> None:
    assert len(read_yaml("[" + "[a], " * 5000 + "{b: c}]", "x.yaml")) == 5001
