"""The string literals of Python, each with its role: what it is assigned to, an argument of, compared with.

::

    TOKEN = "…"          assigned, TOKEN             connect(password="…")     argument, password
    {"token": "…"}       element, token              if given == "…":          compared, given
    app.config["KEY"] = "…"   assigned, KEY          '…' alone                 documentation, no fact
"""

import re
from typing import Final, TypeAlias

from tree_sitter import Node

from stemedb_analysis.facts.collecting import TEXT_BYTES_MAX, Role
from stemedb_analysis.facts.layout import HASH, flat
from stemedb_analysis.facts.python_syntax import PythonSyntax

CONFIG_ITEM: Final = re.compile(r"""([^\W\d][\w.]*)\[\s*[rbu]?(["'])([^"'\\]+)\2\s*\]""")
"""An item of a container with a constant key: ``app.config["DEBUG"]``."""
_IS_IN: Final = re.compile(r"\bin\b")
_Place: TypeAlias = tuple[int, Role | None, Node | None]
"""Where something ends, its role, and what it has its name from."""
_NO_PLACE: Final[_Place] = (-1, None, None)


class PythonTexts(PythonSyntax):
    """The string literals of one Python file."""

    assigned: list[tuple[Node, Node]]
    """Targets and values of all assignments, in source order."""

    def find_texts(self) -> None:
        """Fill `texts`, if they are of interest."""
        if not self.interest.texts:
            return
        least = self.interest.text_bytes_min + 2
        places = self._named_places()
        for node in self.nodes("string"):
            start, end = node.start_byte, node.end_byte
            if not least <= end - start <= TEXT_BYTES_MAX:
                continue
            ends, role, of = places.get(start, _NO_PLACE)
            name = self._key_of(of) if ends == end else ""
            if ends != end:
                role, name = self._role(node)
            if role is not None:
                self.add_text(node, self._content(node, start, end), role, name)

    def _named_places(self) -> dict[int, _Place]:
        """Return what has a name by where it begins: of most strings that tells the role, and of a table of thousands quickly."""
        places: dict[int, _Place] = {}
        for key, value in self.pairs("pair.key", "pair.value"):
            places[key.start_byte] = (key.end_byte, "key", None)
            places[value.start_byte] = (value.end_byte, "element", key)
        for left, right in self.assigned:
            places[right.start_byte] = (right.end_byte, "assigned", left)
        return places

    def _content(self, node: Node, start: int, end: int) -> str:
        plain = self.plain(start, end)
        if plain is not None:
            return plain
        value = self.lower(node, -1)
        if value.kind == "bytes":
            return bytes(value.value).decode("latin-1")  # type: ignore[call-overload, no-any-return]  # by kind
        return (
            str(value.value)
            if value.kind == "str"
            else self.written(start, end).lstrip("fFrRbBtT").strip("\"'")
        )

    def _role(self, node: Node) -> tuple[Role | None, str]:
        parent = node.parent
        while parent is not None and parent.type in {"concatenated_string", "parenthesized_expression"}:
            node, parent = parent, parent.parent
        if parent is None:
            return None, ""
        kind = parent.type
        if kind == "expression_statement":
            return None, ""  # documentation
        if kind == "argument_list":
            call = parent.parent
            callee = call.child_by_field_name("function") if call is not None else None
            return "argument", self.text[callee.start_byte : callee.end_byte].rpartition(".")[
                2
            ] if callee is not None else ""
        if kind in {"assignment", "named_expression"}:
            left = parent.child_by_field_name("left") or parent.child_by_field_name("name")
            return "assigned", self._key_of(left)
        if kind in {"keyword_argument", "default_parameter", "typed_default_parameter"}:
            return ("argument" if kind == "keyword_argument" else "assigned"), self._key_of(
                parent.child_by_field_name("name")
            )
        if kind == "pair":
            key = parent.child_by_field_name("key")
            return ("key", "") if key == node else ("element", self._key_of(key))
        if kind == "comparison_operator":
            return self._compared(node, parent)
        if kind == "return_statement":
            return "returned", ""
        return ("element" if kind in {"list", "tuple", "set"} else "other"), ""

    def _compared(self, node: Node, parent: Node) -> tuple[Role | None, str]:
        first, *others = parent.named_children
        if first == node and others and _IS_IN.search(self.text, node.end_byte, others[0].start_byte):
            return "other", ""  # a key of what is called so, or a part of it
        return "compared", self._key_of(others[0] if first == node and others else first)

    def _key_of(self, node: Node | None) -> str:
        if node is None or node.end_byte - node.start_byte > 200:
            return ""
        text = flat(self.written(node.start_byte, node.end_byte), HASH)
        item = CONFIG_ITEM.fullmatch(text)
        return item[3] if item else text.rpartition(".")[2].strip("\"'")
