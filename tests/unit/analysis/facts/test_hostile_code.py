"""Code that no person wrote, and code that the pinned grammars do not know: bounded, told of, and never the end of the process."""

from pathlib import Path

from stemedb_analysis.facts.languages import grammar

ROOT = Path(__file__).parents[4]


def test_the_pinned_grammar_understands_our_own_code() -> None:
    sources = [path for part in ("services", "shared") for path in (ROOT / part).rglob("*.py")]
    assert len(sources) > 300
    misread = []
    for path in sources:
        tree = grammar("python").parse(path.read_bytes())
        if tree is None or tree.root_node.has_error:
            misread.append(path.name)
    assert misread == []
