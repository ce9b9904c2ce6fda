"""Whether the derived files may be believed: ``log/state``.

The files of ``log/`` and ``ids/`` are written without syncing. What that means depends on what happened since:

| what happened | what the files hold | what the next writer does |
|---|---|---|
| closed in good order | everything, synced | believes them |
| process died, same boot | everything written: the kernel's page cache survived | catches up from their sizes |
| the operating system stopped, or the directory came from elsewhere | anything | computes them again |
| died while computing them | part | computes them again |

What this cannot see is a file system that was torn away and mounted again within one boot; `stemedb rebuild` is for that.

So the file says in which boot of which kernel the writer opened the files, and whether it closed them: one JSON object,
replaced as a whole and synced. It is written before the first change and after the last sync.
"""

import json
from enum import Enum
from pathlib import Path
from typing import Final, NamedTuple

from stemedb.errors import UnsupportedFormat
from stemedb.storage.files import SYSTEM, Operations, atomic_replace

FORMAT: Final = 1
FILE_NAME: Final = "state"
BOOT_ID_PATH: Final = Path("/proc/sys/kernel/random/boot_id")


class Condition(Enum):
    """What the writer last said about the derived files."""

    ABSENT = "absent"  # nothing was ever written, or the file is unreadable
    OPEN = "open"
    CLOSED = "closed"
    REBUILDING = "rebuilding"


class State(NamedTuple):
    """The content of the file."""

    condition: Condition
    boot: str

    def is_believable(self, boot: str) -> bool:
        """Say whether derived files in this state may be believed in the running boot `boot`."""
        return self.condition is Condition.CLOSED or (
            self.condition is Condition.OPEN and self.boot == boot and bool(boot)
        )


def current_boot() -> str:
    """Return the id of the running boot, or an empty string, which equals no boot, where the kernel does not tell."""
    try:
        return BOOT_ID_PATH.read_text(encoding="ascii").strip()
    except OSError:
        return ""


def read_state(directory: Path) -> State:
    """Return the state of the derived files in `directory`; raises `UnsupportedFormat` if they are newer."""
    path = directory / FILE_NAME
    try:
        state = json.loads(path.read_bytes())
        version, condition, boot = state["format"], Condition(state["condition"]), str(state["boot"])
    except (OSError, ValueError, KeyError, TypeError):
        return State(Condition.ABSENT, "")
    if version != FORMAT:
        raise UnsupportedFormat(f"{path}: format {version}, this software knows {FORMAT}: upgrade it")
    return State(condition, boot)


def write_state(directory: Path, state: State, operations: Operations = SYSTEM) -> None:
    """Replace the state; durable when it returns. Raises `DurabilityLost`."""
    content = {"format": FORMAT, "condition": state.condition.value, "boot": state.boot}
    atomic_replace(directory / FILE_NAME, json.dumps(content).encode() + b"\n", operations=operations)
