"""Lenses that leave claims out and hand the rest to another lens: epoch and constraints.

A narrowing lens can only take away: what ``admit`` left out stays out, and what it leaves the inner lens resolves as
if nothing else had been claimed, disagreement included.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Annotated, Final, Literal

from msgspec import UNSET, Meta, Struct

from stemedb.clocks.hlc import COUNTER_BITS, MS_MAX
from stemedb.statements.claims import Claim
from stemedb.statements.lenses.lens import Lens, Question
from stemedb.statements.lenses.resolution import Resolution
from stemedb.statements.limits import TIER_MAX
from stemedb.statements.supersession import retired

AGENTS_MAX: Final = 1_000
"""How many agents a constraint may name: a list for people to keep, in a request that stays well under a message."""

NAMES_SHOWN_MAX: Final = 5
"""How many names of a bound a formula lists: it is one line."""

Ms = Annotated[int, Meta(ge=0, le=MS_MAX)]


class Bounds(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which claims ``constraints`` lets through: those within every bound that is given; all bounds are inclusive.

    ``msgspec.convert`` checks a mapping of parameters against the annotations. `not_before_ms` and `not_after_ms` are
    Unix milliseconds and are compared with the clock of the stamp.
    """

    tier_max: Annotated[int, Meta(ge=0, le=TIER_MAX)] | None = None
    confidence_min: Annotated[float, Meta(ge=0, le=1)] | None = None
    lifecycle: (
        Annotated[frozenset[Literal["proposed", "under_review", "approved"]], Meta(min_length=1)] | None
    ) = None
    agents: Annotated[frozenset[str], Meta(min_length=1, max_length=AGENTS_MAX)] | None = None
    not_before_ms: Ms | None = None
    not_after_ms: Ms | None = None
    object_type: Literal["text", "number", "boolean", "reference"] | None = None

    def tests(self) -> Iterator[tuple[str, Callable[[Claim], bool]]]:
        """Yield each bound that is given, as a text for people and as a test of a claim."""
        if (tier_max := self.tier_max) is not None:
            yield f"tier <= {tier_max}", lambda claim: claim.statement.source.tier <= tier_max
        if (confidence_min := self.confidence_min) is not None:
            yield (
                f"confidence >= {confidence_min}",
                lambda claim: claim.statement.confidence >= confidence_min,
            )
        if (lifecycle := self.lifecycle) is not None:
            yield f"lifecycle in {_listed(lifecycle)}", lambda claim: claim.statement.lifecycle in lifecycle
        if (agents := self.agents) is not None:
            yield f"agent in {_listed(agents)}", lambda claim: claim.statement.agent in agents
        if (not_before := self.not_before_ms) is not None:
            yield f"stamp >= {not_before} ms", lambda claim: claim.stamp.hlc >> COUNTER_BITS >= not_before
        if (not_after := self.not_after_ms) is not None:
            yield f"stamp <= {not_after} ms", lambda claim: claim.stamp.hlc >> COUNTER_BITS <= not_after
        if (object_type := self.object_type) is not None:
            yield (
                f"object is a {object_type}",
                lambda claim: claim.statement.object.__struct_config__.tag == object_type,
            )


@dataclass(frozen=True, slots=True)
class Constraints(Lens):
    """The inner lens over the claims within hard bounds. Empty bounds leave nothing out."""

    inner: Lens
    bounds: Bounds

    @property
    def name(self) -> str:
        """``constraints(<inner>)``."""
        return f"constraints({self.inner.name})"

    @property
    def formula(self) -> str:
        """The inner formula and the bounds."""
        texts = [text for text, _ in self.bounds.tests()]
        return f"only claims with {' and '.join(texts) or 'no bounds'}: {self.inner.formula}"

    def judge(self, question: Question) -> Resolution:
        """Return the inner resolution of the claims within bounds, under this lens's name."""
        for text, test in self.bounds.tests():
            question = question.narrowed(filter(test, question.claims), f"by the bound {text}")
        return _renamed(self, self.inner.judge(question))


@dataclass(frozen=True, slots=True)
class EpochAware(Lens):
    """The inner lens over the claims that are not of a retired epoch.

    An epoch is retired when another epoch supersedes it (see ``stemedb.statements.supersession``). Claims made in no
    epoch, or in one that nobody has superseded or even announced, stay.
    """

    inner: Lens

    @property
    def name(self) -> str:
        """``epoch(<inner>)``."""
        return f"epoch({self.inner.name})"

    @property
    def formula(self) -> str:
        """The inner formula and the rule of this lens."""
        return f"no claims of superseded epochs: {self.inner.formula}"

    def judge(self, question: Question) -> Resolution:
        """Return the inner resolution of the claims of living epochs, under this lens's name.

        Raises ``InvalidInput`` if the epochs supersede one another in a circle.
        """
        gone = {id_.hex() for id_ in retired(question.epochs)}
        question = question.narrowed(
            (c for c in question.claims if c.statement.epoch is UNSET or c.statement.epoch not in gone),
            "of a superseded epoch",
        )
        return _renamed(self, self.inner.judge(question))


def _renamed(lens: Lens, resolution: Resolution) -> Resolution:
    return replace(resolution, lens=lens.name, formula=lens.formula)


def _listed(names: frozenset[str]) -> str:
    shown = sorted(names)[:NAMES_SHOWN_MAX]
    return ", ".join(shown if len(shown) == len(names) else [*shown, f"{len(names) - len(shown)} more"])
