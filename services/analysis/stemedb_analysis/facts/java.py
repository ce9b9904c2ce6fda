"""Java: captures to facts.

Declared types say what a variable is; where they are ``var`` or of this file, its value does. Annotations are calls with the role
``decorator``.
"""

import re
from typing import Final

from tree_sitter import Node

from stemedb_analysis.facts.collecting import TEXT_BYTES_MAX, Role
from stemedb_analysis.facts.constants import truth
from stemedb_analysis.facts.java_bodies import JavaWalker
from stemedb_analysis.facts.java_syntax import JavaSyntax
from stemedb_analysis.facts.model import Call, Function
from stemedb_analysis.facts.names import DOTTED
from stemedb_analysis.facts.reach import keepers
from stemedb_analysis.facts.scopes import Binding, Bound, ScopeStart

_NAME: Final = re.compile(r"[A-Za-z_$][\w$]*")
_IMPORT: Final = re.compile(r"import\s+(static\s+)?([\w.\s]+?)\s*(\.\s*\*)?\s*;?$")


class Java(JavaSyntax):
    """The facts of one Java file."""

    language = "java"
    callees_are_whole = False
    classes_are_seen = True
    walker = JavaWalker
    transparent = frozenset({"parenthesized_expression", "binary_expression", "cast_expression"})

    def find_scopes(self) -> list[ScopeStart]:
        """Return methods, constructors, lambdas and classes."""
        found = []
        for capture in ("function", "class"):
            for node in self.nodes(capture):
                name = node.child_by_field_name("name")
                written = self.text[name.start_byte : name.end_byte] if name is not None else "lambda"
                found.append(ScopeStart(node.start_byte, node.end_byte, written, capture == "class", node))
        return found

    def find_bindings(self) -> None:
        """Record everything that gives a name a meaning."""
        self.stars: list[str] = []
        self.static_stars: list[str] = []
        for node in self.ordered("import"):
            self._import(node)
        self.annotations: list[tuple[Node, str]] = []
        by_start: dict[int, list[str]] = {}
        for node in self.ordered("annotation"):
            name, held = node.child_by_field_name("name"), node.parent
            if name is not None:
                written = self.text[name.start_byte : name.end_byte]
                self.annotations.append((node, written))
                if held is not None:
                    by_start.setdefault(held.start_byte, []).append(written)
        self.methods = {}
        self.given = {}
        self._define(by_start)
        self._declare()
        for number, scope in enumerate(self.scopes.found):
            owner = self.scopes.parents[number]
            if scope.node.type == "method_declaration" and (owner, scope.name) not in self.scopes.table:
                self.scopes.bind(
                    owner, scope.name, Binding(scope.start, Bound.DEF, self.scopes.names[number])
                )
        self.set = self.pairs("set.left", "set.right")
        for left, right in self.set:
            self._bind_set(left, right)
        for node in self.ordered("changed"):
            start = node.start_byte
            self.rebind(self.text[start : node.end_byte], self.scopes.at(start), Binding(start, Bound.OTHER))

    def _import(self, node: Node) -> None:
        match = _IMPORT.match(self.text[node.start_byte : node.end_byte].strip())
        if match is None:
            return
        name = "".join(match[2].split())
        if match[3]:
            (self.static_stars if match[1] else self.stars).append(name)
            self.bring_in(name, "*", node, -1)
        else:
            self.bring_in(name, name.rpartition(".")[2], node, -1)

    def _define(self, annotations: dict[int, list[str]]) -> None:
        scopes = self.scopes
        for number, scope in enumerate(scopes.found):
            parent = scopes.parents[number]
            if scope.is_class:
                scopes.bind(parent, scope.name, Binding(scope.start, Bound.CLASS, number))
                scopes.bind(number, "this", Binding(scope.start, Bound.SELF, number))
                if scope.node.type == "record_declaration":
                    self._parameters(scope.node, number)
                continue
            if scope.name != "lambda" and scope.node.type == "method_declaration":
                full = scopes.names[number]
                scopes.bind(parent, f"{scope.name}()", Binding(scope.start, Bound.DEF, full))
                self.methods[full] = None if full in self.methods else (parent, scope.node)
            names = self._parameters(scope.node, number)
            decorators = tuple(
                self.shown(self.dotted(name, parent, scope.start))
                for name in annotations.get(scope.start, ())
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

    def _parameters(self, node: Node, scope: int) -> list[str]:
        held = node.child_by_field_name("parameters")
        if held is None:
            return []
        if held.type != "formal_parameters":  # x -> … or (x, y) -> …
            names = _NAME.findall(self.text[held.start_byte : held.end_byte])
            for name in names:
                self.scopes.bind(scope, name, Binding(held.start_byte, Bound.PARAM))
            return names
        names = []
        for child in held.named_children:
            name_node, kind = child.child_by_field_name("name"), child.child_by_field_name("type")
            if child.type == "spread_parameter":
                found = [inner for inner in child.named_children if inner.type == "variable_declarator"]
                name_node = found[0] if found else None
            if name_node is not None:
                name = self.text[name_node.start_byte : name_node.end_byte]
                written = self.text[kind.start_byte : kind.end_byte] if kind is not None else ""
                self.scopes.bind(scope, name, Binding(child.start_byte, Bound.PARAM, None, written))
                names.append(name)
        return names

    def _declare(self) -> None:
        text, at, bind = self.text, self.scopes.at, self.scopes.bind
        self.declared = self.pairs("declare.left", "declare.right")
        values = {left.start_byte: right for left, right in self.declared}
        for capture, up in (("declared", 2), ("resource", 1), ("loop", 1), ("pattern", 1)):
            for node in self.ordered(capture):
                start = node.start_byte
                holder = node.parent
                if up == 2 and holder is not None:
                    holder = holder.parent
                kind = None
                if holder is not None:
                    kind = holder.child_by_field_name("right" if capture == "pattern" else "type")
                written = text[kind.start_byte : kind.end_byte] if kind is not None else ""
                value = values.get(start)
                if capture == "resource" and holder is not None:
                    value = holder.child_by_field_name("value")
                name = text[start : node.end_byte]
                if value is not None:
                    bind(at(start), name, Binding(value.end_byte, Bound.VALUE, value, written))
                else:
                    bind(at(start), name, Binding(start, Bound.PARAM, None, written))

    def _bind_set(self, left: Node, right: Node) -> None:
        start, end = left.start_byte, right.end_byte
        name, scope = self.text[start : left.end_byte], self.scopes.at(start)
        plain = self.text[left.end_byte : right.start_byte].strip() == "="
        binding = Binding(end, Bound.VALUE, right) if plain else Binding(end, Bound.OTHER)
        if name.startswith("this."):
            owner = self.scopes.class_around(scope)
            name = name[5:]
        else:
            found = self.scopes.find(scope, name)
            owner = found[0] if found else -1
        if not _NAME.fullmatch(name) or owner < 0:
            return
        bindings = self.scopes.table.get((owner, name))
        if (
            bindings
            and len(bindings) == 1
            and bindings[0].bound is Bound.PARAM
            and bindings[0].annotation
            and self._is_declaration(bindings[0], owner, name)
        ):
            # A declaration without a value: the first assignment gives it one.
            bindings[0] = binding._replace(annotation=bindings[0].annotation)
            return
        if bindings and bindings[0].annotation and not binding.annotation:
            binding = binding._replace(annotation=bindings[0].annotation)
        self.scopes.bind(owner, name, binding)

    def _is_declaration(self, binding: Binding, owner: int, name: str) -> bool:
        # Parameters are bound at the start of their type, declarations at that of their name.
        return self.text.startswith(name, binding.at) and not (
            owner >= 0 and self.scopes.found[owner].is_class and binding.at == self.scopes.found[owner].start
        )

    def _add_callers(self) -> None:
        super()._add_callers()
        if self.with_sinks and "this." in self.text:
            self.with_sinks |= keepers(self, self.with_sinks)

    def find_facts(self) -> None:
        """Find calls, assignments and texts of interest."""
        self.find_callees()
        self._find_created()
        self._find_annotations()
        self._find_assigns()
        self._find_texts()
        self._drop_dead()

    def _drop_dead(self) -> None:
        """Drop what stands in a branch that a constant rules out."""
        dead = []
        for node in self.ordered("tested"):
            holds = truth(self.lower(node, self.scopes.at(node.start_byte)))
            statement = node.parent
            if holds is None or statement is None:
                continue
            branch = statement.child_by_field_name("alternative" if holds else "consequence")
            if branch is not None:
                dead.append((branch.start_byte, branch.end_byte))
        if dead:
            self.calls = [one for one in self.calls if not _is_within(one.start, dead)]
            self.assigns = [one for one in self.assigns if not _is_within(one.start, dead)]

    def _find_created(self) -> None:
        for kind in self.ordered("created"):
            last = self.text[kind.start_byte : kind.end_byte].partition("<")[0].rpartition(".")[2].strip()
            is_sink = self.sinks is None or last in self.sinks
            is_wanted = self.wanted is None or last in self.wanted
            if not (is_sink or is_wanted):
                continue
            scope = self.scopes.at(kind.start_byte)
            if is_sink:
                self.note_sink(last, kind.start_byte)
            node = kind.parent
            if is_wanted and node is not None:
                self.find_call(node, scope)

    def _find_annotations(self) -> None:
        for node, name in self.annotations:
            if self.wanted is not None and name.rpartition(".")[2] not in self.wanted:
                continue
            scope = self.scopes.at(node.start_byte)
            args = self.arguments(node.child_by_field_name("arguments"), scope, 0)
            shown = self.shown(self.dotted(name, scope, node.start_byte))
            start, end, function = node.start_byte, node.end_byte, self.scopes.function(scope)
            self.calls.append(
                Call(shown, args, start, end, function, "decorator", None, self._annotated(node))
            )

    def _annotated(self, node: Node) -> str:
        """Return the name of what the annotation at `node` is written at; empty if it has none."""
        held = node.parent
        held = held.parent if held is not None and held.type == "modifiers" else held
        if held is None:
            return ""
        named = held.child_by_field_name("declarator") or held
        name = named.child_by_field_name("name")
        return self.text[name.start_byte : name.end_byte] if name is not None else ""

    def _find_assigns(self) -> None:
        at = self.scopes.at
        for left, right in (*self.declared, *self.set):
            start = left.start_byte
            name = self.flat(start, left.end_byte)
            key = name.rpartition(".")[2]
            if not self.is_key(key) or not DOTTED.fullmatch(name):
                continue
            scope = at(start)
            if "." in name:
                target = self.target(name, scope, start)
            elif scope >= 0 and self.scopes.found[scope].is_class:
                target = f"{self.scopes.names[scope]}.{name}"
            else:
                target = name
            self.assign(target, key, self.lower(right, scope), start, scope)

    def _find_texts(self) -> None:
        if not self.interest.texts:
            return
        least = self.interest.text_bytes_min + 2
        for node in self.nodes("string"):
            if least <= node.end_byte - node.start_byte <= TEXT_BYTES_MAX:
                role, name = self._role(node)
                self.add_text(node, str(self.string(node, -1, 0).value), role, name)

    def _role(self, node: Node) -> tuple[Role, str]:
        node, parent, is_compared = self.standing(node)
        if parent is not None and is_compared:
            return "compared", self._key_of(parent.child_by_field_name("left"))
        kind = parent.type if parent is not None else ""
        if parent is None:
            return "other", ""
        if kind in {"argument_list", "annotation_argument_list"}:
            call = parent.parent
            named = (
                call.child_by_field_name("name") or call.child_by_field_name("type")
                if call is not None
                else None
            )
            return "argument", self._key_of(named)
        field = {"variable_declarator": "name", "assignment_expression": "left"}.get(kind)
        if field is not None:
            return "assigned", self._key_of(parent.child_by_field_name(field))
        if kind == "element_value_pair":
            return "argument", self._key_of(parent.child_by_field_name("key"))
        if kind == "return_statement":
            return "returned", ""
        return ("element" if kind.endswith("array_initializer") else "other"), ""

    def _key_of(self, node: Node | None) -> str:
        if node is None or node.end_byte - node.start_byte > 200:
            return ""
        return self.written(node.start_byte, node.end_byte).rpartition(".")[2]


def _is_within(place: int, spans: list[tuple[int, int]]) -> bool:
    return any(start <= place < end for start, end in spans)
