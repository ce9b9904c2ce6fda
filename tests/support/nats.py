"""A real nats-server for tests: on a port of its own, with JetStream in a directory of its own."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from stemedb.bus.nats_server import NatsServer


@contextmanager
def running_server(store: Path, *, port: int = 0, config: Path | None = None) -> Iterator[NatsServer]:
    """Yield a server that is gone when the block ends, whatever happened in it."""
    server = NatsServer.start(store, port=port, config=config)
    try:
        yield server
    finally:
        server.kill()
