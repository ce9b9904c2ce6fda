"""What a value carries: the way that input came, and the harm that it cannot do any more."""

from typing import Final, NamedTuple, TypeAlias

from stemedb_analysis.flow.model import ALL

HOPS_MAX: Final = 8
"""Longer ways are told by their first and last stations."""
MAYBE: Final = 0.0
"""The factor of a parameter."""


class Taint(NamedTuple):
    """How input came here, and what it can no longer do."""

    hops: tuple[tuple[int, int], ...]
    cleared: frozenset[str]
    factor: float = 1.0
    """`MAYBE` of what is handed in by callers that nobody knows: no input, as far as is known, and no constant either."""
    parts: "tuple[Taint | None, ...] | None" = None
    """What each element carries, if this is a tuple that a function gives back."""

    @property
    def is_input(self) -> bool:
        """Whether this is known to be input."""
        return self.factor > MAYBE

    def harms(self, kind: str) -> bool:
        """Return whether it can still do harm of this kind."""
        return kind not in self.cleared and ALL not in self.cleared


def merged(taints: list[Taint | None]) -> Taint | None:
    """Return what carries the most harm: the first of the fullest, cleared only of what all are cleared of."""
    found = [one for one in taints if one is not None]
    if not found:
        return None
    found = [one for one in found if ALL not in one.cleared] or found
    best = max(found, key=lambda one: (one.factor, -len(one.cleared)))
    if best.factor:
        found = [one for one in found if one.factor]
    cleared = frozenset.intersection(*(one.cleared for one in found)) if len(found) > 1 else best.cleared
    return best._replace(cleared=cleared, parts=None)


Result: TypeAlias = list[Taint | None]
"""What a function gives back at one way out: what each element of a tuple carries, or what the one value does."""


def together(results: list[Result]) -> Taint | None:
    """Return what a function gives back by all its ways out: told apart by element if each gives as many."""
    whole = merged([merged(one) for one in results])
    sizes = {len(one) for one in results}
    if whole is None or sizes == {1} or len(sizes) != 1:
        return whole
    return whole._replace(parts=tuple(merged(list(each)) for each in zip(*results, strict=True)))


def with_hop(hops: tuple[tuple[int, int], ...], hop: tuple[int, int]) -> tuple[tuple[int, int], ...]:
    """Return `hops`, which went on to `hop`; what is longer than `HOPS_MAX` loses its latest stations."""
    if hop in hops:
        return hops
    return (*hops[: HOPS_MAX - 1], hop)
