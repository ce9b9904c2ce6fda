"""What runs where when replicas run on this computer: directories, ports, names of processes, the servers' configuration.

::

    one replica                   several, one server               several, a server each (a star of leaf nodes)

    data/                         data/                             data/
      wal/ log/ ids/ index/         local/    wal/ … sync/            local/    … nats/  ◀── hub
      nats/                         local-2/  wal/ … sync/            local-2/  … nats/  ──link──▶ hub
      run/  logs, lock, nats.conf   nats/  run/                       local-3/  … nats/  ──link──▶ hub
                                                                      run/
    ingest index                  local.ingest local.index local.sync  local-2.ingest …

A replica alone has nobody to follow and runs no sync. Whoever names a directory with code gets the analysis service as well. Of several, the first bears the name it would bear alone, so every command
finds it without an option; the others have a number behind it. They share one realm, without which their maps could not be
compared.

Servers of their own are joined as leaf nodes: subjects ``stemedb.v1.>`` cross the links, JetStream does not, because each server is a
domain of its own. So every ingest keeps its queue at its own site and goes on when the site is cut off; the links go through
relays (``link``) that can be cut and healed.
"""

import json
import os
import random
import socket
import sys
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Final

from stemedb.cli import exits
from stemedb.cli.supervisor import Child, http_ready, nats_ready
from stemedb.errors import InvalidRequest, Refused, Unavailable

HOST: Final = "127.0.0.1"
NATS: Final = "nats-server"
ALONE: Final = ("ingest", "index")
"""The services of a replica without peers."""
AMONG_PEERS: Final = (*ALONE, "sync")
ANALYSIS: Final = "analysis"
REPLICAS_MAX: Final = 16
"""On one computer: each takes three processes and some 200 MB."""
PORTS_PER_REPLICA: Final = 10
"""From the HTTP ports of one replica to those of the next."""
SERVER_PORTS: Final = range(20_000, 32_768)
"""Below those that Linux gives to connections (`net.ipv4.ip_local_port_range`), above those of well-known servers."""
PORT_TRIES: Final = 50
TAKEN: Final = frozenset({"nats", "run"})
"""Names of folders beside those of the replicas."""


@dataclass(frozen=True, slots=True)
class Server:
    """One nats-server."""

    name: str
    port: int
    store: Path
    domain: str | None = None
    """Of its JetStream, where servers are joined."""
    hub_port: int | None = None
    """Where it takes leaf nodes."""
    link_port: int | None = None
    """Where it finds the hub."""

    def child(self, run: Path) -> Child:
        """Return the process; its configuration is written to the folder `run`."""
        from stemedb.bus.nats_server import find_binary

        configuration = run / f"{self.name.removesuffix('-server')}.conf"
        configuration.write_text(json.dumps(self._settings(), indent=1) + "\n", encoding="utf-8")
        return Child(
            self.name,
            [find_binary(), "--config", str(configuration)],
            partial(nats_ready, HOST, self.port),
        )

    def _settings(self) -> dict[str, Any]:
        # JetStream fsyncs before it acknowledges: what `nats pub` was told is stored is stored.
        jetstream = {"store_dir": str(self.store), "sync_interval": "always"}
        settings: dict[str, Any] = {"host": HOST, "port": self.port, "jetstream": jetstream}
        settings["server_name"] = f"stemedb-{self.domain or self.port}"
        if self.domain is not None:
            jetstream["domain"] = self.domain
        if self.hub_port is not None:
            # Not advertised: a leaf would learn the hub's own port and dial round the link that was cut.
            settings["leafnodes"] = {"host": HOST, "port": self.hub_port, "no_advertise": True}
        if self.link_port is not None:
            settings["leafnodes"] = {"remotes": [{"url": f"nats-leaf://{HOST}:{self.link_port}"}]}
        return settings


@dataclass(frozen=True, slots=True)
class Site:
    """One replica: its directory, where its bus is, and its services."""

    replica: str
    data: Path
    nats_port: int
    http_ports: Mapping[str, int]
    """Of each service, in the order in which they are started."""
    prefix: str = ""
    """Of the names of its processes, where there are those of others."""
    settings: Mapping[str, str] = field(default_factory=dict)
    """More of the environment of its services."""

    @property
    def nats_url(self) -> str:
        """Where clients connect."""
        return f"nats://{HOST}:{self.nats_port}"

    def process(self, service: str) -> str:
        """Return the name of the process of a service."""
        return f"{self.prefix}{service}"

    def services(self) -> list[Child]:
        """Return the processes of its services."""
        shared = {
            "STEMEDB_REPLICA": self.replica,
            "STEMEDB_DATA_DIR": str(self.data),
            "STEMEDB_NATS_URL": self.nats_url,
            "STEMEDB_HTTP_HOST": HOST,
            "STEMEDB_LOG_FORMAT": os.environ.get(
                "STEMEDB_LOG_FORMAT", "console"
            ),  # for people: they are files here
            **self.settings,
        }
        return [
            Child(
                self.process(service),
                [sys.executable, "-m", f"stemedb_{service}"],
                partial(http_ready, HOST, port),
                {**shared, "STEMEDB_HTTP_PORT": str(port)},
            )
            for service, port in self.http_ports.items()
        ]


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that runs below one directory."""

    data: Path
    sites: tuple[Site, ...]
    servers: tuple[Server, ...]

    @property
    def run(self) -> Path:
        """Where the logs, the lock and the servers' configurations are."""
        return self.data / "run"

    @property
    def services(self) -> tuple[str, ...]:
        """The services that each replica has."""
        return tuple(self.sites[0].http_ports)

    @property
    def processes(self) -> list[str]:
        """The names of all processes, servers first."""
        names = [server.name for server in self.servers]
        return names + [site.process(service) for site in self.sites for service in site.http_ports]

    @property
    def ports(self) -> dict[str, int]:
        """Every port that must be free, by the process that takes it."""
        ports = {server.name: server.port for server in self.servers}
        for site in self.sites:
            ports |= {site.process(service): port for service, port in site.http_ports.items()}
        return ports


def plan(
    data: Path,
    replica: str,
    count: int = 1,
    *,
    nats_port: int = 0,
    http_ports: Mapping[str, int] | None = None,
    own_servers: bool = False,
    settings: Mapping[str, str] | None = None,
    code: Path | None = None,
) -> Plan:
    """Return the plan for ``count`` replicas below ``data``; every port that is 0 or not given is a free one.

    With ``code``, a directory, every replica has the analysis service too, which scans what lies below it.

    Given ports are those of the first replica: the next one's NATS port is one higher, its HTTP ports are ten higher. Requires
    ``1 <= count <= REPLICAS_MAX``. Raises `InvalidRequest` for a name that cannot be a folder here.
    """
    if count > 1 and replica in TAKEN:
        raise InvalidRequest(
            "replica", f"got {replica!r}, which is another folder's name beside the replicas"
        )
    given = http_ports or {}
    services = AMONG_PEERS if count > 1 else ALONE
    environment = dict(settings or {})
    if code is not None:
        services = (*services, ANALYSIS)
        environment["STEMEDB_ANALYSIS_ROOT"] = str(code)
    free = _free_ports()
    first_port = nats_port or next(free)
    hub_port = next(free)
    sites: list[Site] = []
    servers: list[Server] = []
    for number in range(count):
        name = replica if number == 0 else f"{replica}-{number + 1}"
        home, prefix = (data / name, f"{name}.") if count > 1 else (data, "")
        ports = {
            service: given[service] + number * PORTS_PER_REPLICA if given.get(service) else next(free)
            for service in services
        }
        if number == 0 or not own_servers:
            port = first_port
        else:
            port = nats_port + number if nats_port else next(free)
        sites.append(Site(name, home, port, ports, prefix, environment))
        if own_servers and count > 1:
            hub, link = (hub_port, None) if number == 0 else (None, next(free))
            servers.append(Server(f"{prefix}{NATS}", port, home / "nats", name, hub, link))
    return Plan(data, tuple(sites), tuple(servers) or (Server(NATS, first_port, data / "nats"),))


def free_port() -> int:
    """Return a TCP port of the loopback interface that nobody has at this moment.

    The system gives the ports of its own range to every connection that is made, which are many while replicas start: one that is free
    now may be somebody's a moment later. So it is one of `SERVER_PORTS`, by chance, and the system's choice only if none is found.
    """
    for port in (*random.sample(SERVER_PORTS, PORT_TRIES), 0):
        with socket.socket() as probe, suppress(OSError):
            probe.bind((HOST, port))
            return int(probe.getsockname()[1])
    raise Unavailable("no port of the loopback interface is free")


def _free_ports() -> Iterator[int]:
    """Yield free ports, each once."""
    seen: set[int] = set()
    while True:
        port = free_port()
        if port not in seen:
            seen.add(port)
            yield port


def refuse_other_shape(plan: Plan) -> None:
    """Raise `Refused` if the directory holds one replica where several are planned, or the other way round."""
    alone = (plan.data / "replica.json").exists()
    if alone and len(plan.sites) > 1:
        raise exits.with_hint(
            Refused(f"{plan.data}: holds a single replica, not several"),
            "give several a directory of their own with --data DIR",
        )
    several = sorted(path.parent.name for path in plan.data.glob("*/replica.json"))
    if several and not alone and len(plan.sites) == 1:
        raise exits.with_hint(
            Refused(f"{plan.data}: holds the replicas {', '.join(several)}"),
            f"start them with --replicas {len(several)}, or one of them with --data {plan.data}/{several[0]}",
        )
