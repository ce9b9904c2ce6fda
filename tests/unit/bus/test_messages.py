"""The public messages: equal to their protobuf description, strict where it protects, and JSON-safe."""

import inspect
import json
import types
import typing

import pytest
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.struct_pb2 import Value

from stemedb.bus import messages
from stemedb.bus.messages import ErrorReply, GetRequest, Message, QueryRequest, Reply, Request, Stamp
from stemedb.errors import InvalidRequest, NotFound
from stemedb.types import Hlc
from stemedb.types import Stamp as CoreStamp
from stemedb.v1 import analysis_pb2, base_pb2, bulk_pb2, index_pb2, ingest_pb2, sync_pb2

BULK_ONLY = {
    "CanonicalStatement",
    "AppendRequest",
    "Digest",
    "Columns",
    "ReplicateRequest",
    "ReplicateReply",
    "RangeRequest",
    "RangeReply",
    "FetchRequest",
    "FetchReply",
    "ConsistencyRequest",
    "ConsistencyReply",
    "SignedDigest",
    "DigestRequest",
    "SubtreeRequest",
    "SubtreeReply",
}
"""Described in protobuf alone: they never travel as JSON."""

PUBLIC = {
    name: model
    for name, model in inspect.getmembers(messages, inspect.isclass)
    if issubclass(model, Message) and model not in {Message, Request, Reply}
}

DESCRIBED = {
    name: descriptor
    for module in (analysis_pb2, base_pb2, bulk_pb2, ingest_pb2, index_pb2, sync_pb2)
    for name, descriptor in module.DESCRIPTOR.message_types_by_name.items()
}

SCALARS = {
    FieldDescriptor.TYPE_STRING: "str",
    FieldDescriptor.TYPE_BOOL: "bool",
    FieldDescriptor.TYPE_UINT32: "int",
    FieldDescriptor.TYPE_UINT64: "int",
    FieldDescriptor.TYPE_DOUBLE: "float",
}


def shape_of_model(model):
    """Return {field: (type, repeated, optional)} of a pydantic model."""
    shape = {}
    for name, field in model.model_fields.items():
        kind, repeated = field.annotation, False
        if typing.get_origin(kind) in {typing.Union, types.UnionType}:
            parts = [part for part in typing.get_args(kind) if part is not type(None)]
            kind = parts[0] if len(parts) == 1 else Value
        if typing.get_origin(kind) is typing.Annotated:
            kind = typing.get_args(kind)[0]
        if typing.get_origin(kind) is tuple:
            kind, repeated = typing.get_args(kind)[0], True
        if typing.get_origin(kind) is typing.Literal:
            kind = str
        if typing.get_origin(kind) is typing.Annotated:
            kind = typing.get_args(kind)[0]
        if typing.get_origin(kind) is dict:
            kind = dict
        shape[name] = (kind.__name__, repeated, not repeated and not field.is_required())
    return shape


def shape_of_description(descriptor):
    """Return the same of a protobuf message."""
    shape = {}
    for field in descriptor.fields:
        if field.type == FieldDescriptor.TYPE_MESSAGE:
            kind = (
                "dict"
                if field.message_type.full_name == "google.protobuf.Struct"
                else field.message_type.name
            )
        else:
            kind = SCALARS[field.type]
        shape[field.name] = (kind, field.is_repeated, field.containing_oneof is not None)
    return shape


def test_every_public_message_is_described_and_nothing_else():
    assert set(DESCRIBED) - BULK_ONLY == set(PUBLIC)


@pytest.mark.parametrize("name", sorted(PUBLIC))
def test_fields_types_and_optionality_equal_the_description(name):
    assert shape_of_model(PUBLIC[name]) == shape_of_description(DESCRIBED[name])


def test_requests_refuse_unknown_fields_and_replies_ignore_them():
    with pytest.raises(InvalidRequest) as caught:
        GetRequest.decode(json.dumps({"id": "0" * 64, "ids": 1}).encode())
    assert caught.value.field == "ids"
    assert ErrorReply.decode(b'{"code":"x","message":"y","later":1}') == ErrorReply(code="x", message="y")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b"{", ""),
        (b"[]", ""),
        (b'{"id":"AB"}', "id"),
        (b'{"id":1}', "id"),
        (b'{"id":"%b","wait_size":-1}' % (b"0" * 64), "wait_size"),
        (b'{"id":"%b","wait_size":9007199254740992}' % (b"0" * 64), "wait_size"),
    ],
)
def test_a_bad_request_names_its_field(body, field):
    with pytest.raises(InvalidRequest) as caught:
        GetRequest.decode(body)
    assert caught.value.field == field


def test_an_empty_body_is_the_request_with_all_defaults():
    assert QueryRequest.decode(b"") == QueryRequest()


def test_absent_optional_fields_are_left_out():
    assert ErrorReply.of(NotFound("no")).encode() == b'{"code":"not_found","message":"no"}'


def test_a_stamp_crosses_json_without_losing_a_bit():
    core = CoreStamp(Hlc((1 << 64) - 1), "a-replica")
    wire = Stamp.of(core).encode()
    assert max(v for v in json.loads(wire).values() if isinstance(v, int)) < 2**53
    assert Stamp.decode(wire).core == core
