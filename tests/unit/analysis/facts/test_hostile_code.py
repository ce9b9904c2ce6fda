"""Code that no person wrote, and code that the pinned grammars do not know: bounded, told of, and never the end of the process."""

import time
from pathlib import Path

import pytest

from stemedb_analysis.facts.bodies import DEPTH_MAX as STATEMENTS_MAX
from stemedb_analysis.facts.bodies import STEPS_MAX
from stemedb_analysis.facts.depth import LEVELS_MAX, first_below, within_levels
from stemedb_analysis.facts.languages import TREE_DEPTH_MAX, grammar
from stemedb_analysis.facts.lowering import DEPTH_MAX as EXPRESSIONS_MAX
from stemedb_analysis.facts.model import LANGUAGES
from stemedb_analysis.rules.load import load
from stemedb_analysis.scan.file import scan_file
from support.facts_text import facts

ROOT = Path(__file__).parents[4]
DEEP = f"nested deeper than {TREE_DEPTH_MAX}"
INDENTED = f"indented deeper than {LEVELS_MAX} levels"

FRAMES = {
    "python": "def f():\n  y = {}\n",
    "javascript": "function f() {{ y = {}; }}\n",
    "typescript": "function f(): void {{ y = {}; }}\n",
    "go": "package m\nfunc f() {{\n y := {}\n}}\n",
    "java": "class A {{ void f() {{ Object y = {}; }} }}\n",
    "rust": "fn f() {{ let y = {}; }}\n",
}
AND = {"python": "a and "}
EACH = {
    "brackets": lambda language, n: "(" * n + "g(1)" + ")" * n,
    "calls": lambda language, n: "f(" * n + "g(1)" + ")" * n,
    "indices": lambda language, n: "a[" * n + "g(1)" + "]" * n,
    "sums": lambda language, n: "a + " * n + "g(1)",
    "members": lambda language, n: "g(1)" + ".a" * n,
    "chains": lambda language, n: "g(1)" + ".a(1)" * n,
    "conjunctions": lambda language, n: AND.get(language, "a && ") * n + "g(1)",
    "signs": lambda language, n: "- " * n + "g(1)",
}
BLOCKS = {
    "javascript": ("if (x) {", "}"),
    "typescript": ("if (x) {", "}"),
    "go": ("if x {", "}"),
    "java": ("if (x) {", "}"),
    "rust": ("if x {", "}"),
}


def in_function(language: str, statement: str) -> str:
    frame = {
        "go": "package m\nfunc f() {{\n{}\n}}",
        "java": "class A {{ void f() {{ {} }} }}",
        "rust": "fn f() {{ {} }}",
    }
    return frame.get(language, "function f() {{ {} }}").format(statement)


def reasons(source: str | bytes, language: str) -> list[str]:
    return [fault.reason for fault in facts(source, language).faults]


def indented(levels: int, inner: str = "g(1)", tab: str = " ") -> str:
    return "".join(f"{tab * level}if x:\n" for level in range(levels)) + tab * levels + inner + "\n"


@pytest.mark.parametrize("kind", EACH)
@pytest.mark.parametrize("language", LANGUAGES)
def test_expressions_nested_without_end_are_told_of_in_time(language: str, kind: str) -> None:
    code = FRAMES[language].format(EACH[kind](language, 5_000))
    before = time.process_time()
    told = reasons(code, language)
    assert time.process_time() - before < 5
    assert DEEP in told


@pytest.mark.parametrize("language", BLOCKS)
def test_blocks_nested_without_end_are_told_of(language: str) -> None:
    start, end = BLOCKS[language]
    assert DEEP in reasons(in_function(language, start * 5_000 + end * 5_000), language)


@pytest.mark.parametrize("language", BLOCKS)
def test_a_chain_of_else_if_is_told_of_where_it_is_longer_than_anybody_looks(language: str) -> None:
    start, end = BLOCKS[language]
    chain = "g(0)\n;" + f"{start}{end} else " * 5000 + "{ g(1) }"
    told = reasons(in_function(language, chain), language)
    assert DEEP in told
    assert f"statements nested deeper than {STATEMENTS_MAX}" in told
    assert reasons("if x: pass\n" + "elif x: pass\n" * 3000 + "else: g(1)\n", "python") == []


@pytest.mark.parametrize("file", ["a.jsx", "a.tsx"])
def test_tags_nested_without_end_are_told_of(file: str) -> None:
    language = "typescript" if file.endswith("tsx") else "javascript"
    tags = "<a>" * 5_000 + "{g(1)}" + "</a>" * 5_000
    assert DEEP in [fault.reason for fault in facts(f"y = {tags};", language, file=file).faults]


@pytest.mark.parametrize("depth", [10, 200, 290])
def test_what_is_nested_within_the_bound_is_read_and_no_fault(depth: int) -> None:
    read = facts("f(" * depth + "g(1)" + ")" * depth, "python")
    assert [one.name for one in read.calls if one.name == "g"] == ["g"]
    assert DEEP not in [fault.reason for fault in read.faults]


def test_the_fault_is_where_what_is_passed_over_begins() -> None:
    code = "g(1)\n" * 5 + "x = " + "f(" * 400 + "g(2)" + ")" * 400 + "\nx = h(3)\n"
    read = facts(code, "python")
    (place,) = [fault.start for fault in read.faults if fault.reason == DEEP]
    assert code.index("f(") + 500 < place < code.index("g(2)")
    assert [one.name for one in read.calls if one.name in {"g", "h"}] == ["g"] * 5 + ["h"]


@pytest.mark.parametrize("depth", [101, 150, 299, 300, 301, 600, 2000])
@pytest.mark.parametrize("before", [0, 7, 1000])
def test_a_tree_is_found_to_be_deep_wherever_it_is(depth: int, before: int) -> None:
    code = "x = [" + "1, " * before + "-" * depth + "a]\n" + "y = 1\n" * before
    tree = grammar("python").parse(code.encode())
    assert tree is not None
    deepest, left = 0, [(tree.root_node, 0)]
    while left:
        node, at = left.pop()
        deepest = max(deepest, at)
        left += [(child, at + 1) for child in node.named_children]
    for bound in (101, 200, deepest - 1, deepest, deepest + 1):
        if bound > 100:
            assert (first_below(tree.root_node, bound) is not None) == (deepest > bound)


@pytest.mark.parametrize("language", LANGUAGES)
def test_expressions_of_the_flow_pass_are_told_of_where_they_are_left_out(language: str) -> None:
    told = f"expressions nested deeper than {EXPRESSIONS_MAX}"
    nested = FRAMES[language].format("f(" * 50 + "1" + ")" * 50)
    flat = FRAMES[language].format("f(" * 12 + "1" + ")" * 12)
    assert told in reasons(nested, language)
    assert reasons(flat, language) == []


def test_statements_of_the_flow_pass_are_told_of_where_they_are_left_out() -> None:
    assert reasons(indented(STATEMENTS_MAX + 10, "g(1)"), "python") == [
        f"statements nested deeper than {STATEMENTS_MAX}"
    ]
    assert reasons(indented(30, "g(1)"), "python") == []


def test_a_function_longer_than_anybody_follows_is_told_of() -> None:
    assert reasons("def f():\n" + "  g(1)\n" * (STEPS_MAX + 1), "python") == [f"more than {STEPS_MAX} steps"]
    assert reasons("def f():\n" + "  g(1)\n" * (STEPS_MAX - 1), "python") == []


@pytest.mark.parametrize("tab", [" ", "\t", "    "])
def test_indentation_that_would_end_the_process_is_told_of_and_the_rest_is_read(tab: str) -> None:
    code = "g(0)\n" + indented(1000, "g(1)", tab) + "g(2)\n"
    read = facts(code, "python")
    (told,) = [fault for fault in read.faults if fault.reason == INDENTED]
    assert code.encode()[: told.start].count(b"\n") == LEVELS_MAX + 1
    assert "g(2)" in [code[one.start : one.end] for one in read.calls]


@pytest.mark.parametrize(
    "level",
    [
        " {}if x:\n{}  '''\n'''\n",  # what stands in strings begins anywhere
        " {}if x:\n{}  (\n)\n",  # and so does what stands in brackets
        " {}if x:\n{}  1 + \\\n1\n",
    ],
    ids=["strings", "brackets", "continued"],
)
def test_levels_are_counted_whatever_stands_between_them(level: str) -> None:
    code = "".join(level.format(" " * number, " " * number) for number in range(700))
    assert INDENTED in reasons(code, "python")


@pytest.mark.parametrize(
    "blank",
    [
        lambda level: "\t" * (level // 8) + " " * (level % 8),
        lambda level: " " * (level % 8) + "\t" * (level // 8),
        lambda level: "".join(f"{' ' * 100}\\\n" for _ in range(level // 100)) + " " * (level % 100),
        lambda level: "".join(f"{' ' * 100}\\\r\n" for _ in range(level // 100)) + " " * (level % 100),
        lambda level: " " * (520 - level) + "\f" + " " * level,
        lambda level: "\t" * (120 - level // 8) + "\f" + "\t" * (level // 8) + " " * (level % 8),
    ],
    ids=["tabs", "tabs last", "continued", "continued with returns", "form feeds", "tabs and form feeds"],
)
def test_columns_are_counted_as_the_scanner_counts_them(blank) -> None:
    code = "".join(f"{blank(level)}if x:\n" for level in range(520)) + f"{blank(520)}g(1)\n"
    assert INDENTED in reasons(code, "python")


def test_open_strings_take_no_room_from_levels() -> None:
    levels = indented(LEVELS_MAX - 1, "g(1)")
    reasons(levels.replace("g(1)", 'f"{' * 300), "python")  # does not end the process


def test_lines_that_begin_far_right_are_not_cut() -> None:
    code = ("x = f(" + "a,\n" + " " * 400 + "b)\n") * 300
    assert within_levels(code.encode()).cut == -1
    assert reasons(code, "python") == []


def test_what_is_cut_leaves_all_places_as_they_were() -> None:
    code = indented(400).encode()
    bounded = within_levels(code)
    assert len(bounded.data) == len(code)
    assert bounded.data.count(b"\n") == code.count(b"\n")
    assert bounded.data[: bounded.cut] == code[: bounded.cut]


def test_a_type_nested_without_end_before_a_call_costs_no_more_than_its_length() -> None:
    code = f"import hashlib\nx: {'List[' * 5000}int{']' * 5000} = hashlib.md5(b'')\n"
    before = time.process_time()
    assert "hash-algorithm" in [one.rule for one in scan_file(code.encode(), "a.py", load()).observations]
    assert time.process_time() - before < 4


def test_the_pinned_grammar_understands_our_own_code() -> None:
    sources = [path for part in ("services", "shared") for path in (ROOT / part).rglob("*.py")]
    assert len(sources) > 300
    misread = []
    for path in sources:
        tree = grammar("python").parse(path.read_bytes())
        if tree is None or tree.root_node.has_error:
            misread.append(path.name)
    assert misread == []
