"""YAML that people write for this linter (rules, registry, corpus): read safely, in C where there is a reader in C.

That reader goes down one frame of the stack for each level, and ends the process where there is no stack left. So what may be nested so deep is
looked at event by event first.

The YAML of a scanned project is not read here: it may be damaged, and its places matter (`stemedb_analysis.settings.from_yaml`).
"""

from typing import Any, Final

import yaml

from stemedb.errors import InvalidInput

LEVELS_MAX: Final = 200
"""Of lists and mappings within one another; people write up to ten. The reader ends the process at some ten thousand."""
_SIGNS_MAX: Final = 2000
"""What opens a level, in a document or in one of its lines: with fewer than this nobody gets near the end of the stack."""
_LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read_yaml(text: str | bytes, name: str) -> Any:
    """Return what a document says; raises `InvalidInput` naming `name` and the line if it is no YAML, or is nested too deep. O(n)."""
    try:
        if _may_be_deep(text if isinstance(text, bytes) else text.encode()):
            _check_depth(text, name)
        return yaml.load(text, Loader=_LOADER)  # noqa: S506 - the safe loader, in C where there is one
    except yaml.YAMLError as wrong:
        raise InvalidInput(name, f"is no YAML: {' '.join(str(wrong).split())}") from wrong


def _may_be_deep(data: bytes) -> bool:
    # A level of indentation costs a line that is longer than the last, so those are bounded by the size of the file.
    return data.count(b"[") + data.count(b"{") > _SIGNS_MAX or any(
        line.count(b"-") + line.count(b"?") > _SIGNS_MAX for line in data.split(b"\n")
    )


def _check_depth(text: str | bytes, name: str) -> None:
    depth = 0
    for event in yaml.parse(text, Loader=_LOADER):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > LEVELS_MAX:
                line = event.start_mark.line + 1 if event.start_mark is not None else 1
                raise InvalidInput(name, f"line {line}: nested deeper than {LEVELS_MAX}")
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
