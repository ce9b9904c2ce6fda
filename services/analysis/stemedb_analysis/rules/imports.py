"""What looks for the modules that policies speak of: a rule for each, made from its name. See `judge.imports`."""

import re
from collections.abc import Collection
from typing import Final

from stemedb_analysis.facts.model import LANGUAGES, Facts
from stemedb_analysis.judge.imports import PREDICATE, PREFIX, rule_of
from stemedb_analysis.judge.measure import EXACT
from stemedb_analysis.model import Observation
from stemedb_analysis.rules.model import LITERAL, TEST_FACTOR, FileInfo, Read, Row, Rule
from stemedb_analysis.source import Source
from stemedb_analysis.vocabulary import Vocabulary

FILE: Final = "imports"

_ROW: Final = Row("import", ("*",), LANGUAGES, Read(None, "", (), False, 1.0, True, None, None), LITERAL)


class ImportRules:
    """The modules that somebody speaks of."""

    def __init__(self, names: Collection[str]) -> None:
        """`names` are modules as the registry's paths name them."""
        self._rules = {name: _rule(name) for name in sorted(names)}
        self._words = [re.findall(rb"[a-z0-9_]+", name.encode()) for name in self._rules]

    @property
    def rules(self) -> list[Rule]:
        """A rule for each of them, exact by what it is: an import is read and not guessed."""
        return list(self._rules.values())

    def may_be_in(self, vocabulary: Vocabulary) -> bool:
        """Return whether a file of these words could import one of them."""
        return any(all(word in vocabulary.low for word in words) for words in self._words)

    def observe(self, facts: Facts, source: Source, file: FileInfo) -> list[Observation]:
        """Return where the file imports one of them. O(imports × modules)."""
        found: list[Observation] = []
        for one in facts.imports if self._rules else ():
            written = module_of(one.name)
            for name, rule in self._rules.items():
                if written == name or written.startswith((f"{name}.", f"{name}/")):
                    found.append(
                        Observation(
                            rule.path, PREDICATE, True, file.file, source.span(one.start, one.end), source.excerpt(one.start, one.end),
                            LITERAL * (TEST_FACTOR if file.in_test else 1.0), rule.id, file.language,
                            source.statement(one.start, one.end), file.in_test,
                        )
                    )  # fmt: skip
        return found


def module_of(written: str) -> str:
    """Return how the registry names what an import names."""
    return written.lower().removeprefix("node:").removeprefix("@").replace("::", ".")


def _rule(name: str) -> Rule:
    return Rule(
        rule_of(name),
        f"{name} is imported where policies allow it, or require it",
        "A policy forbids or requires the module. It says why.",
        f"{PREFIX}{name}", PREDICATE, (_ROW,), LITERAL, ("imports",), None, FILE, measured=EXACT,
    )  # fmt: skip
