"""Settings of the index service, beside those that every service has."""

from typing import Annotated

from pydantic import Field

from stemedb.bus.settings import ServiceSettings


class IndexSettings(ServiceSettings):
    """What the operator may decide about the map."""

    index_cache_bytes: Annotated[int, Field(ge=1 << 20)] = 40 << 20
    """Nodes that the writing thread keeps; the larger part of the memory of the service."""
    index_read_cache_bytes: Annotated[int, Field(ge=1 << 20)] = 16 << 20
    """Nodes that the reading thread keeps."""
    index_commit_gap_ms: Annotated[int, Field(ge=0, le=10_000)] = 15
    """From the start of one commit to that of the next, at least: what arrives in between shares its paths and its fdatasync.
    The first statement after a pause is not delayed."""
    index_poll_ms: Annotated[int, Field(ge=1, le=60_000)] = 200
    """How often the log is looked at when no event says that it grew; events are fast and may be lost."""
    index_compact_ratio: Annotated[float, Field(ge=1.5)] = 8.0
    """Compact the file once it has grown to this many times its size after the last compaction."""
    index_compact_bytes_min: Annotated[int, Field(ge=1 << 20)] = 256 << 20
    """Below this a file is not worth a compaction."""
