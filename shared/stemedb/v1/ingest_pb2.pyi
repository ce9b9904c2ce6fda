from stemedb.v1 import base_pb2 as _base_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class CanonicalStatement(_message.Message):
    __slots__ = ("canonical", "signature", "stamp")
    CANONICAL_FIELD_NUMBER: _ClassVar[int]
    SIGNATURE_FIELD_NUMBER: _ClassVar[int]
    STAMP_FIELD_NUMBER: _ClassVar[int]
    canonical: bytes
    signature: bytes
    stamp: _base_pb2.Stamp
    def __init__(self, canonical: _Optional[bytes] = ..., signature: _Optional[bytes] = ..., stamp: _Optional[_Union[_base_pb2.Stamp, _Mapping]] = ...) -> None: ...

class AppendRequest(_message.Message):
    __slots__ = ("statements",)
    STATEMENTS_FIELD_NUMBER: _ClassVar[int]
    statements: _containers.RepeatedCompositeFieldContainer[CanonicalStatement]
    def __init__(self, statements: _Optional[_Iterable[_Union[CanonicalStatement, _Mapping]]] = ...) -> None: ...

class Receipt(_message.Message):
    __slots__ = ("id", "index", "duplicate", "stamp", "restamped")
    ID_FIELD_NUMBER: _ClassVar[int]
    INDEX_FIELD_NUMBER: _ClassVar[int]
    DUPLICATE_FIELD_NUMBER: _ClassVar[int]
    STAMP_FIELD_NUMBER: _ClassVar[int]
    RESTAMPED_FIELD_NUMBER: _ClassVar[int]
    id: str
    index: int
    duplicate: bool
    stamp: _base_pb2.Stamp
    restamped: bool
    def __init__(self, id: _Optional[str] = ..., index: _Optional[int] = ..., duplicate: _Optional[bool] = ..., stamp: _Optional[_Union[_base_pb2.Stamp, _Mapping]] = ..., restamped: _Optional[bool] = ...) -> None: ...

class StatementError(_message.Message):
    __slots__ = ("code", "field", "message")
    CODE_FIELD_NUMBER: _ClassVar[int]
    FIELD_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    code: str
    field: str
    message: str
    def __init__(self, code: _Optional[str] = ..., field: _Optional[str] = ..., message: _Optional[str] = ...) -> None: ...

class Outcome(_message.Message):
    __slots__ = ("receipt", "error")
    RECEIPT_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    receipt: Receipt
    error: StatementError
    def __init__(self, receipt: _Optional[_Union[Receipt, _Mapping]] = ..., error: _Optional[_Union[StatementError, _Mapping]] = ...) -> None: ...

class AppendReply(_message.Message):
    __slots__ = ("outcomes", "size", "root")
    OUTCOMES_FIELD_NUMBER: _ClassVar[int]
    SIZE_FIELD_NUMBER: _ClassVar[int]
    ROOT_FIELD_NUMBER: _ClassVar[int]
    outcomes: _containers.RepeatedCompositeFieldContainer[Outcome]
    size: int
    root: str
    def __init__(self, outcomes: _Optional[_Iterable[_Union[Outcome, _Mapping]]] = ..., size: _Optional[int] = ..., root: _Optional[str] = ...) -> None: ...

class Committed(_message.Message):
    __slots__ = ("replica", "size", "root", "first", "count", "clock")
    REPLICA_FIELD_NUMBER: _ClassVar[int]
    SIZE_FIELD_NUMBER: _ClassVar[int]
    ROOT_FIELD_NUMBER: _ClassVar[int]
    FIRST_FIELD_NUMBER: _ClassVar[int]
    COUNT_FIELD_NUMBER: _ClassVar[int]
    CLOCK_FIELD_NUMBER: _ClassVar[int]
    replica: str
    size: int
    root: str
    first: int
    count: int
    clock: _base_pb2.Stamp
    def __init__(self, replica: _Optional[str] = ..., size: _Optional[int] = ..., root: _Optional[str] = ..., first: _Optional[int] = ..., count: _Optional[int] = ..., clock: _Optional[_Union[_base_pb2.Stamp, _Mapping]] = ...) -> None: ...

class Rejected(_message.Message):
    __slots__ = ("replica", "code", "field", "reason", "subject", "sequence", "line", "original", "encoding", "length")
    REPLICA_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    FIELD_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    SUBJECT_FIELD_NUMBER: _ClassVar[int]
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    LINE_FIELD_NUMBER: _ClassVar[int]
    ORIGINAL_FIELD_NUMBER: _ClassVar[int]
    ENCODING_FIELD_NUMBER: _ClassVar[int]
    LENGTH_FIELD_NUMBER: _ClassVar[int]
    replica: str
    code: str
    field: str
    reason: str
    subject: str
    sequence: int
    line: int
    original: str
    encoding: str
    length: int
    def __init__(self, replica: _Optional[str] = ..., code: _Optional[str] = ..., field: _Optional[str] = ..., reason: _Optional[str] = ..., subject: _Optional[str] = ..., sequence: _Optional[int] = ..., line: _Optional[int] = ..., original: _Optional[str] = ..., encoding: _Optional[str] = ..., length: _Optional[int] = ...) -> None: ...

class StatusRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class StatusReply(_message.Message):
    __slots__ = ("replica", "version", "size", "root", "clock", "checkpoint", "pending")
    REPLICA_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    SIZE_FIELD_NUMBER: _ClassVar[int]
    ROOT_FIELD_NUMBER: _ClassVar[int]
    CLOCK_FIELD_NUMBER: _ClassVar[int]
    CHECKPOINT_FIELD_NUMBER: _ClassVar[int]
    PENDING_FIELD_NUMBER: _ClassVar[int]
    replica: str
    version: str
    size: int
    root: str
    clock: _base_pb2.Stamp
    checkpoint: str
    pending: int
    def __init__(self, replica: _Optional[str] = ..., version: _Optional[str] = ..., size: _Optional[int] = ..., root: _Optional[str] = ..., clock: _Optional[_Union[_base_pb2.Stamp, _Mapping]] = ..., checkpoint: _Optional[str] = ..., pending: _Optional[int] = ...) -> None: ...
