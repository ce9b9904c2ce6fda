"""Leaves: kinds of nodes that have nothing inside, in the grammar's own words.

An ast-grep rule that looks ``inside`` an identifier, or asks what a number ``has``, is well-formed and never matches. Which kinds these are a
grammar does not list, but its query compiler knows: it refuses a pattern that no tree can have, and ``(identifier _)``, an identifier with a
child of any kind, is one.

What it does not tell: kinds that our grammar does not have, and rules whose kind is not said, by a pattern or a utility.
"""

import re
from collections.abc import Mapping
from functools import cache
from typing import Any, Final

import tree_sitter

from stemedb_analysis.facts.languages import grammar

DEPTH_MAX: Final = 32
_KIND: Final = re.compile(r"[A-Za-z_]\w*")
_IMPOSSIBLE: Final = "Impossible pattern"


@cache
def is_leaf(language: str, kind: str) -> bool:
    """Return whether nothing can stand inside of nodes of this kind; false for a kind that the grammar does not have."""
    if not _KIND.fullmatch(kind):
        return False
    compiler = grammar(language).parser.language
    assert compiler is not None
    try:
        tree_sitter.Query(compiler, f"({kind} _)")
    except tree_sitter.QueryError as error:
        return str(error).startswith(_IMPOSSIBLE)
    return False


def leaf_of(rule: object, language: str) -> str:
    """Return the leaf that every match of a rule is, or one of them; empty if a match may have something inside, or there is no telling."""
    kinds = _kinds(rule, 0)
    return min(kinds) if kinds and all(is_leaf(language, kind) for kind in kinds) else ""


def _kinds(rule: object, depth: int) -> set[str]:
    """Return kinds of which every match is one; empty if there is no telling."""
    if not isinstance(rule, Mapping) or depth > DEPTH_MAX:
        return set()
    told: list[set[str]] = []
    if isinstance(rule.get("kind"), str):
        told.append({rule["kind"]})
    told += [kinds for kinds in (_kinds(one, depth + 1) for one in _list(rule, "all")) if kinds]
    either = [_kinds(one, depth + 1) for one in _list(rule, "any")]
    if either and all(either):
        told.append(set().union(*either))
    return min(told, key=len) if told else set()


def _list(rule: Mapping[str, Any], key: str) -> list[Any]:
    rules = rule.get(key)
    return rules if isinstance(rules, list) else []
