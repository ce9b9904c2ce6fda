"""No silent zero: what took no part in the join, and what it may have meant.

| counted | means |
|---|---|
| met | an observation and an authority spoke of the same thing |
| unjudged | observed, and no authority speaks of it |
| unobserved | an authority that rules can observe, and this code says nothing about |
| unobservable | an authority that no rule can observe |
| unknown | an authority or alias whose path is not in the registry at all, and a claim that would be an authority and cannot be read as one |
"""

from collections.abc import Iterable
from typing import NamedTuple

from stemedb_analysis.model import Authority
from stemedb_analysis.registry import Registry

Key = tuple[str, str]


class Stray(NamedTuple):
    """A path and predicate that met nothing, and the nearest that could have been meant."""

    path: str
    predicate: str
    nearest: tuple[str, ...]
    why: str = ""
    """Why it cannot be read, if it is not that the registry does not know it."""


class Coverage(NamedTuple):
    """Which paths and predicates met, and which did not; each sorted."""

    met: tuple[Key, ...]
    unjudged: tuple[Stray, ...]
    unobserved: tuple[Key, ...]
    unobservable: tuple[Stray, ...]
    unknown: tuple[Stray, ...]

    @classmethod
    def of(
        cls,
        registry: Registry,
        authorities: Iterable[Authority],
        observed: set[Key],
        observable: set[Key],
        refused: Iterable[Stray] = (),
    ) -> "Coverage":
        """Return the coverage of what was observed by what is demanded; `refused` are the claims that cannot be read."""
        demanded = {(one.path, one.predicate) for one in authorities}
        unknown = {key for key in demanded if key not in registry}

        def strays(keys: Iterable[Key], among: set[Key] | None = None) -> tuple[Stray, ...]:
            return tuple(Stray(*key, registry.nearest(*key, among)) for key in sorted(keys))

        return cls(
            met=tuple(sorted(observed & demanded)),
            unjudged=strays(observed - demanded, demanded),
            unobserved=tuple(sorted((demanded & observable) - observed)),
            unobservable=strays(demanded - observable - observed - unknown, observable),
            unknown=(*strays(unknown), *sorted(refused)),
        )
