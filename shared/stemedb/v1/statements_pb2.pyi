from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Lifecycle(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    LIFECYCLE_UNSPECIFIED: _ClassVar[Lifecycle]
    LIFECYCLE_PROPOSED: _ClassVar[Lifecycle]
    LIFECYCLE_UNDER_REVIEW: _ClassVar[Lifecycle]
    LIFECYCLE_APPROVED: _ClassVar[Lifecycle]
    LIFECYCLE_DEPRECATED: _ClassVar[Lifecycle]
    LIFECYCLE_REJECTED: _ClassVar[Lifecycle]

class Relation(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    RELATION_UNSPECIFIED: _ClassVar[Relation]
    RELATION_CORRECTS: _ClassVar[Relation]
    RELATION_REFINES: _ClassVar[Relation]
    RELATION_RETRACTS: _ClassVar[Relation]
    RELATION_REPLACES: _ClassVar[Relation]
LIFECYCLE_UNSPECIFIED: Lifecycle
LIFECYCLE_PROPOSED: Lifecycle
LIFECYCLE_UNDER_REVIEW: Lifecycle
LIFECYCLE_APPROVED: Lifecycle
LIFECYCLE_DEPRECATED: Lifecycle
LIFECYCLE_REJECTED: Lifecycle
RELATION_UNSPECIFIED: Relation
RELATION_CORRECTS: Relation
RELATION_REFINES: Relation
RELATION_RETRACTS: Relation
RELATION_REPLACES: Relation

class Value(_message.Message):
    __slots__ = ("text", "number", "boolean", "reference")
    TEXT_FIELD_NUMBER: _ClassVar[int]
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    BOOLEAN_FIELD_NUMBER: _ClassVar[int]
    REFERENCE_FIELD_NUMBER: _ClassVar[int]
    text: str
    number: float
    boolean: bool
    reference: str
    def __init__(self, text: _Optional[str] = ..., number: _Optional[float] = ..., boolean: _Optional[bool] = ..., reference: _Optional[str] = ...) -> None: ...

class Source(_message.Message):
    __slots__ = ("tier", "uri", "digest")
    TIER_FIELD_NUMBER: _ClassVar[int]
    URI_FIELD_NUMBER: _ClassVar[int]
    DIGEST_FIELD_NUMBER: _ClassVar[int]
    tier: int
    uri: str
    digest: str
    def __init__(self, tier: _Optional[int] = ..., uri: _Optional[str] = ..., digest: _Optional[str] = ...) -> None: ...

class Signature(_message.Message):
    __slots__ = ("key", "value")
    KEY_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    key: str
    value: str
    def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...

class Assertion(_message.Message):
    __slots__ = ("subject", "predicate", "object", "confidence", "source", "lifecycle", "agent", "asserted_at", "supersedes", "relation", "epoch", "metadata", "signature")
    class MetadataEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    SUBJECT_FIELD_NUMBER: _ClassVar[int]
    PREDICATE_FIELD_NUMBER: _ClassVar[int]
    OBJECT_FIELD_NUMBER: _ClassVar[int]
    CONFIDENCE_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    LIFECYCLE_FIELD_NUMBER: _ClassVar[int]
    AGENT_FIELD_NUMBER: _ClassVar[int]
    ASSERTED_AT_FIELD_NUMBER: _ClassVar[int]
    SUPERSEDES_FIELD_NUMBER: _ClassVar[int]
    RELATION_FIELD_NUMBER: _ClassVar[int]
    EPOCH_FIELD_NUMBER: _ClassVar[int]
    METADATA_FIELD_NUMBER: _ClassVar[int]
    SIGNATURE_FIELD_NUMBER: _ClassVar[int]
    subject: str
    predicate: str
    object: Value
    confidence: float
    source: Source
    lifecycle: Lifecycle
    agent: str
    asserted_at: int
    supersedes: _containers.RepeatedScalarFieldContainer[str]
    relation: Relation
    epoch: str
    metadata: _containers.ScalarMap[str, str]
    signature: Signature
    def __init__(self, subject: _Optional[str] = ..., predicate: _Optional[str] = ..., object: _Optional[_Union[Value, _Mapping]] = ..., confidence: _Optional[float] = ..., source: _Optional[_Union[Source, _Mapping]] = ..., lifecycle: _Optional[_Union[Lifecycle, str]] = ..., agent: _Optional[str] = ..., asserted_at: _Optional[int] = ..., supersedes: _Optional[_Iterable[str]] = ..., relation: _Optional[_Union[Relation, str]] = ..., epoch: _Optional[str] = ..., metadata: _Optional[_Mapping[str, str]] = ..., signature: _Optional[_Union[Signature, _Mapping]] = ...) -> None: ...

class Vote(_message.Message):
    __slots__ = ("assertion", "agent", "weight", "cast_at", "signature")
    ASSERTION_FIELD_NUMBER: _ClassVar[int]
    AGENT_FIELD_NUMBER: _ClassVar[int]
    WEIGHT_FIELD_NUMBER: _ClassVar[int]
    CAST_AT_FIELD_NUMBER: _ClassVar[int]
    SIGNATURE_FIELD_NUMBER: _ClassVar[int]
    assertion: str
    agent: str
    weight: float
    cast_at: int
    signature: Signature
    def __init__(self, assertion: _Optional[str] = ..., agent: _Optional[str] = ..., weight: _Optional[float] = ..., cast_at: _Optional[int] = ..., signature: _Optional[_Union[Signature, _Mapping]] = ...) -> None: ...

class Epoch(_message.Message):
    __slots__ = ("name", "supersedes", "relation", "signature")
    NAME_FIELD_NUMBER: _ClassVar[int]
    SUPERSEDES_FIELD_NUMBER: _ClassVar[int]
    RELATION_FIELD_NUMBER: _ClassVar[int]
    SIGNATURE_FIELD_NUMBER: _ClassVar[int]
    name: str
    supersedes: str
    relation: Relation
    signature: Signature
    def __init__(self, name: _Optional[str] = ..., supersedes: _Optional[str] = ..., relation: _Optional[_Union[Relation, str]] = ..., signature: _Optional[_Union[Signature, _Mapping]] = ...) -> None: ...

class Statement(_message.Message):
    __slots__ = ("assertion", "vote", "epoch")
    ASSERTION_FIELD_NUMBER: _ClassVar[int]
    VOTE_FIELD_NUMBER: _ClassVar[int]
    EPOCH_FIELD_NUMBER: _ClassVar[int]
    assertion: Assertion
    vote: Vote
    epoch: Epoch
    def __init__(self, assertion: _Optional[_Union[Assertion, _Mapping]] = ..., vote: _Optional[_Union[Vote, _Mapping]] = ..., epoch: _Optional[_Union[Epoch, _Mapping]] = ...) -> None: ...
