"""Time without trusting clocks: hybrid logical clocks and version vectors."""

from stemedb.clocks.hlc import (
    COUNTER_BITS,
    DRIFT_MS_MAX,
    HLC_MAX,
    MS_MAX,
    HybridLogicalClock,
    check_drift,
    pack,
    unpack,
)
from stemedb.clocks.vector import Order, VersionVector

__all__ = [
    "COUNTER_BITS",
    "DRIFT_MS_MAX",
    "HLC_MAX",
    "MS_MAX",
    "HybridLogicalClock",
    "Order",
    "VersionVector",
    "check_drift",
    "pack",
    "unpack",
]
