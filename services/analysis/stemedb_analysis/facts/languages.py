"""The parsers: a pinned grammar and one compiled query for each language.

Both are made when a language is first met and kept for the life of the process; a parser frees no lock, so there is one for each process
and none for threads.
"""

import time
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


PARSE_CPU_S_MAX: Final = 5.0
"""For one file. A megabyte of real code takes a tenth of it; what takes longer sends the parser from one repair to the next."""
TREE_DEPTH_MAX: Final = 600
"""Of the nodes that are asked for. The way up from a node costs its depth, so a deeper tree would cost the square of its size."""
_CHUNK_BYTES: Final = 1 << 16
_QUICK_BYTES_MAX: Final = 1 << 16
"""What is parsed without a look at the clock: the worst of so few bytes takes no second."""


class Grammar(NamedTuple):
    """What it takes to read one dialect."""

    parser: tree_sitter.Parser
    query: tree_sitter.Query

    def parse(self, data: bytes) -> tree_sitter.Tree | None:
        """Return the syntax tree, errors in it marked; ``None`` if it would take more than `PARSE_CPU_S_MAX` seconds of CPU."""
        if len(data) <= _QUICK_BYTES_MAX:
            return self.parser.parse(data)
        until = time.process_time() + PARSE_CPU_S_MAX
        try:
            return self.parser.parse(
                lambda offset, _point: data[offset : offset + _CHUNK_BYTES],
                progress_callback=lambda _offset, _has_error: time.process_time() > until,
            )
        except ValueError:  # how the binding says that it was cancelled
            self.parser.reset()
            return None

    def captures(self, tree: tree_sitter.Tree) -> dict[str, list[tree_sitter.Node]]:
        """Return what the query finds in a tree, by the names of its captures, in no order."""
        cursor = tree_sitter.QueryCursor(self.query)
        cursor.set_max_start_depth(TREE_DEPTH_MAX)
        return cursor.captures(tree.root_node)


@cache
def grammar(dialect: str) -> Grammar:
    """Return parser and query of a dialect: a language, or ``tsx``. Raises `KeyError` for one that is none."""
    make, parts = _GRAMMARS[dialect]
    language = tree_sitter.Language(make())
    folder = files("stemedb_analysis.facts").joinpath("queries")
    query = "".join(folder.joinpath(f"{part}.scm").read_text("utf-8") for part in parts)
    return Grammar(tree_sitter.Parser(language), tree_sitter.Query(language, query))
