"""All rules together: what they ask of the extractors, and what they see in a file.

A `RuleSet` is immutable, and indexes the rules of a language when it first meets it. It also carries the flow rules and the project's
ast-grep rules, if there are any, so that one call tells all that rules have to say of a file.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from stemedb_analysis.facts.model import LANGUAGES, Facts, Interest
from stemedb_analysis.flow.load import tongue
from stemedb_analysis.flow.observe import FlowRules
from stemedb_analysis.model import Observation, Span, Typed
from stemedb_analysis.rules.imports import FILE as IMPORTS
from stemedb_analysis.rules.imports import ImportRules
from stemedb_analysis.rules.match import LanguageRules
from stemedb_analysis.rules.model import FileInfo, Rule
from stemedb_analysis.rules.words import Words
from stemedb_analysis.source import Source
from stemedb_analysis.vocabulary import Vocabulary

if TYPE_CHECKING:
    from stemedb_analysis.rules.astgrep import AstGrepRule, AstGrepRules

TEXT_BYTES_MIN: Final = 4
"""Of string literals that are looked at: there are passwords of four letters."""


class RuleSet:
    """Rules, ready to be asked."""

    def __init__(
        self,
        rules: Iterable[Rule],
        words: Words,
        astgrep: Sequence["AstGrepRule"] = (),
        imports: Collection[str] = (),
    ) -> None:
        """`imports` are the modules that policies speak of."""
        self._imports = ImportRules(imports)
        self._rules = {
            rule.id: rule for rule in (*rules, *(one.rule for one in astgrep), *self._imports.rules)
        }
        self._astgrep = _engine(astgrep)
        self._words = words
        self._by_language: dict[str, LanguageRules] = {}
        self._flow_by_language: dict[str, FlowRules] = {}
        self._interest: Interest | None = None

    @property
    def rules(self) -> Mapping[str, Rule]:
        """The rules by id."""
        return MappingProxyType(self._rules)

    @property
    def observable(self) -> set[tuple[str, str]]:
        """The (path, predicate) pairs that some rule can observe."""
        return {(rule.path, rule.predicate) for rule in self._rules.values()}

    def only(self, rule: Rule) -> "RuleSet":
        """Return one of the rules alone, so that none of the others says the same at the same place."""
        return RuleSet([rule], self._words)

    def looking_for(self, imports: Collection[str]) -> "RuleSet":
        """Return the same rules, and what policies on `imports` look for; what the rules have compiled is shared."""
        others = [rule for rule in self._rules.values() if rule.file != IMPORTS]
        made = RuleSet(others, self._words, imports=imports)
        made._astgrep = self._astgrep
        made._by_language, made._flow_by_language = self._by_language, self._flow_by_language
        return made

    @property
    def interest(self) -> Interest:
        """What the rules for code ask about, so that extractors leave the rest alone."""
        if self._interest is None:
            each = [self._language(language).asked_of(None) for language in LANGUAGES]
            self._interest = Interest(
                calls=frozenset().union(
                    *(one.calls for one in each), *(self._flow(one).around for one in LANGUAGES)
                ),
                keys=frozenset().union(*(one.keys for one in each)),
                sinks=frozenset().union(*(self._flow(language).sinks for language in LANGUAGES)),
                text_bytes_min=TEXT_BYTES_MIN,
            )
        return self._interest

    def interest_in(self, language: str, vocabulary: Vocabulary) -> Interest:
        """Return what the rules ask about a file of code in `language` of these words: less work than `interest`, the same observations."""
        asked = self._language(language).asked_of(vocabulary)
        rules = self._flow(language)
        flow = rules.asked_of(vocabulary)
        own = self._language(language).speaks_of_call
        return Interest(
            asked.calls | rules.around if flow.follow else asked.calls,
            asked.keys,
            flow.sinks,
            TEXT_BYTES_MIN,
            flow.input,
            flow.given,
            flow.returning,
            flow.sure_sinks,
            follow=flow.follow,
            is_called=(lambda name: own(name) or rules.wants_call(name)) if rules.around else own,
            is_sink=self._flow(language).speaks_of_call,
            texts=asked.texts,
            declarations=asked.declarations or self._imports.may_be_in(vocabulary),
        )

    def observe(self, facts: Facts, source: Source, file: FileInfo) -> list[Observation]:
        """Return what the rules see, by place; the same for the same input."""
        seen = self._language(file.language).observe(facts, source, file, self._words)
        flow = self._flow(file.language)
        more = flow.observe(facts, source, file) if facts.bodies and not flow.is_empty else []
        more += self._imports.observe(facts, source, file)
        if self._astgrep is not None:
            more += self._astgrep.observe(source, file)
        return _together(seen, more) if more else seen

    def _flow(self, language: str) -> FlowRules:
        found = self._flow_by_language.get(language)
        if found is None:
            found = FlowRules(self._rules.values(), language, tongue(language))
            self._flow_by_language[language] = found
        return found

    def _language(self, language: str) -> LanguageRules:
        found = self._by_language.get(language)
        if found is None:
            rules = (rule for rule in self._rules.values() if rule.file != IMPORTS)
            found = self._by_language[language] = LanguageRules(rules, language)
        return found


def _engine(rules: Sequence["AstGrepRule"]) -> "AstGrepRules | None":
    """The engine is loaded only for projects that have rules for it."""
    if not rules:
        return None
    from stemedb_analysis.rules.astgrep import AstGrepRules  # noqa: PLC0415 - as the docstring says

    return AstGrepRules(rules)


def _together(seen: list[Observation], flown: list[Observation]) -> list[Observation]:
    """Return both, by place; of one claim at one place, the one that shows how input gets there."""
    best: dict[tuple[Span, str, str, Typed], Observation] = {}
    for one in [*seen, *flown]:
        key = (one.span, one.path, one.predicate, one.value)
        kept = best.get(key)
        if kept is None or (bool(one.hops), one.confidence) > (bool(kept.hops), kept.confidence):
            best[key] = one
    return sorted(best.values(), key=lambda one: (one.span, one.path, one.predicate, one.rule))
