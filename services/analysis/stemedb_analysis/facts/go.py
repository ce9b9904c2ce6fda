"""Go: captures to facts.

Structs are classes: their fields have types, their methods are found through the receiver. Of several results the first has the name of the
call, the others are unknown. A package is known by the last part of its path that is no version, without ``go-`` before or after it.
"""

import re
from typing import Final

from tree_sitter import Node

from stemedb_analysis.facts.collecting import TEXT_BYTES_MAX, Role
from stemedb_analysis.facts.go_bodies import GoWalker
from stemedb_analysis.facts.go_syntax import GoSyntax
from stemedb_analysis.facts.layout import flat
from stemedb_analysis.facts.model import Function
from stemedb_analysis.facts.names import DOTTED
from stemedb_analysis.facts.scopes import Binding, Bound, ScopeStart

_NAME: Final = re.compile(r"[A-Za-z_]\w*")
_VERSION: Final = re.compile(r"/v\d+$|\.v\d+$")
_RECEIVER: Final = re.compile(r"\(\s*(?:([A-Za-z_]\w*)\s+)?\*?\s*([A-Za-z_]\w*)")
_RESULT: Final = re.compile(r"\(?\s*(?:[A-Za-z_]\w*\s+)?(\*?\s*[A-Za-z_][\w.]*)\s*(?:,|\)|$|\Z)")
"""The first of the results, its name left out."""
_ITEM: Final = re.compile(r'([A-Za-z_][\w.]*)\[\s*"([^"\\]+)"\s*\]')


class Go(GoSyntax):
    """The facts of one Go file."""

    language = "go"
    walker = GoWalker
    transparent = frozenset(
        {
            "parenthesized_expression",
            "literal_element",
            "type_conversion_expression",
            "expression_list",
            "binary_expression",
        }
    )

    def find_scopes(self) -> list[ScopeStart]:
        """Return functions, methods, literals and structs."""
        found = []
        for node in self.nodes("function"):
            name = node.child_by_field_name("name")
            written = self.text[name.start_byte : name.end_byte] if name is not None else "lambda"
            receiver = self._receiver(node)
            found.append(
                ScopeStart(
                    node.start_byte,
                    node.end_byte,
                    f"{receiver[1]}.{written}" if receiver else written,
                    False,
                    node,
                )
            )
        for name, node in self.pairs("struct.name", "struct"):
            found.append(
                ScopeStart(
                    node.start_byte, node.end_byte, self.text[name.start_byte : name.end_byte], True, node
                )
            )
        return found

    def _receiver(self, node: Node) -> tuple[str, str] | None:
        held = node.child_by_field_name("receiver")
        match = _RECEIVER.match(self.text, held.start_byte, held.end_byte) if held is not None else None
        return (match[1] or "_", match[2]) if match else None

    def find_bindings(self) -> None:
        """Record everything that gives a name a meaning."""
        self.stars: list[str] = []
        self.embedded: dict[int, list[str]] = {}
        self.unset = set()
        self.classes = {
            scope.name: number for number, scope in enumerate(self.scopes.found) if scope.is_class
        }
        for node in self.ordered("import"):
            self._import(node)
        for node in self.ordered("field"):
            self._field(node)
        self._define()
        self.specs = [(node, *self._spec(node)) for node in self.ordered("spec")]
        for node in self.ordered("loop"):
            scope = self.scopes.at(node.start_byte)
            for name in _NAME.findall(self.text[node.start_byte : node.end_byte][:200]):
                self.scopes.bind(scope, name, Binding(node.start_byte, Bound.OTHER))
        self.declared = self.pairs("declare.left", "declare.right")
        self.set = self.pairs("set.left", "set.right")
        for left, right in self.declared:
            self._bind_all(left, right, declares=True)
        for left, right in self.set:
            self._bind_all(left, right, declares=False)
        for node in self.ordered("changed"):
            name = self.text[node.start_byte : node.end_byte]
            self.rebind(name, self.scopes.at(node.start_byte), Binding(node.start_byte, Bound.OTHER))

    def _import(self, node: Node) -> None:
        path_node, name = node.child_by_field_name("path"), node.child_by_field_name("name")
        if path_node is None:
            return
        path = self.written(path_node.start_byte + 1, path_node.end_byte - 1)
        written = self.text[name.start_byte : name.end_byte] if name is not None else ""
        scope = -1
        if written == ".":
            self.stars.append(path)
            self.bring_in(path, "*", node, scope)
        elif written:
            self.bring_in(path, written, node, scope)
        else:
            last = _VERSION.sub("", path).rpartition("/")[2]
            self.bring_in(path, last, node, scope)
            for short in {
                last.removeprefix("go-"),
                last.removesuffix("-go"),
                last.removesuffix(".go"),
                last.rpartition("-")[2],
                last.replace("-", ""),
            } - {last}:
                self.scopes.bind(scope, short, Binding(node.start_byte, Bound.IMPORT, path))

    def _field(self, node: Node) -> None:
        kind = node.child_by_field_name("type")
        scope = self.scopes.at(node.start_byte)
        if kind is None or scope < 0:
            return
        written = self.text[kind.start_byte : kind.end_byte]
        names = node.children_by_field_name("name")
        for name in names:
            self.scopes.bind(
                scope,
                self.text[name.start_byte : name.end_byte],
                Binding(name.start_byte, Bound.PARAM, None, written),
            )
        if not names:
            self.embedded.setdefault(scope, []).append(written)
            last = written.rpartition(".")[2].lstrip("*")
            self.scopes.bind(scope, last, Binding(node.start_byte, Bound.PARAM, None, written))

    def _define(self) -> None:
        scopes = self.scopes
        for number, scope in enumerate(scopes.found):
            parent = scopes.parents[number]
            if scope.is_class:
                scopes.bind(parent, scope.name, Binding(scope.start, Bound.CLASS, number))
                continue
            owner, _, name = scope.name.rpartition(".")
            if owner:
                of = self.classes.get(owner)
                receiver = self._receiver(scope.node)
                if of is not None and receiver is not None:
                    scopes.bind(of, name, Binding(scope.start, Bound.DEF, scope.name))
                    scopes.bind(number, receiver[0], Binding(scope.start, Bound.SELF, of))
                elif receiver is not None:
                    scopes.bind(number, receiver[0], Binding(scope.start, Bound.PARAM))
            elif name != "lambda":
                scopes.bind(parent, name, Binding(scope.start, Bound.DEF, scopes.names[number]))
            self._returns(scope)
            names = self._parameters(scope.node, number)
            self.functions.append(
                Function(
                    scopes.names[number], tuple(names), scope.start, scope.end, (), scopes.function(parent)
                )
            )

    def is_private(self, number: int) -> bool:
        """Return whether only the package can call a function: its name begins with a small letter."""
        name = self.functions[number].name.rpartition(".")[2]
        return name[:1].islower() and name != "lambda"

    def _returns(self, scope: ScopeStart) -> None:
        result = scope.node.child_by_field_name("result")
        match = (
            _RESULT.match(self.text, result.start_byte, result.end_byte)
            if result is not None and scope.name != "lambda"
            else None
        )
        if match is not None:
            self.returned[f".{scope.name}"] = match[1]

    def _parameters(self, node: Node, scope: int) -> list[str]:
        held = node.child_by_field_name("parameters")
        names: list[str] = []
        for child in held.named_children if held is not None else ():
            kind = child.child_by_field_name("type")
            if kind is None:
                continue
            written = self.text[kind.start_byte : kind.end_byte]
            for name_node in child.children_by_field_name("name"):
                name = self.text[name_node.start_byte : name_node.end_byte]
                names.append(name)
                self.scopes.bind(scope, name, Binding(child.start_byte, Bound.PARAM, None, written))
        return names

    def _spec(self, node: Node) -> tuple[list[Node], list[Node]]:
        scope = self.scopes.at(node.start_byte)
        names = [child for child in node.children_by_field_name("name") if child.type == "identifier"]
        held, kind = node.child_by_field_name("value"), node.child_by_field_name("type")
        values = held.named_children if held is not None else []
        written = self.text[kind.start_byte : kind.end_byte] if kind is not None else ""
        for index, name_node in enumerate(names):
            name = self.text[name_node.start_byte : name_node.end_byte]
            if len(values) == len(names) or (values and index == 0):
                value = values[index]
                binding = Binding(value.end_byte, Bound.VALUE, value, written)
            elif written:
                binding = Binding(node.start_byte, Bound.PARAM, None, written)
                self.unset.add(node.start_byte)
            else:
                binding = Binding(node.start_byte, Bound.OTHER)
            self.scopes.bind(scope, name, binding)
        return names, values

    def _bind_all(self, left: Node, right: Node, *, declares: bool) -> None:
        text = self.text
        start = left.start_byte
        name = text[start : left.end_byte]
        scope = self.scopes.at(start)
        changes = not declares and text[left.end_byte : right.start_byte].strip() != "="
        if _NAME.fullmatch(name):
            value = right.named_children[0] if right.named_child_count else right
            binding = (
                Binding(right.end_byte, Bound.OTHER)
                if changes
                else Binding(right.end_byte, Bound.VALUE, value)
            )
            if declares:
                self.scopes.bind(scope, name, binding)
                self.alias(name, text[right.start_byte : right.end_byte][-60:])
            else:
                self.rebind(name, scope, binding)
            return
        names, values = left.named_children, right.named_children
        for index, node in enumerate(names):
            one = text[node.start_byte : node.end_byte]
            if len(values) == len(names) or (values and index == 0):
                binding = Binding(right.end_byte, Bound.VALUE, values[index])
            else:
                binding = Binding(right.end_byte, Bound.OTHER)
            if changes:
                binding = Binding(right.end_byte, Bound.OTHER)
            if (
                len(names) > 1
                and len(values) == 1
                and index == 0
                and values[0].type in {"type_assertion_expression", "index_expression"}
            ):
                binding = Binding(right.end_byte, Bound.VALUE, values[0])
            if _NAME.fullmatch(one) and one != "_":
                if declares:
                    self.scopes.bind(scope, one, binding)
                else:
                    self.rebind(one, scope, binding)
            elif "." in one and DOTTED.fullmatch(one):
                self._bind_field(one, scope, binding)

    def _bind_field(self, text: str, scope: int, binding: Binding) -> None:
        root, _, member = text.partition(".")
        found = self.scopes.find(scope, root)
        if found is not None and found[1][0].bound is Bound.SELF and "." not in member:
            owner = int(found[1][0].value)
            if (owner, member) not in self.scopes.table:
                self.scopes.bind(owner, member, binding)

    def find_facts(self) -> None:
        """Find calls, assignments and texts of interest."""
        self.find_callees()
        self._find_literals()
        self._find_assigns()
        self._find_texts()
        self.find_shapes()
        self.drop_dead()

    def _find_literals(self) -> None:
        for kind in self.ordered("literal"):
            last = self.flat(kind.start_byte, kind.end_byte).partition("[")[0].rpartition(".")[2]
            self.note_sink(last, kind.start_byte)
            if self.wanted is not None and last not in self.wanted:
                continue
            node = kind.parent
            if node is not None:
                self.find_call(node, self.scopes.at(node.start_byte))

    def _find_assigns(self) -> None:
        for left, right in (*self.declared, *self.set):
            names = left.named_children if "," in self.text[left.start_byte : left.end_byte] else [left]
            values = right.named_children if len(names) > 1 else [right]
            for name, value in zip(names, values, strict=False):
                self._find_assign(name, value)
        for _, names, values in self.specs:
            for name, value in zip(names, values, strict=False):
                self._find_assign(name, value)
        for key, value in self.pairs("pair.key", "pair.value"):
            written = self.text[key.start_byte : key.end_byte].strip('"`')
            if self.is_key(written):
                scope = self.scopes.at(key.start_byte)
                self.assign("", written, self.lower(value, scope), key.start_byte, scope)

    def _find_assign(self, left: Node, right: Node) -> None:
        start = left.start_byte
        name = self.flat(start, left.end_byte)
        key = name.rpartition(".")[2]
        item = _ITEM.fullmatch(name) if name[-1:] == "]" else None
        if item is not None:
            key = item[2]
            self.note_sink(item[1].rpartition(".")[2], start)
        self.note_sink(key, start)
        if not self.is_key(key):
            return
        scope = self.scopes.at(start)
        if item is not None:
            target = f"{self.shown(self.dotted(item[1], scope, start))}.{key}"
        elif DOTTED.fullmatch(name):
            target = self.target(name, scope, start)
        elif name[-1:] == "]":
            return
        else:
            target = self.callee(left, scope)
        self.assign(target, key, self.lower(right, scope), start, scope)

    def _find_texts(self) -> None:
        if not self.interest.texts:
            return
        least = self.interest.text_bytes_min + 2
        for node in self.nodes("string"):
            if least <= node.end_byte - node.start_byte <= TEXT_BYTES_MAX:
                role, name = self._role(node)
                if role is not None:
                    self.add_text(node, str(self.string(node, -1, 0).value), role, name)

    def _role(self, node: Node) -> tuple[Role | None, str]:
        node, parent, is_compared = self.standing(node)
        if parent is not None and is_compared:
            return "compared", self._key_of(parent.child_by_field_name("left"))
        if parent is None:
            return None, ""
        kind = parent.type
        if kind in {"import_spec", "field_declaration", "ERROR"}:
            return None, ""
        if kind == "argument_list":
            call = parent.parent
            return "argument", self._key_of(
                call.child_by_field_name("function") if call is not None else None
            )
        field = {
            "short_var_declaration": "left",
            "assignment_statement": "left",
            "const_spec": "name",
            "var_spec": "name",
        }.get(kind)
        if field is not None:
            return "assigned", self._key_of(parent.child_by_field_name(field))
        if kind == "keyed_element":
            key = parent.child_by_field_name("key")
            return ("key", "") if key == node else ("element", self._key_of(key))
        if kind == "return_statement":
            return "returned", ""
        return ("element" if kind == "literal_value" else "other"), ""

    def _key_of(self, node: Node | None) -> str:
        if node is None or node.end_byte - node.start_byte > 200:
            return ""
        text = flat(self.written(node.start_byte, node.end_byte))
        item = _ITEM.fullmatch(text)
        return item[2] if item else text.rpartition(".")[2].strip('"`')
