"""What language a file is in: by its name, else by its first line.

Code is told by its extension or its shebang; the formats of configuration are those of `settings.kinds`; what else is text is read for its secrets, in a
language of `plain.languages`. `may_be_known` answers by the name alone, before a file is read: much of what lies around in a project is none of these.
"""

import re
from typing import Final

from stemedb_analysis.plain.languages import plain_language
from stemedb_analysis.settings.kinds import HEAD_BYTES, format_of

_CODE: Final = {
    ".py": "python", ".pyw": "python", ".js": "javascript", ".mjs": "javascript", ".cjs": "javascript",
    ".jsx": "javascript", ".ts": "typescript", ".tsx": "typescript", ".mts": "typescript", ".cts": "typescript", ".go": "go",
    ".java": "java", ".rs": "rust",
}  # fmt: skip
_DECLARATIONS: Final = (".d.ts", ".d.mts", ".d.cts", ".pyi")
"""Types without anything that runs."""
_BY_CONTENT: Final = frozenset({"", ".conf", ".cfg", ".template", ".tmpl", ".j2"})
"""Extensions, and the lack of one, that leave it to the content."""
_SHEBANG: Final = re.compile(rb"#![^\n]*\b(python|pypy|node|nodejs|deno|bun|ts-node|tsx)[\d.]*(?=[\s\n]|$)")
_INTERPRETERS: Final = {
    b"python": "python",
    b"pypy": "python",
    b"ts-node": "typescript",
    b"tsx": "typescript",
    b"deno": "typescript",
}

_TEST: Final = re.compile(
    r"(?:^|/)(?:tests?|testing|testdata|test-data|test[-_]?(?:certs?|keys?|files?|resources)|testcases?|testlib|testsuites?|integration-tests?|itests?|unittests?|_?testbase|(?!latest|attest|contest|protest|fastest|detest)[a-z]+tests?|__tests__|__mocks__|specs?|fixtures?|e2e|mocks?|testutils?|test_[^/]*|[^/]*[-_]tests?|(?:[^/]*[-_])?test[-_]?(?:e2e|support|servers?|proxy|clients?|kit|harness|helpers?|framework)|[^/]*\.junit(?:\.[^/]*)?|src/test)/"
    r"|(?:^|/)(?:fakes?|emulators?|benches|benchmarks|micro-?bench(?:marks?)?|jmh|fuzz(?:er|ers|ing|_targets)?|mock-?web-?server|[^/]*[-_.]it|src/it)/"
    r"|^(?:(?!src/|java/|app/|com/|org/)[^/]+/)*(?:src/)?(?:[a-z\d]*examples?|tutorials?)/"
    r"|(?:^|/)[^/]+[-_]examples?/(?:[^/]+/)*src/|(?<!com/)(?<!org/)(?<![^/])examples/(?:[^/]+/)*[^/]+\.java$|(?:^|/)integration(?:-cli)?/(?:[^/]+/)*[^/]+\.go$"
    r"|(?:^|/)(?:test_[^/]*\.py|[^/]*_tests?\.(?:py|go|rs)|[^/]*_test_[^/]*\.go|conftest\.py|[^/]*_test_?data\.(?:py|go|rs)|test(?!imon|ament)[a-z]+/[^/]+\.go|_?test(?:base|utils?|case|ing|lib)\.(?:py|go)|[^/]*\.(?:test|spec|e2e|stories|tst|test-d)\.[cm]?[jt]sx?|[^/]*\.examples\.(?:json|ya?ml)|(?:^|/)docs?/[^/]*[-_]examples?\.\w+|[^/]*[_.]example\.(?:py|[cm]?[jt]s)"
    r"|[^/]*(?:Test|Tests|TestCase|IT|Spec)\.java|Test[A-Z][^/]*\.java|tests?\.(?:py|rs)"
    r"|[^/]*_(?:spec|test)\.(?:rb|exs?|cr|dart|lua|php|cpp|cc)|[^/]*(?:Test|Tests|TestCase|Spec|IT)\.(?:php|cs|kt|scala|groovy|swift|m|mm|vb|fs)|[^/]*\.(?:bats|t)|[^/]*\.[Tt]ests?\.ps1)$"
)


def may_be_known(file: str) -> bool:
    """Whether a file of this name may be in a language that is read."""
    name = file.rpartition("/")[2].lower()
    suffix = name[name.rindex(".") :] if "." in name[1:] else ""
    if suffix in _CODE:
        return not name.endswith(_DECLARATIONS)
    return (
        bool(format_of(file))
        or (suffix in _BY_CONTENT and not name.startswith("."))
        or bool(plain_language(file))
    )


def language_of(file: str, data: bytes) -> str:
    """Return the language or format of a file; empty if it is none that is read."""
    name = file.rpartition("/")[2].lower()
    suffix = name[name.rindex(".") :] if "." in name[1:] else ""
    if suffix in _CODE:
        return "" if name.endswith(_DECLARATIONS) else _CODE[suffix]
    if suffix == "" and (shebang := _SHEBANG.match(data[:HEAD_BYTES])):
        return _INTERPRETERS.get(shebang[1], "javascript")
    return format_of(file, data[:HEAD_BYTES]) or plain_language(file, data[:HEAD_BYTES])


def is_test(file: str) -> bool:
    """Whether a file is there to test something, by the conventions of its language: what it does happens on purpose and nowhere else."""
    return _TEST.search(file) is not None


_TEST_MODULE: Final = re.compile(
    rb"^#\[cfg\(test\)\]\s*\n(?:#\[[^\n]*\n)*(?:pub(?:\([a-z]+\))?\s+)?mod\s+\w+\s*\{", re.MULTILINE
)
_MODULE_END: Final = re.compile(rb"^\}", re.MULTILINE)


def test_lines(data: bytes, language: str) -> list[range]:
    """Return the lines that test something in a file that does other things too: the modules of Rust that are built for tests alone. O(bytes)."""
    if language != "rust" or b"#[cfg(test)]" not in data:
        return []
    found = []
    for match in _TEST_MODULE.finditer(data):
        end = _MODULE_END.search(data, match.end())
        last = end.end() if end is not None else len(data)
        found.append(range(data.count(b"\n", 0, match.start()) + 1, data.count(b"\n", 0, last) + 2))
    return found
