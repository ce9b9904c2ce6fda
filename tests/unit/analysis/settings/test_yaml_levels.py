"""YAML that is nested without end: told of, read as far as it goes, and never the end of the process."""

import pytest

from stemedb_analysis.settings.from_yaml import extract
from stemedb_analysis.settings.yaml_levels import LEVELS_MAX, within_levels

INDENTED = f"indented deeper than {LEVELS_MAX} levels"


def nested(levels: int, between: str = "", ending: str = "\n") -> bytes:
    """Mappings within one another, with `between` in each of them."""
    lines = (between.replace("@", " " * level) + " " * level + "a:" + ending for level in range(levels))
    return "".join(lines).encode()


@pytest.mark.parametrize(
    "data",
    [
        nested(600),
        nested(600, ending="\r"),
        nested(600, ending="\r\n"),
        nested(600, "@k: |\n@  x\n\n"),
        nested(600, "@k: 1\n# not indented\n"),
        nested(600, "@k: 1\n{{ include }}\n"),
        nested(600, "@k: 'x\ny'\n"),
        nested(600, "@k: [\n1,\n]\n"),
        b"- " * 600 + b"a",
        b"? " * 600 + b"a",
        b"-\t" * 600 + b"a: b",
        b"".join(b" " * level + b"- &a !b k:\n" for level in range(600)),
    ],
    ids=range(12),
)
def test_levels_that_would_end_the_process_are_told_of_whatever_stands_between(data: bytes) -> None:
    facts = extract(data)
    assert facts.faults
    assert within_levels(data).cut >= 0


def test_what_is_not_nested_so_deep_is_read() -> None:
    facts = extract(b"first: 1\n" + nested(600) + b"last: 2\n")
    assert INDENTED in [fault.reason for fault in facts.faults]
    assert [setting.path for setting in facts.settings if setting.value in {1, 2}] == [("first",), ("last",)]


def test_what_people_write_is_left_as_it_is() -> None:
    prose = "text: |\n" + "".join(f"  {'word ' * (number % 60)} - and : ? so on\n" for number in range(900))
    aligned = "".join(f"k{number}:{' ' * (number % 150)}v  # why\n" for number in range(900))
    embedded = "run: |\n" + "".join(f"{' ' * (2 + number % 120)}x\n" for number in range(900))
    for text in (prose, aligned, embedded):
        assert within_levels(text.encode()) == (text.encode(), -1)
