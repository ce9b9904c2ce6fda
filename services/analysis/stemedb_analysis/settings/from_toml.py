"""TOML: every value with the path that leads to it, tables and dotted keys resolved, arrays of tables numbered."""

from typing import Final

import tree_sitter_toml
from tree_sitter import Language, Node, Parser

from stemedb_analysis.facts.model import Facts
from stemedb_analysis.settings.collector import DEPTH_MAX, EMPTY_LIST, EMPTY_MAPPING, Collector, Full
from stemedb_analysis.settings.from_yaml import note_errors
from stemedb_analysis.settings.scalars import number, unescape

_PARSER: Final = Parser(Language(tree_sitter_toml.language()))
_KEYS: Final = frozenset({"bare_key", "quoted_key", "dotted_key"})


def extract(data: bytes) -> Facts:
    """Return the settings of `data`. Never raises; bounded by the limits of `collector`."""
    collector = Collector(data)
    root = _PARSER.parse(data).root_node
    tables: dict[tuple[str, ...], int] = {}
    try:
        for child in root.named_children:
            if child.type == "pair":
                _pair(collector, (), child, 0)
            elif child.type in {"table", "table_array_element"}:
                _table(collector, child, tables)
    except Full:
        collector.fault("too many settings, the rest is left out", 0)
    note_errors(root, collector)
    return collector.facts("toml")


def _table(out: Collector, table: Node, tables: dict[tuple[str, ...], int]) -> None:
    header = next((node for node in table.named_children if node.type in _KEYS), None)
    if header is None:
        return
    path = _resolved(_key(out, header, 0), tables)
    if table.type == "table_array_element":
        position = tables.get(path, -1) + 1
        tables[path] = position
        path = (*path, f"[{position}]")
    out.begin(path, table.start_byte)
    for node in table.named_children:
        if node.type == "pair":
            _pair(out, path, node, 0)


def _resolved(path: tuple[str, ...], tables: dict[tuple[str, ...], int]) -> tuple[str, ...]:
    """Return `path` with the number of the current element behind each array of tables on the way, its last part apart."""
    done: tuple[str, ...] = ()
    for position, part in enumerate(path):
        done = (*done, part)
        if done in tables and position < len(path) - 1:
            done = (*done, f"[{tables[done]}]")
    return done


def _pair(out: Collector, path: tuple[str, ...], pair: Node, depth: int) -> None:
    children = pair.named_children
    if len(children) < 2 or children[0].type not in _KEYS or any(child.is_error for child in children):
        return
    _value(out, path + _key(out, children[0], 0), children[-1], pair.start_byte, depth + 1)


def _key(out: Collector, node: Node, depth: int) -> tuple[str, ...]:
    if node.type == "dotted_key" and depth <= DEPTH_MAX:
        return tuple(part for child in node.named_children for part in _key(out, child, depth + 1))
    text = out.text(node.start_byte, node.end_byte)
    if node.type == "quoted_key":
        text = unescape(text[1:-1]) if text.startswith('"') else text[1:-1]
    return (text,)


def _value(out: Collector, path: tuple[str, ...], node: Node, start: int, depth: int) -> None:  # noqa: C901 - a branch for each kind of node
    kind = node.type
    text = out.text(node.start_byte, node.end_byte)
    if depth > DEPTH_MAX:
        out.fault(f"nested deeper than {DEPTH_MAX}", node.start_byte)
    elif kind == "inline_table":
        out.begin(path, start)
        pairs = [child for child in node.named_children if child.type == "pair"]
        for pair in pairs:
            _pair(out, path, pair, depth)
        if not pairs:
            out.add(path, EMPTY_MAPPING, start, node.end_byte)
    elif kind == "array":
        items = [item for item in node.named_children if item.type not in {"comment", "ERROR"}]
        for position, item in enumerate(items):
            _value(out, (*path, f"[{position}]"), item, item.start_byte, depth + 1)
        if not items:
            out.add(path, EMPTY_LIST, start, node.end_byte)
    elif kind == "string":
        out.add(path, _string(text), start, node.end_byte)
    elif kind == "boolean":
        out.add(path, text == "true", start, node.end_byte)
    elif kind in {"integer", "float"}:
        out.add(path, number(text, text), start, node.end_byte)
    else:
        out.add(path, text, start, node.end_byte)


def _string(text: str) -> str:
    quotes = text[:3] if text.startswith(('"""', "'''")) and len(text) >= 6 else text[:1]
    inner = text[len(quotes) : -len(quotes)]
    if len(quotes) == 3:
        inner = inner.removeprefix("\r\n").removeprefix("\n")
    return unescape(inner) if quotes.startswith('"') else inner
