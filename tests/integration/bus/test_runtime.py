"""``runtime.run`` as a process: every way to end has its exit code, one line, and less than two seconds."""

import json
import signal
import subprocess
import sys
import time

import pytest

from stemedb.bus import exit_codes
from support.waiting import eventually_sync, promised

PROLOGUE = """
import asyncio, sys, threading, time
from stemedb.bus import runtime, logs
from stemedb.bus.settings import ServiceSettings
from stemedb.bus.worker import Worker
from stemedb.errors import Corruption, Fatal, Refused, Unavailable

async def main(settings, lifetime):
    logs.logger().info("ready")
{body}

sys.exit(runtime.run("test", ServiceSettings, main))
"""

BESIDE = """
async def fail():
    raise Fatal("beside")
async with asyncio.TaskGroup() as group:
    group.create_task(fail())
    await lifetime.wait()
"""


@pytest.fixture
def start(tmp_path):
    processes = []

    def launch(body):
        script = tmp_path / "service.py"
        indented = "\n".join(f"    {row}" for row in body.splitlines())
        script.write_text(PROLOGUE.format(body=indented), encoding="utf-8")
        out = (tmp_path / "out").open("wb")
        process = subprocess.Popen([sys.executable, script], stdout=out, stderr=subprocess.PIPE, text=True)
        out.close()
        process.log = tmp_path / "out"
        processes.append(process)
        return process

    yield launch
    for process in processes:
        process.kill()
        process.wait()
        process.stderr.close()


def finish(process):
    started = time.monotonic()
    process.wait(15)
    return process.returncode, process.stderr.read(), time.monotonic() - started


def stopped_by(process, number):
    eventually_sync(lambda: "ready" in process.log.read_text())
    process.send_signal(number)
    return finish(process)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_in_order(start, number):
    code, stderr, seconds = stopped_by(start("await lifetime.wait()\nlogs.logger().info('closed')"), number)
    assert (code, stderr) == (exit_codes.OK, "")
    assert seconds < promised(2)


def test_the_log_is_json_with_iso_times(start):
    process = start("await lifetime.wait()")
    stopped_by(process, signal.SIGTERM)
    events = [json.loads(row) for row in process.log.read_text().splitlines()]
    assert [event["event"] for event in events] == ["ready", "stopping", "stopped"]
    assert all(event["timestamp"].endswith("Z") and event["level"] == "info" for event in events)
    assert (events[1]["service"], events[1]["replica"]) == ("test", "local")


def test_a_drain_that_hangs_is_cut_short(start):
    code, stderr, seconds = stopped_by(start("await asyncio.Event().wait()"), signal.SIGTERM)
    assert (code, stderr) == (exit_codes.OK, "")
    assert seconds < promised(2)


def test_a_thread_that_hangs_does_not_keep_the_process(start):
    body = """
async with Worker("test") as worker:
    job = asyncio.create_task(worker.run(time.sleep, 60))
    await lifetime.wait()
"""
    code, _, seconds = stopped_by(start(body), signal.SIGTERM)
    assert code == exit_codes.OK
    assert seconds < promised(2)


@pytest.mark.parametrize(
    ("body", "code", "words"),
    [
        ("raise Refused('the port is taken')", exit_codes.CONFIG, "the port is taken"),
        ("raise Unavailable('no server')", exit_codes.UNAVAILABLE, "no server"),
        ("raise Corruption('a.wal', 7, 'bad checksum')", exit_codes.FATAL, "a.wal: offset 7: bad checksum"),
        ("lifetime.fail(Fatal('the disk'))\nawait lifetime.wait()", exit_codes.FATAL, "the disk"),
        (
            BESIDE,
            exit_codes.FATAL,
            "beside",
        ),
        ("raise ZeroDivisionError('ours')", exit_codes.FATAL, "unexpected ZeroDivisionError: ours"),
        ("open('/dev/null/x')", exit_codes.CONFIG, "/dev/null/x: Not a directory; set STEMEDB_DATA_DIR to"),
    ],
)
def test_a_failure_is_one_line_and_a_code(start, body, code, words):
    got, stderr, _ = finish(start(body))
    assert got == code
    assert stderr.startswith("stemedb test: ")
    assert stderr.count("\n") == 1
    assert words in stderr


@pytest.mark.parametrize("form", ["json", "console"])
def test_the_traceback_of_a_bug_is_in_the_log_without_the_values_of_variables(start, monkeypatch, form):
    """A frame may hold the seed of the replica."""
    monkeypatch.setenv("STEMEDB_LOG_FORMAT", form)
    process = start("seed = 'never ' + 'seen'\nraise ZeroDivisionError('ours')")
    finish(process)
    log = process.log.read_text()
    assert "service.py" in log
    assert "never seen" not in log
