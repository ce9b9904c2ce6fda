from stemedb.v1 import bulk_pb2 as _bulk_pb2
from stemedb.v1 import ingest_pb2 as _ingest_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class SignedDigest(_message.Message):
    __slots__ = ("body", "signature")
    BODY_FIELD_NUMBER: _ClassVar[int]
    SIGNATURE_FIELD_NUMBER: _ClassVar[int]
    body: bytes
    signature: bytes
    def __init__(self, body: _Optional[bytes] = ..., signature: _Optional[bytes] = ...) -> None: ...

class Digest(_message.Message):
    __slots__ = ("replica", "version", "realm", "key", "checkpoint", "map_root", "map_keys", "applied", "clock", "sent_ms", "vector", "sequence", "paused", "nonce")
    class VectorEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: int
        def __init__(self, key: _Optional[str] = ..., value: _Optional[int] = ...) -> None: ...
    REPLICA_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    REALM_FIELD_NUMBER: _ClassVar[int]
    KEY_FIELD_NUMBER: _ClassVar[int]
    CHECKPOINT_FIELD_NUMBER: _ClassVar[int]
    MAP_ROOT_FIELD_NUMBER: _ClassVar[int]
    MAP_KEYS_FIELD_NUMBER: _ClassVar[int]
    APPLIED_FIELD_NUMBER: _ClassVar[int]
    CLOCK_FIELD_NUMBER: _ClassVar[int]
    SENT_MS_FIELD_NUMBER: _ClassVar[int]
    VECTOR_FIELD_NUMBER: _ClassVar[int]
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    PAUSED_FIELD_NUMBER: _ClassVar[int]
    NONCE_FIELD_NUMBER: _ClassVar[int]
    replica: str
    version: str
    realm: bytes
    key: bytes
    checkpoint: bytes
    map_root: bytes
    map_keys: int
    applied: int
    clock: int
    sent_ms: int
    vector: _containers.ScalarMap[str, int]
    sequence: int
    paused: bool
    nonce: bytes
    def __init__(self, replica: _Optional[str] = ..., version: _Optional[str] = ..., realm: _Optional[bytes] = ..., key: _Optional[bytes] = ..., checkpoint: _Optional[bytes] = ..., map_root: _Optional[bytes] = ..., map_keys: _Optional[int] = ..., applied: _Optional[int] = ..., clock: _Optional[int] = ..., sent_ms: _Optional[int] = ..., vector: _Optional[_Mapping[str, int]] = ..., sequence: _Optional[int] = ..., paused: _Optional[bool] = ..., nonce: _Optional[bytes] = ...) -> None: ...

class DigestRequest(_message.Message):
    __slots__ = ("replica", "nonce")
    REPLICA_FIELD_NUMBER: _ClassVar[int]
    NONCE_FIELD_NUMBER: _ClassVar[int]
    replica: str
    nonce: bytes
    def __init__(self, replica: _Optional[str] = ..., nonce: _Optional[bytes] = ...) -> None: ...

class RangeRequest(_message.Message):
    __slots__ = ("replica", "start", "end", "inline_bytes_max", "inline_all", "ids_only")
    REPLICA_FIELD_NUMBER: _ClassVar[int]
    START_FIELD_NUMBER: _ClassVar[int]
    END_FIELD_NUMBER: _ClassVar[int]
    INLINE_BYTES_MAX_FIELD_NUMBER: _ClassVar[int]
    INLINE_ALL_FIELD_NUMBER: _ClassVar[int]
    IDS_ONLY_FIELD_NUMBER: _ClassVar[int]
    replica: str
    start: int
    end: int
    inline_bytes_max: int
    inline_all: bool
    ids_only: bool
    def __init__(self, replica: _Optional[str] = ..., start: _Optional[int] = ..., end: _Optional[int] = ..., inline_bytes_max: _Optional[int] = ..., inline_all: _Optional[bool] = ..., ids_only: _Optional[bool] = ...) -> None: ...

class RangeReply(_message.Message):
    __slots__ = ("start", "end", "columns", "ids", "accepted_first", "accepted_last")
    START_FIELD_NUMBER: _ClassVar[int]
    END_FIELD_NUMBER: _ClassVar[int]
    COLUMNS_FIELD_NUMBER: _ClassVar[int]
    IDS_FIELD_NUMBER: _ClassVar[int]
    ACCEPTED_FIRST_FIELD_NUMBER: _ClassVar[int]
    ACCEPTED_LAST_FIELD_NUMBER: _ClassVar[int]
    start: int
    end: int
    columns: _bulk_pb2.Columns
    ids: bytes
    accepted_first: int
    accepted_last: int
    def __init__(self, start: _Optional[int] = ..., end: _Optional[int] = ..., columns: _Optional[_Union[_bulk_pb2.Columns, _Mapping]] = ..., ids: _Optional[bytes] = ..., accepted_first: _Optional[int] = ..., accepted_last: _Optional[int] = ...) -> None: ...

class FetchRequest(_message.Message):
    __slots__ = ("replica", "indices", "ids")
    REPLICA_FIELD_NUMBER: _ClassVar[int]
    INDICES_FIELD_NUMBER: _ClassVar[int]
    IDS_FIELD_NUMBER: _ClassVar[int]
    replica: str
    indices: _containers.RepeatedScalarFieldContainer[int]
    ids: bytes
    def __init__(self, replica: _Optional[str] = ..., indices: _Optional[_Iterable[int]] = ..., ids: _Optional[bytes] = ...) -> None: ...

class FetchReply(_message.Message):
    __slots__ = ("statements", "positions", "cut")
    STATEMENTS_FIELD_NUMBER: _ClassVar[int]
    POSITIONS_FIELD_NUMBER: _ClassVar[int]
    CUT_FIELD_NUMBER: _ClassVar[int]
    statements: _containers.RepeatedCompositeFieldContainer[_ingest_pb2.CanonicalStatement]
    positions: _containers.RepeatedScalarFieldContainer[int]
    cut: bool
    def __init__(self, statements: _Optional[_Iterable[_Union[_ingest_pb2.CanonicalStatement, _Mapping]]] = ..., positions: _Optional[_Iterable[int]] = ..., cut: _Optional[bool] = ...) -> None: ...

class ConsistencyRequest(_message.Message):
    __slots__ = ("replica", "old_size", "new_size")
    REPLICA_FIELD_NUMBER: _ClassVar[int]
    OLD_SIZE_FIELD_NUMBER: _ClassVar[int]
    NEW_SIZE_FIELD_NUMBER: _ClassVar[int]
    replica: str
    old_size: int
    new_size: int
    def __init__(self, replica: _Optional[str] = ..., old_size: _Optional[int] = ..., new_size: _Optional[int] = ...) -> None: ...

class ConsistencyReply(_message.Message):
    __slots__ = ("old_root", "proof", "frontier")
    OLD_ROOT_FIELD_NUMBER: _ClassVar[int]
    PROOF_FIELD_NUMBER: _ClassVar[int]
    FRONTIER_FIELD_NUMBER: _ClassVar[int]
    old_root: bytes
    proof: bytes
    frontier: bytes
    def __init__(self, old_root: _Optional[bytes] = ..., proof: _Optional[bytes] = ..., frontier: _Optional[bytes] = ...) -> None: ...

class SubtreeRequest(_message.Message):
    __slots__ = ("replica", "root", "offset", "question")
    REPLICA_FIELD_NUMBER: _ClassVar[int]
    ROOT_FIELD_NUMBER: _ClassVar[int]
    OFFSET_FIELD_NUMBER: _ClassVar[int]
    QUESTION_FIELD_NUMBER: _ClassVar[int]
    replica: str
    root: bytes
    offset: int
    question: bytes
    def __init__(self, replica: _Optional[str] = ..., root: _Optional[bytes] = ..., offset: _Optional[int] = ..., question: _Optional[bytes] = ...) -> None: ...

class SubtreeReply(_message.Message):
    __slots__ = ("root", "offset", "keys", "applied", "answer", "gone")
    ROOT_FIELD_NUMBER: _ClassVar[int]
    OFFSET_FIELD_NUMBER: _ClassVar[int]
    KEYS_FIELD_NUMBER: _ClassVar[int]
    APPLIED_FIELD_NUMBER: _ClassVar[int]
    ANSWER_FIELD_NUMBER: _ClassVar[int]
    GONE_FIELD_NUMBER: _ClassVar[int]
    root: bytes
    offset: int
    keys: int
    applied: int
    answer: bytes
    gone: bool
    def __init__(self, root: _Optional[bytes] = ..., offset: _Optional[int] = ..., keys: _Optional[int] = ..., applied: _Optional[int] = ..., answer: _Optional[bytes] = ..., gone: _Optional[bool] = ...) -> None: ...

class ControlRequest(_message.Message):
    __slots__ = ("action", "peer", "tree")
    ACTION_FIELD_NUMBER: _ClassVar[int]
    PEER_FIELD_NUMBER: _ClassVar[int]
    TREE_FIELD_NUMBER: _ClassVar[int]
    action: str
    peer: str
    tree: bool
    def __init__(self, action: _Optional[str] = ..., peer: _Optional[str] = ..., tree: _Optional[bool] = ...) -> None: ...

class PeerStatus(_message.Message):
    __slots__ = ("replica", "status", "reason", "key", "trust", "log_size", "verified", "lag_statements", "lag_seconds", "roots_equal", "last_seen_s", "equivocations", "evidence", "postponed", "behind_statements")
    REPLICA_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    KEY_FIELD_NUMBER: _ClassVar[int]
    TRUST_FIELD_NUMBER: _ClassVar[int]
    LOG_SIZE_FIELD_NUMBER: _ClassVar[int]
    VERIFIED_FIELD_NUMBER: _ClassVar[int]
    LAG_STATEMENTS_FIELD_NUMBER: _ClassVar[int]
    LAG_SECONDS_FIELD_NUMBER: _ClassVar[int]
    ROOTS_EQUAL_FIELD_NUMBER: _ClassVar[int]
    LAST_SEEN_S_FIELD_NUMBER: _ClassVar[int]
    EQUIVOCATIONS_FIELD_NUMBER: _ClassVar[int]
    EVIDENCE_FIELD_NUMBER: _ClassVar[int]
    POSTPONED_FIELD_NUMBER: _ClassVar[int]
    BEHIND_STATEMENTS_FIELD_NUMBER: _ClassVar[int]
    replica: str
    status: str
    reason: str
    key: str
    trust: str
    log_size: int
    verified: int
    lag_statements: int
    lag_seconds: float
    roots_equal: bool
    last_seen_s: float
    equivocations: int
    evidence: _containers.RepeatedScalarFieldContainer[str]
    postponed: int
    behind_statements: int
    def __init__(self, replica: _Optional[str] = ..., status: _Optional[str] = ..., reason: _Optional[str] = ..., key: _Optional[str] = ..., trust: _Optional[str] = ..., log_size: _Optional[int] = ..., verified: _Optional[int] = ..., lag_statements: _Optional[int] = ..., lag_seconds: _Optional[float] = ..., roots_equal: _Optional[bool] = ..., last_seen_s: _Optional[float] = ..., equivocations: _Optional[int] = ..., evidence: _Optional[_Iterable[str]] = ..., postponed: _Optional[int] = ..., behind_statements: _Optional[int] = ...) -> None: ...

class ControlReply(_message.Message):
    __slots__ = ("replica", "version", "paused", "log_size", "map_root", "peers")
    REPLICA_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    PAUSED_FIELD_NUMBER: _ClassVar[int]
    LOG_SIZE_FIELD_NUMBER: _ClassVar[int]
    MAP_ROOT_FIELD_NUMBER: _ClassVar[int]
    PEERS_FIELD_NUMBER: _ClassVar[int]
    replica: str
    version: str
    paused: bool
    log_size: int
    map_root: str
    peers: _containers.RepeatedCompositeFieldContainer[PeerStatus]
    def __init__(self, replica: _Optional[str] = ..., version: _Optional[str] = ..., paused: _Optional[bool] = ..., log_size: _Optional[int] = ..., map_root: _Optional[str] = ..., peers: _Optional[_Iterable[_Union[PeerStatus, _Mapping]]] = ...) -> None: ...
