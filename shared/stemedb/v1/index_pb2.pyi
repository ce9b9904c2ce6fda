from google.protobuf import struct_pb2 as _struct_pb2
from stemedb.v1 import base_pb2 as _base_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class GetRequest(_message.Message):
    __slots__ = ("id", "wait_size", "timeout_ms")
    ID_FIELD_NUMBER: _ClassVar[int]
    WAIT_SIZE_FIELD_NUMBER: _ClassVar[int]
    TIMEOUT_MS_FIELD_NUMBER: _ClassVar[int]
    id: str
    wait_size: int
    timeout_ms: int
    def __init__(self, id: _Optional[str] = ..., wait_size: _Optional[int] = ..., timeout_ms: _Optional[int] = ...) -> None: ...

class GetReply(_message.Message):
    __slots__ = ("id", "kind", "index", "stamp", "statement")
    ID_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    INDEX_FIELD_NUMBER: _ClassVar[int]
    STAMP_FIELD_NUMBER: _ClassVar[int]
    STATEMENT_FIELD_NUMBER: _ClassVar[int]
    id: str
    kind: str
    index: int
    stamp: _base_pb2.Stamp
    statement: _struct_pb2.Struct
    def __init__(self, id: _Optional[str] = ..., kind: _Optional[str] = ..., index: _Optional[int] = ..., stamp: _Optional[_Union[_base_pb2.Stamp, _Mapping]] = ..., statement: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ...) -> None: ...

class QueryRequest(_message.Message):
    __slots__ = ("subject", "prefix", "predicate", "lifecycle", "lens", "limit", "cursor", "wait_size", "timeout_ms")
    SUBJECT_FIELD_NUMBER: _ClassVar[int]
    PREFIX_FIELD_NUMBER: _ClassVar[int]
    PREDICATE_FIELD_NUMBER: _ClassVar[int]
    LIFECYCLE_FIELD_NUMBER: _ClassVar[int]
    LENS_FIELD_NUMBER: _ClassVar[int]
    LIMIT_FIELD_NUMBER: _ClassVar[int]
    CURSOR_FIELD_NUMBER: _ClassVar[int]
    WAIT_SIZE_FIELD_NUMBER: _ClassVar[int]
    TIMEOUT_MS_FIELD_NUMBER: _ClassVar[int]
    subject: str
    prefix: str
    predicate: str
    lifecycle: _containers.RepeatedScalarFieldContainer[str]
    lens: str
    limit: int
    cursor: str
    wait_size: int
    timeout_ms: int
    def __init__(self, subject: _Optional[str] = ..., prefix: _Optional[str] = ..., predicate: _Optional[str] = ..., lifecycle: _Optional[_Iterable[str]] = ..., lens: _Optional[str] = ..., limit: _Optional[int] = ..., cursor: _Optional[str] = ..., wait_size: _Optional[int] = ..., timeout_ms: _Optional[int] = ...) -> None: ...

class Claim(_message.Message):
    __slots__ = ("id", "index", "stamp", "statement")
    ID_FIELD_NUMBER: _ClassVar[int]
    INDEX_FIELD_NUMBER: _ClassVar[int]
    STAMP_FIELD_NUMBER: _ClassVar[int]
    STATEMENT_FIELD_NUMBER: _ClassVar[int]
    id: str
    index: int
    stamp: _base_pb2.Stamp
    statement: _struct_pb2.Struct
    def __init__(self, id: _Optional[str] = ..., index: _Optional[int] = ..., stamp: _Optional[_Union[_base_pb2.Stamp, _Mapping]] = ..., statement: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ...) -> None: ...

class Group(_message.Message):
    __slots__ = ("subject", "predicate", "claims", "resolution", "winner")
    SUBJECT_FIELD_NUMBER: _ClassVar[int]
    PREDICATE_FIELD_NUMBER: _ClassVar[int]
    CLAIMS_FIELD_NUMBER: _ClassVar[int]
    RESOLUTION_FIELD_NUMBER: _ClassVar[int]
    WINNER_FIELD_NUMBER: _ClassVar[int]
    subject: str
    predicate: str
    claims: int
    resolution: _struct_pb2.Struct
    winner: Claim
    def __init__(self, subject: _Optional[str] = ..., predicate: _Optional[str] = ..., claims: _Optional[int] = ..., resolution: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ..., winner: _Optional[_Union[Claim, _Mapping]] = ...) -> None: ...

class QueryReply(_message.Message):
    __slots__ = ("claims", "groups", "cursor", "truncated", "applied", "root")
    CLAIMS_FIELD_NUMBER: _ClassVar[int]
    GROUPS_FIELD_NUMBER: _ClassVar[int]
    CURSOR_FIELD_NUMBER: _ClassVar[int]
    TRUNCATED_FIELD_NUMBER: _ClassVar[int]
    APPLIED_FIELD_NUMBER: _ClassVar[int]
    ROOT_FIELD_NUMBER: _ClassVar[int]
    claims: _containers.RepeatedCompositeFieldContainer[Claim]
    groups: _containers.RepeatedCompositeFieldContainer[Group]
    cursor: str
    truncated: bool
    applied: int
    root: str
    def __init__(self, claims: _Optional[_Iterable[_Union[Claim, _Mapping]]] = ..., groups: _Optional[_Iterable[_Union[Group, _Mapping]]] = ..., cursor: _Optional[str] = ..., truncated: _Optional[bool] = ..., applied: _Optional[int] = ..., root: _Optional[str] = ...) -> None: ...

class ProveRequest(_message.Message):
    __slots__ = ("id", "subject", "predicate", "statement", "wait_size", "timeout_ms")
    ID_FIELD_NUMBER: _ClassVar[int]
    SUBJECT_FIELD_NUMBER: _ClassVar[int]
    PREDICATE_FIELD_NUMBER: _ClassVar[int]
    STATEMENT_FIELD_NUMBER: _ClassVar[int]
    WAIT_SIZE_FIELD_NUMBER: _ClassVar[int]
    TIMEOUT_MS_FIELD_NUMBER: _ClassVar[int]
    id: str
    subject: str
    predicate: str
    statement: str
    wait_size: int
    timeout_ms: int
    def __init__(self, id: _Optional[str] = ..., subject: _Optional[str] = ..., predicate: _Optional[str] = ..., statement: _Optional[str] = ..., wait_size: _Optional[int] = ..., timeout_ms: _Optional[int] = ...) -> None: ...

class ProveReply(_message.Message):
    __slots__ = ("proof",)
    PROOF_FIELD_NUMBER: _ClassVar[int]
    proof: _struct_pb2.Struct
    def __init__(self, proof: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ...) -> None: ...

class LogRequest(_message.Message):
    __slots__ = ("start", "limit", "wait_size", "timeout_ms")
    START_FIELD_NUMBER: _ClassVar[int]
    LIMIT_FIELD_NUMBER: _ClassVar[int]
    WAIT_SIZE_FIELD_NUMBER: _ClassVar[int]
    TIMEOUT_MS_FIELD_NUMBER: _ClassVar[int]
    start: int
    limit: int
    wait_size: int
    timeout_ms: int
    def __init__(self, start: _Optional[int] = ..., limit: _Optional[int] = ..., wait_size: _Optional[int] = ..., timeout_ms: _Optional[int] = ...) -> None: ...

class LogEntry(_message.Message):
    __slots__ = ("index", "id", "kind", "stamp", "restamped", "statement")
    INDEX_FIELD_NUMBER: _ClassVar[int]
    ID_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    STAMP_FIELD_NUMBER: _ClassVar[int]
    RESTAMPED_FIELD_NUMBER: _ClassVar[int]
    STATEMENT_FIELD_NUMBER: _ClassVar[int]
    index: int
    id: str
    kind: str
    stamp: _base_pb2.Stamp
    restamped: bool
    statement: _struct_pb2.Struct
    def __init__(self, index: _Optional[int] = ..., id: _Optional[str] = ..., kind: _Optional[str] = ..., stamp: _Optional[_Union[_base_pb2.Stamp, _Mapping]] = ..., restamped: _Optional[bool] = ..., statement: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ...) -> None: ...

class LogReply(_message.Message):
    __slots__ = ("entries", "next", "applied")
    ENTRIES_FIELD_NUMBER: _ClassVar[int]
    NEXT_FIELD_NUMBER: _ClassVar[int]
    APPLIED_FIELD_NUMBER: _ClassVar[int]
    entries: _containers.RepeatedCompositeFieldContainer[LogEntry]
    next: int
    applied: int
    def __init__(self, entries: _Optional[_Iterable[_Union[LogEntry, _Mapping]]] = ..., next: _Optional[int] = ..., applied: _Optional[int] = ...) -> None: ...

class RootRequest(_message.Message):
    __slots__ = ("wait_size", "timeout_ms")
    WAIT_SIZE_FIELD_NUMBER: _ClassVar[int]
    TIMEOUT_MS_FIELD_NUMBER: _ClassVar[int]
    wait_size: int
    timeout_ms: int
    def __init__(self, wait_size: _Optional[int] = ..., timeout_ms: _Optional[int] = ...) -> None: ...

class RootReply(_message.Message):
    __slots__ = ("replica", "version", "root", "keys", "applied", "log_size", "log_root", "note", "checkpoint")
    REPLICA_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    ROOT_FIELD_NUMBER: _ClassVar[int]
    KEYS_FIELD_NUMBER: _ClassVar[int]
    APPLIED_FIELD_NUMBER: _ClassVar[int]
    LOG_SIZE_FIELD_NUMBER: _ClassVar[int]
    LOG_ROOT_FIELD_NUMBER: _ClassVar[int]
    NOTE_FIELD_NUMBER: _ClassVar[int]
    CHECKPOINT_FIELD_NUMBER: _ClassVar[int]
    replica: str
    version: str
    root: str
    keys: int
    applied: int
    log_size: int
    log_root: str
    note: str
    checkpoint: str
    def __init__(self, replica: _Optional[str] = ..., version: _Optional[str] = ..., root: _Optional[str] = ..., keys: _Optional[int] = ..., applied: _Optional[int] = ..., log_size: _Optional[int] = ..., log_root: _Optional[str] = ..., note: _Optional[str] = ..., checkpoint: _Optional[str] = ...) -> None: ...

class Indexed(_message.Message):
    __slots__ = ("replica", "applied", "root", "keys", "changed", "clock")
    REPLICA_FIELD_NUMBER: _ClassVar[int]
    APPLIED_FIELD_NUMBER: _ClassVar[int]
    ROOT_FIELD_NUMBER: _ClassVar[int]
    KEYS_FIELD_NUMBER: _ClassVar[int]
    CHANGED_FIELD_NUMBER: _ClassVar[int]
    CLOCK_FIELD_NUMBER: _ClassVar[int]
    replica: str
    applied: int
    root: str
    keys: int
    changed: int
    clock: _base_pb2.Stamp
    def __init__(self, replica: _Optional[str] = ..., applied: _Optional[int] = ..., root: _Optional[str] = ..., keys: _Optional[int] = ..., changed: _Optional[int] = ..., clock: _Optional[_Union[_base_pb2.Stamp, _Mapping]] = ...) -> None: ...
