"""The join: observations meet the authorities on the same tail path and predicate.

::

    observation ──┐  tail path (aliases resolved), predicate
                  ├────────────────────────────────────────▶ opinions ─▶ strongest contradiction ─▶ verdict
    authorities ──┘  comparison by the registry's type

Invariants

1. Findings come in the order of their observations, whatever the order of the authorities.
2. Whoever agrees never outvotes whoever contradicts: a team may demand more than a standard, and both are shown.
3. Everything that took no part is counted: observations that met no authority, authorities that met no observation.
4. `findings` is what people and programs are told, by the command line and by the service: of two claims that one place makes it reports one.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence

from stemedb_analysis.judge.coverage import Coverage
from stemedb_analysis.judge.implied import without_implied
from stemedb_analysis.judge.score import DEFAULT_THRESHOLDS, Thresholds, score, verdict
from stemedb_analysis.model import Authority, Finding, Observation, Opinion
from stemedb_analysis.registry import Registry, holds


class Judge:
    """Authorities, indexed. Build one for a set of authorities; judging keeps no state in it."""

    def __init__(
        self,
        registry: Registry,
        authorities: Iterable[Authority],
        *,
        aliases: Mapping[str, str] | None = None,
        thresholds: Thresholds = DEFAULT_THRESHOLDS,
        may_block: Callable[[str], bool] = lambda rule: True,  # noqa: ARG005 - the default trusts every rule
    ) -> None:
        """`aliases` maps a tail path to the one in the registry that it means; `may_block` tells of a rule's id whether its precision suffices."""
        self._registry = registry
        self._aliases = dict(aliases or {})
        self._thresholds = thresholds
        self._may_block = may_block
        self._by_key: dict[tuple[str, str], list[Authority]] = {}
        for authority in authorities:
            self._by_key.setdefault((self._resolve(authority.path), authority.predicate), []).append(
                authority
            )

    @property
    def authorities(self) -> list[Authority]:
        """All of them, by path, predicate, tier and id."""
        return sorted(
            (one for group in self._by_key.values() for one in group),
            key=lambda one: (one.path, one.predicate, one.tier, one.id),
        )

    def findings(self, observations: Sequence[Observation]) -> list[Finding]:
        """Return one finding for each observation of a project, in their order; what a narrower one says at its place passes."""
        return without_implied(self.judge(observations))

    def judge(self, observations: Sequence[Observation]) -> list[Finding]:
        """Return one finding for each observation, in their order, each judged as if it were alone."""
        return [self._finding(observation) for observation in observations]

    def coverage(
        self, observations: Iterable[Observation], observable: Iterable[tuple[str, str]]
    ) -> Coverage:
        """Return what met and what did not; `observable` are the (path, predicate) pairs that some rule can observe."""
        return Coverage.of(
            self._registry,
            self.authorities,
            {(self._resolve(one.path), one.predicate) for one in observations},
            {(self._resolve(path), predicate) for path, predicate in observable},
        )

    def _resolve(self, path: str) -> str:
        return self._aliases.get(path, path)

    def _finding(self, observation: Observation) -> Finding:
        path = self._resolve(observation.path)
        opinions = [
            self._opinion(authority, observation)
            for authority in self._by_key.get((path, observation.predicate), ())
            if authority.speaks_of(observation.language)
        ]
        opinions.sort(
            key=lambda one: (one.agrees, not one.speaks, -one.score, one.authority.tier, one.authority.id)
        )
        weight = max((one.score for one in opinions if not one.agrees), default=0.0)
        concept = self._registry.get((path, observation.predicate))
        is_unproven = concept is not None and concept.kind == "injection" and not observation.hops
        may_block = not is_unproven and self._may_block(observation.rule)
        return Finding(
            observation, verdict(weight, self._thresholds, may_block=may_block), weight, tuple(opinions)
        )

    def _opinion(self, authority: Authority, observation: Observation) -> Opinion:
        agrees = holds(authority.comparison, authority.value, observation.value)  # type: ignore[arg-type]  # checked when it was loaded
        weight = score(authority.tier, authority.confidence, authority.lifecycle, observation.confidence)
        return Opinion(authority, agrees, weight, speaks=not (agrees and authority.comparison == "none_of"))
