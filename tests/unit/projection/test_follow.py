"""Following a log page by page."""

from contextlib import closing

import pytest

from stemedb.ledger import LedgerReader
from stemedb.projection import follow
from stemedb.types import Hlc, Stamp
from support.histories import make_replica, parsed, write
from support.statement_json import assertion, vote

CLAIMS = [parsed(assertion(agent=f"agent-{number}")) for number in range(9)]


@pytest.fixture
def replica(tmp_path):
    return make_replica(tmp_path / "data")


def read_all(replica, limit):
    with closing(LedgerReader(replica)) as reader:
        rows, start = [], 0
        while found := follow.page(reader, start, start + limit):
            rows += found
            start += len(found)
    return rows


@pytest.mark.parametrize("limit", [1, 2, 9, 100])
def test_pages_of_any_length_tell_the_whole_log_in_order(replica, limit):
    write(replica, [(claim, None) for claim in CLAIMS])
    rows = read_all(replica, limit)
    assert [row.found.id for row in rows] == [claim.id for claim in CLAIMS]
    assert [row.found.index for row in rows] == list(range(9))
    assert not any(row.is_restamped for row in rows)


def test_a_page_ends_where_it_would_grow_too_large(replica, monkeypatch):
    write(replica, [(claim, None) for claim in CLAIMS])
    monkeypatch.setattr(follow, "PAGE_BYTES_MAX", 2 * (len(CLAIMS[0].canonical) + 400))
    with closing(LedgerReader(replica)) as reader:
        assert len(follow.page(reader, 0, 9)) == 2
        monkeypatch.setattr(follow, "PAGE_BYTES_MAX", 1)
        assert len(follow.page(reader, 0, 9)) == 1


def test_another_stamp_is_told_with_the_statement_it_is_for(replica):
    early = Stamp(Hlc(1 << 16), "west")
    write(replica, [(CLAIMS[0], None), (parsed(vote(assertion=CLAIMS[0].id.hex())), None)])
    write(replica, [(CLAIMS[0], early)])
    *_, last = read_all(replica, 10)
    assert (last.found.id, last.found.canonical, last.found.stamp) == (
        CLAIMS[0].id,
        CLAIMS[0].canonical,
        early,
    )
    assert (last.found.index, last.is_restamped) == (2, True)


@pytest.mark.parametrize(("start", "end"), [(9, 9), (9, 20), (40, 50), (5, 5), (7, 3)])
def test_there_is_nothing_beyond_the_log_nor_in_an_empty_range(replica, start, end):
    write(replica, [(claim, None) for claim in CLAIMS])
    with closing(LedgerReader(replica)) as reader:
        assert follow.page(reader, start, end) == []
