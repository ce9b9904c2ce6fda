"""``services/nats/nats.conf``: where its ports are, alone and with the flags of ``compose.yaml``."""

import json
import re
import subprocess
from pathlib import Path

import pytest

from stemedb.bus.nats_server import find_binary
from support.waiting import eventually_sync

ROOT = Path(__file__).parents[3]
CONFIG = "services/nats/nats.conf"
FREE_PORTS = ["-p", "-1", "--http_port", "-1"]


def compose_flags():
    """What ``compose.yaml`` adds to the configuration file."""
    compose = (ROOT / "compose.yaml").read_text(encoding="utf-8")
    command = re.search(r'command: (\["--config".*\])', compose)
    assert command is not None
    option, _, *flags = json.loads(command[1])
    assert option == "--config"
    return flags


@pytest.mark.parametrize(("flags", "interface"), [([], "127.0.0.1"), (compose_flags(), "0.0.0.0")])
def test_both_ports_are_on_the_interface_that_was_asked_for(tmp_path, flags, interface):
    log = tmp_path / "log"
    command = [find_binary(), "--config", str(ROOT / CONFIG), *flags, *FREE_PORTS, "-l", str(log)]
    process = subprocess.Popen(command, cwd=tmp_path, stdin=subprocess.DEVNULL)
    try:
        eventually_sync(lambda: log.exists() and "Server is ready" in log.read_text())
    finally:
        process.kill()
        process.wait()
    words = log.read_text()
    assert f"Starting http monitor on {interface}:" in words
    assert f"Listening for client connections on {interface}:" in words
