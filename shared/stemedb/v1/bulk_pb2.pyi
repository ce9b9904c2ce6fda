from stemedb.v1 import ingest_pb2 as _ingest_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Columns(_message.Message):
    __slots__ = ("lengths", "canonical", "clocks", "origins", "origin_of", "signed", "signatures")
    LENGTHS_FIELD_NUMBER: _ClassVar[int]
    CANONICAL_FIELD_NUMBER: _ClassVar[int]
    CLOCKS_FIELD_NUMBER: _ClassVar[int]
    ORIGINS_FIELD_NUMBER: _ClassVar[int]
    ORIGIN_OF_FIELD_NUMBER: _ClassVar[int]
    SIGNED_FIELD_NUMBER: _ClassVar[int]
    SIGNATURES_FIELD_NUMBER: _ClassVar[int]
    lengths: _containers.RepeatedScalarFieldContainer[int]
    canonical: bytes
    clocks: _containers.RepeatedScalarFieldContainer[int]
    origins: _containers.RepeatedScalarFieldContainer[str]
    origin_of: bytes
    signed: _containers.RepeatedScalarFieldContainer[int]
    signatures: bytes
    def __init__(self, lengths: _Optional[_Iterable[int]] = ..., canonical: _Optional[bytes] = ..., clocks: _Optional[_Iterable[int]] = ..., origins: _Optional[_Iterable[str]] = ..., origin_of: _Optional[bytes] = ..., signed: _Optional[_Iterable[int]] = ..., signatures: _Optional[bytes] = ...) -> None: ...

class ReplicateRequest(_message.Message):
    __slots__ = ("columns",)
    COLUMNS_FIELD_NUMBER: _ClassVar[int]
    columns: Columns
    def __init__(self, columns: _Optional[_Union[Columns, _Mapping]] = ...) -> None: ...

class ReplicateReply(_message.Message):
    __slots__ = ("positions", "errors", "size")
    POSITIONS_FIELD_NUMBER: _ClassVar[int]
    ERRORS_FIELD_NUMBER: _ClassVar[int]
    SIZE_FIELD_NUMBER: _ClassVar[int]
    positions: _containers.RepeatedScalarFieldContainer[int]
    errors: _containers.RepeatedCompositeFieldContainer[_ingest_pb2.StatementError]
    size: int
    def __init__(self, positions: _Optional[_Iterable[int]] = ..., errors: _Optional[_Iterable[_Union[_ingest_pb2.StatementError, _Mapping]]] = ..., size: _Optional[int] = ...) -> None: ...
