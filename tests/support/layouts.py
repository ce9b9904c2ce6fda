"""Other layouts of the same program: a line end, or a comment and a line end, where two tokens meet.

::

    hashlib.md5(data)      hashlib.md5(  # why        what a formatter or a person makes of it
                           data)

Only layouts that mean the same are given: the syntax tree has the same nodes, comments apart, and Python compiles.
"""

import ast
import random
from collections.abc import Iterator

from tree_sitter import Node, Tree

from stemedb_analysis.facts.languages import grammar

ATOMS = ("string", "template", "comment", "regex", "char", "jsx_text", "raw_")
"""Kinds of nodes, or parts of their names, that nothing is put into."""
COMMENTS = {"python": " # why\n"}
TRIES_MAX = 40


def relaid(code: str, language: str, chance: random.Random) -> str | None:
    """Return `code` with one to three fills between its tokens; ``None`` if no such layout was found."""
    data = code.encode()
    tree = _parsed(data, language)
    if tree is None:
        return None
    borders = sorted({node.start_byte for node in _tokens(tree.root_node)} - {0})
    shape = _shape(tree)
    done = 0
    wanted = chance.randint(1, 3)
    for _ in range(TRIES_MAX):
        if not borders or done == wanted:
            break
        fill = chance.choice(("\n", COMMENTS.get(language, " // why\n"))).encode()
        at = chance.choice(borders)
        changed = data[:at] + fill + data[at:]
        after = _parsed(changed, language)
        if after is not None and _shape(after) == shape and _compiles(changed, language):
            data, done = changed, done + 1
            borders = [place + len(fill) * (place >= at) for place in borders]
    return data.decode() if done else None


def _parsed(data: bytes, language: str) -> Tree | None:
    tree = grammar(language).parse(data)
    return None if tree is None or tree.root_node.has_error else tree


def _tokens(node: Node) -> Iterator[Node]:
    if node.child_count == 0 or any(part in node.type for part in ATOMS):
        yield node
    else:
        for child in node.children:
            yield from _tokens(child)


def _shape(tree: Tree) -> list[tuple[str, int]]:
    """The kinds of all nodes with their depths, comments left out."""
    found: list[tuple[str, int]] = []
    stack: list[tuple[Node, int]] = [(tree.root_node, 0)]
    while stack:
        node, depth = stack.pop()
        if "comment" not in node.type:
            found.append((node.type, depth))
            stack += [(child, depth + 1) for child in node.children]
    return found


def _compiles(data: bytes, language: str) -> bool:
    if language != "python":
        return True
    try:
        ast.parse(data)
    except (SyntaxError, ValueError):
        return False
    return True
