"""The endpoint for our own sync service: statements of peers in columns, under the stamps they were given elsewhere.

The same as ``append``, made for bulk: no message per statement on the way in, and on the way out only what was refused. Everything
else is durable when this is answered.
"""

from typing import Final

from google.protobuf.message import DecodeError

from stemedb.bus.columns import unpack
from stemedb.bus.endpoints import PROTOBUF, Answer, Call
from stemedb.bus.messages.ingest import APPEND_STATEMENTS_MAX
from stemedb.bus.subjects import Subjects
from stemedb.errors import InvalidInput, InvalidRequest
from stemedb.types import Stamp
from stemedb.v1 import bulk_pb2, ingest_pb2
from stemedb_ingest.pipeline import Pipeline
from stemedb_ingest.store import Bundle, Canonical, Commit

MESSAGE_BYTES_MAX: Final = 500
"""Of a reason in the answer: 2,000 refusals must fit the default ``max_payload``."""


class Replication:
    """Answers ``ingest.replicate``."""

    def __init__(self, pipeline: Pipeline) -> None:
        self._pipeline = pipeline

    async def replicate(self, call: Call) -> Answer:
        """Make the statements durable, and answer what was refused and why."""
        commit, position = await self._pipeline.append(decode_columns(call.data), len(call.data))
        return Answer(encode_refusals(commit, position), PROTOBUF)


def decode_columns(data: bytes) -> Bundle:
    """Return the statements of a protobuf ``ReplicateRequest``; raises `InvalidRequest`."""
    try:
        columns = bulk_pb2.ReplicateRequest.FromString(data).columns
        rows = unpack(columns)
        for origin in columns.origins:
            Subjects(origin)  # a replica's name, or it is refused
    except (DecodeError, InvalidInput) as error:
        raise InvalidRequest("", f"not a protobuf ReplicateRequest: {error}") from None
    if len(rows.canonicals) > APPEND_STATEMENTS_MAX:
        raise InvalidRequest(
            "", f"got {len(rows.canonicals)} statements, want at most {APPEND_STATEMENTS_MAX} in one request"
        )
    signature_of, new = rows.signatures.get, tuple.__new__
    stamped = zip(rows.canonicals, rows.clocks, rows.origins, strict=True)
    return Bundle(
        [
            new(Canonical, (canonical, signature_of(row, b""), new(Stamp, (clock, origin))))
            for row, (canonical, clock, origin) in enumerate(stamped)
        ]
    )


def encode_refusals(commit: Commit, position: int) -> bytes:
    """Return the protobuf ``ReplicateReply`` for the body at `position` of `commit`."""
    refusals = commit.refusals.get(position, ())
    reply = bulk_pb2.ReplicateReply(
        positions=[refusal.line for refusal in refusals],
        errors=[
            ingest_pb2.StatementError(
                code=refusal.code, field=refusal.field, message=refusal.reason[:MESSAGE_BYTES_MAX]
            )
            for refusal in refusals
        ],
        size=commit.size,
    )
    return bytes(reply.SerializeToString())
