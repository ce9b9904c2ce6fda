"""YAML: every scalar with the path that leads to it, in a file that may be broken, templated or hostile.

::

    services:                     ("services", "web", "ports", "[0]") = "80:80"
      web: &base                  ("services", "web", "read_only")    = True
        ports: ["80:80"]          ("services", "job", "ports", "[0]") = "80:80"     merged, where it is written
        read_only: true           ("services", "job", "user")         = "1000"
      job: {<<: *base, user: "1000"}

* Several documents in one file: the paths of the second start with ``---1``, of the third with ``---2``, and so on.
* Anchors and merges are followed; what an alias brings stands at the position of the anchor. Own keys win over merged ones. An alias inside
  of its own anchor is left alone.
* Variables are keys: ``- NAME=value`` below ``environment`` is read as ``NAME: value``, and ``{name: NAME, value: x}`` below ``env`` as
  itself and once more as ``NAME: x``.
* Templates (``{{ … }}`` of Helm and its kin) are masked for the parser and kept in the values. A line of template only is white space.
* Errors stay local: the rest of the file is read, and a fault tells where.
"""

import re
from typing import Final

import tree_sitter_yaml
from tree_sitter import Language, Node, Parser

from stemedb_analysis.facts.model import Facts, Setting
from stemedb_analysis.settings.collector import DEPTH_MAX, EMPTY_LIST, EMPTY_MAPPING, Collector, Full
from stemedb_analysis.settings.scalars import plain, unescape
from stemedb_analysis.settings.yaml_levels import LEVELS_MAX, within_levels

_PARSER: Final = Parser(Language(tree_sitter_yaml.language()))
_TEMPLATE_LINE: Final = re.compile(rb"(?m)^[ \t]*(?:\{\{(?:[^{}\n]|\}(?!\})|\{(?!\{))*\}\}[ \t]*)+\r?$")
_TEMPLATE: Final = re.compile(rb"(?<!\$)\{\{(?:[^{}\n]|\}(?!\})|\{(?!\{))*\}\}")
_MERGE: Final = "<<"
_ENVIRONMENT: Final = "environment"
_ENV: Final = "env"
_DEFECTS_MAX: Final = 10_000
"""Nodes that the search for errors looks at; it goes only where the parser says that there is one."""


def extract(data: bytes) -> Facts:
    """Return the settings of `data`. Never raises; bounded by the limits of `collector`."""
    collector = Collector(data)
    bounded = within_levels(_masked(data) if b"{{" in data else data)
    if bounded.cut >= 0:
        collector.fault(f"indented deeper than {LEVELS_MAX} levels", bounded.cut)
    _Reader(collector).read(_PARSER.parse(bounded.data).root_node)
    facts = collector.facts("yaml")
    return facts._replace(settings=_with_variables(facts.settings)) if b"env:" in data else facts


def _with_variables(settings: tuple[Setting, ...]) -> tuple[Setting, ...]:
    """Return `settings` with one more for each ``{name: …, value: …}`` in a list ``env``, under its name."""
    names: dict[tuple[str, ...], str] = {}
    for setting in settings:
        if len(setting.path) > 2 and setting.path[-3] == _ENV and setting.path[-1] == "name":
            names[setting.path[:-1]] = str(setting.value)
    more = [
        Setting((*setting.path[:-2], names[setting.path[:-1]]), setting.value, setting.start, setting.end)
        for setting in settings
        if setting.path[-1] == "value" and setting.path[:-1] in names
    ]
    return (*settings, *more)


def _masked(data: bytes) -> bytes:
    """Return `data` with templates replaced, byte for byte, by what cannot confuse the parser."""
    data = _TEMPLATE_LINE.sub(lambda match: re.sub(rb"[^\r\n]", b" ", match[0]), data)
    return _TEMPLATE.sub(lambda match: b"T" * len(match[0]), data)


def note_errors(root: Node, collector: Collector) -> None:
    """Note a fault for each place that the parser could not read."""
    if not root.has_error:
        return
    left, looked_at = [root], 0
    while left and looked_at < _DEFECTS_MAX:
        node = left.pop()
        looked_at += 1
        if node.is_error or node.is_missing:
            collector.fault("syntax error", node.start_byte)
        elif node.has_error:
            left.extend(reversed(node.children))


class _Reader:
    """Walks one tree. `_anchors` maps names to the nodes they were last given to; `_open` holds the aliases being followed."""

    def __init__(self, collector: Collector) -> None:
        self._out = collector
        self._anchors: dict[str, Node] = {}
        self._open: set[str] = set()

    def read(self, root: Node) -> None:
        documents = [child for child in root.named_children if child.type == "document"]
        for position, document in enumerate(documents):
            self._anchors.clear()
            prefix = (f"---{position}",) if position else ()
            try:
                for child in document.named_children:
                    if child.type in {"block_node", "flow_node"}:
                        self._value(prefix, child, child.start_byte, 0)
            except Full:
                self._out.fault("too many settings, the rest is left out", document.start_byte)
                break
        if root.has_error:
            note_errors(root, self._out)

    def _value(self, path: tuple[str, ...], holder: Node, start: int, depth: int) -> None:
        """Add what `holder`, a block_node or flow_node, holds; `start` is where its key starts."""
        if depth > DEPTH_MAX:
            self._out.fault(f"nested deeper than {DEPTH_MAX}", holder.start_byte)
            return
        name = ""
        for node in holder.named_children:
            kind = node.type
            if kind == "anchor":
                name = self._out.text(node.start_byte + 1, node.end_byte)
                self._anchors[name] = holder
                if name in self._open:
                    name = ""
                else:
                    self._open.add(name)
            elif kind == "alias":
                self._alias(path, node, start, depth)
            elif kind in {"block_mapping", "flow_mapping"}:
                self._mapping(path, node, start, depth)
            elif kind in {"block_sequence", "flow_sequence"}:
                self._sequence(path, node, start, depth)
            elif kind.endswith("scalar"):
                self._out.add(path, self._scalar(node), start, node.end_byte)
        self._open.discard(name)

    def _mapping(self, path: tuple[str, ...], mapping: Node, start: int, depth: int) -> None:
        pairs = [node for node in mapping.named_children if node.type in {"block_mapping_pair", "flow_pair"}]
        self._out.begin(path, start)
        if not pairs and not mapping.has_error:
            self._out.add(path, EMPTY_MAPPING, start, mapping.end_byte)
        for key, pair in self._merged(pairs, depth):
            value = pair.child_by_field_name("value")
            if value is not None:
                self._value((*path, key), value, pair.start_byte, depth + 1)
            elif not pair.has_error:
                self._out.add((*path, key), None, pair.start_byte, pair.end_byte)

    def _merged(self, pairs: list[Node], depth: int) -> list[tuple[str, Node]]:
        """Return keys and pairs, those that ``<<`` brings first unless a key of one's own hides them."""
        own: list[tuple[str, Node]] = []
        brought: list[tuple[str, Node]] = []
        for pair in pairs:
            key = self._key(pair)
            if key == _MERGE:
                brought += self._brought(pair.child_by_field_name("value"), depth + 1)
            elif key is not None:
                own.append((key, pair))
        if not brought:
            return own
        names = {key for key, _ in own}
        return [one for one in brought if one[0] not in names] + own

    def _brought(self, value: Node | None, depth: int) -> list[tuple[str, Node]]:
        if value is None or depth > DEPTH_MAX:
            return []
        found: list[tuple[str, Node]] = []
        for node in value.named_children:
            if node.type == "alias":
                name = self._out.text(node.start_byte + 1, node.end_byte)
                target = self._anchors.get(name)
                if target is not None and name not in self._open:
                    self._open.add(name)
                    found += self._brought(target, depth + 1)
                    self._open.discard(name)
            elif node.type in {"flow_sequence", "block_sequence"}:
                for item in node.named_children:
                    inner = (
                        item.named_children[0]
                        if item.type == "block_sequence_item" and item.named_children
                        else item
                    )
                    found += self._brought(inner, depth + 1)
            elif node.type in {"block_mapping", "flow_mapping"}:
                inside = [
                    one for one in node.named_children if one.type in {"block_mapping_pair", "flow_pair"}
                ]
                found += self._merged(inside, depth + 1)
        return found

    def _sequence(self, path: tuple[str, ...], sequence: Node, start: int, depth: int) -> None:
        position = 0
        for node in sequence.named_children:
            item: Node | None = node
            if node.type == "block_sequence_item":
                item = next(
                    (one for one in node.named_children if one.type in {"block_node", "flow_node"}), None
                )
            elif node.type == "flow_pair":
                key, value = self._key(node), node.child_by_field_name("value")
                if key is not None and value is not None:
                    self._value((*path, f"[{position}]", key), value, node.start_byte, depth + 1)
                position += 1
                continue
            elif node.type != "flow_node":
                continue
            if item is not None and not (path and path[-1] == _ENVIRONMENT and self._variable(path, item)):
                self._value((*path, f"[{position}]"), item, item.start_byte, depth + 1)
            position += 1
        if not position and not sequence.has_error:
            self._out.add(path, EMPTY_LIST, start, sequence.end_byte)

    def _variable(self, path: tuple[str, ...], item: Node) -> bool:
        """Add the item ``NAME=value`` of a list of variables as if it were a key; return whether it is one."""
        scalar = next((node for node in item.named_children if node.type.endswith("scalar")), None)
        value = self._scalar(scalar) if scalar is not None else None
        if not isinstance(value, str) or "=" not in value:
            return False
        name, _, text = value.partition("=")
        self._out.add((*path, name.strip()), text.strip(), item.start_byte, item.end_byte)
        return True

    def _alias(self, path: tuple[str, ...], node: Node, start: int, depth: int) -> None:
        name = self._out.text(node.start_byte + 1, node.end_byte)
        target = self._anchors.get(name)
        if target is None or name in self._open:
            self._out.add(path, f"*{name}", start, node.end_byte)
            return
        self._open.add(name)
        try:
            self._value(path, target, target.start_byte, depth + 1)
        finally:
            self._open.discard(name)

    def _key(self, pair: Node) -> str | None:
        key = pair.child_by_field_name("key")
        if key is None:
            return None
        for node in key.named_children:
            if node.type == "plain_scalar":
                return self._out.text(node.start_byte, node.end_byte)
            if node.type.endswith("scalar"):
                return str(self._scalar(node))
        return None

    def _scalar(self, node: Node) -> bool | int | float | str | None:
        text = self._out.text(node.start_byte, node.end_byte)
        if node.type == "plain_scalar":
            return plain(text) if "\n" not in text else " ".join(text.split())
        if node.type == "double_quote_scalar":
            return unescape(text[1:-1])
        if node.type == "single_quote_scalar":
            return text[1:-1].replace("''", "'")
        return _block(text)


def _block(text: str) -> str:
    """Return the lines of a block scalar, its header and indentation taken off."""
    header, _, body = text.partition("\n")
    lines = [line.removesuffix("\r") for line in body.removesuffix("\n").split("\n")]
    indent = min((len(line) - len(line.lstrip()) for line in lines if line.strip()), default=0)
    return ("\n" if header.startswith("|") else " ").join(line[indent:] for line in lines)
