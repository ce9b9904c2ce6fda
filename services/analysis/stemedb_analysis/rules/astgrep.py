"""A project's ast-grep rules: checked when they load, screened by literals, run once for each file.

::

    id: no-print                        as ast-grep has it: id, language, rule, constraints, utils, message, note, severity, url
    language: python
    rule: {pattern: print($A)}
    metadata:
      observes: log/secrets present     ours: what a match claims
      value: true
      confidence: 0.8                   0.9 unless given
      examples: [print(secret)]         code that it must match, at least one piece
      near_misses: ["# print(secret)"]  code that it must not match

The engine is quick on one rule and slow on many, so each rule is screened: a file that lacks a literal of its pattern is not parsed for it.

What the engine accepts and never matches is refused when the rule loads: unknown keys at the top, empty ``any`` and ``all``, patterns that
do not parse in their language, what is inside of nodes that have no inside, keys that only rewrite. What it refuses itself (unknown kinds, fields, keys of a rule, undefined variables
and utilities) is refused with our words around its reason. Whatever of it is left (two kinds at once, a pattern against its own expression) matches none of
the rule's examples, and is refused for that.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple

from ast_grep_py import SgRoot

from stemedb.errors import InvalidInput
from stemedb_analysis.facts.languages import grammar
from stemedb_analysis.facts.model import LANGUAGES
from stemedb_analysis.model import Observation
from stemedb_analysis.registry import Registry
from stemedb_analysis.rules.fields import check_keys, nearest
from stemedb_analysis.rules.leaves import leaf_of
from stemedb_analysis.rules.match import observation
from stemedb_analysis.rules.model import FileInfo, Read, Row, Rule
from stemedb_analysis.source import Source

CONFIDENCE: Final = 0.9
MATCHES_MAX: Final = 500
"""Of one rule in one file."""
LITERAL_LENGTH_MIN: Final = 3
"""Of a literal that is worth looking for."""
NESTING_MAX: Final = 32
"""Of rules in rules."""
SAMPLES_MAX: Final = 100
"""Examples, and as many near-misses, of one rule: they are tried whenever it is loaded."""

_KEYS: Final = {
    "id",
    "language",
    "rule",
    "constraints",
    "utils",
    "message",
    "note",
    "severity",
    "url",
    "metadata",
}
_METADATA: Final = {"observes", "value", "confidence", "help", "examples", "near_misses"}
_REWRITING: Final = {"fix", "transform", "rewriters"}
_NAMES: Final = {"py": "python", "js": "javascript", "ts": "typescript", "rs": "rust", "golang": "go"}
_VARIABLE: Final = re.compile(r"\$\$\$[A-Z_][A-Z0-9_]*|\$\$\$|\$\$?[A-Z_][A-Z0-9_]*")
_WORD: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class AstGrepRule(NamedTuple):
    """One rule, ready for the engine."""

    rule: Rule
    language: str
    config: dict[str, Any]
    screens: tuple[bytes, ...]
    """One of these is in every file that can match; empty if there is no telling."""
    value: bool | int | float | str
    confidence: float


def parse_astgrep(document: Mapping[str, Any], file: str, registry: Registry) -> AstGrepRule:
    """Return the rule that `document` writes; raises `InvalidInput` naming file, rule and what is wrong."""
    place = f"{file}: {document.get('id', '?')}"
    for key in _REWRITING & document.keys():
        raise InvalidInput(f"{place}: {key}", "rules here observe and never rewrite")
    check_keys(document, _KEYS, {"id", "language", "rule", "metadata"}, place)
    language = str(document["language"]).lower()
    language = _NAMES.get(language, language)
    if language not in LANGUAGES:
        raise InvalidInput(f"{place}: language", f"got {language!r:.40}{nearest(language, LANGUAGES)}")
    metadata = document["metadata"]
    if not isinstance(metadata, Mapping):
        raise InvalidInput(f"{place}: metadata", "want a mapping with observes and value")
    check_keys(metadata, _METADATA, {"observes", "value", "examples"}, f"{place}: metadata")
    path, _, predicate = str(metadata["observes"]).partition(" ")
    concept = registry.want(path, predicate)
    if not concept.accepts(metadata["value"]):
        raise InvalidInput(
            f"{place}: metadata: value", f"got {metadata['value']!r:.40}, want a {concept.type}"
        )
    confidence = metadata.get("confidence", CONFIDENCE)
    if isinstance(confidence, bool) or not isinstance(confidence, int | float) or not 0 < confidence <= 1:
        raise InvalidInput(f"{place}: metadata: confidence", f"got {confidence!r:.40}, want a number up to 1")
    config = {key: document[key] for key in ("rule", "constraints", "utils") if key in document}
    for part in [config["rule"], *_inner(config.get("constraints")), *_inner(config.get("utils"))]:
        _check(part, language, place, 0)
    _try(config, language, place)
    _hold_to_samples(config, language, metadata, f"{place}: metadata")
    title = str(document.get("message") or document["id"])
    rule = Rule(
        str(document["id"]), title, str(metadata.get("help") or document.get("note") or title), path, predicate,
        (Row("call", (), (language,), Read(None, "", (), False, 1.0, metadata["value"], None, None), confidence),),
        confidence, (), None, file,
    )  # fmt: skip
    screens = tuple(sorted(_screens(config["rule"], 0)))
    return AstGrepRule(rule, language, config, screens, metadata["value"], float(confidence))


class AstGrepRules:
    """A project's ast-grep rules, by language."""

    def __init__(self, rules: Iterable[AstGrepRule]) -> None:
        self._by_language: dict[str, list[AstGrepRule]] = {}
        for rule in rules:
            self._by_language.setdefault(rule.language, []).append(rule)

    def observe(self, source: Source, file: FileInfo) -> list[Observation]:
        """Return what the rules match. The file is parsed once, and only if a rule passes its screen."""
        rules = [
            rule
            for rule in self._by_language.get(file.language, ())
            if not rule.screens or any(screen in source.data for screen in rule.screens)
        ]
        if not rules:
            return []
        text = source.data.decode("utf-8")
        root = SgRoot(text, file.language).root()
        seen: list[Observation] = []
        for rule in rules:
            for node in root.find_all(rule.config)[:MATCHES_MAX]:  # type: ignore[call-overload]  # a checked mapping
                span = node.range()
                place = (_offset(text, span.start.index), _offset(text, span.end.index))
                seen.append(
                    observation(
                        source, file, rule.rule, value=rule.value, place=place, confidence=rule.confidence
                    )
                )
        return seen


def _offset(text: str, index: int) -> int:
    """The engine counts characters, we count bytes."""
    return index if text.isascii() else len(text[:index].encode())


def _inner(rules: object) -> list[Any]:
    return list(rules.values()) if isinstance(rules, Mapping) else []


def _check(rule: object, language: str, place: str, depth: int) -> None:
    """Refuse what the engine takes and never matches."""
    if not isinstance(rule, Mapping):
        raise InvalidInput(place, f"got {rule!r:.60}, want a rule as a mapping")
    if depth > NESTING_MAX:
        raise InvalidInput(place, f"rules nested deeper than {NESTING_MAX}")
    _check_leaves(rule, language, place)
    for key, value in rule.items():
        if key in {"all", "any"}:
            if not isinstance(value, list) or not value:
                raise InvalidInput(f"{place}: {key}", "an empty list of rules matches nothing")
            for one in value:
                _check(one, language, place, depth + 1)
        elif key in {"inside", "has", "precedes", "follows", "not"}:
            inner = (
                {name: one for name, one in value.items() if name not in {"stopBy", "field"}}
                if isinstance(value, Mapping)
                else value
            )
            _check(inner, language, place, depth + 1)
        elif key == "pattern":
            _check_pattern(value, language, place)


def _check_leaves(rule: Mapping[str, Any], language: str, place: str) -> None:
    around = {"inside": rule["inside"]} if "inside" in rule else {}
    for key, outer in (around | ({"has": rule} if "has" in rule else {})).items():
        if leaf := leaf_of(outer, language):
            raise InvalidInput(
                f"{place}: {key}", f"{language} has nothing inside of any {leaf}, so nothing matches"
            )


def _check_pattern(pattern: object, language: str, place: str) -> None:
    text = pattern.get("context") if isinstance(pattern, Mapping) else pattern
    if not isinstance(text, str) or not text.strip():
        raise InvalidInput(f"{place}: pattern", f"got {pattern!r:.60}, want code")
    # A variable stands where any expression or name may; a name of letters does in all languages.
    code = _VARIABLE.sub(lambda match: "v" + match[0].replace("$", "").lower(), text)
    tree = grammar(language).parser.parse(code.encode())
    if tree.root_node.has_error and not _parses_inside(code, language):
        raise InvalidInput(
            f"{place}: pattern",
            f"got {text!r:.60}, which is no {language} by itself; give a context and a selector",
        )


_AROUND: Final = {
    "go": ("package p\nfunc f() {{\n{}\n}}", "package p\n{}", "package p\nvar v = {}"),
    "java": ("class C {{ void f() {{ {}; }} }}", "class C {{ {} }}", "class C {{ Object o = {}; }}"),
    "rust": ("fn f() {{ {}; }}", "fn f() {{ let v = {}; }}"),
}
"""Where a fragment may stand that is no file by itself."""


def _parses_inside(code: str, language: str) -> bool:
    return any(
        not grammar(language).parser.parse(around.format(code).encode()).root_node.has_error
        for around in _AROUND.get(language, ())
    )


def _try(config: dict[str, Any], language: str, place: str) -> None:
    try:
        SgRoot("", language).root().find(config)  # type: ignore[call-overload]  # that is what is to be found out
    except (RuntimeError, ValueError, TypeError) as wrong:
        raise InvalidInput(place, _reason(wrong)) from wrong
    except Exception as wrong:
        # The engine's binding raises the bare class for an unknown key of a rule; anything narrower is ours to pass on.
        if type(wrong) is not Exception:
            raise
        raise InvalidInput(place, _reason(wrong)) from wrong


def _hold_to_samples(config: dict[str, Any], language: str, metadata: Mapping[str, Any], place: str) -> None:
    for key, must_match in (("examples", True), ("near_misses", False)):
        samples = metadata.get(key, [])
        is_code = isinstance(samples, list) and all(isinstance(one, str) for one in samples)
        if not is_code or len(samples) > SAMPLES_MAX or (must_match and not samples):
            least = "at least one piece of code that the rule matches" if must_match else "pieces of code"
            raise InvalidInput(f"{place}: {key}", f"want a list of {least}, at most {SAMPLES_MAX}")
        for number, code in enumerate(samples, 1):
            found = SgRoot(code, language).root().find(config)  # type: ignore[call-overload]  # a checked mapping
            if (found is not None) is not must_match:
                fails = (
                    "is not matched by the rule" if must_match else "is matched by the rule, and must not be"
                )
                raise InvalidInput(f"{place}: {key}", f"number {number}, {code!r:.60}, {fails}")


def _reason(wrong: Exception) -> str:
    text = str(wrong).partition("Stack backtrace")[0]
    return " ".join(re.sub(r"cannot get matcher|Caused by:|(?m:^\s*\d+:)", " ", text).split())


def _screens(rule: Mapping[str, Any], depth: int) -> set[bytes]:
    """Return literals one of which every match holds; empty if there is no telling."""
    if depth > NESTING_MAX:
        return set()
    candidates: list[set[bytes]] = []
    if "pattern" in rule:
        pattern = rule["pattern"]
        text = pattern.get("context", "") if isinstance(pattern, Mapping) else pattern
        words = [word for word in _WORD.findall(_VARIABLE.sub(" ", text)) if len(word) >= LITERAL_LENGTH_MIN]
        # A selector may leave out a part of its context, words with it.
        if words and not isinstance(pattern, Mapping):
            candidates.append({max(words, key=len).encode()})
    if "all" in rule:
        candidates += [_screens(one, depth + 1) for one in rule["all"]]
    if "any" in rule:
        each = [_screens(one, depth + 1) for one in rule["any"]]
        candidates.append(set().union(*each) if all(each) else set())
    for key in ("inside", "has", "precedes", "follows"):
        if key in rule:
            candidates.append(_screens(rule[key], depth + 1))
    known = [one for one in candidates if one]
    return min(known, key=len) if known else set()
