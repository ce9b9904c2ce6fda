"""The supervisor with children that are two-line programs."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from stemedb.cli import exits, supervisor
from stemedb.cli.supervisor import Child, Event, Supervisor, ending
from stemedb.errors import Fatal, Refused, Unavailable
from support.waiting import eventually

SLEEP = "import time; print('up', flush=True); time.sleep(60)"
STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(60)"


class Stage:
    """A supervisor with a record of what happened to its children."""

    def __init__(self, folder: Path) -> None:
        self.events: list[Event] = []
        self.supervisor = Supervisor(folder / "run", self.events.append)

    def child(self, program: str, *, ready: str = "up") -> Child:
        async def is_ready() -> bool:
            return ready in self.supervisor.tail("child")

        return Child("child", [sys.executable, "-c", program], is_ready)

    def said(self, what: str) -> list[str]:
        return [event.detail for event in self.events if event.what == what]


@pytest.fixture
def stage(tmp_path, monkeypatch):
    monkeypatch.setattr(supervisor, "PAUSE_S", 0.01)
    monkeypatch.setattr(supervisor, "PAUSE_S_MAX", 0.02)
    return Stage(tmp_path)


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


async def end(stage: Stage, task: "asyncio.Task[None]") -> None:
    await stage.supervisor.stop(["child"])
    await task


async def test_a_child_that_is_killed_is_started_again(stage):
    ready = asyncio.Event()
    task = asyncio.create_task(stage.supervisor.keep(stage.child(SLEEP), ready))
    await asyncio.wait_for(ready.wait(), 20)
    first = stage.supervisor.pid("child")
    os.kill(first, signal.SIGKILL)
    await eventually(lambda: stage.supervisor.pid("child") != first)
    assert "killed by SIGKILL" in stage.said("restarting")[0]
    await end(stage, task)
    assert not alive(stage.supervisor.pid("child"))


async def test_a_child_that_is_suspended_stays_down_until_it_is_resumed(stage):
    ready = asyncio.Event()
    task = asyncio.create_task(stage.supervisor.keep(stage.child(SLEEP), ready))
    await asyncio.wait_for(ready.wait(), 20)
    first = stage.supervisor.pid("child")
    await stage.supervisor.suspend(["child"])
    assert not alive(first)
    assert not task.done()
    stage.supervisor.resume(["child"])
    await eventually(lambda: len(stage.said("ready")) == 2)
    assert stage.supervisor.pid("child") != first
    assert stage.said("restarting") == [], "its end was no accident"
    await end(stage, task)


async def test_a_child_that_is_suspended_does_not_keep_everything_from_stopping(stage):
    ready = asyncio.Event()
    task = asyncio.create_task(stage.supervisor.keep(stage.child(SLEEP), ready))
    await asyncio.wait_for(ready.wait(), 20)
    await stage.supervisor.suspend(["child"])
    await end(stage, task)
    assert len(stage.said("ready")) == 1


@pytest.mark.parametrize(("code", "kind"), [(70, Fatal), (78, Refused)])
async def test_a_child_that_says_restarting_cannot_help_stops_everything(stage, code, kind):
    child = stage.child(f"import sys; print('the reason'); sys.exit({code})")
    with pytest.raises(kind, match=f"child: exited with code {code}: the reason") as failure:
        await stage.supervisor.keep(child, asyncio.Event())
    assert "child.log" in exits.hint(failure.value)
    assert stage.said("restarting") == []


async def test_a_child_that_dies_again_and_again_stops_everything(stage):
    with pytest.raises(Unavailable, match="no server"):
        await stage.supervisor.keep(stage.child("print('no server'); raise SystemExit(69)"), asyncio.Event())
    assert len(stage.said("restarting")) == supervisor.RESTARTS_MAX


async def test_a_child_that_never_becomes_ready_is_reported(stage, monkeypatch):
    monkeypatch.setattr(supervisor, "READY_S", 0.2)
    task = asyncio.create_task(stage.supervisor.keep(stage.child(SLEEP, ready="never"), asyncio.Event()))
    with pytest.raises(Unavailable, match="not ready after"):
        await task
    await stage.supervisor.stop(["child"])


async def test_a_child_that_will_not_go_is_killed(stage):
    ready = asyncio.Event()
    task = asyncio.create_task(stage.supervisor.keep(stage.child(STUBBORN), ready))
    await asyncio.wait_for(ready.wait(), 20)
    started = time.monotonic()
    await stage.supervisor.stop(["child"], within_s=0.1)
    await task
    assert not alive(stage.supervisor.pid("child"))
    assert time.monotonic() - started < supervisor.STOP_S


async def test_the_log_of_the_last_run_is_kept_once_more(tmp_path):
    for number in (1, 2):
        stage = Stage(tmp_path)
        with pytest.raises(Fatal):
            await stage.supervisor.keep(
                stage.child(f"print('run {number}'); raise SystemExit(70)"), asyncio.Event()
            )
    assert (tmp_path / "run" / "child.log").read_text() == "run 2\n"
    assert (tmp_path / "run" / "child.log.1").read_text() == "run 1\n"


async def test_the_tail_is_bounded(stage):
    program = "print('\\n'.join(map(str, range(100_000)))); raise SystemExit(70)"
    with pytest.raises(Fatal):
        await stage.supervisor.keep(stage.child(program), asyncio.Event())
    assert stage.supervisor.tail("child")[-1] == "99999"
    assert len(stage.supervisor.tail("child")) == supervisor.TAIL_LINES


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's parent-death signal is of Linux")
async def test_no_child_outlives_a_supervisor_that_is_killed(tmp_path):
    program = """
import asyncio, pathlib, sys
from stemedb.cli.supervisor import Child, Supervisor
async def main():
    supervisor = Supervisor(pathlib.Path(sys.argv[1]))
    async def ready():
        print(supervisor.pid("child"), flush=True)
        return True
    await supervisor.keep(Child("child", [sys.executable, "-c", "import time; time.sleep(60)"], ready), asyncio.Event())
asyncio.run(main())
"""
    parent = await asyncio.create_subprocess_exec(
        sys.executable, "-c", program, str(tmp_path), stdout=asyncio.subprocess.PIPE
    )
    assert parent.stdout is not None
    child = int(await asyncio.wait_for(parent.stdout.readline(), 20))
    parent.kill()
    await parent.wait()
    await eventually(gone(child))


def gone(pid: int) -> Callable[[], bool]:
    """Return whether a process that is not our child has ended; a zombie that nobody reaps has."""

    def check() -> bool:
        try:
            return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
        except FileNotFoundError:
            return True

    return check


@pytest.mark.parametrize(
    ("code", "text"), [(0, "exited with code 0"), (-9, "killed by SIGKILL"), (-200, "killed by signal 200")]
)
def test_endings_in_words(code, text):
    assert ending(code) == text
