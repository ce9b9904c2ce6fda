"""What became of one file, and of all of them together."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Final, Literal, NamedTuple, TypeAlias

from stemedb_analysis.model import Observation
from stemedb_analysis.plain.languages import PLAIN
from stemedb_analysis.walk.inputs import FAILED, LineRanges

NAMED_MAX: Final = 200
"""Files that a report names for having been passed over or misread; the rest are counted."""


NoteKind: TypeAlias = Literal["ignore", "claim"]


class Note(NamedTuple):
    """What a person wrote to the linter in a comment; see `stemedb_analysis.scan.notes`."""

    kind: NoteKind
    argument: str
    """What stands in the brackets."""
    text: str
    """What follows, without the comment's end."""
    line: int
    """Where it stands."""
    about: int
    """The line that it is about: its own, or the next one with anything but comments in it."""
    bracketed: bool = True
    """Whether there are brackets at all."""
    column: int = 1
    """Where the comment begins on its line, from 1, in characters."""
    written: str = ""
    """The comment as the file has it on this line."""
    is_exact: bool = True
    """Whether it is spelt as it must be to count."""


class FileResult(NamedTuple):
    """One file, scanned or passed over. Travels between processes and into the cache."""

    file: str
    language: str = ""
    lines: int = 0
    observations: tuple[Observation, ...] = ()
    notes: tuple[Note, ...] = ()
    faults: tuple[str, ...] = ()
    """What of it could not be understood, with the place."""
    skipped: str = ""
    """Why it was not scanned; empty if it was."""
    timings: tuple[tuple[str, float], ...] = ()
    """CPU seconds by phase; only when a profile is wanted."""

    @property
    def has_failed(self) -> bool:
        """Whether it was neither scanned nor passed over: its worker died, or a rule did."""
        return not self.language and not self.skipped


@dataclass(slots=True)
class Tally:
    """What a scan saw: printed with every report, so that nothing found is not mistaken for nothing looked at. Owned by one scan."""

    seen: int = 0
    """Files, and directories that were passed over whole."""
    scanned: int = 0
    lines: int = 0
    bytes: int = 0
    cached: int = 0
    """Of those scanned: taken from an earlier scan of the same bytes."""
    languages: Counter[str] = field(default_factory=Counter)
    """Files that rules looked at, by language or format."""
    texts: Counter[str] = field(default_factory=Counter)
    """Files that were looked at for secrets only, by language."""
    skipped: Counter[str] = field(default_factory=Counter)
    named: list[tuple[str, str]] = field(default_factory=list)
    """Files passed over for a reason that nobody asked for, with the reason."""
    faults: list[tuple[str, str]] = field(default_factory=list)
    """Files that were understood in part, with what was not."""
    faulty: int = 0
    """How many those are."""

    def skip(self, file: str, reason: str, *, by_name: bool) -> None:
        """Count an entry that was passed over."""
        self.seen += 1
        self.skipped[reason] += 1
        if by_name and len(self.named) < NAMED_MAX:
            self.named.append((file, reason))

    def add(self, result: FileResult, size: int) -> None:
        """Count a file that was scanned."""
        self.seen += 1
        self.scanned += 1
        self.lines += result.lines
        self.bytes += size
        (self.texts if result.language in PLAIN else self.languages)[result.language] += 1
        self._note(result)

    def fail(self, result: FileResult) -> None:
        """Count a file that could not be scanned, with what happened."""
        self.skip(result.file, FAILED, by_name=True)
        self._note(result)

    @property
    def failed(self) -> int:
        """How many files could not be scanned."""
        return self.skipped[FAILED]

    @property
    def is_empty(self) -> bool:
        """Whether nothing was scanned at all."""
        return self.scanned == 0

    def _note(self, result: FileResult) -> None:
        self.faulty += bool(result.faults)
        if result.faults and len(self.faults) < NAMED_MAX:
            self.faults.append((result.file, result.faults[0]))


class Scan(NamedTuple):
    """A scan: what was observed, what was noted, and what was seen."""

    observations: list[Observation]
    """In the order of the files, in a file by place."""
    notes: dict[str, tuple[Note, ...]]
    """By file."""
    changed: dict[str, LineRanges]
    """The lines that a change touched, by file, where only those were asked for."""
    tally: Tally
    timings: dict[str, float]
    """CPU seconds by phase; empty unless a profile was wanted."""
