"""``stemedb up``: a whole replica in the foreground, on one directory, with nothing to configure.

It shows once what runs where, then says only what changes: a service that died and was started again. What the
processes themselves have to say is in their log files; their last lines are shown when one of them dies.
"""

import asyncio
import signal
import time
from typing import Annotated, Final
from urllib.parse import urlsplit

import typer

from stemedb.cli import exits
from stemedb.cli.embedded import HOST, NATS, SERVICES, Plan, free_port, running
from stemedb.cli.output import Output
from stemedb.cli.session import DEFAULT_DATA, DEFAULT_NATS_URL, DEFAULT_REPLICA, Session
from stemedb.cli.supervisor import Event, Supervisor
from stemedb.errors import Refused

INGEST_HTTP_PORT: Final = 9464
INDEX_HTTP_PORT: Final = 9465
TAIL_SHOWN: Final = 4
"""Last lines of a process that died; the rest is in its log file."""
LOOPBACK: Final = frozenset({HOST, "localhost"})


def up(
    context: typer.Context,
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
) -> None:
    """Run one replica with its own NATS server in the foreground; Ctrl-C stops it.

    The server listens where --nats says: a loopback address, port 0 for any free one. The data directory is made
    if it is not there. A service that crashes is started again; one that says that this cannot help (exit code
    70 or 78) stops everything, with its reason.
    """
    session = Session.of(context)
    plan = Plan(
        session.data.resolve(),
        session.replica,
        nats_port(session.nats_url),
        (ingest_http or free_port(), index_http or free_port()),
    )
    try:
        asyncio.run(_until_stopped(plan, View(plan, session)))
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


async def _until_stopped(plan: Plan, view: "View") -> None:
    task = asyncio.current_task()
    assert task is not None

    def stop() -> None:
        # A second signal, while the first is being obeyed, must not cut the orderly stop short.
        if not task.cancelling():
            task.cancel()

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, stop)
    view.starting()
    async with running(plan, view.on_event) as supervisor:
        view.up(supervisor)
        await asyncio.Event().wait()


class View:
    """What the person at the terminal sees of a running replica."""

    def __init__(self, plan: Plan, session: Session) -> None:
        self._plan = plan
        self._output: Output = session.output
        self._options = _options(plan, session)
        self._supervisor: Supervisor | None = None
        self._started = time.monotonic()

    def starting(self) -> None:
        """Say that it will take a moment; a long log takes longer."""
        self._output.note(f"starting a replica in {self._plan.data}")

    def up(self, supervisor: Supervisor) -> None:
        """Say that everything is ready, and where it is."""
        self._supervisor = supervisor
        plan, output = self._plan, self._output
        took = time.monotonic() - self._started
        ports = dict(zip(SERVICES, plan.http_ports, strict=True))
        if output.as_json:
            output.record(
                {
                    "event": "up",
                    "replica": plan.replica,
                    "nats": plan.nats_url,
                    "data": str(plan.data),
                    **{f"{name}_http": f"http://{HOST}:{port}" for name, port in ports.items()},
                    "pids": {name: supervisor.pid(name) for name in (NATS, *SERVICES)},
                }
            )
        else:
            fields = {
                "nats": f"{plan.nats_url}   pid {supervisor.pid(NATS)}",
                **{
                    name: f"http://{HOST}:{port}/metrics   pid {supervisor.pid(name)}"
                    for name, port in ports.items()
                },
                "data": str(plan.data),
                "logs": str(plan.run / "*.log"),
                "publish": f"stemedb{self._options} publish coffee/strength is strong",
                "or": f"nats pub {_server(plan)}stemedb.v1.{plan.replica}.assert < claim.json",
                "read": f"stemedb{self._options} query coffee/strength",
            }
            output.record(fields, title=f"replica {plan.replica} is up after {took:.1f} s")
            output.note("Ctrl-C stops it")
        output.flush()

    def on_event(self, event: Event) -> None:
        """Say what happened to a process, if it is worth a line: a death, and the life after it."""
        if self._output.as_json:
            self._output.record({"event": event.what, "process": event.child, "detail": event.detail})
            self._output.flush()
        elif event.what == "restarting":
            self._output.warn(f"{event.child}: {event.detail}")
            for line in self._supervisor.tail(event.child)[-TAIL_SHOWN:] if self._supervisor else ():
                self._output.note(f"  {event.child} │ {line}")
        elif event.what == "ready" and self._supervisor is not None:
            self._output.note(f"{event.child} is back: {event.detail}")


def _options(plan: Plan, session: Session) -> str:
    """Return the global options that another command needs to reach this replica, with a space before each."""
    wanted = {
        "--nats": (plan.nats_url, DEFAULT_NATS_URL),
        "--replica": (plan.replica, DEFAULT_REPLICA),
        "--data": (str(session.data), str(DEFAULT_DATA)),
    }
    return "".join(f" {name} {value}" for name, (value, default) in wanted.items() if value != default)


def _server(plan: Plan) -> str:
    return "" if plan.nats_url == DEFAULT_NATS_URL else f"-s {plan.nats_url} "
