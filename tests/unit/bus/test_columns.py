"""Columns: what is packed is unpacked, and columns that do not belong together are refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stemedb.bus.columns import Row, pack, unpack
from stemedb.errors import InvalidInput
from stemedb.v1 import bulk_pb2

rows = st.lists(
    st.builds(
        Row,
        st.binary(min_size=1, max_size=20),
        st.sampled_from([b"", b"s" * 96, b"t" * 96]),
        st.integers(0, 2**64 - 1),
        st.sampled_from(["a", "b", "c"]),
    ),
    max_size=20,
)


@given(rows)
def test_what_is_packed_is_unpacked_over_the_wire(given_rows):
    wire = pack(given_rows).SerializeToString()
    unpacked = unpack(bulk_pb2.Columns.FromString(wire))
    assert unpacked.canonicals == [row.canonical for row in given_rows]
    assert unpacked.signatures == {i: row.signature for i, row in enumerate(given_rows) if row.signature}
    assert unpacked.clocks == [row.clock for row in given_rows]
    assert unpacked.origins == [row.origin for row in given_rows]


def test_rows_without_statement_are_empty():
    unpacked = unpack(pack([Row(b"", b"", 1, "a"), Row(b"x", b"", 2, "a")]))
    assert unpacked.canonicals == [b"", b"x"]


@given(st.binary(max_size=200))
def test_arbitrary_columns_are_unpacked_or_refused_and_never_anything_else(data):
    columns = bulk_pb2.Columns(
        lengths=list(data[:5]),
        canonical=data[5:40],
        clocks=list(data[40:45]),
        origins=["a"] * len(data[45:48]),
        origin_of=data[48:53],
        signed=list(data[53:55]),
        signatures=data[55:],
    )
    try:
        unpacked = unpack(columns)
    except InvalidInput:
        return
    assert len(unpacked.canonicals) == len(unpacked.clocks) == len(unpacked.origins) == len(columns.lengths)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"clocks": [1]}, "clocks"),
        ({"canonical": b"xyz"}, "canonical"),
        ({"origins": []}, "origin_of"),
        ({"origin_of": b"\x00\x07"}, "origin_of"),
        ({"signatures": b"s"}, "signatures"),
        ({"signed": [9], "signatures": b"s" * 96}, "signed"),
    ],
)
def test_the_column_that_does_not_fit_is_named(change, field):
    columns = pack([Row(b"x", b"", 1, "a"), Row(b"y", b"", 2, "b")])
    for name, value in change.items():
        if isinstance(value, list):
            del getattr(columns, name)[:]
            getattr(columns, name).extend(value)
        else:
            setattr(columns, name, value)
    with pytest.raises(InvalidInput) as caught:
        unpack(columns)
    assert caught.value.field == field
