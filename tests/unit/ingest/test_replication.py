"""``ingest.replicate``: columns in, refusals out."""

from collections import Counter

import pytest

from stemedb.bus.columns import Row, pack
from stemedb.bus.endpoints import PROTOBUF, Call
from stemedb.bus.messages.ingest import APPEND_STATEMENTS_MAX
from stemedb.errors import InvalidRequest
from stemedb.types import Digest, Hlc, LogSize, Stamp
from stemedb.v1 import bulk_pb2
from stemedb_ingest.replication import MESSAGE_BYTES_MAX, Replication, decode_columns
from stemedb_ingest.store import Bundle, Canonical, Commit, Refusal


def request(*rows):
    return bulk_pb2.ReplicateRequest(columns=pack(rows)).SerializeToString()


def test_every_row_becomes_a_statement_with_its_stamp_and_signature():
    bundle = decode_columns(request(Row(b"one", b"s" * 96, 7, "east"), Row(b"two", b"", 9, "west")))
    assert bundle == Bundle(
        [Canonical(b"one", b"s" * 96, Stamp(7, "east")), Canonical(b"two", b"", Stamp(9, "west"))]
    )


@pytest.mark.parametrize(
    "data",
    [
        b"\xff\xff",
        request(Row(b"one", b"", 7, "not a name")),
        request(Row(b"one", b"", 7, "")),
        request(*[Row(b"x", b"", 1, "west")] * (APPEND_STATEMENTS_MAX + 1)),
        bulk_pb2.ReplicateRequest(columns=bulk_pb2.Columns(lengths=[1])).SerializeToString(),
    ],
    ids=["nonsense", "bad name", "no name", "too many", "columns that do not fit"],
)
def test_what_is_no_request_is_refused_as_a_whole(data):
    with pytest.raises(InvalidRequest):
        decode_columns(data)


class Pipeline:
    """A pipeline that refuses row 1, as the second body of a group."""

    def __init__(self):
        self.works = []

    async def append(self, work, size):
        self.works.append((work, size))
        refusal = Refusal(1, "clock_drift", "stamp", "x" * 5000, b"two")
        commit = Commit(
            [], [0, 0], {1: (refusal,)}, Counter(), LogSize(3), LogSize(4), Digest(bytes(32)), Hlc(0)
        )
        return commit, 1


async def test_only_what_was_refused_is_answered():
    pipeline = Pipeline()
    data = request(Row(b"one", b"", 7, "east"), Row(b"two", b"", 9, "west"))
    answer = await Replication(pipeline).replicate(Call(data, {}))
    reply = bulk_pb2.ReplicateReply.FromString(answer.data)
    assert (answer.content_type, reply.size, list(reply.positions)) == (PROTOBUF, 4, [1])
    assert reply.errors[0].code == "clock_drift"
    assert len(reply.errors[0].message) == MESSAGE_BYTES_MAX
    assert pipeline.works[0][1] == len(data)
