"""A service as a real process: started with settings from the environment, watched through its log and its HTTP port."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

from support.waiting import eventually_sync

START_S = 60.0
STOP_S = 30.0


@dataclass(slots=True)
class Service:
    """One running service."""

    process: subprocess.Popen[bytes]
    out: Path
    err: Path

    @classmethod
    def launch(cls, module: str, folder: Path, **settings: object) -> "Service":
        """Start ``python -m module`` and return at once; settings become ``STEMEDB_*`` variables."""
        folder.mkdir(parents=True, exist_ok=True)
        number = len(list(folder.glob("*.out")))
        out, err = folder / f"{number}.out", folder / f"{number}.err"
        inherited = {key: value for key, value in os.environ.items() if not key.startswith("STEMEDB_")}
        own = {f"STEMEDB_{key.upper()}": str(value) for key, value in settings.items()}
        with out.open("wb") as out_file, err.open("wb") as err_file:
            process = subprocess.Popen(
                [sys.executable, "-m", module],
                env=inherited | own,
                stdin=subprocess.DEVNULL,
                stdout=out_file,
                stderr=err_file,
            )
        return cls(process, out, err)

    @classmethod
    def start(cls, module: str, folder: Path, **settings: object) -> "Service":
        """Start it and wait until it says that it is ready."""
        service = cls.launch(module, folder, **settings)
        try:
            eventually_sync(lambda: service.ready or service.process.poll() is not None, deadline_s=START_S)
            if not service.ready:
                raise AssertionError(f"{module} ended with {service.process.returncode}: {service.stderr}")
        except BaseException:
            service.kill()
            raise
        return service

    @property
    def events(self) -> list[dict[str, object]]:
        """The log so far."""
        lines = self.out.read_text(encoding="utf-8").splitlines(keepends=True)
        return [json.loads(line) for line in lines if line.endswith("\n")]

    @property
    def ready(self) -> dict[str, object] | None:
        """The log line that says so."""
        return next((event for event in self.events if event["event"] == "ready"), None)

    @property
    def http_port(self) -> int:
        """Where it answers HTTP."""
        assert self.ready is not None
        return int(str(self.ready["http_port"]))

    @property
    def stderr(self) -> str:
        """What it wrote for the operator."""
        return self.err.read_text(encoding="utf-8")

    def get(self, path: str) -> tuple[int, str]:
        """Return status and body of an HTTP request to it."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.http_port}{path}", timeout=5) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()

    def metrics(self) -> dict[str, float]:
        """Return all samples, keyed as ``name{label=value,…}``."""
        samples = {}
        for family in text_string_to_metric_families(self.get("/metrics")[1]):
            for sample in family.samples:
                labels = ",".join(f"{key}={value}" for key, value in sorted(sample.labels.items()))
                samples[f"{sample.name}{{{labels}}}" if labels else sample.name] = sample.value
        return samples

    def stop(self) -> tuple[int, float]:
        """Ask it to end with SIGTERM; return its exit code and how long it took in seconds."""
        started = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(STOP_S)
        return code, time.monotonic() - started

    def end(self) -> int:
        """Return the exit code of a process that ends by itself."""
        return self.process.wait(START_S)

    def kill(self) -> None:
        """End it as a crash would."""
        self.process.kill()
        self.process.wait()


@contextmanager
def running(module: str, folder: Path, **settings: object) -> Iterator[Service]:
    """Yield a service that is ready, and gone when the block ends."""
    service = Service.start(module, folder, **settings)
    try:
        yield service
    finally:
        service.kill()
