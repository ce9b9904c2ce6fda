"""What a peer answers is data: no refusal of its own may do here what ours would."""

import pytest
from nats.aio.msg import Msg
from nats.micro.request import ERROR_HEADER

from stemedb.bus.messages import ErrorReply
from stemedb.bus.metrics import registry
from stemedb.errors import (
    Corruption,
    Fatal,
    InvalidRequest,
    NotFound,
    Overloaded,
    ProofError,
    Unavailable,
)
from stemedb_sync.calls import Calls
from stemedb_sync.handing import Failed
from stemedb_sync.metrics import SyncMetrics


class Nats:
    """A connection on which every request is refused in the same way."""

    max_payload = 1 << 20

    def __init__(self, code):
        body = ErrorReply(code=code, message="so it says").encode()
        self.reply = Msg(None, data=body, headers={ERROR_HEADER: "so it says"})

    async def request(self, subject, body, **options):
        return self.reply


def calls(code):
    return Calls(Nats(code), "here", SyncMetrics.register(registry("sync", "here", "1"), list))


@pytest.mark.parametrize("code", [Fatal.code, Corruption.code, Failed.code, "locked", "error", "whatever"])
async def test_what_ends_a_peer_or_means_nothing_here_is_a_peer_that_does_not_answer(code):
    with pytest.raises(Unavailable, match="west: so it says"):
        await calls(code).ask("west", "range", b"")


@pytest.mark.parametrize("kind", [InvalidRequest, NotFound, ProofError, Unavailable, Overloaded])
async def test_a_refusal_that_peers_have_for_one_another_keeps_its_kind(kind):
    with pytest.raises(kind, match="so it says"):
        await calls(kind.code).ask("west", "range", b"")


async def test_what_ends_our_own_ingest_ends_us():
    with pytest.raises(Corruption, match="so it says"):
        await calls(Corruption.code).hand_over(b"")
