"""One replica, run by ``stemedb up`` in a process of its own, for the tests of a module."""

from collections.abc import Iterator

import pytest

from support.command import Up


@pytest.fixture(scope="module")
def up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    running = Up(tmp_path_factory.mktemp("up") / "data")
    try:
        yield running
    finally:
        running.kill_all()
