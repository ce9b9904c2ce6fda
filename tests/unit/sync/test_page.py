"""Pages: what one replica encodes the other decodes, and nothing that does not add up is taken."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stemedb.errors import ProofError
from stemedb.ledger import Entry
from stemedb.statements import statement_id
from stemedb.v1 import sync_pb2
from stemedb.wal import Record
from stemedb_sync.page import decode, encode

RESTAMP = 16


def entry(index, *, origin="west", hlc=None, signature=b"", kind=3, size=20):
    canonical = b'{"kind":"epoch","name":"%0*d"}' % (size, index)
    record = Record(kind, 1000 + index if hlc is None else hlc, origin, 5000 + index, canonical, signature)
    return Entry(index, statement_id(canonical), record)


def both_ways(entries, **options):
    data = encode(entries, "west", **{"bytes_max": 100_000, "inline_all": False} | options)
    return decode(data, entries[0].index, entries[-1].index + 1)


origins = st.sampled_from(["west", "east", "north"])
clocks = st.integers(0, 2**64 - 1)
signatures = st.sampled_from([b"", b"s" * 96])


@given(
    st.integers(0, 2**40),
    st.lists(st.tuples(origins, clocks, signatures), min_size=1, max_size=40),
    st.booleans(),
)
def test_everything_comes_back_and_only_what_began_here_is_sent_whole(start, rows, inline_all):
    entries = [
        entry(start + i, origin=origin, hlc=hlc, signature=signature)
        for i, (origin, hlc, signature) in enumerate(rows)
    ]
    page = both_ways(entries, inline_all=inline_all)
    assert (page.start, page.end) == (start, start + len(rows))
    assert page.ids == [e.id for e in entries]
    assert list(zip(page.clocks, page.origins, strict=True)) == [(hlc, origin) for origin, hlc, _ in rows]
    sent = [inline_all or origin == "west" for origin, _, _ in rows]
    assert page.canonicals == [e.record.canonical if s else b"" for e, s in zip(entries, sent, strict=True)]
    assert page.signatures == {i: sig for i, (_, _, sig) in enumerate(rows) if sig and sent[i]}
    assert page.accepted_first == 5000 + start


def test_a_restamp_is_never_sent_whole():
    page = both_ways([entry(0), entry(1, kind=RESTAMP)], inline_all=True)
    assert page.canonicals[0]
    assert not page.canonicals[1]


def test_a_page_of_ids_holds_no_statement():
    page = both_ways([entry(0), entry(1)], ids_only=True, inline_all=True)
    assert page.canonicals == [b"", b""]
    assert page.ids == [entry(0).id, entry(1).id]


def test_a_full_page_ends_early_and_holds_at_least_one_entry():
    entries = [entry(i, size=1000) for i in range(10)]
    assert both_ways(entries, bytes_max=3500).end == 3
    assert both_ways(entries, bytes_max=1).end == 1


def test_own_statements_cost_five_bytes_more_than_themselves():
    entries = [entry(i, size=300) for i in range(500)]
    data = encode(entries, "west", bytes_max=1 << 20, inline_all=False)
    assert len(data) <= sum(len(e.record.canonical) for e in entries) + 5 * len(entries) + 100


def changed(**fields):
    """A good reply of three entries, the middle one not sent and the last one signed, with some fields changed."""
    entries = [entry(0), entry(1, origin="east"), entry(2, signature=b"s" * 96)]
    reply = sync_pb2.RangeReply.FromString(encode(entries, "west", bytes_max=10_000, inline_all=False))
    for name, value in fields.items():
        owner = reply if name in {"start", "end", "ids"} else reply.columns
        if isinstance(value, list):
            del getattr(owner, name)[:]
            getattr(owner, name).extend(value)
        else:
            setattr(owner, name, value)
    return reply.SerializeToString()


def test_the_page_that_the_lies_are_made_from_is_good():
    assert decode(changed(), 0, 3).end == 3


@pytest.mark.parametrize(
    "lie",
    [
        {"start": 1},
        {"end": 0},
        {"end": 4},
        {"end": 2},
        {"lengths": []},
        {"lengths": [42, 0]},
        {"lengths": [41, 0, 42]},
        {"lengths": [42, 42, 0]},
        {"canonical": b""},
        {"ids": b""},
        {"ids": b"i" * 31},
        {"ids": b"i" * 64},
        {"clocks": [1, 1]},
        {"clocks": [1, 1, 1, 1]},
        {"origins": []},
        {"origins": ["west", "no name"]},
        {"origins": ["west"]},
        {"origin_of": b""},
        {"origin_of": b"\x00\x01"},
        {"origin_of": b"\x00\x01\x02"},
        {"signed": [3]},
        {"signed": [1]},
        {"signed": [2, 2], "signatures": b"s" * 192},
        {"signed": []},
        {"signatures": b"s" * 95},
    ],
    ids=str,
)
def test_a_page_that_does_not_add_up_is_refused(lie):
    with pytest.raises(ProofError, match="page"):
        decode(changed(**lie), 0, 3)


def test_what_is_no_page_at_all_is_refused():
    with pytest.raises(ProofError, match="not a RangeReply"):
        decode(b"\xff\xff", 0, 1)
