"""Python: captures to facts.

Names that `global` lets a function set are no constants of the module. Class bodies are scopes that methods do not see; what they set on
their first parameter belongs to the class. Annotations are read as text: ``Optional[Session]``, ``Session | None`` and ``"Session"`` are
a `Session`.
"""

import re
from bisect import bisect_right
from typing import Final

from tree_sitter import Node

from stemedb_analysis.facts.model import Arg, Call, Expr, Function
from stemedb_analysis.facts.python_bodies import PythonWalker
from stemedb_analysis.facts.python_syntax import MEMBER
from stemedb_analysis.facts.python_texts import CONFIG_ITEM, PythonTexts
from stemedb_analysis.facts.scopes import Binding, Bound, ScopeStart

_NAME: Final = re.compile(r"[^\W\d]\w*")
_PLAIN_PARAMETERS: Final = re.compile(r"[\w\s,*/]*")
_SIGNS: Final = frozenset({"==", "!=", "<", "<=", ">", ">="})
_COMPARED: Final = re.compile(
    r"(?i)token|secret|passw|passphrase|pwd|signature|hmac|digest|\bsig\b|api_?key|csrf|otp\b|\bmac\b|nonce|passcode|pin\b|code\b|\blen\("
)
"""What a comparison must hold that anybody wants to know of."""
STUB_CALL: Final = "()"
"""What a call of a method of a generated stub goes by."""
_STUB: Final = re.compile(r"_grpc\.\w+Stub\.[A-Z]\w*$")


class Python(PythonTexts):
    """The facts of one Python file."""

    language = "python"
    walker = PythonWalker

    def find_scopes(self) -> list[ScopeStart]:
        """Return functions, lambdas and classes."""
        found = [
            ScopeStart(
                node.start_byte, node.end_byte, self.text[name.start_byte : name.end_byte], is_class, node
            )
            for capture, is_class in (("function", False), ("class", True))
            for node, name in self.pairs(capture, f"{capture}.name")
        ]
        found += [
            ScopeStart(node.start_byte, node.end_byte, "lambda", False, node) for node in self.nodes("lambda")
        ]
        return found

    def find_bindings(self) -> None:
        """Record everything that gives a name a meaning."""
        for node in self.ordered("import"):
            self._import(node)
        self.stars = {imported.name.removesuffix(".*") for imported in self.imports if imported.alias == "*"}
        self._define()
        for kind in ("bound", "as.alias", "global"):
            for node in self.ordered(kind):
                self._bind_plain(node, is_global=kind == "global")
        self._assigned()
        self._typed()

    def _define(self) -> None:
        scopes = self.scopes
        parameters = {node.start_byte: held for node, held in self.pairs("function", "function.parameters")}
        decorators = self._decorators()
        for number, scope in enumerate(scopes.found):
            parent = scopes.parents[number]
            if scope.is_class:
                scopes.bind(parent, scope.name, Binding(scope.start, Bound.CLASS, number))
                for base in self.base_types(number):
                    self.alias(scope.name, base)
                continue
            if scope.name == "lambda":
                node = scope.node.child_by_field_name("parameters")
            else:
                node = parameters.get(scope.start)
            names = decorators.get(scope.start, ())
            if scope.name != "lambda" and "property" not in names:
                scopes.bind(parent, scope.name, Binding(scope.start, Bound.DEF, scopes.names[number]))
            params = self._parameters(node, number, "staticmethod" in names) if node is not None else []
            resolved = tuple(self.shown(self.dotted(name, parent, scope.start)) for name in names)
            around = scopes.function(parent)
            self.functions.append(
                Function(scopes.names[number], tuple(params), scope.start, scope.end, resolved, around)
            )

    def _import(self, node: Node) -> None:
        scope = self.scopes.at(node.start_byte)
        text = self.written(node.start_byte, node.end_byte)
        if "#" in text or "\\" in text:
            text = re.sub(r"#[^\n]*|\\", "", text)
        head, _, rest = text.partition("import")
        module = "".join(head.split())
        from_module = module.removeprefix("from") if module else ""
        if module:
            head, _, rest = re.sub(r"\s+", " ", text).removeprefix("from ").partition(" import")
            from_module = head.strip()
        for part in rest.replace("(", " ").replace(")", " ").split(","):
            words = part.split()
            if not words or (len(words) != 1 and (len(words) != 3 or words[1] != "as")):
                continue
            name, alias = words[0], words[-1]
            if from_module:
                full = f"{from_module}{name}" if from_module.endswith(".") else f"{from_module}.{name}"
                self.bring_in(full, alias, node, scope)
            elif len(words) == 3:
                self.bring_in(name, alias, node, scope)
            else:
                top = name.partition(".")[0]
                self.bring_in(name, name, node, scope)
                self.scopes.bind(scope, top, Binding(node.start_byte, Bound.IMPORT, top))

    def _decorators(self) -> dict[int, list[str]]:
        """Return the names of the decorators by the start of what they decorate."""
        found: dict[int, list[str]] = {}
        starts = self.scopes.starts
        following, decorated = -1, -1
        for node in reversed(self.ordered("decorator")):
            start, end = node.start_byte, node.end_byte
            if following < 0 or not self._only_space(end, following):
                at = bisect_right(starts, end)
                decorated = starts[at] if at < len(starts) and self._only_space(end, starts[at]) else -1
            following = start
            if decorated >= 0:
                text = self.text[start + 1 : end].partition("(")[0].strip()
                found.setdefault(decorated, []).insert(0, text)
        return found

    def _only_space(self, start: int, end: int) -> bool:
        between = self.text[start:end].strip() if end - start < 2000 else "?"
        return not between or (
            between[0] == "#" and all(line.lstrip()[:1] in {"", "#"} for line in between.split("\n"))
        )

    def _parameters(self, node: Node, scope: int, is_static: bool) -> list[str]:
        text = self.text[node.start_byte : node.end_byte]
        bind = self.scopes.bind
        names: list[str] = []
        if _PLAIN_PARAMETERS.fullmatch(text.strip("()")):
            names = _NAME.findall(text)
            for name in names:
                bind(scope, name, Binding(node.start_byte, Bound.PARAM))
        else:
            for child in node.named_children:
                name = self._parameter(child, scope)
                if name:
                    names.append(name)
        parent = self.scopes.parents[scope]
        if names and parent >= 0 and self.scopes.found[parent].is_class and not is_static:
            self.scopes.table[scope, names[0]] = [Binding(node.start_byte, Bound.SELF, parent)]
        return names

    def _parameter(self, node: Node, scope: int) -> str:
        kind = node.type
        if kind == "comment":
            return ""
        default = node.child_by_field_name("value") if kind.endswith("default_parameter") else None
        annotation = node.child_by_field_name("type") if kind.startswith("typed_") else None
        match = _NAME.search(self.text, node.start_byte, node.end_byte)
        if match is None:
            return ""
        written = self.text[annotation.start_byte : annotation.end_byte] if annotation is not None else ""
        if kind.endswith("splat_pattern") or self.text[node.start_byte] == "*":
            written = ""
        name = match[0]
        self.scopes.bind(scope, name, Binding(node.start_byte, Bound.PARAM, default, written))
        if default is not None:
            self.defaults.append((name, default, node.start_byte, scope))
        return name

    def _bind_plain(self, node: Node, *, is_global: bool) -> None:
        start, end = node.start_byte, node.end_byte
        text = self.text[start:end]
        if is_global:
            for name in _NAME.findall(text.removeprefix("global")):
                self.scopes.bind(-1, name, Binding(start, Bound.OTHER))
            return
        scope = self.scopes.at(start)
        if text.isidentifier():
            self.scopes.bind(scope, text, Binding(start, Bound.OTHER))
        elif "[" not in text:
            for name in MEMBER.findall(text):
                if "." not in name:
                    self.scopes.bind(scope, name, Binding(start, Bound.OTHER))
                else:
                    self._bind_member(name, scope, Binding(start, Bound.OTHER))

    def _assigned(self) -> None:
        text, at, bind = self.text, self.scopes.at, self.scopes.bind
        self.assigned = self.pairs("assign.left", "assign.right")
        for left, right in self.assigned:
            start, end = left.start_byte, left.end_byte
            name = self.flat(start, end)
            if name.isidentifier():
                value_start, value_end = right.start_byte, right.end_byte
                bind(at(start), name, Binding(value_end, Bound.VALUE, right))
                if value_end - value_start < 100 and MEMBER.fullmatch(text, value_start, value_end):
                    self.alias(name, text[value_start:value_end])
            elif "[" not in name:
                scope = at(start)
                if "," in name:
                    for part in MEMBER.findall(name):
                        bind(scope, part, Binding(start, Bound.OTHER))
                else:
                    self._bind_member(name, scope, Binding(right.end_byte, Bound.VALUE, right))

    def _typed(self) -> None:
        text, at, bind = self.text, self.scopes.at, self.scopes.bind
        for value, alias in self.pairs("as.value", "as.alias"):
            name = text[alias.start_byte : alias.end_byte]
            if name.isidentifier() and value.type == "call":
                self.scopes.table[at(alias.start_byte), name].pop()
                bind(at(alias.start_byte), name, Binding(alias.end_byte, Bound.VALUE, value))
        for left, kind in self.pairs("declare.left", "declare.type"):
            name, scope = text[left.start_byte : left.end_byte], at(left.start_byte)
            written = text[kind.start_byte : kind.end_byte]
            bindings = self.scopes.table.get((scope, name))
            if bindings is None:
                bind(scope, name, Binding(left.start_byte, Bound.PARAM, None, written))
            else:
                bindings[-1] = bindings[-1]._replace(annotation=written)

    def _bind_member(self, name: str, scope: int, binding: Binding) -> None:
        root, _, member = name.partition(".")
        if "." in member:
            return
        found = self.scopes.find(scope, root)
        if found is not None and found[1][0].bound in {Bound.SELF, Bound.CLASS}:
            self.scopes.bind(int(found[1][0].value), member, binding)

    def find_facts(self) -> None:
        """Find calls, assignments and texts of interest."""
        self._standing = {}
        self.find_defaults()
        self.find_callees()
        self._find_comparisons()
        self._find_stub_calls()
        self._find_decorators()
        self._find_assigns()
        self.find_texts()

    def _find_comparisons(self) -> None:
        for node in self.ordered("comparison"):
            operands = node.named_children
            start, end = node.start_byte, node.end_byte
            if len(operands) != 2 or end - start > 300 or not _COMPARED.search(self.text, start, end):
                continue
            sign = self.text[operands[0].end_byte : operands[1].start_byte].strip()
            if sign not in _SIGNS or (self.wanted is not None and sign not in self.wanted):
                continue
            scope = self.scopes.at(start)
            args = tuple(Arg(None, self.lower(operand, scope)) for operand in operands)
            self.calls.append(Call(sign, args, start, end, self.scopes.function(scope)))

    def _find_stub_calls(self) -> None:
        # What a generated stub offers has the names of the service; all of it is `STUB_CALL`.
        if not any("_grpc" in one.name for one in self.imports) or (
            self.wanted is not None and STUB_CALL.rpartition(".")[2] not in self.wanted
        ):
            return
        for callee in self.ordered("callee"):
            start, end = callee.start_byte, callee.end_byte
            node = callee.parent
            if node is None or not self.text[start:end].rpartition(".")[2][:1].isupper():
                continue
            scope = self.scopes.at(start)
            if _STUB.search(self.callee(callee, scope)):
                self.calls.append(self.call(node, scope)._replace(name=STUB_CALL))

    def _find_decorators(self) -> None:
        for node in self.ordered("decorator"):
            inner = node.named_children[0] if node.named_child_count else None
            if inner is None:
                continue
            callee = inner.child_by_field_name("function") if inner.type == "call" else inner
            if callee is None:
                continue
            last = self.text[callee.start_byte : callee.end_byte].rpartition(".")[2]
            if self.wanted is not None and last not in self.wanted:
                continue
            scope = self.scopes.at(inner.start_byte)
            if inner.type == "call":
                call = self.call(inner, scope)
                self.calls = [one for one in self.calls if (one.start, one.end) != (call.start, call.end)]
            else:
                call = Call(
                    self.callee(inner, scope),
                    (),
                    inner.start_byte,
                    inner.end_byte,
                    self.scopes.function(scope),
                )
            self.calls.append(call._replace(role="decorator", result=""))

    def _find_assigns(self) -> None:
        text = self.text
        for left, right in self.assigned:
            start, end = left.start_byte, left.end_byte
            name = self.flat(start, end)
            key = name.rpartition(".")[2]
            self._note_item(name, start)
            if name[-1:] == "]":
                item = CONFIG_ITEM.fullmatch(name)
                if item is None:
                    continue
                key, name = item[3], f"{item[1]}.{item[3]}"
            if self.keys is not None and key.rpartition(".")[2].lower() not in self.keys:
                continue
            scope = self.scopes.at(start)
            if name.isidentifier():
                if scope >= 0 and self.scopes.found[scope].is_class:
                    name = f"{self.scopes.names[scope]}.{name}"
            elif MEMBER.fullmatch(name):
                name = self.target("".join(name.split()), scope, start)
            else:
                name = self.callee(left, scope)
            self.assign(name, key, self.lower(right, scope), start, scope)
        self._find_additions()
        self._find_switches()
        for key_node, value in self.pairs("pair.key", "pair.value"):
            key = text[key_node.start_byte + 1 : key_node.end_byte - 1].strip("\"'")
            if self.keys is None or key.rpartition(".")[2].lower() in self.keys:
                scope = self.scopes.at(key_node.start_byte)
                self.assign("", key, self.lower(value, scope), key_node.start_byte, scope)

    def _find_additions(self) -> None:
        # ``ctx.options |= ssl.OP_NO_TLSv1_3``: what is added is no value, but it says something.
        for node in self.ordered("augmented"):
            left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
            if left is None or right is None:
                continue
            name = self.flat(left.start_byte, left.end_byte)
            key = name.rpartition(".")[2]
            if not MEMBER.fullmatch(name) or not self.is_key(key):
                continue
            scope = self.scopes.at(left.start_byte)
            value = Expr("other", (self.lower(right, scope),), right.start_byte, right.end_byte)
            self.assign(self.target(name, scope, left.start_byte), key, value, left.start_byte, scope)

    def _find_switches(self) -> None:
        # ``AcmeClient(verify_ssl=False)``: of a call that no rule knows by name, the name of the switch tells enough.
        for name, value in self.pairs("keyword.name", "keyword.value"):
            key = self.text[name.start_byte : name.end_byte]
            call = (
                name.parent.parent.parent
                if name.parent is not None and name.parent.parent is not None
                else None
            )
            if call is None or not self.is_key(key):
                continue
            callee = call.child_by_field_name("function") if call.type == "call" else None
            if callee is None:
                continue
            text = self.text[callee.start_byte : callee.end_byte]
            if text != "dict" and (self.wanted is None or self.last_part(text) in self.wanted):
                continue
            scope = self.scopes.at(name.start_byte)
            if text != "dict" and self.callee(callee, scope)[:1] == ".":
                continue  # a function of this file means by it what it likes
            self.assign("()", key, self.lower(value, scope), name.start_byte, scope)

    def _note_item(self, name: str, place: int) -> None:
        # ``session["role"] = x``, ``message["Subject"] = x``, ``resp.text = x``: what is kept in some containers, or under some keys, is a sink.
        if name[-1:] != "]" and "." not in name:
            return
        item = CONFIG_ITEM.fullmatch(name)
        self.note_sink(item[3] if item is not None else name.rpartition(".")[2], place)
        self.note_sink(name.partition("[")[0].rpartition(".")[2], place)
