"""Write the rules of Prometheus and the dashboards of Grafana: ``python -m stemedb_watch``, or ``make dashboards``."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from stemedb_watch.generated import files

SERVICES: Final = Path(__file__).resolve().parents[2]


def write(folder: Path, wanted: Mapping[str, str]) -> list[str]:
    """Write what differs below `folder`; return the names of what was written."""
    changed = []
    for name, content in wanted.items():
        path = folder / name
        if not path.exists() or path.read_text(encoding="utf-8") != content:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content, encoding="utf-8")
            changed.append(name)
    return changed


if __name__ == "__main__":
    for name in write(SERVICES, files()) or ["nothing: all is as it should be"]:
        print(name)  # noqa: T201 - a command prints
