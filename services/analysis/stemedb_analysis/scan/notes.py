"""What people write to the linter in comments: ``stemedb:ignore[…]`` and ``@stemedb:claim[…]``.

::

    total = eval(rule)  # stemedb:ignore[code-eval] rules are ours      about its own line
    # stemedb:ignore[tls-verify] the test server has no certificate
    get(url, verify=False)                                              about the next line with code
    /* @stemedb:claim[safety] a cart is never charged twice */          a claim that waits for somebody to formalise it

A file without the word is not looked at again. In one that has it, the parser of the language says what is a comment; a string that
holds such text says nothing. What is meant to be a suppression and spelt otherwise (``STEMEDB: ignore[…]``, ``stemedb-ignore[…]``) sets nothing aside and is
found all the same, so that whoever wrote it is told.
"""

import re
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from typing import Final

import tree_sitter

from stemedb_analysis.plain.comments import comments
from stemedb_analysis.plain.languages import PLAIN
from stemedb_analysis.scan.result import Note, NoteKind

NOTES_MAX: Final = 1000
"""In one file; beyond that they are not written by people."""
LINE_MAX: Final = 2000
"""Characters of a comment's line that are looked at."""


_WORD: Final = b"stemedb"
_LIKE_A_NOTE: Final = re.compile(rb"stemedb\s{0,3}[:._-]?\s{0,3}(?:ignore|claim)")
"""In lower case; begins with a literal, so that it costs next to nothing where there is none."""
_NOTE: Final = re.compile(
    r"(?:(?<![\w@])(?P<ignore>stemedb:ignore)|(?P<claim>@stemedb:claim))\b(?:\[(?P<argument>[^\]]*)\])?(?P<text>.*)"
)
_OTHERWISE: Final = re.compile(
    r"(?<!\w)@?stemedb(?:\s{0,3}:\s{0,3}ignore\b|[\s._-]{1,3}ignore(?:-[\w-]{1,20})?(?:\s?\[|\())",
    re.IGNORECASE,
)
"""What is meant to be one: a colon is between the words, or brackets are behind them."""
_ELSEWHERE: Final = re.compile(r"(?:-[\w-]{1,20})?\s?[\[(]")
"""Behind the word, where the bracket should be: another word, a blank, another bracket."""
_CLOSERS: Final = ("*/", "-->", "*)", "#>", "]]", "-}", "%>", "}}")
_GRAMMARS: Final = {
    "python": ("tree_sitter_python", "language"),
    "javascript": ("tree_sitter_javascript", "language"),
    "typescript": ("tree_sitter_typescript", "language_tsx"),
    "go": ("tree_sitter_go", "language"),
    "java": ("tree_sitter_java", "language"),
    "rust": ("tree_sitter_rust", "language"),
    "yaml": ("tree_sitter_yaml", "language"),
    "toml": ("tree_sitter_toml", "language"),
    "json": ("tree_sitter_json", "language"),
}
_LINE_COMMENTS: Final = {
    "ini": ("#", ";"),
    "properties": ("#", "!"),
    "env": ("#",),
    "dockerfile": ("#",),
    "nats": ("#", "//"),
    "nginx": ("#",),
    "apache": ("#",),
    "haproxy": ("#",),
}
"""Formats without a grammar: a comment begins with one of these at the start of a line, or after white space."""
_WHOLE_LINE_ONLY: Final = frozenset({"properties", "dockerfile"})


def notes(data: bytes, language: str) -> tuple[Note, ...]:
    """Return the notes in a file's comments, in order, at most `NOTES_MAX`."""
    low = data.lower()
    if _WORD not in low or not _LIKE_A_NOTE.search(low):
        return ()
    found_comments = sorted(_comments(data, language))
    lines = data.split(b"\n")
    alone = {line for line, whole, _ in found_comments if whole}
    found: list[Note] = []
    for line, whole, comment in found_comments:
        match = _NOTE.search(comment[:LINE_MAX])
        if match is None and not _OTHERWISE.search(comment[:LINE_MAX]):
            continue
        about = _next_code(lines, alone, line) if whole else line
        raw = lines[line - 1].decode(errors="replace") if line <= len(lines) else ""
        column = max(0, raw.removeprefix("\ufeff").rfind(comment)) + 1
        note = (
            _note(match, line, about) if match else Note("ignore", "", "", line, about, False, is_exact=False)
        )
        found.append(note._replace(column=column, written=comment[:LINE_MAX]))
        if len(found) == NOTES_MAX:
            break
    return tuple(found)


def _note(match: re.Match[str], line: int, about: int) -> Note:
    argument = match["argument"]
    text = match["text"].strip()
    for closer in _CLOSERS:
        text = text.removesuffix(closer).rstrip()
    kind: NoteKind = "ignore" if match["ignore"] else "claim"
    is_exact = kind == "claim" or argument is not None or not _ELSEWHERE.match(match["text"])
    return Note(
        kind,
        (argument or "").strip(),
        text.lstrip(":- ").strip(),
        line,
        about,
        argument is not None,
        is_exact=is_exact,
    )


def _next_code(lines: list[bytes], alone: set[int], line: int) -> int:
    """Return the first line after `line` that is neither blank nor only a comment; the line itself if there is none."""
    for number in range(line + 1, len(lines) + 1):
        if number not in alone and lines[number - 1].strip():
            return number
    return line


def _comments(data: bytes, language: str) -> Iterator[tuple[int, bool, str]]:
    """Yield the line, whether nothing else stands on it, and the text of every line of every comment."""
    if language in PLAIN:
        yield from _comments_of_text(data, language)
        return
    if language in _LINE_COMMENTS:
        yield from _plain_comments(data, language)
        return
    parser = _parser(language)
    if parser is None:
        return
    cursor = parser.parse(data).walk()
    lines = data.split(b"\n")
    going = True
    while going:
        node = cursor.node
        assert node is not None
        is_comment = "comment" in node.type
        if is_comment:
            yield from _lines_of(node, lines)
        if not is_comment and cursor.goto_first_child():
            continue
        while not cursor.goto_next_sibling():
            if not cursor.goto_parent():
                going = False
                break


def _lines_of(node: tree_sitter.Node, lines: list[bytes]) -> Iterator[tuple[int, bool, str]]:
    first, last = node.start_point[0], node.end_point[0]
    for number, raw in enumerate((node.text or b"").split(b"\n")[: last - first + 1]):
        row = first + number
        before = lines[row][: node.start_point[1]] if not number else b""
        after = lines[row][node.end_point[1] :] if row == last else b""
        yield row + 1, not (before.strip() or after.strip()), raw.decode(errors="replace").strip()


def _comments_of_text(data: bytes, language: str) -> Iterator[tuple[int, bool, str]]:
    number, place = 1, 0
    for start, end in comments(data, language):
        number += data.count(b"\n", place, start)
        place = start
        first = data.rfind(b"\n", 0, start) + 1
        last = data.find(b"\n", end)
        before = data[first:start].strip()
        after = data[end : len(data) if last < 0 else last].strip()
        lines = data[start:end].split(b"\n")
        for row, line in enumerate(lines):
            is_alone = not (before and row == 0) and not (after and row == len(lines) - 1)
            yield number + row, is_alone, line.decode(errors="replace").strip()


def _plain_comments(data: bytes, language: str) -> Iterator[tuple[int, bool, str]]:
    for number, raw in enumerate(data.split(b"\n"), 1):
        line = raw.decode(errors="replace")
        stripped = line.strip()
        if stripped.startswith(_LINE_COMMENTS[language]):
            yield number, True, stripped
        elif language not in _WHOLE_LINE_ONLY:
            starts = [at for mark in _LINE_COMMENTS[language] if (at := line.find(f" {mark}")) >= 0]
            if starts and line[: min(starts)].count('"') % 2 == 0:
                yield number, False, line[min(starts) :].strip()


@cache
def _parser(language: str) -> tree_sitter.Parser | None:
    if language not in _GRAMMARS:
        return None
    module, function = _GRAMMARS[language]
    return tree_sitter.Parser(tree_sitter.Language(getattr(import_module(module), function)()))
