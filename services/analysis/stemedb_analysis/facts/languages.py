"""The parsers: a pinned grammar and one compiled query for each language.

Both are made when a language is first met and kept for the life of the process; a parser frees no lock, so there is one for each process
and none for threads.
"""

from collections.abc import Callable
from functools import cache
from importlib.resources import files
from typing import Final, NamedTuple

import tree_sitter
import tree_sitter_go
import tree_sitter_java
import tree_sitter_javascript
import tree_sitter_python
import tree_sitter_rust
import tree_sitter_typescript

_GRAMMARS: Final[dict[str, tuple[Callable[[], object], tuple[str, ...]]]] = {
    "python": (tree_sitter_python.language, ("python",)),
    "javascript": (tree_sitter_javascript.language, ("javascript", "fields", "jsx")),
    "typescript": (tree_sitter_typescript.language_typescript, ("javascript", "typescript")),
    "tsx": (tree_sitter_typescript.language_tsx, ("javascript", "typescript", "jsx")),
    "go": (tree_sitter_go.language, ("go",)),
    "java": (tree_sitter_java.language, ("java",)),
    "rust": (tree_sitter_rust.language, ("rust",)),
}
"""The grammar of each dialect, and the parts of the query it is asked."""


class Grammar(NamedTuple):
    """What it takes to read one dialect."""

    parser: tree_sitter.Parser
    query: tree_sitter.Query


@cache
def grammar(dialect: str) -> Grammar:
    """Return parser and query of a dialect: a language, or ``tsx``. Raises `KeyError` for one that is none."""
    make, parts = _GRAMMARS[dialect]
    language = tree_sitter.Language(make())
    folder = files("stemedb_analysis.facts").joinpath("queries")
    query = "".join(folder.joinpath(f"{part}.scm").read_text("utf-8") for part in parts)
    return Grammar(tree_sitter.Parser(language), tree_sitter.Query(language, query))
