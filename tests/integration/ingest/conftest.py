"""An ingest service as a real process beside a real server."""

from contextlib import contextmanager
from types import SimpleNamespace

import pytest

from stemedb.bus.client import Client
from stemedb.bus.subjects import Subjects
from stemedb.ledger import LedgerReader
from stemedb.storage.replica import ReplicaDirectory
from support.services import Service

MODULE = "stemedb_ingest"


class Ingest:
    """How to start the service of one test, and where it keeps its files."""

    def __init__(self, nats_url, replica, folder):
        self.replica = replica
        self.subjects = Subjects(replica)
        self.data = folder / "data"
        self.logs = folder / "logs"
        self.settings = {
            "nats_url": nats_url,
            "replica": replica,
            "data_dir": self.data,
            "intake_bytes_max": 64 * 2**20,  # many replicas share one server here, which sets it aside
        }

    @contextmanager
    def running(self, **changes):
        service = Service.start(MODULE, self.logs, **(self.settings | changes))
        try:
            yield service
        finally:
            service.kill()

    def refused(self, **changes):
        """Start it where it cannot start; return exit code and what it said."""
        service = Service.launch(MODULE, self.logs, **(self.settings | changes))
        try:
            code = service.end()
        finally:
            service.kill()
        return SimpleNamespace(code=code, stderr=service.stderr, out=service.out.read_text())

    def stored(self):
        """Return the ids in the log, in order, read from the files."""
        reader = LedgerReader(ReplicaDirectory.open(self.data))
        try:
            reader.refresh()
            return [entry.id.hex() for entry in reader.statements(0, reader.size)]
        finally:
            reader.close()


@pytest.fixture
def ingest(shared_nats, replica, tmp_path):
    return Ingest(shared_nats.url, replica, tmp_path)


@pytest.fixture
def own_ingest(own_nats, replica, tmp_path):
    return Ingest(own_nats.url, replica, tmp_path)


@pytest.fixture
async def client(shared_nats, replica):
    async with await Client.connect(shared_nats.url, replica) as made:
        yield made
