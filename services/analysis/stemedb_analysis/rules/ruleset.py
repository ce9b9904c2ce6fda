"""All rules together: what they ask of the extractors, and what they see in a file.

A `RuleSet` is immutable, and indexes the rules of a language when it first meets it. It also carries the flow rules and the project's
ast-grep rules, if there are any, so that one call tells all that rules have to say of a file.
"""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from stemedb_analysis.facts.model import LANGUAGES, Facts, Interest
from stemedb_analysis.model import Observation
from stemedb_analysis.rules.match import LanguageRules
from stemedb_analysis.rules.model import FileInfo, Rule
from stemedb_analysis.rules.words import Words
from stemedb_analysis.source import Source


class RuleSet:
    """Rules, ready to be asked."""

    def __init__(self, rules: Iterable[Rule], words: Words) -> None:
        self._rules = {rule.id: rule for rule in rules}
        self._words = words
        self._by_language: dict[str, LanguageRules] = {}
        self._interest: Interest | None = None

    @property
    def rules(self) -> Mapping[str, Rule]:
        """The rules by id."""
        return MappingProxyType(self._rules)

    @property
    def observable(self) -> set[tuple[str, str]]:
        """The (path, predicate) pairs that some rule can observe."""
        return {(rule.path, rule.predicate) for rule in self._rules.values()}

    @property
    def interest(self) -> Interest:
        """What the rules for code ask about, so that extractors leave the rest alone."""
        if self._interest is None:
            each = [self._language(language) for language in LANGUAGES]
            self._interest = Interest(
                calls=frozenset().union(*(one.asked_calls for one in each)),
                keys=frozenset().union(*(one.asked_keys for one in each)),
                sinks=frozenset(),
            )
        return self._interest

    def observe(self, facts: Facts, source: Source, file: FileInfo) -> list[Observation]:
        """Return what the rules see, by place; the same for the same input."""
        return self._language(file.language).observe(facts, source, file, self._words)

    def _language(self, language: str) -> LanguageRules:
        found = self._by_language.get(language)
        if found is None:
            found = self._by_language[language] = LanguageRules(self._rules.values(), language)
        return found
