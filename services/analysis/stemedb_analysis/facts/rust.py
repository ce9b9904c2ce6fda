"""Rust: captures to facts.

Structs are classes: their fields have types, and what ``impl`` blocks define is found through them. Attributes are calls with the role
``decorator``.
"""

import re
from typing import Final

from tree_sitter import Node

from stemedb_analysis.facts.collecting import TEXT_BYTES_MAX, Role
from stemedb_analysis.facts.model import Call, Function
from stemedb_analysis.facts.names import DOTTED
from stemedb_analysis.facts.rust_bodies import RustWalker
from stemedb_analysis.facts.rust_syntax import RustSyntax
from stemedb_analysis.facts.scopes import Binding, Bound, ScopeStart

_NAME: Final = re.compile(r"[A-Za-z_]\w*")
_VARIABLE: Final = re.compile(r"(?<![\w:])[a-z_]\w*(?!\w*\s*(?:::|\(|\{|!))")
_STRING: Final = re.compile(r'"[^"]*"')
_TYPE_NAME: Final = re.compile(r"(?:[a-z_]\w*::)*([A-Z]\w*)")
_NO_VARIABLES: Final = frozenset({"ref", "mut", "box", "self", "_", "true", "false", "if", "in", "const"})
_ATTRIBUTES_MAX: Final = 20
"""Between an attribute and its function."""
_OUTSIDE: Final = ("crate", "self", "super")


def variables(pattern: str) -> list[str]:
    """Return the names that a pattern binds."""
    bare = _STRING.sub("", pattern[:500])
    return [name for name in _VARIABLE.findall(bare) if name not in _NO_VARIABLES]


class Rust(RustSyntax):
    """The facts of one Rust file."""

    language = "rust"
    callees_are_whole = False
    walker = RustWalker
    transparent = frozenset(
        {
            "reference_expression",
            "field_expression",
            "call_expression",
            "try_expression",
            "binary_expression",
            "parenthesized_expression",
        }
    )

    def find_scopes(self) -> list[ScopeStart]:
        """Return functions, closures, structs, traits and implementations."""
        found = []
        for node in self.nodes("function"):
            name = node.child_by_field_name("name")
            written = self.text[name.start_byte : name.end_byte] if name is not None else "lambda"
            found.append(ScopeStart(node.start_byte, node.end_byte, written, False, node))
        for capture in ("struct", "impl"):
            for node, name in self.pairs(capture, f"{capture}.name"):
                match = _TYPE_NAME.search(self.text, name.start_byte, name.end_byte)
                found.append(
                    ScopeStart(node.start_byte, node.end_byte, match[1] if match else "impl", True, node)
                )
        return found

    def find_bindings(self) -> None:
        """Record everything that gives a name a meaning."""
        self.stars: list[str] = []
        for node in self.ordered("import"):
            self._import(node, "", self.scopes.at(node.start_byte), 0)
        self.stars = [
            star for star in self.stars if not star.startswith(_OUTSIDE) and not star.endswith("prelude")
        ]
        for node, kind in self.pairs("field.name", "field.type"):
            name, written = self._source(node), self._source(kind)
            self.scopes.bind(
                self.scopes.at(node.start_byte), name, Binding(node.start_byte, Bound.PARAM, None, written)
            )
        self._attributes()
        self._define()
        self._declare()
        self._set()

    def _source(self, node: Node) -> str:
        return self.text[node.start_byte : node.end_byte]

    def _declare(self) -> None:
        at, bind = self.scopes.at, self.scopes.bind
        types = {node.start_byte: self._source(kind) for node, kind in self.pairs("typed.name", "typed.type")}
        self.declared = self.pairs("declare.left", "declare.right")
        for left, right in self.declared:
            start, end = left.start_byte, right.end_byte
            name = self._source(left)
            if _NAME.fullmatch(name):
                bind(at(start), name, Binding(end, Bound.VALUE, right, types.get(start, "")))
            else:
                for part in variables(name):
                    bind(at(start), part, Binding(start, Bound.OTHER))
        for alias, kind in self.pairs("alias.name", "alias.type"):
            bind(at(alias.start_byte), self._source(alias), Binding(alias.start_byte, Bound.VALUE, kind))
        for node in self.ordered("pattern"):
            for part in variables(self._source(node)):
                bind(at(node.start_byte), part, Binding(node.start_byte, Bound.OTHER))

    def _set(self) -> None:
        at = self.scopes.at
        self.set = self.pairs("set.left", "set.right")
        for left, right in self.set:
            name = self._source(left)
            if _NAME.fullmatch(name):
                self.rebind(name, at(left.start_byte), Binding(right.end_byte, Bound.VALUE, right))
        for node in self.ordered("changed"):
            name = self._source(node)
            if _NAME.fullmatch(name):
                self.rebind(name, at(node.start_byte), Binding(node.start_byte, Bound.OTHER))

    def _import(self, node: Node, prefix: str, scope: int, depth: int) -> None:
        kind = node.type
        if depth > 10:
            return
        if kind == "use_list":
            for child in node.named_children:
                self._import(child, prefix, scope, depth + 1)
        elif kind == "scoped_use_list":
            path, held = node.child_by_field_name("path"), node.child_by_field_name("list")
            inner = f"{prefix}{self._dotted(path)}." if path is not None else prefix
            if held is not None:
                self._import(held, inner, scope, depth + 1)
        elif kind == "use_wildcard":
            module = prefix + self._dotted(node).rstrip(".*")
            self.stars.append(module.rstrip("."))
            self.bring_in(module.rstrip("."), "*", node, scope)
        elif kind == "use_as_clause":
            path, alias = node.child_by_field_name("path"), node.child_by_field_name("alias")
            if path is not None and alias is not None:
                self._take(
                    prefix + self._dotted(path), self.text[alias.start_byte : alias.end_byte], node, scope
                )
        else:
            self._take(prefix + self._dotted(node), "", node, scope)

    def _take(self, name: str, alias: str, node: Node, scope: int) -> None:
        name = name.removesuffix(".self")
        self.bring_in(name, alias or name.rpartition(".")[2], node, scope)

    def _dotted(self, node: Node) -> str:
        return re.sub(r"\s|^::", "", self.text[node.start_byte : node.end_byte]).replace("::", ".")

    def _attributes(self) -> None:
        self.attributes: list[tuple[Node, str]] = []
        self.decorators: dict[int, list[str]] = {}
        for node in self.ordered("attribute"):
            name = node.named_children[0] if node.named_child_count else None
            if name is None:
                continue
            written = self._dotted(name)
            self.attributes.append((node, written))
            sibling = node.parent.next_named_sibling if node.parent is not None else None
            for _ in range(_ATTRIBUTES_MAX):
                if sibling is None or sibling.type not in {"attribute_item", "line_comment", "block_comment"}:
                    break
                sibling = sibling.next_named_sibling
            if sibling is not None and sibling.type == "function_item":
                self.decorators.setdefault(sibling.start_byte, []).append(written)

    def _define(self) -> None:
        scopes = self.scopes
        structs: dict[str, int] = {}
        for number, scope in enumerate(scopes.found):
            if scope.is_class and (scope.node.type == "struct_item" or scope.name not in structs):
                structs[scope.name] = number
        for number, scope in enumerate(scopes.found):
            parent = scopes.parents[number]
            if scope.is_class:
                if structs[scope.name] == number:
                    scopes.bind(parent, scope.name, Binding(scope.start, Bound.CLASS, number))
                continue
            owner = (
                structs[scopes.found[parent].name]
                if parent >= 0 and scopes.found[parent].is_class
                else parent
            )
            if scope.name != "lambda":
                scopes.bind(owner, scope.name, Binding(scope.start, Bound.DEF, scopes.names[number]))
            if owner >= 0 and scopes.found[owner].is_class:
                for own in ("self", "Self"):
                    scopes.bind(number, own, Binding(scope.start, Bound.SELF, owner))
            self._returns(scope, scopes.names[number], owner)
            names = self._parameters(scope.node, number)
            decorators = tuple(
                self.shown(self.dotted(name, parent, scope.start))
                for name in self.decorators.get(scope.start, ())
            )
            self.functions.append(
                Function(
                    scopes.names[number],
                    tuple(names),
                    scope.start,
                    scope.end,
                    decorators,
                    scopes.function(parent),
                )
            )

    def is_private(self, number: int) -> bool:
        """Return whether only the module can call a function: nothing says that it is public."""
        one = self.functions[number]
        return not one.name.endswith("lambda") and not self.text.startswith("pub", one.start)

    def _returns(self, scope: ScopeStart, name: str, owner: int) -> None:
        result = scope.node.child_by_field_name("return_type")
        if result is not None and scope.name != "lambda":
            written = self._source(result)
            own = self.scopes.found[owner].name if owner >= 0 else "Self"
            self.returned[f".{name}"] = re.sub(r"\bSelf\b", own, written)

    def _parameters(self, node: Node, scope: int) -> list[str]:
        held = node.child_by_field_name("parameters")
        found: list[str] = []
        for child in held.named_children if held is not None else ():
            if child.type == "self_parameter":
                continue
            pattern, kind = child.child_by_field_name("pattern"), child.child_by_field_name("type")
            pattern = pattern or child
            name = self.text[pattern.start_byte : pattern.end_byte]
            written = self.text[kind.start_byte : kind.end_byte] if kind is not None else ""
            for part in variables(name):
                # ``web::Path(name)`` takes a value out of its type, which is still where it comes from.
                self.scopes.bind(scope, part, Binding(child.start_byte, Bound.PARAM, None, written))
                found.append(part)
        return found

    def find_facts(self) -> None:
        """Find calls, assignments and texts of interest."""
        self.find_callees()
        for capture in ("macro", "literal"):
            for node in self.ordered(capture):
                self._find_named(node)
        for node, name in self.attributes:
            self._find_attribute(node, name)
        self._find_assigns()
        self._find_texts()
        self.find_shapes()
        self.drop_dead()

    def _find_named(self, name: Node) -> None:
        last = self.last_part(self.text[name.start_byte : name.end_byte])
        is_sink = self.sinks is None or last in self.sinks
        is_wanted = self.wanted is None or last in self.wanted
        if not (is_sink or is_wanted):
            return
        scope = self.scopes.at(name.start_byte)
        if is_sink:
            self.note_sink(last, name.start_byte)
        if is_wanted and name.parent is not None:
            self.find_call(name.parent, scope)

    def _find_attribute(self, node: Node, name: str) -> None:
        if self.wanted is not None and name.rpartition(".")[2] not in self.wanted:
            return
        scope = self.scopes.at(node.start_byte)
        held = [child for child in node.named_children if child.type == "token_tree"]
        args = self.tokens(held[0], scope) if held else ()
        shown = self.shown(self.dotted(name, scope, node.start_byte)) if DOTTED.fullmatch(name) else name
        self.calls.append(
            Call(shown, args, node.start_byte, node.end_byte, self.scopes.function(scope), "decorator")
        )

    def _find_assigns(self) -> None:
        text, at = self.text, self.scopes.at
        for left, right in (*self.declared, *self.set):
            start = left.start_byte
            name = self.flat(start, left.end_byte)
            key = name.rpartition(".")[2]
            if self.is_key(key) and DOTTED.fullmatch(name):
                scope = at(start)
                self.assign(self.target(name, scope, start), key, self.lower(right, scope), start, scope)
        for key_node, value in self.pairs("pair.key", "pair.value"):
            key = text[key_node.start_byte : key_node.end_byte]
            if self.is_key(key):
                scope = at(key_node.start_byte)
                self.assign("", key, self.lower(value, scope), key_node.start_byte, scope)

    def _find_texts(self) -> None:
        if not self.interest.texts:
            return
        least = self.interest.text_bytes_min + 2
        for node in self.nodes("string"):
            if least <= node.end_byte - node.start_byte <= TEXT_BYTES_MAX:
                role, name = self._role(node)
                value = self.string(node, -1, 0).value
                self.add_text(
                    node, value.decode("latin-1") if isinstance(value, bytes) else str(value), role, name
                )

    def _role(self, node: Node) -> tuple[Role, str]:
        node, parent, is_compared = self.standing(node)
        if parent is not None and is_compared:
            return "compared", self._key_of(parent.child_by_field_name("left"))
        if parent is None:
            return "other", ""
        kind = parent.type
        if kind == "arguments":
            call = parent.parent
            return "argument", self._key_of(
                call.child_by_field_name("function") if call is not None else None
            )
        field = {
            "let_declaration": "pattern",
            "assignment_expression": "left",
            "const_item": "name",
            "static_item": "name",
        }.get(kind)
        if field is not None:
            return "assigned", self._key_of(parent.child_by_field_name(field))
        if kind == "field_initializer":
            return "element", self._key_of(parent.child_by_field_name("field"))
        if kind == "token_tree":
            return "argument", self._key_of(
                parent.parent.child_by_field_name("macro") if parent.parent is not None else None
            )
        if kind == "return_expression":
            return "returned", ""
        return ("element" if kind in {"array_expression", "tuple_expression"} else "other"), ""

    def _key_of(self, node: Node | None) -> str:
        if node is None or node.end_byte - node.start_byte > 200:
            return ""
        return self.last_part(self.written(node.start_byte, node.end_byte))
