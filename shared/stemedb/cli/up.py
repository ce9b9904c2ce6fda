"""``stemedb up``: whole replicas in the foreground, below one directory, with nothing to configure.

It shows once what runs where, then says only what changes: a service that died and was started again, a site that was cut
off. What the processes themselves have to say is in their log files; their last lines are shown when one of them dies.
"""

import asyncio
import os
import signal
import time
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any, Final
from urllib.parse import urlsplit

import typer

from stemedb.cli import exits
from stemedb.cli.embedded import Embedded, running
from stemedb.cli.output import Output
from stemedb.cli.plan import HOST, REPLICAS_MAX, Plan, Site, free_port, plan
from stemedb.cli.session import DEFAULT_DATA, DEFAULT_NATS_URL, DEFAULT_REPLICA, Session
from stemedb.cli.supervisor import Event
from stemedb.errors import InvalidRequest, Refused

INGEST_HTTP_PORT: Final = 9464
INDEX_HTTP_PORT: Final = 9465
SYNC_HTTP_PORT: Final = 9466
ANALYSIS_HTTP_PORT: Final = 9467
ANALYSIS_MODULE: Final = "stemedb_analysis"
TAIL_SHOWN: Final = 4
"""Last lines of a process that died; the rest is in its log file."""
LOOPBACK: Final = frozenset({HOST, "localhost"})


def up(
    context: typer.Context,
    *,
    replicas: Annotated[
        int,
        typer.Option(metavar="N", min=1, max=REPLICAS_MAX, help="How many replicas, kept in step by sync."),
    ] = 1,
    nats_per_replica: Annotated[
        bool,
        typer.Option(
            "--nats-per-replica", help="A NATS server for each, joined as leaf nodes of the first one's."
        ),
    ] = False,
    ingest_http: Annotated[
        int,
        typer.Option(
            metavar="PORT", min=0, max=65535, help="Where ingest answers /metrics and /readyz; 0: any."
        ),
    ] = INGEST_HTTP_PORT,
    index_http: Annotated[
        int,
        typer.Option(
            metavar="PORT", min=0, max=65535, help="Where index answers /metrics and /readyz; 0: any."
        ),
    ] = INDEX_HTTP_PORT,
    sync_http: Annotated[
        int,
        typer.Option(
            metavar="PORT", min=0, max=65535, help="Where sync answers /metrics and /readyz; 0: any."
        ),
    ] = SYNC_HTTP_PORT,
    analysis: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR", exists=True, file_okay=False, help="Run analysis too, for the code below DIR."
        ),
    ] = None,
    analysis_http: Annotated[
        int,
        typer.Option(
            metavar="PORT", min=0, max=65535, help="Where analysis answers /metrics and /readyz; 0: any."
        ),
    ] = ANALYSIS_HTTP_PORT,
) -> None:
    """Run replicas with their own NATS server in the foreground; Ctrl-C stops them.

    The server listens where --nats says: a loopback address, port 0 for any free one. The data directory is made
    if it is not there. A service that crashes is started again; one that says that this cannot help (exit code
    70 or 78) stops everything, with its reason.

    Without --replicas it is one, in the data directory itself, and without peers no sync service is run. Several are named NAME,
    NAME-2, NAME-3 after --replica, each in a folder of its name; the ports are those of the first one, the HTTP ports of each
    next one are ten higher. With --nats-per-replica the last site can be cut off and healed: SIGUSR1 and SIGUSR2.
    """
    session = Session.of(context)
    if nats_per_replica and replicas == 1:
        raise InvalidRequest("nats-per-replica", "want --replicas 2 or more with it")
    if analysis is not None and find_spec(ANALYSIS_MODULE) is None:
        raise exits.with_hint(
            Refused("--analysis: the analysis service is not installed"), "install stemedb-analysis"
        )
    layout = plan(
        session.data.resolve(),
        session.replica,
        replicas,
        nats_port=nats_port(session.nats_url),
        http_ports={"ingest": ingest_http, "index": index_http, "sync": sync_http, "analysis": analysis_http},
        own_servers=nats_per_replica,
        code=None if analysis is None else analysis.resolve(),
    )
    try:
        asyncio.run(_until_stopped(layout, View(layout, session)))
    except asyncio.CancelledError:
        session.output.note("stopped")


def nats_port(url: str) -> int:
    """Return the port that the embedded server shall listen on; raises `Refused` if ``url`` is not of this host."""
    try:
        place = urlsplit(url)
        host, port = place.hostname, place.port
    except ValueError:
        host, port = None, None
    if host not in LOOPBACK or port is None:
        raise exits.with_hint(
            Refused(f"--nats {url}: up runs a server of its own, which listens on {HOST} only"),
            f"give a URL such as {DEFAULT_NATS_URL}; to use a server elsewhere, run the services themselves",
        )
    return port or free_port()


async def _until_stopped(layout: Plan, view: "View") -> None:
    task = asyncio.current_task()
    assert task is not None
    loop = asyncio.get_running_loop()

    def stop() -> None:
        # A second signal, while the first is being obeyed, must not cut the orderly stop short.
        if not task.cancelling():
            task.cancel()

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, stop)
    view.starting()
    async with running(layout, view.on_event) as embedded, asyncio.TaskGroup() as links:

        def partition(*, is_cut: bool) -> None:
            links.create_task(_partition(embedded, view, is_cut=is_cut))

        if embedded.links:
            loop.add_signal_handler(signal.SIGUSR1, lambda: partition(is_cut=True))
            loop.add_signal_handler(signal.SIGUSR2, lambda: partition(is_cut=False))
        view.up(embedded)
        await asyncio.Event().wait()


async def _partition(embedded: Embedded, view: "View", *, is_cut: bool) -> None:
    site, link = list(embedded.links.items())[-1]
    await (link.cut() if is_cut else link.heal())
    view.partitioned(site, is_cut=is_cut)


class View:
    """What the person at the terminal sees of running replicas."""

    def __init__(self, layout: Plan, session: Session) -> None:
        self._plan = layout
        self._session = session
        self._output: Output = session.output
        self._embedded: Embedded | None = None
        self._started = time.monotonic()

    def starting(self) -> None:
        """Say that it will take a moment; a long log takes longer."""
        count = len(self._plan.sites)
        what = "a replica" if count == 1 else f"{count} replicas"
        self._output.note(f"starting {what} in {self._plan.data}")

    def up(self, embedded: Embedded) -> None:
        """Say that everything is ready, and where it is."""
        self._embedded = embedded
        took = time.monotonic() - self._started
        first, *others = self._plan.sites
        output = self._output
        if output.as_json:
            facts: dict[str, Any] = {"event": "up", **_facts(first), "pids": embedded.pids()}
            if others:
                facts["replicas"] = [_facts(site) for site in self._plan.sites]
            output.record(facts)
        else:
            for site in self._plan.sites:
                if site is not first:
                    output.text()
                output.record(
                    self._fields(site, embedded), title=f"replica {site.replica} is up after {took:.1f} s"
                )
            output.text()
            output.record(self._how_to(first))
            output.note("Ctrl-C stops it" if not others else "Ctrl-C stops them")
        output.flush()

    def on_event(self, event: Event) -> None:
        """Say what happened to a process, if it is worth a line: a death, and the life after it."""
        supervisor = self._embedded.supervisor if self._embedded else None
        if self._output.as_json:
            self._output.record({"event": event.what, "process": event.child, "detail": event.detail})
            self._output.flush()
        elif event.what == "restarting":
            self._output.warn(f"{event.child}: {event.detail}")
            for line in supervisor.tail(event.child)[-TAIL_SHOWN:] if supervisor else ():
                self._output.note(f"  {event.child} │ {line}")
        elif event.what == "ready" and supervisor is not None:
            self._output.note(f"{event.child} is back: {event.detail}")

    def partitioned(self, site: str, *, is_cut: bool) -> None:
        """Say that a site was cut off or healed."""
        what = "cut" if is_cut else "healed"
        if self._output.as_json:
            self._output.record({"event": what, "replica": site})
            self._output.flush()
        elif is_cut:
            self._output.warn(f"{site} is cut off from the others")
        else:
            self._output.note(f"{site} is joined to the others again")

    def _fields(self, site: Site, embedded: Embedded) -> dict[str, object]:
        pid = embedded.supervisor.pid
        server = next(server for server in self._plan.servers if server.port == site.nats_port)
        return {
            **({} if len(self._plan.sites) == 1 or self._output.terminal else {"replica": site.replica}),
            "nats": f"{site.nats_url}   pid {pid(server.name)}",
            **{
                service: f"http://{HOST}:{port}/metrics   pid {pid(site.process(service))}"
                for service, port in site.http_ports.items()
            },
            "data": str(site.data),
        }

    def _how_to(self, site: Site) -> dict[str, object]:
        options = _options(site, self._session)
        fields: dict[str, object] = {
            "logs": str(self._plan.run / "*.log"),
            "publish": f"stemedb{options} publish coffee/strength is strong",
            "or": f"nats pub {_server(site)}stemedb.v1.{site.replica}.assert < claim.json",
            "read": f"stemedb{options} query coffee/strength",
        }
        if len(self._plan.sites) > 1:
            last = self._plan.sites[-1]
            fields["elsewhere"] = f"stemedb{_options(last, self._session)} query coffee/strength"
            fields["watch"] = f"stemedb{options} watch"
        if len(self._plan.servers) > 1:
            fields["cut off"] = f"kill -USR1 {os.getpid()}   {self._plan.sites[-1].replica}"
            fields["heal"] = f"kill -USR2 {os.getpid()}"
        return fields


def _facts(site: Site) -> dict[str, object]:
    return {
        "replica": site.replica,
        "nats": site.nats_url,
        "data": str(site.data),
        **{f"{service}_http": f"http://{HOST}:{port}" for service, port in site.http_ports.items()},
    }


def _options(site: Site, session: Session) -> str:
    """Return the global options that another command needs to reach this replica, with a space before each."""
    wanted = {
        "--nats": (site.nats_url, DEFAULT_NATS_URL),
        "--replica": (site.replica, DEFAULT_REPLICA),
        "--data": (str(session.data), str(DEFAULT_DATA)),
    }
    return "".join(f" {name} {value}" for name, (value, default) in wanted.items() if value != default)


def _server(site: Site) -> str:
    return "" if site.nats_url == DEFAULT_NATS_URL else f"-s {site.nats_url} "
