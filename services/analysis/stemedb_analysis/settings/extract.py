"""One entry for all formats of configuration: bytes in, settings with their places out.

::

    Source ─▶ reader of the format ─▶ Setting(path, value, start, end), Text, Fault

Invariants, of every reader:

1. Nothing in a file makes it raise; what is not understood is a fault with its place, and the rest is read.
2. Work and memory are bounded by the limits of `collector`, whatever the file holds.
3. ``0 <= start <= end <= len(data)``; a setting reaches from the beginning of its key to the end of its value.
4. Comments are never settings.

What it does not do: it does not decide what a setting means (`rules`), nor what kind of document the file is (`kinds`).
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from stemedb_analysis.facts.model import Facts
from stemedb_analysis.settings import (
    from_dockerfile,
    from_ini,
    from_json,
    from_nats,
    from_nginx,
    from_requirements,
    from_toml,
    from_yaml,
)
from stemedb_analysis.source import Source

READERS: Final[Mapping[str, Callable[[bytes], Facts]]] = MappingProxyType(
    {
        "dockerfile": from_dockerfile.extract,
        "env": from_ini.extract_env,
        "ini": from_ini.extract_ini,
        "json": from_json.extract,
        "nats": from_nats.extract,
        "nginx": from_nginx.extract,
        "properties": from_ini.extract_properties,
        "requirements": from_requirements.extract,
        "toml": from_toml.extract,
        "yaml": from_yaml.extract,
    }
)
"""The reader of each format."""

FORMATS: Final = tuple(READERS)


def extract(source: Source, format: str) -> Facts:  # noqa: A002 - the word for it
    """Return what `source` sets. Never raises on bad input; raises `ValueError` for a format that is none of `FORMATS`."""
    reader = READERS.get(format)
    if reader is None:
        raise ValueError(f"got format {format!r:.40}, want one of {', '.join(FORMATS)}")
    return reader(source.data)
