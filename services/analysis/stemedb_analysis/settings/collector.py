"""Where the readers of all formats put what they find, with the bounds that keep a hostile file from growing in memory."""

from typing import Final

from stemedb_analysis.facts.model import Block, Facts, Fault, Setting, Text

SETTINGS_MAX: Final = 20_000
"""Of one file. The largest configuration written by hand is far below; aliases that multiply stop here."""

FAULTS_MAX: Final = 20
"""Of one file; a file with more is no longer told apart from one that is something else."""

DEPTH_MAX: Final = 64
"""Of nested values. Kubernetes manifests reach 15."""

VALUE_BYTES_MAX: Final = 16_384
"""Of one value; longer ones are scripts and data of which the beginning is kept."""

TEXT_BYTES_MIN: Final = 8
"""Shorter strings are no `Text`."""

EMPTY_MAPPING: Final = "{}"
EMPTY_LIST: Final = "[]"
"""What stands for the value where a mapping or a list is written and empty: that differs from nothing written."""


class Full(Exception):
    """`SETTINGS_MAX` is reached."""


class Collector:
    """Gathers settings, texts and faults of one file. Owned by one reader."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self._settings: list[Setting] = []
        self._texts: list[Text] = []
        self._blocks: list[Block] = []
        self._faults: list[Fault] = []

    def add(self, path: tuple[str, ...], value: bool | float | str | None, start: int, end: int) -> None:
        """Add one setting. Requires ``0 <= start <= end``; raises `Full`."""
        if not path:
            return  # a document that is one bare value sets nothing
        if len(self._settings) >= SETTINGS_MAX:
            raise Full
        if isinstance(value, str):
            value = value[:VALUE_BYTES_MAX]
            if len(value) >= TEXT_BYTES_MIN:
                name = next((part for part in reversed(path) if not part.startswith("[")), "")
                self._texts.append(Text(value, "assigned", name, start, end))
        self._settings.append(Setting(path, value, start, end))

    def begin(self, path: tuple[str, ...], start: int) -> None:
        """Note that the group of settings below `path` begins at `start`; no more of them than of settings are kept."""
        if path and len(self._blocks) < SETTINGS_MAX:
            self._blocks.append(Block(path, start))

    def fault(self, reason: str, start: int) -> None:
        """Note a part that could not be understood; beyond `FAULTS_MAX` they are no longer kept."""
        if len(self._faults) < FAULTS_MAX:
            self._faults.append(Fault(reason, start))

    def text(self, start: int, end: int) -> str:
        """Return the bytes from `start` to `end` as text, what is no UTF-8 replaced."""
        return self.data[start : min(end, start + VALUE_BYTES_MAX)].decode("utf-8", "replace")

    def facts(self, language: str) -> Facts:
        """Return what was gathered."""
        return Facts(
            language,
            settings=tuple(self._settings),
            texts=tuple(self._texts),
            blocks=tuple(self._blocks),
            faults=tuple(sorted(self._faults, key=lambda fault: fault.start)),
        )
