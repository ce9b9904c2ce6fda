"""What ingest answers: ``append`` in JSON or protobuf, ``status``, and the report of a refused statement.

Each handler is decode, one call, encode. They see bytes and messages, never the bus, so tests call them directly.
"""

import base64
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

import orjson
from blake3 import blake3
from google.protobuf.message import DecodeError

from stemedb.bus.endpoints import CONTENT_TYPE, PROTOBUF, Answer, Call
from stemedb.bus.intake import Delivery, sequence
from stemedb.bus.messages import Rejected, Stamp, StatusReply, StatusRequest
from stemedb.bus.messages.ingest import APPEND_STATEMENTS_MAX
from stemedb.clocks import unpack
from stemedb.errors import InvalidRequest, InvalidStatement
from stemedb.ledger import Receipt
from stemedb.statements import split_body
from stemedb.types import Stamp as CoreStamp
from stemedb.v1 import ingest_pb2
from stemedb_ingest.pipeline import Pipeline
from stemedb_ingest.store import Body, Bundle, Canonical, Commit, Refusal, State

ORIGINAL_SHARE = 8
"""Of the server's ``max_payload``: JSON may write one byte as six, and the rest needs room. By default that leaves
128 KiB, twice what a statement may have, so what is cut could not have been one."""


class Handlers:
    """The endpoints of one ingest service."""

    def __init__(
        self, replica: str, version: str, pipeline: Pipeline, state: Callable[[], Awaitable[State]]
    ) -> None:
        self._replica = replica
        self._version = version
        self._pipeline = pipeline
        self._state = state

    async def append(self, call: Call) -> Answer:
        """Make statements durable and answer with one outcome for each, in the encoding of the request."""
        if call.headers.get(CONTENT_TYPE) == PROTOBUF:
            commit, position = await self._pipeline.append(decode_bundle(call.data), len(call.data))
            return Answer(encode_protobuf(commit, position), PROTOBUF)
        check_length(call.data)
        commit, position = await self._pipeline.append(Body(call.data, None), len(call.data))
        return Answer(encode_json(commit, position))

    async def status(self, _: StatusRequest) -> StatusReply:
        """Answer where the log stands."""
        state = await self._state()
        return StatusReply(
            replica=self._replica,
            version=self._version,
            size=state.size,
            root=state.root.hex(),
            clock=Stamp.of(CoreStamp(state.clock, self._replica)),
            checkpoint=state.checkpoint.decode(),
            pending=self._pipeline.pending,
        )


def check_length(body: bytes) -> None:
    """Raise ``InvalidRequest`` when `body` holds more statements than one answer can report on."""
    if body.count(b"\n") < APPEND_STATEMENTS_MAX:
        return  # as nearly always; the exact count is for the store's thread
    try:
        count = len(split_body(body))
    except InvalidStatement as error:
        raise InvalidRequest("", error.reason) from None
    if count > APPEND_STATEMENTS_MAX:
        raise _too_many(count)


def decode_bundle(data: bytes) -> Bundle:
    """Return the statements of a protobuf ``AppendRequest``; raises ``InvalidRequest``."""
    try:
        request = ingest_pb2.AppendRequest.FromString(data)
    except DecodeError as error:
        raise InvalidRequest("", f"not a protobuf AppendRequest: {error}") from None
    if len(request.statements) > APPEND_STATEMENTS_MAX:
        raise _too_many(len(request.statements))
    return Bundle([_canonical(i, given) for i, given in enumerate(request.statements)])


def encode_json(commit: Commit, position: int) -> bytes:
    """Return the ``AppendReply`` in JSON. Written by hand: pydantic takes ten times as long for thousands of outcomes."""
    outcomes = [
        {"receipt": _receipt(outcome)} if isinstance(outcome, Receipt) else {"error": _error(outcome)}
        for outcome in commit.outcomes(position)
    ]
    return orjson.dumps({"outcomes": outcomes, "size": commit.size, "root": commit.root.hex()})


def encode_protobuf(commit: Commit, position: int) -> bytes:
    """Return the ``AppendReply`` in protobuf."""
    outcomes = [
        ingest_pb2.Outcome(receipt=ingest_pb2.Receipt(**_receipt(outcome)))
        if isinstance(outcome, Receipt)
        else ingest_pb2.Outcome(error=ingest_pb2.StatementError(**_error(outcome)))
        for outcome in commit.outcomes(position)
    ]
    reply = ingest_pb2.AppendReply(outcomes=outcomes, size=commit.size, root=commit.root.hex())
    return bytes(reply.SerializeToString())


def rejections(
    replica: str, refused: Iterable[tuple[Delivery, Refusal]], payload_max: int
) -> list[tuple[str, bytes]]:
    """Return for each refusal an identity that redelivery does not change, and the ``Rejected`` message.

    An original of more than ``payload_max / ORIGINAL_SHARE`` bytes is cut to that, and its `length` tells.
    """
    made: list[tuple[str, bytes]] = []
    for delivery, refusal in refused:
        number = sequence(delivery)
        original, encoding = _readable(refusal.original[: payload_max // ORIGINAL_SHARE])
        message = Rejected(
            replica=replica,
            code=refusal.code,
            field=refusal.field,
            reason=refusal.reason,
            subject=delivery.subject,
            sequence=number,
            line=refusal.line,
            original=original,
            encoding=encoding,
            length=len(refusal.original),
        )
        # The digest tells apart what stood at the same place in a stream that was lost and made anew.
        identity = f"{number}.{refusal.line}.{blake3(refusal.original).hexdigest(length=8)}"
        made.append((identity, message.encode()))
    return made


def _canonical(line: int, given: ingest_pb2.CanonicalStatement) -> Canonical:
    if not given.HasField("stamp"):
        return Canonical(given.canonical, given.signature, None)
    try:
        stamp = Stamp(ms=given.stamp.ms, counter=given.stamp.counter, origin=given.stamp.origin)
    except ValueError as error:
        raise InvalidRequest(f"statements[{line}].stamp", str(error)) from None
    return Canonical(given.canonical, given.signature, stamp.core)


def _receipt(receipt: Receipt) -> dict[str, Any]:
    ms, counter = unpack(receipt.stamp.hlc)
    return {
        "id": receipt.id.hex(),
        "index": receipt.index,
        "duplicate": receipt.duplicate,
        "stamp": {"ms": ms, "counter": counter, "origin": receipt.stamp.origin},
        "restamped": receipt.restamped,
    }


def _error(refusal: Refusal) -> dict[str, str]:
    return {"code": refusal.code, "field": refusal.field, "message": refusal.reason}


def _readable(original: bytes) -> tuple[str, str]:
    try:
        return original.decode(), "utf-8"
    except UnicodeDecodeError:
        return base64.b64encode(original).decode(), "base64"


def _too_many(count: int) -> InvalidRequest:
    return InvalidRequest(
        "", f"got {count} statements, want at most {APPEND_STATEMENTS_MAX}; split the request"
    )
