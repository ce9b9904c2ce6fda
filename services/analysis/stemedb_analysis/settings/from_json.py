"""JSON: every value with the path that leads to it; comments and trailing commas, as ``tsconfig.json`` has them, are borne."""

from typing import Final

import tree_sitter_json
from tree_sitter import Language, Node, Parser

from stemedb_analysis.facts.model import Facts
from stemedb_analysis.settings.collector import DEPTH_MAX, EMPTY_LIST, EMPTY_MAPPING, Collector, Full
from stemedb_analysis.settings.from_yaml import note_errors
from stemedb_analysis.settings.scalars import number, unescape

_PARSER: Final = Parser(Language(tree_sitter_json.language()))
_WORDS: Final = {"true": True, "false": False, "null": None}


def extract(data: bytes) -> Facts:
    """Return the settings of `data`. Never raises; bounded by the limits of `collector`."""
    collector = Collector(data)
    root = _PARSER.parse(data).root_node
    try:
        for child in root.named_children:
            _value(collector, (), child, child.start_byte, 0)
    except Full:
        collector.fault("too many settings, the rest is left out", 0)
    note_errors(root, collector)
    return collector.facts("json")


def _value(out: Collector, path: tuple[str, ...], node: Node, start: int, depth: int) -> None:  # noqa: C901 - a branch for each kind of node
    kind = node.type
    if depth > DEPTH_MAX:
        out.fault(f"nested deeper than {DEPTH_MAX}", node.start_byte)
    elif kind == "object":
        out.begin(path, start)
        empty = True
        for pair in node.named_children:
            key, value = pair.child_by_field_name("key"), pair.child_by_field_name("value")
            if key is None or value is None:
                continue
            empty = False
            _value(out, (*path, _string(out, key)), value, pair.start_byte, depth + 1)
        if empty and not node.has_error:
            out.add(path, EMPTY_MAPPING, start, node.end_byte)
    elif kind == "array":
        items = [
            item
            for item in node.named_children
            if item.type not in {"comment", "ERROR"} and not item.is_missing
        ]
        for position, item in enumerate(items):
            _value(out, (*path, f"[{position}]"), item, item.start_byte, depth + 1)
        if not items and not node.has_error:
            out.add(path, EMPTY_LIST, start, node.end_byte)
    elif kind == "string":
        out.add(path, _string(out, node), start, node.end_byte)
    elif kind == "number":
        text = out.text(node.start_byte, node.end_byte)
        out.add(path, number(text, text), start, node.end_byte)
    elif kind in _WORDS:
        out.add(path, _WORDS[kind], start, node.end_byte)


def _string(out: Collector, node: Node) -> str:
    return (
        unescape(out.text(node.start_byte, node.end_byte)[1:-1])
        if node.type == "string"
        else out.text(node.start_byte, node.end_byte)
    )
