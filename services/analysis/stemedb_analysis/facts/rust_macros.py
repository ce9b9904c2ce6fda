"""Rust: what stands in macros, which the grammar only gives as tokens.

::

    info!("sent {}", token.reveal())      the tokens ``token . reveal ( )`` parsed once more, as the expression that they are
    format!("id = {id}, {}", name)        the pieces ``id = ``, `id`, ``, ``, `name`

What does not parse as one expression (``%err``, ``target: "x"``) is left to its tokens.
"""

import re
from collections.abc import Callable, Sequence
from typing import Final

import tree_sitter
from tree_sitter import Node

from stemedb_analysis.facts.languages import grammar
from stemedb_analysis.facts.model import Arg, Call, Expr

FRAGMENTS_MAX: Final = 2000
"""Of one file."""
FRAGMENT_BYTES_MAX: Final = 2000

_PIECE: Final = re.compile(r"\{\{|\}\}|\{([A-Za-z_]\w*|\d+)?(?::[^{}]*)?\}")


class Fragments:
    """The expressions of one file that stand in its macros; keeps their trees, whose nodes are in use."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._trees: list[tree_sitter.Tree] = []
        self._parser: tree_sitter.Parser | None = None

    def expression(self, first: Node, last: Node) -> Node | None:
        """Return the expression from `first` to `last`, ``None`` if that is none. O(bytes between them)."""
        length = last.end_byte - first.start_byte
        if length > FRAGMENT_BYTES_MAX or len(self._trees) >= FRAGMENTS_MAX:
            return None
        if self._parser is None:
            language = grammar("rust").parser.language
            assert language is not None  # it was made with one
            self._parser = tree_sitter.Parser(language)
        self._parser.included_ranges = [
            tree_sitter.Range(first.start_point, last.end_point, first.start_byte, last.end_byte)
        ]
        tree = self._parser.parse(self._data)
        # Without a semicolon behind it an expression is no statement: what is around it is an error, it is not.
        around = tree.root_node
        while around.named_child_count == 1 and around.type in {
            "source_file",
            "ERROR",
            "expression_statement",
        }:
            around = around.named_children[0]
        node = around
        if node.has_error or node.type == "ERROR":
            return None
        if (node.start_byte, node.end_byte) != (first.start_byte, last.end_byte):
            return None
        self._trees.append(tree)
        return node


def pieces(args: Sequence[Arg], named: Callable[[str, int, int], Expr]) -> list[Expr] | None:
    """Return the pieces of the text that ``format!`` makes of `args`; ``None`` if the text is not written there."""
    if not args or args[0].value.kind != "str" or args[0].key is not None:
        return None
    form = args[0].value
    # Behind what is written stand the names in the holes of texts, which the holes name themselves.
    given = [arg.value for arg in args[1:] if arg.key is None and arg.value.start >= form.end]
    keyed = {arg.key: arg.value for arg in args if arg.key is not None}
    found: list[Expr] = []
    text, place, number = str(form.value), 0, 0
    for match in _PIECE.finditer(text):
        found.append(Expr("str", text[place : match.start()], form.start, form.end))
        place = match.end()
        if match[0] in {"{{", "}}"}:
            found.append(Expr("str", match[0][0], form.start, form.end))
            continue
        name = match[1] or str(number)
        if match[1] is None:
            number += 1
        if name.isdigit():
            held = given[int(name) : int(name) + 1]
        else:
            held = [keyed[name] if name in keyed else named(name, form.start, form.end)]
        found += map(quoted, held) if match[0].endswith("?}") else held
    found.append(Expr("str", text[place:], form.start, form.end))
    return [one for one in found if one.kind != "str" or one.value]


def quoted(value: Expr) -> Expr:
    """Return what ``{:?}`` prints: the value as a literal, its line breaks escaped."""
    if value.kind in {"str", "int", "float", "bool"}:
        return value
    call = Call("str.escape_debug", (Arg(None, value),), value.start, value.end)
    return Expr("call", call, value.start, value.end)


def printed(args: Sequence[Arg]) -> tuple[Arg, ...]:
    """Return the arguments of a macro that prints, those quoted that its text has a ``{:?}`` for."""
    form = next(
        (place for place, arg in enumerate(args) if arg.key is None and arg.value.kind == "str"), None
    )
    if form is None or "?}" not in str(args[form].value.value):
        return tuple(args)
    holes = [one[0] for one in _PIECE.finditer(str(args[form].value.value)) if one[0] not in {"{{", "}}"}]
    after = [hole for hole in holes if re.match(r"\{(?::|\})", hole)]
    names = {match[1] for hole in holes if hole.endswith("?}") and (match := _PIECE.match(hole)) and match[1]}
    result = list(args[: form + 1])
    for place, arg in enumerate(args[form + 1 :]):
        is_quoted = after[place].endswith("?}") if place < len(after) else str(arg.value.value) in names
        result.append(arg._replace(value=quoted(arg.value)) if is_quoted and arg.key is None else arg)
    return tuple(result)
