"""Queries against a naive filter over all statements of the log."""

import tempfile
from contextlib import contextmanager
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from unittest.mock import patch

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stemedb.crdt import assertion_key, decode_stamp, decode_vote, epoch_key, vote_key
from stemedb.ledger import LedgerReader
from stemedb.projection import Projection, Query
from stemedb.projection import query as query_module
from stemedb.statements import Assertion, Epoch, subject_key
from stemedb.statements.lenses import LENSES, Ballot, Claim, EpochEntry, lens
from support.effort import examples
from support.histories import (
    LIFECYCLES,
    PREDICATES,
    SUBJECTS,
    histories,
    make_replica,
    naive_map,
    statements_of,
    write,
)

KEEP = {
    "predicate": st.sampled_from((None, None, None, *PREDICATES)),
    "lifecycle": st.just(frozenset()) | st.frozensets(st.sampled_from(LIFECYCLES), max_size=3),
    "limit": st.integers(1, 7),
}
QUERIES = st.one_of(
    st.builds(Query, **KEEP),
    st.builds(Query, subject=st.sampled_from(SUBJECTS), **KEEP),
    st.builds(Query, prefix=st.sampled_from((*SUBJECTS, "rfc://", "custom://", "nothing://here")), **KEEP),
)
"""Everything, one subject, or all below a path; mostly without further filters, so that most of them find something."""

SCAN_MAX = st.integers(1, 12) | st.just(query_module.SCAN_MAX)
"""A page may read so many keys; mostly so few that it ends there."""


@contextmanager
def world(*batches):
    """Yield replica, ledger reader and an open projection that has applied the first batch."""
    with tempfile.TemporaryDirectory() as scratch:
        replica = make_replica(Path(scratch) / "data")
        write(replica, batches[0])
        reader = LedgerReader(replica)
        with Projection.open(replica, writable=True) as projection:
            projection.catch_up(reader)
            yield replica, reader, projection
        reader.close()


def matches(query, claim):
    subject = subject_key(claim.statement.subject)
    if query.subject is not None and subject != subject_key(query.subject):
        return False
    if query.prefix is not None:
        wire = query.prefix if "://" in query.prefix else f"custom://{query.prefix}"
        if wire.endswith("://"):
            if not subject.startswith(wire):
                return False
        elif subject != wire and not subject.startswith(wire + "/"):
            return False
    if query.predicate is not None and claim.statement.predicate != query.predicate:
        return False
    return not query.lifecycle or claim.statement.lifecycle in query.lifecycle


def naive_claims(reader, query):
    """Every assertion of the log that matches, in key order, with its stamp in the map."""
    entries = naive_map(reader, reader.size)
    found = {}
    for id_, statement in statements_of(reader, reader.size).items():
        if isinstance(statement, Assertion):
            key = assertion_key(statement.subject, statement.predicate, id_)
            claim = Claim(id_, statement, decode_stamp(entries[key]))
            if matches(query, claim):
                found[key] = claim
    return [found[key] for key in sorted(found)]


def naive_beside(reader):
    """Every living vote and every epoch of the log."""
    entries = naive_map(reader, reader.size)
    ballots, epochs = [], []
    for id_, statement in statements_of(reader, reader.size).items():
        if isinstance(statement, Epoch):
            epochs.append(EpochEntry(id_, statement, decode_stamp(entries[epoch_key(statement.name, id_)])))
        elif not isinstance(statement, Assertion):
            value = decode_vote(entries[vote_key(bytes.fromhex(statement.assertion), statement.agent)])
            if value.vote == id_:
                ballots.append(Ballot(id_, statement, value.stamp))
    return ballots, epochs


def pages(projection, reader, query):
    cursor = None
    while True:
        page = projection.view(reader).query(replace(query, cursor=cursor))
        yield page
        cursor = page.cursor
        if cursor is None:
            return


ASKED = st.lists(st.tuples(QUERIES, SCAN_MAX), min_size=8, max_size=16)
"""Making a world costs more than asking it, so each is asked much."""


@settings(max_examples=examples(15), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(histories(), ASKED)
def test_pages_of_claims_are_the_naive_filter(history, asked):
    with world(history) as (_, reader, projection):
        for query, scan_max in asked:
            with patch.object(query_module, "SCAN_MAX", scan_max):
                read = list(pages(projection, reader, query))
            got = [claim for page in read for claim in page.claims]
            want = naive_claims(reader, query)
            assert [(c.id, c.stamp, c.statement()) for c in got] == [
                (c.id, c.stamp, c.statement) for c in want
            ]
            assert all(len(page.claims) <= query.limit for page in read)
            assert all(page.cursor is not None for page in read if page.truncated)


@settings(max_examples=examples(15), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(histories(), ASKED, st.sampled_from(sorted(LENSES)))
def test_pages_of_groups_are_the_naive_resolutions(history, asked, name):
    with world(history) as (_, reader, projection):
        ballots, epochs = naive_beside(reader)
        for query, scan_max in asked:
            with patch.object(query_module, "SCAN_MAX", scan_max):
                read = list(pages(projection, reader, replace(query, lens=name)))
            got = [group for page in read for group in page.groups]
            wanted = groupby(
                naive_claims(reader, query),
                key=lambda c: (subject_key(c.statement.subject), c.statement.predicate),
            )
            want = []
            for (subject, predicate), group in wanted:
                claims = list(group)
                want.append((subject, predicate, len(claims), lens(name).resolve(claims, ballots, epochs)))
            assert [(g.subject, g.predicate, g.claims, g.resolution) for g in got] == want
            for group in got:
                winner = None if group.winner is None else group.winner.id
                assert winner == group.resolution.winner


@settings(max_examples=examples(15), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(histories(), histories(size_max=15), QUERIES, SCAN_MAX)
def test_what_is_there_throughout_is_visited_exactly_once(history, later, query, scan_max):
    with world(history) as (replica, reader, projection), patch.object(query_module, "SCAN_MAX", scan_max):
        there = {claim.id for claim in naive_claims(reader, query)}
        seen = []
        for number, page in enumerate(pages(projection, reader, query)):
            seen.extend(claim.id for claim in page.claims)
            if number == 0:
                write(replica, later)
                projection.catch_up(reader)
        assert len(seen) == len(set(seen))
        assert there <= set(seen)
