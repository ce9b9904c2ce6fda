r"""Dockerfiles: instructions by stage, the stages that the final image is made of told apart from those that only build.

::

    FROM python:3.12 AS base         ("final", "FROM") = "python:3.12"          base is below the final stage
    USER app                         ("final", "FROM", "tag") = "3.12"          and ("final", "FROM", "digest") = ""
    FROM golang AS build             ("final", "USER") = "app"
    RUN go build \                   ("stages", "[1]", "FROM") = "golang"
        ./...                        ("stages", "[1]", "RUN") = "go build  ./..."
    FROM base                        ("final", "FROM", "stage") = "base"
    COPY --from=build /x /x          ("final", "COPY") = "/x /x", ("final", "COPY", "--from") = "build"

* Continuation lines, comments between them, ``# escape=`` and here-documents are read as Docker reads them.
* ``ENV``, ``ARG`` and ``LABEL`` give one setting for each name. An ``ARG`` before the first ``FROM`` stands at the top, and its default is
  put into the ``FROM`` that uses it; without a default the image is unknown and has no tag.
* An image whose name says that it has an unprivileged user (``:nonroot``, ``-unprivileged``) gives the final stage a ``USER`` of that name
  where the ``FROM`` stands.
* An array in JSON is its words joined by spaces.
"""

import json
import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from stemedb_analysis.facts.model import Facts
from stemedb_analysis.settings.collector import Collector, Full

FINAL: Final = "final"
STAGES: Final = "stages"

_KNOWN: Final = frozenset(
    "ADD ARG CMD COPY ENTRYPOINT ENV EXPOSE FROM HEALTHCHECK LABEL MAINTAINER ONBUILD RUN SHELL STOPSIGNAL USER VOLUME WORKDIR".split()  # noqa: SIM905 - easier to read
)
_INSTRUCTION: Final = re.compile(rb"[ \t]*([A-Za-z]+)(?:[ \t]+|(?=\r?$)|(?=\\))")
_ESCAPE: Final = re.compile(
    rb"(?im)\A(?:\xef\xbb\xbf)?(?:[ \t]*#[^\n]*\n)*?[ \t]*#[ \t]*escape[ \t]*=[ \t]*([`\\])"
)
_HEREDOC: Final = re.compile(r"<<-?[\"']?([A-Za-z_]\w*)[\"']?")
_FLAG: Final = re.compile(r"(--[a-z][\w-]*)(?:=(\S+))?\s+")
_VARIABLE: Final = re.compile(r"\$(?:\{(\w+)(?::?-([^{}]*))?\}|(\w+))")
_NAMED: Final = re.compile(r"""([\w.\-/]+)(?:=("(?:[^"\\]|\\.)*"|'[^']*'|(?:[^\s\\]|\\.)*))?""")
_UNPRIVILEGED: Final = re.compile(r"nonroot|non-root|unprivileged|rootless")
_HEREDOC_LINES_MAX: Final = 5_000


class Instruction(NamedTuple):
    """One instruction with its continuation lines joined."""

    name: str
    text: str
    start: int
    end: int


def extract(data: bytes) -> Facts:
    """Return the settings of a Dockerfile."""
    out = Collector(data)
    try:
        _emit(out, list(_instructions(out)))
    except Full:
        out.fault("too many settings, the rest is left out", 0)
    return out.facts("dockerfile")


def _instructions(out: Collector) -> Iterator[Instruction]:
    data = out.data
    escape = _ESCAPE.match(data)
    sign = escape[1] if escape else b"\\"
    position = 3 if data.startswith(b"\xef\xbb\xbf") else 0
    while position < len(data):
        end = _line_end(data, position)
        line = data[position:end].strip()
        if not line or line.startswith(b"#"):
            position = end + 1
            continue
        match = _INSTRUCTION.match(data, position, end)
        name = match[1].decode().upper() if match else ""
        if match is None or name not in _KNOWN:
            out.fault("is no instruction", position)
            position = end + 1
            continue
        text, last = _joined(data, match.end(), sign)
        if name in {"RUN", "COPY", "ADD"} and "<<" in text:
            body, last = _heredocs(data, last, [found[1] for found in _HEREDOC.finditer(text)])
            text = f"{text}\n{body}" if body else text
        yield Instruction(name, text.strip(), match.start(1), last)
        position = last + 1


def _joined(data: bytes, start: int, sign: bytes) -> tuple[str, int]:
    """Return the text from `start` with its continuation lines, and where it ends."""
    parts = []
    position = start
    while True:
        end = _line_end(data, position)
        line = data[position:end].rstrip()
        goes_on = line.endswith(sign)
        if not (position > start and line.lstrip().startswith(b"#")):
            parts.append(line[:-1].rstrip() if goes_on else line)
        elif not line.endswith(sign):
            goes_on = True  # a comment inside of a continued instruction ends nothing
        if not goes_on or end >= len(data):
            return b" ".join(parts).decode("utf-8", "replace"), end - (data[end - 1 : end] == b"\r")
        position = end + 1


def _heredocs(data: bytes, end: int, words: list[str]) -> tuple[str, int]:
    """Return the text of the here-documents that begin behind the line that ends at `end`, and where the last one ends."""
    body: list[str] = []
    position = end
    for word in words:
        for _ in range(_HEREDOC_LINES_MAX):
            if position >= len(data):
                return "\n".join(body), len(data)
            start = _line_end(data, position) + 1
            position = _line_end(data, start)
            line = data[start:position].decode("utf-8", "replace").rstrip("\r")
            if line.lstrip("\t") == word or start > len(data):
                break
            body.append(line)
    return "\n".join(body), min(position, len(data))


class _Stage(NamedTuple):
    name: str
    image: str
    base: int
    """The earlier stage that it continues, -1 if it begins with an image."""
    number: int


def _emit(out: Collector, instructions: list[Instruction]) -> None:
    defaults: dict[str, str] = {}
    stages: list[_Stage] = []
    owners: list[int] = []
    for one in instructions:
        if one.name == "FROM":
            stages.append(_stage(one, stages, defaults))
        elif one.name == "ARG" and not stages:
            defaults.update({name: value for name, value in _named(one.text) if value is not None})
        owners.append(len(stages) - 1)
    chain = set()
    at = len(stages) - 1
    while at >= 0:
        chain.add(at)
        at = stages[at].base
    for one, owner in zip(instructions, owners, strict=True):
        if owner < 0:
            place: tuple[str, ...] = ()
        else:
            place = (FINAL,) if owner in chain else (STAGES, f"[{owner}]")
        if one.name == "FROM":
            _from(out, place, one, stages[owner])
        else:
            _instruction(out, place, one)


def _stage(one: Instruction, stages: list[_Stage], defaults: dict[str, str]) -> _Stage:
    words = _FLAG.sub("", one.text + " ").split()
    image = _substituted(words[0], defaults) if words else ""
    name = words[2] if len(words) > 2 and words[1].upper() == "AS" else ""
    base = next(
        (stage.number for stage in reversed(stages) if stage.name and stage.name.lower() == image.lower()), -1
    )
    return _Stage(name, image, base, len(stages))


def _substituted(text: str, defaults: dict[str, str]) -> str:
    def value(match: re.Match[str]) -> str:
        return defaults.get(match[1] or match[3]) or match[2] or match[0]

    return _VARIABLE.sub(value, text) if "$" in text else text


def _from(out: Collector, place: tuple[str, ...], one: Instruction, stage: _Stage) -> None:
    path = (*place, "FROM")
    if stage.base >= 0 or stage.image.lower() == "scratch":
        out.add((*path, "stage"), stage.image, one.start, one.end)
        return
    out.add(path, stage.image, one.start, one.end)
    if "$" in stage.image or not stage.image:
        return
    image, _, digest = stage.image.partition("@")
    tag = image.rpartition(":")[2] if ":" in image.rpartition("/")[2] else ""
    out.add((*path, "tag"), tag, one.start, one.end)
    out.add((*path, "digest"), digest, one.start, one.end)
    if place == (FINAL,):
        found = _UNPRIVILEGED.search(image)
        if found:
            out.add((*place, "USER"), found[0], one.start, one.end)


def _instruction(out: Collector, place: tuple[str, ...], one: Instruction) -> None:
    text = one.text
    path = (*place, one.name)
    if one.name in {"ENV", "ARG", "LABEL"}:
        for name, value in _named(text):
            out.add((*path, name), value, one.start, one.end)
        return
    if one.name == "EXPOSE":
        for port in text.split():
            out.add(path, port, one.start, one.end)
        return
    flags = []
    while match := _FLAG.match(text):
        flags.append((match[1], match[2] or "true"))
        text = text[match.end() :]
    out.add(path, _words(text), one.start, one.end)
    for flag, value in flags:
        out.add((*path, flag), value, one.start, one.end)


def _words(text: str) -> str:
    """Return the words of an array in JSON, or the text as it is."""
    if text.startswith("["):
        try:
            words = json.loads(text)
        except (ValueError, RecursionError):
            return text
        if isinstance(words, list) and all(isinstance(word, str) for word in words):
            return " ".join(words)
    return text


def _named(text: str) -> Iterator[tuple[str, str | None]]:
    """Yield names and values of ``A=1 B="two words"``, and of the old form ``A value``."""
    first = _NAMED.match(text)
    if first and first[2] is None and text[first.end() :].strip():
        yield first[1], text[first.end() :].strip()
        return
    for match in _NAMED.finditer(text):
        value = match[2]
        if value and value[0] in "\"'" and len(value) > 1:
            value = value[1:-1]
        yield match[1], value


def _line_end(data: bytes, start: int) -> int:
    found = data.find(b"\n", start)
    return len(data) if found < 0 else found
