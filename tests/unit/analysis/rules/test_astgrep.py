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
    "metadata": {"observes": "log/secrets present", "value": True},
}


def parse(**fields):
    return parse_astgrep(GOOD | fields, "own.yaml", shipped())


def test_a_projects_rule_is_run_and_placed_in_characters(tmp_path):
    folder = tmp_path / ".stemedb/rules"
    folder.mkdir(parents=True)
    folder.joinpath("own.yaml").write_text(
        "id: no-print\nlanguage: python\nrule: {pattern: print($A)}\nmetadata: {observes: log/secrets present, value: true}\n"
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
        ({"metadata": {"observes": "log/secret present", "value": True}}, "the nearest: log/secrets present"),
        ({"metadata": {"observes": "log/secrets present", "value": 1}}, "want a boolean"),
        ({"metadata": {"observes": "log/secrets present", "value": True, "confidence": 2}}, "want a number"),
    ],
)
def test_what_would_never_match_is_refused(fields, message):
    with pytest.raises(InvalidInput, match=message):
        parse(**fields)


@pytest.mark.parametrize(
    ("language", "pattern"),
    [
        ("go", "exec.Command($$$)"),
        ("java", "$X.exec($A)"),
        ("rust", "Command::new($A)"),
        ("typescript", "eval($A)"),
    ],
)
def test_fragments_are_patterns_in_every_language(language, pattern):
    assert parse(language=language, rule={"pattern": pattern}).language == language


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
    assert parse(language=language, rule=inside)
    with pytest.raises(InvalidInput, match=f"inside of any {leaf}"):
        parse(language=language, rule=inside | {"inside": {"kind": leaf}})


def test_one_of_several_kinds_with_something_inside_is_enough():
    either = {"any": [{"kind": "identifier"}, {"kind": "call"}]}
    assert parse(rule={"pattern": "f($A)", "inside": either})
    assert parse(rule={"pattern": "f($A)", "inside": {"any": [{"kind": "identifier"}, {"regex": "x"}]}})
