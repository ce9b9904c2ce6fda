"""What the global options say, as one value that every command gets.

The defaults are those of ``stemedb up``: with a replica running in the current directory, no option is needed.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import typer

from stemedb.cli import exits
from stemedb.cli.output import Output
from stemedb.errors import NotFound, Refused

if TYPE_CHECKING:
    from stemedb.bus.client import Client
    from stemedb.storage.replica import ReplicaDirectory

DEFAULT_NATS_URL: Final = "nats://127.0.0.1:4222"
DEFAULT_REPLICA: Final = "local"
CONNECT_S: Final = 1.5
"""How long a command looks for the server: a person waits, and a server that is there answers in milliseconds."""
DEFAULT_DATA: Final = Path("stemedb-data")


@dataclass(frozen=True, slots=True)
class Session:
    """One run of the command: where it writes, which server, which replica, which directory."""

    output: Output
    nats_url: str = DEFAULT_NATS_URL
    replica: str = DEFAULT_REPLICA
    data: Path = DEFAULT_DATA

    @classmethod
    def of(cls, context: typer.Context) -> "Session":
        """Return the session of a command's context."""
        assert isinstance(context.obj, cls)
        return context.obj

    async def connect(self) -> "Client":
        """Return a client of the replica, to be used as a context manager; raises `Unavailable`."""
        from stemedb.bus.client import Client

        return await Client.connect(self.nats_url, self.replica, wait_s=CONNECT_S)

    @property
    def home(self) -> Path:
        """The replica's own directory: `data`, or its folder there when `data` holds several replicas."""
        own = self.data / self.replica
        return (
            own
            if (own / "replica.json").exists() and not (self.data / "replica.json").exists()
            else self.data
        )

    def directory(self) -> "ReplicaDirectory":
        """Return the replica in the data directory; raises `Refused` if there is none, or another's."""
        from stemedb.storage.replica import ReplicaDirectory

        named = self.replica if self.replica != DEFAULT_REPLICA else None
        try:
            return ReplicaDirectory.open(self.home, expected_name=named)
        except NotFound:
            raise exits.with_hint(
                Refused(f"{self.data}: holds no replica"), "name its data directory with --data DIR"
            ) from None
