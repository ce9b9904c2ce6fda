"""Settings of the sync service, beside those that every service has."""

from typing import Annotated

from pydantic import AfterValidator, Field

from stemedb.bus.settings import ServiceSettings
from stemedb.bus.subjects import Subjects
from stemedb.errors import InvalidInput
from stemedb.statements import decode_public_key


def _allow_list(text: str) -> dict[str, str]:
    pairs: dict[str, str] = {}
    for entry in filter(None, (part.strip() for part in text.split(","))):
        name, _, key = entry.partition(":")
        try:
            Subjects(name)
        except InvalidInput as error:
            raise ValueError(f"{entry!r}: {error.reason}") from None
        decode_public_key(key)  # raises ValueError, which names what is wrong
        pairs[name] = key
    return pairs


def _checked(text: str) -> str:
    _allow_list(text)
    return text


class SyncSettings(ServiceSettings):
    """What the operator may decide about peers and the pace of pulling."""

    sync_peers: Annotated[str, AfterValidator(_checked)] = ""
    """``name:U…`` pairs separated by commas: only these replicas are peers, with these checkpoint keys. Empty: whoever speaks
    on the bus is a peer, and the key it uses first is the one it must keep."""
    sync_heartbeat_ms: Annotated[int, Field(ge=50, le=600_000)] = 3000
    """Between digests when nothing happens, give or take a fifth. Three replicas that are level hear and say 360 B/s each."""
    sync_down_after_ms: Annotated[int, Field(ge=100, le=3_600_000)] = 10_000
    """A peer silent for longer is shown as down: three heartbeats and a bit."""
    sync_debounce_ms: Annotated[int, Field(ge=0, le=1000)] = 3
    """From a change of the log to the digest that tells of it: changes in between share one digest."""
    sync_pull_statements_per_s: Annotated[int, Field(ge=0)] = 0
    """Statements taken from peers per second at most, all together; 0: as fast as it goes."""
    sync_tree_grace_ms: Annotated[int, Field(ge=0, le=3_600_000)] = 2000
    """Logs level and maps different for longer than this: the maps are compared."""

    @property
    def allowed(self) -> dict[str, str] | None:
        """The pinned keys by replica, or ``None`` when every replica may be a peer."""
        return _allow_list(self.sync_peers) or None
