r"""Where the comments of a file are, in a language that is not parsed: one pass over its strings and its comments.

::

    $url = "http://x"; // a comment     the slashes in the string are none
    echo '#1' # a comment
    <!-- a comment -->

A string ends with its line at the latest, and a comment with the file: so each byte is looked at once, whatever a file holds. Where a sign means
something else as well (an apostrophe in prose, ``#`` in a word) it counts only where it begins something.
"""

import re
from collections.abc import Iterator
from functools import cache
from typing import Final

_DOUBLE: Final = rb'"(?:[^"\\\n]|\\.)*+(?:"|\\?$|\\?(?=\n))'
_SINGLE: Final = rb"'(?:[^'\\\n]|\\.)*+(?:'|\\?$|\\?(?=\n))"
_TRIPLE: Final = rb'"""(?s:.*?)(?:"""|\Z)'
_RAW_SINGLE: Final = rb"'[^'\n]*+(?:'|$|(?=\n))"

_HASH: Final = rb"(?<![^\s;])#[^\n]*"
_SLASHES: Final = rb"(?<![:\\])//[^\n]*"
_STARS: Final = rb"/\*(?s:.*?)(?:\*/|\Z)"
_DASHES: Final = rb"(?<![^\s;,()])--[^\n]*"
_SEMICOLON: Final = rb";[^\n]*"
_PERCENT: Final = rb"%[^\n]*"
_MARKUP: Final = rb"<!--(?s:.*?)(?:-->|\Z)"
_LINE_SLASHES: Final = rb"(?m:^)[ \t]*//[^\n]*"
_BATCH: Final = rb"(?mi:^)[ \t]*@?(?:[Rr][Ee][Mm]\b|::)[^\n]*"

_STRINGS: Final = (_DOUBLE, _SINGLE)
_C: Final = ((_TRIPLE, *_STRINGS), (_SLASHES, _STARS))
_SHELL: Final = ((_DOUBLE, _RAW_SINGLE), (_HASH,))
_FAMILIES: Final[dict[str, tuple[tuple[bytes, ...], tuple[bytes, ...]]]] = {
    **dict.fromkeys(
        ("csharp", "kotlin", "scala", "groovy", "swift", "objectivec", "c", "cpp", "dart", "zig", "solidity", "apex", "jsonnet", "cue", "actionscript", "haxe", "bicep"),
        _C,
    ),
    **dict.fromkeys(
        ("shell", "make", "cmake", "credentials", "netrc", "awk", "graphql", "rego"), _SHELL
    ),
    **dict.fromkeys(("r", "julia", "nim", "crystal", "elixir", "starlark", "gdscript", "puppet"), ((_TRIPLE, *_STRINGS), (_HASH,))),
    "ruby": (_STRINGS, (rb"(?m:^)=begin\b(?s:.*?)(?:\n=end\b[^\n]*|\Z)", _HASH)),
    "perl": (_STRINGS, (rb"(?m:^)=(?:pod|head\d|over|item|begin|for|encoding)\b(?s:.*?)(?:\n=cut\b[^\n]*|\Z)", _HASH)),
    "tcl": ((_DOUBLE,), (_HASH,)),
    "coffeescript": (_STRINGS, (rb"###(?s:.*?)(?:###|\Z)", _HASH)),
    "php": (_STRINGS, (_SLASHES, _STARS, _HASH, _MARKUP)),
    "hcl": ((_DOUBLE,), (_HASH, _SLASHES, _STARS)),
    "nix": ((_DOUBLE,), (_HASH, _STARS)),
    "powershell": ((rb'"(?:[^"`\n]|`.)*+(?:"|`?$|`?(?=\n))', _RAW_SINGLE), (rb"<#(?s:.*?)(?:#>|\Z)", _HASH)),
    "sql": ((_DOUBLE, _RAW_SINGLE), (_DASHES, _STARS)),
    "lua": (_STRINGS, (rb"--\[\[(?s:.*?)(?:\]\]|\Z)", _DASHES)),
    "haskell": ((_DOUBLE,), (rb"\{-(?s:.*?)(?:-\}|\Z)", _DASHES)),
    "applescript": ((_DOUBLE,), (rb"\(\*(?s:.*?)(?:\*\)|\Z)", _DASHES)),
    "fsharp": ((_TRIPLE, _DOUBLE), (rb"\(\*(?s:.*?)(?:\*\)|\Z)", _SLASHES)),
    "ocaml": ((_DOUBLE,), (rb"\(\*(?s:.*?)(?:\*\)|\Z)",)),
    "pascal": ((_RAW_SINGLE,), (_SLASHES, rb"\{(?s:.*?)(?:\}|\Z)", rb"\(\*(?s:.*?)(?:\*\)|\Z)")),
    "clojure": ((_DOUBLE,), (_SEMICOLON,)),
    "lisp": ((_DOUBLE,), (_SEMICOLON,)),
    "autohotkey": ((_DOUBLE,), (rb"(?<![^\s]);[^\n]*", _STARS)),
    "erlang": ((_DOUBLE,), (_PERCENT,)),
    "tex": ((), (rb"(?<!\\)%[^\n]*",)),
    "visualbasic": ((_DOUBLE,), (rb"'[^\n]*",)),
    "vim": ((), (rb"(?m:^)[ \t]*\"[^\n]*",)),
    "fortran": (_STRINGS, (rb"![^\n]*",)),
    "abap": ((_RAW_SINGLE,), (rb"(?m:^)\*[^\n]*", rb"\"[^\n]*")),
    "cobol": ((), (rb"\*>[^\n]*", rb"(?m:^).{6}\*[^\n]*")),
    "batch": ((), (_BATCH,)),
    "http": ((), (_LINE_SLASHES, rb"(?m:^)[ \t]*#[^\n]*")),
    "key": ((), (rb"(?m:^)[ \t]*#[^\n]*",)),
    **dict.fromkeys(("tfstate", "notebook"), ((), ())),
    **dict.fromkeys(("vue", "svelte", "html", "template"), ((), (_MARKUP, _LINE_SLASHES, _STARS, rb"<%--(?s:.*?)(?:--%>|\Z)", rb"\{\{?[#!]--(?s:.*?)(?:--\}\}|\Z)", rb"\{#(?s:.*?)(?:#\}|\Z)", rb"<%#(?s:.*?)(?:%>|\Z)"))),
    "restructuredtext": ((), (rb"(?m:^)\.\. (?![\w\-]+::|_|\[)[^\n]*",)),
    "asciidoc": ((), (_LINE_SLASHES, rb"(?m:^)# [^\n]*")),
    "text": ((), (rb"(?m:^)[ \t]*#[^\n]*",)),
    **dict.fromkeys(("xml", "markdown"), ((), (_MARKUP,))),
}  # fmt: skip


def comments(data: bytes, language: str) -> Iterator[tuple[int, int]]:
    """Yield where each comment begins and ends, in order. O(bytes)."""
    pattern = _pattern(language)
    if pattern is not None:
        for match in pattern.finditer(data):
            if match.lastgroup == "comment":
                yield match.span()


@cache
def _pattern(language: str) -> re.Pattern[bytes] | None:
    strings, signs = _FAMILIES[language]
    if not signs:
        return None
    return re.compile(rb"(?P<comment>" + rb"|".join(signs) + rb")" + b"".join(b"|" + one for one in strings))
