from google.protobuf import struct_pb2 as _struct_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ScanRequest(_message.Message):
    __slots__ = ("project", "path", "object", "publish")
    PROJECT_FIELD_NUMBER: _ClassVar[int]
    PATH_FIELD_NUMBER: _ClassVar[int]
    OBJECT_FIELD_NUMBER: _ClassVar[int]
    PUBLISH_FIELD_NUMBER: _ClassVar[int]
    project: str
    path: str
    object: str
    publish: bool
    def __init__(self, project: _Optional[str] = ..., path: _Optional[str] = ..., object: _Optional[str] = ..., publish: _Optional[bool] = ...) -> None: ...

class ScanReply(_message.Message):
    __slots__ = ("scan", "ahead")
    SCAN_FIELD_NUMBER: _ClassVar[int]
    AHEAD_FIELD_NUMBER: _ClassVar[int]
    scan: str
    ahead: int
    def __init__(self, scan: _Optional[str] = ..., ahead: _Optional[int] = ...) -> None: ...

class ScanEvent(_message.Message):
    __slots__ = ("replica", "scan", "project", "state", "files", "lines", "skipped", "observations", "published", "block", "flag", "reason", "unjudged")
    REPLICA_FIELD_NUMBER: _ClassVar[int]
    SCAN_FIELD_NUMBER: _ClassVar[int]
    PROJECT_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    FILES_FIELD_NUMBER: _ClassVar[int]
    LINES_FIELD_NUMBER: _ClassVar[int]
    SKIPPED_FIELD_NUMBER: _ClassVar[int]
    OBSERVATIONS_FIELD_NUMBER: _ClassVar[int]
    PUBLISHED_FIELD_NUMBER: _ClassVar[int]
    BLOCK_FIELD_NUMBER: _ClassVar[int]
    FLAG_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    UNJUDGED_FIELD_NUMBER: _ClassVar[int]
    replica: str
    scan: str
    project: str
    state: str
    files: int
    lines: int
    skipped: int
    observations: int
    published: int
    block: int
    flag: int
    reason: str
    unjudged: int
    def __init__(self, replica: _Optional[str] = ..., scan: _Optional[str] = ..., project: _Optional[str] = ..., state: _Optional[str] = ..., files: _Optional[int] = ..., lines: _Optional[int] = ..., skipped: _Optional[int] = ..., observations: _Optional[int] = ..., published: _Optional[int] = ..., block: _Optional[int] = ..., flag: _Optional[int] = ..., reason: _Optional[str] = ..., unjudged: _Optional[int] = ...) -> None: ...

class Opinion(_message.Message):
    __slots__ = ("id", "agrees", "score", "tier", "comparison", "value", "citation", "url", "summary")
    ID_FIELD_NUMBER: _ClassVar[int]
    AGREES_FIELD_NUMBER: _ClassVar[int]
    SCORE_FIELD_NUMBER: _ClassVar[int]
    TIER_FIELD_NUMBER: _ClassVar[int]
    COMPARISON_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    CITATION_FIELD_NUMBER: _ClassVar[int]
    URL_FIELD_NUMBER: _ClassVar[int]
    SUMMARY_FIELD_NUMBER: _ClassVar[int]
    id: str
    agrees: bool
    score: float
    tier: int
    comparison: str
    value: _struct_pb2.Value
    citation: str
    url: str
    summary: str
    def __init__(self, id: _Optional[str] = ..., agrees: _Optional[bool] = ..., score: _Optional[float] = ..., tier: _Optional[int] = ..., comparison: _Optional[str] = ..., value: _Optional[_Union[_struct_pb2.Value, _Mapping]] = ..., citation: _Optional[str] = ..., url: _Optional[str] = ..., summary: _Optional[str] = ...) -> None: ...

class Finding(_message.Message):
    __slots__ = ("id", "project", "path", "predicate", "value", "file", "line", "column", "end_line", "end_column", "text", "rule", "language", "confidence", "verdict", "score", "acknowledged", "opinions", "opinions_left_out")
    ID_FIELD_NUMBER: _ClassVar[int]
    PROJECT_FIELD_NUMBER: _ClassVar[int]
    PATH_FIELD_NUMBER: _ClassVar[int]
    PREDICATE_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    FILE_FIELD_NUMBER: _ClassVar[int]
    LINE_FIELD_NUMBER: _ClassVar[int]
    COLUMN_FIELD_NUMBER: _ClassVar[int]
    END_LINE_FIELD_NUMBER: _ClassVar[int]
    END_COLUMN_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    RULE_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_FIELD_NUMBER: _ClassVar[int]
    CONFIDENCE_FIELD_NUMBER: _ClassVar[int]
    VERDICT_FIELD_NUMBER: _ClassVar[int]
    SCORE_FIELD_NUMBER: _ClassVar[int]
    ACKNOWLEDGED_FIELD_NUMBER: _ClassVar[int]
    OPINIONS_FIELD_NUMBER: _ClassVar[int]
    OPINIONS_LEFT_OUT_FIELD_NUMBER: _ClassVar[int]
    id: str
    project: str
    path: str
    predicate: str
    value: _struct_pb2.Value
    file: str
    line: int
    column: int
    end_line: int
    end_column: int
    text: str
    rule: str
    language: str
    confidence: float
    verdict: str
    score: float
    acknowledged: str
    opinions: _containers.RepeatedCompositeFieldContainer[Opinion]
    opinions_left_out: int
    def __init__(self, id: _Optional[str] = ..., project: _Optional[str] = ..., path: _Optional[str] = ..., predicate: _Optional[str] = ..., value: _Optional[_Union[_struct_pb2.Value, _Mapping]] = ..., file: _Optional[str] = ..., line: _Optional[int] = ..., column: _Optional[int] = ..., end_line: _Optional[int] = ..., end_column: _Optional[int] = ..., text: _Optional[str] = ..., rule: _Optional[str] = ..., language: _Optional[str] = ..., confidence: _Optional[float] = ..., verdict: _Optional[str] = ..., score: _Optional[float] = ..., acknowledged: _Optional[str] = ..., opinions: _Optional[_Iterable[_Union[Opinion, _Mapping]]] = ..., opinions_left_out: _Optional[int] = ...) -> None: ...

class FindingEvent(_message.Message):
    __slots__ = ("replica", "id", "project", "before", "after", "finding", "applied")
    REPLICA_FIELD_NUMBER: _ClassVar[int]
    ID_FIELD_NUMBER: _ClassVar[int]
    PROJECT_FIELD_NUMBER: _ClassVar[int]
    BEFORE_FIELD_NUMBER: _ClassVar[int]
    AFTER_FIELD_NUMBER: _ClassVar[int]
    FINDING_FIELD_NUMBER: _ClassVar[int]
    APPLIED_FIELD_NUMBER: _ClassVar[int]
    replica: str
    id: str
    project: str
    before: str
    after: str
    finding: Finding
    applied: int
    def __init__(self, replica: _Optional[str] = ..., id: _Optional[str] = ..., project: _Optional[str] = ..., before: _Optional[str] = ..., after: _Optional[str] = ..., finding: _Optional[_Union[Finding, _Mapping]] = ..., applied: _Optional[int] = ...) -> None: ...

class FindingsRequest(_message.Message):
    __slots__ = ("project", "verdicts", "limit", "after", "wait_size", "timeout_ms")
    PROJECT_FIELD_NUMBER: _ClassVar[int]
    VERDICTS_FIELD_NUMBER: _ClassVar[int]
    LIMIT_FIELD_NUMBER: _ClassVar[int]
    AFTER_FIELD_NUMBER: _ClassVar[int]
    WAIT_SIZE_FIELD_NUMBER: _ClassVar[int]
    TIMEOUT_MS_FIELD_NUMBER: _ClassVar[int]
    project: str
    verdicts: _containers.RepeatedScalarFieldContainer[str]
    limit: int
    after: str
    wait_size: int
    timeout_ms: int
    def __init__(self, project: _Optional[str] = ..., verdicts: _Optional[_Iterable[str]] = ..., limit: _Optional[int] = ..., after: _Optional[str] = ..., wait_size: _Optional[int] = ..., timeout_ms: _Optional[int] = ...) -> None: ...

class FindingsReply(_message.Message):
    __slots__ = ("findings", "next", "block", "flag", "passed", "applied", "unjudged")
    FINDINGS_FIELD_NUMBER: _ClassVar[int]
    NEXT_FIELD_NUMBER: _ClassVar[int]
    BLOCK_FIELD_NUMBER: _ClassVar[int]
    FLAG_FIELD_NUMBER: _ClassVar[int]
    PASSED_FIELD_NUMBER: _ClassVar[int]
    APPLIED_FIELD_NUMBER: _ClassVar[int]
    UNJUDGED_FIELD_NUMBER: _ClassVar[int]
    findings: _containers.RepeatedCompositeFieldContainer[Finding]
    next: str
    block: int
    flag: int
    passed: int
    applied: int
    unjudged: int
    def __init__(self, findings: _Optional[_Iterable[_Union[Finding, _Mapping]]] = ..., next: _Optional[str] = ..., block: _Optional[int] = ..., flag: _Optional[int] = ..., passed: _Optional[int] = ..., applied: _Optional[int] = ..., unjudged: _Optional[int] = ...) -> None: ...

class AnalysisStatusRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ProjectStatus(_message.Message):
    __slots__ = ("project", "block", "flag", "passed", "unjudged")
    PROJECT_FIELD_NUMBER: _ClassVar[int]
    BLOCK_FIELD_NUMBER: _ClassVar[int]
    FLAG_FIELD_NUMBER: _ClassVar[int]
    PASSED_FIELD_NUMBER: _ClassVar[int]
    UNJUDGED_FIELD_NUMBER: _ClassVar[int]
    project: str
    block: int
    flag: int
    passed: int
    unjudged: int
    def __init__(self, project: _Optional[str] = ..., block: _Optional[int] = ..., flag: _Optional[int] = ..., passed: _Optional[int] = ..., unjudged: _Optional[int] = ...) -> None: ...

class RefusedClaim(_message.Message):
    __slots__ = ("subject", "predicate", "reason", "why", "nearest")
    SUBJECT_FIELD_NUMBER: _ClassVar[int]
    PREDICATE_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    WHY_FIELD_NUMBER: _ClassVar[int]
    NEAREST_FIELD_NUMBER: _ClassVar[int]
    subject: str
    predicate: str
    reason: str
    why: str
    nearest: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, subject: _Optional[str] = ..., predicate: _Optional[str] = ..., reason: _Optional[str] = ..., why: _Optional[str] = ..., nearest: _Optional[_Iterable[str]] = ...) -> None: ...

class Contested(_message.Message):
    __slots__ = ("subject", "predicate", "disagreement", "claims")
    SUBJECT_FIELD_NUMBER: _ClassVar[int]
    PREDICATE_FIELD_NUMBER: _ClassVar[int]
    DISAGREEMENT_FIELD_NUMBER: _ClassVar[int]
    CLAIMS_FIELD_NUMBER: _ClassVar[int]
    subject: str
    predicate: str
    disagreement: float
    claims: int
    def __init__(self, subject: _Optional[str] = ..., predicate: _Optional[str] = ..., disagreement: _Optional[float] = ..., claims: _Optional[int] = ...) -> None: ...

class AnalysisStatusReply(_message.Message):
    __slots__ = ("replica", "version", "applied", "authorities", "projects", "contested", "contested_count", "scans_waiting", "refused", "shipped", "refused_claims")
    REPLICA_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    APPLIED_FIELD_NUMBER: _ClassVar[int]
    AUTHORITIES_FIELD_NUMBER: _ClassVar[int]
    PROJECTS_FIELD_NUMBER: _ClassVar[int]
    CONTESTED_FIELD_NUMBER: _ClassVar[int]
    CONTESTED_COUNT_FIELD_NUMBER: _ClassVar[int]
    SCANS_WAITING_FIELD_NUMBER: _ClassVar[int]
    REFUSED_FIELD_NUMBER: _ClassVar[int]
    SHIPPED_FIELD_NUMBER: _ClassVar[int]
    REFUSED_CLAIMS_FIELD_NUMBER: _ClassVar[int]
    replica: str
    version: str
    applied: int
    authorities: int
    projects: _containers.RepeatedCompositeFieldContainer[ProjectStatus]
    contested: _containers.RepeatedCompositeFieldContainer[Contested]
    contested_count: int
    scans_waiting: int
    refused: _struct_pb2.Struct
    shipped: int
    refused_claims: _containers.RepeatedCompositeFieldContainer[RefusedClaim]
    def __init__(self, replica: _Optional[str] = ..., version: _Optional[str] = ..., applied: _Optional[int] = ..., authorities: _Optional[int] = ..., projects: _Optional[_Iterable[_Union[ProjectStatus, _Mapping]]] = ..., contested: _Optional[_Iterable[_Union[Contested, _Mapping]]] = ..., contested_count: _Optional[int] = ..., scans_waiting: _Optional[int] = ..., refused: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ..., shipped: _Optional[int] = ..., refused_claims: _Optional[_Iterable[_Union[RefusedClaim, _Mapping]]] = ...) -> None: ...
