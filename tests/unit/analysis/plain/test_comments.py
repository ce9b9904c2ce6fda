"""What is a comment, and what only looks like one."""

import pytest

from stemedb_analysis.plain.comments import comments


def found(text: str, language: str) -> list[str]:
    data = text.encode()
    return [data[start:end].decode() for start, end in comments(data, language)]


@pytest.mark.parametrize(
    ("language", "text", "wanted"),
    [
        ("csharp", 'x = "a // b"; // c\n/* d\ne */ f', ["// c", "/* d\ne */"]),
        ("kotlin", 'val a = """// b""" // c', ["// c"]),
        ("php", "$a = '#1'; # b\n// c", ["# b", "// c"]),
        ("shell", "echo '#a' \"#b\" $# a#b # c", ["# c"]),
        ("ruby", "a = '#' # b\n=begin\nc\n=end\nd", ["# b", "=begin\nc\n=end"]),
        ("perl", "my $a = '#'; # b\n=pod\nc\n=cut\nd", ["# b", "=pod\nc\n=cut"]),
        ("powershell", '$a = "#" # b\n<# c #> d', ["# b", "<# c #>"]),
        ("sql", "select '--' -- a\n/* b */", ["-- a", "/* b */"]),
        ("lua", "a = '--' --[[ b\nc ]] d -- e", ["--[[ b\nc ]]", "-- e"]),
        ("hcl", 'a = "#" # b\n// c\n/* d */', ["# b", "// c", "/* d */"]),
        ("batch", "rem a\n@REM b\n:: c\nset d=rem e", ["rem a", "@REM b", ":: c"]),
        ("xml", "<a><!-- b --></a>", ["<!-- b -->"]),
        ("html", "it's <!-- a\nb --> c", ["<!-- a\nb -->"]),
        ("clojure", '(def a ";") ; b', ["; b"]),
        ("erlang", 'a() -> "%". % b', ["% b"]),
        ("visualbasic", "a = \"'\" ' b", ["' b"]),
        ("haskell", 'a = "--" -- b\n{- c -}', ["-- b", "{- c -}"]),
        ("swift", 'let a = "http://b" // c', ["// c"]),
        ("tfstate", '{"a": "# b"}', []),
    ],
)
def test_comments_of_a_language(language, text, wanted):
    assert found(text, language) == wanted


@pytest.mark.parametrize(("language", "text"), [("c", "/* a"), ("xml", "<!-- a"), ("ruby", "=begin\na"), ("lua", "--[[ a"), ("powershell", "<# a")])  # fmt: skip
def test_what_is_never_closed_ends_with_the_file(language, text):
    assert found(text, language) == [text]


def test_a_string_that_is_never_closed_ends_with_its_line():
    assert found("a = 'b // c\nd // e", "csharp") == ["// e"]
