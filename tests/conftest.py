"""Fixtures that all tests may use."""

import uuid
from collections.abc import Iterator

import pytest

from stemedb.bus.nats_server import NatsServer
from support.nats import running_server


@pytest.fixture(scope="session")
def shared_nats(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NatsServer]:
    """One server for all tests of a worker: use replica names of your own on it, and never stop it."""
    with running_server(tmp_path_factory.mktemp("nats")) as server:
        yield server


@pytest.fixture
def own_nats(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NatsServer]:
    """A server for one test, which may stop, kill and restart it."""
    with running_server(tmp_path_factory.mktemp("nats")) as server:
        yield server


@pytest.fixture
def replica() -> str:
    """A replica name that no other test uses, so that tests can share a server."""
    return f"r-{uuid.uuid4().hex[:12]}"
