"""Finding where two maps differ across a wire: the tree path of synchronisation, bytes in and bytes out."""

from stemedb.mst.reconcile.client import ClientLimits, Outcome, Reconciliation, Traffic
from stemedb.mst.reconcile.request import REQUEST_BYTES_MAX, requested_root
from stemedb.mst.reconcile.server import REPLY_BYTES_MAX, ServerLimits, answer
from stemedb.mst.reconcile.short import FULL_BYTES, NONCE_BYTES, SHORT_BYTES
from stemedb.mst.reconcile.summary import gone

__all__ = [
    "FULL_BYTES",
    "NONCE_BYTES",
    "REPLY_BYTES_MAX",
    "REQUEST_BYTES_MAX",
    "SHORT_BYTES",
    "ClientLimits",
    "Outcome",
    "Reconciliation",
    "ServerLimits",
    "Traffic",
    "answer",
    "gone",
    "requested_root",
]
