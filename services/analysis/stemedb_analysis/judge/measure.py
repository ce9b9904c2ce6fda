"""How often a rule was right when somebody looked, and whether that is enough for it to block.

::

                       on labelled samples          on those that came with the rule
    right              alarms where a label is      examples that it found
    wrong              alarms where none is         near-misses that it took for the fault
    spared             safe values that it read     near-misses that it left alone
                       as what they are

    precision = right / (right + wrong)    printed with how many alarms that is, and how many of them came with the rule

A share alone says nothing of how much it rests on: one alarm that was right is 1.00. A rule may block if

1. its precision is `PRECISION_MIN` or more,
2. it was tried on `CASES_MIN` cases or more: alarms and look-alikes, since a rule that was offered ten look-alikes and took none of them was tried too,
3. and `LABELLED_MIN` of them are cases of labelled samples, where what is right was written down apart from the rule.

With ten cases and no fault a rule that is wrong one time in four would have been caught (0.75¹⁰ = 6 %); 0.95 itself would take 59 cases
(0.95⁵⁹ = 5 %), which no rule about a seldom used setting will ever see. So what the few show is held against all of them: `tests/bench/rule_precision.py` tells
how often those that block on less than 59 cases were right together.

A project's own rules have no samples but their own. Whoever writes one is also who is stopped by it: ten samples of their own are enough there. What
is exact by construction, as an import that is read and not guessed, may block unmeasured, and says so.
"""

from typing import Final, Literal, NamedTuple, TypeAlias

PRECISION_MIN: Final = 0.95
"""Of a rule that may block."""
CASES_MIN: Final = 10
LABELLED_MIN: Final = 3

Basis: TypeAlias = Literal["labelled", "project", "construction"]


class Cases(NamedTuple):
    """What a rule did with samples of one origin."""

    right: int = 0
    wrong: int = 0
    spared: int = 0

    @property
    def alarms(self) -> int:
        """How often it said that something is wrong."""
        return self.right + self.wrong


class Measure(NamedTuple):
    """What was seen of one rule."""

    labelled: Cases = Cases()
    own: Cases = Cases()
    basis: Basis = "labelled"
    """What it rests on: samples of many hands, those of the project whose rule it is, or what the rule is."""
    stated: float = 1.0
    """What the rule says of its own precision; can only lower it."""

    @property
    def alarms(self) -> int:
        """How many alarms the precision is a share of."""
        return self.labelled.alarms + self.own.alarms

    @property
    def spared(self) -> int:
        """How many look-alikes were left alone."""
        return self.labelled.spared + self.own.spared

    @property
    def precision(self) -> float | None:
        """The share of the alarms that were right; ``None`` if there was none to look at."""
        if not self.alarms:
            return None
        return min(self.stated, round((self.labelled.right + self.own.right) / self.alarms, 3))

    @property
    def is_tried(self) -> bool:
        """Whether there were cases enough to let it block."""
        if self.basis == "construction":
            return True
        labelled = self.labelled.alarms + self.labelled.spared
        is_seen_by_others = self.basis == "project" or labelled >= LABELLED_MIN
        return self.alarms + self.spared >= CASES_MIN and is_seen_by_others

    @property
    def may_block(self) -> bool:
        """Whether it is right often enough, and was tried often enough."""
        if self.basis == "construction":
            return True
        return self.precision is not None and self.precision >= PRECISION_MIN and self.is_tried


EXACT: Final = Measure(basis="construction")
"""Of a rule that cannot be wrong about what it observes."""


def is_precise(measured: Measure | None) -> bool:
    """Return whether a rule that was so `measured` may block; one that nobody measured may not."""
    return measured is not None and measured.may_block


def text(measured: Measure | None) -> str:
    """Return what was measured, with what it rests on: ``precision 0.97 of 37 (3 its own)``."""
    if measured is not None and measured.basis == "construction":
        return "exact by construction, not measured"
    if measured is None or measured.precision is None:
        return "precision not measured"
    own = ""
    if measured.own.alarms:
        own = " (all its own)" if not measured.labelled.alarms else f" ({measured.own.alarms} its own)"
    said = f"precision {measured.precision:.2f} of {measured.alarms}{own}"
    return said if measured.is_tried or measured.precision < PRECISION_MIN else f"{said}, too few to block"


def long_text(measured: Measure | None) -> str:
    """Return the same, with the look-alikes that were left alone."""
    said = text(measured)
    if measured is None or not measured.spared:
        return said
    own = f" ({measured.own.spared} its own)" if measured.labelled.spared and measured.own.spared else ""
    own = own or (" (all its own)" if measured.own.spared else "")
    return f"{said}; {measured.spared} look-alikes spared{own}"
