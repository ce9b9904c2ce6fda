"""What the facts of a small program are, language by language: a change of them is a change of what every rule sees.

After a wanted change, write the files anew: ``STEMEDB_WRITE_GOLDEN=1 pytest tests/golden/test_facts.py``, and read the difference.
"""

import os
from pathlib import Path

import pytest

from support import facts_text

FOLDER = Path(__file__).parent / "facts"


@pytest.mark.parametrize("language", ["python", "typescript", "go", "java", "rust"])
def test_the_facts_of_a_small_program_stay_as_they_are(language):
    source = (FOLDER / f"{language}.txt").read_text("utf-8")
    told = "\n".join(facts_text.lines(facts_text.facts(source, language))) + "\n"
    golden = FOLDER / f"{language}.facts"
    if os.environ.get("STEMEDB_WRITE_GOLDEN"):
        golden.write_text(told, "utf-8")
    assert told == golden.read_text("utf-8")
