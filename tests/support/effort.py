"""How hard the randomised tests try: as much as `make test` can afford, or many times that in `make fuzz`."""

import os

FACTOR = int(os.environ.get("STEMEDB_TEST_EFFORT", "1"))


def examples(count: int) -> int:
    """Return how many examples a test that ordinarily draws `count` draws in this run."""
    return count * FACTOR
