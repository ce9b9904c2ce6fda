"""Supersession: heads, histories, forks, what dangles and what goes round in circles."""

import pytest

from stemedb.errors import InvalidInput, NotFound
from stemedb.statements.supersession import Fork, build, build_epochs, retired
from support.stamped_claims import claim, epoch, ident

LONG = 100_000


def ids(labels):
    return tuple(ident(label) for label in labels)


def chain(*edges):
    """Return claims from texts such as "B>A" (B supersedes A); the position is the stamp."""
    found = {}
    for edge in edges:
        label, _, old = edge.partition(">")
        found[label] = [*found.get(label, []), *old]
    return [claim(label, ms=n, supersedes=old) for n, (label, old) in enumerate(found.items())]


def test_the_head_of_a_chain_is_its_last_claim():
    graph = build(chain("A", "B>A", "C>B"))
    assert graph.heads() == graph.standing() == ids("C")
    assert graph.superseded() == frozenset(ids("AB"))
    assert graph.superseded_by(ident("A")) == ids("B")
    assert graph.superseded_by(ident("C")) == ()


def test_a_history_runs_from_the_oldest_claim_to_the_one_asked_for():
    graph = build(chain("C>B", "B>A", "A", "X"))
    assert graph.history(ident("C")) == ids("ABC")
    assert graph.history(ident("B")) == ids("AB")
    assert graph.history(ident("X")) == ids("X")


def test_a_history_is_told_by_supersession_first_and_by_stamp_where_that_is_silent():
    claims = [
        claim("D", ms=1, supersedes="BC"),
        claim("B", ms=9, supersedes="A"),
        claim("C", ms=5, supersedes="A"),
        claim("A", ms=7),
    ]
    assert build(claims).history(ident("D")) == ids("ACBD")


def test_the_history_of_an_unknown_claim_is_not_found():
    with pytest.raises(NotFound, match="4141"):
        build([]).history(ident("A"))


def test_superseding_a_superseder_does_not_bring_back_what_it_superseded():
    claims = [
        claim("A"),
        claim("B", supersedes="A", relation="retracts"),
        claim("C", supersedes="B", relation="retracts"),
    ]
    assert build(claims).heads() == ids("C")
    assert build(claims).standing() == ()


@pytest.mark.parametrize(
    ("relation", "standing"), [("corrects", "B"), ("refines", "B"), ("replaces", "B"), ("retracts", "")]
)
def test_only_a_retraction_puts_nothing_forward(relation, standing):
    graph = build([claim("A"), claim("B", supersedes="A", relation=relation)])
    assert graph.heads() == ids("B")
    assert graph.standing() == ids(standing)


def test_a_dangling_name_is_reported_and_has_no_other_effect():
    graph = build(chain("A", "C>BA"))
    assert graph.dangling() == ids("B")
    assert graph.superseded() == frozenset(ids("A"))
    assert graph.superseded_by(ident("B")) == ids("C")
    assert graph.history(ident("C")) == ids("AC")
    assert len(graph) == 2
    assert ident("B") not in graph


def test_a_claim_superseded_by_two_heads_is_a_fork():
    assert build(chain("A", "B>A", "C>A")).forks() == (Fork(ident("A"), ids("BC")),)


def test_a_claim_superseded_along_a_chain_is_no_fork():
    assert build(chain("A", "B>A", "C>AB")).forks() == ()


def test_branches_that_meet_again_are_no_fork():
    assert build(chain("A", "B>A", "C>A", "D>BC")).forks() == ()


def test_a_fork_behind_a_healed_one_is_the_only_one_reported():
    assert build(chain("A", "B>A", "C>A", "D>BC", "E>D", "F>D")).forks() == (Fork(ident("D"), ids("EF")),)


def test_the_ends_of_a_fork_are_heads_or_later_forks():
    forks = build(chain("A", "B>A", "C>A", "D>B", "E>C", "F>C")).forks()
    assert forks == (Fork(ident("A"), ids("CD")), Fork(ident("C"), ids("EF")))


def test_a_repeated_name_counts_once():
    graph = build([claim("A"), claim("B", ms=2, supersedes="AA")])
    assert graph.order() == ids("AB")
    assert graph.superseded_by(ident("A")) == ids("B")


def test_a_claim_given_twice_counts_from_its_smaller_stamp():
    graph = build([claim("A", ms=9), claim("B", ms=5), claim("A", ms=1)])
    assert graph.order() == ids("AB")


@pytest.mark.parametrize(
    ("claims", "message"),
    [
        (
            chain("A>A"),
            "1 statements supersede one another in a circle: 414141414141 supersedes 414141414141",
        ),
        (chain("A>B", "B>A"), "2 statements supersede one another in a circle: 4141"),
        (chain("X", "A>CX", "B>A", "C>B", "D>C"), "3 statements supersede one another in a circle: 4141"),
    ],
)
def test_a_cycle_is_refused_and_named(claims, message):
    with pytest.raises(InvalidInput, match=message) as caught:
        build(claims)
    assert caught.value.field == "supersedes"


def test_a_long_cycle_is_refused_with_the_first_of_its_claims():
    claims = [claim(n, supersedes=[(n + 1) % LONG]) for n in range(LONG)]
    with pytest.raises(InvalidInput, match="100000 statements") as caught:
        build(claims)
    assert len(caught.value.reason) < 300


def test_a_chain_of_a_hundred_thousand_claims_is_followed():
    graph = build([claim(n, ms=n, supersedes=[n - 1] if n else ()) for n in range(LONG)])
    assert graph.heads() == (ident(LONG - 1),)
    assert graph.history(ident(LONG - 1)) == graph.order()
    assert graph.forks() == ()
    assert len(graph.order()) == LONG


def test_epochs_supersede_epochs():
    graph = build_epochs([epoch("C", supersedes="B"), epoch("B", supersedes="A"), epoch("A")])
    assert graph.heads() == ids("C")
    assert graph.history(ident("C")) == ids("ABC")


def test_a_superseded_epoch_is_retired_even_before_it_is_known():
    assert retired([epoch("A"), epoch("B", supersedes="A"), epoch("D", supersedes="C")]) == frozenset(
        ids("AC")
    )


@pytest.mark.parametrize("relation", ["corrects", "refines", "replaces", "retracts"])
def test_any_relation_retires_an_epoch_and_not_the_one_that_has_it(relation):
    assert retired([epoch("A"), epoch("B", supersedes="A", relation=relation)]) == frozenset(ids("A"))


def test_epochs_in_a_circle_are_refused():
    with pytest.raises(InvalidInput, match="in a circle"):
        retired([epoch("A", supersedes="B"), epoch("B", supersedes="A")])
