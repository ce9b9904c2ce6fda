"""Scopes: which of several bindings of a name holds."""

import random
import time

from stemedb_analysis.facts.scopes import FEW, Binding, Bound, Scopes


def slowly(bindings, place):
    """The last one that begins at or before the place, of several the first; the first of all if none does."""
    holding = [(one.at, -index) for index, one in enumerate(bindings) if one.at <= place]
    return -max(holding)[1] if holding else 0


def test_the_nearest_binding_is_the_same_however_many_there_are():
    chance = random.Random(7)
    scopes = Scopes([], classes_are_seen=False)
    for count in (1, 2, FEW, FEW + 1, 5 * FEW):
        bindings = [Binding(chance.randint(0, 60), Bound.OTHER) for _ in range(count)]
        if count == 1:
            assert scopes.nearest(bindings, -1) == 0
            continue
        assert [scopes.nearest(bindings, place) for place in range(-1, 62)] == [
            slowly(bindings, place) for place in range(-1, 62)
        ]


def test_a_list_that_grew_is_looked_at_anew():
    scopes = Scopes([], classes_are_seen=False)
    bindings = [Binding(place, Bound.OTHER) for place in range(2 * FEW)]
    assert scopes.nearest(bindings, 1000) == 2 * FEW - 1
    bindings.append(Binding(500, Bound.OTHER))
    assert scopes.nearest(bindings, 1000) == 2 * FEW


def test_thousands_of_bindings_of_one_name_cost_no_square():
    scopes = Scopes([], classes_are_seen=False)
    bindings = [Binding(place, Bound.OTHER) for place in range(50_000)]
    before = time.process_time()
    for place in range(50_000):
        assert scopes.nearest(bindings, place) == place
    assert time.process_time() - before < 2  # one by one it would be a minute
