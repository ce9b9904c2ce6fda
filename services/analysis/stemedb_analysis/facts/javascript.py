"""JavaScript and TypeScript: captures to facts.

A module's default member is the module itself, so ``import axios from "axios"`` and ``require("axios")`` mean the same. ``this`` is the
instance of the class around; parameters of constructors that are declared ``private`` and the like are fields.
"""

import re
from typing import ClassVar, Final

from tree_sitter import Node

from stemedb_analysis.facts.collecting import TEXT_BYTES_MAX, Role
from stemedb_analysis.facts.javascript_bodies import JavaScriptWalker
from stemedb_analysis.facts.javascript_syntax import FUNCTIONS, ITEM, REQUIRE, JavaScriptSyntax, module_name
from stemedb_analysis.facts.javascript_values import is_member
from stemedb_analysis.facts.layout import flat
from stemedb_analysis.facts.model import Call, Function
from stemedb_analysis.facts.names import DOTTED
from stemedb_analysis.facts.scopes import Binding, Bound, ScopeStart

_NAME: Final = re.compile(r"[A-Za-z_$][\w$]*")
_PLAIN_NAME: Final = re.compile(r"[A-Za-z_$][\w$]*|[^\W\d][\w$]*")
_PLAIN_PARAMETERS: Final = re.compile(r"\(?[\w$\s,]*\)?")
_PATTERN_MEMBER: Final = re.compile(
    r"([A-Za-z_$][\w$]*)\s*(?::\s*([A-Za-z_$][\w$]*))?\s*(?:=[^,{}]*)?\s*(?=[,}])"
)
_FROM: Final = re.compile(r"""(?:\bfrom\b|^import)\s*(["'])([^"']+)\1""")
_IMPORT_REQUIRE: Final = re.compile(r"""^import\s+([\w$]+)\s*=\s*require\(\s*(["'])([^"']+)\2""")
_NAMED: Final = re.compile(r"\{([^}]*)\}")
_NAMESPACE: Final = re.compile(r"\*\s*as\s+([\w$]+)")
_DEFAULT: Final = re.compile(r"^import\s+(?:type\s+)?([A-Za-z_$][\w$]*)\s*(?:,|\s+from\b)")
_FIELD_PARAMETER: Final = re.compile(r"\b(?:private|public|protected|readonly)\s")

_NOT_VALUES: Final = frozenset(
    {"expression_statement", "import_statement", "export_statement", "literal_type"}
)
"""Where a string is a directive, the name of a module, or a type."""
_ASSIGNED_BY: Final = {
    "variable_declarator": "name", "assignment_expression": "left", "required_parameter": "pattern", "assignment_pattern": "left",
    "public_field_definition": "name", "field_definition": "property",
}  # fmt: skip
_PAGE: Final = re.compile(r"""["'`](?:text/)?html\b""")
_OTHER_ROLES: Final[dict[str, Role]] = {"return_statement": "returned", "array": "element"}


class JavaScript(JavaScriptSyntax):
    """The facts of one JavaScript file."""

    language: ClassVar[str] = "javascript"
    walker = JavaScriptWalker
    transparent = frozenset({"parenthesized_expression", "as_expression", "binary_expression"})
    joining = frozenset({"+", "||", "??"})

    def find_scopes(self) -> list[ScopeStart]:
        """Return functions, methods, lambdas and classes."""
        found = []
        for node in self.nodes("function"):
            name = node.child_by_field_name("name")
            written = (
                self.text[name.start_byte : name.end_byte] if name is not None else self._given_name(node)
            )
            found.append(ScopeStart(node.start_byte, node.end_byte, written, False, node))
        for node in self.nodes("class"):
            name = node.child_by_field_name("name")
            written = (
                self.text[name.start_byte : name.end_byte] if name is not None else self._given_name(node)
            )
            found.append(ScopeStart(node.start_byte, node.end_byte, written, True, node))
        return found

    def _given_name(self, node: Node) -> str:
        parent = node.parent
        kind = parent.type if parent is not None else ""
        field = {"variable_declarator": "name", "assignment_expression": "left", "pair": "key", "public_field_definition": "name",
                 "field_definition": "property"}.get(kind, "")  # fmt: skip
        name = parent.child_by_field_name(field) if parent is not None and field else None
        if name is None:
            return "lambda"
        found = _PLAIN_NAME.findall(self.text[name.start_byte : name.end_byte][-100:])
        return found[-1] if found else "lambda"

    def find_bindings(self) -> None:
        """Record everything that gives a name a meaning."""
        for node in self.ordered("import"):
            self._import(node)
        self._define()
        self._declare()
        for kind, is_new in (("loop", True), ("bound", False)):
            for node in self.ordered(kind):
                self._bind_names(self.text[node.start_byte : node.end_byte], node.start_byte, is_new=is_new)
        self._set()
        self._fields()
        for bindings in self.scopes.table.values():
            if not bindings:  # declared, and never given a value
                bindings.append(Binding(0, Bound.OTHER))

    def _import(self, node: Node) -> None:
        text = flat(self.text[node.start_byte : node.end_byte])
        scope = self.scopes.at(node.start_byte)
        match = _IMPORT_REQUIRE.match(text)
        if match:
            self.bring_in(module_name(match[3]), match[1], node, scope)
            return
        source = _FROM.search(text)
        if source is None:
            return
        module = module_name(source[2])
        head = text[: source.start()] + " from"
        before = len(self.imports)
        match = _DEFAULT.match(head)
        if match and match[1] not in {"type", "typeof"}:
            self.bring_in(module, match[1], node, scope)
        match = _NAMESPACE.search(head)
        if match:
            self.bring_in(module, match[1], node, scope)
        match = _NAMED.search(head)
        for part in match[1].split(",") if match else ():
            words = [word for word in part.split() if word != "type"]
            if words and (len(words) == 1 or (len(words) == 3 and words[1] == "as")):
                name = module if words[0] == "default" else f"{module}.{words[0]}"
                self.bring_in(name, words[-1], node, scope)
        if len(self.imports) == before:
            self.bring_in(module, "*", node, scope)

    def _define(self) -> None:
        scopes = self.scopes
        for number, scope in enumerate(scopes.found):
            parent = scopes.parents[number]
            if scope.is_class:
                scopes.bind(parent, scope.name, Binding(scope.start, Bound.CLASS, number))
                scopes.bind(number, "this", Binding(scope.start, Bound.SELF, number))
                continue
            in_class = parent >= 0 and scopes.found[parent].is_class
            if in_class:
                scopes.bind(number, "this", Binding(scope.start, Bound.SELF, parent))
            if scope.name != "lambda" and (in_class or not is_member(scope.node)):
                owner = number if scope.node.type == "function_expression" else parent
                scopes.bind(owner, scope.name, Binding(scope.start, Bound.DEF, scopes.names[number]))
            names = self._parameters(scope.node, number)
            self.functions.append(
                Function(
                    scopes.names[number], tuple(names), scope.start, scope.end, (), scopes.function(parent)
                )
            )

    def _parameters(self, node: Node, scope: int) -> list[str]:
        held = node.child_by_field_name("parameters") or node.child_by_field_name("parameter")
        if held is None:
            return []
        text = self.text[held.start_byte : held.end_byte]
        bind = self.scopes.bind
        if _PLAIN_PARAMETERS.fullmatch(text):
            names = _NAME.findall(text)
            for name in names:
                bind(scope, name, Binding(held.start_byte, Bound.PARAM))
            return names
        names = []
        for child in held.named_children:
            if child.type != "comment":
                names += self._parameter(child, scope)
        return names

    def _parameter(self, node: Node, scope: int) -> list[str]:
        start = node.start_byte
        pattern = node.child_by_field_name("pattern") or node.child_by_field_name("left") or node
        default = node.child_by_field_name("value") or node.child_by_field_name("right")
        kind = node.child_by_field_name("type")
        text = self.text[pattern.start_byte : pattern.end_byte]
        if pattern.type != "identifier":
            names = [match[2] or match[1] for match in _PATTERN_MEMBER.finditer(text)] or _NAME.findall(text)[
                :20
            ]
            for name in names:
                self.scopes.bind(scope, name, Binding(start, Bound.OTHER))
            return names
        annotation = self.text[kind.start_byte : kind.end_byte] if kind is not None else ""
        binding = Binding(start, Bound.PARAM, default, annotation)
        self.scopes.bind(scope, text, binding)
        if annotation and _FIELD_PARAMETER.search(self.text, start, pattern.start_byte):
            self.scopes.bind(self.scopes.parents[scope], text, binding._replace(value=None))
        if default is not None:
            self.defaults.append((text, default, start, scope))
        return [text]

    def _declare(self) -> None:
        text, at = self.text, self.scopes.at
        self.declared = self.pairs("declare.left", "declare.right")
        starts = {scope.start for scope in self.scopes.found}
        given = set()
        for left, right in self.declared:
            given.add(left.start_byte)
            if right.start_byte not in starts:  # else a function or class that is known by this name already
                self._declare_one(left, right)
        for node in self.ordered("declared"):
            if node.start_byte not in given:  # `let x;`
                self.scopes.table.setdefault((at(node.start_byte), text[node.start_byte : node.end_byte]), [])
        for node, kind in self.pairs("typed.name", "typed.type"):
            name, scope = text[node.start_byte : node.end_byte], at(node.start_byte)
            written = text[kind.start_byte : kind.end_byte]
            bindings = self.scopes.table.get((scope, name))
            if bindings:
                bindings[-1] = bindings[-1]._replace(annotation=written)
            else:
                self.scopes.bind(scope, name, Binding(node.start_byte, Bound.PARAM, None, written))

    def _declare_one(self, left: Node, right: Node) -> None:
        bind = self.scopes.bind
        start, value_start, value_end = left.start_byte, right.start_byte, right.end_byte
        name = self.flat(start, left.end_byte)
        scope = self.scopes.at(start)
        module = (
            REQUIRE.fullmatch(self.flat(value_start, value_end)) if value_end - value_start < 300 else None
        )
        if _PLAIN_NAME.fullmatch(name):
            if module:
                member = re.sub(r"\s", "", module[3]).removesuffix(".default")
                self.bring_in(module_name(module[2]) + member, name, left, scope)
            else:
                bind(scope, name, Binding(value_end, Bound.VALUE, right))
                self._alias(name, value_start, value_end)
        elif name[:1] == "{":
            for match in _PATTERN_MEMBER.finditer(name):
                member, local = match[1], match[2] or match[1]
                if module:
                    self.bring_in(f"{module_name(module[2])}.{member}", local, left, scope)
                else:
                    bind(scope, local, Binding(value_end, Bound.MEMBER, (right, member)))
                    self.alias(local, member)
        else:
            for local in _NAME.findall(name):
                bind(scope, local, Binding(start, Bound.OTHER))

    def _alias(self, name: str, start: int, end: int) -> None:
        text = self.flat(start, end) if end - start < 100 else ""
        other = text if DOTTED.fullmatch(text) else self.other_name(start, end)
        if other:
            self.alias(name, other)

    def _bind_names(self, text: str, place: int, *, is_new: bool) -> None:
        scope = self.scopes.at(place)
        if "." in text or "[" in text[1:]:
            return
        for name in _NAME.findall(text)[:20]:
            found = None if is_new else self.scopes.find(scope, name)
            self.scopes.bind(
                scope if is_new else found[0] if found else -1, name, Binding(place, Bound.OTHER)
            )

    def _set(self) -> None:
        at = self.scopes.at
        self.set = self.pairs("set.left", "set.right")
        for left, right in self.set:
            start = left.start_byte
            name = self.flat(start, left.end_byte)
            scope = at(start)
            if _PLAIN_NAME.fullmatch(name):
                self.rebind(name, scope, Binding(right.end_byte, Bound.VALUE, right))
            elif name.startswith("this.") and "." not in name[5:] and "[" not in name:
                self._bind_field(name[5:], scope, Binding(right.end_byte, Bound.VALUE, right))
            elif name[:1] in "[{":
                self._bind_names(name.replace("[", ""), start, is_new=False)

    def _bind_field(self, name: str, scope: int, binding: Binding) -> None:
        owner = self.scopes.class_around(scope)
        if owner >= 0:
            self.scopes.bind(owner, name, binding)

    def _fields(self) -> None:
        self.fields = self.pairs("field.name", "field.value")
        for name, value in self.pairs("enum.name", "enum.body"):
            scope = self.scopes.at(name.start_byte)
            self.scopes.bind(
                scope, self.text[name.start_byte : name.end_byte], Binding(value.end_byte, Bound.VALUE, value)
            )
        for name, value in self.fields:
            scope = self.scopes.at(name.start_byte)
            written = self.text[name.start_byte : name.end_byte]
            bindings = self.scopes.table.setdefault((scope, written), [])
            if not any(binding.bound is Bound.DEF for binding in bindings):
                annotation = next((binding.annotation for binding in bindings if binding.annotation), "")
                bindings.insert(0, Binding(value.end_byte, Bound.VALUE, value, annotation))

    def last_part(self, text: str) -> str:
        """Return the last part of a written name; of a module that is called as it is taken in, ``require("x")(…)``, that of the module."""
        match = REQUIRE.fullmatch(flat(text)) if text.startswith("require") else None
        return super().last_part(module_name(match[2]) + match[3] if match else text)

    def find_facts(self) -> None:
        """Find calls, assignments and texts of interest."""
        self.find_defaults()
        self.find_callees()
        self._find_decorators()
        self.find_operators()
        self._find_assigns()
        self._find_pages()
        self._find_texts()

    def _find_pages(self) -> None:
        """Note where an answer is said to be a page: what is returned there may be one (`JavaScriptWalker.give`)."""
        if self.sinks is None or "html" in self.sinks:
            for match in _PAGE.finditer(self.text):
                self.note_sink("html", match.start())

    def _find_decorators(self) -> None:
        for node in self.ordered("decorator"):
            inner = node.named_children[0] if node.named_child_count else None
            if inner is None:
                continue
            scope = self.scopes.at(inner.start_byte)
            if inner.type == "call_expression":
                self.calls = [
                    call._replace(role="decorator", result="") if call.start == inner.start_byte else call
                    for call in self.calls
                ]
                continue
            last = self.text[inner.start_byte : inner.end_byte].rpartition(".")[2]
            if self.wanted is None or last in self.wanted:
                name = self.callee(inner, scope)
                self.calls.append(
                    Call(name, (), inner.start_byte, inner.end_byte, self.scopes.function(scope), "decorator")
                )

    def _find_assigns(self) -> None:
        text, at = self.text, self.scopes.at
        for left, right in self.declared:
            name = text[left.start_byte : left.end_byte]
            if (self.keys is None or name.lower() in self.keys) and _PLAIN_NAME.fullmatch(name):
                scope = at(left.start_byte)
                self.assign(name, name, self.lower(right, scope), left.start_byte, scope)
        for left, right in self.set:
            self._find_set(left, right)
        for name_node, value in self.fields:
            name = text[name_node.start_byte : name_node.end_byte].lstrip("#")
            if self.is_key(name):
                scope = at(name_node.start_byte)
                owner = self.scopes.names[scope] if scope >= 0 else ""
                self.assign(f"{owner}.{name}", name, self.lower(value, scope), name_node.start_byte, scope)
        for key, value in self.pairs("pair.key", "pair.value"):
            name = text[key.start_byte : key.end_byte].strip("\"'[]`")
            if self.keys is None or name.lower() in self.keys:
                scope = at(key.start_byte)
                self.assign("", name, self.lower(value, scope), key.start_byte, scope)
            self.note_sink(name, (value if value.type in FUNCTIONS else key).start_byte)
        for node in self.ordered("jsx"):
            self._find_attribute(node)

    def _find_set(self, left: Node, right: Node) -> None:
        start = left.start_byte
        name = self.flat(start, left.end_byte)
        key = name.rpartition(".")[2]
        if name[-1:] == "]":
            item = ITEM.fullmatch(name)
            if item is None:
                self.note_sink("[]", start)
                return
            key, name = item[3], f"{item[1]}.{item[3]}"
        self.note_sink(key, start)
        self.note_sink(name[: -len(key) - 1].rpartition(".")[2], start)
        if not self.is_key(key):
            return
        scope = self.scopes.at(start)
        owner = name[: len(name) - len(key) - 1]
        if not owner or DOTTED.fullmatch(owner):
            target = (
                self.target(name, scope, start)
                if "." not in key
                else f"{self.shown(self.dotted(owner, scope, start))}.{key}"
            )
        else:
            target = self.callee(left, scope)
        self.assign(target, key, self.lower(right, scope), start, scope)

    def _find_attribute(self, node: Node) -> None:
        inner = node.named_children
        if len(inner) != 2:
            return
        key = self.text[inner[0].start_byte : inner[0].end_byte]
        scope = self.scopes.at(node.start_byte)
        self.note_sink(key, node.start_byte)
        if self.is_key(key):
            element = node.parent.child_by_field_name("name") if node.parent is not None else None
            owner = self.written(element.start_byte, element.end_byte) if element is not None else ""
            self.assign(
                f"{owner}.{key}",
                key,
                self.inside(inner[1], scope, 0)
                if inner[1].type == "jsx_expression"
                else self.lower(inner[1], scope),
                node.start_byte,
                scope,
            )

    def _find_texts(self) -> None:
        if not self.interest.texts:
            return
        least = self.interest.text_bytes_min + 2
        for node in self.nodes("string"):
            start, end = node.start_byte, node.end_byte
            if not least <= end - start <= TEXT_BYTES_MAX:
                continue
            role, name = self._role(node)
            if role is not None:
                value = self.lower(node, -1) if node.type == "string" else None
                self.add_text(
                    node,
                    str(value.value) if value is not None else self.written(start + 1, end - 1),
                    role,
                    name,
                )

    def _role(self, node: Node) -> tuple[Role | None, str]:
        node, parent, is_compared = self.standing(node)
        if parent is not None and is_compared:
            return "compared", self._key_of(parent.child_by_field_name("left"))
        if parent is None or parent.type in _NOT_VALUES:
            return None, ""
        kind = parent.type
        if kind == "arguments":
            call = parent.parent
            callee = call.named_children[0] if call is not None and call.named_child_count else None
            return "argument", self._key_of(callee)
        field = _ASSIGNED_BY.get(kind)
        if field is not None:
            return "assigned", self._key_of(parent.child_by_field_name(field))
        if kind == "pair":
            key = parent.child_by_field_name("key")
            return ("key", "") if key == node else ("element", self._key_of(key))
        if kind == "jsx_attribute":
            return "argument", self._key_of(parent.named_children[0])
        return _OTHER_ROLES.get(kind, "other"), ""

    def _key_of(self, node: Node | None) -> str:
        if node is None or node.end_byte - node.start_byte > 200:
            return ""
        text = flat(self.written(node.start_byte, node.end_byte))
        item = ITEM.fullmatch(text)
        return item[3] if item else text.rpartition(".")[2].strip("\"'`[]")


class TypeScript(JavaScript):
    """The facts of one TypeScript file."""

    language = "typescript"
