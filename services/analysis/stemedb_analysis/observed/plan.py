"""What to publish after a scan: the difference between what stands in the store and what the code says now.

| in the store | in the code | published |
|---|---|---|
| – | x | x |
| x | x | nothing |
| x | x at another place, or with another confidence | x', replacing x |
| x | – | a retraction of x |
| x, superseded | x again | x with the number of its return: what was superseded stays so for good |

Ids do not depend on who publishes or when, so two replicas that scan the same code publish the same statements, and a return has
the same number on both where they have seen the same history.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from itertools import count
from typing import Any, Final

import orjson

from stemedb.statements import parse
from stemedb.types import StatementId
from stemedb_analysis.observed.assertions import Observed, assertion_of, normal, retraction_of

AGAIN: Final = "again"
"""The member of the metadata that tells the returns of an observation apart."""

Identity = tuple[str, str, str, str, str, str]


def plan(
    standing: Mapping[StatementId, Observed],
    wanted: Iterable[Observed],
    was_ended: Callable[[StatementId], bool],
) -> list[dict[str, Any]]:
    """Return the assertions that make `standing` what is `wanted`, in the order of what is wanted, retractions last.

    Both are of one project. Wanted twice is wanted once. O(n log n).
    """
    now = dict.fromkeys(map(normal, wanted))
    present = set(standing.values())
    new = [seen for seen in now if seen not in present]
    old: dict[Identity, list[tuple[StatementId, Observed]]] = defaultdict(list)
    for id_, seen in sorted(standing.items(), key=lambda item: (item[1].observation.span, item[0])):
        if seen not in now:
            old[_identity(seen)].append((id_, seen))
    statements = []
    for seen in new:
        waiting = old.get(_identity(seen))
        if waiting:
            id_, _ = waiting.pop(0)
            statements.append(assertion_of(seen, supersedes=id_.hex()))
        else:
            statements.append(_said_again(seen, was_ended))
    statements += [retraction_of(seen, id_.hex()) for group in old.values() for id_, seen in group]
    return statements


def _identity(seen: Observed) -> Identity:
    """What stays when lines move."""
    one = seen.observation
    return (one.rule, one.path, one.predicate, one.file, one.statement, one.language)


def _said_again(seen: Observed, was_ended: Callable[[StatementId], bool]) -> dict[str, Any]:
    """Return the assertion of `seen`, numbered if it was there before and superseded."""
    statement = assertion_of(seen)
    plain: dict[str, str] = statement["metadata"]
    for number in count(1):
        if not was_ended(_id(statement)):
            break
        statement["metadata"] = plain | {AGAIN: str(number)}
    return statement


def _id(statement: dict[str, Any]) -> StatementId:
    return parse(orjson.dumps(statement)).id
