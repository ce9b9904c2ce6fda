"""What git knows of a project: staged files, files of a revision, what a change touched; contents always from git's own objects.

::

    scan --staged          index against HEAD      contents from the index, as they will be committed
    scan --revision REV    the tree of REV         contents from that tree
    scan --diff BASE       BASE against the files  contents from the working tree
    scan --diff A..B       A against B             contents from B; ``A...B`` starts from where B left A

Git is asked through its plumbing, in three calls at most whatever the number of files: a list (``diff --raw``, ``ls-tree``), the lines
that changed (``diff -U0``), and one ``cat-file --batch`` for the bytes.

Invariants:

* A repository is data, not a program: external diff drivers, text conversion, hooks and the file-system monitor, which its configuration
  may name, are all switched off; a revision that looks like an option is refused.
* A path is bytes; it is turned into text as the walk of a directory does it.

What it does not do: it follows no renames (a moved file counts as new) and enters no submodules.
"""

import os
import subprocess
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import IO, Final, NamedTuple

from stemedb.errors import InvalidRequest, Refused
from stemedb_analysis.walk import screen
from stemedb_analysis.walk.changes import changed_lines
from stemedb_analysis.walk.inputs import (
    FILE_BYTES_MAX,
    HUGE,
    NO_LANGUAGE,
    SPECIAL,
    SYMLINK,
    Input,
    LineRanges,
)
from stemedb_analysis.walk.languages import may_be_known
from stemedb_analysis.walk.root import Place
from stemedb_analysis.walk.tree import read_file

GIT_S: Final = 60.0
"""For one listing; git answers in milliseconds, and what takes longer hangs."""
HARMLESS: Final = ("-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "-c", "core.quotePath=false", "-c", "core.attributesFile=/dev/null")  # fmt: skip
DIFF: Final = (
    "--no-ext-diff",
    "--no-textconv",
    "--no-renames",
    "--no-color",
    "--ignore-submodules=all",
    "--full-index",
)
LINK_MODE: Final = "120000"
SUBMODULE_MODE: Final = "160000"
SCRATCH: Final = 1 << 16


class Blob(NamedTuple):
    """One file as git keeps it."""

    path: str
    """From the top of the repository."""
    mode: str
    object: str
    """Its object's name in hex; all zero if the contents lie in the working tree only."""


class Repository:
    """The repository that a directory lies in."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self.top = Path(os.fsdecode(self._run("rev-parse", "--show-toplevel").rstrip(b"\n")))

    def resolve(self, revision: str, kind: str = "commit") -> str:
        """Return the name of the commit or tree that a revision means. Raises `InvalidRequest`."""
        if not revision or revision.startswith("-"):
            raise InvalidRequest(
                "revision", f"got {revision!r:.80}, want the name of a commit, a branch or a tag"
            )
        done = self._try("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{{kind}}}")
        if done.returncode:
            raise InvalidRequest("revision", f"got {revision!r:.80}, which names no commit here")
        return done.stdout.decode().strip()

    def merge_base(self, one: str, other: str) -> str:
        """Return where two commits parted. Raises `InvalidRequest` if they have nothing in common."""
        done = self._try("merge-base", one, other)
        if done.returncode:
            raise InvalidRequest(
                "revision",
                f"{one[:12]} and {other[:12]} have no commit in common (is the clone a shallow one?)",
            )
        return done.stdout.decode().split()[0]

    def blobs(self, revision: str) -> list[Blob]:
        """Return every file of a revision, in git's order."""
        tree = self.resolve(revision, "tree")
        rows = self._run("ls-tree", "-r", "-z", "--full-tree", tree).split(b"\0")
        fields = (row.partition(b"\t") for row in rows if row)
        return [Blob(os.fsdecode(path), *_mode_and_object(about)) for about, _, path in fields]

    def changed(self, *ends: str) -> list[Blob]:
        """Return the files that a change adds or alters, as they are after it; `ends` are arguments of ``git diff``."""
        rows = iter(self._run("diff", *DIFF, "--raw", "-z", "--diff-filter=d", *ends, "--").split(b"\0"))
        # Each row is two items, ":oldmode newmode oldobject newobject status" and the path.
        pairs = ((row.decode().split(), next(rows, b"")) for row in rows if row.startswith(b":"))
        return [Blob(os.fsdecode(path), about[1], about[3]) for about, path in pairs]

    def lines(self, *ends: str) -> dict[str, LineRanges]:
        """Return for each file that a change alters the lines that it touches, as numbered after it."""
        out = self._run(
            "diff", *DIFF, "-U0", "--diff-filter=d", "--src-prefix=a/", "--dst-prefix=b/", *ends, "--"
        )
        return changed_lines(out)

    def untracked(self) -> list[str]:
        """Return the files that are neither in the index nor ignored."""
        return [
            os.fsdecode(path)
            for path in self._run("ls-files", "-z", "--others", "--exclude-standard", "--full-name").split(
                b"\0"
            )
            if path
        ]

    def contents(self, objects: Iterable[str]) -> Generator[bytes | None, None, None]:
        """Yield the bytes of each object in turn; ``None`` for one that is missing or too large.

        One process serves them all; it is ended when the iterator is closed.
        """
        process = subprocess.Popen(  # noqa: S603 - the arguments are ours
            self._command("cat-file", "--batch"),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=_environment(),
        )
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            for name in objects:
                process.stdin.write(f"{name}\n".encode())
                process.stdin.flush()
                yield _object(process.stdout)
        except BrokenPipeError:
            raise Refused(f"{self._directory}: git cat-file ended early") from None
        finally:
            process.kill()
            process.communicate()

    def file(self, name: str) -> bytes:
        """Return the bytes of one object; none if it is not there."""
        return self._try("cat-file", "blob", name).stdout

    def _command(self, *arguments: str) -> list[str]:
        return ["git", "-C", str(self._directory), *HARMLESS, *arguments]

    def _try(self, *arguments: str) -> "subprocess.CompletedProcess[bytes]":
        try:
            return subprocess.run(  # noqa: S603 - the arguments are ours, and revisions are checked
                self._command(*arguments), check=False, capture_output=True, timeout=GIT_S, env=_environment()
            )
        except FileNotFoundError:
            raise Refused("git is not installed, and --staged, --diff and --revision ask it") from None
        except subprocess.TimeoutExpired:
            raise Refused(f"git {arguments[0]}: no answer within {GIT_S:g} s") from None

    def _run(self, *arguments: str) -> bytes:
        done = self._try(*arguments)
        if done.returncode:
            said = done.stderr.decode(errors="replace").strip().splitlines()
            raise Refused(f"{self._directory}: git {arguments[0]}: {said[-1] if said else 'failed'}")
        return done.stdout


def read_staged(place: Place) -> Iterator[Input]:
    """Yield the files that are about to be committed, as they are in the index, with the lines that the commit changes."""
    repository = Repository(place.root)
    lines = repository.lines("--cached")
    yield from _from_objects(repository, place, repository.changed("--cached"), lines)


def read_revision(place: Place, revision: str) -> Iterator[Input]:
    """Yield all files of a revision."""
    repository = Repository(place.root)
    yield from _from_objects(repository, place, repository.blobs(revision), None)


def read_changes(place: Place, base: str) -> Iterator[Input]:
    """Yield the files that differ from a revision, or between the two ends of a range, with the lines that do."""
    repository = Repository(place.root)
    left, dots, right = base.partition("...") if "..." in base else base.partition("..")
    if dots:
        first, last = repository.resolve(left or "HEAD"), repository.resolve(right or "HEAD")
        ends = (repository.merge_base(first, last) if dots == "..." else first, last)
        yield from _from_objects(repository, place, repository.changed(*ends), repository.lines(*ends))
        return
    start = repository.resolve(base)
    lines = repository.lines(start)
    whole = set(repository.untracked())
    for path in sorted(
        {blob.path for blob in repository.changed(start) if blob.mode != SUBMODULE_MODE} | whole
    ):
        if (file := _within(repository, place, path)) is not None:
            reason = _reason(path, "")
            found = Input(file, reason=reason) if reason else read_file(repository.top / path, file)
            yield found._replace(lines=None if path in whole else lines.get(path, ()))


def reader(place: Place, revision: str) -> Callable[[str], bytes]:
    """Return what reads a file of a revision, named as in reports; the empty revision is the index. A file that is not there is empty."""
    repository = Repository(place.root)
    return lambda file: repository.file(
        f"{revision}:{(place.root / file).relative_to(repository.top).as_posix()}"
    )


def _from_objects(
    repository: Repository, place: Place, blobs: Sequence[Blob], lines: dict[str, LineRanges] | None
) -> Iterator[Input]:
    wanted: list[Blob] = []
    files: list[str] = []
    for blob in blobs:
        file = _within(repository, place, blob.path)
        if file is None:
            continue
        if reason := _reason(blob.path, blob.mode):
            yield Input(file, reason=reason)
        else:
            wanted.append(blob)
            files.append(file)
    with closing(repository.contents(blob.object for blob in wanted)) as contents:
        for blob, file, data in zip(wanted, files, contents, strict=True):
            if data is None:
                yield Input(file, reason=HUGE)
                continue
            reason = screen.content_reason(file.rpartition("/")[2], data)
            touched = None if lines is None else lines.get(blob.path, ())
            yield Input(file, reason=reason) if reason else Input(file, data, lines=touched)


def _reason(path: str, mode: str) -> str:
    """Return why a file is passed over unread. What is tracked is not ignored, whatever the ignore files say."""
    *directories, name = path.split("/")
    if mode == LINK_MODE:
        return SYMLINK
    if mode == SUBMODULE_MODE:
        return SPECIAL
    for directory in directories:
        if reason := screen.directory_reason(directory, (), within_vendored=False):
            return reason
    return screen.name_reason(name) or ("" if may_be_known(path) else NO_LANGUAGE)


def _within(repository: Repository, place: Place, path: str) -> str | None:
    """Return a path as reports name it, if it is among what was asked for."""
    whole = repository.top / path
    if not any(whole == start or whole.is_relative_to(start) for start in place.starts):
        return None
    return place.relative(whole)


def _mode_and_object(about: bytes) -> tuple[str, str]:
    mode, _, name = about.decode().split()
    return mode, name


def _object(stream: IO[bytes]) -> bytes | None:
    header = stream.readline().split()
    if not header:
        raise BrokenPipeError
    if len(header) != 3 or header[1] != b"blob":
        return None
    size = int(header[2])
    if size <= FILE_BYTES_MAX:
        data = stream.read(size)
        stream.read(1)
        return data
    left = size + 1
    while left:
        left -= len(stream.read(min(left, SCRATCH)))
    return None


def _environment() -> dict[str, str]:
    kept = {
        name: value
        for name, value in os.environ.items()
        if name not in {"GIT_DIR", "GIT_WORK_TREE", "GIT_EXTERNAL_DIFF"}
    }
    return {
        **kept,
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_TERMINAL_PROMPT": "0",
        "LC_ALL": "C",
        "GIT_NO_LAZY_FETCH": "1",
    }
