"""A whole deployment under observation, as processes: three replicas, analysis, the NATS monitor, and a Prometheus that scrapes them.

::

    east, west, north (ingest, index, sync) ─┐
    analysis at east ────────────────────────┼── /metrics ──▶ prometheus with the committed rules ──▶ its HTTP API
    nats-server ──▶ nats monitor ────────────┘

The scrape configuration is made for the ports that the processes happen to have; labels are those of the committed one.
"""

import json
import math
import shutil
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from stemedb.cli.plan import free_port
from support.boards import RULES
from support.nats import running_server
from support.replicas import Site, running_sites
from support.services import Service, running
from support.waiting import eventually_sync

REPLICAS = ["east", "north", "west"]
READY_S = 60.0


@dataclass(frozen=True, slots=True)
class Prometheus:
    """A running server."""

    url: str

    def get(self, path: str, **arguments: object) -> Any:
        """Return what its API answers; raises `AssertionError` with its reason when that is an error."""
        query = urllib.parse.urlencode({key: str(value) for key, value in arguments.items()})
        try:
            with urllib.request.urlopen(f"{self.url}/api/v1/{path}?{query}", timeout=30) as answer:
                return json.loads(answer.read())["data"]
        except urllib.error.HTTPError as error:
            with error:
                raise AssertionError(f"{path} {arguments}: {error.read().decode()}") from None

    def numbers(self, expr: str, *, over_s: int = 300, step_s: int = 2) -> list[float]:
        """Return what an expression gave in the last `over_s` seconds, over all series, without what is no number."""
        now_s = time.time()
        found = self.get("query_range", query=expr, start=now_s - over_s, end=now_s, step=step_s)["result"]
        values = [float(value) for series in found for _, value in series["values"]]
        return [value for value in values if not math.isnan(value)]


@dataclass(frozen=True, slots=True)
class Watched:
    """Everything that runs."""

    sites: dict[str, Site]
    nats_url: str
    code: Path
    prometheus: Prometheus


def prometheus_binary() -> str | None:
    """Return where Prometheus is installed, if it is."""
    return shutil.which("prometheus")


@contextmanager
def running_prometheus(folder: Path, jobs: list[dict[str, Any]], interval_s: int = 1) -> Iterator[Prometheus]:
    """Yield a Prometheus that scrapes `jobs` under the committed rules, and is gone when the block ends."""
    binary = prometheus_binary()
    assert binary is not None
    folder.mkdir(parents=True, exist_ok=True)
    config = {
        "global": {
            "scrape_interval": f"{interval_s}s",
            "scrape_timeout": f"{interval_s}s",
            "evaluation_interval": f"{interval_s}s",
        },
        "rule_files": [str(RULES / "stemedb.rules.yml")],
        "scrape_configs": jobs,
    }
    (folder / "prometheus.yml").write_text(yaml.safe_dump(config), encoding="utf-8")
    port = free_port()
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [
                binary,
                f"--config.file={folder / 'prometheus.yml'}",
                f"--storage.tsdb.path={folder / 'data'}",
                f"--web.listen-address=127.0.0.1:{port}",
            ],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
    server = Prometheus(f"http://127.0.0.1:{port}")
    try:
        eventually_sync(lambda: _is_ready(server) or process.poll() is not None, deadline_s=READY_S)
        assert process.poll() is None, (folder / "log").read_text(encoding="utf-8")
        yield server
    finally:
        process.kill()
        process.wait()


@asynccontextmanager
async def watched(folder: Path, *, interval_s: int = 1, **settings: object) -> AsyncIterator[Watched]:
    """Yield a deployment whose services are all ready and scraped, and gone when the block ends."""
    config = folder / "nats.conf"
    config.write_text("http: 127.0.0.1:-1\n", encoding="utf-8")
    code = folder / "code"
    code.mkdir()
    with running_server(folder / "nats", config=config) as server:
        ports = json.loads((server.store / f"nats-server_{server.process.pid}.ports").read_bytes())
        async with running_sites(REPLICAS, folder, server.url, **settings) as sites:
            by_name = {site.name: site for site in sites}
            with (
                running(
                    "stemedb.bus.nats_monitor", folder / "monitor", nats_monitor_url=ports["monitoring"][0]
                ) as monitor,
                running(
                    "stemedb_analysis",
                    folder / "analysis",
                    replica="east",
                    data_dir=by_name["east"].data,
                    nats_url=server.url,
                    analysis_root=code,
                ) as analysis,
                running_prometheus(
                    folder / "prometheus", _jobs(sites, analysis, monitor), interval_s
                ) as prometheus,
            ):
                yield Watched(by_name, server.url, code, prometheus)


def _jobs(sites: list[Site], analysis: Service, monitor: Service) -> list[dict[str, Any]]:
    stemedb = [
        _target(process, replica=site.name, service=name)
        for site in sites
        for name, process in site.services.items()
    ]
    stemedb.append(_target(analysis, replica="east", service="analysis"))
    return [
        {"job_name": "stemedb", "static_configs": stemedb},
        {"job_name": "nats", "static_configs": [_target(monitor, service="nats-monitor")]},
    ]


def _target(process: Service, **labels: str) -> dict[str, Any]:
    return {"targets": [f"127.0.0.1:{process.http_port}"], "labels": labels}


def _is_ready(server: Prometheus) -> bool:
    try:
        with urllib.request.urlopen(f"{server.url}/-/ready", timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False
