"""The ``stemedb`` command for tests: within the process or in one of its own, and ``stemedb up`` as one that goes on."""

import io
import json
import os
import signal
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

from stemedb.cli import main
from support.waiting import eventually_sync

REPLICA = "cli-test"
NOWHERE = {"STEMEDB_NATS_URL": "nats://127.0.0.1:1"}


@dataclass(frozen=True)
class Done:
    """A command that has ended."""

    code: int
    out: str
    err: str

    @property
    def record(self) -> dict[str, Any]:
        return json.loads(self.out)

    @property
    def records(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.out.splitlines()]


def stemedb(*arguments: object, stdin: bytes = b"", env: dict[str, str] | None = None) -> Done:
    """Run the command within this process, which spares half a second of imports each time."""
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8") for _ in range(2))
    with (
        redirect_stdout(out),
        redirect_stderr(err),
        patch.object(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin))),
        patch.dict(os.environ, env or NOWHERE),
    ):
        code = main([str(argument) for argument in arguments])
    texts = []
    for stream in (out, err):
        stream.flush()
        texts.append(stream.buffer.getvalue().decode())  # type: ignore[attr-defined]  # a BytesIO, made above
    return Done(code, *texts)


def stemedb_process(*arguments: object, stdin: bytes = b"", env: dict[str, str] | None = None) -> Done:
    """Run the command in a process of its own, as a user does."""
    done = subprocess.run(
        [sys.executable, "-m", "stemedb.cli", *map(str, arguments)],
        check=False,
        capture_output=True,
        input=stdin,
        timeout=60,
        env={**os.environ, **(env or NOWHERE)},
    )
    return Done(done.returncode, done.stdout.decode(), done.stderr.decode())


class Up:
    """A running ``stemedb up``."""

    def __init__(self, data: Path, *options: str) -> None:
        self.data = data
        command = [sys.executable, "-m", "stemedb.cli", "up", "--json", "--nats", "nats://127.0.0.1:0"]
        command += [
            "--ingest-http",
            "0",
            "--index-http",
            "0",
            "--data",
            str(data),
            "--replica",
            REPLICA,
            *options,
        ]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.facts: dict[str, Any] = {"pids": {}}
        try:
            self.facts = self.wait_for("up")
        except BaseException:
            self.kill_all()
            raise

    def wait_for(self, event: str, process: str | None = None) -> dict[str, Any]:
        """Return the next such event that ``up`` tells."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            told = json.loads(line)
            if told["event"] == event and process in (None, told.get("process")):
                return told
        raise AssertionError(f"up ended: {self.process.communicate()[1].decode()}")

    @property
    def env(self) -> dict[str, str]:
        """The environment in which every command finds this replica."""
        return {
            "STEMEDB_NATS_URL": self.facts["nats"],
            "STEMEDB_REPLICA": REPLICA,
            "STEMEDB_DATA_DIR": str(self.data),
        }

    def run(self, *arguments: object, stdin: bytes = b"", at: int = 0) -> Done:
        """Run a command against a replica: the only one, or the one with number `at` of several."""
        if self.process.poll() is not None:
            raise AssertionError(f"up ended by itself: {self.process.communicate()[1].decode()}")
        facts = self.facts["replicas"][at] if at else self.facts
        place = {"STEMEDB_NATS_URL": facts["nats"], "STEMEDB_REPLICA": facts["replica"]}
        return stemedb(*arguments, stdin=stdin, env={**self.env, **place})

    def end(self, number: signal.Signals = signal.SIGINT) -> tuple[int, str]:
        """Stop it as the terminal would; return its exit code and what it said on standard error."""
        self.process.send_signal(number)
        _, err = self.process.communicate(timeout=10)
        return self.process.returncode, err.decode()

    def kill_all(self) -> None:
        """Leave nothing behind, whatever state things are in."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate()
        for pid in self.facts["pids"].values():
            eventually_sync(lambda pid=pid: gone(pid))


def gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True
