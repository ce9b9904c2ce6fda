"""What a file may say at most, and that it is told where it says more."""

import pytest

from stemedb_analysis.rules import load
from stemedb_analysis.rules.match import OBSERVATIONS_MAX
from stemedb_analysis.scan.file import scan_file
from stemedb_analysis.secrets.detect import FOUND_MAX

RULES = load()


@pytest.mark.parametrize("more", [0, 1, 30])
def test_more_observations_than_a_file_may_have_are_told(more):
    code = "import hashlib\n" + "hashlib.md5(x)\n" * (OBSERVATIONS_MAX + more)
    result = scan_file(code.encode(), "a.py", RULES)
    assert len(result.observations) == OBSERVATIONS_MAX
    told = f"more than {OBSERVATIONS_MAX:,} observations; the rest is left out"
    assert (told in result.faults) == bool(more)


@pytest.mark.parametrize("more", [0, 1, 30])
def test_more_secrets_than_a_file_may_have_are_told(more):
    lines = [f"A{number}_PASSWORD=Zk29dkq6-{number:04}\n" for number in range(FOUND_MAX + more)]
    for file in ("prod.env", "notes.txt"):
        result = scan_file("".join(lines).encode(), file, RULES)
        assert sum(one.path == "secrets/hardcoded" for one in result.observations) == FOUND_MAX
        assert ("more than 200 secrets; the rest is left out" in result.faults) == bool(more)
