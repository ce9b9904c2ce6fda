"""The map of one replica, made from its log: applying, asking, proving, checking."""

from stemedb.projection.bodies import Found
from stemedb.projection.check import Report, check
from stemedb.projection.map import Applied, Projection
from stemedb.projection.meta import Mark
from stemedb.projection.proof import PROOF_FORMAT, ProofFile
from stemedb.projection.query import LIMIT_MAX, Page, Query, Resolved
from stemedb.projection.rebuild import compact, rebuild
from stemedb.projection.verify import Verified, verify_proof_file
from stemedb.projection.view import View

__all__ = [
    "LIMIT_MAX",
    "PROOF_FORMAT",
    "Applied",
    "Found",
    "Mark",
    "Page",
    "Projection",
    "ProofFile",
    "Query",
    "Report",
    "Resolved",
    "Verified",
    "View",
    "check",
    "compact",
    "rebuild",
    "verify_proof_file",
]
