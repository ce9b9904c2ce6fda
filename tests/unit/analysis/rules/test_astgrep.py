import pytest

from stemedb.errors import InvalidInput
from stemedb_analysis.facts.extract import extract
from stemedb_analysis.facts.model import Interest
from stemedb_analysis.registry import shipped
from stemedb_analysis.rules import FileInfo, load
from stemedb_analysis.rules.astgrep import parse_astgrep
from stemedb_analysis.source import Source

NOTHING = Interest(frozenset(), frozenset(), frozenset())
GOOD = {
    "id": "no-print",
    "language": "python",
    "rule": {"pattern": "print($A)"},
    "metadata": {"observes": "log/secrets present", "value": True, "examples": ["print(a)"]},
}


def parse(*examples, **fields):
    metadata = GOOD["metadata"] | fields.pop("metadata", {}) | ({"examples": [*examples]} if examples else {})
    return parse_astgrep(GOOD | fields | {"metadata": metadata}, "own.yaml", shipped())


def test_a_projects_rule_is_run_and_placed_in_characters(tmp_path):
    folder = tmp_path / ".stemedb/rules"
    folder.mkdir(parents=True)
    folder.joinpath("own.yaml").write_text(
        "id: no-print\nlanguage: python\nrule: {pattern: print($A)}\nmetadata: {observes: log/secrets present, value: true, examples: ['print(1)']}\n"
    )
    ruleset = load(tmp_path)
    source = Source("# print(1)\né = 1; print(é)\n".encode(), "a.py")
    seen = ruleset.observe(extract(source, "python", NOTHING), source, FileInfo("a.py", "python"))
    assert [(one.rule, one.value, one.span.line, one.span.column, one.text) for one in seen] == [
        ("no-print", True, 2, 8, "print(é)")
    ]
    assert ruleset.rules["no-print"].path == "log/secrets"


def test_a_file_without_the_literals_is_not_parsed():
    assert parse().screens == (b"print",)
    assert parse(rule={"any": [{"pattern": "print($A)"}, {"pattern": "log.info($A)"}]}).screens == (
        b"info",
        b"print",
    )
    assert parse(rule={"any": [{"pattern": "print($A)"}, {"kind": "call"}]}).screens == ()
    assert parse(rule={"all": [{"kind": "call"}, {"pattern": "print($$$)"}]}).screens == (b"print",)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"rule": {"pattern": "def ("}}, "no python by itself"),
        ({"rule": {"any": []}}, "matches nothing"),
        ({"rule": {"kind": "nonsense"}}, "Kind `nonsense` is invalid"),
        (
            {"rule": {"pattern": "eval($X)", "inside": {"kind": "identifier", "stopBy": "end"}}},
            "inside: python has nothing inside of any identifier",
        ),
        ({"rule": {"not": {"inside": {"any": [{"kind": "integer"}, {"kind": "comment"}]}}}}, "any comment"),
        ({"rule": {"kind": "identifier", "has": {"kind": "call"}}}, "has: python has nothing inside"),
        (
            {"rule": {"all": [{"kind": "true"}, {"regex": "t"}], "has": {"kind": "call"}}},
            "inside of any true",
        ),
        ({"rule": {"patern": "x"}}, "unknown field `patern`"),
        ({"rule": {"has": {"kind": "identifier", "field": "nope"}}}, "invalid field nope"),
        ({"rule": {"not": {"any": []}}}, "matches nothing"),
        ({"rule": {"regex": "("}}, "invalid regex"),
        ({"rule": {"matches": "other"}}, "other"),
        ({"constraints": {"B": {"regex": "x"}}}, "Undefined meta var `B`"),
        ({"rules": {}}, "got the key 'rules', want rule"),
        ({"fix": "x"}, "never rewrite"),
        ({"language": "cobol"}, "got 'cobol'"),
        ({"metadata": {"observes": "log/secret present"}}, "the nearest: log/secrets present"),
        ({"metadata": {"value": 1}}, "want a boolean"),
        ({"metadata": {"confidence": 2}}, "want a number"),
        ({"metadata": {"examples": []}}, "examples: want a list of at least one piece of code"),
        ({"metadata": {"examples": "print(a)"}}, "want a list"),
        ({"metadata": {"examples": [1]}}, "want a list"),
        ({"metadata": {"examples": ["x"] * 101}}, "at most 100"),
        (
            {"metadata": {"examples": ["print(a)", "log(a)"]}},
            "number 2, 'log.a.', is not matched by the rule",
        ),
        (
            {"metadata": {"near_misses": ["# print(a)", "print(b)"]}},
            "number 2, 'print.b.', is matched by the rule",
        ),
        ({"rule": {"all": [{"kind": "call"}, {"kind": "string"}]}}, "is not matched by the rule"),
        ({"rule": {"pattern": "print($A)", "nthChild": 0}}, "print|nthChild"),
        ({"rule": {"pattern": "print($A)", "regex": "^log"}}, "is not matched by the rule"),
    ],
)
def test_what_would_never_match_is_refused(fields, message):
    with pytest.raises(InvalidInput, match=message):
        parse(**fields)


@pytest.mark.parametrize(
    ("language", "pattern", "example"),
    [
        (
            "go",
            {"context": "func f() { exec.Command($$$) }", "selector": "call_expression"},
            'package a\nfunc f() { exec.Command("ls", x) }',
        ),
        ("java", "$X.exec($A)", "class A { void f() { r.exec(x); } }"),
        ("rust", "Command::new($A)", "fn f() { Command::new(x); }"),
        ("typescript", "eval($A)", "eval(x)"),
    ],
)
def test_fragments_are_patterns_in_every_language(language, pattern, example):
    assert parse(example, language=language, rule={"pattern": pattern}).language == language


@pytest.mark.parametrize(
    ("language", "leaf", "other"),
    [
        ("python", "integer", "string"),
        ("javascript", "property_identifier", "template_string"),
        ("typescript", "type_identifier", "call_expression"),
        ("go", "int_literal", "interpreted_string_literal"),
        ("java", "decimal_integer_literal", "string_literal"),
        ("rust", "self", "string_literal"),
    ],
)
def test_the_grammar_tells_which_kinds_have_nothing_inside(language, leaf, other):
    inside = {"pattern": "f($A)", "inside": {"kind": other}}
    with pytest.raises(
        InvalidInput, match="is not matched by the rule"
    ):  # so the grammar has nothing against it
        parse(language=language, rule=inside)
    with pytest.raises(InvalidInput, match=f"inside of any {leaf}"):
        parse(language=language, rule=inside | {"inside": {"kind": leaf}})


def test_a_call_alone_is_a_conversion_to_go():
    """The engine takes the pattern and never matches it: an example tells."""
    with pytest.raises(InvalidInput, match="is not matched by the rule"):
        parse(
            'package a\nfunc f() { exec.Command("ls") }', language="go", rule={"pattern": "exec.Command($$$)"}
        )


def test_one_of_several_kinds_with_something_inside_is_enough():
    either = {"any": [{"kind": "identifier"}, {"kind": "call"}]}
    assert parse("f(f(1))", rule={"pattern": "f($A)", "inside": either | {"stopBy": "end"}})
    assert parse(
        "x = f(1)", rule={"pattern": "f($A)", "inside": {"any": [{"kind": "identifier"}, {"regex": "x"}]}}
    )
