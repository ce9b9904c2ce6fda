"""PostgreSQL under the load: logical replication of one table between two clusters, where its server programs are installed.

::

    near  publication ──▶ wal sender ──▶ apply worker  subscription, synchronous_commit = on   far

Settings are the defaults but for ``wal_level`` and where it listens; ``fsync`` is on at both sides, and the subscriber commits synchronously, so that what can be
read there is on disk there, as with us. Both listen on a Unix socket in the scratch folder and on no port. A tick is one ``COPY`` of its own
transaction, a bulk write are such of 2,000 rows, one after the other. At the far side a row is there once a query sees it.

``initdb`` and ``postgres`` refuse to run as root: root runs them as the user ``postgres``, else ``nobody``.
"""

import asyncio
import os
import pwd
import shutil
import signal
import time
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

from bench.publisher import statement
from bench.replication.load import DEADLINE_S, Arrival
from support.waiting import eventually

PROGRAMS = ("initdb", "postgres", "psql", "pg_isready")
USERS = ("postgres", "nobody")
COPY_ROWS = 2000
LOOK_S = 0.001
STOP_S = 20.0
SOCKET_PATH_MAX = 90
"""Of the 107 bytes that the kernel allows, less the name of the socket."""

SETTINGS = {"listen_addresses": "", "wal_level": "logical", "client_min_messages": "warning"}


def find_programs() -> Path | None:
    """Return the folder with PostgreSQL's server programs, of the newest version if there are several, or None."""
    beside = shutil.which("initdb")
    folders = [Path(beside).resolve().parent] if beside else []
    versions = Path("/usr/lib/postgresql").glob("*/bin")
    folders += sorted(versions, key=lambda path: float(path.parent.name), reverse=True)
    return next((one for one in folders if all(os.access(one / name, os.X_OK) for name in PROGRAMS)), None)


class Session:
    """One ``psql`` that is told statements over its standard input; each answers one line."""

    def __init__(self, process: Process) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self._process = process
        self._input = process.stdin
        self._output = process.stdout

    @classmethod
    @asynccontextmanager
    async def opened(cls, programs: Path, folder: Path) -> AsyncIterator["Session"]:
        """Yield a session with the server whose socket is in `folder`."""
        arguments = [
            "-X",
            "-A",
            "-t",
            "-v",
            "ON_ERROR_STOP=1",
            "-h",
            str(folder),
            "-U",
            "postgres",
            "postgres",
        ]
        process = await asyncio.create_subprocess_exec(programs / "psql", *arguments, stdin=PIPE, stdout=PIPE)
        session = cls(process)
        try:
            yield session
        finally:
            session._input.close()
            await process.wait()

    async def tell(self, command: str) -> None:
        """Send a command without waiting for its answer."""
        self._input.write(command.encode() + b";\n")
        await self._input.drain()

    async def copy(self, numbers: range) -> None:
        """Send one transaction that inserts these statements, without waiting for its answer."""
        rows = b"".join([b"%d\t%b\n" % (number, statement(number)) for number in numbers])
        self._input.write(b"COPY statements FROM STDIN;\n" + rows + b"\\.\n")
        await self._input.drain()

    async def answer(self) -> str:
        """Return the next line of what it answers."""
        line = await self._output.readline()
        if not line:
            raise AssertionError(f"psql ended with {await self._process.wait()}; its reason is above")
        return line.decode().rstrip()

    async def ask(self, command: str) -> str:
        """Send a command and return its answer."""
        await self.tell(command)
        return await self.answer()


class Postgres:
    """A publisher and its subscriber. Sessions are shared by nobody else, so answers come in order."""

    def __init__(self, near: Session, far: Session) -> None:
        self._near = near
        self._far = far
        self._offered = 0

    async def offer(self, numbers: range) -> None:
        await self._near.copy(numbers)
        self._offered += 1

    async def write(self, numbers: range) -> None:
        await self._settle()
        parts = [numbers[at : at + COPY_ROWS] for at in range(0, len(numbers), COPY_ROWS)]

        async def send() -> None:
            for part in parts:
                await self._near.copy(part)

        sending = asyncio.create_task(send())
        for part in parts:
            assert await self._near.answer() == f"COPY {len(part)}"
        await sending

    async def held(self) -> int:
        # Transactions are applied in the order of their commits, so the newest row tells of all before it.
        return int(await self._far.ask("SELECT coalesce(max(number), -1) FROM statements")) + 1

    @asynccontextmanager
    async def watched(self) -> AsyncIterator[list[list[Arrival]]]:
        seen: list[Arrival] = []

        async def look() -> None:
            while True:
                held = await self.held()
                seen.append(Arrival(time.perf_counter(), held))
                await asyncio.sleep(LOOK_S)

        looking = asyncio.create_task(look())
        try:
            yield [seen]
        finally:
            looking.cancel()
            await asyncio.gather(looking, return_exceptions=True)
        # A look that was cancelled left its answer unread.
        await self._far.tell("SELECT 'done'")
        while await self._far.answer() != "done":
            pass

    async def cut(self) -> None:
        await self._settle()
        assert await self._far.ask("ALTER SUBSCRIPTION copy DISABLE") == "ALTER SUBSCRIPTION"
        workers = "SELECT count(*) FROM pg_stat_subscription WHERE pid IS NOT NULL"
        await eventually(lambda: _answers(self._far, workers, "0"), deadline_s=DEADLINE_S)

    async def heal(self) -> None:
        assert await self._far.ask("ALTER SUBSCRIPTION copy ENABLE") == "ALTER SUBSCRIPTION"

    async def check(self, count: int) -> None:
        all_of_it = "SELECT count(*), max(number), sum(hashtext(statement)) FROM statements"
        near, far = [await session.ask(all_of_it) for session in (self._near, self._far)]
        assert near == far, f"the tables differ: {near}, {far}"
        assert near.startswith(f"{count}|{count - 1}|"), f"got {near}, want {count}"

    async def _settle(self) -> None:
        """Read the answers to what was offered."""
        while self._offered:
            assert (await self._near.answer()).startswith("COPY ")
            self._offered -= 1


@asynccontextmanager
async def running_postgres(programs: Path, folder: Path) -> AsyncIterator[Postgres]:
    """Yield an empty table and its copy on two clusters, which are gone when the block ends."""
    user = _user()
    _let_in(folder, user)
    async with AsyncExitStack() as stack:
        sessions = []
        for name in ("near", "far"):
            home = folder / name
            home.mkdir(mode=0o700)
            if user is not None:
                os.chown(home, user.pw_uid, user.pw_gid)
            await stack.enter_async_context(_cluster(programs, home, user))
            session = await stack.enter_async_context(Session.opened(programs, home))
            table = "CREATE TABLE statements (number bigint PRIMARY KEY, statement text NOT NULL)"
            assert await session.ask(table) == "CREATE TABLE"
            sessions.append(session)
        near, far = sessions
        assert await near.ask("CREATE PUBLICATION copy FOR TABLE statements") == "CREATE PUBLICATION"
        source = f"host={folder / 'near'} user=postgres dbname=postgres"
        subscribe = (
            f"CREATE SUBSCRIPTION copy CONNECTION '{source}' PUBLICATION copy WITH (synchronous_commit = on)"
        )
        assert await far.ask(subscribe) == "CREATE SUBSCRIPTION"
        copied = "SELECT count(*) FROM pg_subscription_rel WHERE srsubstate <> 'r'"
        await eventually(lambda: _answers(far, copied, "0"), deadline_s=DEADLINE_S)
        yield Postgres(near, far)


def _user() -> pwd.struct_passwd | None:
    """Return whom to run the servers as, None for ourselves."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    return next(known[name] for name in USERS if name in known)


def _let_in(folder: Path, user: pwd.struct_passwd | None) -> None:
    """Let `user` reach `folder`, which only we may read."""
    folder.mkdir(parents=True, exist_ok=True)
    assert len(os.fsencode(folder)) <= SOCKET_PATH_MAX, f"{folder}: too long for the path of a socket"
    if user is not None:
        folder.chmod(0o711)
        folder.parent.chmod(0o711)


@asynccontextmanager
async def _cluster(programs: Path, home: Path, user: pwd.struct_passwd | None) -> AsyncIterator[None]:
    """Make an empty cluster in `home` and run its server for as long as the block runs."""
    identity: dict[str, Any] = {"cwd": home, "stdin": DEVNULL}
    if user is not None:
        identity |= {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    log = home / "server.log"
    make = ["-D", "data", "-A", "trust", "-U", "postgres", "--no-locale", "-E", "UTF8", "--no-sync"]
    settings = SETTINGS | {"unix_socket_directories": str(home)}
    options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    with log.open("wb") as words:
        identity |= {"stdout": words, "stderr": words}
        made = await asyncio.create_subprocess_exec(programs / "initdb", *make, **identity)
        assert await made.wait() == 0, log.read_text(errors="replace")
        server = await asyncio.create_subprocess_exec(
            programs / "postgres", "-D", "data", *options, **identity
        )
    try:
        await eventually(lambda: _accepts(programs, home, server), deadline_s=DEADLINE_S)
        yield
    finally:
        if server.returncode is None:
            # At once and without a last checkpoint: the data is thrown away. It ends all that it started.
            server.send_signal(signal.SIGQUIT)
            async with asyncio.timeout(STOP_S):
                await server.wait()


async def _accepts(programs: Path, home: Path, server: Process) -> bool:
    assert server.returncode is None, (home / "server.log").read_text(errors="replace")
    asked = await asyncio.create_subprocess_exec(
        programs / "pg_isready", "-q", "-h", str(home), stdin=DEVNULL
    )
    return await asked.wait() == 0


async def _answers(session: Session, command: str, wanted: str) -> bool:
    return await session.ask(command) == wanted
