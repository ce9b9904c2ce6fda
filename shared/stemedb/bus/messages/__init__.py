"""Every public message, as frozen pydantic models: what travels as JSON on the subjects of ``stemedb.bus.subjects``.

The same messages stand in ``proto-schemas/stemedb/v1``; a test holds names, types and optional fields equal. Ids and
digests are lower-case hex in JSON. A clock reading is milliseconds and counter apart, since the 64-bit reading itself
would not survive a JSON reader that keeps numbers as doubles.

Requests forbid unknown fields: a misspelt filter must not widen an answer. Replies and events ignore them, so that an
old client can read a newer service.
"""

from stemedb.bus.messages.analysis import (
    AnalysisStatusReply,
    AnalysisStatusRequest,
    Contested,
    Finding,
    FindingEvent,
    FindingsReply,
    FindingsRequest,
    Opinion,
    ProjectStatus,
    RefusedClaim,
    ScanEvent,
    ScanReply,
    ScanRequest,
)
from stemedb.bus.messages.base import ErrorReply, Message, Reply, Request, Stamp
from stemedb.bus.messages.index import (
    Claim,
    GetReply,
    GetRequest,
    Group,
    Indexed,
    LogEntry,
    LogReply,
    LogRequest,
    ProveReply,
    ProveRequest,
    QueryReply,
    QueryRequest,
    RootReply,
    RootRequest,
)
from stemedb.bus.messages.ingest import (
    AppendReply,
    Committed,
    Outcome,
    Receipt,
    Rejected,
    StatementError,
    StatusReply,
    StatusRequest,
)
from stemedb.bus.messages.sync import ControlReply, ControlRequest, PeerStatus

__all__ = [
    "AnalysisStatusReply",
    "AnalysisStatusRequest",
    "AppendReply",
    "Claim",
    "Committed",
    "Contested",
    "ControlReply",
    "ControlRequest",
    "ErrorReply",
    "Finding",
    "FindingEvent",
    "FindingsReply",
    "FindingsRequest",
    "GetReply",
    "GetRequest",
    "Group",
    "Indexed",
    "LogEntry",
    "LogReply",
    "LogRequest",
    "Message",
    "Opinion",
    "Outcome",
    "PeerStatus",
    "ProjectStatus",
    "ProveReply",
    "ProveRequest",
    "QueryReply",
    "QueryRequest",
    "Receipt",
    "RefusedClaim",
    "Rejected",
    "Reply",
    "Request",
    "RootReply",
    "RootRequest",
    "ScanEvent",
    "ScanReply",
    "ScanRequest",
    "Stamp",
    "StatementError",
    "StatusReply",
    "StatusRequest",
]
