"""From the YAML of a rule file to rules, each field checked.

What is wrong raises `InvalidInput`: the field is ``<file>: <rule>: row <n>: <key>``, the reason says what was got, what is wanted, and
names the nearest known word. The format is told in RULES.md.
"""

import re
from collections.abc import Mapping
from typing import Any, Final, get_args

from stemedb.errors import InvalidInput
from stemedb_analysis.facts.model import LANGUAGES, Call
from stemedb_analysis.model import Typed
from stemedb_analysis.registry import Concept, Registry
from stemedb_analysis.rules.conditions import regex, selector, tests
from stemedb_analysis.rules.expression import Expression
from stemedb_analysis.rules.fields import check_keys, fraction, listed, mapping, nearest, one_of
from stemedb_analysis.rules.model import (
    FACT_KINDS,
    GROUPS,
    LITERAL,
    Read,
    Row,
    Rule,
    Sample,
)
from stemedb_analysis.rules.names import expand, last_part
from stemedb_analysis.rules.values import CONVERSIONS, CONVERTED_TO

FORMATS: Final = (
    "yaml",
    "toml",
    "json",
    "env",
    "ini",
    "properties",
    "dockerfile",
    "nats",
    "nginx",
    "apache",
    "haproxy",
    "requirements",
)
"""Formats of configuration files; rules for them are over settings, blocks and texts."""


_RULE_KEYS: Final = {
    "flow",
    "value","id", "title", "help", "observes", "confidence", "asked", "named", "tags", "precision", "match", "examples", "near_misses"}  # fmt: skip
_RULE_NEEDED: Final = {"id", "title", "help", "observes", "match", "examples", "near_misses"}
_ROW_KEYS: Final = {
    *FACT_KINDS,
    "role",
    "where",
    "unless",
    "beside",
    "with",
    "same",
    "scope",
    "uses",
    "near",
    "unlikely",
    "likely",
    "asked",
    "named",
    "kind",
    "lacks",
    "has",
    "last",
    "screen",
    "read",
    "as",
    "map",
    "each",
    "scale",
    "value",
    "absent",
    "unknown",
    "confidence",
    "dynamic",
}
_ID: Final = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


def parse_rules(
    document: object, file: str, registry: Registry, words: Mapping[str, Any], *, are_tried: bool = True
) -> list[Rule]:
    """Return the rules of one file's `document`, which `file` names in errors. `words` are the known word lists.

    Expressions are compiled once to see that they are some, unless somebody has done so before and they need not be `are_tried`.
    """
    if isinstance(document, dict) and document.keys() <= {"about", "rules"}:
        document = document.get("rules")
    if not isinstance(document, list):
        raise InvalidInput(file, "want a list of rules, or a mapping with the key 'rules'")
    rules = [
        _rule(row, f"{file}: rule {number}", file, registry, words) for number, row in enumerate(document, 1)
    ]
    seen: set[str] = set()
    for rule in rules:
        if rule.id in seen:
            raise InvalidInput(f"{file}: {rule.id}", "two rules of one id")
        seen.add(rule.id)
        for row in rule.rows if are_tried else ():
            _try(row, f"{file}: {rule.id}")
    return rules


def _try(row: Row, place: str) -> None:
    """Compile the expressions of a row; raises `InvalidInput`."""
    written = [Expression(name, f"{place}: text") for name in row.names if row.fact == "text"]
    for one in (*written, *(test.operand for test in row.where)):
        if isinstance(one, Expression):
            one.check()
    for other in (*row.unless, *row.beside, *row.along):
        _try(other, place)


def _rule(raw: object, place: str, file: str, registry: Registry, words: Mapping[str, Any]) -> Rule:
    row = mapping(raw, place)
    if isinstance(row.get("id"), str):
        place = f"{file}: {row['id']}"
    check_keys(row, _RULE_KEYS, _RULE_NEEDED, place)
    if not isinstance(row["id"], str) or not _ID.fullmatch(row["id"]):
        raise InvalidInput(f"{place}: id", f"got {row['id']!r:.60}, want words of a-z and 0-9 joined by -")
    for key in ("title", "help", "observes"):
        if not isinstance(row[key], str) or not row[key].strip():
            raise InvalidInput(f"{place}: {key}", f"got {row[key]!r:.60}, want text")
    path, _, predicate = row["observes"].partition(" ")
    try:
        concept = registry.want(path, predicate)
    except InvalidInput as wrong:
        raise InvalidInput(f"{place}: observes", str(wrong)) from wrong
    confidence = fraction(row.get("confidence", LITERAL), f"{place}: confidence")
    _check_flow(row, place, concept)
    reader = RowReader(
        concept,
        confidence,
        words,
        row.get("value"),
        _wordlisted(row.get("asked", ""), words, place),
        named=bool(row.get("named", False)),
    )
    rows: list[Row] = []
    for languages, raws in mapping(row["match"], f"{place}: match").items():
        names = languages_of(languages, f"{place}: match")
        for one in listed(raws):
            rows.append(reader.row(one, names, f"{place}: {languages}: row {len(rows) + 1}"))
    if not rows:
        raise InvalidInput(f"{place}: match", "no rows")
    precision = row.get("precision")
    return Rule(
        row["id"], row["title"].strip(), " ".join(row["help"].split()), path, predicate, tuple(rows), confidence,
        tuple(str(tag) for tag in listed(row.get("tags"))),
        None if precision is None else fraction(precision, f"{place}: precision"), file,
        samples(row["examples"], f"{place}: examples", concept),
        samples(row["near_misses"], f"{place}: near_misses", concept),
        str(row.get("flow", "")),
    )  # fmt: skip


def _wordlisted(name: object, words: Mapping[str, Any], place: str) -> str:
    if name and name not in words:
        raise InvalidInput(place, f"got {name!r}{nearest(name, words)}")
    return str(name)


def _check_flow(row: Mapping[str, Any], place: str, concept: Concept) -> None:
    if ("flow" in row) is not ("value" in row):
        raise InvalidInput(place, "want 'flow' and 'value' together: what kind of harm, and what is observed")
    if "value" in row and not concept.accepts(row["value"]):
        raise InvalidInput(
            f"{place}: value", f"got {row['value']!r:.40}, want a {concept.type} for {concept.name}"
        )


def languages_of(text: object, place: str) -> tuple[str, ...]:
    """Return the languages that a key such as ``python, go`` names; raises `InvalidInput`."""
    names: list[str] = []
    for name in re.split(r"[\s,]+", str(text).strip()):
        if name not in LANGUAGES and name not in FORMATS:
            raise InvalidInput(place, f"got the language {name!r:.40}{nearest(name, (*LANGUAGES, *FORMATS))}")
        names.append(name)
        names += [other for other, group in GROUPS.items() if group == name]
    return tuple(dict.fromkeys(names))


def samples(raw: object, place: str, concept: Concept | None = None) -> tuple[Sample, ...]:
    """Return the samples of ``examples`` or ``near_misses``: by language or file name, a text or ``{code, value}`` each."""
    found: list[Sample] = []
    for language, items in mapping(raw or {}, place).items():
        for item in listed(items):
            fields = item if isinstance(item, dict) else {"code": item}
            check_keys(fields, {"code", "value"}, {"code"}, f"{place}: {language}")
            value = fields.get("value")
            if value is not None and concept is not None and not concept.accepts(value):
                raise InvalidInput(f"{place}: {language}: value", f"got {value!r:.40}, want a {concept.type}")
            if not isinstance(fields["code"], str):
                raise InvalidInput(f"{place}: {language}", f"got {fields['code']!r:.40}, want code as text")
            found.append(Sample(str(language), fields["code"], value))
    return tuple(found)


class RowReader:
    """Reads the rows of one rule."""

    def __init__(
        self,
        concept: Concept,
        confidence: float,
        words: Mapping[str, Any],
        flow_value: Typed | None,
        asked: str = "",
        *,
        named: bool = False,
    ) -> None:
        """`flow_value` is what a flow rule observes when input reaches what its rows read; ``None`` for other rules."""
        self._concept = concept
        self._confidence = confidence
        self._words = words
        self._flow_value = flow_value
        self._asked = asked
        self._by_name = named
        # The functions of a flow rule are compared one by one: there are few.
        self._indexed = {"call", "assign", "key"} | ({"function"} if flow_value is None else set())

    def row(self, raw: object, languages: tuple[str, ...], place: str, *, is_condition: bool = False) -> Row:
        """Return one row; raises `InvalidInput`."""
        row = mapping(raw, place)
        check_keys(row, _ROW_KEYS, set(), place)
        facts = [kind for kind in FACT_KINDS if kind in row]
        if len(facts) != 1:
            raise InvalidInput(place, f"got {len(facts)} of {', '.join(FACT_KINDS)}, want one")
        fact = facts[0]
        for key in ("near", "unlikely", "likely", "asked"):
            _wordlisted(row.get(key) or "", self._words, f"{place}: {key}")
        return Row(
            fact,
            self._names(row[fact], fact, f"{place}: {fact}"),
            languages,
            Read(None, "", (), False, 1.0, None, None, None)
            if is_condition
            else self._read(row, fact, place),
            fraction(row.get("confidence", self._confidence), f"{place}: confidence"),
            roles=tuple(self._role(role, place) for role in listed(row.get("role"))),
            where=tests(row.get("where"), f"{place}: where"),
            unless=tuple(
                self.row(one, languages, f"{place}: unless", is_condition=True)
                for one in listed(row.get("unless"))
            ),
            beside=tuple(
                self.row(one, languages, f"{place}: beside", is_condition=True)
                for one in listed(row.get("beside"))
            ),
            along=tuple(
                self.row(one, languages, f"{place}: with", is_condition=True)
                for one in listed(row.get("with"))
            ),
            same=bool(row.get("same", False)),
            scope=one_of(row.get("scope", "function"), ("function", "file"), f"{place}: scope"),  # type: ignore[arg-type]
            uses=tuple(
                name for one in listed(row.get("uses")) for part in str(one).split() for name in expand(part)
            ),
            near=row.get("near", ""),
            unlikely=row.get("unlikely", ""),
            likely=row.get("likely", ""),
            asked=row.get("asked", self._asked),
            named=bool(row.get("named", self._by_name)),
            kinds=tuple(str(kind) for kind in listed(row.get("kind"))),
            lacks=tuple(name for one in listed(row.get("lacks")) for name in expand(str(one).lower())),
            has=tuple(name for one in listed(row.get("has")) for name in expand(str(one).lower())),
            last=bool(row.get("last", False)),
            dynamic=fraction(row.get("dynamic", 0), f"{place}: dynamic"),
            screen=str(row.get("screen", "")).lower(),
        )

    def _role(self, role: object, place: str) -> str:
        return one_of(role, get_args(Call.__annotations__["role"]), f"{place}: role")

    def _names(self, raw: object, fact: str, place: str) -> tuple[str, ...]:
        # Names hold no blanks, so that one line may list several; paths of settings and expressions may.
        written = [
            part
            for one in listed(raw)
            for part in ([one] if fact in {"text", "setting", "block"} else str(one).split())
        ]
        names = (
            [str(one) for one in written]
            if fact == "text"
            else [name for one in written for name in expand(str(one))]
        )
        if fact in {"call", "assign", "function"}:
            names = [form for name in names for form in _bare_and_qualified(name)]
        if not names and fact != "block":
            raise InvalidInput(place, "want a pattern of names")
        for name in names:
            if fact == "text":
                regex(name, place)
            elif fact in self._indexed and "*" in last_part(name):
                raise InvalidInput(place, f"got {name!r}, want the last part without a star")
        if fact in {"setting", "block", "key"}:
            names = [name.lower() for name in names]
        return tuple(names)

    def _read(self, row: dict[str, Any], fact: str, place: str) -> Read:
        convert = row.get("as", "")
        if convert and convert not in CONVERSIONS:
            raise InvalidInput(f"{place}: as", f"got {convert!r:.40}{nearest(convert, CONVERSIONS)}")
        if convert and CONVERTED_TO.get(convert, "number") != self._concept.type:
            raise InvalidInput(
                f"{place}: as",
                f"got {convert}, want what gives a {self._concept.type} for {self._concept.name}",
            )
        mapped = tuple(
            (_key(key), self._typed(value, f"{place}: map: {key}"))
            for key, value in mapping(row.get("map") or {}, f"{place}: map").items()
        )
        read = row.get("read")
        if self._flow_value is not None:
            if fact not in {"call", "assign", "function"} or "value" in row:
                raise InvalidInput(
                    place, "want a call, assign or function of a flow rule, without a value of its own"
                )
            read = selector(str(read or ("0" if fact == "call" else "@value")), f"{place}: read")
            return Read(read, "", (), False, 1.0, self._flow_value, None, None)
        if read is None and (convert or mapped):
            read = "@last" if fact in {"call", "import"} else "@value"
        if read is None and "value" not in row:
            raise InvalidInput(place, "want what to 'read' or a 'value'")
        if read is not None and "value" in row:
            raise InvalidInput(place, "got 'read' and 'value', want one of them")
        given = {
            key: self._typed(row[key], f"{place}: {key}")
            for key in ("value", "absent", "unknown")
            if key in row
        }
        scale = row.get("scale", 1)
        if not isinstance(scale, int | float) or isinstance(scale, bool):
            raise InvalidInput(f"{place}: scale", f"got {scale!r:.40}, want a number")
        return Read(
            None if read is None else selector(str(read), f"{place}: read"), convert, mapped,
            bool(row.get("each", False)), scale, given.get("value"), given.get("absent"), given.get("unknown"),
        )  # fmt: skip

    def _typed(self, value: object, place: str) -> Typed:
        if not self._concept.accepts(value):
            raise InvalidInput(
                place, f"got {value!r:.40}, want a {self._concept.type} for {self._concept.name}"
            )
        return value  # type: ignore[return-value]  # accepted


def _bare_and_qualified(name: str) -> tuple[str, ...]:
    """``*Cipher`` stands for ``Cipher`` alone and in any package."""
    rest = name[1:]
    return (
        (rest, f"*.{rest}") if name[:1] == "*" and "." not in rest and "*" not in rest and rest else (name,)
    )


def _key(key: object) -> str:
    if isinstance(key, bool):
        return "true" if key else "false"
    return "null" if key is None else str(key).lower()
