"""Rule files, found, read, checked and kept.

::

    data/code/*.yaml  data/config/*.yaml  flow/data/*.yaml        shipped
    .stemedb/rules/*.yaml                                         of the project, the same format
            │ YAML, ~100 ms
            ▼
    documents without samples ── JSON in the user's cache, under the digest of all that went in ── ~5 ms
            │ parse: registry, names, selectors, conversions
            ▼
    RuleSet

What is kept is what YAML said, not what we made of it (`stemedb_analysis.kept`).
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from stemedb.errors import InvalidInput
from stemedb_analysis.kept import kept
from stemedb_analysis.own_files import read_own
from stemedb_analysis.registry import Registry, shipped
from stemedb_analysis.rules.model import Rule
from stemedb_analysis.rules.parse import parse_rules
from stemedb_analysis.rules.precision import with_precision
from stemedb_analysis.rules.ruleset import RuleSet
from stemedb_analysis.rules.template import check_filled
from stemedb_analysis.rules.words import Words
from stemedb_analysis.yaml_text import read_yaml

if TYPE_CHECKING:
    from stemedb_analysis.rules.astgrep import AstGrepRule

USERS_FOLDER: Final = Path(".stemedb/rules")
FILE_BYTES_MAX: Final = 1 << 20
"""Of a rule file: larger ones are no longer read by anybody."""
USERS_FILES_MAX: Final = 200
KNOWLEDGE_FILES: Final = frozenset({"sources.yaml", "sanitizers.yaml"})
"""Of the folder of flow rules: no rules, but what is known of input."""

NEAR_MISSES_MIN: Final = 3
"""Of each shipped rule: a comment, a string, the safe way, a name that only looks alike."""

_FORMAT: Final = b"3"
"""Part of the cache key: moves when the shape of what is kept does."""
_SAMPLES: Final = ("examples", "near_misses")


def load(
    project: Path | None = None,
    *,
    registry: Registry | None = None,
    samples: bool = False,
    imports: Collection[str] = (),
) -> RuleSet:
    """Return the shipped rules and those of the project at `project`, and what policies on `imports` look for.

    With `samples` the rules carry their examples and near-misses, and nothing is cached. Raises `InvalidInput` naming file, rule and field.
    """
    registry = registry or shipped()
    rules = _shipped_rules(registry, samples=samples)
    astgrep: list[AstGrepRule] = []
    if project is not None:
        own, astgrep = user_rules(project / USERS_FOLDER, registry, samples=samples)
        rules += own
    unique([*rules, *(one.rule for one in astgrep)])
    return RuleSet(rules, Words(_words()), astgrep, imports)


def _shipped_rules(registry: Registry, *, samples: bool) -> list[Rule]:
    root = files("stemedb_analysis")
    folders = {
        "code": root / "rules" / "data" / "code",
        "config": root / "rules" / "data" / "config",
        "flow": root / "flow" / "data",
    }
    texts = {
        f"{name}/{one.name}": one.read_bytes()
        for name, folder in folders.items()
        for one in sorted(folder.iterdir(), key=lambda entry: entry.name)
        if one.name.endswith(".yaml") and one.name not in KNOWLEDGE_FILES
    }
    documents = read_documents(texts) if samples else kept(texts, _compact, _FORMAT)
    return [
        with_precision(rule)
        for file, document in documents.items()
        for rule in parse_rules(document, file, registry, _words(), are_tried=samples)
    ]


def user_rules(
    folder: Path, registry: Registry, *, samples: bool = False
) -> tuple[list[Rule], list["AstGrepRule"]]:
    """Return the rules in the YAML files of `folder`, ours and ast-grep's; none if there is no such folder. Raises `InvalidInput`."""
    paths = sorted(folder.glob("*.yaml")) if folder.is_dir() else []
    if len(paths) > USERS_FILES_MAX:
        raise InvalidInput(str(USERS_FOLDER), f"got {len(paths)} files, want at most {USERS_FILES_MAX}")
    texts: dict[str, bytes] = {}
    for path in paths:
        texts[f"{USERS_FOLDER.as_posix()}/{path.name}"] = read_own(path, FILE_BYTES_MAX + 1)
    documents = read_documents(texts) if samples else kept(texts, _compact, _FORMAT)
    rules: list[Rule] = []
    astgrep: list[AstGrepRule] = []
    for file, document in documents.items():
        check_filled(document, file)
        if isinstance(document, dict) and "rule" in document:
            from stemedb_analysis.rules.astgrep import parse_astgrep  # noqa: PLC0415 - the engine, only where it is asked for

            astgrep.append(parse_astgrep(document, file, registry))
        else:
            rules += parse_rules(document, file, registry, _words())
    return rules, astgrep


def read_documents(texts: Mapping[str, bytes]) -> dict[str, object]:
    """Return what the YAML of each file says. Raises `InvalidInput` with the line."""
    documents: dict[str, object] = {}
    for name, text in texts.items():
        if len(text) > FILE_BYTES_MAX:
            raise InvalidInput(name, f"got more than {FILE_BYTES_MAX} bytes")
        documents[name] = read_yaml(text, name)
    return documents


def unique(rules: Iterable[Rule]) -> list[Rule]:
    """Return `rules`; raises `InvalidInput` if two files give one id."""
    seen: dict[str, str] = {}
    kept = list(rules)
    for rule in kept:
        if rule.id in seen:
            raise InvalidInput(f"{rule.file}: {rule.id}", f"is in {seen[rule.id]} too")
        seen[rule.id] = rule.file
    return kept


def own_words() -> Words:
    """Return the word lists that rules may name."""
    return Words(_words())


def check_samples(rule: Rule) -> list[str]:
    """Return what a shipped rule lacks in samples: an example for each language group, `NEAR_MISSES_MIN` near-misses."""
    groups = {"typescript": "javascript"}
    shown = {sample.language for sample in rule.examples}
    code = {groups.get(one, one) for row in rule.rows for one in row.languages}
    code &= {"python", "javascript", "go", "java", "rust"}
    lacking = [f"no example in {one}" for one in sorted(code - shown)]
    if not shown:
        lacking.append("no example")
    if len(rule.near_misses) < NEAR_MISSES_MIN:
        lacking.append(f"got {len(rule.near_misses)} near-misses, want at least {NEAR_MISSES_MIN}")
    return lacking


@lru_cache(maxsize=1)
def _words() -> dict[str, list[str]]:
    text = (files("stemedb_analysis") / "rules" / "data" / "words.yaml").read_text(encoding="utf-8")
    lists: dict[str, list[str]] = read_yaml(text, "words.yaml")
    return lists


def _compact(texts: Mapping[str, bytes]) -> dict[str, object]:
    return {name: _without_samples(document) for name, document in read_documents(texts).items()}


def _without_samples(document: object) -> object:
    rules = document.get("rules") if isinstance(document, dict) else document
    if not isinstance(rules, Sequence) or isinstance(rules, str):
        return document
    return [_without(rule) if isinstance(rule, dict) else rule for rule in rules]


def _without(rule: dict[str, Any]) -> dict[str, Any]:
    return {key: [] if key in _SAMPLES and isinstance(value, dict) else value for key, value in rule.items()}
