"""Whole replicas are many processes, five of them fifteen: a computer that is busy with other things takes minutes for some of these."""

from pathlib import Path

import pytest

TIMEOUT_S = 600


def pytest_collection_modifyitems(items):
    for item in items:
        if Path(__file__).parent in item.path.parents and item.get_closest_marker("timeout") is None:
            item.add_marker(pytest.mark.timeout(TIMEOUT_S))
