"""Comments to the linter, in any language's way to comment, and never in a string."""

import pytest

from stemedb_analysis.scan.notes import notes

LANGUAGES = {
    "python": "{} # {}\n",
    "javascript": "{} // {}\n",
    "typescript": "{} /* {} */\n",
    "go": "{} // {}\n",
    "java": "{} /* {} */\n",
    "rust": "{} // {}\n",
    "yaml": "{} # {}\n",
    "toml": "{} # {}\n",
}


def found(text, language="python"):
    return [
        (note.kind, note.argument, note.text, note.line, note.about)
        for note in notes(text.encode(), language)
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_comment_behind_code_is_about_its_line(language):
    code = {
        "yaml": "a: 1",
        "toml": "a = 1",
        "go": "var a = 1",
        "java": "int a = 1;",
        "rust": "const A: u8 = 1;",
    }
    text = LANGUAGES[language].format(code.get(language, "a = 1"), "stemedb:ignore[some-rule] because")
    assert found(text, language) == [("ignore", "some-rule", "because", 1, 1)]


@pytest.mark.parametrize(
    ("language", "mark"),
    [("ini", "#"), ("ini", ";"), ("properties", "!"), ("env", "#"), ("dockerfile", "#"), ("nginx", "#")],
)
def test_formats_without_a_grammar_have_comments_too(language, mark):
    assert found(f"{mark} stemedb:ignore[r] why\nuser root\n", language) == [("ignore", "r", "why", 1, 2)]


@pytest.mark.parametrize("mark", ["\f", "\v", "\x1c", "\x85", "\u2028", "\u2029", "\r"])
@pytest.mark.parametrize("language", ["env", "ini", "nginx", "python"])
def test_only_a_line_feed_ends_a_line(language, mark):
    before = f"# one{mark}two\n" if mark != "\r" else "# one\r\n"
    assert found(f"{before}# stemedb:ignore[r] why\na=1\n", language) == [("ignore", "r", "why", 2, 3)]


def test_a_comment_alone_is_about_the_next_line_with_code():
    text = "a = 1\n# stemedb:ignore[r] why\n\n# another comment\nb = 2\n"
    assert found(text) == [("ignore", "r", "why", 2, 5)]


def test_a_comment_at_the_end_is_about_itself():
    assert found("a = 1\n# stemedb:ignore[r] why\n") == [("ignore", "r", "why", 2, 2)]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ('a = "# stemedb:ignore[r] why"\n', "python"),
        ('"""\n# stemedb:ignore[r] why\n"""\n', "python"),
        ("const a = `\n// stemedb:ignore[r] why\n`;\n", "javascript"),
        ('a: "# stemedb:ignore[r] why"\n', "yaml"),
        ('key = "a # stemedb:ignore[r] why"\n', "ini"),
        ("RUN echo '# stemedb:ignore[r] why'\n", "dockerfile"),
        ('{"a": "// stemedb:ignore[r] why"}', "json"),
    ],
)
def test_a_string_says_nothing(text, language):
    assert found(text, language) == []


def test_a_block_may_hold_one_on_any_of_its_lines():
    text = "/*\n * text\n * stemedb:ignore[r] why */\nint a;\n"
    assert found(text, "java") == [("ignore", "r", "why", 3, 4)]


def test_claims_have_a_category():
    assert found("# @stemedb:claim[safety] never twice\n") == [("claim", "safety", "never twice", 1, 1)]


def test_brackets_that_are_missing_or_empty_are_told_apart():
    (without,) = notes(b"# stemedb:ignore why\n", "python")
    (empty,) = notes(b"# stemedb:ignore[] why\n", "python")
    assert (without.bracketed, empty.bracketed) == (False, True)


@pytest.mark.parametrize(
    "written",
    [
        "stemedb: ignore[r] why",
        "stemedb :ignore[r] why",
        "STEMEDB:IGNORE[r] why",
        "StemeDB: Ignore why",
        "@stemedb:ignore[r] why",
        "stemedb-ignore[r] why",
        "stemedb ignore [r] why",
        "stemedb.ignore(r) why",
        "stemedb:ignore(r) why",
        "stemedb:ignore [r] why",
        "stemedb:ignore-next-line[r] why",
    ],
)
def test_what_is_meant_to_be_a_suppression_and_spelt_otherwise_is_told_to_be(written):
    (note,) = notes(f"a = 1  # {written}\n".encode(), "python")
    assert (note.kind, note.is_exact, note.line, note.about) == ("ignore", False, 1, 1)


def test_where_the_comment_stands_and_what_the_file_has_there():
    (note,) = notes("\ufeffä = 1  # stemedb:ignore[r] why  \r\n".encode(), "python")
    assert (note.column, note.written) == (8, "# stemedb:ignore[r] why")
    (note,) = notes(b"/* x\n   * stemedb:ignore why */\nint a;\n", "java")
    assert (note.line, note.column, note.written) == (2, 4, "* stemedb:ignore why */")


@pytest.mark.parametrize(
    "text",
    [
        "# xstemedb:ignore[r]", "# stemedb:ignored[r]", "# nothing", "# stemedb ignores what it cannot read", "# see stemedb, ignore the rest",
        "# how stemedb-ignore works", "# stemedb ignore",
    ],
)  # fmt: skip
def test_other_words_are_no_notes(text):
    assert found(text + "\n") == []


def test_broken_syntax_and_bad_bytes_are_survived():
    assert notes(b"def (:\n# stemedb:ignore[r] \xff why\n", "python")[0].argument == "r"
    assert notes(b"stemedb:ignore \xff", "cobol") == ()


@pytest.mark.parametrize(
    ("language", "line"),
    [
        ("ruby", "a = 1 # {}"), ("csharp", "var a = 1; // {}"), ("sql", "select 1 -- {}"), ("xml", "<a/> <!-- {} -->"), ("clojure", "(def a 1) ; {}"),
        ("erlang", "a() -> 1. % {}"), ("powershell", "$a = 1 <# {} #>"), ("c", "int a; /* {} */"),
    ],
)  # fmt: skip
def test_languages_that_nobody_parses_have_comments_too(language, line):
    assert found(line.format("stemedb:ignore[r] why"), language) == [("ignore", "r", "why", 1, 1)]


def test_a_comment_alone_is_about_the_next_line_in_text_too():
    text = "<a>\n<!-- stemedb:ignore[r] why\n and so on -->\n\n<b/>\n"
    assert found(text, "xml") == [("ignore", "r", "why", 2, 5)]
    assert found("# stemedb:ignore[r] why\na = '# stemedb:ignore[s] no'\n", "ruby") == [
        ("ignore", "r", "why", 1, 2)
    ]
